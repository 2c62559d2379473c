//! Blocks of sequential scans (T.81 F.2.2).

use std::rc::Rc;

use super::super::bits::Reader;
use super::super::huffman::Table;
use super::dc::{DcCoder, Goal};
use super::finish::Finish;
use super::rules::{AC_SIZE, EOB, LOAD, ZRL, draws_alike, extend, weights};
use super::sound::SoundBlocks;
use super::walk::{Code, Output, Walk};
use super::{DeadEnd, Range};

/// Codes the blocks of one component.
pub(super) struct BlockCoder {
    pub(super) dc: DcCoder,
    ac: Rc<Table>,
    q: Rc<[u16; 64]>,
    weights: [u32; 64],
    finish: Finish,
    range: Range,
    /// The short way through blocks that are in order, where the table can end any block.
    pub(super) sound: Option<SoundBlocks>,
}

/// A symbol of a block, and where it leads.
enum Symbol {
    /// A coefficient at this place.
    Value(usize, i32),
    /// Sixteen zeros; the place after them.
    Zeros(usize),
    End,
    Bad(&'static str),
}

impl BlockCoder {
    /// `before` is that of another component of the scan.
    pub(super) fn new(
        (dc, ac): (DcCoder, Rc<Table>),
        q: Rc<[u16; 64]>,
        range: Range,
        before: Option<&Self>,
    ) -> Self {
        let finish = Finish::new(&ac, 1, 63);
        let weights = weights(&q);
        let before = before.and_then(|before| before.sound.as_ref());
        let sound = ac.has(EOB).then(|| SoundBlocks::new(&ac, &weights, before));
        BlockCoder {
            dc,
            ac,
            q,
            weights,
            finish,
            range,
            sound,
        }
    }

    /// Reads one block.
    pub(super) fn block<O: Output>(
        &self,
        walk: &mut Walk<'_, O>,
        prediction: &mut i32,
    ) -> Result<(), DeadEnd> {
        self.block_toward(walk, prediction, (None, &mut 0))
    }

    /// The first bit from which blocks are held to their load.
    #[inline(always)]
    pub(super) fn held_from(&self, changed_from: u64) -> u64 {
        match self.range {
            Range::Drawn => changed_from,
            Range::Coded => u64::MAX,
        }
    }

    /// Passes over a block and tells its DC coefficient, if it is sure that nothing in it is to be
    /// replaced, and that it ends at bit `until` at the latest; else it does nothing.
    ///
    /// Not inlined: by itself it has all registers.
    #[inline(never)]
    pub(super) fn sound(
        &self,
        reader: &mut Reader<'_>,
        (prediction, changed_from, until): (i32, u64, u64),
    ) -> Option<i32> {
        let mut next = reader.clone();
        let sound = self.sound.as_ref()?;
        let (sum, load) = sound.block(&self.dc, &mut next, prediction)?;
        let end = next.position();
        let is_held = load > LOAD && end > self.held_from(changed_from);
        if is_held || next.overrun() || end > until {
            return None;
        }
        *reader = next;
        Some(sum)
    }

    /// Reads one block; its DC coefficient moves by the shift, and leads to the goal if there is one.
    #[inline(always)]
    pub(super) fn block_toward<O: Output>(
        &self,
        walk: &mut Walk<'_, O>,
        prediction: &mut i32,
        (goal, shift): (Option<Goal>, &mut i32),
    ) -> Result<(), DeadEnd> {
        let is_free = goal.is_none() && *shift == 0;
        if let (false, true) = (O::TAPPED, is_free) {
            let held = (*prediction, walk.changed_from, u64::MAX);
            if let Some(sum) = self.sound(&mut walk.reader, held) {
                *prediction = sum;
                return Ok(());
            }
        }
        match is_free {
            true => self.dc.difference(walk, prediction)?,
            false => self.dc.toward(walk, prediction, (goal, shift))?,
        }
        let start = walk.reader.clone();
        let mut load = u64::from(prediction.unsigned_abs()) * u64::from(self.weights[0]);
        let mut bound = LOAD;
        let mut k = 1;
        while k < 64 {
            let before = walk.reader.position();
            match self.symbol(&mut walk.reader, k) {
                Symbol::Value(at, value) => {
                    load += u64::from(value.unsigned_abs()) * u64::from(self.weights[at]);
                    if load > bound && self.is_held(walk) {
                        bound = u64::MAX;
                        if !self.draws_alike(start.clone(), *prediction) {
                            return self.cut(walk, (k, before), at + 1);
                        }
                    }
                    if value.unsigned_abs() >> AC_SIZE != 0 {
                        return self.end(walk, k, before, "an AC coefficient of more than 10 bits");
                    }
                    if !self.finish.reaches(at + 1) {
                        return self.end(
                            walk,
                            k,
                            before,
                            "a block that its Huffman table cannot end",
                        );
                    }
                    walk.out.coefficient(at, value);
                    k = at + 1;
                }
                Symbol::Zeros(next) if self.finish.reaches(next) => k = next,
                Symbol::Zeros(_) => {
                    return self.end(walk, k, before, "a block that its Huffman table cannot end");
                }
                Symbol::End => return Ok(()),
                Symbol::Bad(fault) => return self.end(walk, k, before, fault),
            }
        }
        Ok(())
    }

