//! The short way through blocks in which nothing is to be replaced, which most are: it only finds
//! where they end. Whatever it is not sure of it leaves to the long way.

use super::super::bits::Reader;
use super::super::huffman::Table;
use super::dc::DcCoder;
use super::rules::{AC_SIZE, LOAD};
use super::sequential::{EOB, ZRL};

/// Codes of up to this many bits are found by one look-up.
const LOOK_UP: u32 = 11;

/// What EOB adds to the place in the block: past any end.
const END: u32 = 128;

/// What a symbol does: bits in all, places it goes on, size category.
#[derive(Clone, Copy)]
struct Step(u32);

impl Step {
    const UNKNOWN: Step = Step(0);

    fn new(symbol: u8, len: u32) -> Step {
        let (run, size) = (u32::from(symbol >> 4), u32::from(symbol & 15));
        match symbol {
            EOB => Step(len | END << 8),
            ZRL => Step(len | 16 << 8),
            _ if size == 0 || size > AC_SIZE => Step::UNKNOWN,
            _ => Step((len + size) | ((run + 1) << 8) | (size << 16)),
        }
    }

    fn bits(self) -> u32 {
        self.0 & 0xFF
    }

    fn places(self) -> usize {
        (self.0 >> 8 & 0xFF) as usize
    }

    fn size(self) -> u32 {
        self.0 >> 16
    }
}

/// An AC table, and the weights of the coefficients.
pub(super) struct SoundBlocks {
    steps: Box<[Step; 1 << LOOK_UP]>,
    long: std::rc::Rc<Table>,
    /// By place, zeros past the block.
    weights: Box<[u32; 256]>,
}

impl SoundBlocks {
    pub(super) fn new(table: &std::rc::Rc<Table>, weights: &[u32; 64]) -> Self {
        let mut sound = SoundBlocks {
            steps: Box::new([Step::UNKNOWN; 1 << LOOK_UP]),
            long: table.clone(),
            weights: Box::new([0; 256]),
        };
        sound.weights[..64].copy_from_slice(weights);
        for (next, step) in (0_u32..).zip(sound.steps.iter_mut()) {
            if let Some((symbol, len)) = table
                .decode(next << (16 - LOOK_UP))
                .filter(|(_, len)| *len <= LOOK_UP)
            {
                *step = Step::new(symbol, len);
            }
        }
        sound
    }

    /// Passes over a block: the reader behind it and its DC value, if nothing in it is to be
    /// replaced. `changed_from` is the first bit from which blocks are held to their load.
    #[inline(always)]
    pub(super) fn block<'a>(
        &self,
        dc: &DcCoder,
        reader: &Reader<'a>,
        (prediction, changed_from): (i32, u64),
    ) -> Option<(Reader<'a>, i32)> {
        let mut reader = reader.clone();
        let sum = dc.sound_sum(&mut reader, prediction)?;
        let mut load = u64::from(sum.unsigned_abs()) * u64::from(self.weights[0]);
        let (mut k, mut size) = (1, 1);
        while k < 64 {
            reader.refill();
            let mut step = self.steps[reader.peek(LOOK_UP) as usize & ((1 << LOOK_UP) - 1)];
            if step.0 == 0 {
                let (symbol, len) = self.long.decode(reader.peek(16))?;
                step = Step::new(symbol, len);
                if step.0 == 0 {
                    return None;
                }
            }
            reader.consume(step.bits());
            k += step.places();
            // Each magnitude is below 2^size, so this is a bound.
            size = step.size();
            load += u64::from(self.weights[(k - 1) & 255]) << size;
        }
        // A run of zeros may not be the end.
        let ends = k > END as usize || (k == 64 && size > 0);
        let alike = load <= LOAD || reader.position() <= changed_from;
        (ends && alike && !reader.overrun()).then_some((reader, sum))
    }
}
