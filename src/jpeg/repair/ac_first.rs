//! First scans of AC bands (T.81 G.1.2.2).

use std::rc::Rc;

use super::super::huffman::Table;
use super::blocks::Block;
use super::eob_run::EobRuns;
use super::finish::Finish;
use super::rules::{AC_SIZE, LOAD, extend};
use super::scan_walk::Band;
use super::sequential::ZRL;
use super::walk::{Code, Output, Walk};
use super::{DeadEnd, Range};

/// Codes the band of one component.
pub(super) struct AcFirst {
    table: Rc<Table>,
    q: Rc<[u16; 64]>,
    band: Band,
    finish: Finish,
    runs: EobRuns,
    range: Range,
}

impl AcFirst {
    pub(super) fn new(table: Rc<Table>, q: Rc<[u16; 64]>, band: Band, range: Range) -> Self {
        let finish = Finish::new(&table, band.start, band.end);
        let runs = EobRuns::new(&table);
        AcFirst {
            table,
            q,
            band,
            finish,
            runs,
            range,
        }
    }

    /// Reads one block. `eob_run` counts the blocks that an EOB run still covers, this one
    /// included; `left` the blocks of the restart interval, likewise.
    pub(super) fn block<O: Output>(
        &self,
        walk: &mut Walk<'_, O>,
        eob_run: &mut u32,
        block: Block<'_>,
        left: u32,
    ) -> Result<(), DeadEnd> {
        if *eob_run > 0 {
            *eob_run -= 1;
        } else {
            self.coefficients(walk, eob_run, (&mut *block.mask, &mut *block.load), left)?;
        }
        if walk.is_changed() {
            block.mark_changed();
        }
        Ok(())
    }

    fn coefficients<O: Output>(
        &self,
        walk: &mut Walk<'_, O>,
        eob_run: &mut u32,
        (mask, load): (&mut u64, &mut u16),
        left: u32,
    ) -> Result<(), DeadEnd> {
        let mut k = self.band.start;
        while k <= self.band.end {
            walk.reader.refill();
            let Some((symbol, len)) = self.table.decode(walk.reader.peek(16)) else {
                walk.reader.consume(16);
                return self.end(
                    walk,
                    (k, 16),
                    (eob_run, mask),
                    (left, "an AC code that is not in its Huffman table"),
                );
            };
            let (run, size) = (u32::from(symbol >> 4), u32::from(symbol & 15));
            walk.reader.consume(len);
            if size == 0 && symbol != ZRL {
                let blocks = (1 << run) + walk.reader.peek(run);
                walk.reader.consume(run);
                let fits = blocks <= left
                    && (!walk.is_changed()
                        || self.runs.cover(left - blocks)
                        || self.finish.reaches(self.band.start));
                if !fits || walk.reader.overrun() {
                    let fault = "an EOB run past the end of the restart interval";
                    return self.end(walk, (k, len + run), (eob_run, mask), (left, fault));
                }
                *eob_run = blocks - 1;
                return Ok(());
            }
            let at = k + run as usize;
            let value = extend(walk.reader.peek(size), size);
            walk.reader.consume(size);
            let more = if size == 0 { 0 } else { self.load(at, value) };
            let total = u64::from(*load) + more;
            if let Some(fault) = self.fault(walk, (at, size), total, (left, *mask)) {
                return self.end(walk, (k, len + size), (eob_run, mask), (left, fault));
            }
            if size > 0 {
                walk.out.coefficient(at, value << self.band.point);
                *mask |= 1 << at;
                *load = total.min(u64::from(u16::MAX)) as u16;
            }
            k = at + 1;
        }
        Ok(())
    }

    /// What a coefficient adds to the load of its block, when every later bit of it is one.
    fn load(&self, at: usize, value: i32) -> u64 {
        let most = (u64::from(value.unsigned_abs()) + 1 << self.band.point) - 1;
        2 * most * u64::from(self.q.get(at).copied().unwrap_or(0))
    }

    #[inline(always)]
    fn fault<O: Output>(
        &self,
        walk: &Walk<'_, O>,
        (at, size): (usize, u32),
        load: u64,
        (left, mask): (u32, u64),
    ) -> Option<&'static str> {
        let last = self.band.end - usize::from(size == 0);
        if at > last {
            return Some("a run of zeros past the end of the band");
        }
        if walk.reader.overrun() {
            return Some("the data of a restart interval end early");
        }
        let changed = walk.is_changed() || mask & 1 == 1;
        if size + self.band.point > AC_SIZE && (changed || self.range == Range::Coded) {
            return Some("an AC coefficient of more than 10 bits");
        }
        if load > LOAD && changed && self.range == Range::Drawn {
            return Some("a block that leaves the range in which decoders draw alike");
        }
        let rest = if at == self.band.end { left - 1 } else { left };
        let from = if at == self.band.end {
            self.band.start
        } else {
            at + 1
        };
        (changed && !self.runs.cover(rest) && !self.finish.reaches(from))
            .then_some("a block that its Huffman table cannot end")
    }

    /// Ends the block at coefficient `k`, in place of the last `count` bits; where the data have
    /// run out, the blocks after it too.
    #[cold]
    fn end<O: Output>(
        &self,
        walk: &mut Walk<'_, O>,
        (mut k, mut count): (usize, u32),
        (eob_run, mask): (&mut u32, &mut u64),
        (left, fault): (u32, &'static str),
    ) -> Result<(), DeadEnd> {
        let wanted = if walk.reader.overrun() { left } else { 1 };
        if let Some(blocks) = self.runs.choose(wanted, left) {
            let code = self.runs.code(&self.table, blocks).ok_or(DeadEnd)?;
            walk.replace_last(count, code, fault);
            *eob_run = blocks - 1;
            return Ok(());
        }
        while k <= self.band.end {
            let symbol = self.finish.symbol(k).ok_or(DeadEnd)?;
            let size = u32::from(symbol & 15);
            let least = if size == 0 { 0 } else { 1 << (size - 1) };
            let at = k + usize::from(symbol >> 4);
            let code = self.table.code(symbol).ok_or(DeadEnd)?;
            walk.replace_last(count, Code::new(code, least, size), fault);
            if size > 0 {
                walk.out.coefficient(at, (least << self.band.point) as i32);
                *mask |= 1 << at;
            }
            (k, count) = (at + 1, 0);
        }
        Ok(())
    }
}