    /// Reads the symbol at coefficient `k`, with its additional bits.
    #[inline(always)]
    fn symbol(&self, reader: &mut Reader<'_>, k: usize) -> Symbol {
        reader.refill();
        let Some((symbol, len)) = self.ac.decode(reader.peek(16)) else {
            reader.consume(16);
            return Symbol::Bad("an AC code that is not in its Huffman table");
        };
        let size = u32::from(symbol & 15);
        let at = k + usize::from(symbol >> 4);
        reader.consume(len);
        let value = extend(reader.peek(size), size);
        reader.consume(size);
        if reader.overrun() {
            Symbol::Bad("the data of a restart interval end early")
        } else if size > 0 && at < 64 {
            Symbol::Value(at, value)
        } else if symbol == EOB {
            Symbol::End
        } else if symbol == ZRL && at < 63 {
            Symbol::Zeros(at + 1)
        } else {
            Symbol::Bad("a run of zeros past the end of the block")
        }
    }

    /// Whether the block has to draw alike everywhere: unchanged ones stay as they are.
    fn is_held<O: Output>(&self, walk: &Walk<'_, O>) -> bool {
        self.range == Range::Drawn && walk.is_changed()
    }

    /// Whether the block whose AC coefficients start at `reader` stays in range.
    #[cold]
    fn draws_alike(&self, mut reader: Reader<'_>, dc: i32) -> bool {
        let mut block = [0; 64];
        block[0] = dc;
        let mut k = 1;
        while k < 64 {
            match self.symbol(&mut reader, k) {
                Symbol::Value(at, value) => {
                    block[at] = value;
                    k = at + 1;
                }
                Symbol::Zeros(next) => k = next,
                Symbol::End | Symbol::Bad(_) => break,
            }
        }
        draws_alike(&block, &self.q)
    }

    /// Ends the block at coefficient `k`, whose symbol starts at bit `from`, and drops the rest of
    /// it, from coefficient `at` on not read yet, so that the next block is read where it starts.
    #[cold]
    fn cut<O: Output>(
        &self,
        walk: &mut Walk<'_, O>,
        (k, from): (usize, u64),
        mut at: usize,
    ) -> Result<(), DeadEnd> {
        while at < 64 {
            match self.symbol(&mut walk.reader, at) {
                Symbol::Value(place, _) => at = place + 1,
                Symbol::Zeros(next) => at = next,
                Symbol::End | Symbol::Bad(_) => break,
            }
        }
        self.end(
            walk,
            k,
            from,
            "a block that leaves the range in which decoders draw alike",
        )
    }

    /// Ends the block at coefficient `k`, in place of all that was read from bit `from` on.
    #[cold]
    fn end<O: Output>(
        &self,
        walk: &mut Walk<'_, O>,
        mut k: usize,
        mut from: u64,
        fault: &'static str,
    ) -> Result<(), DeadEnd> {
        while k < 64 {
            let symbol = self.finish.symbol(k).ok_or(DeadEnd)?;
            let code = self.ac.code(symbol).ok_or(DeadEnd)?;
            let size = u32::from(symbol & 15);
            let at = k + usize::from(symbol >> 4);
            let least = if size == 0 { 0 } else { 1 << (size - 1) };
            walk.replace_from(from, Code::new(code, least, size), fault);
            if symbol == EOB {
                return Ok(());
            }
            if size > 0 {
                walk.out.coefficient(at, least as i32);
            }
            (k, from) = (at + 1, walk.reader.position());
        }
        Ok(())
    }
}
