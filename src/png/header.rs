//! What IHDR, PLTE and tRNS say about the samples (PNG 11.2.1, 11.2.2, 11.3.1.1).

use super::container::{be16, be32};

/// PNG table 11.1. The numbers are those of the colour type field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ColourType {
    Greyscale = 0,
    Truecolour = 2,
    IndexedColour = 3,
    GreyscaleAlpha = 4,
    TruecolourAlpha = 6,
}

impl ColourType {
    fn from_field(field: u8) -> Option<Self> {
        Some(match field {
            0 => ColourType::Greyscale,
            2 => ColourType::Truecolour,
            3 => ColourType::IndexedColour,
            4 => ColourType::GreyscaleAlpha,
            6 => ColourType::TruecolourAlpha,
            _ => return None,
        })
    }

    fn allows(self, bit_depth: u8) -> bool {
        match self {
            ColourType::Greyscale => matches!(bit_depth, 1 | 2 | 4 | 8 | 16),
            ColourType::IndexedColour => matches!(bit_depth, 1 | 2 | 4 | 8),
            _ => matches!(bit_depth, 8 | 16),
        }
    }

    /// Samples of a pixel.
    pub(super) fn channels(self) -> usize {
        match self {
            ColourType::Greyscale | ColourType::IndexedColour => 1,
            ColourType::GreyscaleAlpha => 2,
            ColourType::Truecolour => 3,
            ColourType::TruecolourAlpha => 4,
        }
    }

    pub(super) fn has_alpha(self) -> bool {
        matches!(
            self,
            ColourType::GreyscaleAlpha | ColourType::TruecolourAlpha
        )
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            ColourType::Greyscale => "greyscale",
            ColourType::Truecolour => "RGB",
            ColourType::IndexedColour => "palette",
            ColourType::GreyscaleAlpha => "greyscale with alpha",
            ColourType::TruecolourAlpha => "RGBA",
        }
    }
}

/// What IHDR says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) bit_depth: u8,
    pub(super) colour_type: ColourType,
    /// Adam7 (PNG 8.1).
    pub(super) interlaced: bool,
}

impl Header {
    pub(super) fn parse(data: &[u8]) -> Result<Header, &'static str> {
        let (Some(width), Some(height), 13) = (be32(data, 0), be32(data, 4), data.len()) else {
            return Err("IHDR is not 13 bytes long");
        };
        let [bit_depth, colour, compression, filter, interlace] = data[8..] else {
            return Err("IHDR is not 13 bytes long");
        };
        if width == 0 || height == 0 {
            return Err("a side of the picture is 0 pixels long");
        }
        if width > i32::MAX as u32 || height > i32::MAX as u32 {
            return Err("a side of the picture is 2^31 pixels long or more");
        }
        let Some(colour_type) = ColourType::from_field(colour) else {
            return Err("there is no such colour type");
        };
        if !colour_type.allows(bit_depth) {
            return Err("the colour type does not go with the bit depth");
        }
        if compression != 0 {
            return Err("there is no such compression method");
        }
        if filter != 0 {
            return Err("there is no such filter method");
        }
        if interlace > 1 {
            return Err("there is no such interlace method");
        }
        Ok(Header {
            width,
            height,
            bit_depth,
            colour_type,
            interlaced: interlace == 1,
        })
    }

    /// 1 to 64.
    pub(super) fn bits_per_pixel(&self) -> usize {
        self.colour_type.channels() * usize::from(self.bit_depth)
    }

    /// The distance in bytes to what filters call the byte to the left (PNG 9.2).
    pub(super) fn filter_unit(&self) -> usize {
        self.bits_per_pixel().div_ceil(8)
    }

    pub(super) fn is_indexed(&self) -> bool {
        self.colour_type == ColourType::IndexedColour
    }

    /// `8-bit RGB, Adam7`
    pub(super) fn coding(&self) -> String {
        let interlace = if self.interlaced { ", Adam7" } else { "" };
        format!(
            "{}-bit {}{interlace}",
            self.bit_depth,
            self.colour_type.name()
        )
    }
}

