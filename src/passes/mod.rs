//! The glitch passes. A new pass is one file that holds a [`Kind`], and one line in [`KINDS`].

mod defect;
mod drift;
mod filter_type;
mod graft;
mod grit;
mod palette;
mod param;
mod quant;
mod refilter;
mod repeat;
mod replace;
mod reverse;
mod shift;
mod shuffle;
mod slices;
mod smear;
mod sort;
mod swap;
mod tint;
mod transpose;
mod xor;
mod zero;

use std::fmt;
use std::str::FromStr;

use crate::cancel::Cancel;
use crate::error::Error;
use crate::format::Format;
use crate::lanes::{Lanes, Run};
use crate::rng::Stream;
pub use param::{Allowed, Param};

/// Every pass there is, in the order in which they are listed to users.
static KINDS: &[&Kind] = &[
    &replace::KIND,
    &sort::KIND,
    &reverse::KIND,
    &shift::KIND,
    &swap::KIND,
    &repeat::KIND,
    &shuffle::KIND,
    &xor::KIND,
    &zero::KIND,
    &drift::KIND,
    &slices::KIND,
    &smear::KIND,
    &tint::KIND,
    &grit::KIND,
    &quant::KIND,
    &graft::KIND,
    &refilter::KIND,
    &transpose::KIND,
    &defect::KIND,
    &palette::KIND,
];

/// What a pass is called, which parameters it takes and what it does.
#[derive(Debug)]
pub struct Kind {
    /// The word for it in a recipe.
    pub name: &'static str,
    /// What it does, in one sentence.
    pub about: &'static str,
    /// The one format that it works on, if it does not work on all: pictures of others it leaves as
    /// they are.
    pub format: Option<Format>,
    /// The header that it edits, if it edits one: `DQT`, `PLTE`. All others leave headers alone.
    pub header: Option<&'static str>,
    /// Its own parameters; `times` is common to all.
    pub params: &'static [Param],
    pub(crate) apply: fn(&Args, &mut Lanes<'_>, &mut Stream) -> bool,
}

/// How often the step is done; every pass takes it.
pub static TIMES: Param = Param::whole("times", "how often the step is done", 1, 1..=10_000);

/// On pictures of which format the step is done; every pass takes it.
pub static ON: Param = Param::words(
    "on",
    "the kind of picture that it is done to",
    &["any", "jpeg", "png"],
);

/// The parameters that every pass takes besides its own.
pub static COMMON: [&Param; 2] = [&TIMES, &ON];

/// The values of a pass's own parameters, in the order of [`Kind::params`].
pub(crate) struct Args(Vec<u32>);

impl Args {
    pub(crate) fn get(&self, index: usize) -> u32 {
        self.0[index]
    }

    /// A run at a place drawn evenly, as long as the first parameter says.
    fn run(&self, lanes: &Lanes<'_>, stream: &mut Stream) -> Run {
        lanes.run(stream.index(lanes.total()), self.get(0) as usize)
    }
}

/// A step that changes nothing is drawn again this often before it is let be.
const REDRAWS: u32 = 64;

/// After this many steps in a row that were let be, there is nothing left to change.
const IDLE_STEPS: u32 = 16;

/// One step of a recipe: a kind of pass and its parameters.
///
/// Its text is the name, then `:name=value` for every parameter that is not at its default:
/// `replace`, `sort:len=40`, `sort:len=40:times=3`. A value without a name is that of the first
/// parameter: `sort:40`.
#[derive(Clone)]
pub struct Pass {
    kind: &'static Kind,
    args: std::sync::Arc<Args>,
    times: u32,
    /// The word of [`ON`].
    on: u32,
}

impl Pass {
    /// Every kind of pass.
    pub fn kinds() -> &'static [&'static Kind] {
        KINDS
    }

