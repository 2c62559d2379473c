//! What is done to a picture, as data and as text.

use std::fmt;
use std::str::FromStr;

use crate::cancel::Cancel;
use crate::control::{self, Control};
use crate::error::Error;
use crate::lanes::{Hit, Lanes, Store};
use crate::passes::Pass;
use crate::png::{Effort, FilterChoice};
use crate::rng::Stream;

/// The passes in order, and the settings that the result depends on.
///
/// The text form is the same everywhere: passes and presets, then settings, with commas between:
/// `classic`, `replace:times=20`, `replace,sort:len=40,filter=paeth,seed=7`. It needs no quoting
/// in a shell or a URL. Without a pass it is `classic`; `none` has no passes at all.
///
/// ```
/// let recipe: glitch::Recipe = "sort:40,replace,seed=7".parse()?;
/// assert_eq!(recipe.to_string(), "sort:len=40,replace,seed=7");
/// # Ok::<(), glitch::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recipe {
    /// The steps, done in order.
    pub passes: Vec<Pass>,
    /// PNG: which filter types the scanlines get before they are glitched.
    pub filter: FilterChoice,
    /// PNG: how hard the result is compressed.
    pub deflate: Effort,
    /// How far hits spread, where they may fall, and what is spared.
    pub control: Control,
    /// How much is hit, 0 to 100, whatever the size of the picture: the passes are done in turn as
    /// often as it takes, and more of it adds to what less of it does. `None`: every pass is done
    /// once, and all of them again until the glitch shows.
    pub amount: Option<u8>,
    /// What every random draw comes from. `None`: drawn afresh, and told with the result.
    pub seed: Option<u64>,
}

/// A recipe with a name.
#[derive(Debug)]
pub struct Preset {
    /// The word for it in a recipe.
    pub name: &'static str,
    /// What it looks like, in one sentence.
    pub about: &'static str,
    /// The passes it stands for, in the text form.
    pub passes: &'static str,
}

/// Every preset; the first is the default.
pub static PRESETS: &[Preset] = &[
    Preset {
        name: "classic",
        about: "three bytes replaced and four runs sorted, one after the other",
        passes: "replace,sort,replace,sort,replace,sort,sort",
    },
    Preset {
        name: "none",
        about: "no passes: the picture comes back as it is",
        passes: "",
    },
];

/// The words for the settings, in the order in which they are printed.
const SETTINGS: [&str; 10] = [
    "filter", "deflate", "amount", "reach", "region", "protect", "channels", "scans", "alpha",
    "seed",
];

/// Most steps that a recipe may ask for, `times` counted.
pub(crate) const MAX_STEPS: u64 = 100_000;

impl Default for Recipe {
    fn default() -> Self {
        let passes = parse_passes(PRESETS[0].passes).unwrap_or_default();
        Recipe {
            passes,
            filter: FilterChoice::default(),
            deflate: Effort::default(),
            control: Control::default(),
            amount: None,
            seed: None,
        }
    }
}

impl Recipe {
    /// The same recipe with this seed.
    #[must_use]
    pub fn with_seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// Number of steps, `times` counted.
    pub(crate) fn steps(&self) -> u64 {
        self.passes.iter().map(|pass| u64::from(pass.times())).sum()
    }

    /// Does every pass once, but no more than `most` steps in all; tells how many it did. `round`
    /// counts how often the whole recipe was done before.
    pub(crate) fn apply(
        &self,
        (seed, round, most): (u64, u32, u64),
        store: &mut dyn Store,
        hits: &mut Vec<Hit>,
        cancel: &Cancel,
    ) -> Result<u64, Error> {
        let mut left = most;
        for (index, pass) in self.passes.iter().enumerate() {
            let times = left.min(u64::from(pass.times()));
            let mut stream = Stream::new(seed, index as u32, round);
            let mut lanes = Lanes::new(store, hits, index);
            pass.apply(times as u32, (&mut lanes, &mut stream), cancel)?;
            left -= times;
        }
        Ok(most - left)
    }
}

fn parse_passes(text: &str) -> Result<Vec<Pass>, Error> {
    text.split(',')
        .filter(|item| !item.is_empty())
        .map(str::parse)
        .collect()
}

impl FromStr for Recipe {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let mut recipe = Recipe {
            passes: Vec::new(),
            ..Recipe::default()
        };
        let (mut any_pass, mut settings) = (false, Vec::new());
        for item in text.split(',').filter(|_| !text.is_empty()) {
            match item.split_once('=') {
                Some((setting, value)) if !item.contains(':') => {
                    if settings.contains(&setting) {
                        return Err(Error::bad_recipe(format!("`{setting}` is set twice")));
                    }
                    settings.push(setting);
                    recipe.set(setting, value)?;
                }
                _ => {
                    any_pass = true;
                    match PRESETS.iter().find(|preset| preset.name == item) {
                        Some(preset) => recipe.passes.extend(parse_passes(preset.passes)?),
                        None => recipe.passes.push(item.parse()?),
                    }
                }
            }
        }
        if !any_pass {
            recipe.passes = Recipe::default().passes;
        }
        let steps = recipe.steps();
        if steps > MAX_STEPS {
            return Err(Error::bad_recipe(format!(
                "{steps} steps are more than {MAX_STEPS}"
            )));
        }
        Ok(recipe)
    }
}

