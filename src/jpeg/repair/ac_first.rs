//! First scans of AC bands (T.81 G.1.2.2).

use std::rc::Rc;

use super::super::bits::Reader;
use super::super::huffman::Table;
use super::band::Band;
use super::bands::{self, WORTH};
use super::blocks::Block;
use super::eob_run::EobRuns;
use super::finish::Finish;
use super::rules::{AC_SIZE, LOAD, ZRL, extend, weights};
use super::sound_first::Look;
use super::walk::{Code, Output, Walk};
use super::{DeadEnd, Range};

/// Codes the band of one component.
pub(super) struct AcFirst {
    pub(super) table: Rc<Table>,
    /// Where it is worth it.
    pub(super) look: Option<Look>,
    weights: [u32; 64],
    pub(super) band: Band,
    finish: Finish,
    pub(super) runs: EobRuns,
    pub(super) range: Range,
}

/// A symbol, and where it leads.
enum Symbol {
    /// A coefficient at this place.
    Value(usize, i32),
    /// Sixteen zeros; the place after them.
    Zeros(usize),
    /// This block and the next ones end here: so many in all.
    Run(u32),
    Bad(&'static str),
}

/// Where a symbol starts: its coefficient, and its bit.
#[derive(Clone, Copy)]
struct Place {
    k: usize,
    bit: u64,
}

impl AcFirst {
    /// For a scan of so many blocks.
    pub(super) fn new(
        table: Rc<Table>,
        q: &[u16; 64],
        (band, blocks): (Band, u32),
        range: Range,
    ) -> Self {
        let finish = Finish::new(&table, band.start, band.end);
        let runs = EobRuns::new(&table);
        let look = (blocks >= WORTH).then(|| Look::new(&table, band.point));
        AcFirst {
            look: look.flatten(),
            table,
            weights: weights(q),
            band,
            finish,
            runs,
            range,
        }
    }

    /// The kinds of EOB runs that there are.
    pub(super) fn runs(&self) -> EobRuns {
        self.runs
    }

    /// Reads one block. `block.eob_run` counts the blocks that an EOB run still covers, this one
    /// included.
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
        if *block.eob_run == 0 {
            self.coefficients(walk, &mut block)?;
        } else {
            *block.eob_run -= 1;
        }
        if walk.is_changed() {
            block.mark_changed();
        }
        Ok(())
    }

    fn coefficients<O: Output>(
        &self,
        walk: &mut Walk<'_, O>,
        block: &mut Block<'_>,
    ) -> Result<(), DeadEnd> {
        let mut k = self.band.start;
        while k <= self.band.end {
            let place = Place {
                k,
                bit: walk.reader.position(),
            };
            match self.symbol(&mut walk.reader, k) {
                Symbol::Value(at, value) => {
                    let held = walk.is_changed() || block.is_changed();
                    let load = u64::from(*block.load) + self.load(at, value);
                    if load > LOAD && held && self.range == Range::Drawn {
                        return self.cut(walk, block, place, at + 1);
                    }
                    let most = 1 << AC_SIZE >> self.band.point;
                    if value.unsigned_abs() >= most {
                        return self.end(
                            walk,
                            block,
                            place,
                            "an AC coefficient of more than 10 bits",
                        );
                    }
                    if held && !self.can_go_on(at + 1, block.left) {
                        return self.end(
                            walk,
                            block,
                            place,
                            "a block that its Huffman table cannot end",
                        );
                    }
                    walk.out.coefficient(at, value << self.band.point);
                    *block.mask |= 1 << at;
                    *block.load = load.min(u64::from(u16::MAX)) as u16;
                    k = at + 1;
                }
                Symbol::Zeros(next) => k = next,
                Symbol::Run(blocks) => return self.run(walk, block, place, blocks),
                Symbol::Bad(fault) => return self.end(walk, block, place, fault),
            }
        }
        Ok(())
    }

    /// Reads the symbol at coefficient `k`, with its additional bits.
    #[inline(always)]
    fn symbol(&self, reader: &mut Reader<'_>, k: usize) -> Symbol {
        reader.refill();
        let Some((symbol, len)) = self.table.decode(reader.peek(16)) else {
            reader.consume(16);
            return Symbol::Bad("an AC code that is not in its Huffman table");
        };
        let (run, size) = (u32::from(symbol >> 4), u32::from(symbol & 15));
        reader.consume(len);
        let is_run = size == 0 && symbol != ZRL;
        let extra = if is_run { run } else { size };
        let bits = reader.peek(extra);
        reader.consume(extra);
        let at = k + run as usize;
        if reader.overrun() {
            Symbol::Bad("the data of a restart interval end early")
        } else if is_run {
            Symbol::Run((1 << run) + bits)
        } else if at > self.band.end || size == 0 && at == self.band.end {
            Symbol::Bad("a run of zeros past the end of the band")
        } else if size == 0 {
            Symbol::Zeros(at + 1)
        } else {
            Symbol::Value(at, extend(bits, size))
        }
    }

