//! Makes changed scanlines legal again, and sees how much of the picture changed: one walk over
//! the rows does both, since both need them unfiltered.
//!
//! Any filtered byte is legal in most pictures. Not so where the palette is shorter than the bit
//! depth could name (PNG 11.2.2), or where a row ends inside a byte: there the row is unfiltered,
//! mended, and filtered again.

use super::effect::Eye;
use super::filter::{filter, unfilter};
use super::geometry::ReducedImage;
use super::header::{Header, Palette};
use super::pair::Pair;
use super::scanlines::Scanlines;
use crate::cancel::Cancel;
use crate::document::Share;
use crate::error::Error;

/// What the unfiltered bytes of a picture may be.
pub(super) struct Legal {
    bits_per_pixel: usize,
    colours: usize,
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
            colours,
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
    pub(super) fn excludes_any(&self, image: &ReducedImage) -> bool {
        self.in_palette.is_some() || self.last_byte(image) != 0xFF
    }

    /// Whether an unfiltered row is legal.
    pub(super) fn is_legal(&self, image: &ReducedImage, row: &[u8]) -> bool {
        let is_in_palette = match &self.in_palette {
            None => true,
            // Bytes are indices here, and the largest tells: no table, and no way out in the middle.
            Some(_) if self.bits_per_pixel == 8 => {
                let largest = row.iter().fold(0, |largest, &byte| byte.max(largest));
                usize::from(largest) < self.colours
            }
            Some(legal) => row.iter().all(|byte| legal[usize::from(*byte)] == *byte),
        };
        let last = row.last().copied().unwrap_or(0);
        is_in_palette && last & !self.last_byte(image) == 0
    }

