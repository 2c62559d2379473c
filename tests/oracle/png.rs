//! PNG, animated ones included (PNG third edition).

mod animation;
mod chunks;
mod header;
mod image;
mod zlib;

use std::ops::Range;

use super::{Facts, Fault};
use animation::Animation;
use chunks::Order;

pub use header::{Header, Interlace};
pub use image::{Image, ReducedImage};

pub const SIGNATURE: [u8; 8] = *b"\x89PNG\r\n\x1a\n";

#[derive(Debug, Clone, PartialEq)]
pub struct PngFacts {
    pub header: Header,
    /// Red, green and blue of each entry.
    pub palette: Option<Vec<[u8; 3]>>,
    /// In the order of the file, IEND included.
    pub chunks: Vec<Chunk>,
    /// What IDAT holds.
    pub default_image: Image,
    /// The frames that fdAT chunks hold; where the default image is the first frame, it is not repeated here.
    pub frames: Vec<Frame>,
    /// The bytes after IEND.
    pub trailer: Range<usize>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Chunk {
    pub kind: [u8; 4],
    /// Length, type, data and CRC.
    pub range: Range<usize>,
}

impl Chunk {
    pub fn data(&self) -> Range<usize> {
        self.range.start + 8..self.range.end - 4
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct Frame {
    pub x: u32,
    pub y: u32,
    pub image: Image,
}

pub fn check(bytes: &[u8]) -> Result<Facts, Fault> {
    let chunks = chunks::read(bytes)?;
    let order = Order::check(&chunks)?;
    let header = Header::read(bytes, &chunks[0])?;
    let palette = header::palette(bytes, &chunks, &header)?;
    header::transparency(bytes, &chunks, &header, palette.as_deref())?;
    let animation = Animation::read(bytes, &chunks, &header)?;
    let palette_length = palette.as_ref().map(Vec::len);
    let default_image = image::decode(bytes, &order.image_data(), &header, palette_length)?;
    let mut frames = Vec::new();
    for frame in &animation.frames {
        let frame_header = Header {
            width: frame.width,
            height: frame.height,
            ..header.clone()
        };
        frames.push(Frame {
            x: frame.x,
            y: frame.y,
            image: image::decode(bytes, &frame.data, &frame_header, palette_length)?,
        });
    }
    let remarks = order.remarks();
    let end = chunks.last().map_or(bytes.len(), |chunk| chunk.range.end);
    let holds_samples = |chunk: &&Chunk| matches!(&chunk.kind, b"IDAT" | b"fdAT");
    let scan_bytes = chunks.iter().filter(holds_samples);
    Ok(Facts {
        width: header.width,
        height: header.height,
        scan_bytes: scan_bytes.map(|chunk| chunk.range.clone()).collect(),
        jpeg: None,
        png: Some(PngFacts {
            header,
            palette,
            default_image,
            frames,
            trailer: end..bytes.len(),
            chunks,
        }),
        remarks,
    })
}
