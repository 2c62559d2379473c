//! PNGs as usual programs write them, and the image data in them.

use std::io::Write;

use libdeflater::{CompressionLvl, Compressor};
use png::{BitDepth, ColorType, Compression, Encoder, Filter};

use super::photograph::Plane;

/// What the pixels of a PNG are, and how it is written.
pub struct Kind<'a> {
    pub size: (u32, u32),
    pub colour: ColorType,
    pub palette: Option<Vec<u8>>,
    pub filter: Filter,
    pub compression: Compression,
    pub rows: Rows<'a>,
}

/// Hands out rows one after the other.
pub type Rows<'a> = &'a mut dyn FnMut(&mut dyn FnMut(&[u8]) -> std::io::Result<()>);

/// A PNG of 8 bits a sample.
pub fn written(kind: Kind<'_>) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, kind.size.0, kind.size.1);
    encoder.set_color(kind.colour);
    encoder.set_depth(BitDepth::Eight);
    encoder.set_compression(kind.compression);
    encoder.set_filter(kind.filter);
    if let Some(palette) = kind.palette {
        encoder.set_palette(palette);
    }
    let mut writer = encoder.write_header().expect("the header is right");
    let mut stream = writer.stream_writer().expect("memory takes all");
    (kind.rows)(&mut |row| stream.write_all(row));
    stream.finish().expect("all rows are there");
    drop(writer);
    bytes
}

/// A photograph in RGB, from the corner of the plane.
pub fn photograph(
    plane: &Plane,
    size: (u32, u32),
    filter: Filter,
    compression: Compression,
) -> Vec<u8> {
    written(Kind {
        size,
        colour: ColorType::Rgb,
        palette: None,
        filter,
        compression,
        rows: &mut |sink| {
            let rows = plane.rows(size, (0, 0), sink);
            rows.expect("memory takes all rows");
        },
    })
}

/// The data of all IDAT chunks.
pub fn idat(png: &[u8]) -> Vec<u8> {
    let mut data = Vec::new();
    let mut rest = &png[8..];
    while let Some((head, tail)) = rest.split_first_chunk::<8>() {
        let len = u32::from_be_bytes([head[0], head[1], head[2], head[3]]) as usize;
        if &head[4..] == b"IDAT" {
            data.extend_from_slice(&tail[..len]);
        }
        rest = &tail[len + 4..];
    }
    data
}

/// What deflated a stream: a library, and its level.
#[derive(Clone, Copy)]
pub enum Deflater {
    Fdeflate,
    Libdeflate(i32),
}

impl Deflater {
    /// The one that makes this very stream of these bytes.
    pub fn of(deflated: &[u8], bytes: &[u8]) -> Self {
        let levels = (1..=12).map(Deflater::Libdeflate);
        let all = [Deflater::Fdeflate].into_iter().chain(levels);
        all.into_iter()
            .find(|deflater| deflater.deflate(bytes) == deflated)
            .expect("one of the libraries made it")
    }

    pub fn deflate(self, bytes: &[u8]) -> Vec<u8> {
        let Deflater::Libdeflate(level) = self else {
            return fdeflate::compress_to_vec(bytes);
        };
        let level = CompressionLvl::new(level).expect("there is such a level");
        let mut compressor = Compressor::new(level);
        let mut deflated = vec![0; compressor.zlib_compress_bound(bytes.len())];
        let len = compressor.zlib_compress(bytes, &mut deflated);
        deflated.truncate(len.expect("the bound is enough"));
        deflated
    }
}

impl std::fmt::Display for Deflater {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Deflater::Fdeflate => f.write_str("fdeflate"),
            Deflater::Libdeflate(level) => write!(f, "libdeflate {level}"),
        }
    }
}

/// Inflates a stream that holds `len` bytes, in one go.
pub fn inflate(stream: &[u8], len: usize) -> Vec<u8> {
    let mut bytes = vec![0; len];
    let mut decoder = fdeflate::Decompressor::new();
    let (_, written) = decoder
        .read(stream, &mut bytes, 0, /* end */ true)
        .expect("it inflates");
    assert!(decoder.is_done() && written == len);
    bytes
}
