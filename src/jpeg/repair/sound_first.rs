//! The short way through first scans of AC bands in which nothing is to be replaced.

use super::super::chunk::{Bits, ChunkBits};
use super::super::huffman::Table;
use super::Range;
use super::ac_first::AcFirst;
use super::band::Band;
use super::bands::{End, Known, MANY, Many, Sound};
use super::rules::{AC_SIZE, EOB, LOAD, ZRL, extend};
use super::walk::Output;

impl Sound for AcFirst {
    #[inline(always)]
    fn read(&self, bits: &mut impl Bits, mut block: Known, out: &mut impl Output) -> Option<Known> {
        if block.eob_run > 0 {
            block.eob_run -= 1;
            return Some(block);
        }
        let most = 1 << AC_SIZE >> self.band.point;
        let mut k = self.band.start;
        while k <= self.band.end {
            bits.fill();
            let (symbol, len) = self.table.decode(bits.peek(16))?;
            let (run, size) = (u32::from(symbol >> 4), u32::from(symbol & 15));
            if size > 0 {
                let value = extend(bits.peek(len + size) & ((1 << size) - 1), size);
                bits.consume(len + size);
                k += run as usize;
                if k > self.band.end || value.unsigned_abs() >= most {
                    return None;
                }
                out.coefficient(k, value << self.band.point);
                block.mask |= 1 << k;
                block.load += self.load(k, value);
                k += 1;
            } else if symbol == ZRL {
                bits.consume(len);
                k += 16;
                if k > self.band.end {
                    return None;
                }
            } else {
                let more = bits.peek(len + run) & ((1 << run) - 1);
                bits.consume(len + run);
                block.eob_run = (1 << run) + more - 1;
                break;
            }
        }
        Some(block)
    }

    #[inline(always)]
    fn may_stay(&self, before: Known, after: Known, end: End) -> bool {
        if before.eob_run > 0 {
            return true;
        }
        let is_held = end.is_changed || before.mask & 1 == 1;
        let is_free = after.load <= LOAD || self.range == Range::Coded;
        let Some(left) = end.left.checked_sub(after.eob_run + 1) else {
            return false;
        };
        (!is_held || is_free && self.runs.cover(1)) && (!end.is_changed || self.runs.cover(left))
    }

    const READS_MANY: bool = true;

    #[inline(always)]
    fn read_many(&self, bits: &mut ChunkBits<'_>, many: &mut Many) -> bool {
        match &self.look {
            Some(look) => self.pass_many(bits, look, many).is_some(),
            None => false,
        }
    }
}

/// One look-up takes in this many bits.
const LOOK_UP: u32 = 11;

/// A symbol with its additional bits, in one word: from below
/// - 8 bits: how many bits it takes;
/// - 4 bits: the zeros before a coefficient;
/// - 1 bit: whether there is one;
/// - 1 bit: whether the block ends with it, wherever;
/// - from bit 16 on: its magnitude when every later bit of it is one.
#[derive(Clone, Copy)]
struct Step(u32);

impl Step {
    /// Not in sight, or of many blocks.
    const OTHER: Step = Step(0);

    fn new(symbol: u8, (len, extra): (u32, u32), point: u32) -> Step {
        let (run, size) = (u32::from(symbol >> 4), u32::from(symbol & 15));
        let magnitude = extend(extra, size).unsigned_abs();
        let most = ((u64::from(magnitude) + 1) << point) - 1;
        match u16::try_from(most) {
            _ if symbol == EOB => Step(len | 1 << 13),
            Ok(most) if size > 0 && magnitude < 1 << AC_SIZE >> point => {
                Step((len + size) | run << 8 | 1 << 12 | u32::from(most) << 16)
            }
            _ => Step::OTHER,
        }
    }

    #[inline(always)]
    fn bits(self) -> u32 {
        self.0 & 0xFF
    }

    #[inline(always)]
    fn run(self) -> usize {
        (self.0 >> 8) as usize & 15
    }

    #[inline(always)]
    fn is_value(self) -> u64 {
        u64::from(self.0 >> 12 & 1)
    }

    #[inline(always)]
    fn ends(self) -> bool {
        self.0 >> 13 & 1 == 1
    }

