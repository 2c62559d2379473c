//! Stretches of entropy-coded data, and the bytes of them without their stuffing (T.81 F.1.2.3).

use super::stuffing::{self, has_ff};

/// A stretch of entropy-coded data.
#[derive(Clone, Copy, Debug)]
pub(super) enum Span<'a> {
    /// As it stands in a file: every 0xFF is followed by 0x00.
    Stuffed(&'a [u8]),
    /// Without stuffing, as a pass left it.
    Plain(&'a [u8]),
}

impl<'a> Span<'a> {
    fn parts(self) -> (&'a [u8], bool) {
        match self {
            Span::Stuffed(data) => (data, true),
            Span::Plain(data) => (data, false),
        }
    }
}

/// Bytes of a list of spans, one after the other.
#[derive(Clone, Debug)]
pub(super) struct Source<'a> {
    spans: &'a [Span<'a>],
    /// What is left of the span at hand; empty only at the end.
    pub(super) data: &'a [u8],
    /// Whether that is stuffed.
    pub(super) stuffed: bool,
}

impl<'a> Source<'a> {
    pub(super) fn new(spans: &'a [Span<'a>]) -> Self {
        let source = Source {
            spans,
            data: &[],
            stuffed: false,
        };
        source.settled()
    }

    /// At the next span that holds bytes. Afterwards `data` is empty only at the end.
    ///
    /// By value, here and in `Reader::refilled_bytewise`: a reference handed to code that is not
    /// inlined would keep the whole state of a walk in memory instead of registers.
    #[cold]
    #[inline(never)]
    fn settled(mut self) -> Self {
        while self.data.is_empty() {
            let Some((first, rest)) = self.spans.split_first() else {
                break;
            };
            (self.data, self.stuffed) = first.parts();
            self.spans = rest;
        }
        self
    }

    /// The next eight bytes, if they are plain to see: all in this span, none of them stuffed.
    #[inline(always)]
    pub(super) fn word(&self) -> Option<u64> {
        let word = u64::from_be_bytes(*self.data.first_chunk::<8>()?);
        (!self.stuffed || !has_ff(word)).then_some(word)
    }

    /// Passes over `count` bytes that [`Source::word`] showed.
    #[inline(always)]
    pub(super) fn advance(&mut self, count: usize) {
        self.data = &self.data[count..];
        if self.data.is_empty() {
            *self = self.clone().settled();
        }
    }

    pub(super) fn peek(&self) -> Option<u8> {
        self.data.first().copied()
    }

    /// Passes over up to `count` bytes and their stuffing; tells how many there were.
    pub(super) fn skip_bytes(&mut self, count: usize) -> u64 {
        let mut skipped = 0;
        while skipped < count && !self.data.is_empty() {
            let (raw, bytes) = self.prefix(count - skipped);
            self.advance(raw);
            skipped += bytes;
        }
        skipped as u64
    }

    /// How many bytes of this span hold the next `count` bytes, and how many those are (fewer if
    /// the span ends).
    pub(super) fn prefix(&self, count: usize) -> (usize, usize) {
        match self.stuffed {
            true => stuffing::prefix(self.data, count),
            false => (count.min(self.data.len()), count.min(self.data.len())),
        }
    }

    /// Copies the next bytes without stuffing, and passes over them; tells how many there were.
    pub(super) fn take(&mut self, into: &mut [u8]) -> usize {
        let mut copied = 0;
        while copied < into.len() && !self.data.is_empty() {
            let into = &mut into[copied..];
            let (raw, bytes) = match self.stuffed {
                true => stuffing::unstuff(self.data, into),
                false => {
                    let count = into.len().min(self.data.len());
                    into[..count].copy_from_slice(&self.data[..count]);
                    (count, count)
                }
            };
            self.advance(raw);
            copied += bytes;
        }
        copied
    }

    /// Passes over the next byte and its stuffing.
    pub(super) fn skip(&mut self) {
        let count = if self.stuffed && self.data.first() == Some(&0xFF) {
            2
        } else {
            1
        };
        self.advance(count.min(self.data.len()));
    }
}
