//! The short way through blocks in which nothing is to be replaced, which most are: it only finds
//! where they end. Whatever it is not sure of it leaves to the long way.

use std::rc::Rc;

use super::super::chunk::Bits;
use super::super::huffman::Table;
use super::dc::DcCoder;
use super::rules::{AC_SIZE, EOB, LOAD, ZRL};

/// One look-up takes in this many bits, and as a rule two or three symbols.
const LOOK_UP: u32 = 11;

/// What EOB adds to the place in the block: past any end.
const END: u8 = 128;

/// What leads past the end where no symbol is known.
const UNKNOWN: u8 = 64;

/// Symbols that follow each other, in one word, which is loaded at once: from below
/// - 8 bits: how many bits they take, additional ones included: at most [`LOOK_UP`] and the additional
///   ones of the last;
/// - 8 bits: by how many places they go on;
/// - 16 bits: the sum of what their coefficients are below: 2^size each.
#[derive(Clone, Copy)]
struct Steps(u32);

impl Steps {
    const UNKNOWN: Steps = Steps::new(0, UNKNOWN, 0);

    const fn new(bits: u32, places: u8, most: u32) -> Steps {
        Steps(bits | (places as u32) << 8 | most << 16)
    }

    /// A single symbol; nothing for what blocks that are in order do not hold.
    fn one(symbol: u8, len: u32) -> Steps {
        let (run, size) = (symbol >> 4, u32::from(symbol & 15));
        match symbol {
            EOB => Steps::new(len, END, 0),
            ZRL => Steps::new(len, 16, 0),
            _ if size == 0 || size > AC_SIZE => Steps::UNKNOWN,
            _ => Steps::new(len + size, run + 1, 1 << size),
        }
    }

    #[inline(always)]
    fn bits(self) -> u32 {
        self.0 & 0xFF
    }

    #[inline(always)]
    fn places(self) -> usize {
        (self.0 >> 8) as usize & 0xFF
    }

    #[inline(always)]
    fn most(self) -> u64 {
        u64::from(self.0 >> 16)
    }

    /// Whether it is known what follows.
    fn is_known(self) -> bool {
        self.0 != Steps::UNKNOWN.0
    }

    /// The same with those of a look-up behind it, if there may be more: none of the sums runs over.
    fn and(self, next: Steps) -> Option<Steps> {
        let goes_on = self.places() < usize::from(UNKNOWN) && next.is_known();
        goes_on.then_some(Steps(self.0 + next.0))
    }
}

/// What an AC table makes of the next bits.
struct Look(Box<[Steps; 1 << LOOK_UP]>);

impl Look {
    fn new(table: &Table) -> Look {
        let mut firsts = Box::new([Steps::UNKNOWN; 1 << LOOK_UP]);
        let mut lens = [0; 1 << LOOK_UP];
        for symbol in 0..=255 {
            let Some((code, len)) = table.code(symbol).filter(|(_, len)| *len <= LOOK_UP) else {
                continue;
            };
            let first = (code << (LOOK_UP - len)) as usize;
            let all = first..first + (1 << (LOOK_UP - len));
            firsts[all.clone()].fill(Steps::one(symbol, len));
            lens[all].fill(len);
        }
        let mut steps = firsts.clone();
        for (next, steps) in steps.iter_mut().enumerate() {
            while steps.bits() < LOOK_UP {
                let behind = next << steps.bits() & ((1 << LOOK_UP) - 1);
                // The code of it has to be in sight, not what follows that.
                let in_sight = steps.bits() + lens[behind] <= LOOK_UP;
                match steps.and(firsts[behind]) {
                    Some(both) if in_sight => *steps = both,
                    _ => break,
                }
            }
        }
        Look(steps)
    }

    #[inline(always)]
    fn steps(&self, bits: &impl Bits) -> Steps {
        self.0[bits.peek(LOOK_UP) as usize & ((1 << LOOK_UP) - 1)]
    }
}

/// An AC table, and the weights of the coefficients.
pub(super) struct SoundBlocks {
    look: Rc<Look>,
    table: Rc<Table>,
    /// By a place in the block, with END or without: the most that a unit of an AC coefficient before
    /// it adds to the load of a block.
    weights: Box<[u32; 256]>,
}

/// A place in a block.
struct Place {
    k: usize,
    /// The load so far, or more.
    load: u64,
}

impl SoundBlocks {
    /// `before` is that of another component, which may have the same table.
    pub(super) fn new(table: &Rc<Table>, weights: &[u32; 64], before: Option<&Self>) -> Self {
        let same = before.filter(|before| Rc::ptr_eq(&before.table, table));
        let mut most = Box::new([0; 256]);
        for k in 2..=64 {
            most[k] = most[k - 1].max(weights[k - 1].min(LOAD as u32 + 1));
            most[k + usize::from(END)] = most[k];
        }
        SoundBlocks {
            look: same.map_or_else(|| Rc::new(Look::new(table)), |same| same.look.clone()),
            table: table.clone(),
            weights: most,
        }
    }

    /// Passes over a block and tells its DC value and its load, or more, if nothing in it is to be
    /// replaced but for its load.
    #[inline(always)]
    pub(super) fn block(
        &self,
        dc: &DcCoder,
        bits: &mut impl Bits,
        prediction: i32,
    ) -> Option<(i32, u64)> {
        bits.fill();
        let sum = dc.sound_sum(bits, prediction)?;
        let mut place = Place {
            k: 1,
            load: dc.load(sum),
        };
        loop {
            bits.fill();
            // There are two to a filling: what is looked up at once takes no more than 21 bits.
            for _ in 0..2 {
                let steps = self.look.steps(bits);
                let k = place.k + steps.places();
                if k >= 64 {
                    let ends = (usize::from(END)..usize::from(END) + 64).contains(&k);
                    if ends {
                        self.step(bits, &mut place, steps);
                    }
                    if ends || self.single(bits, &mut place)? {
                        return Some((sum, place.load));
                    }
                    break;
                }
                self.step(bits, &mut place, steps);
            }
        }
    }

    /// Passes over the next symbol, whatever its code; whether the block ends with it.
    #[cold]
    #[inline(always)]
    fn single(&self, bits: &mut impl Bits, place: &mut Place) -> Option<bool> {
        bits.fill();
        let (symbol, len) = self.table.decode(bits.peek(16))?;
        let steps = Steps::one(symbol, len);
        if !steps.is_known() {
            return None;
        }
        self.step(bits, place, steps);
        match place.k {
            0..64 => Some(false),
            // A run of zeros may not be the end.
            64 if symbol != ZRL => Some(true),
            k if k >= usize::from(END) => Some(true),
            _ => None,
        }
    }

    #[inline(always)]
    fn step(&self, bits: &mut impl Bits, place: &mut Place, steps: Steps) {
        bits.consume(steps.bits());
        place.k += steps.places();
        place.load += steps.most() * u64::from(self.weights[place.k & 255]);
    }
}
