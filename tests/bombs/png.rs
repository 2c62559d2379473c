//! PNGs that are small as files and large, long or many when read.

use std::io::Write;

use flate2::Compression;
use flate2::write::ZlibEncoder;

/// Colour types (PNG 11.2.1).
pub const GREY: u8 = 0;
pub const RGBA: u8 = 6;

/// A chunk with its checksum.
pub fn chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let named = [kind, data].concat();
    let length = u32::try_from(data.len()).unwrap().to_be_bytes();
    let crc = crc32fast::hash(&named).to_be_bytes();
    [&length[..], &named, &crc].concat()
}

/// Signature and IHDR.
pub fn start(size: (u32, u32), colour: u8, depth: u8) -> Vec<u8> {
    let mut header = [size.0.to_be_bytes(), size.1.to_be_bytes()].concat();
    header.extend([depth, colour, 0, 0, 0]);
    [&b"\x89PNG\r\n\x1a\n"[..], &chunk(b"IHDR", &header)].concat()
}

/// A file of these chunks.
pub fn file(size: (u32, u32), colour: (u8, u8), chunks: &[Vec<u8>]) -> Vec<u8> {
    let (colour, depth) = colour;
    let mut file = start(size, colour, depth);
    chunks
        .iter()
        .for_each(|chunk| file.extend_from_slice(chunk));
    file.extend(chunk(b"IEND", b""));
    file
}

/// So many zeros, about a thousandth of that as a stream.
pub fn zeros(count: usize) -> Vec<u8> {
    let mut deflate = ZlibEncoder::new(Vec::new(), Compression::best());
    let block = vec![0; 1 << 20];
    let mut left = count;
    while left > 0 {
        let some = left.min(block.len());
        deflate.write_all(&block[..some]).unwrap();
        left -= some;
    }
    deflate.finish().unwrap()
}

/// The scanlines of a black picture with so many bytes a pixel.
pub fn black((width, height): (u32, u32), pixel: usize) -> Vec<u8> {
    zeros((1 + width as usize * pixel) * height as usize)
}

/// A stream in chunks of this length.
pub fn split(kind: &[u8; 4], stream: &[u8], length: usize) -> Vec<Vec<u8>> {
    stream
        .chunks(length)
        .map(|piece| chunk(kind, piece))
        .collect()
}

/// A grey picture of 8 by 8 with these chunks before its image data.
pub fn small(chunks: &[Vec<u8>]) -> Vec<u8> {
    let image = chunk(b"IDAT", &black((8, 8), 1));
    file((8, 8), (GREY, 8), &[chunks, &[image]].concat())
}

/// A text chunk that inflates to `count` bytes.
pub fn ztxt(count: usize) -> Vec<u8> {
    chunk(b"zTXt", &[b"Comment\0\0", &zeros(count)[..]].concat())
}

pub fn itxt(count: usize) -> Vec<u8> {
    chunk(
        b"iTXt",
        &[b"XML:com.adobe.xmp\0\x01\0\0\0", &zeros(count)[..]].concat(),
    )
}

pub fn iccp(count: usize) -> Vec<u8> {
    chunk(b"iCCP", &[b"icc\0\0", &zeros(count)[..]].concat())
}

/// An animation: `claimed` frames in acTL, and so many frames of one pixel each.
pub fn animation(size: (u32, u32), claimed: u32, frames: u32) -> Vec<u8> {
    let control = [claimed.to_be_bytes(), 0_u32.to_be_bytes()].concat();
    let mut chunks = vec![chunk(b"acTL", &control), chunk(b"IDAT", &black(size, 1))];
    let pixel = black((1, 1), 1);
    for frame in 0..frames {
        let numbers = [2 * frame, 1, 1, 0, 0].map(u32::to_be_bytes).concat();
        // A hundredth of a second; nothing is disposed of, and it is drawn over.
        chunks.push(chunk(
            b"fcTL",
            &[&numbers[..], &[0, 1, 0, 100, 0, 1]].concat(),
        ));
        let data = [&(2 * frame + 1).to_be_bytes()[..], &pixel].concat();
        chunks.push(chunk(b"fdAT", &data));
    }
    file(size, (GREY, 8), &chunks)
}
