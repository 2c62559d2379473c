//! The file as chunks (PNG clause 5): where each lies, and whether its CRC holds. Nothing is
//! copied, and nothing is said yet about what a chunk means.

use std::ops::Range;

use crate::error::Error;
use crate::format::{Format, PNG_SIGNATURE};

/// Length field, chunk type and CRC: what a chunk takes besides its data.
pub(super) const FRAMING: usize = 12;

/// The largest length that a chunk may have (PNG 5.3).
pub(super) const LONGEST: usize = 0x7FFF_FFFF;

/// More chunks than this are an attack: the list of them would take many times the memory of the
/// file. With IDAT chunks of 8 kB it is 8 GB of compressed data.
const MAX_CHUNKS: usize = 1 << 20;

/// The four bytes of a chunk type.
pub(super) type ChunkType = [u8; 4];

/// Whether decoders may skip a chunk whose type they do not know (PNG 5.4: bit 5 of byte 0).
pub(super) fn is_ancillary(kind: ChunkType) -> bool {
    kind[0] & 0x20 != 0
}

/// Where a chunk lies.
#[derive(Clone, Copy, Debug)]
pub(super) struct Chunk {
    /// Its length field, from the start of the file.
    pub(super) offset: usize,
    pub(super) kind: ChunkType,
    /// Bytes of data; fewer than the length field says where the file is cut off.
    len: u32,
}

impl Chunk {
    pub(super) fn data(&self) -> Range<usize> {
        let start = self.offset + 8;
        start..start + self.len as usize
    }

    /// First byte after the chunk.
    pub(super) fn end(&self) -> usize {
        self.offset + FRAMING + self.len as usize
    }
}

/// How the chunks of a file end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tail {
    /// With IEND; the offset of what follows it.
    Ended(usize),
    /// With the file, after a whole chunk.
    Missing,
    /// With bytes, from the offset on, that are no whole chunk.
    Cut(usize, &'static str),
}

/// A file and its chunks.
#[derive(Clone, Debug)]
pub(super) struct Container<'a> {
    pub(super) input: &'a [u8],
    pub(super) chunks: Vec<Chunk>,
    pub(super) tail: Tail,
}

impl<'a> Container<'a> {
    /// Finds the chunks. IDAT and fdAT chunks that the end of the file cuts off are kept with
    /// what there is of their data.
    pub(super) fn split(input: &'a [u8]) -> Result<Self, Error> {
        if !input.starts_with(&PNG_SIGNATURE) {
            return Err(broken(0, "the signature is wrong"));
        }
        let mut chunks = Vec::new();
        let mut offset = PNG_SIGNATURE.len();
        let tail = loop {
            if offset == input.len() {
                break Tail::Missing;
            }
            let (chunk, fault) = read_chunk(input, offset);
            if let Some(fault) = fault {
                chunks.extend(chunk.filter(|chunk| matches!(&chunk.kind, b"IDAT" | b"fdAT")));
                break Tail::Cut(offset, fault);
            }
            let Some(chunk) = chunk else {
                break Tail::Missing;
            };
            if chunks.len() == MAX_CHUNKS {
                let count = MAX_CHUNKS as u64;
                return Err(Error::too_large("chunks", count + 1, count));
            }
            chunks.push(chunk);
            offset = chunk.end();
            if chunk.kind == *b"IEND" {
                break Tail::Ended(offset);
            }
        };
        Ok(Container {
            input,
            chunks,
            tail,
        })
    }

    pub(super) fn data(&self, chunk: &Chunk) -> &'a [u8] {
        self.input.get(chunk.data()).unwrap_or_default()
    }

    /// The whole chunk as it stands in the file.
    pub(super) fn bytes(&self, chunk: &Chunk) -> &'a [u8] {
        let end = chunk.end().min(self.input.len());
        self.input.get(chunk.offset..end).unwrap_or_default()
    }

    pub(super) fn crc_holds(&self, chunk: &Chunk) -> bool {
        let data = chunk.data();
        let stored = be32(self.input, data.end);
        let covered = self.input.get(data.start - 4..data.end);
        covered.is_some_and(|covered| stored == Some(crc32fast::hash(covered)))
    }
}