    /// What a coefficient of at most this magnitude adds to the load of its block.
    #[inline(always)]
    pub(super) fn load_of(&self, at: usize, most: u64) -> u64 {
        most * u64::from(self.weights[at & 63])
    }

    /// What a coefficient adds to the load of its block, when every later bit of it is one.
    #[inline(always)]
    pub(super) fn load(&self, at: usize, value: i32) -> u64 {
        let most = ((u64::from(value.unsigned_abs()) + 1) << self.band.point) - 1;
        self.load_of(at, most)
    }

    /// Whether the block can be ended before `k`, and those after it, `left` in all.
    fn can_go_on(&self, k: usize, left: u32) -> bool {
        match k > self.band.end {
            true => left == 1 || self.runs.cover(left - 1) || self.finish.reaches(self.band.start),
            false => self.runs.cover(left) || self.finish.reaches(k),
        }
    }

    /// Takes in an EOB run.
    fn run<O: Output>(
        &self,
        walk: &mut Walk<'_, O>,
        block: &mut Block<'_>,
        place: Place,
        blocks: u32,
    ) -> Result<(), DeadEnd> {
        let fits = blocks <= block.left
            && (!walk.is_changed()
                || blocks == block.left
                || self.can_go_on(64, block.left - blocks + 1));
        if !fits {
            let is_cut = block.is_seam && blocks > block.left;
            let wanted = if is_cut { block.left } else { 1 };
            if is_cut && !walk.is_changed() && !self.runs.cover(wanted) {
                return Err(DeadEnd);
            }
            let fault = "an EOB run past the end of the restart interval";
            self.end_for(walk, block, (place, wanted), fault)?;
            if is_cut && !walk.is_changed() {
                *block.owed += wanted - 1 - *block.eob_run;
            }
            return Ok(());
        }
        *block.eob_run = blocks - 1;
        Ok(())
    }

    /// Drops what is left of the block, from the symbol at `place` on; `k` is where the symbols
    /// that are not read yet go on. The EOB run that follows stays.
    #[cold]
    fn cut<O: Output>(
        &self,
        walk: &mut Walk<'_, O>,
        block: &mut Block<'_>,
        place: Place,
        mut k: usize,
    ) -> Result<(), DeadEnd> {
        const FAULT: &str = "a block that leaves the range in which decoders draw alike";
        while k <= self.band.end {
            let next = Place {
                k: place.k,
                bit: walk.reader.position(),
            };
            match self.symbol(&mut walk.reader, k) {
                Symbol::Value(at, _) => k = at + 1,
                Symbol::Zeros(at) => k = at,
                Symbol::Run(blocks) => {
                    walk.out.replace(place.bit, next.bit, Code::NONE, FAULT);
                    return self.run(walk, block, next, blocks);
                }
                Symbol::Bad(_) => break,
            }
        }
        self.end(walk, block, place, FAULT)
    }

    /// Ends the block in place of all that was read from `place` on; where the data have run out,
    /// the blocks after it too.
    #[cold]
    fn end<O: Output>(
        &self,
        walk: &mut Walk<'_, O>,
        block: &mut Block<'_>,
        place: Place,
        fault: &'static str,
    ) -> Result<(), DeadEnd> {
        let wanted = if walk.reader.overrun() { block.left } else { 1 };
        self.end_for(walk, block, (place, wanted), fault)
    }

    /// The same for so many blocks, or as near to that as can be.
    #[cold]
    fn end_for<O: Output>(
        &self,
        walk: &mut Walk<'_, O>,
        block: &mut Block<'_>,
        (mut place, wanted): (Place, u32),
        fault: &'static str,
    ) -> Result<(), DeadEnd> {
        if let Some(blocks) = self.runs.choose(wanted, block.left) {
            let code = self.runs.code(&self.table, blocks).ok_or(DeadEnd)?;
            walk.replace_from(place.bit, code, fault);
            *block.eob_run = blocks - 1;
            return Ok(());
        }
        while place.k <= self.band.end {
            let symbol = self.finish.symbol(place.k).ok_or(DeadEnd)?;
            let size = u32::from(symbol & 15);
            let least = if size == 0 { 0 } else { 1 << (size - 1) };
            let at = place.k + usize::from(symbol >> 4);
            let code = self.table.code(symbol).ok_or(DeadEnd)?;
            walk.replace_from(place.bit, Code::new(code, least, size), fault);
            if size > 0 {
                walk.out.coefficient(at, (least << self.band.point) as i32);
                *block.mask |= 1 << at;
            }
            place = Place {
                k: at + 1,
                bit: walk.reader.position(),
            };
        }
        Ok(())
    }
}
