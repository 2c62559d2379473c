//! Writes bits of entropy-coded data, and puts the stuffing in (T.81 F.1.2.3).

use super::stuffing::{self, has_ff};

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
    pub(super) out: &'o mut Vec<u8>,
    /// Bits not written yet, from the top.
    window: u64,
    /// How many they are, below 32 between calls.
    pub(super) bits: u32,
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
    pub(super) fn flush_if_aligned(&mut self) -> bool {
        if !self.bits.is_multiple_of(8) {
            return false;
        }
        let bytes = self.window.to_be_bytes();
        self.push_plain(&bytes[..self.bits as usize / 8]);
        (self.window, self.bits) = (0, 0);
        true
    }

    pub(super) fn push_plain(&mut self, bytes: &[u8]) {
        stuffing::stuff(bytes, self.out);
    }

    /// Ends the data: pads the last byte with ones (F.1.2.3).
    pub(super) fn finish(mut self) {
        let padding = (8 - self.bits % 8) % 8;
        self.put((1 << padding) - 1, padding);
        self.flush_if_aligned();
    }
}
