//! What the next bits code of DC differences, by one look-up where they are few.

use super::super::chunk::Bits;
use super::super::huffman::Table;
use super::rules::{DC_SIZE, extend};

/// One look-up takes in this many bits.
const LOOK_UP: u32 = 10;

/// A difference with its code, in one word: from below
/// - 8 bits: how many bits it takes; none where they are not in sight;
/// - from bit 16 on: the difference.
#[derive(Clone, Copy, PartialEq)]
struct Step(u32);

impl Step {
    const OTHER: Step = Step(0);

    fn new(bits: u32, difference: i32) -> Step {
        Step(bits | (difference as u32) << 16)
    }
}

/// What a table makes of the next bits.
#[derive(Clone)]
pub(super) struct DcLook(Box<[Step; 1 << LOOK_UP]>);

impl DcLook {
    pub(super) fn new(table: &Table) -> DcLook {
        let mut steps = Box::new([Step::OTHER; 1 << LOOK_UP]);
        for size in 0..=DC_SIZE {
            let Some((code, len)) = table.code(size as u8) else {
                continue;
            };
            let Some(rest) = LOOK_UP.checked_sub(len + size) else {
                continue;
            };
            for extra in 0..1 << size {
                let first = ((code << size | extra) << rest) as usize;
                let step = Step::new(len + size, extend(extra, size));
                steps[first..first + (1 << rest)].fill(step);
            }
        }
        DcLook(steps)
    }

    /// Passes over the next difference, if it is in sight. As many bits as are looked up have to be
    /// valid.
    #[inline(always)]
    pub(super) fn difference(&self, bits: &mut impl Bits) -> Option<i32> {
        let step = self.0[bits.peek(LOOK_UP) as usize & ((1 << LOOK_UP) - 1)];
        if step == Step::OTHER {
            return None;
        }
        bits.consume(step.0 & 0xFF);
        Some(step.0 as i32 >> 16)
    }
}
