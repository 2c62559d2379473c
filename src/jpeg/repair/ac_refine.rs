//! Refinement scans of AC bands (T.81 G.1.2.3, figure G.7). A block reads by which of its
//! coefficients are already nonzero; each of those has a correction bit.

use std::rc::Rc;

use super::super::bits::Reader;
use super::super::huffman::Table;
use super::band::Band;
use super::bands::{self, WORTH};
use super::blocks::Block;
use super::eob_run::EobRuns;
use super::refine_look::{Look, Sums};
use super::rules::{LOAD, ZRL, weights};
use super::walk::{Code, Output, Walk};
use super::{DeadEnd, Range};

const CUT: &str =
    "a block that ends in a run of zeros, or that leaves the range in which decoders draw alike";

/// Codes the band of one component.
pub(super) struct AcRefine {
    pub(super) table: Rc<Table>,
    weights: [u32; 64],
    pub(super) sums: Sums,
    /// Where it is worth it.
    pub(super) look: Option<Look>,
    /// Bits of the band.
    pub(super) places: u64,
    pub(super) band: Band,
    pub(super) runs: EobRuns,
    pub(super) range: Range,
}

/// A symbol, and where it leads.
enum Symbol {
    /// A new coefficient at this place; its sign bit.
    Value(usize, u32),
    /// The sixteenth zero of a ZRL is at this place.
    Zeros(usize),
    /// This block and the next ones end here: so many in all.
    Run(u32),
    Bad(&'static str),
}

impl AcRefine {
    /// For a scan of so many blocks.
    pub(super) fn new(
        table: Rc<Table>,
        q: &[u16; 64],
        (band, blocks): (Band, u32),
        range: Range,
    ) -> Self {
        let (runs, weights) = (EobRuns::new(&table), weights(q));
        AcRefine {
            sums: Sums::new(&weights, band.point),
            look: (blocks >= WORTH).then(|| Look::new(&table)),
            table,
            places: band.places(),
            weights,
            band,
            runs,
            range,
        }
    }

    /// The kinds of EOB runs that there are.
    pub(super) fn runs(&self) -> EobRuns {
        self.runs
    }

    /// Reads one block; as [`super::ac_first::AcFirst::block`].
    pub(super) fn block<O: Output>(
        &self,
        walk: &mut Walk<'_, O>,
        mut block: Block<'_>,
    ) -> Result<(), DeadEnd> {
        match bands::pass(self, walk, &mut block) {
            Some(()) => Ok(()),
            None => self.long(walk, block),
        }
    }

    /// The long way: replaces what may not stay.
    pub(super) fn long<O: Output>(
        &self,
        walk: &mut Walk<'_, O>,
        mut block: Block<'_>,
    ) -> Result<(), DeadEnd> {
        self.runs.pay(&self.table, walk, &mut block)?;
        let history = *block.mask;
        let mut k = self.band.start;
        while *block.eob_run == 0 && k <= self.band.end {
            let bit = walk.reader.position();
            match self.symbol(&mut walk.reader, history, k) {
                Symbol::Value(place, sign) => {
                    if self.overloads(walk, &block, (place, walk.reader.position())) {
                        return self.cut(walk, block, bit, (k, place));
                    }
                    self.corrections(walk, history, k, place);
                    let value = 1 << self.band.point;
                    walk.out
                        .coefficient(place, if sign == 1 { value } else { -value });
                    *block.mask |= 1 << place;
                    *block.load = self.load(&block, place).min(u64::from(u16::MAX)) as u16;
                    k = place + 1;
                }
                Symbol::Zeros(place) => {
                    let next = self.next_value(walk.reader.clone(), history, (k, place));
                    if next.is_none_or(|next| self.overloads(walk, &block, next)) {
                        return self.cut(walk, block, bit, (k, place));
                    }
                    self.corrections(walk, history, k, place);
                    k = place + 1;
                }
                Symbol::Run(blocks) if self.fits(walk, &block, blocks) => *block.eob_run = blocks,
                Symbol::Run(blocks) => {
                    let is_cut = block.is_seam && blocks > block.left;
                    let wanted = if is_cut { block.left } else { 1 };
                    let fault = "an EOB run past the end of the restart interval";
                    self.end_for(walk, &mut block, (bit, wanted), fault)?;
                    if is_cut && !walk.is_changed() {
                        *block.owed += wanted - *block.eob_run;
                    }
                }
                Symbol::Bad(fault) => self.end(walk, &mut block, bit, fault)?,
            }
        }
        if *block.eob_run > 0 {
            self.corrections(walk, history, k, self.band.end + 1);
            *block.eob_run -= 1;
        }
        if walk.is_changed() {
            block.mark_changed();
        }
        Ok(())
    }

