//! The scanlines of an image: reduced images (PNG 8.2), filters (9.2), samples (7.2).

use std::ops::Range;

use super::super::{Fault, require};
use super::header::{Header, Interlace};
use super::zlib;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    pub width: u32,
    pub height: u32,
    /// One for an image that is not interlaced; of the seven of Adam7 those that have pixels.
    pub reduced_images: Vec<ReducedImage>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReducedImage {
    pub width: u32,
    pub height: u32,
    /// Bytes of a scanline, without the filter type.
    pub scanline_bytes: usize,
    pub filter_types: Vec<u8>,
    /// The scanlines one after the other, unfiltered, packed as in the file.
    pub samples: Vec<u8>,
}

/// PNG 8.2: of each reduced image the first column and row, and the steps to the next.
const ADAM7: [(u32, u32, u32, u32); 7] = [
    (0, 0, 8, 8),
    (4, 0, 8, 8),
    (0, 4, 4, 8),
    (2, 0, 4, 4),
    (0, 2, 2, 4),
    (1, 0, 2, 2),
    (0, 1, 1, 2),
];

/// Decodes the image whose zlib stream is in `parts` of the file.
pub fn decode(
    bytes: &[u8],
    parts: &[Range<usize>],
    header: &Header,
    palette_length: Option<usize>,
) -> Result<Image, Fault> {
    let start = parts.first().map_or(0, |part| part.start);
    let sizes = sizes(header);
    let bits = header.bits_per_pixel();
    let scanline = |width: u32| (u64::from(width) * bits).div_ceil(8);
    let total = sizes
        .iter()
        .map(|&(width, height)| u128::from(height) * u128::from(1 + scanline(width)))
        .sum::<u128>();
    // No file holds more, and then the stream is too short for certain.
    let total = u64::try_from(total).unwrap_or(u64::MAX);
    let filtered = zlib::inflate(bytes, parts, total)?;
    let mut rest = &filtered[..];
    let mut reduced_images = Vec::new();
    for (width, height) in sizes {
        let scanline_bytes = scanline(width) as usize;
        let (these, others) = rest.split_at(height as usize * (1 + scanline_bytes));
        rest = others;
        let mut reduced = ReducedImage {
            width,
            height,
            scanline_bytes,
            filter_types: Vec::new(),
            samples: Vec::new(),
        };
        reduced.unfilter(these, header, start)?;
        reduced.check_scanline_ends(header, start)?;
        if header.colour_type == 3 {
            reduced.check_indices(header, palette_length.unwrap_or(0), start)?;
        }
        reduced_images.push(reduced);
    }
    Ok(Image {
        width: header.width,
        height: header.height,
        reduced_images,
    })
}

/// The width and height of each reduced image that has pixels.
fn sizes(header: &Header) -> Vec<(u32, u32)> {
    if header.interlace == Interlace::None {
        return vec![(header.width, header.height)];
    }
    let size = |(column, row, columns, rows)| {
        let along = |size: u32, first: u32, step| size.saturating_sub(first).div_ceil(step);
        (
            along(header.width, column, columns),
            along(header.height, row, rows),
        )
    };
    let has_pixels = |&(width, height): &(u32, u32)| width > 0 && height > 0;
    ADAM7.map(size).into_iter().filter(has_pixels).collect()
}

impl ReducedImage {
    /// PNG 9.2. Bytes to the left of the first pixel and above the first scanline count as 0.
    fn unfilter(&mut self, filtered: &[u8], header: &Header, start: usize) -> Result<(), Fault> {
        let pixel_bytes = header.bits_per_pixel().div_ceil(8) as usize;
        let mut above = vec![0; self.scanline_bytes];
        for (number, line) in filtered.chunks_exact(1 + self.scanline_bytes).enumerate() {
            let filter_type = line[0];
            require(
                filter_type <= 4,
                start,
                format_args!("filter type {filter_type} of scanline {number}"),
            )?;
            let mut current = line[1..].to_vec();
            for x in 0..current.len() {
                let (left, above_left) = match x.checked_sub(pixel_bytes) {
                    Some(x) => (current[x], above[x]),
                    None => (0, 0),
                };
                let predictor = match filter_type {
                    0 => 0,
                    1 => left,
                    2 => above[x],
                    3 => ((u16::from(left) + u16::from(above[x])) / 2) as u8,
                    _ => paeth(left, above[x], above_left),
                };
                current[x] = current[x].wrapping_add(predictor);
            }
            self.filter_types.push(filter_type);
            self.samples.extend_from_slice(&current);
            above = current;
        }
        Ok(())
    }

    /// PNG 7.2 leaves the unused low bits of a scanline's last byte open; the library promises that they are 0.
    fn check_scanline_ends(&self, header: &Header, start: usize) -> Result<(), Fault> {
        let used = (u64::from(self.width) * header.bits_per_pixel() % 8) as u32;
        if used == 0 {
            return Ok(());
        }
        for (number, line) in self.samples.chunks_exact(self.scanline_bytes).enumerate() {
            require(
                line[line.len() - 1] << used == 0,
                start,
                format_args!("padding bits of scanline {number} that are not 0"),
            )?;
        }
        Ok(())
    }

    /// PNG 11.2.2: it is an error for an index to lie outside the palette.
    fn check_indices(&self, header: &Header, entries: usize, start: usize) -> Result<(), Fault> {
        let depth = usize::from(header.bit_depth);
        for (number, line) in self.samples.chunks_exact(self.scanline_bytes).enumerate() {
            for x in 0..self.width as usize {
                let bit = x * depth;
                // PNG 7.2: the leftmost pixel is in the high bits.
                let index = line[bit / 8] >> (8 - depth - bit % 8) & (0xFF >> (8 - depth));
                require(
                    usize::from(index) < entries,
                    start,
                    format_args!(
                        "palette index {index} of pixel {x}, scanline {number}: PLTE has {entries} entries"
                    ),
                )?;
            }
        }
        Ok(())
    }
}

/// PNG 9.4.
fn paeth(left: u8, above: u8, above_left: u8) -> u8 {
    let estimate = i16::from(left) + i16::from(above) - i16::from(above_left);
    let distance = |value: u8| (estimate - i16::from(value)).abs();
    if distance(left) <= distance(above) && distance(left) <= distance(above_left) {
        left
    } else if distance(above) <= distance(above_left) {
        above
    } else {
        above_left
    }
}
