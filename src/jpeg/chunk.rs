//! Coded data a chunk at a time, without stuffing: the fastest to read.

use super::bits::Reader;

/// Bytes of a chunk; a power of two.
const CHUNK: usize = 8192;

/// Bytes of one where nobody knows how far it is read.
const SMALL: usize = 512;

/// The last bytes of it, in which reading ends as a rule.
const LAST: usize = 256;

/// Before the last bytes there are those that the reader has in sight.
const LEAST: usize = LAST + 8;

/// What bits are read from.
pub(super) trait Bits {
    /// Makes at least 56 bits valid.
    fn fill(&mut self);

    /// The next `count` bits, 0 to 32, without passing over them. They must be valid.
    fn peek(&self, count: u32) -> u32;

    /// Passes over `count` valid bits.
    fn consume(&mut self, count: u32);
}

impl Bits for Reader<'_> {
    #[inline(always)]
    fn fill(&mut self) {
        self.fill();
    }

    #[inline(always)]
    fn peek(&self, count: u32) -> u32 {
        self.peek(count)
    }

    #[inline(always)]
    fn consume(&mut self, count: u32) {
        self.consume(count);
    }
}

/// What comes next in coded data.
pub(super) struct Chunk {
    bytes: Box<[u8; CHUNK + 8]>,
    /// How many bytes it is to hold.
    size: usize,
    /// The bit of the coded data with which it starts.
    start: u64,
    /// The bit of the coded data with which it ends.
    end: u64,
}

impl Chunk {
    pub(super) fn new() -> Self {
        Chunk {
            bytes: Box::new([0; CHUNK + 8]),
            size: SMALL,
            start: 0,
            end: 0,
        }
    }

    /// Has what comes next read, up to a bit that is behind, and takes the reader along. `read` is
    /// handed the bits, and how far they may be read; it tells what it found, and if it stopped before
    /// that, how far it would have had to read. All of them come from the same data.
    #[inline(always)]
    pub(super) fn pass<T>(
        &mut self,
        reader: &mut Reader<'_>,
        until: u64,
        read: impl FnOnce(&mut ChunkBits<'_>, u64) -> (T, Option<u64>),
    ) -> T {
        let from = reader.position();
        let last = (!self.holds(from, until)).then(|| self.take(reader, until));
        let mut bits = self.bits(from);
        let (found, stopped_at) = read(&mut bits, until.min(self.end));
        let to = bits.position();
        if let Some(last) = last.filter(|last| last.position() <= to) {
            *reader = last;
        }
        reader.skip_to(to);
        if stopped_at.is_some_and(|at| at > self.end) {
            self.size = CHUNK.min(self.size * 2);
        }
        found
    }

    /// Whether there is enough left of what was taken before.
    fn holds(&self, from: u64, until: u64) -> bool {
        let enough = until.min(from + LEAST as u64 * 8);
        self.start <= from && enough <= self.end
    }

    /// Takes what comes next, from the byte on in which a reader stands, up to a bit that is behind:
    /// nothing where the reader sees the end of the data. Tells where it nearly ends.
    fn take<'a>(&mut self, reader: &Reader<'a>, until: u64) -> Reader<'a> {
        self.start = reader.position() / 8 * 8;
        let size = (until - self.start)
            .div_ceil(8)
            .clamp(LEAST as u64, self.size as u64) as usize;
        let mut last = reader.clone();
        let first = last.take(&mut self.bytes[..size - LAST]);
        let len = first + last.clone().take(&mut self.bytes[first..size]);
        self.end = self.start + len as u64 * 8;
        last
    }

    /// Reads it from a bit of the coded data on.
    fn bits(&self, from: u64) -> ChunkBits<'_> {
        let within = from - self.start;
        let mut bits = ChunkBits {
            bytes: &self.bytes,
            start: self.start,
            window: 0,
            bits: 0,
            next: (within / 8) as usize,
        };
        bits.fill();
        bits.consume((within % 8) as u32);
        bits
    }
}

/// Reads the bits of a chunk, most significant first; past its end, whatever.
#[derive(Clone)]
pub(super) struct ChunkBits<'c> {
    bytes: &'c [u8; CHUNK + 8],
    /// The bit of the coded data with which the chunk starts.
    start: u64,
    /// The next bits, from the top; below the valid ones zeros, or what comes next.
    window: u64,
    /// How many bits of the window are valid, below 64.
    bits: u32,
    /// The byte behind the valid bits.
    next: usize,
}

impl ChunkBits<'_> {
    /// Bits of the coded data before the next one.
    #[inline(always)]
    pub(super) fn position(&self) -> u64 {
        self.start + self.next as u64 * 8 - u64::from(self.bits)
    }
}

impl Bits for ChunkBits<'_> {
    #[inline(always)]
    fn fill(&mut self) {
        let at = self.next & (CHUNK - 1);
        // There are always eight.
        let word = self.bytes[at..].first_chunk::<8>();
        let word = word.map_or(0, |word| u64::from_be_bytes(*word));
        self.window |= word >> (self.bits & 63);
        // As many whole bytes as there is room for. What is below them is seen again.
        self.next += ((63 - self.bits) / 8) as usize;
        self.bits |= 56;
    }

    #[inline(always)]
    fn peek(&self, count: u32) -> u32 {
        (self.window >> 1 >> (63 - count)) as u32
    }

    #[inline(always)]
    fn consume(&mut self, count: u32) {
        self.window <<= count;
        self.bits -= count;
    }
}

#[cfg(test)]
mod tests {
    use super::super::span::Span;
    use super::*;
    use proptest::prelude::*;

    fn stuffed(bytes: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        crate::jpeg::stuffing::stuff(bytes, &mut out);
        out
    }

    proptest! {
        /// From anywhere, and over the seams of spans.
        #[test]
        fn a_chunk_holds_what_the_reader_reads(
            parts in prop::collection::vec(
                (prop::collection::vec(prop_oneof![4 => any::<u8>(), 1 => Just(0xFF)], 0..700), any::<bool>()),
                1..5,
            ),
            from in 0_u64..4000,
        ) {
            let parts: Vec<_> = parts
                .iter()
                .map(|(bytes, is_stuffed)| if *is_stuffed { (stuffed(bytes), true) } else { (bytes.clone(), false) })
                .collect();
            let spans: Vec<_> = parts
                .iter()
                .map(|(bytes, is_stuffed)| if *is_stuffed { Span::Stuffed(bytes) } else { Span::Plain(bytes) })
                .collect();
            let mut reader = Reader::new(&spans);
            reader.skip_to(from);
            let mut chunk = Chunk::new();
            let last = chunk.take(&reader, u64::MAX / 2);
            prop_assert!(last.position() <= chunk.end || last.position() == reader.position());
            let mut bits = chunk.bits(reader.position());
            while bits.position() + 13 <= chunk.end {
                Bits::fill(&mut bits);
                prop_assert_eq!(Bits::peek(&bits, 13), reader.read(13));
                Bits::consume(&mut bits, 13);
                prop_assert_eq!(bits.position(), reader.position());
                prop_assert!(!reader.overrun());
            }
        }
    }
}
