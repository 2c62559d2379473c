//! What is done to a picture, as data and as text.

use std::fmt;
use std::str::FromStr;

use crate::cancel::Cancel;
use crate::control::{self, Control, Reach};
use crate::error::Error;
use crate::format::Format;
use crate::lanes::{Hit, Lanes, Store};
use crate::metadata::Metadata;
use crate::passes::Pass;
use crate::png::{Effort, FilterChoice};
use crate::presets::{PRESETS, RANDOM};
use crate::random;
use crate::rng::Stream;

/// The passes in order, and the settings that the result depends on.
///
/// The text form is the same everywhere: passes and presets, then settings, with commas between:
/// `classic`, `replace:times=20`, `replace,sort:len=40,filter=paeth,seed=7`. It needs no quoting
/// in a shell or a URL. Without a pass it is `classic`; `none` has no passes at all. A word that is
/// both a preset and a pass is the preset; with a parameter it is the pass: `slices:times=1`.
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
    /// Whether more steps are drawn from the seed, before those, and the amount, reach, filter and
    /// scans that are as usual: the preset `random`. A result tells what was drawn.
    pub is_random: bool,
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
    /// Which metadata the result has.
    pub metadata: Metadata,
    /// What every random draw comes from. `None`: drawn afresh, and told with the result.
    pub seed: Option<u64>,
}

/// The words for the settings, in the order in which they are printed.
pub(crate) const SETTINGS: [&str; 12] = [
    "filter",
    "deflate",
    "amount",
    "reach",
    "region",
    "protect",
    "channels",
    "scans",
    "alpha",
    "strip",
    "thumbnail",
    "seed",
];

/// Most steps that a recipe may ask for, `times` counted.
pub(crate) const MAX_STEPS: u64 = 100_000;