    #[inline(always)]
    fn most(self) -> u64 {
        u64::from(self.0 >> 16)
    }
}

/// What a table makes of the next bits.
pub(super) struct Look(Box<[Step; 1 << LOOK_UP]>);

impl Look {
    /// None where the table lacks EOB: then not any block may end anywhere.
    pub(super) fn new(table: &Table, point: u32) -> Option<Look> {
        let mut steps = Box::new([Step::OTHER; 1 << LOOK_UP]);
        for symbol in 0..=255_u8 {
            let size = u32::from(symbol & 15);
            let Some((code, len)) = table.code(symbol) else {
                continue;
            };
            let Some(rest) = LOOK_UP.checked_sub(len + size) else {
                continue;
            };
            for extra in 0..1_u32 << size {
                let first = ((code << size | extra) << rest) as usize;
                steps[first..first + (1 << rest)].fill(Step::new(symbol, (len, extra), point));
            }
        }
        table.has(EOB).then_some(Look(steps))
    }
}

impl AcFirst {
    /// Where a block ends is no branch, since nobody could foretell it.
    #[inline(never)]
    fn pass_many(&self, bits: &mut ChunkBits<'_>, look: &Look, many: &mut Many) -> Option<()> {
        let Band { start, end, .. } = self.band;
        let count = many.count;
        let (mut at, mut k) = ((many.eob_run as usize).min(count), start);
        // In registers.
        let mut next = bits.clone();
        let mut is_sound = true;
        while at < count {
            next.fill();
            // There are five to a filling.
            for _ in 0..5 {
                let step = look.0[next.peek(LOOK_UP) as usize & ((1 << LOOK_UP) - 1)];
                if step.bits() == 0 {
                    (next, (at, k)) = self.pass_other(next, many, (at, k))?;
                    break;
                }
                next.consume(step.bits());
                let (block, place) = (at % MANY, k + step.run());
                let load = u64::from(many.loads[block]) + self.load_of(place, step.most());
                let is_held = many.is_changed | (many.masks[block] & 1 == 1);
                is_sound &= (place <= end) & ((load <= LOAD) | !is_held);
                many.masks[block] |= step.is_value() << (place & 63);
                many.loads[block] = load.min(u64::from(u16::MAX)) as u16;
                let ends = step.ends() | (place >= end);
                at += usize::from(ends);
                k = if ends { start } else { place + 1 };
                if at >= count {
                    break;
                }
            }
        }
        *bits = next;
        many.eob_run = (at - count) as u32 + many.eob_run.saturating_sub(count as u32);
        is_sound.then_some(())
    }

    /// Passes over any symbol: tells the block and the place that come next.
    ///
    /// Bits by value: so those of the caller stay in registers.
    #[inline(never)]
    fn pass_other<'c>(
        &self,
        mut bits: ChunkBits<'c>,
        many: &mut Many,
        (at, k): (usize, usize),
    ) -> Option<(ChunkBits<'c>, (usize, usize))> {
        let Band { start, end, point } = self.band;
        bits.fill();
        let (symbol, len) = self.table.decode(bits.peek(16))?;
        let (run, size) = (u32::from(symbol >> 4), u32::from(symbol & 15));
        let place = k + run as usize;
        if size > 0 {
            let value = extend(bits.peek(len + size) & ((1 << size) - 1), size);
            bits.consume(len + size);
            let load = u64::from(many.loads[at]) + self.load(place, value);
            let is_over = load > LOAD && (many.is_changed || many.masks[at] & 1 == 1);
            if place > end || value.unsigned_abs() >= 1 << AC_SIZE >> point || is_over {
                return None;
            }
            many.masks[at] |= 1 << place;
            many.loads[at] = load.min(u64::from(u16::MAX)) as u16;
            let next = if place == end {
                (at + 1, start)
            } else {
                (at, place + 1)
            };
            return Some((bits, next));
        }
        if symbol == ZRL {
            bits.consume(len);
            return (place < end).then_some((bits, (at, place + 1)));
        }
        let blocks = (1 << run) + (bits.peek(len + run) & ((1 << run) - 1));
        bits.consume(len + run);
        let next = at + blocks as usize;
        (next <= many.left as usize).then_some((bits, (next, start)))
    }
}
