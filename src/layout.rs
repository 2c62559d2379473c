//! What `inspect` tells.

use crate::format::Format;

/// Where the headers and the scan data of a picture lie.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Layout {
    /// Kind of file.
    pub format: Format,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels (lines).
    pub height: u32,
    /// How the samples are coded, in words: `progressive, YCbCr 4:2:0`, `8-bit RGB, Adam7`.
    pub coding: String,
    /// Bytes of the file.
    pub bytes: usize,
    /// Bytes of the scan data, which a glitch may touch.
    pub editable_bytes: usize,
    /// Length of the embedded ICC profile in bytes.
    pub icc_profile: Option<usize>,
    /// Length of the EXIF data in bytes.
    pub exif: Option<usize>,
    /// Every segment, scan or chunk in the order of the file; together they cover it.
    pub parts: Vec<Part>,
}

/// A segment, the coded data of a scan, a chunk, or bytes that belong to none.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Part {
    /// First byte, from the start of the file.
    pub offset: usize,
    /// Number of bytes.
    pub len: usize,
    /// Marker or chunk name: `SOI`, `DHT`, `scan data`, `IDAT`, `trailer`.
    pub name: String,
    /// What it holds, in words.
    pub detail: String,
    /// Whether a glitch may touch these bytes. Headers that single passes edit are not counted.
    pub editable: bool,
}