/// The colours of PLTE with the alpha of tRNS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Palette(pub(super) Vec<[u8; 4]>);

impl Palette {
    /// Entries past what the bit depth can name are left out.
    pub(super) fn parse(header: &Header, plte: &[u8]) -> Result<Palette, &'static str> {
        if plte.is_empty() || !plte.len().is_multiple_of(3) || plte.len() > 3 * 256 {
            return Err("PLTE does not hold 1 to 256 colours of 3 bytes");
        }
        let reachable = 1 << header.bit_depth.min(8);
        let (colours, _) = plte.as_chunks::<3>();
        let colours = colours.iter().take(reachable);
        Ok(Palette(colours.map(|&[r, g, b]| [r, g, b, 255]).collect()))
    }

    pub(super) fn set_alpha(&mut self, trns: &[u8]) {
        for (colour, &alpha) in self.0.iter_mut().zip(trns) {
            colour[3] = alpha;
        }
    }
}

/// The one sample, or the three, that tRNS makes transparent. `None` where the chunk has another
/// length or the colour type has its own alpha.
pub(super) fn colour_key(header: &Header, trns: &[u8]) -> Option<[u16; 3]> {
    let sample = |index: usize| be16(trns, 2 * index);
    match (header.colour_type, trns.len()) {
        (ColourType::Greyscale, 2) => Some([sample(0)?; 3]),
        (ColourType::Truecolour, 6) => Some([sample(0)?, sample(1)?, sample(2)?]),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ihdr(tail: [u8; 5]) -> Vec<u8> {
        [&[0, 0, 0, 3, 0, 0, 1, 0][..], &tail[..]].concat()
    }

    #[test]
    fn exactly_the_fifteen_combinations_of_table_11_1_parse() {
        let mut legal = Vec::new();
        for colour in 0..=255 {
            for depth in 0..=255 {
                if Header::parse(&ihdr([depth, colour, 0, 0, 1])).is_ok() {
                    legal.push((colour, depth));
                }
            }
        }
        let grey = [1, 2, 4, 8, 16].map(|depth| (0, depth));
        let indexed = [1, 2, 4, 8].map(|depth| (3, depth));
        let mut expected = grey.to_vec();
        expected.extend([(2, 8), (2, 16)]);
        expected.extend(indexed);
        expected.extend([(4, 8), (4, 16), (6, 8), (6, 16)]);
        assert_eq!(legal, expected);
    }

    #[test]
    fn fields_out_of_range_are_told() {
        for (place, value, said) in [
            (3, 0, "0 pixels"),
            (0, 0x80, "2^31"),
            (4, 0xFF, "2^31"),
            (9, 1, "colour type"),
            (8, 4, "bit depth"),
            (10, 1, "compression"),
            (11, 1, "filter"),
            (12, 2, "interlace"),
        ] {
            let mut data = ihdr([8, 2, 0, 0, 0]);
            data[place] = value;
            assert!(Header::parse(&data).unwrap_err().contains(said), "{said}");
        }
        assert!(Header::parse(&ihdr([8, 2, 0, 0, 0])[..12]).is_err());
        assert!(Header::parse(&[0; 14]).is_err());
    }

    #[test]
    fn a_palette_has_no_more_colours_than_its_bit_depth_names() {
        let header = Header::parse(&ihdr([2, 3, 0, 0, 0])).unwrap();
        let mut palette = Palette::parse(&header, &[9; 18]).unwrap();
        assert_eq!(palette.0.len(), 4);
        palette.set_alpha(&[1, 2]);
        let alphas: Vec<u8> = palette.0.iter().map(|colour| colour[3]).collect();
        assert_eq!(alphas, [1, 2, 255, 255]);
        for len in [0, 1, 5, 771] {
            assert!(Palette::parse(&header, &vec![0; len]).is_err());
        }
    }
}
