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

/// Up to two symbols that follow each other.
#[derive(Clone, Copy, Default)]
struct Steps {
    /// Bits of both, additional ones included; 0 where nothing is known.
    bits: u8,
    /// Bits of the first.
    first_bits: u8,
    /// By how many places each goes on; 0 where there is no second one.
    places: [u8; 2],
    /// The row of the weights for the size category of each.
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
            rows: [u16::from(size) * 64, 0],
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

/// An AC table, and the weights of the coefficients.
pub(super) struct SoundBlocks {
    steps: Box<[Steps; 1 << LOOK_UP]>,
    long: Rc<Table>,
    /// By size category and place: the most that such a coefficient adds to the load of a block.
    weights: Box<[u32; 1024]>,
}

/// A place in a block.
struct Place {
    k: usize,
    /// The load so far, or more.
    load: u32,
    /// Whether the symbol before it is a coefficient.
    is_value: bool,
}

impl SoundBlocks {
    pub(super) fn new(table: &Rc<Table>, weights: &[u32; 64]) -> Self {
        let known = |next: u32, most: u32| {
            let found = table.decode(next << (16 - LOOK_UP) & 0xFFFF);
            let found = found.filter(|(_, len)| *len <= most);
            found.map_or(Steps::default(), |(symbol, len)| Steps::one(symbol, len))
        };
        let mut steps = Box::new([Steps::default(); 1 << LOOK_UP]);
        for (next, steps) in (0_u32..).zip(steps.iter_mut()) {
            let one = known(next, LOOK_UP);
            let left = LOOK_UP.saturating_sub(u32::from(one.bits));
            *steps = match one.bits {
                0 => one,
                bits => one.and(known(next << bits.min(31), left)),
            };
        }
        let mut most = Box::new([0; 1024]);
        for (at, most) in most.iter_mut().enumerate().skip(64) {
            let size = (at / 64).min(AC_SIZE as usize);
            // Each magnitude is below 2^size.
            *most = weights[at % 64]
                .saturating_mul(1 << size)
                .min(LOAD as u32 + 1);
        }
        SoundBlocks {
            steps,
            long: table.clone(),
            weights: most,
        }
    }

    /// Passes over a block: the reader behind it and its DC value, if nothing in it is to be
    /// replaced. `held_from` is the first bit from which blocks are held to their load.
    #[inline(never)]
    pub(super) fn block<'a>(
        &self,
        dc: &DcCoder,
        reader: &Reader<'a>,
        (prediction, held_from): (i32, u64),
    ) -> Option<(Reader<'a>, i32)> {
        let mut reader = reader.clone();
        reader.fill();
        let sum = dc.sound_sum(&mut reader, prediction)?;
        let mut place = Place {
            k: 1,
            load: dc.load(sum),
            is_value: true,
        };
        // No symbol takes more than 26 bits, so after one filling there are two.
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
        let ends = place.k > usize::from(END) || (place.k == 64 && place.is_value);
        let alike = u64::from(place.load) <= LOAD || reader.position() <= held_from;
        (ends && alike && !reader.overrun()).then_some((reader, sum))
    }

    /// Passes over a symbol or two.
    #[inline(always)]
    fn pair(&self, reader: &mut Reader<'_>, place: &mut Place) -> Option<()> {
        let steps = self.steps[reader.peek(LOOK_UP) as usize & ((1 << LOOK_UP) - 1)];
        if steps.bits == 0 {
            return self.long(reader, place);
        }
        reader.consume(u32::from(steps.bits));
        place.k += usize::from(steps.places[0]);
        place.load += self.weight(steps.rows[0], place.k);
        place.k += usize::from(steps.places[1]);
        place.load += self.weight(steps.rows[1], place.k);
        place.is_value = steps.rows[1] != 0;
        Some(())
    }

    /// Passes over a symbol.
    #[inline(always)]
    fn single(&self, reader: &mut Reader<'_>, place: &mut Place) -> Option<()> {
        let steps = self.steps[reader.peek(LOOK_UP) as usize & ((1 << LOOK_UP) - 1)];
        if steps.bits == 0 {
            return self.long(reader, place);
        }
        reader.consume(u32::from(steps.first_bits));
        self.step(steps, place);
        Some(())
    }

    /// Passes over a symbol of a longer code.
    #[inline(always)]
    fn long(&self, reader: &mut Reader<'_>, place: &mut Place) -> Option<()> {
        let (symbol, len) = self.long.decode(reader.peek(16))?;
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
        place.is_value = steps.rows[0] != 0;
    }

    /// What a coefficient of a size category before place `k` adds to the load at most.
    #[inline(always)]
    fn weight(&self, row: u16, k: usize) -> u32 {
        self.weights[(usize::from(row) + (k.wrapping_sub(1) & 63)) & 1023]
    }
}