/// The chunk at `offset`, as far as it can be told, and why it is no whole chunk.
fn read_chunk(input: &[u8], offset: usize) -> (Option<Chunk>, Option<&'static str>) {
    let kind = input.get(offset + 4..).and_then(|rest| rest.first_chunk());
    let (Some(len), Some(&kind)) = (be32(input, offset), kind) else {
        return (None, Some("the file ends inside a chunk header"));
    };
    if !kind.iter().all(u8::is_ascii_alphabetic) {
        return (None, Some("this is no chunk type"));
    }
    if len as usize > LONGEST {
        return (None, Some("the chunk length has its top bit set"));
    }
    let room = input.len() - (offset + 8);
    let fault = (room < len as usize + 4).then_some("the chunk runs past the end of the file");
    let len = len.min(room.min(LONGEST) as u32);
    (Some(Chunk { offset, kind, len }), fault)
}

/// Appends a chunk whose data are the given pieces one after the other.
pub(super) fn write_chunk(into: &mut Vec<u8>, kind: ChunkType, pieces: [&[u8]; 2]) {
    let len = pieces[0].len() + pieces[1].len();
    into.extend_from_slice(&(len as u32).to_be_bytes());
    let start = into.len();
    into.extend_from_slice(&kind);
    into.extend_from_slice(pieces[0]);
    into.extend_from_slice(pieces[1]);
    let crc = crc32fast::hash(&into[start..]);
    into.extend_from_slice(&crc.to_be_bytes());
}

/// The big-endian number at a place, if it lies inside.
pub(super) fn be32(bytes: &[u8], at: usize) -> Option<u32> {
    let four = bytes.get(at..)?.first_chunk::<4>()?;
    Some(u32::from_be_bytes(*four))
}

/// As [`be32`], of two bytes.
pub(super) fn be16(bytes: &[u8], at: usize) -> Option<u16> {
    let two = bytes.get(at..)?.first_chunk::<2>()?;
    Some(u16::from_be_bytes(*two))
}

/// The error for a file that breaks the PNG specification at an offset.
pub(super) fn broken(offset: usize, fault: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Error::malformed(Format::Png, offset, fault)
}

/// A chunk type as text. The type is known to be letters.
pub(super) fn name(kind: ChunkType) -> String {
    kind.iter().map(|&byte| char::from(byte)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(chunks: &[(&[u8; 4], &[u8])]) -> Vec<u8> {
        let mut file = PNG_SIGNATURE.to_vec();
        for (kind, data) in chunks {
            write_chunk(&mut file, **kind, [data, &[]]);
        }
        file
    }

    #[test]
    fn chunks_and_trailer_are_found() {
        let mut bytes = file(&[(b"IHDR", b"abc"), (b"IDAT", b""), (b"IEND", b"")]);
        let end = bytes.len();
        bytes.extend_from_slice(b"more");
        let container = Container::split(&bytes).unwrap();
        assert_eq!(container.tail, Tail::Ended(end));
        assert_eq!(container.chunks.len(), 3);
        assert_eq!(container.data(&container.chunks[0]), b"abc");
        assert_eq!(container.chunks[1].offset, 8 + 15);
        assert!(container.chunks.iter().all(|c| container.crc_holds(c)));
        bytes[18] ^= 1;
        let container = Container::split(&bytes).unwrap();
        assert!(!container.crc_holds(&container.chunks[0]));
    }

    #[test]
    fn a_file_cut_anywhere_is_told_apart() {
        let bytes = file(&[(b"IHDR", b"abc"), (b"IDAT", b"0123456789"), (b"IEND", b"")]);
        for end in 0..bytes.len() {
            let cut = &bytes[..end];
            let Ok(container) = Container::split(cut) else {
                assert!(end < 8);
                continue;
            };
            let missing = [8, 23, 45].contains(&end);
            assert_eq!(container.tail == Tail::Missing, missing, "{end}");
            let data: usize = container
                .chunks
                .iter()
                .map(|c| container.data(c).len())
                .sum();
            let expected = match end {
                0..23 => 0,
                23..31 => 3,
                _ => 3 + (end - 31).min(10),
            };
            assert_eq!(data, expected, "{end}");
        }
    }

    #[test]
    fn a_length_or_type_out_of_range_ends_the_chunks() {
        for (at, byte, said) in [
            (8, 0x80, "top bit"),
            (8, 0x7F, "past the end"),
            (12, b'1', "no chunk type"),
        ] {
            let mut bytes = file(&[(b"IHDR", b"abc"), (b"IEND", b"")]);
            bytes[at] = byte;
            let container = Container::split(&bytes).unwrap();
            assert!(matches!(container.tail, Tail::Cut(8, fault) if fault.contains(said)));
        }
    }
}
