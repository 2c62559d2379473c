//! Animations of one picture, each frame glitched by itself.

use image::RgbaImage;
use rayon::prelude::*;

use crate::error::Error;
use crate::motion::Motion;
use crate::recipe::Recipe;
use crate::{Options, apng, frames, gif_file, pixels, rng};

/// What an animation is like.
#[derive(Clone, Debug)]
pub struct Loop {
    /// What is done in every frame, but for the amount and the seed.
    pub recipe: Recipe,
    /// Frames in all, 1 at least.
    pub frames: u32,
    /// Frames a second, 1 to 50: GIF counts in hundredths of a second, and browsers slow down what is
    /// shown for less than two.
    pub fps: u32,
    /// The longest side in pixels; a picture that is smaller is not enlarged.
    pub size: u32,
    /// How the amount goes through the glitched frames. Its peak is the amount of the recipe, or 60.
    pub motion: Motion,
    /// How the seed goes through them.
    pub seeds: Seeds,
    /// Glitched frames in a row, 1 at least, where there are calm ones.
    pub burst: u32,
    /// Frames without a glitch behind each burst.
    pub calm: u32,
    /// The kind of file.
    pub container: Container,
    /// Most bytes of the file: it is made smaller until it fits.
    pub max_bytes: Option<u64>,
}

/// A kind of file for an animation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Container {
    /// 256 colours a frame at most, and pixels that can be seen through or not.
    Gif,
    /// All colours, and transparency as it is.
    Apng,
}

impl Container {
    /// A picture as far as a file of this kind can hold it and somebody can see it: what is hidden has
    /// no colour.
    fn held(self, mut picture: RgbaImage) -> RgbaImage {
        for pixel in picture.pixels_mut() {
            pixel.0 = match (self, pixel.0) {
                (Container::Gif, [.., 0..128]) | (Container::Apng, [.., 0]) => [0; 4],
                (Container::Gif, [r, g, b, _]) => [r, g, b, u8::MAX],
                (Container::Apng, whole) => whole,
            };
        }
        picture
    }
}

/// How the seed goes through the frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seeds {
    /// The next seed for every frame: it flickers.
    Change,
    /// One seed: with a growing amount the hits of earlier frames stay, and it melts.
    Keep,
}

impl Default for Loop {
    fn default() -> Self {
        Loop {
            recipe: Recipe::default(),
            frames: 12,
            fps: 12,
            size: 512,
            motion: Motion::Steady,
            seeds: Seeds::Change,
            burst: 3,
            calm: 0,
            container: Container::Gif,
            max_bytes: None,
        }
    }
}

/// An animation.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Animated {
    /// The file.
    pub bytes: Vec<u8>,
    /// Its width and height in pixels.
    pub size: (u32, u32),
    /// What it would have been without a bound on the bytes.
    pub full_size: (u32, u32),
    /// Colours in the palette of a frame, at most; `None` for an APNG.
    pub colours: Option<u16>,
    /// The recipe of every frame with its seed and amount; `None` for a calm one.
    pub recipes: Vec<Option<Recipe>>,
    /// Glitched frames that look like another one or like the picture itself, because no seed that was
    /// tried gave anything else.
    pub alike: usize,
    /// The recipe with the seed that makes all of it again.
    pub recipe: Recipe,
}

/// Seeds that are tried for a frame that looks like another.
const TRIES: u64 = 32;

/// A frame, and what it was made by.
struct Made {
    picture: RgbaImage,
    recipe: Option<Recipe>,
}

