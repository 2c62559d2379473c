//! The transparency that tRNS gives to pixels (PNG 11.3.1.1), and keeping it as it was.

use super::header::Header;
use super::picture::Picture;

/// Which pixels are how opaque.
pub(super) enum Transparency {
    /// By the one sample of a pixel, of 8 bits or fewer: the opacity, or whether it is the colour
    /// that is transparent.
    BySample {
        depth: usize,
        opacity: Box<[u8; 256]>,
    },
    /// The bytes of the pixel that is transparent.
    Colour(Vec<u8>),
}

impl Transparency {
    /// `None` where all pixels are equally opaque.
    pub(super) fn new(picture: &Picture<'_>) -> Option<Self> {
        let header = &picture.header;
        if header.is_indexed() {
            let opacities = picture.palette.0.iter().map(|colour| colour[3]);
            let differ = opacities
                .clone()
                .zip(opacities.clone().skip(1))
                .any(|(a, b)| a != b);
            let mut opacity = Box::new([255; 256]);
            opacity
                .iter_mut()
                .zip(opacities)
                .for_each(|(to, from)| *to = from);
            return differ.then(|| Transparency::by_sample(header, opacity));
        }
        let key = picture.colour_key?;
        if header.bits_per_pixel() <= 8 {
            let mut opacity = Box::new([255; 256]);
            // Bits of tRNS past the bit depth do not count.
            let mask = 0xFF >> (8 - header.bit_depth);
            opacity[usize::from(key[0] & mask)] = 0;
            return Some(Transparency::by_sample(header, opacity));
        }
        let skip = if header.bit_depth == 16 { 0 } else { 1 };
        let samples = key.iter().take(header.colour_type.channels());
        let bytes = samples.flat_map(|sample| sample.to_be_bytes().into_iter().skip(skip));
        Some(Transparency::Colour(bytes.collect()))
    }

    fn by_sample(header: &Header, opacity: Box<[u8; 256]>) -> Self {
        let depth = usize::from(header.bit_depth);
        Transparency::BySample { depth, opacity }
    }

    /// Gives every pixel that became more or less opaque back its value. Tells whether any did.
    pub(super) fn keep(&self, before: &[u8], after: &mut [u8]) -> bool {
        let mut restored = false;
        match self {
            Transparency::BySample { depth, opacity } => {
                let mask = 0xFF >> (8 - depth);
                for (before, after) in before.iter().zip(after) {
                    if before == after {
                        continue;
                    }
                    for shift in (0..8).step_by(*depth) {
                        let opacity = |byte: u8| opacity[usize::from(byte >> shift & mask)];
                        if opacity(*before) != opacity(*after) {
                            *after = *after & !(mask << shift) | before & mask << shift;
                            restored = true;
                        }
                    }
                }
            }
            Transparency::Colour(colour) => {
                let pixels = before.chunks_exact(colour.len());
                for (before, after) in pixels.zip(after.chunks_exact_mut(colour.len())) {
                    if (before == colour) != (after == colour) {
                        after.copy_from_slice(before);
                        restored = true;
                    }
                }
            }
        }
        restored
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pixels_of_another_opacity_are_restored_and_no_others() {
        let mut opacity = Box::new([255; 256]);
        (opacity[0], opacity[1]) = (0, 9);
        let two_bits = Transparency::BySample { depth: 2, opacity };
        // 0 1 2 3 and 0 1 2 3 become 1 1 3 2 and 2 0 2 1.
        let mut row = [0b0101_1110, 0b1000_1001];
        assert!(two_bits.keep(&[0b0001_1011; 2], &mut row));
        assert_eq!(row, [0b0001_1110, 0b0001_1011]);
        assert!(!two_bits.keep(&[0b0001_1011; 2], &mut row));
        let colour = Transparency::Colour(vec![7, 8]);
        let mut row = [7, 8, 7, 7, 9, 9];
        assert!(colour.keep(&[1, 1, 7, 8, 8, 7], &mut row));
        assert_eq!(row, [1, 1, 7, 8, 9, 9]);
    }
}
