//! IHDR (PNG 11.2.1), PLTE (11.2.2) and tRNS (11.3.1.1).

use super::super::{Fault, big_endian_32, byte, fault, require};
use super::Chunk;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    pub width: u32,
    pub height: u32,
    pub bit_depth: u8,
    /// 0 grey, 2 colour, 3 palette, 4 grey and alpha, 6 colour and alpha.
    pub colour_type: u8,
    pub interlace: Interlace,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interlace {
    None,
    Adam7,
}

impl Header {
    pub fn read(bytes: &[u8], chunk: &Chunk) -> Result<Self, Fault> {
        let at = chunk.data().start;
        let length = chunk.data().len();
        require(
            length == 13,
            chunk.range.start,
            format_args!("IHDR with {length} bytes instead of 13"),
        )?;
        let (width, height) = (big_endian_32(bytes, at)?, big_endian_32(bytes, at + 4)?);
        require_size(width, at)?;
        require_size(height, at + 4)?;
        let (bit_depth, colour_type) = (byte(bytes, at + 8)?, byte(bytes, at + 9)?);
        // PNG Table 11.
        let depths: &[u8] = match colour_type {
            0 => &[1, 2, 4, 8, 16],
            3 => &[1, 2, 4, 8],
            2 | 4 | 6 => &[8, 16],
            _ => return fault(at + 9, format_args!("colour type {colour_type}")),
        };
        require(
            depths.contains(&bit_depth),
            at + 8,
            format_args!("bit depth {bit_depth} with colour type {colour_type}"),
        )?;
        require(
            byte(bytes, at + 10)? == 0,
            at + 10,
            "compression method other than 0",
        )?;
        require(
            byte(bytes, at + 11)? == 0,
            at + 11,
            "filter method other than 0",
        )?;
        let interlace = match byte(bytes, at + 12)? {
            0 => Interlace::None,
            1 => Interlace::Adam7,
            other => return fault(at + 12, format_args!("interlace method {other}")),
        };
        Ok(Self {
            width,
            height,
            bit_depth,
            colour_type,
            interlace,
        })
    }

    pub fn bits_per_pixel(&self) -> u64 {
        let samples = match self.colour_type {
            2 => 3,
            4 => 2,
            6 => 4,
            _ => 1,
        };
        samples * u64::from(self.bit_depth)
    }
}

/// PNG 11.2.1: zero is an invalid value, and PNG four-byte unsigned integers end at 2^31 - 1 (7.1).
fn require_size(size: u32, at: usize) -> Result<(), Fault> {
    require(
        (1..1 << 31).contains(&size),
        at,
        format_args!("width or height {size}, not 1 to 2^31 - 1"),
    )
}

fn find<'a>(chunks: &'a [Chunk], kind: &[u8; 4]) -> Option<&'a Chunk> {
    chunks.iter().find(|chunk| &chunk.kind == kind)
}

pub fn palette(
    bytes: &[u8],
    chunks: &[Chunk],
    header: &Header,
) -> Result<Option<Vec<[u8; 3]>>, Fault> {
    let Some(chunk) = find(chunks, b"PLTE") else {
        let end = chunks.last().map_or(0, |chunk| chunk.range.start);
        require(
            header.colour_type != 3,
            end,
            "no PLTE chunk, and the samples are palette indices",
        )?;
        return Ok(None);
    };
    let at = chunk.range.start;
    require(
        header.colour_type & 2 != 0,
        at,
        format_args!("PLTE chunk with colour type {}", header.colour_type),
    )?;
    let (entries, rest) = bytes[chunk.data()].as_chunks::<3>();
    require(rest.is_empty(), at, "PLTE length is not a multiple of 3")?;
    let most = if header.colour_type == 3 {
        1 << header.bit_depth
    } else {
        256
    };
    require(
        (1..=most).contains(&entries.len()),
        at,
        format_args!("PLTE with {} entries, not 1 to {most}", entries.len()),
    )?;
    Ok(Some(entries.to_vec()))
}

pub fn transparency(
    bytes: &[u8],
    chunks: &[Chunk],
    header: &Header,
    palette: Option<&[[u8; 3]]>,
) -> Result<(), Fault> {
    let Some(chunk) = find(chunks, b"tRNS") else {
        return Ok(());
    };
    let length = bytes[chunk.data()].len();
    let is_right = match header.colour_type {
        0 => length == 2,
        2 => length == 6,
        3 => (1..=palette.map_or(0, <[_]>::len)).contains(&length),
        _ => false,
    };
    require(
        is_right,
        chunk.range.start,
        format_args!(
            "tRNS with {length} bytes and colour type {}",
            header.colour_type
        ),
    )
}
