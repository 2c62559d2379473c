//! PNGs with a header from a table and arbitrary filtered bytes, properly deflated: a mutation
//! never breaks the zlib stream or a CRC, so every one of them reaches the scanlines.

use std::io::Write;

use flate2::Compression;
use flate2::write::ZlibEncoder;

/// Colour type and bit depth: every pair that is allowed (PNG 11.2.1, table 12).
const KINDS: [(u8, u8); 15] = [
    (0, 1),
    (0, 2),
    (0, 4),
    (0, 8),
    (0, 16),
    (2, 8),
    (2, 16),
    (3, 1),
    (3, 2),
    (3, 4),
    (3, 8),
    (4, 8),
    (4, 16),
    (6, 8),
    (6, 16),
];

/// What of a PNG is drawn from single bytes; every value means something.
pub struct Header {
    /// Index into the kinds; 128 and more: Adam7.
    pub kind: u8,
    /// Width minus one, modulo 64.
    pub width: u8,
    /// Height minus one, modulo 64.
    pub height: u8,
    /// Entries of the palette minus one, as far as the bit depth allows.
    pub entries: u8,
}

impl Header {
    /// Colour type and bit depth.
    fn colours(&self) -> (u8, u8) {
        KINDS[usize::from(self.kind % 128) % KINDS.len()]
    }

    fn size(&self) -> (u32, u32) {
        let side = |byte: u8| u32::from(byte % 64) + 1;
        (side(self.width), side(self.height))
    }

    /// The file as far as the palette, if there is one.
    pub fn start(&self) -> Vec<u8> {
        let (color_type, bit_depth) = self.colours();
        let (width, height) = self.size();
        let mut header = [width.to_be_bytes(), height.to_be_bytes()].concat();
        header.extend([bit_depth, color_type, 0, 0, self.kind / 128]);
        let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
        push_chunk(&mut file, b"IHDR", &header);
        if color_type == 3 {
            let entries = usize::from(self.entries) % (1 << bit_depth) + 1;
            let palette: Vec<u8> = (0..entries * 3).map(|sample| sample as u8).collect();
            push_chunk(&mut file, b"PLTE", &palette);
        }
        file
    }

    /// The file. `filtered` is cut to what the header asks for, and filled up with zeros.
    pub fn with_scanlines(&self, filtered: &[u8]) -> Vec<u8> {
        let (color_type, bit_depth) = self.colours();
        let channels = [1, 0, 3, 1, 2, 0, 4][usize::from(color_type)];
        let len = filtered_len(
            self.size(),
            channels * u32::from(bit_depth),
            self.kind / 128,
        );
        let mut file = self.start();
        let mut scanlines = filtered.to_vec();
        scanlines.resize(len, 0);
        let mut deflate = ZlibEncoder::new(Vec::new(), Compression::fast());
        deflate.write_all(&scanlines).expect("a vector takes all");
        let zlib = deflate.finish().expect("a vector takes all");
        push_chunk(&mut file, b"IDAT", &zlib);
        push_chunk(&mut file, b"IEND", b"");
        file
    }
}

/// Length of all scanlines with their filter types, of the picture or of its seven reduced
/// images (PNG 8.1).
fn filtered_len((width, height): (u32, u32), bits: u32, adam7: u8) -> usize {
    /// First column and row, and the steps between columns and rows.
    const REDUCED: [[u32; 4]; 7] = [
        [0, 0, 8, 8],
        [4, 0, 8, 8],
        [0, 4, 4, 8],
        [2, 0, 4, 4],
        [0, 2, 2, 4],
        [1, 0, 2, 2],
        [0, 1, 1, 2],
    ];
    const WHOLE: [[u32; 4]; 1] = [[0, 0, 1, 1]];
    let images: &[_] = if adam7 == 1 { &REDUCED } else { &WHOLE };
    let lens = images.iter().map(|[left, top, across, down]| {
        let columns = width.saturating_sub(*left).div_ceil(*across);
        let rows = height.saturating_sub(*top).div_ceil(*down);
        let scanline = if columns == 0 {
            0
        } else {
            1 + (columns * bits).div_ceil(8)
        };
        (rows * scanline) as usize
    });
    lens.sum()
}

pub fn push_chunk(file: &mut Vec<u8>, kind: &[u8; 4], data: &[u8]) {
    let start = file.len() + 4;
    file.extend((data.len() as u32).to_be_bytes());
    file.extend(kind);
    file.extend(data);
    let crc = crc32fast::hash(&file[start..]);
    file.extend(crc.to_be_bytes());
}