/// Glitches a picture once for every frame, at its full size, and writes what comes of it, scaled down
/// and upright, as an animation that goes round for ever. `tell` is called whenever a frame is done.
///
/// The same input, recipe, seed and settings give the same bytes. No two glitched frames look the
/// same, nor like the picture itself, unless the amount is 0: where they would, another seed is taken
/// for the later one. Of an APNG the default image is taken.
///
/// As many frames are worked on at once as the threads of the current rayon pool allow.
///
/// # Errors
/// See [`ErrorKind`](crate::ErrorKind). More pixels in all frames together than the limits allow, or
/// more bytes than `max_bytes` at the smallest size, is
/// [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge).
pub fn animate(
    input: &[u8],
    settings: &Loop,
    options: &Options,
    tell: &(dyn Fn() + Sync),
) -> Result<Animated, Error> {
    let recipe = &settings.recipe;
    let recipe = recipe
        .clone()
        .with_seed(recipe.seed.unwrap_or_else(|| rng::fresh_seed() % 1_000_000));
    let side = settings.size.max(1);
    let calm = pixels::scaled(pixels::decode(input, options)?.into_rgba8(), (side, side));
    let calm = settings.container.held(calm);
    let size = calm.dimensions();
    let count = u64::from(settings.frames.max(1));
    let pixels = u64::from(size.0) * u64::from(size.1);
    options.limits.check_pixels(pixels.saturating_mul(count))?;
    let maker = Maker {
        input,
        recipe: &recipe,
        settings,
        options,
        calm: &calm,
    };
    let made: Vec<Made> = (0..settings.frames.max(1))
        .into_par_iter()
        .map(|frame| {
            let made = maker.frame(frame, 0)?;
            tell();
            Ok(made)
        })
        .collect::<Result<_, Error>>()?;
    let (made, alike) = maker.told_apart(made)?;
    let (pictures, recipes): (Vec<_>, _) = made
        .into_iter()
        .map(|made| (made.picture, made.recipe))
        .unzip();
    let (bytes, size, colours) = write(&pictures, settings, options)?;
    Ok(Animated {
        bytes,
        size,
        full_size: calm.dimensions(),
        colours,
        recipes,
        alike,
        recipe,
    })
}

/// Makes the frames of one animation.
struct Maker<'a> {
    input: &'a [u8],
    recipe: &'a Recipe,
    settings: &'a Loop,
    options: &'a Options,
    /// The picture as it is.
    calm: &'a RgbaImage,
}

impl Maker<'_> {
    /// A frame, by the first seed that is due to it, or by the next if that was tried before.
    fn frame(&self, frame: u32, tries: u64) -> Result<Made, Error> {
        let Some(recipe) = self.recipe(frame, tries) else {
            return Ok(Made {
                picture: self.calm.clone(),
                recipe: None,
            });
        };
        let side = self.settings.size.max(1);
        let picture = pixels::glitched(self.input, &recipe, (side, side), self.options)?;
        Ok(Made {
            picture: self.settings.container.held(picture),
            recipe: Some(recipe),
        })
    }

    fn recipe(&self, frame: u32, tries: u64) -> Option<Recipe> {
        let (index, count) = (self.glitched(frame)?, self.count());
        let mut recipe = self.recipe.clone();
        let amount = self.settings.motion.amount(index, count, recipe.amount);
        recipe.amount = amount.or(recipe.amount);
        let step = match self.settings.seeds {
            // Behind all that the frames take by themselves.
            Seeds::Change => u64::from(index) + tries * u64::from(count),
            Seeds::Keep => tries,
        };
        let seed = recipe.seed.unwrap_or_default().wrapping_add(step);
        Some(recipe.with_seed(seed))
    }

    /// Which of the glitched frames it is, from 0; `None` for a calm one.
    fn glitched(&self, frame: u32) -> Option<u32> {
        let burst = self.settings.burst.max(1);
        if self.settings.calm == 0 {
            return Some(frame);
        }
        let round = burst.saturating_add(self.settings.calm);
        let (rounds, place) = (frame / round, frame % round);
        (place < burst).then(|| rounds * burst + place)
    }

    /// Glitched frames in all.
    fn count(&self) -> u32 {
        let frames = 0..self.settings.frames.max(1);
        let last = frames.rev().find_map(|frame| self.glitched(frame));
        last.map_or(0, |last| last + 1)
    }

    /// Makes those frames again, by other seeds, that look like an earlier one or like the picture
    /// itself. Tells how many are left for which no seed does.
    fn told_apart(&self, made: Vec<Made>) -> Result<(Vec<Made>, usize), Error> {
        let mut apart: Vec<Made> = Vec::with_capacity(made.len());
        let mut alike = 0;
        for (frame, mut next) in (0..).zip(made) {
            let mut tries = 0;
            while self.is_alike(&next, &apart) {
                tries += 1;
                if tries > TRIES {
                    alike += 1;
                    break;
                }
                next = self.frame(frame, tries)?;
            }
            apart.push(next);
        }
        Ok((apart, alike))
    }

    fn is_alike(&self, made: &Made, earlier: &[Made]) -> bool {
        let glitches = |recipe: &Recipe| !recipe.is_empty() && recipe.amount != Some(0);
        if !made.recipe.as_ref().is_some_and(glitches) {
            return false;
        }
        let mut others = earlier.iter().map(|made| &made.picture).chain([self.calm]);
        others.any(|other| !frames::differ(&made.picture, other))
    }
}

