//! DC coefficients: differences (T.81 F.2.2.1 and G.1.2.1), and their refinement.

use std::rc::Rc;

use super::super::bits::Reader;
use super::super::chunk::Bits;
use super::super::huffman::Table;
use super::dc_look::DcLook;
use super::rules::{DC_MOST, DC_SIZE, dc_limit, extend, weights};
use super::walk::{Code, Output, Walk};
use super::{DeadEnd, Range};

/// Where the DC coefficients of a component have to be at the end of a stretch.
#[derive(Clone, Copy)]
pub(super) struct Goal {
    pub(super) target: i32,
    /// Blocks of the component behind this one, up to there.
    pub(super) after: u32,
    /// Whether the first block behind the stretch is to get there.
    pub(super) lands: bool,
}

/// Codes DC differences of one component.
#[derive(Clone)]
pub(super) struct DcCoder {
    table: Rc<Table>,
    look: DcLook,
    /// Largest magnitude in a changed block, in coded units (before the point transform).
    limit: i32,
    /// The same for any block.
    limit_unchanged: i32,
    /// Al.
    point: u32,
    /// What one unit adds to the load of a block.
    weight: u32,
}

impl DcCoder {
    pub(super) fn new(table: Rc<Table>, quantiser: &[u16; 64], point: u8, range: Range) -> Self {
        let point = u32::from(point);
        let (limit, limit_unchanged) = match range {
            Range::Drawn => (dc_limit(quantiser[0]), DC_MOST),
            Range::Coded => (DC_MOST, DC_MOST),
        };
        DcCoder {
            look: DcLook::new(&table),
            table,
            limit: limit >> point,
            limit_unchanged: limit_unchanged >> point,
            point,
            weight: weights(quantiser)[0],
        }
    }

    /// The load of a block with this value, when every later bit of it is one.
    #[inline(always)]
    pub(super) fn load_after(&self, value: i32) -> u16 {
        let most = (u64::from(value.unsigned_abs()) + 1) << self.point;
        (most * u64::from(self.weight)).min(u64::from(u16::MAX)) as u16
    }

    /// The most by which one difference is sure to lead anywhere near: 15 for a table of the
    /// sizes 0 to 4, but 0 for one of 0 and 4.
    fn stride(&self) -> i32 {
        let has = |size: &u32| self.table.has(*size as u8);
        let sizes = (0..=DC_SIZE).take_while(has).count();
        let all = (0..=DC_SIZE).filter(has).count();
        match sizes == all && sizes > 0 {
            true => (1 << (sizes - 1)) - 1,
            false => 0,
        }
    }

    /// The most by which one difference leads anywhere near, even if the table has more that are
    /// far apart: 15 for one of the sizes 0 to 4 and 6.
    fn sure_stride(&self) -> i32 {
        let has = |size: &u32| self.table.has(*size as u8);
        let sizes = (0..=DC_SIZE).take_while(has).count();
        (1 << sizes.saturating_sub(1)) - 1
    }

    /// How many blocks it may take to lead from any value to any other.
    pub(super) fn blocks_to_anywhere(&self) -> u32 {
        let most = (2 * DC_MOST) >> self.point;
        match self.stride() {
            0 => 64,
            stride => (most / stride + 1) as u32,
        }
    }

    /// The largest magnitude that what was just read may lead to.
    #[inline(always)]
    fn limit<O: Output>(&self, walk: &Walk<'_, O>) -> i32 {
        match walk.is_changed() {
            true => self.limit,
            false => self.limit_unchanged,
        }
    }

    /// Reads a difference and tells the sum with the prediction, if all is in order with it.
    ///
    /// 27 bits have to be valid.
    #[inline(always)]
    pub(super) fn sound_sum(&self, reader: &mut impl Bits, prediction: i32) -> Option<i32> {
        let difference = match self.look.difference(reader) {
            Some(difference) => difference,
            None => self.far_difference(reader)?,
        };
        let sum = prediction + difference;
        self.is_within(sum).then_some(sum)
    }

    #[inline(always)]
    fn far_difference(&self, reader: &mut impl Bits) -> Option<i32> {
        let (size, len) = self.table.decode(reader.peek(16))?;
        let size = u32::from(size);
        if size > DC_SIZE {
            return None;
        }
        reader.consume(len);
        let difference = extend(reader.peek(size), size);
        reader.consume(size);
        Some(difference)
    }

    /// What a value that is within the limits adds to the load of a block.
    #[inline(always)]
    pub(super) fn load(&self, value: i32) -> u64 {
        u64::from(value.unsigned_abs()) * u64::from(self.weight)
    }

    /// Whether any block may have this value.
    #[inline(always)]
    pub(super) fn is_within(&self, value: i32) -> bool {
        value.abs() <= self.limit
    }

    /// Whether a value of an unchanged block is within its limits where it is so far from one that
    /// is within those of a changed block.
    #[inline(always)]
    pub(super) fn stays_within(&self, distance: i32) -> bool {
        self.limit + distance.abs() <= self.limit_unchanged
    }

    /// Reads a difference and adds it to the prediction.
    #[inline(always)]
    pub(super) fn difference<O: Output>(
        &self,
        walk: &mut Walk<'_, O>,
        prediction: &mut i32,
    ) -> Result<(), DeadEnd> {
        walk.reader.refill();
        let Some((size, len)) = self.table.decode(walk.reader.peek(16)) else {
            walk.reader.consume(16);
            return self.mend(
                walk,
                prediction,
                16,
                "a DC code that is not in its Huffman table",
            );
        };
        let size = u32::from(size);
        if size > DC_SIZE {
            walk.reader.consume(len);
            return self.mend(
                walk,
                prediction,
                len,
                "a DC difference of more than 11 bits",
            );
        }
        walk.reader.consume(len);
        let value = *prediction + extend(walk.reader.peek(size), size);
        walk.reader.consume(size);
        if walk.reader.overrun() {
            return self.mend(
                walk,
                prediction,
                len + size,
                "the data of a restart interval end early",
            );
        }
        let limit = self.limit(walk);
        if value.abs() > limit {
            let from = *prediction;
            *prediction = value.clamp(-limit, limit);
            return self.move_to(walk, prediction, from, len + size);
        }
        *prediction = value;
        walk.out.coefficient(0, value << self.point);
        Ok(())
    }

