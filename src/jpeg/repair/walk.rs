//! A walk over the coded data of one restart interval, and what may be done on the way: write it
//! anew, look only, or find the first fault.

use super::super::bits::Reader;
use super::super::cursor::Cursor;
use super::super::span::Span;
use super::super::writer::{Pause, Writer};

/// Bits to be written: the low `len` of `value`, at most 32.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Code {
    pub(super) value: u32,
    pub(super) len: u32,
}

impl Code {
    /// No bits at all.
    pub(super) const NONE: Code = Code { value: 0, len: 0 };

    /// A Huffman code and the additional bits behind it.
    pub(super) fn new((code, len): (u32, u32), extra: u32, extra_len: u32) -> Self {
        Code {
            value: code << extra_len | extra,
            len: len + extra_len,
        }
    }
}

/// What becomes of the data that a walk passes over.
pub(super) trait Output {
    /// The bits `from..to` are not legal where they stand; `code` is to take their place.
    fn replace(&mut self, from: u64, to: u64, code: Code, fault: &'static str);

    /// Whether [`Output::coefficient`] is of any use.
    const TAPPED: bool = false;

    /// A coefficient was coded: its place in zigzag order and its value, point transform undone.
    #[inline(always)]
    fn coefficient(&mut self, _k: usize, _value: i32) {}

    /// Forgets the coefficients that were noted.
    #[inline(always)]
    fn forget(&mut self) {}
}

/// Coded data, and the place up to which it is read.
pub(super) struct Walk<'a, O> {
    pub(super) reader: Reader<'a>,
    pub(super) out: O,
    /// The first bit that a pass changed; `u64::MAX` if none did.
    pub(super) changed_from: u64,
}

impl<'a, O: Output> Walk<'a, O> {
    pub(super) fn new(reader: Reader<'a>, out: O, changed_from: u64) -> Self {
        Walk {
            reader,
            out,
            changed_from,
        }
    }

    /// Whether what was just read may differ from the input. Blocks that do not are not held to
    /// the range rules: they stay as they are.
    #[inline(always)]
    pub(super) fn is_changed(&self) -> bool {
        self.reader.position() > self.changed_from
    }

    /// Replaces the last `count` bits that were read.
    #[cold]
    pub(super) fn replace_last(&mut self, count: u32, code: Code, fault: &'static str) {
        let to = self.reader.position();
        self.out.replace(to - u64::from(count), to, code, fault);
    }

    /// Replaces all that was read from bit `from` on.
    #[cold]
    pub(super) fn replace_from(&mut self, from: u64, code: Code, fault: &'static str) {
        self.out.replace(from, self.reader.position(), code, fault);
    }

    /// The same walk with another output.
    pub(super) fn with<P: Output>(self, change: impl FnOnce(O) -> P) -> Walk<'a, P> {
        Walk {
            reader: self.reader,
            out: change(self.out),
            changed_from: self.changed_from,
        }
    }
}

/// Writes the data anew: legal stretches are copied bit for bit.
pub(super) struct Emit<'a, 'o> {
    cursor: Cursor<'a>,
    writer: Writer<'o>,
}

impl<'a, 'o> Emit<'a, 'o> {
    /// For data that are read as by [`Reader::starting`].
    pub(super) fn new(spans: &'a [Span<'a>], start: u64, writer: Writer<'o>) -> Self {
        Emit {
            cursor: Cursor::starting(spans, start),
            writer,
        }
    }

    /// Copies the rest up to bit `end`.
    pub(super) fn pause(mut self, end: u64) -> Pause {
        self.cursor.copy_to(end, &mut self.writer);
        self.writer.pause()
    }
}

impl Output for Emit<'_, '_> {
    fn replace(&mut self, from: u64, to: u64, code: Code, _fault: &'static str) {
        self.cursor.copy_to(from, &mut self.writer);
        self.writer.put(code.value, code.len);
        self.cursor.skip_to(to);
    }
}

/// Notes what is to be replaced in a block, and its coefficients: what is written of it is decided
/// when it is read.
#[derive(Default)]
pub(super) struct Noted {
    replaced: Vec<(u64, u64, Code)>,
}

impl Noted {
    /// Writes what was read up to bit `end` since the last time, or drops it.
    pub(super) fn settle(
        &mut self,
        (cursor, end): (&mut Cursor<'_>, u64),
        writer: Option<&mut Writer<'_>>,
    ) {
        if let Some(writer) = writer {
            for &(from, to, code) in &self.replaced {
                cursor.copy_to(from, writer);
                writer.put(code.value, code.len);
                cursor.skip_to(to);
            }
            cursor.copy_to(end, writer);
        }
        cursor.skip_to(end);
        self.replaced.clear();
    }
}

impl Output for Noted {
    fn replace(&mut self, from: u64, to: u64, code: Code, _: &'static str) {
        self.replaced.push((from, to, code));
    }
}

/// Does nothing.
pub(super) struct Silent;

impl Output for Silent {
    fn replace(&mut self, _: u64, _: u64, _: Code, _: &'static str) {}
}

/// Notes the first fault and its place in bits.
#[derive(Default)]
pub(super) struct Strict {
    pub(super) fault: Option<(u64, &'static str)>,
}

impl Output for Strict {
    fn replace(&mut self, from: u64, _: u64, _: Code, fault: &'static str) {
        self.fault.get_or_insert((from, fault));
    }
}

/// The coefficients that a scan codes of a block.
pub(super) struct Coefficients {
    /// Of those that are coded; whatever elsewhere.
    values: [i32; 64],
    /// Bit k: coefficient k is coded.
    places: u64,
}

impl Coefficients {
    /// The value of a coefficient that is below 64; 0 if it is not coded.
    #[inline(always)]
    fn value(&self, k: usize) -> i32 {
        let is_coded = -((self.places >> k & 1) as i32);
        self.values[k] & is_coded
    }

    /// By how much it differs from another block, dequantised.
    #[inline(always)]
    pub(super) fn distance(&self, other: &Coefficients, q: &[u16; 64]) -> u64 {
        let (mut places, mut sum) = (self.places | other.places, 0);
        while places != 0 {
            let k = places.trailing_zeros() as usize & 63;
            let distance = self.value(k).abs_diff(other.value(k));
            sum += u64::from(distance) * u64::from(q[k]);
            places &= places - 1;
        }
        sum
    }

    #[cfg(test)]
    pub(super) fn all(&self) -> [i32; 64] {
        std::array::from_fn(|k| self.value(k))
    }
}

/// Hands on to another output, and notes the coefficients of the block.
pub(super) struct Tap<O> {
    pub(super) inner: O,
    pub(super) block: Coefficients,
}

impl<O> Tap<O> {
    pub(super) fn new(inner: O) -> Self {
        Tap {
            inner,
            block: Coefficients {
                values: [0; 64],
                places: 0,
            },
        }
    }
}

impl<O: Output> Output for Tap<O> {
    const TAPPED: bool = true;

    fn replace(&mut self, from: u64, to: u64, code: Code, fault: &'static str) {
        self.inner.replace(from, to, code, fault);
    }

    #[inline(always)]
    fn coefficient(&mut self, k: usize, value: i32) {
        if let Some(slot) = self.block.values.get_mut(k) {
            *slot = value;
            self.block.places |= 1 << k;
        }
    }

    #[inline(always)]
    fn forget(&mut self) {
        self.block.places = 0;
    }
}
