//! How much of a row looks different. Own integer code: the number of rounds, and with it the
//! bytes of the result, depend on it.

use super::header::{ColourType, Header, Palette};

/// Levels of 255 by which a sample must differ for its pixel to count as changed.
const VISIBLE: u8 = 8;

/// Sees which pixels of two unfiltered rows look different. A pixel that is fully transparent in
/// both does not.
pub(super) struct Eye {
    header: Header,
    colour_key: Option<[u16; 3]>,
    /// Of all indices. Most decoders show one outside the palette as opaque black.
    colours: Box<[[u8; 4]; 256]>,
}

impl Eye {
    pub(super) fn new(header: Header, palette: &Palette, colour_key: Option<[u16; 3]>) -> Self {
        let mut colours = Box::new([[0, 0, 0, 255]; 256]);
        let pairs = colours.iter_mut().zip(&palette.0);
        pairs.for_each(|(colour, entry)| *colour = *entry);
        Eye {
            header,
            colour_key,
            colours,
        }
    }

    /// Number of pixels that look different, of the first `width` of two rows.
    pub(super) fn count(&self, before: &[u8], after: &[u8], width: usize) -> u64 {
        if before == after {
            return 0;
        }
        if self.header.is_indexed() {
            return self.count_indices(before, after, width);
        }
        if self.header.bit_depth < 8 {
            return self.count_small(before, after);
        }
        if self.header.bit_depth == 8 && self.colour_key.is_none() {
            return match self.header.colour_type {
                ColourType::Truecolour => count_far::<3, false>(before, after),
                ColourType::TruecolourAlpha => count_far::<4, true>(before, after),
                ColourType::GreyscaleAlpha => count_far::<2, true>(before, after),
                _ => count_far::<1, false>(before, after),
            };
        }
        let differs = match self.header.filter_unit() {
            1 => Eye::count_samples::<1>,
            2 => Eye::count_samples::<2>,
            3 => Eye::count_samples::<3>,
            4 => Eye::count_samples::<4>,
            6 => Eye::count_samples::<6>,
            _ => Eye::count_samples::<8>,
        };
        differs(self, before, after)
    }

    /// Samples of 8 or 16 bits; `N` bytes a pixel.
    fn count_samples<const N: usize>(&self, before: &[u8], after: &[u8]) -> u64 {
        let (before, _) = before.as_chunks::<N>();
        let (after, _) = after.as_chunks::<N>();
        let pairs = before.iter().zip(after);
        let pairs = pairs.filter(|(a, b)| a != b);
        pairs.filter(|(a, b)| self.looks_different(*a, *b)).count() as u64
    }

    fn looks_different(&self, before: &[u8], after: &[u8]) -> bool {
        // The high byte of a 16-bit sample is the sample scaled to 8 bits.
        let step = usize::from(self.header.bit_depth / 8);
        let high = |pixel: &[u8]| {
            let mut samples = [0; 4];
            let highs = pixel.iter().step_by(step);
            samples
                .iter_mut()
                .zip(highs)
                .for_each(|(to, &from)| *to = from);
            samples
        };
        let channels = self.header.colour_type.channels();
        if self.header.colour_type.has_alpha() {
            let alpha = (channels - 1) * step..channels * step;
            let hidden = |pixel: &[u8]| pixel[alpha.clone()].iter().all(|&byte| byte == 0);
            if hidden(before) && hidden(after) {
                return false;
            }
        }
        far(&high(before), &high(after)) || self.is_key(before) != self.is_key(after)
    }

    /// Whether a pixel of 8-bit or 16-bit samples is the one that tRNS makes transparent.
    fn is_key(&self, pixel: &[u8]) -> bool {
        let step = usize::from(self.header.bit_depth / 8);
        self.colour_key.is_some_and(|key| {
            let samples = pixel.chunks_exact(step).map(|sample| {
                let wide = |value, &byte| value << 8 | u16::from(byte);
                sample.iter().fold(0, wide)
            });
            samples.zip(key).all(|(sample, key)| sample == key)
        })
    }

