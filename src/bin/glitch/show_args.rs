//! What may be typed for sheets, heat maps and animations.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, value_parser};
use glitch::{Limits, Motion, Ramp, Recipe, Seeds, parse_size};

use crate::args::Telling;
use crate::hits::Hits;
use crate::look::seed;

/// What is shown of a glitch.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Seeing")]
pub struct Seeing {
    /// Draw a heat map of where the picture changed (PNG)
    ///
    /// What stayed is dark and grey, what changed goes from violet to yellow. As large as the
    /// picture, and upright. Several need a folder: one that exists or that ends in a slash, in which
    /// they are called photo.diff.png.
    #[arg(long, value_name = "FILE|DIR/")]
    pub diff: Option<PathBuf>,
    /// Tell where each hit fell, a line for each
    ///
    /// With --json they are the array `where`.
    #[arg(long)]
    pub hits: bool,
}

impl Seeing {
    pub fn hits(&self) -> Hits {
        match self.hits {
            true => Hits::Listed,
            false => Hits::Counted,
        }
    }
}

/// `glitch sheet`.
#[derive(Args, Clone, Debug)]
pub struct Contact {
    /// A picture, or - for standard input
    #[arg(value_name = "PICTURE")]
    pub input: PathBuf,
    /// What is done, such as classic or sort:len=40:times=3,replace [default: classic]
    #[arg(short, long, value_name = "RECIPE")]
    pub recipe: Option<Recipe>,
    /// The first seed, or the one of all presets; drawn below a million if not told
    #[arg(short, long, value_parser = seed, allow_negative_numbers = true)]
    pub seed: Option<u64>,
    /// So many seeds of the recipe: SEED, SEED+1, ... [default: 9]
    #[arg(long, value_name = "N", value_parser = value_parser!(u32).range(1..=1000))]
    pub seeds: Option<u32>,
    /// Every preset, with one seed, instead
    #[arg(long, conflicts_with_all = ["recipe", "seeds"])]
    pub presets: bool,
    /// Tiles beside each other [default: 3 to 5, whichever leaves the fewest gaps]
    #[arg(long, value_name = "N", value_parser = value_parser!(u32).range(1..=1000))]
    pub columns: Option<u32>,
    /// Width of a tile in pixels; a picture that is smaller is not enlarged
    #[arg(long, value_name = "PIXELS", default_value_t = 320, value_parser = value_parser!(u32).range(16..=8192))]
    pub width: u32,
    /// The file to write (.png, .jpg), or - for standard output
    ///
    /// Without it: beside the picture and of its kind, as photo.sheet.jpg.
    #[arg(short, long, value_name = "FILE|-")]
    pub output: Option<PathBuf>,
    #[command(flatten)]
    pub making: Making,
}

/// `glitch loop`.
#[derive(Args, Clone, Debug)]
pub struct Animation {
    /// A picture, or - for standard input
    #[arg(value_name = "PICTURE")]
    pub input: PathBuf,
    /// What is done in each frame; its amount is the peak [default: classic]
    #[arg(short, long, value_name = "RECIPE")]
    pub recipe: Option<Recipe>,
    /// Where every random draw comes from; drawn below a million if not told
    #[arg(short, long, value_parser = seed, allow_negative_numbers = true)]
    pub seed: Option<u64>,
    /// The file to write (.gif, .png, .apng), or - for a GIF on standard output
    ///
    /// Without it: beside the picture, as photo.loop.gif.
    #[arg(short, long, value_name = "FILE|-")]
    pub output: Option<PathBuf>,
    /// How many frames there are, calm ones included
    #[arg(long, value_name = "N", default_value_t = 12, value_parser = value_parser!(u32).range(1..=1000))]
    pub frames: u32,
    /// Frames a second
    #[arg(long, value_name = "N", default_value_t = 12, value_parser = value_parser!(u32).range(1..=50))]
    pub fps: u32,
    /// The longest side in pixels; a picture that is smaller is not enlarged
    #[arg(long, value_name = "PIXELS", default_value_t = 512, value_parser = value_parser!(u32).range(16..=16384))]
    pub size: u32,
    /// The amount goes along straight lines: up, down, there-and-back, or through amounts (0-60)
    ///
    /// The words go between 0 and the amount of the recipe, 60 if it tells none. Amounts, 0 to 100,
    /// can be as many as you like: 20-80-20.
    #[arg(long, value_name = "RAMP", conflicts_with = "cycle")]
    pub ramp: Option<Ramp>,
    /// The amount goes up and down smoothly, and the end joins the start
    ///
    /// Between 0 and the amount of the recipe, 60 if it tells none, or between LOW and HIGH, such as
    /// 20-80.
    #[arg(long, value_name = "LOW-HIGH", num_args = 0..=1, require_equals = true, default_missing_value = "", value_parser = cycle)]
    pub cycle: Option<Motion>,
    /// A new seed for every frame, which flickers, or one for all, which melts
    ///
    /// keep needs --ramp or --cycle, and is then the default; otherwise it is change. A frame that would
    /// look like another gets the next seed that makes it another.
    #[arg(long, value_name = "SEEDS", value_parser = seeds())]
    pub seeds: Option<Seeds>,
    /// So many frames without a glitch behind each burst of glitched ones
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub calm: u32,
    /// Frames of a burst, with --calm
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = value_parser!(u32).range(1..), requires = "calm")]
    pub burst: u32,
    /// Most bytes of the animation, such as 8MB: it is made smaller until it fits
    ///
    /// Each side by a fifth at a time, down to a quarter; then a GIF has fewer colours.
    #[arg(long, value_name = "SIZE", value_parser = parse_size)]
    pub max_bytes: Option<u64>,
    #[command(flatten)]
    pub making: Making,
}

/// What sheets and animations have in common.
#[derive(Args, Clone, Debug)]
pub struct Making {
    /// Replace a file that exists
    #[arg(short, long)]
    pub force: bool,
    /// Most pixels that the picture may claim to have, and all that is made of it, such as 50M
    #[arg(long, value_name = "SIZE", value_parser = parse_size, default_value = "250M")]
    pub max_pixels: u64,
    /// How many glitches are worked on, and held in memory, at once [default: the cores there are]
    #[arg(short, long, value_name = "N")]
    pub jobs: Option<NonZeroUsize>,
    #[command(flatten)]
    pub telling: Telling,
}

impl Making {
    pub fn limits(&self) -> Limits {
        Limits {
            pixels: self.max_pixels,
            ..Limits::default()
        }
    }
}

/// `LOW-HIGH`, or nothing.
fn cycle(text: &str) -> Result<Motion, String> {
    if text.is_empty() {
        return Ok(Motion::Cycle(None));
    }
    match text.parse() {
        Ok(Ramp::Through(points)) if points.len() == 2 => {
            Ok(Motion::Cycle(Some((points[0], points[1]))))
        }
        _ => Err("a cycle is between two amounts from 0 to 100, such as 20-80".to_owned()),
    }
}

fn seeds() -> impl TypedValueParser<Value = Seeds> {
    PossibleValuesParser::new(["change", "keep"]).map(|word| match word.as_str() {
        "keep" => Seeds::Keep,
        _ => Seeds::Change,
    })
}
