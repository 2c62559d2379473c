//! Reads bits of entropy-coded data.

use super::span::{Source, Span};

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

#[cfg(test)]
mod tests {
    use super::super::cursor::Cursor;
    use super::super::writer::Writer;
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