    /// Grey levels of 1, 2 or 4 bits, of which the least step is 17 levels of 255: all that differ
    /// look different. Bits past the end of a row are zero in both.
    fn count_small(&self, before: &[u8], after: &[u8]) -> u64 {
        // One bit a pixel is left, at its lowest place.
        let lowest = match self.header.bit_depth {
            1 => 0xFF,
            2 => 0x55,
            _ => 0x11,
        };
        let count = |(a, b): (&u8, &u8)| {
            let mut differs = a ^ b;
            if self.header.bit_depth >= 4 {
                differs |= differs >> 2;
            }
            if self.header.bit_depth >= 2 {
                differs |= differs >> 1;
            }
            u64::from((differs & lowest).count_ones())
        };
        before.iter().zip(after).map(count).sum()
    }

    fn count_indices(&self, before: &[u8], after: &[u8], width: usize) -> u64 {
        let depth = usize::from(self.header.bit_depth);
        let per_byte = 8 / depth;
        let mask = 0xFF >> (8 - depth);
        let mut changed = 0;
        let blocks = before.chunks(INDICES).zip(after.chunks(INDICES));
        for (block, (before, after)) in blocks.enumerate() {
            if before == after {
                continue;
            }
            for (index, (&a, &b)) in before.iter().zip(after).enumerate() {
                let first = (block * INDICES + index) * per_byte;
                for pixel in 0..per_byte.min(width.saturating_sub(first)) {
                    let shift = 8 - depth * (pixel + 1);
                    let colour = |byte: u8| &self.colours[usize::from(byte >> shift & mask)];
                    changed += u64::from(look_different(colour(a), colour(b)));
                }
            }
        }
        changed
    }
}

/// Bytes of indices that are looked at together for being alike.
const INDICES: usize = 16;

/// Whether two colours of 8 bits, with their opacity, look different.
pub(super) fn look_different(before: &[u8; 4], after: &[u8; 4]) -> bool {
    // Without a branch, which could not be foreseen.
    (before[3] | after[3] != 0) & far(before, after)
}

/// Bytes that are looked at together: whole pixels of up to four samples.
const BLOCK: usize = 768;

/// Counts the pixels of `N` samples of 8 bits that look different. Where `ALPHA` says so the last
/// sample is the opacity.
///
/// All bytes are looked at as if a pixel began there, so that the compiler makes vectors of the
/// loops; then those count where one does.
fn count_far<const N: usize, const ALPHA: bool>(before: &[u8], after: &[u8]) -> u64 {
    const { assert!(BLOCK.is_multiple_of(N)) };
    let begins: [u8; BLOCK] = const {
        let mut begins = [0; BLOCK];
        let mut i = 0;
        while i < BLOCK {
            begins[i] = 1;
            i += N;
        }
        begins
    };
    let mut far = [0; BLOCK];
    let mut changed = 0;
    for (before, after) in before.chunks(BLOCK).zip(after.chunks(BLOCK)) {
        if before == after {
            continue;
        }
        for ((far, a), b) in far.iter_mut().zip(before).zip(after) {
            *far = u8::from(a.abs_diff(*b) > VISIBLE);
        }
        far[before.len()..].fill(0);
        let mut pixels = far;
        for sample in 1..N {
            let far = far.iter().skip(sample);
            pixels
                .iter_mut()
                .zip(far)
                .for_each(|(any, far)| *any |= far);
        }
        if ALPHA {
            let opacities = before.iter().zip(after).skip(N - 1);
            for (pixel, (a, b)) in pixels.iter_mut().zip(opacities) {
                *pixel &= u8::from(a | b != 0);
            }
        }
        changed += count(&pixels, &begins);
    }
    changed
}

/// How many bytes are 1 in both, where all are 0 or 1.
fn count(some: &[u8; BLOCK], others: &[u8; BLOCK]) -> u64 {
    const LANES: usize = 32;
    const { assert!(BLOCK.is_multiple_of(LANES) && BLOCK / LANES <= u8::MAX as usize) };
    let mut lanes = [0u8; LANES];
    let (some, _) = some.as_chunks::<LANES>();
    let (others, _) = others.as_chunks::<LANES>();
    for (some, others) in some.iter().zip(others) {
        for lane in 0..LANES {
            lanes[lane] += some[lane] & others[lane];
        }
    }
    lanes.iter().map(|&count| u64::from(count)).sum()
}

