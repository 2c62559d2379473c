//! What a progressive picture must remember of each block between its scans: ten bytes.

use super::super::frame::Frame;

/// One block.
pub(super) struct Block<'m> {
    /// Bit k: coefficient k is nonzero. Bit 0, which DC has no need of: the block was changed.
    pub(super) mask: &'m mut u64,
    /// Bound on `|DC q| + 2 * sum |AC q|` so far; 65,535 stands for that and more.
    pub(super) load: &'m mut u16,
}

impl Block<'_> {
    pub(super) fn mark_changed(self) {
        *self.mask |= 1;
    }

    pub(super) fn is_changed(&self) -> bool {
        *self.mask & 1 == 1
    }
}

/// The blocks of all components.
#[derive(Clone, Default)]
pub(super) struct Blocks {
    components: Vec<Plane>,
}

#[derive(Clone)]
struct Plane {
    /// Blocks across, padding included.
    wide: u32,
    masks: Vec<u64>,
    loads: Vec<u16>,
}

impl Blocks {
    pub(super) fn new(frame: &Frame) -> Self {
        let plane = |component: &super::super::frame::Component| Plane {
            wide: component.padded_wide,
            masks: vec![0; component.padded_blocks()],
            loads: vec![0; component.padded_blocks()],
        };
        Blocks {
            components: frame.components.iter().map(plane).collect(),
        }
    }

    /// The block at column `x` and row `y` of a component, if blocks are kept.
    pub(super) fn get(&mut self, component: usize, x: u32, y: u32) -> Option<Block<'_>> {
        let plane = self.components.get_mut(component)?;
        let index = y as usize * plane.wide as usize + x as usize;
        Some(Block {
            mask: plane.masks.get_mut(index)?,
            load: plane.loads.get_mut(index)?,
        })
    }
}
