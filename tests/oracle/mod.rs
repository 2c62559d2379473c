//! A conformance oracle for JPEG and PNG: naive, slow, and so simple that it is unlikely to be wrong.
//!
//! It is written from the standards alone (T.81 = ITU-T T.81, PNG = the W3C PNG specification, third edition, RFC 1950 and
//! RFC 1951) and shares no code with the library that it judges. It accepts only strictly conformant files and names the
//! first fault with its byte offset.
//!
//! A fault is anything that the coded data may not hold, and anything in the headers that makes the file ambiguous or
//! undecodable. Deviations that lie in the headers only, and that every decoder reads in the same way, are told as
//! [`Facts::remarks`]: the library copies headers, so it neither makes nor mends them.
#![allow(
    dead_code,
    unused_imports,
    reason = "every integration test includes this module and uses its own part of it"
)]

pub mod jpeg;
pub mod png;

use std::fmt;
use std::ops::Range;

pub use jpeg::{JpegFacts, samples};
pub use png::PngFacts;

/// The first thing found wrong with a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Where in the file it lies; for what is found only in inflated data, the start of the chunk that began the stream.
    pub offset: usize,
    pub what: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "at byte {}: {}", self.offset, self.what)
    }
}

impl std::error::Error for Fault {}

/// What a conformant file holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Facts {
    pub width: u32,
    pub height: u32,
    /// The bytes that a glitch may change: of a JPEG the entropy-coded data of each scan with its RSTn markers (without fill
    /// bytes before the marker that ends the scan), of a PNG each IDAT and fdAT chunk whole: length, type, data and CRC.
    pub scan_bytes: Vec<Range<usize>>,
    pub jpeg: Option<JpegFacts>,
    pub png: Option<PngFacts>,
    /// Deviations of the headers that leave the meaning of the file clear.
    pub remarks: Vec<Fault>,
}

/// Checks a file from its first to its last byte.
pub fn check(bytes: &[u8]) -> Result<Facts, Fault> {
    if bytes.starts_with(&[0xFF, 0xD8]) {
        jpeg::check(bytes)
    } else if bytes.starts_with(&png::SIGNATURE) {
        png::check(bytes)
    } else {
        fault(
            0,
            "neither a JPEG's SOI marker nor a PNG's signature comes first",
        )
    }
}

fn fault<T>(offset: usize, what: impl fmt::Display) -> Result<T, Fault> {
    Err(Fault {
        offset,
        what: what.to_string(),
    })
}

/// Faults unless `rule` holds. The words are put together only if they are needed.
fn require(rule: bool, offset: usize, what: impl fmt::Display) -> Result<(), Fault> {
    if rule { Ok(()) } else { fault(offset, what) }
}

/// `N` bytes from `offset`, or the fault that the file ends inside them.
fn take<const N: usize>(bytes: &[u8], offset: usize) -> Result<[u8; N], Fault> {
    bytes
        .get(offset..)
        .and_then(|rest| rest.first_chunk::<N>())
        .copied()
        .ok_or_else(|| Fault {
            offset: bytes.len(),
            what: "the file ends too soon".into(),
        })
}

fn byte(bytes: &[u8], offset: usize) -> Result<u8, Fault> {
    Ok(u8::from_be_bytes(take(bytes, offset)?))
}

fn big_endian_16(bytes: &[u8], offset: usize) -> Result<u16, Fault> {
    Ok(u16::from_be_bytes(take(bytes, offset)?))
}

fn big_endian_32(bytes: &[u8], offset: usize) -> Result<u32, Fault> {
    Ok(u32::from_be_bytes(take(bytes, offset)?))
}