impl Recipe {
    fn set(&mut self, setting: &str, value: &str) -> Result<(), Error> {
        match setting {
            "filter" => self.filter = value.parse()?,
            "deflate" => self.deflate = value.parse()?,
            "amount" => self.amount = Some(parse_amount(value)?),
            "reach" => self.control.reach = value.parse()?,
            "region" => self.control.region = Some(value.parse()?),
            "protect" => self.control.protect = Some(value.parse()?),
            "channels" => self.control.channels = value.parse()?,
            "scans" => self.control.scans = value.parse()?,
            "alpha" => self.control.alpha = value.parse()?,
            "seed" => self.seed = Some(parse_seed(value)?),
            _ => {
                return Err(Error::bad_recipe(format!(
                    "there is no setting `{setting}`; the settings are {}",
                    SETTINGS.join(", ")
                )));
            }
        }
        Ok(())
    }
}

/// Reads an amount: a whole number from 0 to 100.
fn parse_amount(text: &str) -> Result<u8, Error> {
    let amount = control::whole(text, 0..=100).and_then(|amount| u8::try_from(amount).ok());
    amount.ok_or_else(|| {
        Error::bad_recipe(format!(
            "`amount` takes a whole number from 0 to 100, not `{text}`"
        ))
    })
}

/// Reads a seed: a whole number from 0 to 18446744073709551615.
fn parse_seed(text: &str) -> Result<u64, Error> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| plain).ok_or_else(|| {
        Error::bad_recipe(format!(
            "`seed` takes a whole number from 0 to {}, not `{text}`",
            u64::MAX
        ))
    })
}

impl fmt::Display for Recipe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let steps: Vec<_> = self.passes.iter().map(Pass::to_string).collect();
        let steps = steps.join(",");
        let preset = PRESETS.iter().find(|preset| preset.passes == steps);
        f.write_str(preset.map_or(steps.as_str(), |preset| preset.name))?;
        if self.filter != FilterChoice::default() {
            write!(f, ",filter={}", self.filter)?;
        }
        if self.deflate != Effort::default() {
            write!(f, ",deflate={}", self.deflate)?;
        }
        let Control {
            reach,
            region,
            protect,
            channels,
            scans,
            alpha,
        } = &self.control;
        let words = [
            self.amount.map(|amount| format!(",amount={amount}")),
            (*reach != Default::default()).then(|| format!(",reach={reach}")),
            region.map(|region| format!(",region={region}")),
            protect.map(|protect| format!(",protect={protect}")),
            (*channels != Default::default()).then(|| format!(",channels={channels}")),
            (*scans != Default::default()).then(|| format!(",scans={scans}")),
            (*alpha != Default::default()).then(|| format!(",alpha={alpha}")),
        ];
        for word in words.iter().flatten() {
            f.write_str(word)?;
        }
        self.seed.map_or(Ok(()), |seed| write!(f, ",seed={seed}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_preset_parses_and_prints_as_its_name() {
        for preset in PRESETS {
            let recipe: Recipe = preset.name.parse().unwrap();
            assert_eq!(recipe.to_string(), preset.name);
            assert_eq!(parse_passes(preset.passes).unwrap(), recipe.passes);
        }
    }

    #[test]
    fn text_round_trips() {
        for text in [
            "classic",
            "none",
            "none,seed=3",
            "classic,filter=paeth,deflate=small,seed=18446744073709551615",
            "replace,sort:len=40:times=3,filter=keep",
        ] {
            assert_eq!(text.parse::<Recipe>().unwrap().to_string(), text);
        }
        for (text, same) in [
            ("", "classic"),
            ("seed=5", "classic,seed=5"),
            ("filter=auto,sort:19", "sort"),
        ] {
            assert_eq!(text.parse::<Recipe>().unwrap().to_string(), same);
        }
        assert_eq!("".parse::<Recipe>().unwrap(), Recipe::default());
    }

    #[test]
    fn text_needs_no_quoting_in_a_shell_or_a_url() {
        let text = "replace:times=3,sort:len=40,filter=average,deflate=small,seed=7"
            .parse::<Recipe>()
            .unwrap()
            .to_string();
        assert!(
            text.bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b",:=".contains(&byte)),
            "{text}"
        );
    }

    #[test]
    fn bad_text_is_told_what_is_allowed() {
        for (text, said) in [
            ("classic,", "there is no pass ``"),
            ("clasic", "there is no pass `clasic`"),
            (
                "colour=red",
                "the settings are filter, deflate, amount, reach",
            ),
            ("seed=-1", "from 0 to 18446744073709551615"),
            ("seed=", "from 0 to 18446744073709551615"),
            ("seed=1,seed=2", "twice"),
            ("filter=best", "auto, keep, none, sub, up, average, paeth"),
            ("deflate=9", "fast, small"),
            (
                &"replace:times=10000,".repeat(11)[..219],
                "more than 100000",
            ),
        ] {
            let error = text.parse::<Recipe>().unwrap_err().to_string();
            assert!(error.contains(said), "{text}: {error}");
        }
    }
}
