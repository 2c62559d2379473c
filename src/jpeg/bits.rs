//! Bits of entropy-coded data, read and written. Readers take the stuffing (T.81 F.1.2.3) out, the
//! writer puts it in.

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
struct Source<'a> {
    spans: &'a [Span<'a>],
    data: &'a [u8],
    stuffed: bool,
}

impl<'a> Source<'a> {
    fn new(spans: &'a [Span<'a>]) -> Self {
        let source = Source {
            spans,
            data: &[],
            stuffed: false,
        };
        source.settled()
    }

    /// At the next span that holds bytes. Afterwards `data` is empty only at the end.
    ///
    /// By value, here and in [`Reader::refilled_bytewise`]: a reference handed to code that is not
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
    fn word(&self) -> Option<u64> {
        let word = u64::from_be_bytes(*self.data.first_chunk::<8>()?);
        (!self.stuffed || !has_ff(word)).then_some(word)
    }

    /// Passes over `count` bytes that [`Source::word`] showed.
    #[inline(always)]
    fn advance(&mut self, count: usize) {
        self.data = &self.data[count..];
        if self.data.is_empty() {
            *self = self.clone().settled();
        }
    }

    fn peek(&self) -> Option<u8> {
        self.data.first().copied()
    }

    /// Passes over up to `count` bytes and their stuffing; tells how many there were.
    fn skip_bytes(&mut self, count: usize) -> u64 {
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
    fn prefix(&self, count: usize) -> (usize, usize) {
        match self.stuffed {
            true => stuffing::prefix(self.data, count),
            false => (count.min(self.data.len()), count.min(self.data.len())),
        }
    }

    /// Copies the next bytes without stuffing, and passes over them; tells how many there were.
    fn take(&mut self, into: &mut [u8]) -> usize {
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
    fn skip(&mut self) {
        let count = if self.stuffed && self.data.first() == Some(&0xFF) {
            2
        } else {
            1
        };
        self.advance(count.min(self.data.len()));
    }
}

/// Reads bits, most significant first. Past the end it reads zeros and counts them.
#[derive(Clone, Debug)]
pub(super) struct Reader<'a> {
    source: Source<'a>,
    /// The next bits, from the top; below the valid ones zeros, or what comes next.
    window: u64,
    /// How many bits of the window are valid, below 64.
    bits: u32,
    /// Bits that ever entered the window.
    loaded: u64,
    /// How many of those were zeros from past the end.
    missing: u64,
}