    /// Makes an unfiltered row legal and tells whether it was not.
    pub(super) fn mend(&self, image: &ReducedImage, row: &mut [u8]) -> bool {
        if self.is_legal(image, row) {
            return false;
        }
        if let Some(legal) = &self.in_palette {
            for byte in row.iter_mut() {
                *byte = legal[usize::from(*byte)];
            }
        }
        if let Some(last) = row.last_mut() {
            *last &= self.last_byte(image);
        }
        true
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
pub(super) fn mend_input(
    scanlines: &mut Scanlines,
    legal: &Legal,
    cancel: &Cancel,
) -> Result<(), Error> {
    let unit = scanlines.geometry.header.filter_unit();
    let images = scanlines.geometry.images().to_vec();
    for image in images.iter().filter(|image| legal.excludes_any(image)) {
        scanlines.allocate_source();
        // Filtering needs the row above as it is now, unfiltering as it was.
        let mut above_was: Option<Vec<u8>> = None;
        for row in 0..image.rows() {
            cancel.check()?;
            let (source, (kind, filtered)) = scanlines.source_and_input(image, row);
            let (above, current) = source.row_mut(image, row);
            let above = above_was.as_deref().unwrap_or(above);
            unfilter(kind, unit, (above, filtered), current);
            let is_legal = legal.is_legal(image, current);
            let was = (!is_legal).then(|| current.to_vec());
            if !is_legal {
                legal.mend(image, current);
            }
            if !is_legal || above_was.is_some() && kind.needs_above() {
                let (source, into) = scanlines.source_and_row(image, row);
                filter(kind, unit, source.rows(image, row), into);
            }
            above_was = was;
        }
    }
    Ok(())
}

/// Makes changed rows legal, and all that depend on them, and counts the pixels that look
/// different. Where every row is legal it stops as soon as the glitch shows.
pub(super) fn repair(
    scanlines: &mut Scanlines,
    legal: &Legal,
    eye: &Eye,
    cancel: &Cancel,
) -> Result<Share, Error> {
    let mut share = Share {
        changed: 0,
        of: scanlines.geometry.pixels(),
    };
    let unit = scanlines.geometry.header.filter_unit();
    let images = scanlines.geometry.images().to_vec();
    for image in &images {
        if share.shows() && !legal.excludes_any(image) {
            continue;
        }
        let mut pair = Pair::new(image);
        let mut row = 0;
        while let Some(changed) = scanlines.next_changed(image, row) {
            pair.go_to(scanlines, image, row..changed, cancel)?;
            row = changed;
            loop {
                cancel.check()?;
                pair.unfilter(scanlines, image, row, cancel)?;
                if legal.excludes_any(image) && legal.mend(image, &mut pair.after) {
                    let kind = scanlines.filter_type(image, row);
                    let bytes = scanlines.lane_mut(image.lanes().start + row);
                    pair.refilter(kind, unit, bytes);
                }
                if !share.shows() {
                    let before = scanlines.source.row(image, row);
                    share.changed += eye.count(before, &pair.after, image.width as usize);
                }
                pair.advance(scanlines, image, row);
                row += 1;
                let enough = share.shows() && !legal.excludes_any(image);
                if row == image.rows() || enough {
                    row = image.rows();
                    break;
                }
                if pair.is_same() {
                    break;
                }
            }
        }
    }
    Ok(share)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::png::filter::FilterType;
    use crate::png::geometry::Geometry;
    use crate::png::header::ColourType;
    use crate::rng::Stream;
    use proptest::prelude::*;

    /// Filtered scanlines of 23 x 11 pixels, every byte and filter type drawn.
    pub(in crate::png) fn scanlines(
        (bit_depth, colour): (u8, u8),
        interlaced: bool,
        seed: u64,
    ) -> Scanlines {
        let colour_type = match colour {
            0 => ColourType::Greyscale,
            2 => ColourType::Truecolour,
            3 => ColourType::IndexedColour,
            4 => ColourType::GreyscaleAlpha,
            _ => ColourType::TruecolourAlpha,
        };
        let mut geometry = Geometry::new(Header {
            width: 23,
            height: 11,
            bit_depth,
            colour_type,
            interlaced,
        });
        let len = geometry.add_frame(23, 11).unwrap();
        let mut stream = Stream::new(seed, 0, 0);
        let filtered = (0..len).map(|_| stream.below(256) as u8).collect();
        let mut scanlines = Scanlines::new(geometry, filtered);
        for image in scanlines.geometry.images().to_vec() {
            for row in 0..image.rows() {
                let kind = FilterType::ALL[stream.index(5)];
                scanlines.set_filter_type(&image, row, kind);
            }
        }
        scanlines
    }

    /// The unfiltered rows of all reduced images, one after the other.
    pub(in crate::png) fn pixels(scanlines: &Scanlines) -> Vec<Vec<u8>> {
        let unit = scanlines.geometry.header.filter_unit();
        let mut rows = Vec::new();
        for image in scanlines.geometry.images() {
            let mut above = vec![0; image.row_len];
            for row in 0..image.rows() {
                let filtered = scanlines.row(image, row);
                let mut current = above.clone();
                let kind = scanlines.filter_type(image, row);
                unfilter(kind, unit, (&above, filtered), &mut current);
                above.clone_from(&current);
                rows.push(current);
            }
        }
        rows
    }

    fn palette(colours: usize) -> Palette {
        let grey = |index| [(index * 255 / colours.max(2)) as u8; 3];
        let colours = (0..colours).map(grey);
        Palette(colours.map(|[r, g, b]| [r, g, b, 255]).collect())
    }

    /// The samples of a row, one number each.
    fn samples(header: &Header, row: &[u8], width: usize) -> Vec<u16> {
        let depth = usize::from(header.bit_depth);
        let sample = |index: usize| {
            let bits = (index * depth..(index + 1) * depth)
                .map(|bit| u16::from(row[bit / 8] >> (7 - bit % 8) & 1));
            bits.fold(0, |sample, bit| sample << 1 | bit)
        };
        (0..width * header.colour_type.channels())
            .map(sample)
            .collect()
    }

    fn check_legal(scanlines: &Scanlines, colours: usize) {
        let header = &scanlines.geometry.header;
        let mut rows = pixels(scanlines).into_iter();
        for image in scanlines.geometry.images() {
            for row in rows.by_ref().take(image.rows()) {
                let indices = samples(header, &row, image.width as usize);
                assert!(!header.is_indexed() || indices.iter().all(|&i| usize::from(i) < colours));
                let used = image.width as usize * header.bits_per_pixel();
                let past = (used..row.len() * 8).map(|bit| row[bit / 8] >> (7 - bit % 8) & 1);
                assert_eq!(past.sum::<u8>(), 0);
            }
        }
    }

    proptest! {
        #[test]
        fn rows_become_legal_and_legal_rows_stay(
            seed: u64,
            shape in proptest::sample::select(&[(1u8, 0u8), (2, 0), (4, 0), (1, 3), (2, 3), (4, 3), (8, 3)]),
            interlaced: bool,
            colours in 1usize..=256,
        ) {
            let mut scanlines = scanlines(shape, interlaced, seed);
            let colours = colours.min(1 << shape.0);
            let palette = if shape.1 == 3 { palette(colours) } else { palette(0) };
            let header = scanlines.geometry.header;
            let legal = Legal::new(&header, &palette);
            mend_input(&mut scanlines, &legal, &Cancel::default()).unwrap();
            check_legal(&scanlines, colours);
            let mended = scanlines.frame(0).to_vec();
            mend_input(&mut scanlines, &legal, &Cancel::default()).unwrap();
            prop_assert_eq!(scanlines.frame(0), &mended[..]);
            let eye = Eye::new(header, &palette, None);
            let unchanged = repair(&mut scanlines, &legal, &eye, &Cancel::default()).unwrap();
            prop_assert_eq!(unchanged.changed, 0);
            prop_assert_eq!(unchanged.of, 23 * 11);
            let mut stream = Stream::new(seed, 1, 0);
            for _ in 0..2 {
                for _ in 0..3 {
                    let (lane, at) = scanlines.geometry.locate(stream.index(scanlines.geometry.editable_len()));
                    scanlines.write(lane, at, &[stream.below(256) as u8]);
                }
                repair(&mut scanlines, &legal, &eye, &Cancel::default()).unwrap();
                check_legal(&scanlines, colours);
                let once = scanlines.frame(0).to_vec();
                repair(&mut scanlines, &legal, &eye, &Cancel::default()).unwrap();
                prop_assert_eq!(scanlines.frame(0), &once[..]);
            }
        }

        #[test]
        fn the_measure_is_what_comparing_all_pixels_finds(
            seed: u64,
            shape in proptest::sample::select(&[
                (1u8, 0u8), (2, 0), (4, 0), (8, 0), (16, 0), (8, 2), (16, 2), (1, 3), (2, 3), (4, 3),
                (8, 3), (8, 4), (16, 4), (8, 6), (16, 6),
            ]),
            interlaced: bool,
            edits in proptest::collection::vec((any::<u32>(), any::<u8>()), 1..4),
        ) {
            let mut scanlines = scanlines(shape, interlaced, seed);
            let header = scanlines.geometry.header;
            let palette = palette(if shape.1 == 3 { 1 << shape.0 } else { 0 });
            let legal = Legal::new(&header, &palette);
            mend_input(&mut scanlines, &legal, &Cancel::default()).unwrap();
            let before = pixels(&scanlines);
            for (place, byte) in edits {
                let place = place as usize % scanlines.geometry.editable_len();
                let (lane, at) = scanlines.geometry.locate(place);
                scanlines.write(lane, at, &[byte]);
            }
            let eye = Eye::new(header, &palette, None);
            let share = repair(&mut scanlines, &legal, &eye, &Cancel::default()).unwrap();
            let naive = naive_share(&scanlines, &before, &palette);
            if share.shows() {
                prop_assert!(share.changed <= naive.changed);
            } else {
                prop_assert_eq!(share, naive);
            }
        }
    }

    /// Every pixel as RGBA of 8 bits, compared one by one.
    fn naive_share(scanlines: &Scanlines, before: &[Vec<u8>], palette: &Palette) -> Share {
        let header = &scanlines.geometry.header;
        let rgba = |samples: &[u16]| -> [u8; 4] {
            let most = (1u32 << header.bit_depth) - 1;
            let scaled: Vec<u8> = samples
                .iter()
                .map(|&sample| match header.bit_depth {
                    16 => (sample >> 8) as u8,
                    _ => (u32::from(sample) * 255 / most) as u8,
                })
                .collect();
            match (header.colour_type, &scaled[..]) {
                (ColourType::IndexedColour, _) => palette.0[usize::from(samples[0])],
                (_, &[grey]) => [grey, grey, grey, 255],
                (_, &[grey, alpha]) => [grey, grey, grey, alpha],
                (_, &[red, green, blue]) => [red, green, blue, 255],
                (_, &[red, green, blue, alpha]) => [red, green, blue, alpha],
                _ => unreachable!(),
            }
        };
        let after = pixels(scanlines);
        let mut share = Share::default();
        let mut rows = before.iter().zip(&after);
        for image in scanlines.geometry.images() {
            let width = image.width as usize;
            for (before, after) in rows.by_ref().take(image.rows()) {
                let [before, after] = [before, after].map(|row| samples(header, row, width));
                let channels = header.colour_type.channels();
                for (a, b) in before.chunks(channels).zip(after.chunks(channels)) {
                    let zero =
                        |alpha: &[u16]| header.colour_type.has_alpha() && alpha[channels - 1] == 0;
                    let far = rgba(a).iter().zip(rgba(b)).any(|(a, b)| a.abs_diff(b) > 8);
                    share.changed += u64::from(far && !(zero(a) && zero(b)));
                    share.of += 1;
                }
            }
        }
        share
    }
}
