//! How much of the picture a glitch changes, without drawing it: the coefficients of changed
//! blocks are held against those of the input until enough differ.

use super::super::frame::Frame;
use super::input_masks::InputMasks;
use super::walk::Coefficients;
use crate::document::Share;

/// A block counts as changed when its dequantised coefficients differ by this much in all: a step
/// of 16 levels of 255 if it is DC, up to 32 at the places where AC coefficients add up (A.3.3).
const VISIBLE: u64 = 128;

/// A changed block stands for half a block of changed pixels: seldom do all of them show it.
const BLOCKS_FOR_ONE: u64 = 2;

/// Counts changed blocks.
#[derive(Clone)]
pub(super) struct Measure {
    /// The most that one scan changed of one component: a lower bound for the picture.
    pub(super) best: Share,
    /// By component: its blocks, and how many of them the scan at hand changed.
    counts: Vec<Share>,
    /// Where scans before were changed.
    pub(super) blocks: Option<InputMasks>,
}

impl Measure {
    pub(super) fn new(frame: &Frame) -> Self {
        let of = |component: &super::super::frame::Component| {
            u64::from(component.blocks_wide) * u64::from(component.blocks_high) * BLOCKS_FOR_ONE
        };
        let counts = frame
            .components
            .iter()
            .map(|component| Share {
                changed: 0,
                of: of(component),
            })
            .collect();
        Measure {
            best: Share { changed: 0, of: 1 },
            counts,
            blocks: None,
        }
    }

    pub(super) fn begin_scan(&mut self) {
        self.counts.iter_mut().for_each(|count| count.changed = 0);
    }

    /// Whether it is known that the glitch shows.
    pub(super) fn is_done(&self) -> bool {
        self.best.shows()
    }

    /// Takes in a block of a component, as it is now and as it was.
    pub(super) fn compare(
        &mut self,
        component: usize,
        q: &[u16; 64],
        now: &Coefficients,
        before: &Coefficients,
    ) {
        if now.distance(before, q) >= VISIBLE {
            self.count(component, 1);
        }
    }

    /// Takes in a block by its DC coefficient, as it is now and as it was. Whether it is known by
    /// that to be changed: if it is not, other coefficients may tell.
    #[inline(always)]
    pub(super) fn compare_dc(
        &mut self,
        component: usize,
        q: u16,
        (now, before): (i32, i32),
    ) -> bool {
        self.compare_dcs((component, q), (now, before), 1)
    }

    /// Takes in so many blocks whose DC coefficients all differ by as much as these two.
    #[inline(always)]
    pub(super) fn compare_dcs(
        &mut self,
        (component, q): (usize, u16),
        (now, before): (i32, i32),
        blocks: u32,
    ) -> bool {
        let is_changed = u64::from(now.abs_diff(before)) * u64::from(q) >= VISIBLE;
        if is_changed {
            self.count(component, blocks);
        }
        is_changed
    }

    /// Counts blocks of a component as changed.
    fn count(&mut self, component: usize, blocks: u32) {
        if let Some(count) = self.counts.get_mut(component) {
            count.changed += u64::from(blocks);
            let more = u128::from(count.changed) * u128::from(self.best.of)
                > u128::from(self.best.changed) * u128::from(count.of);
            if more {
                self.best = *count;
            }
        }
        if self.is_done() {
            self.blocks = None;
        }
    }
}
