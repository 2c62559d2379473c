//! Glitches a JPEG or a PNG on nothing but its scan data, and writes a legal file again: it opens
//! in every decoder, with no warning, looking the same everywhere.
//!
//! ```no_run
//! let photo = std::fs::read("photo.jpg")?;
//! let recipe: glitch::Recipe = "classic,seed=7".parse()?;
//! let glitched = glitch::glitch(&photo, &recipe)?;
//! std::fs::write("photo.glitched.jpg", &glitched.bytes)?;
//! println!("made by {}", glitched.recipe);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The same input, recipe and seed give the same bytes on every machine and in every later
//! version. No input makes it panic.
//!
//! - [`glitch`] does it with the defaults, [`glitch_with`] with [`Options`]: [`Limits`] on what is
//!   taken in, whether the result is decoded before it is handed out, and a [`Cancel`] that calls
//!   it off.
//! - [`Recipe`] says what is done: [`Pass`]es and [`PRESETS`], a seed, and how PNGs are filtered and
//!   compressed. It is read from and printed as text.
//! - [`Glitched`] is the file, with the recipe and seed that make it again.
//! - [`Error::kind`] tells why there is none.
//! - [`inspect`] tells where the headers and the scan data of a file lie, [`verify`](verify()) whether it
//!   opens and is conformant.
//!
//! # Features
//!
//! - `verify`: results are decoded with the crate `image` before they are handed out. Without it
//!   nothing is decoded, and [`Glitched::changed`] is `None`.
//! - `show`: contact sheets ([`sheet()`]), heat maps of what changed ([`diff()`]) and animations
//!   ([`animate()`]).
//! - `serde`: `Serialize` for [`Layout`], [`Soundness`], [`Hit`] and what they hold.
//! - `http`: the HTTP interface as an `axum::Router`; `serve`: a server for it.
//! - `s3`: pictures through S3, see [`http::Settings::with_uploads`].
//! - `worker`: pictures that lie in S3, on AWS Lambda.
//! - `cli` and `jemalloc` (both on by default), and `lambda`, are for the programs; a library does without:
//!   `default-features = false`.

#![forbid(unsafe_code)]

/// Compiles and runs the examples of the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

#[cfg(feature = "show")]
mod animate;
#[cfg(feature = "show")]
mod apng;
mod blame;
mod cancel;
#[cfg(feature = "serde")]
mod catalogue;
mod control;
#[cfg(feature = "show")]
mod diff;
mod document;
mod error;
mod exif;
mod format;
#[cfg(feature = "show")]
mod frames;
#[cfg(feature = "show")]
mod gif_file;
#[cfg(feature = "http")]
pub mod http;
mod jpeg;
#[cfg(feature = "show")]
mod label;
mod lanes;
mod layout;
mod limits;
mod metadata;
mod mosaic;
#[cfg(feature = "show")]
mod motion;
mod passes;
#[cfg(feature = "show")]
mod pixels;
mod png;
mod presets;
mod random;
mod recipe;
mod rng;
mod rows;
#[cfg(feature = "s3")]
mod s3;
#[cfg(feature = "show")]
mod sheet;
mod size;
mod verify;
mod words;
#[cfg(feature = "worker")]
pub mod worker;

use std::time::{Duration, Instant};

#[cfg(feature = "show")]
pub use animate::{Animated, Container, Loop, Seeds, animate};
pub use cancel::Cancel;
#[cfg(feature = "serde")]
pub use catalogue::Catalogue;
pub use control::{Alpha, Channels, Control, PNG_ROW, Reach, Rect, Scans};
#[cfg(feature = "show")]
pub use diff::{HeatMap, diff};
pub use error::{Error, ErrorKind, Unsupported};
pub use format::{Format, LooksLike};
pub use lanes::{Hit, Spot};
pub use layout::{Layout, Part};
pub use limits::Limits;
pub use metadata::{Metadata, Strip, Thumbnail};
#[cfg(feature = "show")]
pub use motion::{Motion, Ramp};
pub use passes::{Allowed, COMMON, Kind, Param, Pass};
pub use png::{Effort, FilterChoice};
pub use presets::{PRESETS, Preset};
pub use recipe::Recipe;
#[cfg(feature = "show")]
pub use sheet::{ContactSheet, Sheet, sheet};
pub use size::parse_size;
pub use verify::{Fault, Soundness};

use document::{Checked, Document, Opened};
use recipe::Turn;

