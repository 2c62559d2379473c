//! Many glitches of one picture on one sheet, each with the words that make it.

use image::codecs::{jpeg::JpegEncoder, png::PngEncoder};
use image::{ExtendedColorType, ImageEncoder, Rgb, RgbImage, RgbaImage};
use rayon::prelude::*;

use crate::error::Error;
use crate::format::Format;
use crate::label::{self, Pen};
use crate::presets::PRESETS;
use crate::recipe::Recipe;
use crate::{Options, pixels, rng};

/// What is on a contact sheet, and how it is laid out.
#[derive(Clone, Debug)]
pub struct Sheet {
    /// What each tile behind the first is made by. The first is the picture as it is.
    pub recipes: Vec<Recipe>,
    /// Tiles beside each other. `None`: three to five, whichever leaves the fewest gaps.
    pub columns: Option<u32>,
    /// Width of a tile in pixels; a picture that is smaller is not enlarged.
    pub width: u32,
    /// The kind of file that the sheet is written as.
    pub format: Format,
}

/// A contact sheet.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ContactSheet {
    /// The file.
    pub bytes: Vec<u8>,
    /// Its width and height in pixels.
    pub size: (u32, u32),
    /// The words under each tile behind the first: recipes with their seeds.
    pub labels: Vec<String>,
}

/// Width of a tile where none is told.
const WIDTH: u32 = 320;

/// Width in pixels that even the smallest tile has for its words.
const ROOM: u32 = 160;

/// The words under the first tile.
const ORIGINAL: &str = "original";

const PAPER: Rgb<u8> = Rgb([246, 246, 244]);

/// Drawn seeds are below this, for they are read by people.
const SHORT_SEEDS: u64 = 1_000_000;

impl Sheet {
    /// So many variants of a recipe, with its seed and those that follow it.
    pub fn of_seeds(recipe: &Recipe, count: u32) -> Self {
        let first = seed_or_drawn(recipe.seed);
        let seeds = (0..u64::from(count)).map(|step| first.wrapping_add(step));
        Sheet::of(seeds.map(|seed| recipe.clone().with_seed(seed)).collect())
    }

    /// All presets that do something to pictures of a format, with one seed.
    pub fn of_presets(format: Format, seed: Option<u64>) -> Self {
        let seed = seed_or_drawn(seed);
        let recipes = PRESETS.iter().filter_map(|preset| {
            let recipe: Recipe = preset.name.parse().ok()?;
            let works = !recipe.is_empty() && recipe.check_format(format).is_ok();
            works.then(|| recipe.with_seed(seed))
        });
        Sheet::of(recipes.collect())
    }

    fn of(recipes: Vec<Recipe>) -> Self {
        Sheet {
            recipes,
            columns: None,
            width: WIDTH,
            format: Format::Png,
        }
    }
}

fn seed_or_drawn(seed: Option<u64>) -> u64 {
    seed.unwrap_or_else(|| rng::fresh_seed() % SHORT_SEEDS)
}

/// Glitches a picture by every recipe of a sheet, and lays out what comes of it, scaled down, upright
/// and each with the words that make it. `tell` is called whenever one of them is done.
///
/// As many are worked on at once as the threads of the current rayon pool allow.
///
/// # Errors
/// See [`ErrorKind`](crate::ErrorKind). A sheet of more pixels than the limits allow, or one that its
/// format cannot hold, is [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge).
pub fn sheet(
    input: &[u8],
    sheet: &Sheet,
    options: &Options,
    tell: &(dyn Fn() + Sync),
) -> Result<ContactSheet, Error> {
    let original = pixels::decode(input, options)?.into_rgba8();
    // Tall pictures are no taller than twice their width.
    let box_of = (sheet.width.max(1), sheet.width.max(1).saturating_mul(2));
    let tile = pixels::fit(original.dimensions(), box_of);
    // Seeds that are not told are drawn before the words are laid out.
    let recipes: Vec<Recipe> = sheet
        .recipes
        .iter()
        .map(|recipe| {
            let seed = seed_or_drawn(recipe.seed);
            recipe.clone().with_seed(seed)
        })
        .collect();
    let labels: Vec<String> = recipes.iter().map(Recipe::to_string).collect();
    let plan = Plan::new(sheet, tile, &labels)?;
    options
        .limits
        .check_pixels(u64::from(plan.size.0) * u64::from(plan.size.1))?;
    let original = pixels::scaled(original, box_of);
    let tiles = recipes.par_iter().map(|recipe| {
        let tile = pixels::glitched(input, recipe, box_of, options)?;
        tell();
        Ok(tile)
    });
    let tiles = tiles.collect::<Result<Vec<_>, Error>>()?;
    options.cancel.check()?;
    let canvas = plan.draw(std::iter::once(&original).chain(&tiles));
    Ok(ContactSheet {
        bytes: write(&canvas, sheet.format)?,
        size: plan.size,
        labels,
    })
}

/// Where everything on a sheet is.
struct Plan {
    size: (u32, u32),
    pen: Pen,
    /// The upper left corner of each tile, and the lines under it.
    places: Vec<((u32, u32), Vec<String>)>,
    /// Width of the place for a tile, and height of a tile.
    cell: (u32, u32),
}