    /// Reads the symbol at coefficient `k`, with its sign bit or its run length.
    #[inline(always)]
    fn symbol(&self, reader: &mut Reader<'_>, history: u64, k: usize) -> Symbol {
        reader.refill();
        let Some((symbol, len)) = self.table.decode(reader.peek(16)) else {
            reader.consume(16);
            return Symbol::Bad("an AC code that is not in its Huffman table");
        };
        let (run, size) = (u32::from(symbol >> 4), u32::from(symbol & 15));
        reader.consume(len);
        let is_run = size == 0 && symbol != ZRL;
        let extra = if is_run { run } else { size.min(1) };
        let bits = reader.peek(extra);
        reader.consume(extra);
        if reader.overrun() {
            return Symbol::Bad("the data of a restart interval end early");
        }
        match (size, self.zero(history, k, run)) {
            (0, _) if is_run => Symbol::Run((1 << run) + bits),
            (0, Some(place)) if place < self.band.end => Symbol::Zeros(place),
            (1, Some(place)) => Symbol::Value(place, bits),
            (0 | 1, _) => Symbol::Bad("a run of zeros past the end of the band"),
            _ => Symbol::Bad("a refined coefficient of more than one bit"),
        }
    }

    /// The place of the coefficient that follows a ZRL, and the bit behind its symbol. The ZRL was
    /// read at `k`, and its last zero is at `place`. The procedure of figure G.7 writes ZRL before a
    /// coefficient only, and decoders hold data to that.
    fn next_value(
        &self,
        mut reader: Reader<'_>,
        history: u64,
        (mut k, mut place): (usize, usize),
    ) -> Option<(usize, u64)> {
        loop {
            let corrections = (history & self.band.bits(k, place)).count_ones();
            reader.read(corrections.min(32));
            reader.read(corrections.saturating_sub(32));
            k = place + 1;
            match self.symbol(&mut reader, history, k) {
                Symbol::Value(next, _) => return Some((next, reader.position())),
                Symbol::Zeros(next) => place = next,
                Symbol::Run(_) | Symbol::Bad(_) => return None,
            }
        }
    }

    /// The load of a block with a new coefficient at `place`.
    fn load(&self, block: &Block<'_>, place: usize) -> u64 {
        u64::from(*block.load) + self.weight(place)
    }

    /// What a new coefficient at `place` adds to the load of a block.
    #[inline(always)]
    pub(super) fn weight(&self, place: usize) -> u64 {
        (2 << self.band.point) * u64::from(self.weights[place & 63])
    }

    /// Whether a new coefficient at `place`, whose symbol ends before bit `end`, may not be.
    fn overloads<O: Output>(
        &self,
        walk: &Walk<'_, O>,
        block: &Block<'_>,
        (place, end): (usize, u64),
    ) -> bool {
        let held = end > walk.changed_from || block.is_changed();
        held && self.range == Range::Drawn && self.load(block, place) > LOAD
    }

    /// Where the `run`th (from 0) coefficient without history stands, from `k` on.
    #[inline(always)]
    fn zero(&self, history: u64, k: usize, run: u32) -> Option<usize> {
        let mut zeros = !history & self.band.bits(k, self.band.end + 1);
        for _ in 0..run {
            zeros &= zeros.wrapping_sub(1);
        }
        (zeros != 0).then(|| zeros.trailing_zeros() as usize)
    }

