//! Refinement scans of AC bands (T.81 G.1.2.3, figure G.7). A block reads by which of its
//! coefficients are already nonzero; each of those has a correction bit.

use std::rc::Rc;

use super::super::huffman::Table;
use super::blocks::Block;
use super::eob_run::EobRuns;
use super::rules::LOAD;
use super::scan_walk::Band;
use super::sequential::ZRL;
use super::walk::{Code, Output, Walk};
use super::{DeadEnd, Range};

/// Codes the band of one component.
pub(super) struct AcRefine {
    table: Rc<Table>,
    q: Rc<[u16; 64]>,
    band: Band,
    runs: EobRuns,
    range: Range,
}

/// What a symbol asks for.
enum Step {
    /// Go on after the place; the coefficient there is new, or the sixteenth zero of a ZRL.
    To {
        place: usize,
        sign: Option<u32>,
    },
    /// This block and more end here.
    Run(u32),
    Bad(&'static str),
}

impl AcRefine {
    pub(super) fn new(table: Rc<Table>, q: Rc<[u16; 64]>, band: Band, range: Range) -> Self {
        let runs = EobRuns::new(&table);
        AcRefine {
            table,
            q,
            band,
            runs,
            range,
        }
    }

    /// Reads one block; as [`super::ac_first::AcFirst::block`].
    pub(super) fn block<O: Output>(
        &self,
        walk: &mut Walk<'_, O>,
        eob_run: &mut u32,
        block: Block<'_>,
        left: u32,
    ) -> Result<(), DeadEnd> {
        let history = *block.mask;
        let mut k = self.band.start;
        while *eob_run == 0 && k <= self.band.end {
            let before = walk.reader.position();
            let step = self.symbol(walk, history, k, left);
            let count = (walk.reader.position() - before) as u32;
            match self.judge(walk, step, &block) {
                Step::Run(blocks) => *eob_run = blocks,
                Step::Bad(fault) => *eob_run = self.end(walk, count, left, fault)?,
                Step::To { place, sign } => {
                    self.corrections(walk, history, k, place);
                    if let Some(sign) = sign {
                        let value = 1 << self.band.point;
                        walk.out
                            .coefficient(place, if sign == 1 { value } else { -value });
                        *block.mask |= 1 << place;
                        *block.load = (u64::from(*block.load) + self.load(place))
                            .min(u64::from(u16::MAX)) as u16;
                    }
                    k = place + 1;
                }
            }
        }
        if *eob_run > 0 {
            self.corrections(walk, history, k, self.band.end + 1);
            *eob_run -= 1;
        }
        if walk.is_changed() {
            block.mark_changed();
        }
        Ok(())
    }

    /// Reads a symbol, with its sign bit or its run length.
    fn symbol<O: Output>(&self, walk: &mut Walk<'_, O>, history: u64, k: usize, left: u32) -> Step {
        walk.reader.refill();
        let Some((symbol, len)) = self.table.decode(walk.reader.peek(16)) else {
            walk.reader.consume(16);
            return Step::Bad("an AC code that is not in its Huffman table");
        };
        walk.reader.consume(len);
        let (run, size) = (u32::from(symbol >> 4), symbol & 15);
        let sign = match size {
            0 if symbol != ZRL => {
                let blocks = (1 << run) + walk.reader.peek(run);
                walk.reader.consume(run);
                let fits = blocks <= left && (!walk.is_changed() || self.runs.cover(left - blocks));
                return match fits {
                    true => Step::Run(blocks),
                    false => Step::Bad("an EOB run past the end of the restart interval"),
                };
            }
            0 => None,
            1 => {
                let sign = walk.reader.peek(1);
                walk.reader.consume(1);
                Some(sign)
            }
            _ => return Step::Bad("a refined coefficient of more than one bit"),
        };
        match self.zero(history, k, run) {
            Some(place) if sign.is_some() || place < self.band.end => Step::To { place, sign },
            _ => Step::Bad("a run of zeros past the end of the band"),
        }
    }

    /// Where the `run`th (from 0) coefficient without history stands, from `k` on.
    fn zero(&self, history: u64, k: usize, run: u32) -> Option<usize> {
        let mut zeros = !history & self.band.bits(k, self.band.end + 1);
        for _ in 0..run {
            zeros &= zeros.wrapping_sub(1);
        }
        (zeros != 0).then(|| zeros.trailing_zeros() as usize)
    }

    fn load(&self, place: usize) -> u64 {
        2 * ((2 << self.band.point) - 1) * u64::from(self.q.get(place).copied().unwrap_or(0))
    }

    /// Holds a symbol to the rules that do not depend on its own bits.
    fn judge<O: Output>(&self, walk: &Walk<'_, O>, step: Step, block: &Block<'_>) -> Step {
        if walk.reader.overrun() {
            return Step::Bad("the data of a restart interval end early");
        }
        if let Step::To {
            place,
            sign: Some(_),
        } = step
        {
            let changed = walk.is_changed() || block.is_changed();
            if changed
                && self.range == Range::Drawn
                && u64::from(*block.load) + self.load(place) > LOAD
            {
                return Step::Bad("a block that leaves the range in which decoders draw alike");
            }
        }
        step
    }

    /// Reads the correction bits of the coefficients with history from `from` up to before `to`.
    #[inline(always)]
    fn corrections<O: Output>(&self, walk: &mut Walk<'_, O>, history: u64, from: usize, to: usize) {
        let mut places = history & self.band.bits(from, to);
        while places != 0 {
            let count = places.count_ones().min(32);
            let bits = walk.reader.read(count);
            if walk.reader.overrun() {
                walk.replace_last(
                    count,
                    Code {
                        value: bits,
                        len: count,
                    },
                    "the data of a restart interval end early",
                );
            }
            for index in (0..count).rev() {
                if O::TAPPED && bits >> index & 1 == 1 {
                    walk.out
                        .coefficient(places.trailing_zeros() as usize, 1 << self.band.point);
                }
                places &= places - 1;
            }
        }
    }

    /// Writes an EOB run in place of the last `count` bits: of this block, or where the data have
    /// run out of all that are left.
    #[cold]
    fn end<O: Output>(
        &self,
        walk: &mut Walk<'_, O>,
        count: u32,
        left: u32,
        fault: &'static str,
    ) -> Result<u32, DeadEnd> {
        let wanted = if walk.reader.overrun() { left } else { 1 };
        let blocks = self.runs.choose(wanted, left).ok_or(DeadEnd)?;
        let code = self.runs.code(&self.table, blocks).ok_or(DeadEnd)?;
        walk.replace_last(count, code, fault);
        Ok(blocks)
    }
}
