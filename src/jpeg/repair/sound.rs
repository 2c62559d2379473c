//! The short way through blocks in which nothing is to be replaced, which most are: it only finds
//! where they end. Whatever it is not sure of it leaves to the long way.

use std::rc::Rc;

use super::super::bits::Reader;
use super::super::huffman::Table;
use super::dc::DcCoder;
use super::rules::{AC_SIZE, EOB, LOAD, ZRL};

/// One look-up takes in this many bits, and as a rule two symbols.
const LOOK_UP: u32 = 11;

/// What EOB adds to the place in the block: past any end.
const END: u8 = 128;

/// Before this place two symbols that are no EOB stay inside the block.
const PAIRS: usize = 48;

/// Where the weights for a size category begin: none for 0, by whatever place END leads to; else by
/// the places that symbols lead to, at most 16 past the block.
fn row(size: u8) -> u16 {
    match size {
        0 => 0,
        _ => 256 + (u16::from(size) - 1) * 80,
    }
}

/// Up to two symbols that follow each other.
#[derive(Clone, Copy, Default)]
struct Steps {
    /// Bits of both, additional ones included; 0 where nothing is known.
    bits: u8,
    /// Bits of the first.
    first_bits: u8,
    /// By how many places each goes on; 0 where there is no second one.
    places: [u8; 2],
    /// Where the weights for the size category of each begin.
    rows: [u16; 2],
}

impl Steps {
    /// A single symbol; nothing for what blocks that are in order do not hold.
    fn one(symbol: u8, len: u32) -> Steps {
        let (run, size) = (symbol >> 4, symbol & 15);
        let places = match symbol {
            EOB => END,
            ZRL => 16,
            _ if size == 0 || u32::from(size) > AC_SIZE => return Steps::default(),
            _ => run + 1,
        };
        let bits = len as u8 + size;
        Steps {
            bits,
            first_bits: bits,
            places: [places, 0],
            rows: [row(size), 0],
        }
    }

    /// The same with a symbol behind it.
    fn and(self, next: Steps) -> Steps {
        match self.places[0] == END {
            true => self,
            false => Steps {
                bits: self.bits + next.bits,
                places: [self.places[0], next.places[0]],
                rows: [self.rows[0], next.rows[0]],
                ..self
            },
        }
    }
}

/// What an AC table makes of the next bits.
struct Look(Box<[Steps; 1 << LOOK_UP]>);

impl Look {
    fn new(table: &Table) -> Look {
        let mut steps = Box::new([Steps::default(); 1 << LOOK_UP]);
        let mut lens = [0; 1 << LOOK_UP];
        for symbol in 0..=255 {
            let Some((code, len)) = table.code(symbol).filter(|(_, len)| *len <= LOOK_UP) else {
                continue;
            };
            let first = (code << (LOOK_UP - len)) as usize;
            let all = first..first + (1 << (LOOK_UP - len));
            steps[all.clone()].fill(Steps::one(symbol, len));
            lens[all].fill(len);
        }
        let firsts = steps.clone();
        for (next, steps) in steps.iter_mut().enumerate() {
            let bits = u32::from(steps.bits);
            if (1..LOOK_UP).contains(&bits) {
                let second = next << bits & ((1 << LOOK_UP) - 1);
                // The code of it has to be in sight, not what follows that.
                if bits + lens[second] <= LOOK_UP {
                    *steps = steps.and(firsts[second]);
                }
            }
        }
        Look(steps)
    }
}

/// An AC table, and the weights of the coefficients.
pub(super) struct SoundBlocks {
    look: Rc<Look>,
    table: Rc<Table>,
    /// By [`row`] of the size category and place behind it: the most that such a coefficient adds to
    /// the load of a block.
    weights: Box<[u32; 2048]>,
}

/// A place in a block.
struct Place {
    k: usize,
    /// The load so far, or more.
    load: u32,
    /// The row of the symbol before it: 0 if that is no coefficient.
    row: u16,
}

