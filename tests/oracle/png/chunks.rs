//! The chunks of a file: their layout (PNG 5.3), their names (5.4) and their order (5.6, Table 7).

use std::ops::Range;

use super::super::{Fault, big_endian_32, fault, require, take};
use super::{Chunk, SIGNATURE};

/// Reads all chunks up to IEND.
pub fn read(bytes: &[u8]) -> Result<Vec<Chunk>, Fault> {
    let mut chunks = Vec::new();
    let mut at = SIGNATURE.len();
    loop {
        require(at < bytes.len(), at, "the file ends without IEND")?;
        let chunk = read_one(bytes, at)?;
        at = chunk.range.end;
        let is_last = &chunk.kind == b"IEND";
        if is_last {
            require(chunk.data().is_empty(), chunk.range.start, "IEND with data")?;
        }
        chunks.push(chunk);
        if is_last {
            return Ok(chunks);
        }
    }
}

fn read_one(bytes: &[u8], at: usize) -> Result<Chunk, Fault> {
    let length = big_endian_32(bytes, at)?;
    let kind: [u8; 4] = take(bytes, at + 4)?;
    require(
        length < 1 << 31,
        at,
        format_args!("chunk length {length}, above 2^31 - 1"),
    )?;
    require(
        kind.iter().all(u8::is_ascii_alphabetic),
        at + 4,
        "chunk type that is not four letters",
    )?;
    let name = String::from_utf8_lossy(&kind);
    require(
        kind[2].is_ascii_uppercase(),
        at + 4,
        format_args!("chunk type {name}, whose third letter is reserved to be upper case"),
    )?;
    let crc_offset = at + 8 + length as usize;
    require(
        crc_offset + 4 <= bytes.len(),
        at,
        format_args!("the file ends inside the {name} chunk"),
    )?;
    require(
        crc32(&bytes[at + 4..crc_offset]) == big_endian_32(bytes, crc_offset)?,
        crc_offset,
        format_args!("wrong CRC of the {name} chunk"),
    )?;
    Ok(Chunk {
        kind,
        range: at..crc_offset + 4,
    })
}

/// PNG Annex D.
fn crc32(bytes: &[u8]) -> u32 {
    let table: Vec<u32> = (0..256).map(crc32_of_byte).collect();
    let step = |crc: u32, &byte: &u8| table[usize::from(crc as u8 ^ byte)] ^ (crc >> 8);
    !bytes.iter().fold(!0, step)
}

fn crc32_of_byte(byte: u32) -> u32 {
    (0..8).fold(byte, |crc, _| {
        if crc & 1 == 1 {
            0xEDB8_8320 ^ (crc >> 1)
        } else {
            crc >> 1
        }
    })
}

/// Where a chunk may stand.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    BeforePalette,
    BeforeImageData,
    /// After PLTE if there is one, before IDAT.
    AfterPalette,
    AfterImageData,
    Anywhere,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Count {
    One,
    Many,
}

/// PNG Table 7, without the chunks that have rules of their own: IHDR, IDAT and IEND.
const RULES: [(&[u8; 4], Place, Count); 22] = [
    (b"PLTE", Place::BeforeImageData, Count::One),
    (b"acTL", Place::BeforeImageData, Count::One),
    (b"fcTL", Place::Anywhere, Count::Many),
    (b"fdAT", Place::AfterImageData, Count::Many),
    (b"cHRM", Place::BeforePalette, Count::One),
    (b"cICP", Place::BeforePalette, Count::One),
    (b"gAMA", Place::BeforePalette, Count::One),
    (b"iCCP", Place::BeforePalette, Count::One),
    (b"mDCV", Place::BeforePalette, Count::One),
    (b"cLLI", Place::BeforePalette, Count::One),
    (b"sBIT", Place::BeforePalette, Count::One),
    (b"sRGB", Place::BeforePalette, Count::One),
    (b"bKGD", Place::AfterPalette, Count::One),
    (b"hIST", Place::AfterPalette, Count::One),
    (b"tRNS", Place::AfterPalette, Count::One),
    (b"eXIf", Place::Anywhere, Count::One),
    (b"pHYs", Place::BeforeImageData, Count::One),
    (b"sPLT", Place::BeforeImageData, Count::Many),
    (b"tIME", Place::Anywhere, Count::One),
    (b"iTXt", Place::Anywhere, Count::Many),
    (b"tEXt", Place::Anywhere, Count::Many),
    (b"zTXt", Place::Anywhere, Count::Many),
];

