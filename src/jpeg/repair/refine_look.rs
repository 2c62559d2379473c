//! Tables for the refinement of a scan: what the next bits code where no place ahead has history, and
//! what new coefficients add to the load of a block.

use super::super::chunk::Bits;
use super::super::huffman::Table;

/// What new coefficients add to the load of a block, eight places at a time.
pub(super) struct Sums(Box<[[u16; 256]; 8]>);

impl Sums {
    pub(super) fn new(weights: &[u32; 64], point: u32) -> Sums {
        let mut sums = Box::new([[0_u16; 256]; 8]);
        for (sums, weights) in sums.iter_mut().zip(weights.chunks(8)) {
            for (place, weight) in weights.iter().enumerate() {
                let weight = (u64::from(*weight) * (2 << point)).min(u64::from(u16::MAX)) as u16;
                let (without, with) = sums.split_at_mut(1 << place);
                for (with, without) in with.iter_mut().zip(without) {
                    *with = without.saturating_add(weight);
                }
            }
        }
        Sums(sums)
    }

    #[inline(always)]
    pub(super) fn of(&self, places: u64) -> u64 {
        let bytes = self.0.iter().zip(places.to_le_bytes());
        bytes
            .map(|(sums, byte)| u64::from(sums[usize::from(byte)]))
            .sum()
    }
}

/// One look-up takes in this many bits.
const LOOK_UP: u32 = 11;

/// What EOB adds to the place in the block: past any end.
pub(super) const END: u32 = 128;

/// Symbols that follow each other where no place ahead has history, in one word: from below
/// - 8 bits: how many bits they take, signs included: at most [`LOOK_UP`];
/// - 8 bits: by how many places they go on, at most 16, and [`END`];
/// - 16 bits: the places of new coefficients.
#[derive(Clone, Copy)]
pub(super) struct Steps(u32);

impl Steps {
    /// Leads past the end.
    const UNKNOWN: Steps = Steps(64 << 8);

    fn one(symbol: u8, len: u32) -> Steps {
        let run = u32::from(symbol >> 4);
        match (symbol, symbol & 15) {
            (0, _) => Steps(len | END << 8),
            (_, 1) => Steps((len + 1) | (run + 1) << 8 | 1 << run << 16),
            _ => Steps::UNKNOWN,
        }
    }

    #[inline(always)]
    pub(super) fn bits(self) -> u32 {
        self.0 & 0xFF
    }

    #[inline(always)]
    pub(super) fn places(self) -> usize {
        (self.0 >> 8) as usize & 0xFF
    }

    #[inline(always)]
    pub(super) fn coefficients(self) -> u64 {
        u64::from(self.0 >> 16)
    }

    fn is_known(self) -> bool {
        self.0 != Steps::UNKNOWN.0
    }

    /// The same with what comes behind it, if all of that is in sight.
    fn and(self, next: Steps) -> Option<Steps> {
        let places = self.places() + next.places();
        let goes_on = self.places() < 64;
        if !goes_on || places & 63 > 16 || self.bits() + next.bits() > LOOK_UP {
            return None;
        }
        let new = self.coefficients() | next.coefficients() << self.places();
        let bits = self.bits() + next.bits();
        Some(Steps(bits | (places as u32) << 8 | (new as u32) << 16))
    }
}

/// The bits of each symbol with its sign, if they are not too many; the shortest first.
fn symbols(table: &Table) -> Vec<(u32, Steps)> {
    let mut symbols = Vec::new();
    for symbol in 0..=255 {
        let Some((code, len)) = table.code(symbol) else {
            continue;
        };
        let steps = Steps::one(symbol, len);
        if steps.is_known() && steps.bits() <= LOOK_UP {
            let signs = 0..1 << (steps.bits() - len);
            symbols.extend(signs.map(|sign| (code << (steps.bits() - len) | sign, steps)));
        }
    }
    symbols.sort_by_key(|(_, steps)| steps.bits());
    symbols
}

/// What a table makes of the next bits.
pub(super) struct Look(Box<[Steps; 1 << LOOK_UP]>);

impl Look {
    pub(super) fn new(table: &Table) -> Look {
        let mut look = Look(Box::new([Steps::UNKNOWN; 1 << LOOK_UP]));
        let symbols = symbols(table);
        for &(bits, symbol) in &symbols {
            look.fill(&symbols, bits, symbol);
        }
        look
    }

    /// Enters steps that are coded by `bits`, and all that may follow.
    fn fill(&mut self, symbols: &[(u32, Steps)], bits: u32, steps: Steps) {
        let rest = LOOK_UP - steps.bits();
        let first = (bits << rest) as usize;
        self.0[first..first + (1 << rest)].fill(steps);
        for &(more, symbol) in symbols {
            if symbol.bits() > rest {
                break;
            }
            if let Some(both) = steps.and(symbol) {
                self.fill(symbols, bits << symbol.bits() | more, both);
            }
        }
    }

    #[inline(always)]
    pub(super) fn steps(&self, bits: &impl Bits) -> Steps {
        self.0[bits.peek(LOOK_UP) as usize & ((1 << LOOK_UP) - 1)]
    }
}