/// How to glitch, as far as the resulting bytes do not depend on it.
#[derive(Clone, Debug)]
pub struct Options {
    /// Bounds on what is taken in.
    pub limits: Limits,
    /// Whether the result is decoded before it is handed out (feature `verify`; without it
    /// nothing is decoded).
    pub verify: bool,
    /// Calls the work off: it is asked between the steps of the work, as a rule every few
    /// milliseconds, and the result is then an error of [`ErrorKind::Cancelled`]. Once begun, the
    /// deflating of a frame and the decoding of a picture go on to their end first; with
    /// [`Effort::Small`] that can be many seconds. Clones of the options share it.
    pub cancel: Cancel,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            limits: Limits::default(),
            verify: true,
            cancel: Cancel::default(),
        }
    }
}

/// A glitched picture, and how it came about.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Glitched {
    /// The file.
    pub bytes: Vec<u8>,
    /// Its kind, the same as the input's.
    pub format: Format,
    /// Width and height in pixels.
    pub size: (u32, u32),
    /// The recipe with the seed that was used: it makes the same bytes from the same input again.
    pub recipe: Recipe,
    /// The seed that was used.
    pub seed: u64,
    /// Every change that was made to the scan data, in order.
    pub hits: Vec<Hit>,
    /// How often the whole recipe was done until the glitch showed.
    pub rounds: u32,
    /// The share of pixels, 0 to 1, in which a sample differs from the input by more than 8 of
    /// 255. `None` where nothing was decoded.
    pub changed: Option<f64>,
    /// What took how long.
    pub timings: Timings,
}

/// Wall time of the stages.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct Timings {
    /// Finding the scan data, and inflating it for a PNG.
    pub open: Duration,
    /// The passes.
    pub edit: Duration,
    /// Making the scan data legal again.
    pub repair: Duration,
    /// Writing the file, and deflating for a PNG.
    pub pack: Duration,
    /// Decoding the input and the result.
    pub verify: Duration,
}

/// The recipe is done again until the glitch shows: after so many rounds in all it is looked at.
/// Doubling keeps the number of repairs small for a picture in which each hit is tiny.
const LOOK_AFTER: [u32; 8] = [1, 2, 4, 8, 16, 32, 64, 128];

/// Glitches a picture with the default [`Options`].
///
/// # Errors
/// See [`ErrorKind`].
pub fn glitch(input: &[u8], recipe: &Recipe) -> Result<Glitched, Error> {
    glitch_with(input, recipe, &Options::default())
}

/// Glitches a picture.
///
/// An empty recipe gives the input back, byte for byte but for metadata that it takes out.
///
/// # Errors
/// See [`ErrorKind`].
pub fn glitch_with(input: &[u8], recipe: &Recipe, options: &Options) -> Result<Glitched, Error> {
    let Options { limits, cancel, .. } = options;
    cancel.check()?;
    limits.check_bytes(input.len())?;
    let format = Format::sniff(input)?;
    let seed = recipe.seed.unwrap_or_else(rng::fresh_seed);
    let recipe = recipe.drawn(seed);
    recipe.check_format(format)?;
    recipe.check_bounds()?;
    let mut clock = Clock::start();
    let Opened { mut document, size } = open(input, format, &recipe, (limits, cancel))?;
    let mut timings = Timings {
        open: clock.lap(),
        ..Timings::default()
    };
    let times = (&mut clock, &mut timings);
    let (hits, rounds) = edit((&recipe, format), &mut *document, times, cancel)?;
    // A PNG that was not hit would only be deflated otherwise; a JPEG is sound then, at least.
    let bytes = match hits.is_empty() && format == Format::Png {
        true => input.to_vec(),
        false => document.pack()?,
    };
    let bytes = clean(bytes, format, &recipe, cancel)?;
    timings.pack = clock.lap();
    let changed = if options.verify {
        verify::compare(input, &bytes, format, options)
            .map_err(|error| blame::blame(error, input, &recipe, options))?
    } else {
        None
    };
    timings.verify = clock.lap();
    Ok(Glitched {
        bytes,
        format,
        size,
        recipe,
        seed,
        hits,
        rounds,
        changed,
        timings,
    })
}

fn open<'a>(
    input: &'a [u8],
    format: Format,
    recipe: &Recipe,
    bounds: (&Limits, &Cancel),
) -> Result<Opened<'a>, Error> {
    match format {
        Format::Jpeg => jpeg::open(input, &recipe.control, bounds),
        Format::Png => {
            let choice = (recipe.filter, recipe.deflate);
            png::open(input, choice, &recipe.control, bounds)
        }
    }
}

