//! What a progressive picture must remember of each block between its scans: ten bytes.

use super::super::frame::Frame;

/// One block, as a scan of its component comes to it.
pub(super) struct Block<'m> {
    /// Bit k: coefficient k is nonzero. Bit 0, which DC has no need of: the block was changed.
    pub(super) mask: &'m mut u64,
    /// Its load so far, see [`super::rules::LOAD`]; 65,535 stands for that and more.
    pub(super) load: &'m mut u16,
    /// Blocks that the EOB run at hand still covers.
    pub(super) eob_run: &'m mut u32,
    /// Blocks behind those, this one included if there are none, that the input has in an EOB run
    /// for which a code is still to be written.
    pub(super) owed: &'m mut u32,
    /// Blocks that an EOB run may cover, this one included: up to the end of the restart interval
    /// or of the stretch.
    pub(super) left: u32,
    /// Whether it is the end of a stretch: there EOB runs are cut, not taken for damage.
    pub(super) is_seam: bool,
}

impl Block<'_> {
    pub(super) fn mark_changed(&mut self) {
        *self.mask |= 1;
    }

    pub(super) fn is_changed(&self) -> bool {
        *self.mask & 1 == 1
    }
}

/// The blocks of a scan of one component.
#[derive(Clone, Copy)]
pub(super) struct Layout {
    pub(super) component: usize,
    /// Blocks across.
    pub(super) wide: u32,
}

/// The blocks of some components as they were.
pub(super) struct Kept(Vec<(usize, Plane)>);

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

    /// Of one component, with so many blocks to a row.
    #[cfg(test)]
    pub(super) fn of(wide: u32, blocks: Vec<(u64, u16)>) -> Self {
        let (masks, loads) = blocks.into_iter().unzip();
        let plane = Plane { wide, masks, loads };
        Blocks {
            components: vec![plane],
        }
    }

    /// A copy of the blocks of some components, to come back to.
    pub(super) fn keep(&self, components: impl Iterator<Item = usize>) -> Kept {
        let plane = |index: usize| Some((index, self.components.get(index)?.clone()));
        Kept(components.filter_map(plane).collect())
    }

    pub(super) fn restore(&mut self, kept: Kept) {
        for (index, plane) in kept.0 {
            self.components[index] = plane;
        }
    }

    /// Marks `count` blocks of a row as changed, from one on.
    pub(super) fn mark_changed(&mut self, component: usize, (x, y): (u32, u32), count: u32) {
        let Some(plane) = self.components.get_mut(component) else {
            return;
        };
        let first = y as usize * plane.wide as usize + x as usize;
        let masks = plane.masks.get_mut(first..first + count as usize);
        masks.into_iter().flatten().for_each(|mask| *mask |= 1);
    }

    /// The masks and the loads of `count` blocks of a row of a component, from column `x` on.
    #[inline(always)]
    pub(super) fn row(
        &mut self,
        component: usize,
        (x, y): (u32, u32),
        count: u32,
    ) -> Option<(&mut [u64], &mut [u16])> {
        let plane = self.components.get_mut(component)?;
        let first = y as usize * plane.wide as usize + x as usize;
        let blocks = first..first + count as usize;
        Some((
            plane.masks.get_mut(blocks.clone())?,
            plane.loads.get_mut(blocks)?,
        ))
    }

    /// By component, how many rows of blocks there are.
    pub(super) fn rows(&self) -> impl Iterator<Item = usize> {
        let rows = |plane: &Plane| plane.masks.len() / plane.wide.max(1) as usize;
        self.components.iter().map(rows)
    }

    /// The masks of a row of a component.
    pub(super) fn row_masks(&self, component: usize, y: u32) -> &[u64] {
        let Some(plane) = self.components.get(component) else {
            return &[];
        };
        let wide = plane.wide as usize;
        let row = y as usize * wide..(y as usize + 1) * wide;
        plane.masks.get(row).unwrap_or_default()
    }

    /// The mask and the load of the block at column `x` and row `y` of a component, if they are kept.
    pub(super) fn get(
        &mut self,
        component: usize,
        (x, y): (u32, u32),
    ) -> (Option<&mut u64>, Option<&mut u16>) {
        let Some(plane) = self.components.get_mut(component) else {
            return (None, None);
        };
        let index = y as usize * plane.wide as usize + x as usize;
        (plane.masks.get_mut(index), plane.loads.get_mut(index))
    }
}
