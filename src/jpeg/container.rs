//! The file as a list of pieces: marker segments, the coded data of scans, and what lies between
//! and behind (T.81 annex B). Every byte of the input belongs to exactly one piece.

use std::ops::Range;

use memchr::memchr;

use super::marker;
use crate::cancel::Cancel;
use crate::error::Error;
use crate::format::Format;

/// A stretch of the file.
#[derive(Clone, Debug)]
pub(super) enum Piece {
    /// A marker without parameters: SOI, EOI, TEM, a lone RSTn; with its fill bytes.
    Marker { code: u8, bytes: Range<usize> },
    /// A marker segment. `bytes` has the marker and its fill bytes, `body` what follows the length.
    Segment {
        code: u8,
        bytes: Range<usize>,
        body: Range<usize>,
    },
    /// The entropy-coded data of a scan, with the RSTn markers between its restart intervals.
    Coded {
        bytes: Range<usize>,
        intervals: Vec<Interval>,
    },
    /// Bytes where none should be: a decoder warns of them.
    Extraneous { bytes: Range<usize> },
    /// What follows EOI: other pictures, a video, a gain map. Kept as it is.
    Trailer { bytes: Range<usize> },
}

/// The data between two restart markers, still stuffed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Interval {
    /// First byte, from the start of the file. (Files are below 4 GiB: see [`split`].)
    pub(super) start: u32,
    /// First byte behind.
    pub(super) end: u32,
    /// How many of the bytes are stuffing.
    pub(super) stuffing: u32,
    /// The number of the RSTn marker that follows, if one does.
    pub(super) restart: Option<u8>,
}

impl Piece {
    pub(super) fn bytes(&self) -> &Range<usize> {
        match self {
            Piece::Marker { bytes, .. }
            | Piece::Segment { bytes, .. }
            | Piece::Coded { bytes, .. }
            | Piece::Extraneous { bytes }
            | Piece::Trailer { bytes } => bytes,
        }
    }
}

/// More pieces than this are an attack: the list of them would take many times the memory of the
/// file. Files have some dozens, of the largest embedded profiles some hundreds.
const MAX_PIECES: usize = 1 << 20;

/// The same of restart intervals, in all scans together. A picture of 250 million pixels has 4
/// million MCUs.
const MAX_INTERVALS: usize = 1 << 24;

/// Every so many bytes of coded data it is asked whether to go on.
const ASK_EACH: usize = 1 << 20;

/// Splits a file into its pieces.
///
/// After the first scan a file that ends early or goes astray is taken as far as it goes: such
/// files open. Before it they do not.
pub(super) fn split(input: &[u8], cancel: &Cancel) -> Result<Vec<Piece>, Error> {
    if u32::try_from(input.len()).is_err() {
        return Err(Error::too_large(
            "bytes",
            input.len() as u64,
            u64::from(u32::MAX),
        ));
    }
    let mut splitter = Splitter {
        input,
        cancel,
        at: 0,
        pieces: Vec::new(),
        scans: 0,
        intervals: 0,
    };
    while splitter.next()? {
        splitter.check_counts()?;
    }
    if splitter.scans == 0 {
        return Err(Error::malformed(
            Format::Jpeg,
            splitter.at,
            "it ends before the first scan",
        ));
    }
    Ok(splitter.pieces)
}

struct Splitter<'a> {
    input: &'a [u8],
    cancel: &'a Cancel,
    at: usize,
    pieces: Vec<Piece>,
    scans: usize,
    /// Restart intervals of all scans.
    intervals: usize,
}