/// The chunks, once their order is known to be right.
pub struct Order<'a> {
    chunks: &'a [Chunk],
    /// Indices of the IDAT chunks.
    idat: Range<usize>,
    /// Index of PLTE.
    palette: Option<usize>,
}

impl<'a> Order<'a> {
    pub fn check(chunks: &'a [Chunk]) -> Result<Self, Fault> {
        let first = |kind: &[u8; 4]| chunks.iter().position(|chunk| &chunk.kind == kind);
        require(
            first(b"IHDR") == Some(0),
            SIGNATURE.len(),
            "first chunk is not IHDR",
        )?;
        let end = chunks.last().map_or(0, |chunk| chunk.range.start);
        let Some(idat) = first(b"IDAT") else {
            return fault(end, "no IDAT chunk");
        };
        let after = chunks[idat..].iter().position(|c| &c.kind != b"IDAT");
        let order = Self {
            chunks,
            idat: idat..after.map_or(chunks.len(), |count| idat + count),
            palette: first(b"PLTE"),
        };
        for index in 1..chunks.len() {
            order.check_one(index)?;
        }
        Ok(order)
    }

    fn check_one(&self, index: usize) -> Result<(), Fault> {
        let chunk = &self.chunks[index];
        let at = chunk.range.start;
        let name = String::from_utf8_lossy(&chunk.kind);
        match &chunk.kind {
            b"IHDR" => return fault(at, "second IHDR chunk"),
            b"IDAT" => {
                return require(
                    self.idat.contains(&index),
                    at,
                    "IDAT chunks that are not consecutive",
                );
            }
            b"IEND" => return Ok(()),
            _ => {}
        }
        let Some((_, place, count)) = RULES.iter().find(|rule| *rule.0 == chunk.kind) else {
            return require(
                chunk.kind[0].is_ascii_lowercase(),
                at,
                format_args!("unknown critical chunk {name}"),
            );
        };
        let before_data = index < self.idat.start;
        let in_place = match place {
            Place::BeforePalette => {
                before_data && self.palette.is_none_or(|palette| index < palette)
            }
            Place::BeforeImageData => before_data,
            Place::AfterPalette => {
                before_data && self.palette.is_none_or(|palette| index > palette)
            }
            Place::AfterImageData => index >= self.idat.end,
            Place::Anywhere => true,
        };
        require(in_place, at, format_args!("{name} chunk out of place"))?;
        let is_repeated = || self.chunks[..index].iter().any(|c| c.kind == chunk.kind);
        require(
            *count == Count::Many || !is_repeated(),
            at,
            format_args!("second {name} chunk"),
        )
    }

    /// The data of the IDAT chunks.
    pub fn image_data(&self) -> Vec<Range<usize>> {
        self.chunks[self.idat.clone()]
            .iter()
            .map(Chunk::data)
            .collect()
    }

    /// The third edition wants eXIf before IDAT. The extension that it comes from let it stand anywhere else, too; encoders
    /// still put it last, and no decoder minds.
    pub fn remarks(&self) -> Vec<Fault> {
        let late = self.chunks[self.idat.end..].iter();
        late.filter(|chunk| &chunk.kind == b"eXIf")
            .map(|chunk| Fault {
                offset: chunk.range.start,
                what: "eXIf chunk after the image data".into(),
            })
            .collect()
    }
}