impl<'a> Reader<'a> {
    /// Starts at the first bit of the spans.
    pub(super) fn new(spans: &'a [Span<'a>]) -> Self {
        Reader::starting(spans, 0)
    }

    /// Starts at bit `start` of data of which the spans hold all from the byte on that it is in.
    pub(super) fn starting(spans: &'a [Span<'a>], start: u64) -> Self {
        let mut reader = Reader {
            source: Source::new(spans),
            window: 0,
            bits: 0,
            loaded: start / 8 * 8,
            missing: 0,
        };
        reader.read((start % 8) as u32);
        reader
    }

    /// Makes at least 32 bits valid.
    #[inline(always)]
    pub(super) fn refill(&mut self) {
        if self.bits < 32 {
            self.fill();
        }
    }

    /// Makes at least 56 bits valid.
    #[inline(always)]
    pub(super) fn fill(&mut self) {
        match self.source.word() {
            // As many whole bytes as there is room for. What is below them is seen again.
            Some(word) => {
                self.window |= word >> (self.bits & 63);
                let room = 56 & !self.bits;
                self.bits += room;
                self.loaded += u64::from(room);
                self.source.data = &self.source.data[(room / 8) as usize..];
            }
            None => *self = self.clone().refilled_bytewise(),
        }
    }

    #[cold]
    #[inline(never)]
    fn refilled_bytewise(mut self) -> Self {
        while self.bits < 56 {
            match self.source.peek() {
                Some(byte) => {
                    self.window |= u64::from(byte) << (56 - self.bits);
                    self.source.skip();
                }
                None => self.missing += 8,
            }
            self.bits += 8;
            self.loaded += 8;
        }
        self
    }

    /// The next `count` bits, 0 to 32, without passing over them. They must be valid.
    #[inline(always)]
    pub(super) fn peek(&self, count: u32) -> u32 {
        (self.window >> 1 >> (63 - count)) as u32
    }

    /// Passes over `count` valid bits.
    #[inline(always)]
    pub(super) fn consume(&mut self, count: u32) {
        self.window <<= count;
        self.bits -= count;
    }

    /// Reads `count` bits, 0 to 32.
    #[inline(always)]
    pub(super) fn read(&mut self, count: u32) -> u32 {
        self.refill();
        let value = self.peek(count);
        self.consume(count);
        value
    }

    /// Bits passed over since the start, those past the end included.
    #[inline(always)]
    pub(super) fn position(&self) -> u64 {
        self.loaded - u64::from(self.bits)
    }

    /// Passes over up to 56 bits, if all of them are there.
    #[inline(always)]
    pub(super) fn skips(&mut self, count: u32) -> bool {
        self.fill();
        let is_there = count <= 56 && self.missing == 0;
        if is_there {
            self.consume(count);
        }
        is_there
    }

    /// Passes over all up to bit `end`, at once where it is far.
    pub(super) fn skip_to(&mut self, end: u64) {
        if end > self.loaded {
            (self.window, self.bits) = (0, 0);
            self.loaded += 8 * self.source.skip_bytes(((end - self.loaded) / 8) as usize);
        }
        while self.position() < end {
            self.refill();
            self.consume((end - self.position()).min(32) as u32);
        }
    }

    /// Copies what comes next, from the byte on in which the reader stands, and goes behind it; tells
    /// how many bytes that are. None where the end of the data is in sight, or there is room for less
    /// than eight.
    pub(super) fn take(&mut self, into: &mut [u8]) -> usize {
        if self.missing > 0 || into.len() < 8 {
            return 0;
        }
        let begun = (8 - self.bits % 8) % 8;
        let window = (self.window >> begun).to_be_bytes();
        let seen = ((begun + self.bits) / 8) as usize;
        into[..seen].copy_from_slice(&window[..seen]);
        let taken = self.source.take(&mut into[seen..]);
        (self.window, self.bits) = (0, 0);
        self.loaded += 8 * taken as u64;
        seen + taken
    }

    /// Whether bits from past the end were passed over.
    #[inline(always)]
    pub(super) fn overrun(&self) -> bool {
        self.missing > u64::from(self.bits)
    }

    /// The end of the data, in bits from the start, if it is in sight.
    pub(super) fn end(&self) -> Option<u64> {
        (self.missing > 0).then(|| self.loaded - self.missing)
    }

    /// Whether all is read but for less than a byte, and those bits are ones: F.1.2.3.
    pub(super) fn at_padding(&mut self) -> bool {
        *self = self.clone().refilled_bytewise();
        match self.end().map(|end| end.checked_sub(self.position())) {
            Some(Some(rest @ 0..8)) => self.peek(rest as u32) + 1 == 1 << rest,
            _ => false,
        }
    }
}

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

    /// As [`Reader::starting`].
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

/// Where a [`Writer`] stopped, to go on from there, or to come back to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pause {
    len: usize,
    window: u64,
    bits: u32,
}

impl Pause {
    /// Before the first bit, behind what `out` holds.
    pub(super) fn behind(out: &[u8]) -> Self {
        Pause {
            len: out.len(),
            window: 0,
            bits: 0,
        }
    }
}

/// Writes bits, most significant first, stuffed, behind what `out` already holds.
#[derive(Debug)]
pub(super) struct Writer<'o> {
    out: &'o mut Vec<u8>,
    /// Bits not written yet, from the top.
    window: u64,
    /// How many they are, below 32 between calls.
    bits: u32,
}

impl<'o> Writer<'o> {
    #[cfg(test)]
    pub(super) fn new(out: &'o mut Vec<u8>) -> Self {
        let pause = Pause::behind(out);
        Writer::resume(out, pause)
    }

    /// Goes on where it stopped; what was written since is lost.
    pub(super) fn resume(out: &'o mut Vec<u8>, pause: Pause) -> Self {
        out.truncate(pause.len);
        Writer {
            out,
            window: pause.window,
            bits: pause.bits,
        }
    }

    pub(super) fn pause(self) -> Pause {
        Pause {
            len: self.out.len(),
            window: self.window,
            bits: self.bits,
        }
    }

    /// Writes the low `count` bits of `value`, 0 to 32; the bits above them must be zero.
    pub(super) fn put(&mut self, value: u32, count: u32) {
        self.window |= u64::from(value) << 32 << (32 - count) >> self.bits;
        self.bits += count;
        if self.bits >= 32 {
            let bytes = self.window.to_be_bytes();
            match has_ff(self.window >> 32) {
                true => self.push_plain(&bytes[..4]),
                false => self.out.extend_from_slice(&bytes[..4]),
            }
            self.window <<= 32;
            self.bits -= 32;
        }
    }

    /// If the bits end with a byte, writes them all out and says so.
    fn flush_if_aligned(&mut self) -> bool {
        if !self.bits.is_multiple_of(8) {
            return false;
        }
        let bytes = self.window.to_be_bytes();
        self.push_plain(&bytes[..self.bits as usize / 8]);
        (self.window, self.bits) = (0, 0);
        true
    }

    fn push_plain(&mut self, bytes: &[u8]) {
        stuffing::stuff(bytes, self.out);
    }