    fn fits<O: Output>(&self, walk: &Walk<'_, O>, block: &Block<'_>, blocks: u32) -> bool {
        blocks <= block.left && (!walk.is_changed() || self.runs.cover(block.left - blocks))
    }

    /// Reads the correction bits of the coefficients with history from `from` up to before `to`.
    #[inline(always)]
    fn corrections<O: Output>(&self, walk: &mut Walk<'_, O>, history: u64, from: usize, to: usize) {
        let mut places = history & self.band.bits(from, to);
        if !O::TAPPED && walk.reader.skips(places.count_ones()) {
            return;
        }
        while places != 0 {
            let count = places.count_ones().min(32);
            let bit = walk.reader.position();
            let bits = walk.reader.read(count);
            if walk.reader.overrun() {
                walk.replace_from(
                    bit,
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

    /// Drops the new coefficients and ZRLs of the rest of the block; the first, read from `bit` on,
    /// would stand at `place`. The correction bits stay, and so do the blocks of an EOB run that
    /// follows: `EOB3, corrections` becomes `EOB0, corrections, EOB2` of one block fewer.
    #[cold]
    fn cut<O: Output>(
        &self,
        walk: &mut Walk<'_, O>,
        mut block: Block<'_>,
        bit: u64,
        (k, place): (usize, usize),
    ) -> Result<(), DeadEnd> {
        let history = *block.mask;
        self.end(walk, &mut block, bit, CUT)?;
        // Where only longer runs can be written the next blocks end too: nothing is left to keep.
        let (k, rest) = match *block.eob_run {
            1 => self.drop_values(walk, &block, (k, place)),
            _ => (k, 0),
        };
        self.corrections(walk, history, k, self.band.end + 1);
        *block.eob_run -= 1;
        if rest > 0 {
            let blocks = self.runs.choose(rest, block.left - 1).ok_or(DeadEnd)?;
            let code = self.runs.code(&self.table, blocks).ok_or(DeadEnd)?;
            walk.replace_from(walk.reader.position(), code, CUT);
            *block.eob_run = blocks;
        }
        block.mark_changed();
        Ok(())
    }

    /// Drops the symbols of the rest of a block, and keeps the corrections between them. Tells
    /// where the corrections go on, and how many more blocks an EOB run covers that follows.
    fn drop_values<O: Output>(
        &self,
        walk: &mut Walk<'_, O>,
        block: &Block<'_>,
        (mut k, mut place): (usize, usize),
    ) -> (usize, u32) {
        let history = *block.mask;
        loop {
            self.corrections(walk, history, k, place);
            k = place + 1;
            if k > self.band.end {
                return (k, 0);
            }
            let bit = walk.reader.position();
            let symbol = self.symbol(&mut walk.reader, history, k);
            walk.replace_from(bit, Code::NONE, CUT);
            match symbol {
                Symbol::Value(at, _) | Symbol::Zeros(at) => place = at,
                Symbol::Run(blocks) if self.fits(walk, block, blocks) => return (k, blocks - 1),
                Symbol::Run(_) | Symbol::Bad(_) => return (k, 0),
            }
        }
    }

    /// Writes an EOB run in place of all that was read from `bit` on: of this block, or where the
    /// data have run out of all that are left.
    #[cold]
    fn end<O: Output>(
        &self,
        walk: &mut Walk<'_, O>,
        block: &mut Block<'_>,
        bit: u64,
        fault: &'static str,
    ) -> Result<(), DeadEnd> {
        let wanted = if walk.reader.overrun() { block.left } else { 1 };
        self.end_for(walk, block, (bit, wanted), fault)
    }

    /// The same for so many blocks, or as near to that as can be.
    #[cold]
    fn end_for<O: Output>(
        &self,
        walk: &mut Walk<'_, O>,
        block: &mut Block<'_>,
        (bit, wanted): (u64, u32),
        fault: &'static str,
    ) -> Result<(), DeadEnd> {
        let blocks = self.runs.choose(wanted, block.left).ok_or(DeadEnd)?;
        let code = self.runs.code(&self.table, blocks).ok_or(DeadEnd)?;
        walk.replace_from(bit, code, fault);
        *block.eob_run = blocks;
        Ok(())
    }
}
