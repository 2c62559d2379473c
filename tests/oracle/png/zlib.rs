//! A zlib stream (RFC 1950) spread over several chunks. The deflate blocks inside (RFC 1951) are inflated by a library.

use std::ops::Range;

use flate2::{Decompress, FlushDecompress, Status};

use super::super::{Fault, fault, require};

/// Inflates the stream that `parts` of the file hold together. It has to give `size` bytes, and to end where the last part ends.
pub fn inflate(bytes: &[u8], parts: &[Range<usize>], size: u64) -> Result<Vec<u8>, Fault> {
    let stream: Vec<u8> = parts
        .iter()
        .flat_map(|part| &bytes[part.clone()])
        .copied()
        .collect();
    let in_file = |position| offset_in_file(parts, position);
    let Some((header, rest)) = stream.split_first_chunk::<2>() else {
        return fault(in_file(0), "zlib stream without its two header bytes");
    };
    stream_header(*header, in_file(0))?;
    let (output, used) = inflate_blocks(rest, size).map_err(|fault| Fault {
        offset: in_file(2 + fault.offset),
        ..fault
    })?;
    let checksum_at = 2 + used;
    let Some((checksum, left_over)) = rest[used..].split_first_chunk::<4>() else {
        return fault(
            in_file(stream.len()),
            "zlib stream without its whole Adler-32",
        );
    };
    require(
        adler32(&output) == u32::from_be_bytes(*checksum),
        in_file(checksum_at),
        "wrong Adler-32",
    )?;
    require(
        left_over.is_empty(),
        in_file(checksum_at + 4),
        format_args!("{} bytes after the end of the zlib stream", left_over.len()),
    )?;
    Ok(output)
}

/// RFC 1950, 2.2, and PNG 10.1: deflate, a window of at most 32768 bytes, no preset dictionary.
fn stream_header([cmf, flg]: [u8; 2], at: usize) -> Result<(), Fault> {
    require(
        cmf & 15 == 8,
        at,
        "zlib compression method other than deflate",
    )?;
    require(cmf >> 4 <= 7, at, "zlib window above 32768 bytes")?;
    require(
        u16::from_be_bytes([cmf, flg]) % 31 == 0,
        at,
        "wrong check bits of the zlib header",
    )?;
    require(flg & 32 == 0, at + 1, "zlib preset dictionary")
}

/// Inflates to exactly `size` bytes; returns them and the number of compressed bytes that they took. The offset of a fault
/// counts from the first compressed byte.
fn inflate_blocks(compressed: &[u8], size: u64) -> Result<(Vec<u8>, usize), Fault> {
    let mut inflater = Decompress::new(false);
    let mut output = Vec::new();
    // Taken in portions, so that a stream that holds too much is noticed before it fills the memory.
    let mut portion = vec![0; 1 << 16];
    loop {
        let (used, made) = (inflater.total_in(), inflater.total_out());
        let input = &compressed[used as usize..];
        let status = inflater.decompress(input, &mut portion, FlushDecompress::None);
        let used_now = inflater.total_in() as usize;
        let made_now = (inflater.total_out() - made) as usize;
        output.extend_from_slice(&portion[..made_now]);
        let got = output.len() as u64;
        require(
            got <= size,
            used_now,
            format_args!("too much image data: more than {size} bytes"),
        )?;
        match status {
            Ok(Status::StreamEnd) => {
                require(
                    got == size,
                    used_now,
                    format_args!("too little image data: {got} bytes instead of {size}"),
                )?;
                return Ok((output, used_now));
            }
            Ok(_) => require(
                made_now > 0 || inflater.total_in() > used,
                used_now,
                format_args!(
                    "the deflate stream is cut off after {got} of {size} bytes of image data"
                ),
            )?,
            Err(error) => return fault(used_now, format_args!("broken deflate stream: {error}")),
        }
    }
}

/// RFC 1950, 8.2.
fn adler32(bytes: &[u8]) -> u32 {
    let (mut a, mut b) = (1u32, 0u32);
    for &byte in bytes {
        a = (a + u32::from(byte)) % 65521;
        b = (b + a) % 65521;
    }
    b << 16 | a
}

/// Where the stream's byte number `position` stands, or where the stream ends.
fn offset_in_file(parts: &[Range<usize>], position: usize) -> usize {
    let mut before = 0;
    for part in parts {
        if position < before + part.len() {
            return part.start + position - before;
        }
        before += part.len();
    }
    parts.last().map_or(0, |part| part.end)
}
