//! Words on a picture.

use std::ops::Range;

use image::{Rgb, RgbImage};
use noto_sans_mono_bitmap::{FontWeight, RasterHeight, get_raster, get_raster_width};

use crate::pixels::mix;

const INK: Rgb<u8> = Rgb([24, 24, 28]);

/// How large words are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Pen {
    raster: RasterHeight,
    /// Pixels on the canvas for one of the raster, each way.
    zoom: u32,
}

impl Pen {
    /// The smallest that writes lines of at least this height in pixels.
    pub(crate) fn at_least(height: u32) -> Self {
        let (raster, zoom) = match height {
            0..=16 => (RasterHeight::Size16, 1),
            17..=24 => (RasterHeight::Size24, 1),
            _ => (RasterHeight::Size32, height.div_ceil(32)),
        };
        Pen { raster, zoom }
    }

    /// Height of a line in pixels.
    pub(crate) fn line(self) -> u32 {
        self.raster.val() as u32 * self.zoom
    }

    /// Letters that a line of so many pixels holds, one at least.
    pub(crate) fn letters(self, width: u32) -> usize {
        let letter = get_raster_width(FontWeight::Regular, self.raster) as u32 * self.zoom;
        (width / letter.max(1)).max(1) as usize
    }

    /// Writes one line with its upper left corner at a place.
    pub(crate) fn write(self, canvas: &mut RgbImage, text: &str, (left, top): (u32, u32)) {
        let mut left = left;
        for letter in text.chars() {
            let raster = |letter| get_raster(letter, FontWeight::Regular, self.raster);
            let Some(raster) = raster(letter).or_else(|| raster('?')) else {
                continue;
            };
            for (y, row) in (0..).zip(raster.rows()) {
                for (x, ink) in (0..).zip(row) {
                    self.dot(canvas, *ink, (left + x * self.zoom, top + y * self.zoom));
                }
            }
            left += raster.width() as u32 * self.zoom;
        }
    }

    fn dot(self, canvas: &mut RgbImage, ink: u8, (left, top): (u32, u32)) {
        for y in top..top + self.zoom {
            for x in left..left + self.zoom {
                if let Some(Rgb(ground)) = canvas.get_pixel_mut_checked(x, y) {
                    let inked = |sample: usize| mix(INK.0[sample], ground[sample], ink);
                    *ground = [inked(0), inked(1), inked(2)];
                }
            }
        }
    }
}

/// Cuts a text into lines of at most so many letters: behind a comma where there is one, or else
/// before a colon, or else anywhere. Nothing is left out.
pub(crate) fn wrap(text: &str, letters: usize) -> Vec<&str> {
    let mut lines = Vec::new();
    let mut rest = text;
    while rest.chars().nth(letters).is_some() {
        let range = line(rest, letters.max(1));
        lines.push(&rest[range.clone()]);
        rest = &rest[range.end..];
    }
    lines.push(rest);
    lines
}

/// Where the first line of a text is that is longer.
fn line(text: &str, letters: usize) -> Range<usize> {
    let full = text
        .char_indices()
        .nth(letters)
        .map_or(text.len(), |(at, _)| at);
    let head = &text[..full];
    let end = match (head.rfind(','), head.rfind(':')) {
        (Some(comma), _) => comma + 1,
        (None, Some(colon)) if colon > 0 => colon,
        _ => full,
    };
    0..end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_words_wrap_and_nothing_is_lost() {
        let text = "sort:len=400:times=3,replace,filter=paeth,seed=18446744073709551615";
        for letters in 1..80 {
            let lines = wrap(text, letters);
            assert_eq!(lines.concat(), text);
            let fits = |line: &&str| (1..=letters).contains(&line.chars().count());
            assert!(lines.iter().all(fits), "{letters}: {lines:?}");
        }
        assert_eq!(
            wrap("replace,sort:len=40,seed=7", 14),
            ["replace,", "sort:len=40,", "seed=7"]
        );
        assert_eq!(wrap("shuffle:times=20", 10), ["shuffle", ":times=20"]);
    }

    #[test]
    fn every_letter_of_a_recipe_can_be_written() {
        for letter in ('a'..='z').chain('0'..='9').chain(":=,-".chars()) {
            for raster in [16, 24, 32] {
                let raster = Pen::at_least(raster).raster;
                let drawn = get_raster(letter, FontWeight::Regular, raster);
                let inked = drawn.is_some_and(|drawn| drawn.pixels().iter().any(|ink| *ink > 128));
                assert!(inked, "{letter}");
            }
        }
    }

    #[test]
    fn a_pen_is_as_large_as_it_has_to_be() {
        for (asked, line) in [(1, 16), (17, 24), (25, 32), (33, 64), (100, 128)] {
            assert_eq!(Pen::at_least(asked).line(), line);
        }
    }

    #[test]
    fn what_is_written_is_dark_and_stays_on_the_canvas() {
        let mut canvas = RgbImage::from_pixel(60, 20, Rgb([255; 3]));
        Pen::at_least(16).write(&mut canvas, "seed=7, and more of it", (2, 2));
        assert!(canvas.pixels().any(|pixel| pixel.0[0] < 60));
    }
}
