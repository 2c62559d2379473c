//! Blocks of sequential scans (T.81 F.2.2).

use std::rc::Rc;

use super::super::huffman::Table;
use super::dc::DcCoder;
use super::finish::Finish;
use super::rules::{AC_SIZE, LOAD, extend};
use super::walk::{Code, Output, Walk};
use super::{DeadEnd, Range};

/// End of block: run 0, size 0.
pub(super) const EOB: u8 = 0x00;
/// Sixteen zeros: run 15, size 0.
pub(super) const ZRL: u8 = 0xF0;

/// Codes the blocks of one component.
pub(super) struct BlockCoder {
    pub(super) dc: DcCoder,
    ac: Rc<Table>,
    q: Rc<[u16; 64]>,
    finish: Finish,
    /// Bound on the load of a changed block.
    load: u64,
}

impl BlockCoder {
    pub(super) fn new(dc: DcCoder, ac: Rc<Table>, q: Rc<[u16; 64]>, range: Range) -> Self {
        let finish = Finish::new(&ac, 1, 63);
        let load = match range {
            Range::Drawn => LOAD,
            Range::Coded => u64::MAX,
        };
        BlockCoder {
            dc,
            ac,
            q,
            finish,
            load,
        }
    }

    /// Reads one block.
    pub(super) fn block<O: Output>(
        &self,
        walk: &mut Walk<'_, O>,
        prediction: &mut i32,
    ) -> Result<(), DeadEnd> {
        self.dc.difference(walk, prediction)?;
        let mut load = u64::from(prediction.unsigned_abs()) * u64::from(self.q[0]);
        let mut k = 1;
        while k < 64 {
            walk.reader.refill();
            let Some((symbol, len)) = self.ac.decode(walk.reader.peek(16)) else {
                walk.reader.consume(16);
                return self.end(walk, k, 16, "an AC code that is not in its Huffman table");
            };
            let size = u32::from(symbol & 15);
            let at = k + usize::from(symbol >> 4);
            walk.reader.consume(len);
            if size == 0 {
                if symbol == EOB && !walk.reader.overrun() {
                    return Ok(());
                }
                if symbol != ZRL
                    || at >= 63
                    || walk.reader.overrun()
                    || !self.finish.reaches(at + 1)
                {
                    return self.end(walk, k, len, "a run of zeros past the end of the block");
                }
                k = at + 1;
                continue;
            }
            if at > 63 {
                walk.reader.consume(size);
                return self.end(
                    walk,
                    k,
                    len + size,
                    "a run of zeros past the end of the block",
                );
            }
            let value = extend(walk.reader.peek(size), size);
            walk.reader.consume(size);
            load += 2 * u64::from(value.unsigned_abs()) * u64::from(self.q[at]);
            if size > AC_SIZE
                || load > self.load
                || !self.finish.reaches(at + 1)
                || walk.reader.overrun()
            {
                if let Some(fault) = self.fault(walk, at, size, load) {
                    return self.end(walk, k, len + size, fault);
                }
            }
            walk.out.coefficient(at, value);
            k = at + 1;
        }
        Ok(())
    }

    /// What is wrong with a coefficient at `at`, if anything is.
    #[cold]
    fn fault<O: Output>(
        &self,
        walk: &Walk<'_, O>,
        at: usize,
        size: u32,
        load: u64,
    ) -> Option<&'static str> {
        let held = walk.is_changed() || self.load == u64::MAX;
        if walk.reader.overrun() {
            Some("the data of a restart interval end early")
        } else if size > AC_SIZE && held {
            Some("an AC coefficient of more than 10 bits")
        } else if load > self.load && walk.is_changed() {
            Some("a block that leaves the range in which decoders draw alike")
        } else if !self.finish.reaches(at + 1) {
            Some("a block that its Huffman table cannot end")
        } else {
            None
        }
    }

    /// Ends the block at coefficient `k`, in place of the last `count` bits.
    #[cold]
    fn end<O: Output>(
        &self,
        walk: &mut Walk<'_, O>,
        mut k: usize,
        count: u32,
        fault: &'static str,
    ) -> Result<(), DeadEnd> {
        let mut count = count;
        while k < 64 {
            let symbol = self.finish.symbol(k).ok_or(DeadEnd)?;
            let code = self.ac.code(symbol).ok_or(DeadEnd)?;
            let size = u32::from(symbol & 15);
            let at = k + usize::from(symbol >> 4);
            let least = if size == 0 { 0 } else { 1 << (size - 1) };
            walk.replace_last(count, Code::new(code, least, size), fault);
            if symbol == EOB {
                return Ok(());
            }
            if size > 0 {
                walk.out.coefficient(at, least as i32);
            }
            (k, count) = (at + 1, 0);
        }
        Ok(())
    }
}