impl SoundBlocks {
    /// `before` is that of another component, which may have the same table.
    pub(super) fn new(table: &Rc<Table>, weights: &[u32; 64], before: Option<&Self>) -> Self {
        let same = before.filter(|before| Rc::ptr_eq(&before.table, table));
        let mut most = Box::new([0; 2048]);
        for size in 1..=AC_SIZE as u8 {
            // Each magnitude is below 2^size.
            for (most, weight) in most[usize::from(row(size)) + 1..].iter_mut().zip(weights) {
                *most = weight.saturating_mul(1 << size).min(LOAD as u32 + 1);
            }
        }
        SoundBlocks {
            look: same.map_or_else(|| Rc::new(Look::new(table)), |same| same.look.clone()),
            table: table.clone(),
            weights: most,
        }
    }

    /// Passes over a block and tells its DC value, if nothing in it is to be replaced and it ends
    /// at bit `until` at the latest; else the reader stays where it is. `held_from` is the first bit
    /// from which blocks are held to their load.
    ///
    /// Not inlined: by itself it has all registers.
    #[inline(never)]
    pub(super) fn block(
        &self,
        dc: &DcCoder,
        from: &mut Reader<'_>,
        (prediction, held_from, until): (i32, u64, u64),
    ) -> Option<i32> {
        let mut reader = from.clone();
        reader.fill();
        let sum = dc.sound_sum(&mut reader, prediction)?;
        let mut place = Place {
            k: 1,
            load: dc.load(sum),
            row: 1,
        };
        // A difference takes no more than 27 bits and a symbol no more than 26: there are two to a
        // filling.
        self.pair(&mut reader, &mut place)?;
        while place.k < PAIRS {
            reader.fill();
            self.pair(&mut reader, &mut place)?;
            if place.k < PAIRS {
                self.pair(&mut reader, &mut place)?;
            }
        }
        while place.k < 64 {
            reader.fill();
            self.single(&mut reader, &mut place)?;
        }
        // A run of zeros may not be the end.
        let ends = place.k > usize::from(END) || (place.k == 64 && place.row != 0);
        let alike = u64::from(place.load) <= LOAD || reader.position() <= held_from;
        if !ends || !alike || reader.overrun() || reader.position() > until {
            return None;
        }
        *from = reader;
        Some(sum)
    }

    /// Passes over a symbol or two.
    #[inline(always)]
    fn pair(&self, reader: &mut Reader<'_>, place: &mut Place) -> Option<()> {
        let steps = self.look.0[reader.peek(LOOK_UP) as usize & ((1 << LOOK_UP) - 1)];
        if steps.bits == 0 {
            return self.long(reader, place);
        }
        reader.consume(u32::from(steps.bits));
        place.k += usize::from(steps.places[0]);
        place.load += self.weight(steps.rows[0], place.k);
        place.k += usize::from(steps.places[1]);
        place.load += self.weight(steps.rows[1], place.k);
        place.row = steps.rows[1];
        Some(())
    }

    /// Passes over a symbol.
    #[inline(always)]
    fn single(&self, reader: &mut Reader<'_>, place: &mut Place) -> Option<()> {
        let steps = self.look.0[reader.peek(LOOK_UP) as usize & ((1 << LOOK_UP) - 1)];
        if steps.bits == 0 {
            return self.long(reader, place);
        }
        reader.consume(u32::from(steps.first_bits));
        self.step(steps, place);
        Some(())
    }

    /// Passes over a symbol of a longer code.
    #[cold]
    #[inline(always)]
    fn long(&self, reader: &mut Reader<'_>, place: &mut Place) -> Option<()> {
        let (symbol, len) = self.table.decode(reader.peek(16))?;
        let steps = Steps::one(symbol, len);
        if steps.bits == 0 {
            return None;
        }
        reader.consume(u32::from(steps.bits));
        self.step(steps, place);
        Some(())
    }

    #[inline(always)]
    fn step(&self, steps: Steps, place: &mut Place) {
        place.k += usize::from(steps.places[0]);
        place.load += self.weight(steps.rows[0], place.k);
        place.row = steps.rows[0];
    }

    /// What a coefficient of a size category before place `k` adds to the load at most.
    #[inline(always)]
    fn weight(&self, row: u16, k: usize) -> u32 {
        self.weights[(usize::from(row) + k) & 2047]
    }
}