impl Plan {
    fn new(sheet: &Sheet, tile: (u32, u32), labels: &[String]) -> Result<Self, Error> {
        let count = labels.len() as u32 + 1;
        let columns = sheet
            .columns
            .unwrap_or_else(|| columns(count))
            .clamp(1, count);
        // Small pictures stand closer, but leave room for words.
        let cell = tile.0.max(ROOM).min(sheet.width.max(1));
        let gap = (cell / 20).max(8);
        let too_wide = || Error::too_large("pixels beside each other", u64::MAX, MOST_SIDE.into());
        let width = (cell.checked_add(gap))
            .and_then(|step| step.checked_mul(columns)?.checked_add(gap))
            .filter(|width| *width <= MOST_SIDE)
            .ok_or_else(too_wide)?;
        // Lines of 15 pixels at least where the sheet is shown 1000 pixels wide.
        let pen = Pen::at_least((width * 15).div_ceil(1000));
        let letters = pen.letters(cell);
        let mut texts = vec![vec![ORIGINAL.to_owned()]];
        texts.extend(labels.iter().map(|text| {
            let lines = label::wrap(text, letters).into_iter();
            lines.map(str::to_owned).collect()
        }));
        let mut places = Vec::new();
        let mut top = u64::from(gap);
        for row in texts.chunks(columns as usize) {
            for (column, lines) in (0..).zip(row) {
                let left = gap + column * (cell + gap);
                places.push(((left, top as u32), lines.clone()));
            }
            let lines = row.iter().map(Vec::len).max().unwrap_or_default() as u64;
            top += u64::from(tile.1 + gap / 2 + gap) + lines * u64::from(pen.line());
            if top > u64::from(MOST_SIDE) {
                return Err(Error::too_large(
                    "pixels below each other",
                    top,
                    MOST_SIDE.into(),
                ));
            }
        }
        Ok(Plan {
            size: (width, top as u32),
            pen,
            places,
            cell: (cell, tile.1),
        })
    }

    fn draw<'a>(&self, tiles: impl Iterator<Item = &'a RgbaImage>) -> RgbImage {
        let mut canvas = RgbImage::from_pixel(self.size.0, self.size.1, PAPER);
        let words_below = self.cell.1 + (self.cell.0 / 20).max(8) / 2;
        for (((left, top), lines), tile) in self.places.iter().zip(tiles) {
            pixels::draw(&mut canvas, tile, (*left, *top));
            for (line, text) in (0..).zip(lines) {
                let place = (*left, top + words_below + line * self.pen.line());
                self.pen.write(&mut canvas, text, place);
            }
        }
        canvas
    }
}

/// The longest side of a JPEG (T.81 B.2.2).
const MOST_SIDE: u32 = 65_535;

/// Three to five, whichever leaves the fewest gaps in the last row; of those the most.
fn columns(count: u32) -> u32 {
    let gaps = |columns: u32| count.next_multiple_of(columns) - count;
    (3..=5)
        .rev()
        .min_by_key(|columns| gaps(*columns))
        .unwrap_or(3)
}

fn write(canvas: &RgbImage, format: Format) -> Result<Vec<u8>, Error> {
    const QUALITY: u8 = 88;
    let mut bytes = Vec::new();
    let (width, height) = canvas.dimensions();
    let color = ExtendedColorType::Rgb8;
    let written = match format {
        Format::Jpeg => {
            let encoder = JpegEncoder::new_with_quality(&mut bytes, QUALITY);
            encoder.write_image(canvas.as_raw(), width, height, color)
        }
        Format::Png => {
            PngEncoder::new(&mut bytes).write_image(canvas.as_raw(), width, height, color)
        }
    };
    written.map_err(|error| Error::unsound(error.to_string()))?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_row_is_as_full_as_it_can_be() {
        for (count, wide) in [(2, 3), (9, 3), (10, 5), (12, 4), (13, 5), (16, 4)] {
            assert_eq!(columns(count), wide, "{count}");
        }
    }

    #[test]
    fn no_tile_lies_on_words_or_on_another() {
        let recipe: Recipe = "sort:len=40:times=3,replace,filter=paeth".parse().unwrap();
        for columns in 1..12 {
            let mut sheet = Sheet::of_seeds(&recipe.clone().with_seed(u64::MAX - 2), 7);
            sheet.columns = Some(columns);
            let labels: Vec<_> = sheet.recipes.iter().map(Recipe::to_string).collect();
            let plan = Plan::new(&sheet, (320, 240), &labels).unwrap();
            assert_eq!(plan.places.len(), 8);
            let last = plan.places.iter().map(|((left, top), lines)| {
                let words = lines.len() as u32 * plan.pen.line();
                (left + 320, top + 240 + 8 + words)
            });
            for (right, bottom) in last.clone() {
                assert!(right < plan.size.0 && bottom < plan.size.1);
            }
            for (((left, top), _), (right, bottom)) in plan.places.iter().skip(1).zip(last) {
                assert!(*left > right || *top > bottom, "{columns}");
            }
            let text: String = plan.places[1].1.concat();
            assert_eq!(text, labels[0]);
        }
    }

    #[test]
    fn a_sheet_without_bounds_is_refused() {
        let mut sheet = Sheet::of_seeds(&Recipe::default(), 300);
        sheet.columns = Some(300);
        let labels: Vec<_> = sheet.recipes.iter().map(Recipe::to_string).collect();
        assert!(Plan::new(&sheet, (320, 240), &labels).is_err());
        sheet.columns = Some(1);
        assert!(Plan::new(&sheet, (320, 240), &labels).is_err());
        sheet.columns = None;
        Plan::new(&sheet, (320, 240), &labels).unwrap();
    }

    #[test]
    fn the_presets_are_all_that_do_something() {
        for format in [Format::Jpeg, Format::Png] {
            let sheet = Sheet::of_presets(format, Some(7));
            assert!(!sheet.recipes.is_empty());
            for recipe in &sheet.recipes {
                assert!(!recipe.is_empty() && recipe.seed == Some(7));
            }
        }
    }
}