#[inline(always)]
fn far<const N: usize>(a: &[u8; N], b: &[u8; N]) -> bool {
    // Without a way out in the middle the loop becomes a few vector instructions.
    let mut far = false;
    for i in 0..N {
        far |= a[i].abs_diff(b[i]) > VISIBLE;
    }
    far
}

#[cfg(test)]
mod tests {
    use super::*;

    fn eye(bit_depth: u8, colour_type: ColourType, key: Option<[u16; 3]>) -> Eye {
        let header = Header {
            width: 4,
            height: 1,
            bit_depth,
            colour_type,
            interlaced: false,
        };
        let palette = vec![[0, 0, 0, 0], [255, 0, 0, 0], [0, 0, 0, 255], [8, 8, 8, 255]];
        Eye::new(header, &Palette(palette), key)
    }

    #[test]
    fn eight_levels_do_not_show_and_nine_do() {
        let eye = eye(8, ColourType::Truecolour, None);
        assert_eq!(eye.count(&[10, 10, 10], &[18, 2, 10], 1), 0);
        assert_eq!(eye.count(&[10, 10, 10], &[10, 19, 10], 1), 1);
        assert_eq!(eye.count(&[10, 10, 10], &[10, 10, 1], 1), 1);
    }

    #[test]
    fn every_pixel_of_a_long_row_is_looked_at_once() {
        let mut noise = crate::rng::Stream::new(1, 0, 0);
        for colour_type in [
            ColourType::Greyscale,
            ColourType::GreyscaleAlpha,
            ColourType::Truecolour,
            ColourType::TruecolourAlpha,
        ] {
            let (eye, channels) = (eye(8, colour_type, None), colour_type.channels());
            for width in [1, 190, 192, 256, 257, 1000] {
                // Small levels: samples differ by little and by much, and some opacities are zero.
                let samples = width * channels;
                let mut row = || -> Vec<u8> {
                    let levels = (0..samples).map(|_| noise.below(20) as u8);
                    levels.map(|level| level / 3 * 3).collect()
                };
                let (before, after) = (row(), row());
                let pixels = before.chunks(channels).zip(after.chunks(channels));
                let alone = pixels.map(|(a, b)| u64::from(eye.looks_different(a, b)));
                assert_eq!(eye.count(&before, &after, width), alone.sum::<u64>());
            }
        }
    }

    #[test]
    fn what_is_transparent_before_and_after_does_not_show() {
        let rgba = eye(8, ColourType::TruecolourAlpha, None);
        assert_eq!(rgba.count(&[0, 0, 0, 0], &[255, 255, 255, 0], 1), 0);
        assert_eq!(rgba.count(&[0, 0, 0, 0], &[0, 0, 0, 9], 1), 1);
        let wide = eye(16, ColourType::GreyscaleAlpha, None);
        assert_eq!(wide.count(&[0, 0, 0, 0], &[200, 0, 0, 0], 1), 0);
        assert_eq!(wide.count(&[0, 0, 0, 1], &[200, 0, 0, 0], 1), 1);
        let indexed = eye(2, ColourType::IndexedColour, None);
        // Indices 0 1 2 3 against 1 0 0 2.
        assert_eq!(indexed.count(&[0b0001_1011], &[0b0100_0010], 4), 1);
        assert_eq!(indexed.count(&[0b0001_1011], &[0b0100_0010], 2), 0);
    }

    #[test]
    fn a_transparent_colour_shows_when_it_comes_or_goes() {
        let grey = eye(8, ColourType::Greyscale, Some([7; 3]));
        assert_eq!(grey.count(&[7, 7, 8], &[8, 7, 9], 3), 1);
        let wide = eye(16, ColourType::Truecolour, Some([1, 2, 3]));
        assert_eq!(wide.count(&[0, 1, 0, 2, 0, 3], &[0, 1, 0, 2, 0, 4], 1), 1);
        assert_eq!(wide.count(&[0, 1, 0, 2, 0, 5], &[0, 1, 0, 2, 0, 4], 1), 0);
    }
}
