//! The palette of an indexed-colour picture (PNG 11.2.2), as far as a pass may edit it.

use super::effect::look_different;
use super::filter::unfilter;
use super::geometry::ReducedImage;
use super::header::Palette;
use super::picture::Picture;
use super::scanlines::Scanlines;
use crate::cancel::Cancel;
use crate::control::Alpha;
use crate::error::Error;
use crate::rows;

pub(super) struct Colours {
    /// Index of PLTE among the chunks.
    pub(super) chunk: usize,
    /// Where its data lie in the file.
    offset: usize,
    input: Palette,
    now: Vec<[u8; 3]>,
    alpha: Alpha,
    census: Option<Census>,
}

/// What is known once the pixels were counted.
struct Census {
    /// How many pixels of the input have each index.
    pixels: [u64; 256],
    movable: Vec<usize>,
}

impl Colours {
    /// `None` for a picture that is not indexed: a palette there only suggests.
    pub(super) fn new(picture: &Picture<'_>, alpha: Alpha) -> Option<Self> {
        if !picture.header.is_indexed() {
            return None;
        }
        let chunks = &picture.container.chunks;
        let chunk = chunks.iter().position(|chunk| chunk.kind == *b"PLTE")?;
        let colours = picture.palette.0.iter();
        Some(Colours {
            chunk,
            offset: chunks[chunk].data().start,
            input: picture.palette.clone(),
            now: colours.map(|&[r, g, b, _]| [r, g, b]).collect(),
            alpha,
            census: None,
        })
    }

    /// The palette for a pass. Counts the pixels when it is first asked for.
    pub(super) fn lend(
        &mut self,
        scanlines: &Scanlines,
        cancel: &Cancel,
    ) -> Result<rows::Palette<'_>, Error> {
        if self.census.is_none() {
            let pixels = count(scanlines, cancel)?;
            let movable = self.movable(&pixels);
            self.census = Some(Census { pixels, movable });
        }
        let movable = self.census.as_ref().map(|census| &census.movable[..]);
        Ok(rows::Palette {
            colours: &mut self.now,
            movable: movable.unwrap_or_default(),
            offset: self.offset,
        })
    }

    /// The entries that pixels have. Where the alpha is kept those that are not opaque stay out of
    /// it: nobody sees, as a rule, what colour they hide. If the rest is of one colour, all may move.
    fn movable(&self, pixels: &[u64; 256]) -> Vec<usize> {
        let entries = self.input.0.iter().enumerate();
        let used = entries.filter(|(index, _)| pixels[*index] > 0);
        let opaque = |colour: &[u8; 4]| self.alpha == Alpha::Glitch || colour[3] == 255;
        let shown = used.clone().filter(|(_, colour)| opaque(colour));
        let lists = [shown.collect::<Vec<_>>(), used.collect()];
        let differ = |list: &&Vec<(usize, &[u8; 4])>| {
            list.iter().any(|(_, colour)| colour[..3] != list[0].1[..3])
        };
        let list = lists.iter().find(differ);
        let indices = list.map(|list| list.iter().map(|(index, _)| *index).collect());
        indices.unwrap_or_else(|| (0..self.input.0.len()).collect())
    }

    pub(super) fn changed(&self) -> bool {
        let mut pairs = self.now.iter().zip(&self.input.0);
        pairs.any(|(now, input)| now[..] != input[..3])
    }

    /// How many pixels of the input look different by what became of the palette.
    pub(super) fn recoloured(&self) -> u64 {
        let Some(census) = &self.census else {
            return 0;
        };
        let pairs = self.now.iter().zip(&self.input.0).zip(&census.pixels);
        let differ = pairs.filter(|((now, input), _)| {
            let [r, g, b] = **now;
            look_different(input, &[r, g, b, input[3]])
        });
        differ.map(|(_, pixels)| pixels).sum()
    }

    /// The data of PLTE as they are now. Entries past what the bit depth can name stay.
    pub(super) fn write(&self, input: &[u8]) -> Vec<u8> {
        let mut data = self.now.as_flattened().to_vec();
        data.extend_from_slice(input.get(data.len()..).unwrap_or_default());
        data
    }
}

/// How many pixels of the input have each index.
fn count(scanlines: &Scanlines, cancel: &Cancel) -> Result<[u64; 256], Error> {
    let mut pixels = [0; 256];
    for image in scanlines.geometry.images() {
        let mut above = vec![0; image.row_len];
        let mut current = above.clone();
        for row in 0..image.rows() {
            cancel.check()?;
            let now = (scanlines.filter_type(image, row), scanlines.row(image, row));
            let (kind, filtered) = scanlines.row_before(image, row).unwrap_or(now);
            unfilter(kind, 1, (&above, filtered), &mut current);
            count_row(scanlines, image, &current, &mut pixels);
            std::mem::swap(&mut above, &mut current);
        }
    }
    Ok(pixels)
}

fn count_row(scanlines: &Scanlines, image: &ReducedImage, row: &[u8], pixels: &mut [u64; 256]) {
    let depth = usize::from(scanlines.geometry.header.bit_depth);
    let mask = 0xFF >> (8 - depth);
    let mut left = image.width as usize;
    for byte in row {
        let shifts = (0..8).step_by(depth).rev().take(left);
        left -= shifts.len();
        for shift in shifts {
            pixels[usize::from(byte >> shift & mask)] += 1;
        }
    }
}