    /// Ends the data: pads the last byte with ones (F.1.2.3).
    pub(super) fn finish(mut self) {
        let padding = (8 - self.bits % 8) % 8;
        self.put((1 << padding) - 1, padding);
        self.flush_if_aligned();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn stuff(bytes: &[u8]) -> Vec<u8> {
        bytes
            .iter()
            .flat_map(|&byte| {
                if byte == 0xFF {
                    vec![0xFF, 0]
                } else {
                    vec![byte]
                }
            })
            .collect()
    }

    /// Bytes in which 0xFF is as common as it takes to hit every case.
    fn bytes() -> impl Strategy<Value = Vec<u8>> {
        let byte = prop_oneof![3 => any::<u8>(), 1 => Just(0xFF)];
        prop::collection::vec(byte, 0..200)
    }

    fn bit(bytes: &[u8], index: u64) -> u32 {
        let byte = bytes.get(index as usize / 8).copied().unwrap_or(0);
        u32::from(byte >> (7 - index % 8) & 1)
    }

    /// Cuts `plain` into spans that are stuffed and plain in turn.
    fn cut<'a>(plain: &'a [u8], stuffed: &'a [Vec<u8>], len: usize) -> Vec<Span<'a>> {
        let chunks = plain.chunks(len).zip(stuffed).enumerate();
        chunks
            .map(|(i, (chunk, stuffed))| {
                if i % 2 == 0 {
                    Span::Stuffed(stuffed)
                } else {
                    Span::Plain(chunk)
                }
            })
            .collect()
    }

    proptest! {
        #[test]
        fn the_reader_sees_the_bits_as_they_are(plain in bytes(), len in 1_usize..40, counts in prop::collection::vec(0_u32..=32, 0..60)) {
            let stuffed: Vec<_> = plain.chunks(len).map(stuff).collect();
            let spans = cut(&plain, &stuffed, len);
            let mut reader = Reader::new(&spans);
            let mut position = 0;
            for count in counts {
                let expected = (0..u64::from(count)).fold(0_u64, |value, i| value << 1 | u64::from(bit(&plain, position + i)));
                prop_assert_eq!(u64::from(reader.read(count)), expected);
                position += u64::from(count);
                prop_assert_eq!(reader.position(), position);
                prop_assert_eq!(reader.overrun(), position > plain.len() as u64 * 8);
            }
        }

        #[test]
        fn what_is_written_reads_back(values in prop::collection::vec((any::<u32>(), 0_u32..=32), 0..100)) {
            let mut out = Vec::new();
            let mut writer = Writer::new(&mut out);
            let low = |value: u32, count: u32| (u64::from(value) & ((1 << count) - 1)) as u32;
            for &(value, count) in &values {
                writer.put(low(value, count), count);
            }
            writer.finish();
            let spans = [Span::Stuffed(&out)];
            let mut reader = Reader::new(&spans);
            for (value, count) in values {
                prop_assert_eq!(reader.read(count), low(value, count));
            }
            prop_assert!(reader.at_padding());
        }

        #[test]
        fn a_copy_is_a_copy(plain in bytes(), len in 1_usize..60, lead in 0_u32..=17, from in 0_u64..300, cuts in prop::collection::vec(0_u64..400, 0..6)) {
            let stuffed: Vec<_> = plain.chunks(len).map(stuff).collect();
            let spans = cut(&plain, &stuffed, len);
            let end = plain.len() as u64 * 8;
            let mut out = Vec::new();
            let mut writer = Writer::new(&mut out);
            writer.put(0, lead);
            let mut cursor = Cursor::new(&spans);
            cursor.skip_to(from);
            let mut to = from;
            for cut in cuts {
                to += cut;
                cursor.copy_to(to, &mut writer);
            }
            writer.finish();
            let spans = [Span::Stuffed(&out)];
            let mut reader = Reader::new(&spans);
            reader.read(lead);
            for position in from..to.min(end) {
                prop_assert_eq!(reader.read(1), bit(&plain, position), "bit {}", position);
            }
            prop_assert!(reader.at_padding());
        }
    }

    #[test]
    fn padding_is_less_than_a_byte_of_ones() {
        for (data, read, padding) in [
            (&[0b1010_1111_u8][..], 4, true),
            (&[0b1010_1101], 4, false),
            (&[0b1010_1111, 0xFF, 0], 4, false),
            (&[0b1010_1111], 8, true),
            (&[0xFF, 0], 1, true),
            (&[0xFF, 0], 0, false),
            (&[0xFF, 0], 9, false),
            (&[], 0, true),
        ] {
            let spans = [Span::Stuffed(data)];
            let mut reader = Reader::new(&spans);
            reader.read(read);
            assert_eq!(reader.at_padding(), padding, "{data:?} after {read}");
        }
    }
}