type Written = (Vec<u8>, (u32, u32), Option<u16>);

/// Writes the frames, smaller and smaller until they fit: each side by a fifth, down to a quarter of
/// what was asked for; then with fewer colours.
fn write(pictures: &[RgbaImage], settings: &Loop, options: &Options) -> Result<Written, Error> {
    let first = pictures.first().map_or((1, 1), RgbaImage::dimensions);
    let longest = first.0.max(first.1);
    let mut least = usize::MAX;
    for (side, colours) in attempts(longest, settings.container) {
        let small: Vec<RgbaImage> = match side == longest {
            true => Vec::new(),
            false => pictures
                .par_iter()
                .map(|picture| pixels::scaled(picture.clone(), (side, side)))
                .collect(),
        };
        let frames = if small.is_empty() { pictures } else { &small };
        options.cancel.check()?;
        let fps = settings.fps.clamp(1, 50);
        let bytes = match colours {
            Some(colours) => gif_file::write(frames, fps, colours)?,
            None => apng::write(frames, fps, &options.cancel)?,
        };
        let fits = settings
            .max_bytes
            .is_none_or(|most| bytes.len() as u64 <= most);
        if fits {
            let size = frames.first().map_or(first, RgbaImage::dimensions);
            return Ok((bytes, size, colours));
        }
        least = least.min(bytes.len());
    }
    let most = settings.max_bytes.unwrap_or(u64::MAX);
    Err(Error::too_large(
        "bytes at the smallest size",
        least as u64,
        most,
    ))
}

/// The longest sides and numbers of colours that are tried, one after the other.
fn attempts(longest: u32, container: Container) -> Vec<(u32, Option<u16>)> {
    let colours = match container {
        Container::Gif => Some(256),
        Container::Apng => None,
    };
    let least = (longest / 4).max(1);
    let mut sides = vec![longest];
    while let Some(next) = sides
        .last()
        .map(|side| side * 4 / 5)
        .filter(|side| *side >= least)
    {
        sides.push(next);
    }
    let mut attempts: Vec<_> = sides.iter().map(|side| (*side, colours)).collect();
    if let (Some(last), Container::Gif) = (sides.last(), container) {
        attempts.extend([(*last, Some(128)), (*last, Some(64))]);
    }
    attempts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_size_goes_before_the_colours() {
        let gif = attempts(512, Container::Gif);
        assert_eq!(gif[0], (512, Some(256)));
        assert_eq!(gif[1], (409, Some(256)));
        let last = gif.len() - 1;
        assert_eq!(
            gif[last - 1..],
            [(gif[last].0, Some(128)), (gif[last].0, Some(64))]
        );
        assert!(gif[last].0 >= 128);
        assert_eq!(attempts(1, Container::Apng), [(1, None)]);
        assert!(attempts(7, Container::Apng).len() > 2);
    }

    #[test]
    fn bursts_and_calm_take_turns() {
        let calm = RgbaImage::new(1, 1);
        let count = |frames, burst, calm_frames| {
            let settings = Loop {
                frames,
                burst,
                calm: calm_frames,
                ..Loop::default()
            };
            let maker = Maker {
                input: &[],
                recipe: &Recipe::default(),
                settings: &settings,
                options: &Options::default(),
                calm: &calm,
            };
            let order: String = (0..frames)
                .map(|frame| {
                    maker
                        .glitched(frame)
                        .map_or("-".into(), |index| index.to_string())
                })
                .collect();
            (order, maker.count())
        };
        assert_eq!(count(8, 2, 2), ("01--23--".into(), 4));
        assert_eq!(count(7, 3, 1), ("012-345".into(), 6));
        assert_eq!(count(4, 3, 0), ("0123".into(), 4));
        assert_eq!(count(3, 0, u32::MAX), ("0--".into(), 1));
    }
}
