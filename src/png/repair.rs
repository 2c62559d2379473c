//! Makes changed scanlines legal again, and sees how much of the picture changed: one walk over
//! the rows does both, since both need them unfiltered.
//!
//! Any filtered byte is legal in most pictures. Not so where the palette is shorter than the bit
//! depth could name (PNG 11.2.2), or where a row ends inside a byte: there the row is unfiltered,
//! mended, and filtered again.

use super::effect::Eye;
use super::filter::{Rows, filter, unfilter};
use super::header::{Header, Palette};
use super::scanlines::{ReducedImage, Scanlines};
use crate::document::Share;

/// What the unfiltered bytes of a picture may be.
pub(super) struct Legal {
    bits_per_pixel: usize,
    /// For each byte the legal one in its place: indices outside the palette are taken modulo its
    /// length. `None` where every byte is legal.
    in_palette: Option<Box<[u8; 256]>>,
}

impl Legal {
    pub(super) fn new(header: &Header, palette: &Palette) -> Self {
        let colours = palette.0.len();
        let any_index = colours >= 1 << header.bit_depth || colours == 0;
        let in_palette = (header.is_indexed() && !any_index)
            .then(|| Box::new(bytes_in_palette(header.bit_depth, colours)));
        Legal {
            bits_per_pixel: header.bits_per_pixel(),
            in_palette,
        }
    }

    /// The bits of the last byte of a row that hold pixels.
    fn last_byte(&self, image: &ReducedImage) -> u8 {
        match image.width as usize * self.bits_per_pixel % 8 {
            0 => 0xFF,
            used => !(0xFF >> used),
        }
    }

    /// Whether there are rows of a reduced image that are not legal.
    fn excludes_any(&self, image: &ReducedImage) -> bool {
        self.in_palette.is_some() || self.last_byte(image) != 0xFF
    }

    /// Makes an unfiltered row legal and tells whether it was not.
    fn mend(&self, image: &ReducedImage, row: &mut [u8]) -> bool {
        let mut mended = false;
        if let Some(in_palette) = &self.in_palette {
            for byte in row.iter_mut() {
                let legal = in_palette[usize::from(*byte)];
                mended |= legal != *byte;
                *byte = legal;
            }
        }
        if let Some(last) = row.last_mut() {
            let legal = *last & self.last_byte(image);
            mended |= legal != *last;
            *last = legal;
        }
        mended
    }
}

fn bytes_in_palette(bit_depth: u8, colours: usize) -> [u8; 256] {
    let depth = usize::from(bit_depth);
    let mask = 0xFF >> (8 - depth);
    std::array::from_fn(|byte| {
        let legal = (0..8).step_by(depth).map(|shift| {
            let index = byte >> shift & mask;
            (index % colours) << shift
        });
        legal.fold(0, |byte, bits| byte | bits) as u8
    })
}

/// Makes the rows of an input legal. What they hold then counts as the input.
pub(super) fn mend_input(scanlines: &mut Scanlines, legal: &Legal) {
    let unit = scanlines.geometry.header.filter_unit();
    let images = scanlines.geometry.images().to_vec();
    for image in images.iter().filter(|image| legal.excludes_any(image)) {
        // Filtering needs the row above as it is now, unfiltering as it was.
        let mut above = vec![0; image.row_len];
        let mut mended_above = above.clone();
        let mut current = above.clone();
        for row in 0..image.rows() {
            let kind = scanlines.filter_type(image, row);
            current.copy_from_slice(scanlines.row(image, row));
            unfilter(kind, unit, &above, &mut current);
            above.copy_from_slice(&current);
            let above_differs = kind.needs_above() && row > 0;
            if legal.mend(image, &mut current) || above_differs && mended_above != current {
                let rows = Rows {
                    above: &mended_above,
                    row: &current,
                };
                filter(kind, unit, rows, scanlines.row_mut(image, row));
            }
            std::mem::swap(&mut mended_above, &mut current);
        }
    }
}

/// A row and the row above, unfiltered, of the input (`before`) and of the glitched picture.
struct Pair {
    above_before: Vec<u8>,
    above_after: Vec<u8>,
    before: Vec<u8>,
    after: Vec<u8>,
}

/// Makes changed rows legal, and all that depend on them, and counts the pixels that look
/// different. Where every row is legal it stops as soon as the glitch shows.
pub(super) fn repair(scanlines: &mut Scanlines, legal: &Legal, eye: &Eye) -> Share {
    let mut share = Share {
        changed: 0,
        of: scanlines.geometry.pixels(),
    };
    let images = scanlines.geometry.images().to_vec();
    for image in &images {
        if share.shows() && !legal.excludes_any(image) {
            continue;
        }
        let zero = vec![0; image.row_len];
        let mut pair = Pair {
            above_before: zero.clone(),
            above_after: zero.clone(),
            before: zero.clone(),
            after: zero,
        };
        let mut row = 0;
        while let Some(changed) = scanlines.next_changed(image, row) {
            pair.go_to(scanlines, image, row..changed);
            row = changed;
            let differs = |pair: &Pair| pair.above_before != pair.above_after;
            loop {
                pair.unfilter(scanlines, image, row);
                if legal.mend(image, &mut pair.after) {
                    pair.refilter(scanlines, image, row);
                }
                share.changed += eye.count(&pair.before, &pair.after, image.width as usize);
                pair.advance();
                row += 1;
                let enough = share.shows() && !legal.excludes_any(image);
                if row == image.rows() || enough {
                    row = image.rows();
                    break;
                }
                if !differs(&pair) {
                    break;
                }
            }
        }
    }
    share
}

impl Pair {
    /// Goes to the end of rows that are the same in both, of which the one above the first is
    /// known. Starts as late as the filter types allow.
    fn go_to(
        &mut self,
        scanlines: &Scanlines,
        image: &ReducedImage,
        rows: std::ops::Range<usize>,
    ) {
        let unit = scanlines.geometry.header.filter_unit();
        let start = scanlines.chain_start(image, rows.end, rows.start);
        for row in start..rows.end {
            self.before.copy_from_slice(scanlines.row(image, row));
            let kind = scanlines.filter_type(image, row);
            unfilter(kind, unit, &self.above_before, &mut self.before);
            std::mem::swap(&mut self.above_before, &mut self.before);
        }
        self.above_after.copy_from_slice(&self.above_before);
    }

    fn unfilter(&mut self, scanlines: &Scanlines, image: &ReducedImage, row: usize) {
        let unit = scanlines.geometry.header.filter_unit();
        let kind = scanlines.filter_type(image, row);
        let now = scanlines.row(image, row);
        let before = scanlines.row_before(image, row).unwrap_or(now);
        self.before.copy_from_slice(before);
        self.after.copy_from_slice(now);
        unfilter(kind, unit, &self.above_before, &mut self.before);
        unfilter(kind, unit, &self.above_after, &mut self.after);
    }

    fn refilter(&self, scanlines: &mut Scanlines, image: &ReducedImage, row: usize) {
        let unit = scanlines.geometry.header.filter_unit();
        let rows = Rows {
            above: &self.above_after,
            row: &self.after,
        };
        let mut filtered = vec![0; image.row_len];
        filter(scanlines.filter_type(image, row), unit, rows, &mut filtered);
        scanlines.write(image.lanes().start + row, 0, &filtered);
    }

    fn advance(&mut self) {
        std::mem::swap(&mut self.above_before, &mut self.before);
        std::mem::swap(&mut self.above_after, &mut self.after);
    }
}