/// Takes out of a finished file the metadata that the recipe does not want.
fn clean(
    file: Vec<u8>,
    format: Format,
    recipe: &Recipe,
    cancel: &Cancel,
) -> Result<Vec<u8>, Error> {
    match (recipe.metadata.removal(), format) {
        (None, _) => Ok(file),
        (Some(removal), Format::Jpeg) => jpeg::clean(&file, removal, cancel),
        (Some(removal), Format::Png) => png::clean(&file, removal),
    }
}

/// Does the recipe, and again until the glitch shows. Returns the changes, and how often it was
/// done.
fn edit(
    (recipe, format): (&Recipe, Format),
    document: &mut dyn Document,
    (clock, timings): (&mut Clock, &mut Timings),
    cancel: &Cancel,
) -> Result<(Vec<Hit>, u32), Error> {
    let mut hits = Vec::new();
    let mut rounds = 0;
    if recipe.passes.is_empty() {
        return Ok((hits, rounds));
    }
    if recipe.amount == Some(0) {
        return Ok((hits, rounds));
    }
    let seed = recipe.seed.unwrap_or_default();
    let turn = |round| Turn::whole(format, seed, round);
    if let Some(amount) = recipe.amount {
        let mut left = steps(amount, document.parts());
        while left > 0 {
            let most = Turn {
                most: left,
                ..turn(rounds)
            };
            left -= recipe.apply(&most, document, &mut hits, cancel)?;
            rounds += 1;
        }
        timings.edit += clock.lap();
        document.repair()?;
        timings.repair += clock.lap();
        return Ok((hits, rounds));
    }
    for look in LOOK_AFTER {
        // A long recipe is not done so often that it would take for ever, nor one that never shows.
        let steps = u64::from(look) * recipe.steps();
        if rounds > 0 && (steps > recipe::MAX_STEPS || recipe.is_lossless(format)) {
            break;
        }
        while rounds < look {
            recipe.apply(&turn(rounds), document, &mut hits, cancel)?;
            rounds += 1;
        }
        timings.edit += clock.lap();
        let share = document.repair()?;
        timings.repair += clock.lap();
        if share.shows() {
            break;
        }
    }
    Ok((hits, rounds))
}

/// Steps for an amount, 0 to 100, in a picture of so many parts: at 100 a part is hit three times,
/// and a picture that is one part a dozen times.
fn steps(amount: u8, parts: u64) -> u64 {
    let most = 9 + parts.saturating_mul(3);
    let steps = (most * u64::from(amount)).div_ceil(100);
    steps.min(recipe::MAX_STEPS)
}

/// Tells where the headers and the scan data of a picture lie.
///
/// # Errors
/// See [`ErrorKind`]. A JPEG of an unsupported coding process is told, not refused.
pub fn inspect(input: &[u8]) -> Result<Layout, Error> {
    match Format::sniff(input)? {
        Format::Jpeg => jpeg::inspect(input),
        Format::Png => png::inspect(input),
    }
}

/// Tells whether a picture opens, and whether it is strictly conformant (see
/// `docs/conformance.md`), with the first fault and its offset.
///
/// # Errors
/// See [`ErrorKind`]: the file is so broken that there is nothing to look at.
pub fn verify(input: &[u8]) -> Result<Soundness, Error> {
    let format = Format::sniff(input)?;
    let limits = Limits::default();
    let Checked { fault, size } = check(input, format, &limits)?;
    let readable = match format {
        Format::Jpeg => Ok(()),
        // The crate `png` panics on a palette of a byte.
        Format::Png => png::check_readable(input, &limits),
    };
    let decoded = readable.map_err(|error| error.to_string());
    let decoded = decoded.and_then(|()| verify::decode(input, format, &limits));
    let decoder_error = decoded.err();
    Ok(Soundness {
        format,
        width: size.0,
        height: size.1,
        fault,
        decoder_error,
    })
}

fn check(input: &[u8], format: Format, limits: &Limits) -> Result<Checked, Error> {
    match format {
        Format::Jpeg => jpeg::check(input, limits),
        Format::Png => png::check(input, limits),
    }
}

/// Times the stages.
struct Clock(Instant);

impl Clock {
    fn start() -> Self {
        Clock(Instant::now())
    }

    fn lap(&mut self) -> Duration {
        let now = Instant::now();
        now.duration_since(std::mem::replace(&mut self.0, now))
    }
}
