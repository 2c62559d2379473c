//! Copies bits of entropy-coded data from one place to another.

use super::span::{Source, Span};
use super::writer::Writer;

/// Bytes that are copied at a time where those of the input and of the output do not begin together.
const SHIFTED: usize = 1024;

/// A place in entropy-coded data from which bits are copied to a [`Writer`].
#[derive(Clone, Debug)]
pub(super) struct Cursor<'a> {
    source: Source<'a>,
    /// Bits of the next byte that are behind the cursor, 0 to 7.
    bit: u32,
    /// Bits behind the cursor.
    position: u64,
}

impl<'a> Cursor<'a> {
    #[cfg(test)]
    pub(super) fn new(spans: &'a [Span<'a>]) -> Self {
        Cursor::starting(spans, 0)
    }

    /// As `Reader::starting`.
    pub(super) fn starting(spans: &'a [Span<'a>], start: u64) -> Self {
        let mut cursor = Cursor {
            source: Source::new(spans),
            bit: 0,
            position: start / 8 * 8,
        };
        cursor.skip_to(start);
        cursor
    }

    /// Passes over all up to bit `end`.
    pub(super) fn skip_to(&mut self, end: u64) {
        while self.position < end {
            let rest = end - self.position;
            if self.take(rest.min(32) as u32).is_none() {
                return;
            }
        }
    }

    /// Copies all up to bit `end`; stops where the data ends.
    pub(super) fn copy_to(&mut self, end: u64, writer: &mut Writer<'_>) {
        while self.position < end {
            let rest = end - self.position;
            if rest < 96 {
                let Some((value, count)) = self.take(rest.min(32) as u32) else {
                    return;
                };
                writer.put(value, count);
            } else if !writer.flush_if_aligned() {
                // To the next byte of the output: from there whole bytes may be written.
                let Some((value, count)) = self.take(8 - writer.bits % 8) else {
                    return;
                };
                writer.put(value, count);
            } else if self.bit == 0 {
                if !self.copy_bytes((rest / 8) as usize, writer) {
                    return;
                }
            } else if !self.copy_shifted(rest / 8, writer) {
                let Some((value, count)) = self.take(8) else {
                    return;
                };
                writer.put(value, count);
            }
        }
    }

    /// Copies up to `count` bytes to an output that stands at a byte: all but the last that are there.
    /// Whether there were any.
    fn copy_shifted(&mut self, count: u64, writer: &mut Writer<'_>) -> bool {
        let mut bytes = [0; SHIFTED + 1];
        let mut source = self.source.clone();
        let taken = source.take(&mut bytes[..count.min(SHIFTED as u64) as usize]);
        let copied = match source.peek() {
            Some(next) => {
                bytes[taken] = next;
                self.source = source;
                taken
            }
            None => self.source.skip_bytes(taken.saturating_sub(1)) as usize,
        };
        for at in 0..copied {
            bytes[at] = bytes[at] << self.bit | bytes[at + 1] >> (8 - self.bit);
        }
        writer.push_plain(&bytes[..copied]);
        self.position += 8 * copied as u64;
        copied > 0
    }

    /// Copies `count` whole bytes, or up to the end of this span. False at the end of the data.
    fn copy_bytes(&mut self, count: usize, writer: &mut Writer<'_>) -> bool {
        let data = self.source.data;
        if data.is_empty() {
            return false;
        }
        let (raw, bytes) = self.source.prefix(count);
        if self.source.stuffed {
            writer.out.extend_from_slice(&data[..raw]);
        } else {
            writer.push_plain(&data[..raw]);
        }
        self.source.advance(raw);
        self.position += bytes as u64 * 8;
        true
    }

    /// Takes up to `count` bits, 1 to 32; fewer where a byte has to be looked at by itself.
    /// `None` at the end.
    fn take(&mut self, count: u32) -> Option<(u32, u32)> {
        if let Some(word) = self.source.word() {
            let value = (word << self.bit >> 32 >> (32 - count)) as u32;
            let passed = self.bit + count;
            self.bit = passed % 8;
            self.position += u64::from(count);
            self.source.advance((passed / 8) as usize);
            return Some((value, count));
        }
        let byte = u32::from(self.source.peek()?);
        let count = count.min(8 - self.bit);
        let value = byte >> (8 - self.bit - count) & ((1 << count) - 1);
        self.bit += count;
        self.position += u64::from(count);
        if self.bit == 8 {
            self.bit = 0;
            self.source.skip();
        }
        Some((value, count))
    }
}