    /// Which kind of pass this is.
    pub fn kind(&self) -> &'static Kind {
        self.kind
    }

    /// Whether it works on pictures of a format.
    pub(crate) fn works_on(&self, format: Format) -> bool {
        let asked = match self.on {
            0 => true,
            1 => format == Format::Jpeg,
            _ => format == Format::Png,
        };
        asked && self.kind.format.is_none_or(|only| only == format)
    }

    /// Whether it never changes a pixel by itself.
    pub(crate) fn is_lossless(&self) -> bool {
        std::ptr::eq(self.kind, &refilter::KIND)
    }

    /// How often the step is done, 1 to 10,000.
    pub fn times(&self) -> u32 {
        self.times
    }

    /// Does the step `times` times, as given here: the first so many of more are the same. One that
    /// changes nothing is drawn again, within a bound.
    pub(crate) fn apply(
        &self,
        times: u32,
        (lanes, stream): (&mut Lanes<'_>, &mut Stream),
        cancel: &Cancel,
    ) -> Result<(), Error> {
        if lanes.total() == 0 {
            return Ok(());
        }
        let mut idle = 0;
        for _ in 0..times {
            cancel.check()?;
            let changed = (0..=REDRAWS).any(|_| (self.kind.apply)(&self.args, lanes, stream));
            if !changed {
                // A step that was called off changes nothing, either.
                cancel.check()?;
            }
            idle = if changed { 0 } else { idle + 1 };
            if idle == IDLE_STEPS {
                return Ok(());
            }
        }
        Ok(())
    }

    fn values(&self) -> impl Iterator<Item = (&'static Param, u32)> {
        let own = self.kind.params.iter().zip(self.args.0.iter().copied());
        own.chain([(&TIMES, self.times), (&ON, self.on)])
    }
}

impl FromStr for Pass {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let mut words = text.split(':');
        let name = words.next().unwrap_or_default();
        let Some(kind) = KINDS.iter().find(|kind| kind.name == name) else {
            return Err(Error::bad_recipe(format!(
                "there is no pass `{name}`; the passes are {}",
                names()
            )));
        };
        let params = || kind.params.iter().chain(COMMON);
        let mut values: Vec<Option<u32>> = vec![None; kind.params.len() + COMMON.len()];
        for (place, word) in words.enumerate() {
            let (index, value) = match word.split_once('=') {
                Some((name, value)) => (params().position(|param| param.name == name), value),
                None => ((place == 0).then_some(0), word),
            };
            let param = index.and_then(|index| params().nth(index).zip(values.get_mut(index)));
            let Some((param, slot)) = param else {
                let allowed: Vec<_> = params().map(|param| param.name).collect();
                return Err(Error::bad_recipe(format!(
                    "`{name}` has no parameter `{word}`; it takes {}",
                    allowed.join(", ")
                )));
            };
            if slot.replace(param.parse(name, value)?).is_some() {
                return Err(Error::bad_recipe(format!(
                    "`{name}` is given `{}` twice",
                    param.name
                )));
            }
        }
        let on = values.pop().flatten().unwrap_or(ON.default());
        let times = values.pop().flatten().unwrap_or(TIMES.default());
        let args = kind
            .params
            .iter()
            .zip(values)
            .map(|(param, value)| value.unwrap_or(param.default()));
        Ok(Pass {
            kind,
            args: std::sync::Arc::new(Args(args.collect())),
            times,
            on,
        })
    }
}

fn names() -> String {
    let names: Vec<_> = KINDS.iter().map(|kind| kind.name).collect();
    names.join(", ")
}

impl fmt::Display for Pass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind.name)?;
        for (param, value) in self
            .values()
            .filter(|(param, value)| *value != param.default())
        {
            write!(f, ":{}={}", param.name, param.text(value))?;
        }
        Ok(())
    }
}

impl fmt::Debug for Pass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pass({self})")
    }
}

impl PartialEq for Pass {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.kind, other.kind)
            && self.args.0 == other.args.0
            && (self.times, self.on) == (other.times, other.on)
    }
}

