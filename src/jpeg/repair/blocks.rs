//! What a progressive picture must remember of each block between its scans: ten bytes, and eight of
//! the input.

use std::ops::Range;

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
    /// None of the input, which is held to no load.
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

    /// The same in the input, while no scan of them differs: nothing is changed there.
    pub(super) fn unchanged(&self) -> Self {
        let plane = |plane: &Plane| Plane {
            wide: plane.wide,
            masks: plane.masks.iter().map(|mask| mask & !1).collect(),
            loads: Vec::new(),
        };
        Blocks {
            components: self.components.iter().map(plane).collect(),
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

    /// How many blocks of a scan have the same bits of `places` as those of others, of some from one on.
    pub(super) fn alike(
        &self,
        others: &Blocks,
        (layout, places): (Layout, u64),
        mcus: Range<u32>,
    ) -> u32 {
        let component = layout.component;
        let (ours, others) = (&self.components[component], &others.components[component]);
        let mut count = 0;
        for blocks in self.rows(layout, mcus) {
            let pairs = ours.masks[blocks.clone()]
                .iter()
                .zip(&others.masks[blocks.clone()]);
            let alike = pairs.take_while(|(a, b)| (*a ^ *b) & places == 0).count();
            count += alike as u32;
            if alike < blocks.len() {
                break;
            }
        }
        count
    }

    /// Takes the bits of `places` over from others, for some blocks of a scan.
    pub(super) fn follow(
        &mut self,
        others: &Blocks,
        (layout, places): (Layout, u64),
        mcus: Range<u32>,
    ) {
        for blocks in self.rows(layout, mcus) {
            let ours = &mut self.components[layout.component].masks[blocks.clone()];
            let others = &others.components[layout.component].masks[blocks];
            for (mask, other) in ours.iter_mut().zip(others) {
                *mask = *mask & !places | other & places;
            }
        }
    }

    /// Where blocks of a scan are, row by row.
    fn rows(&self, layout: Layout, mcus: Range<u32>) -> impl Iterator<Item = Range<usize>> + use<> {
        let wide = layout.wide as usize;
        let padded = self.components[layout.component].wide as usize;
        let (from, to) = (mcus.start as usize, mcus.end as usize);
        (from / wide..to.div_ceil(wide)).map(move |y| {
            let columns = from.max(y * wide) - y * wide..to.min((y + 1) * wide) - y * wide;
            y * padded + columns.start..y * padded + columns.end
        })
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
