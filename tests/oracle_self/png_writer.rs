//! Small PNG files.

use std::io::Write;

use flate2::{Compression, Crc, write::ZlibEncoder};

use crate::parts::Parts;

pub fn chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let mut crc = Crc::new();
    crc.update(kind);
    crc.update(data);
    let length = (data.len() as u32).to_be_bytes();
    [&length[..], kind, data, &crc.sum().to_be_bytes()].concat()
}

pub fn zlib(data: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(data).expect("writing into memory");
    encoder.finish().expect("writing into memory")
}

/// `form`: bit depth, colour type, interlace method.
pub fn header(
    (width, height): (u32, u32),
    [bit_depth, colour_type, interlace]: [u8; 3],
) -> Vec<u8> {
    let form = [bit_depth, colour_type, 0, 0, interlace];
    chunk(
        b"IHDR",
        &[&width.to_be_bytes()[..], &height.to_be_bytes(), &form].concat(),
    )
}

pub fn image_data(filtered: &[u8]) -> Vec<u8> {
    chunk(b"IDAT", &zlib(filtered))
}

pub fn png(header: Vec<u8>, filtered: &[u8]) -> Parts {
    Parts::new(vec![
        ("signature", b"\x89PNG\r\n\x1a\n".to_vec()),
        ("IHDR", header),
        ("IDAT", image_data(filtered)),
        ("IEND", chunk(b"IEND", &[])),
    ])
}

/// 2 x 5, 8 bits of red, green and blue: one scanline of each filter type.
pub const COLOUR: [u8; 35] = [
    0, 10, 20, 30, 40, 50, 60, //
    1, 1, 2, 3, 4, 5, 6, //
    2, 1, 1, 1, 1, 1, 255, //
    3, 9, 9, 9, 9, 9, 9, //
    4, 1, 0, 0, 2, 0, 0,
];

pub fn colour() -> Parts {
    png(header((2, 5), [8, 2, 0]), &COLOUR)
}

/// 5 x 2, indices of 2 bits into three entries: 0 1 2 1 0, and 2 2 2 2 2.
pub const INDICES: [u8; 6] = [0, 0b00_01_10_01, 0, 0, 0b10_10_10_10, 0b10_00_00_00];

pub fn palette() -> Parts {
    png(header((5, 2), [2, 3, 0]), &INDICES).before("IDAT", chunk(b"PLTE", &[7; 9]))
}

/// 3 x 3, 16-bit grey, Adam7: of the reduced images only 1, 4, 5, 6 and 7 have pixels, of 2, 2, 4, 4 and 6 bytes a scanline.
pub fn interlaced() -> Parts {
    let filtered = [
        &[0, 1, 2][..],
        &[0, 3, 4],
        &[0, 5, 6, 7, 8],
        &[0, 9, 10],
        &[0, 11, 12],
        &[0, 13, 14, 15, 16, 17, 18],
    ];
    png(header((3, 3), [16, 0, 1]), &filtered.concat())
}

/// `rectangle`: width, height, x, y.
pub fn frame_control(sequence_number: u32, rectangle: [u32; 4]) -> Vec<u8> {
    let mut data = sequence_number.to_be_bytes().to_vec();
    data.extend(rectangle.iter().flat_map(|value| value.to_be_bytes()));
    data.extend([0, 1, 0, 10, 2, 1]);
    chunk(b"fcTL", &data)
}

pub fn frame_data(sequence_number: u32, compressed: &[u8]) -> Vec<u8> {
    chunk(
        b"fdAT",
        &[&sequence_number.to_be_bytes()[..], compressed].concat(),
    )
}

/// 4 x 2 grey; the default image is the first frame, the second is 1 x 2 at 3, 0 in two fdAT chunks.
pub fn animation() -> Parts {
    let compressed = zlib(&[0, 77, 2, 1]);
    let (first, second) = compressed.split_at(5);
    Parts::new(vec![
        ("signature", b"\x89PNG\r\n\x1a\n".to_vec()),
        ("IHDR", header((4, 2), [8, 0, 0])),
        ("acTL", chunk(b"acTL", &[0, 0, 0, 2, 0, 0, 0, 0])),
        ("fcTL 0", frame_control(0, [4, 2, 0, 0])),
        ("IDAT", image_data(&[0, 1, 2, 3, 4, 1, 1, 1, 1, 1])),
        ("fcTL 1", frame_control(1, [1, 2, 3, 0])),
        ("fdAT 2", frame_data(2, first)),
        ("fdAT 3", frame_data(3, second)),
        ("IEND", chunk(b"IEND", &[])),
    ])
}