impl Eq for Pass {}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::lanes::tests::Plain;

    /// Applies a pass to `bytes` as its only lane.
    pub(super) fn apply_to(bytes: &[u8], pass: &str, seed: u64) -> Vec<u8> {
        let mut store = Plain(vec![bytes.to_vec()]);
        let mut hits = Vec::new();
        let pass: Pass = pass.parse().unwrap();
        let mut lanes = Lanes::new(&mut store, &mut hits, 0);
        let never = Cancel::default();
        let mut stream = Stream::new(seed, 0, 0);
        pass.apply(pass.times, (&mut lanes, &mut stream), &never)
            .unwrap();
        store.0.remove(0)
    }

    #[test]
    fn text_round_trips() {
        for text in [
            "replace",
            "replace:times=20",
            "sort",
            "sort:len=2",
            "sort:len=40:times=3",
            "sort:order=desc",
            "sort:len=40:order=desc:times=3",
            "shift:by=65535",
            "repeat:len=1:count=65535",
            "xor:len=1:mask=255",
            "drift:and=255:or=1:every=1",
            "graft:rows=2:type=none",
            "refilter:rows=1:type=paeth",
            "transpose:rows=1",
            "defect:len=1:rows=10000",
            "palette:len=2",
        ] {
            assert_eq!(text.parse::<Pass>().unwrap().to_string(), text);
        }
        assert_eq!(
            "sort:40".parse::<Pass>().unwrap().to_string(),
            "sort:len=40"
        );
        assert_eq!("sort:len=19".parse::<Pass>().unwrap().to_string(), "sort");
        for same in [
            "sort:order=asc",
            "sort:order=asc:len=19",
            "sort:19:order=asc",
        ] {
            assert_eq!(same.parse::<Pass>().unwrap().to_string(), "sort");
        }
        assert_eq!(
            "replace:5".parse::<Pass>().unwrap().to_string(),
            "replace:times=5"
        );
    }

    #[test]
    fn bad_text_is_told_what_is_allowed() {
        for (text, said) in [
            ("", "the passes are replace, sort"),
            ("melt", "the passes are replace, sort"),
            ("sort:width=3", "it takes len, order, times, on"),
            ("sort:3:4", "it takes len, order, times, on"),
            ("sort:desc", "from 2 to 65536, not `desc`"),
            (
                "sort:order=down",
                "`sort:order` is one of asc, desc, not `down`",
            ),
            ("sort:order=1", "not `1`"),
            ("sort:order=", "not ``"),
            ("xor:mask=256", "from 0 to 255"),
            ("sort:len=1", "from 2 to 65536, not `1`"),
            ("sort:len=+9", "not `+9`"),
            ("sort:len=", "not ``"),
            ("sort:9:len=9", "twice"),
            ("replace:times=0", "from 1 to 10000"),
            ("replace:times=99999999999", "from 1 to 10000"),
        ] {
            let error = text.parse::<Pass>().unwrap_err().to_string();
            assert!(error.contains(said), "{text}: {error}");
        }
    }

    #[test]
    fn a_pass_that_finds_nothing_to_change_gives_up() {
        // Ten million draws if it did not.
        let sorted = vec![7; 65_536];
        assert_eq!(apply_to(&sorted, "sort:65536:times=10000", 1), sorted);
        let steps = apply_to(&[7; 2000], "replace:times=40", 1);
        assert!(steps.iter().filter(|&&byte| byte != 7).count() > 30);
    }

    /// Every kind of pass with its defaults, and with every parameter at each of its ends.
    fn each() -> Vec<String> {
        let mut texts = Vec::new();
        for kind in Pass::kinds() {
            texts.push(kind.name.to_owned());
            for param in kind.params {
                let ends = match &param.allowed {
                    Allowed::Whole { range, .. } => vec![*range.start(), *range.end()],
                    Allowed::Words(words) => (0..words.len() as u32).collect(),
                };
                let texts_of = ends.into_iter().map(|end| param.text(end));
                texts.extend(texts_of.map(|end| format!("{}:{}={end}", kind.name, param.name)));
            }
        }
        texts
    }

    #[test]
    fn every_pass_takes_every_value_on_lanes_of_every_length() {
        for text in each() {
            let pass: Pass = text.parse().unwrap();
            assert_eq!(pass.to_string().parse::<Pass>().unwrap(), pass, "{text}");
            for len in [0, 1, 2, 3, 19, 70_000] {
                let before: Vec<u8> = (0..len).map(|i| (i * 7 % 251) as u8).collect();
                let after = apply_to(&before, &text, 5);
                assert_eq!(after.len(), before.len(), "{text}");
                assert_eq!(after, apply_to(&before, &text, 5), "{text}");
                // Passes of one format need lanes that are more than bytes.
                let idle = ["drift:and=255", "shift:by=65535"].contains(&text.as_str())
                    || pass.kind().format.is_some();
                assert!(after != before || len < 70_000 || idle, "{text}, {len}");
            }
        }
    }

    #[test]
    fn every_text_needs_no_quoting() {
        for text in each() {
            let plain = |byte: u8| byte.is_ascii_alphanumeric() || b":=".contains(&byte);
            assert!(text.bytes().all(plain), "{text}");
        }
    }

    #[test]
    fn no_lanes_no_harm() {
        assert_eq!(apply_to(&[], "replace", 1), [0_u8; 0]);
        assert_eq!(apply_to(&[9], "sort", 1), [9]);
    }

    #[test]
    fn before_each_step_it_may_be_cancelled() {
        let mut store = Plain(vec![vec![7; 2000]]);
        let mut hits = Vec::new();
        let pass: Pass = "replace:times=40".parse().unwrap();
        let mut lanes = Lanes::new(&mut store, &mut hits, 0);
        let cancel = Cancel::after(30);
        let mut stream = Stream::new(1, 0, 0);
        let result = pass.apply(pass.times, (&mut lanes, &mut stream), &cancel);
        assert_eq!(result, Err(Error::cancelled()));
        assert_eq!(hits.len(), 30);
    }
}