impl Default for Recipe {
    fn default() -> Self {
        let passes = parse_passes(PRESETS[0].passes).unwrap_or_default();
        Recipe {
            passes,
            is_random: false,
            filter: FilterChoice::default(),
            deflate: Effort::default(),
            control: Control::default(),
            amount: None,
            metadata: Metadata::default(),
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

    /// The recipe that is done: with the seed, and with what is drawn from it.
    pub(crate) fn drawn(&self, seed: u64) -> Self {
        let recipe = self.clone().with_seed(seed);
        match recipe.is_random {
            true => random::draw(recipe, seed),
            false => recipe,
        }
    }

    /// Whether there is nothing to be done, whatever the seed.
    #[cfg(feature = "show")]
    pub(crate) fn is_empty(&self) -> bool {
        self.passes.is_empty() && !self.is_random
    }

    /// Number of steps, `times` counted.
    pub(crate) fn steps(&self) -> u64 {
        self.passes.iter().map(|pass| u64::from(pass.times())).sum()
    }

    /// Refuses a recipe of which no pass works on pictures of a format.
    pub(crate) fn check_format(&self, format: Format) -> Result<(), Error> {
        if self.passes.is_empty() || self.passes.iter().any(|pass| pass.works_on(format)) {
            return Ok(());
        }
        let mut names: Vec<_> = self.passes.iter().map(|pass| pass.kind().name).collect();
        names.dedup();
        Err(Error::bad_recipe(format!(
            "no pass of it works on a {format}: {}",
            names.join(", ")
        )))
    }

    /// Refuses a recipe that bounds the damage of a pass which cannot be bounded.
    pub(crate) fn check_bounds(&self) -> Result<(), Error> {
        let Control {
            reach,
            region,
            protect,
            ..
        } = &self.control;
        if *reach == Reach::All && region.is_none() && protect.is_none() {
            return Ok(());
        }
        let kinds = self.passes.iter().map(Pass::kind);
        match kinds.into_iter().find(|kind| kind.header.is_some()) {
            None => Ok(()),
            Some(kind) => Err(Error::bad_recipe(format!(
                "`{}` changes the whole picture, so it does not go with reach, region or protect",
                kind.name
            ))),
        }
    }

    /// Whether no pass of it ever changes a pixel of a picture of a format.
    pub(crate) fn is_lossless(&self, format: Format) -> bool {
        let mut passes = self.passes.iter().filter(|pass| pass.works_on(format));
        passes.all(Pass::is_lossless)
    }

    /// Does every pass once that works on the format, but no more than `most` steps in all; tells
    /// how many it did.
    pub(crate) fn apply(
        &self,
        turn: &Turn,
        store: &mut dyn Store,
        hits: &mut Vec<Hit>,
        cancel: &Cancel,
    ) -> Result<u64, Error> {
        let &Turn {
            format,
            seed,
            round,
            most,
        } = turn;
        let mut left = most;
        let passes = self.passes.iter().enumerate();
        for (index, pass) in passes.filter(|(_, pass)| pass.works_on(format)) {
            let times = left.min(u64::from(pass.times()));
            let mut stream = Stream::new(seed, index as u32, round);
            let mut lanes = Lanes::new(store, hits, index);
            pass.apply(times as u32, (&mut lanes, &mut stream), cancel)?;
            left -= times;
        }
        Ok(most - left)
    }
}

/// One time through a recipe.
pub(crate) struct Turn {
    pub(crate) format: Format,
    pub(crate) seed: u64,
    /// How often the whole recipe was done before.
    pub(crate) round: u32,
    /// Most steps to be done.
    pub(crate) most: u64,
}

impl Turn {
    /// All of the recipe.
    pub(crate) fn whole(format: Format, seed: u64, round: u32) -> Self {
        Turn {
            format,
            seed,
            round,
            most: u64::MAX,
        }
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
        let mut recipe = Recipe::bare();
        let (mut any_pass, mut settings) = (false, Vec::new());
        for item in text.split(',').filter(|_| !text.is_empty()) {
            match item.split_once('=') {
                Some((setting, value)) if !item.contains(':') => {
                    if !SETTINGS.contains(&setting) {
                        return Err(unknown(setting));
                    }
                    // No more than there are settings come this far.
                    if settings.iter().any(|(other, _)| *other == setting) {
                        return Err(Error::bad_recipe(format!("`{setting}` is set twice")));
                    }
                    settings.push((setting, value));
                }
                _ => {
                    any_pass = true;
                    recipe.add(item)?;
                    // Each is a step at least: what is too long is not read to its end.
                    if recipe.passes.len() as u64 > MAX_STEPS {
                        break;
                    }
                }
            }
        }
        if !any_pass {
            recipe.passes = Recipe::default().passes;
        }
        // Behind those of presets, wherever they stand.
        for (setting, value) in settings {
            recipe.set(setting, value)?;
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
    /// No passes, and every setting at its default.
    fn bare() -> Self {
        Recipe {
            passes: Vec::new(),
            ..Recipe::default()
        }
    }

    /// Adds a preset or a pass.
    fn add(&mut self, item: &str) -> Result<(), Error> {
        let Some(preset) = PRESETS.iter().find(|preset| preset.name == item) else {
            self.passes.push(item.parse()?);
            return Ok(());
        };
        match preset.passes {
            RANDOM => self.is_random = true,
            passes => self.passes.extend(parse_passes(passes)?),
        }
        let settings = preset.settings.split(',');
        for (setting, value) in settings.filter_map(|item| item.split_once('=')) {
            self.set(setting, value)?;
        }
        Ok(())
    }

    /// Gives a setting another value, each in the words of the text form: `set("reach", "5pct")`.
    ///
    /// # Errors
    /// Of [`ErrorKind::BadRecipe`](crate::ErrorKind::BadRecipe): there is no such setting, or it
    /// does not take the value.
    pub fn set(&mut self, setting: &str, value: &str) -> Result<(), Error> {
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
            "strip" => self.metadata.strip = value.parse()?,
            "thumbnail" => self.metadata.thumbnail = value.parse()?,
            "seed" => self.seed = Some(parse_seed(value)?),
            _ => return Err(unknown(setting)),
        }
        Ok(())
    }
}

fn unknown(setting: &str) -> Error {
    Error::bad_recipe(format!(
        "there is no setting `{setting}`; the settings are {}",
        SETTINGS.join(", ")
    ))
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
        let preset = PRESETS.iter().find_map(|preset| {
            let mut base = Recipe::bare();
            base.add(preset.name).ok()?;
            let same = base.passes == self.passes && base.is_random == self.is_random;
            let settings = same.then(|| self.settings(&base));
            Some((preset.name.to_owned(), settings??))
        });
        let (passes, settings) = preset.unwrap_or_else(|| {
            let settings = self.settings(&Recipe::default());
            (self.steps_text(), settings.unwrap_or_default())
        });
        f.write_str(&passes)?;
        for (setting, value) in settings {
            write!(f, ",{setting}={value}")?;
        }
        Ok(())
    }
}

impl Recipe {
    /// The passes one by one. One that is called like a preset has a parameter, or it would be read
    /// as that.
    fn steps_text(&self) -> String {
        let random = self.is_random.then(|| RANDOM.to_owned());
        let steps = self.passes.iter().map(|pass| {
            let text = pass.to_string();
            match PRESETS.iter().any(|preset| preset.name == text) {
                true => format!("{text}:times={}", pass.times()),
                false => text,
            }
        });
        random
            .into_iter()
            .chain(steps)
            .collect::<Vec<_>>()
            .join(",")
    }

    /// The settings that are not as in `base`; `None` if one of them is no longer set, which has
    /// no words.
    fn settings(&self, base: &Recipe) -> Option<Vec<(&'static str, String)>> {
        let (control, other) = (&self.control, &base.control);
        let (metadata, before) = (&self.metadata, &base.metadata);
        let optional = [
            ("amount", text(&self.amount), text(&base.amount)),
            ("region", text(&control.region), text(&other.region)),
            ("protect", text(&control.protect), text(&other.protect)),
        ];
        if optional
            .iter()
            .any(|(_, now, base)| now.is_none() && base.is_some())
        {
            return None;
        }
        let [amount, region, protect] = optional;
        let always = |setting, now: &dyn fmt::Display, base: &dyn fmt::Display| {
            (setting, Some(now.to_string()), Some(base.to_string()))
        };
        let all = [
            always("filter", &self.filter, &base.filter),
            always("deflate", &self.deflate, &base.deflate),
            amount,
            always("reach", &control.reach, &other.reach),
            region,
            protect,
            always("channels", &control.channels, &other.channels),
            always("scans", &control.scans, &other.scans),
            always("alpha", &control.alpha, &other.alpha),
            always("strip", &metadata.strip, &before.strip),
            always("thumbnail", &metadata.thumbnail, &before.thumbnail),
            ("seed", text(&self.seed), None),
        ];
        let differ = all.into_iter().filter(|(_, now, base)| now != base);
        Some(
            differ
                .filter_map(|(setting, now, _)| Some((setting, now?)))
                .collect(),
        )
    }
}

fn text(value: &Option<impl fmt::Display>) -> Option<String> {
    value.as_ref().map(|value| value.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_preset_parses_and_prints_as_its_name() {
        for preset in PRESETS {
            let recipe: Recipe = preset.name.parse().unwrap();
            assert_eq!(recipe.to_string(), preset.name);
            if !recipe.is_random {
                assert_eq!(parse_passes(preset.passes).unwrap(), recipe.passes);
            }
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
            "none,strip=metadata,thumbnail=drop",
        ] {
            assert_eq!(text.parse::<Recipe>().unwrap().to_string(), text);
        }
        for (text, same) in [
            ("", "classic"),
            ("seed=5", "classic,seed=5"),
            ("filter=auto,sort:19", "sort"),
            ("sort,strip=nothing,thumbnail=keep", "sort"),
        ] {
            assert_eq!(text.parse::<Recipe>().unwrap().to_string(), same);
        }
        assert_eq!("".parse::<Recipe>().unwrap(), Recipe::default());
    }

    #[test]
    fn what_cannot_be_bounded_is_not_bounded() {
        for bounds in ["reach=3", "region=0-0-9-9", "protect=0-0-9-9"] {
            let text = format!("replace,palette,{bounds}");
            let error = text.parse::<Recipe>().unwrap().check_bounds().unwrap_err();
            assert_eq!(
                error.to_string(),
                "bad recipe: `palette` changes the whole picture, so it does not go with reach, \
                 region or protect"
            );
            let text = format!("replace,graft,{bounds}");
            assert_eq!(text.parse::<Recipe>().unwrap().check_bounds(), Ok(()));
        }
        let recipe: Recipe = "palette,alpha=glitch,amount=30".parse().unwrap();
        assert_eq!(recipe.check_bounds(), Ok(()));
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
            ("strip=gps", "`strip` is one of nothing, metadata"),
            ("thumbnail=no", "`thumbnail` is one of keep, drop"),
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