impl Splitter<'_> {
    fn check_counts(&self) -> Result<(), Error> {
        for (what, count, most) in [
            ("markers", self.pieces.len(), MAX_PIECES),
            ("restart intervals", self.intervals, MAX_INTERVALS),
        ] {
            if count > most {
                return Err(Error::too_large(what, count as u64, most as u64));
            }
        }
        Ok(())
    }

    /// Takes the next piece or two. False at the end.
    fn next(&mut self) -> Result<bool, Error> {
        let start = self.at;
        let Some(first) = self.find_marker(start) else {
            if start < self.input.len() {
                self.pieces.push(Piece::Extraneous {
                    bytes: start..self.input.len(),
                });
                self.at = self.input.len();
            }
            return Ok(false);
        };
        if first > start {
            self.pieces.push(Piece::Extraneous {
                bytes: start..first,
            });
        }
        let fill = self.input[first..]
            .iter()
            .take_while(|&&byte| byte == 0xFF)
            .count();
        let code = self.input[first + fill];
        let after = first + fill + 1;
        if marker::stands_alone(code) {
            self.at = after;
            self.pieces.push(Piece::Marker {
                code,
                bytes: first..after,
            });
            if code == marker::EOI && self.scans > 0 {
                self.trailer();
                return Ok(false);
            }
            return Ok(true);
        }
        self.segment(code, first, after)
    }

    /// The next 0xFF from `from` on that a byte other than 0xFF and 0x00 follows, fill bytes
    /// (B.1.1.2) included.
    fn find_marker(&self, from: usize) -> Option<usize> {
        let mut at = from;
        loop {
            let first = at + memchr(0xFF, self.input.get(at..)?)?;
            let fill = self.input[first..]
                .iter()
                .take_while(|&&byte| byte == 0xFF)
                .count();
            match self.input.get(first + fill)? {
                0 => at = first + fill + 1,
                _ => return Some(first),
            }
        }
    }

    fn segment(&mut self, code: u8, first: usize, after: usize) -> Result<bool, Error> {
        let fault = |offset, what| Err(Error::malformed(Format::Jpeg, offset, what));
        let len = match self.input.get(after..after + 2) {
            Some(len) => usize::from(u16::from_be_bytes([len[0], len[1]])),
            None if self.scans > 0 => return Ok(self.astray(first)),
            None => return fault(after, "it ends inside a marker segment"),
        };
        if (marker::is_reserved(code) || len < 2 || after + len > self.input.len())
            && self.scans > 0
        {
            return Ok(self.astray(first));
        }
        if marker::is_reserved(code) {
            return fault(first, "a marker that is reserved");
        }
        if len < 2 {
            return fault(after, "a segment length below 2");
        }
        if after + len > self.input.len() {
            return fault(after, "a segment length past the end of the file");
        }
        let end = after + len;
        self.at = end;
        self.pieces.push(Piece::Segment {
            code,
            bytes: first..end,
            body: after + 2..end,
        });
        if code == marker::SOS {
            self.coded()?;
        }
        Ok(true)
    }

    /// Gives up the rest of a file of which at least one scan is there.
    fn astray(&mut self, from: usize) -> bool {
        self.pieces.push(Piece::Extraneous {
            bytes: from..self.input.len(),
        });
        self.at = self.input.len();
        false
    }

    fn trailer(&mut self) {
        if self.at < self.input.len() {
            self.pieces.push(Piece::Trailer {
                bytes: self.at..self.input.len(),
            });
            self.at = self.input.len();
        }
    }

    /// Takes the coded data of a scan: up to the first marker that is not RSTn.
    fn coded(&mut self) -> Result<(), Error> {
        self.scans += 1;
        let begin = self.at;
        let mut intervals = Vec::new();
        let mut start = begin;
        let mut stuffing = 0;
        let mut at = begin;
        let mut asked = begin;
        let end = loop {
            if at - asked >= ASK_EACH {
                self.cancel.check()?;
                asked = at;
            }
            // Enough to be refused.
            if self.intervals + intervals.len() > MAX_INTERVALS {
                break at;
            }
            let Some(ff) = memchr(0xFF, &self.input[at..]).map(|found| at + found) else {
                break self.input.len();
            };
            let fill = self.input[ff..]
                .iter()
                .take_while(|&&byte| byte == 0xFF)
                .count();
            let last = ff + fill - 1;
            match self.input.get(last + 1) {
                Some(0) if fill == 1 => {
                    stuffing += 1;
                    at = last + 2;
                }
                Some(&code @ marker::RST0..=marker::RST7) => {
                    let restart = Some(code - marker::RST0);
                    intervals.push(Interval {
                        start: start as u32,
                        end: ff as u32,
                        stuffing,
                        restart,
                    });
                    (start, stuffing) = (last + 2, 0);
                    at = start;
                }
                _ => break ff,
            }
        };
        intervals.push(Interval {
            start: start as u32,
            end: end as u32,
            stuffing,
            restart: None,
        });
        self.at = end;
        self.intervals += intervals.len();
        self.pieces.push(Piece::Coded {
            bytes: begin..end,
            intervals,
        });
        Ok(())
    }
}