    /// As [`DcCoder::difference`], but moves by what is left of the shift, and turns to the goal in
    /// time: it leads away from there only as far as the blocks that are left can lead back.
    #[cold]
    pub(super) fn toward<O: Output>(
        &self,
        walk: &mut Walk<'_, O>,
        prediction: &mut i32,
        (goal, shift): (Option<Goal>, &mut i32),
    ) -> Result<(), DeadEnd> {
        let from = *prediction;
        let (count, read) = self.read(&mut walk.reader);
        let limit = self.limit(walk);
        let wanted = from + read.unwrap_or(0) + *shift;
        let value = wanted.clamp(-limit, limit);
        let next = match goal {
            Some(goal) if self.is_too_far(value, goal) => goal.target,
            _ => value,
        };
        if read.is_some_and(|difference| from + difference == next) {
            *prediction = next;
            walk.out.coefficient(0, next << self.point);
        } else {
            *prediction = next;
            let fault = "a DC coefficient off the way";
            self.step(walk, prediction, (from, count), fault)?;
        }
        if *shift != 0 {
            *shift = wanted - *prediction;
        }
        Ok(())
    }

    /// Whether the blocks that are left cannot lead from a value to the goal.
    fn is_too_far(&self, value: i32, goal: Goal) -> bool {
        let stride = match goal.lands {
            true => self.sure_stride(),
            false => self.stride(),
        };
        // Without any there is no way to lead: it has to come about by itself.
        let far = i64::from(stride) * i64::from(goal.after);
        !(goal.lands && stride == 0) && i64::from(goal.target.abs_diff(value)) > far
    }

    /// Reads a difference, if it is one, and counts its bits.
    fn read(&self, reader: &mut Reader<'_>) -> (u32, Option<i32>) {
        reader.refill();
        let Some((size, len)) = self.table.decode(reader.peek(16)) else {
            reader.consume(16);
            return (16, None);
        };
        let size = u32::from(size);
        reader.consume(len);
        if size > DC_SIZE {
            return (len, None);
        }
        let difference = extend(reader.peek(size), size);
        reader.consume(size);
        (len + size, (!reader.overrun()).then_some(difference))
    }

    /// Writes a difference that leaves the prediction where it is, as near as the table can.
    #[cold]
    fn mend<O: Output>(
        &self,
        walk: &mut Walk<'_, O>,
        prediction: &mut i32,
        count: u32,
        fault: &'static str,
    ) -> Result<(), DeadEnd> {
        let limit = self.limit(walk);
        let from = *prediction;
        *prediction = from.clamp(-limit, limit);
        self.step(walk, prediction, (from, count), fault)
    }

    #[cold]
    fn move_to<O: Output>(
        &self,
        walk: &mut Walk<'_, O>,
        prediction: &mut i32,
        from: i32,
        count: u32,
    ) -> Result<(), DeadEnd> {
        self.step(
            walk,
            prediction,
            (from, count),
            "a DC coefficient outside the range of 8-bit samples",
        )
    }

    /// Replaces the last bits by the difference that leads from `from` nearest to the prediction.
    fn step<O: Output>(
        &self,
        walk: &mut Walk<'_, O>,
        prediction: &mut i32,
        (from, count): (i32, u32),
        fault: &'static str,
    ) -> Result<(), DeadEnd> {
        let (size, difference) = self.nearest(from, *prediction).ok_or(DeadEnd)?;
        let bits = if difference < 0 {
            difference + (1 << size) - 1
        } else {
            difference
        } as u32;
        let code = self.table.code(size as u8).ok_or(DeadEnd)?;
        walk.replace_last(count, Code::new(code, bits, size), fault);
        *prediction = from + difference;
        walk.out.coefficient(0, *prediction << self.point);
        Ok(())
    }

    /// The size category and the difference that the table can code, and that lead nearest to
    /// `target`; within the limit if any does.
    fn nearest(&self, from: i32, target: i32) -> Option<(u32, i32)> {
        let sizes = (0..=DC_SIZE).filter(|&size| self.table.has(size as u8));
        let candidates = sizes.flat_map(|size| {
            let (low, high) = if size == 0 {
                (0, 0)
            } else {
                (1 << (size - 1), (1 << size) - 1)
            };
            [
                (size, (target - from).clamp(low, high)),
                (size, (target - from).clamp(-high, -low)),
            ]
        });
        // What the input had may be further out than what a changed block may lead to.
        let limit = self.limit.max(target.abs());
        candidates.min_by_key(|(_, difference)| {
            let value = from + difference;
            ((value.abs() - limit).max(0), (value - target).abs())
        })
    }
}

/// Reads one bit of refinement a block (G.1.2.1).
pub(super) fn refine<O: Output>(walk: &mut Walk<'_, O>, point: u8) {
    let bit = walk.reader.read(1);
    if walk.reader.overrun() {
        walk.replace_last(
            1,
            Code { value: 0, len: 1 },
            "the data of a restart interval end early",
        );
    }
    walk.out.coefficient(0, (bit as i32) << point);
}
