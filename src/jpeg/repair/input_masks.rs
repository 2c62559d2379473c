//! Which coefficients the input's blocks have by now, while a result is measured against it: eight bytes
//! a block, in the rows in which they may be others than in the result.

use std::ops::Range;

use super::blocks::{Blocks, Layout};

/// The masks of the input's blocks; none of them is changed.
#[derive(Clone, Default)]
pub(super) struct InputMasks {
    /// By component and row: nothing where they are those of the result.
    rows: Vec<Vec<Option<Box<[u64]>>>>,
}

impl InputMasks {
    /// While no block differs.
    pub(super) fn of(blocks: &Blocks) -> Self {
        InputMasks {
            rows: blocks.rows().map(|rows| vec![None; rows]).collect(),
        }
    }

    /// The mask of a block that may be another than that of the result from now on.
    pub(super) fn mask(
        &mut self,
        result: &Blocks,
        component: usize,
        (x, y): (u32, u32),
    ) -> Option<&mut u64> {
        let row = self.rows.get_mut(component)?.get_mut(y as usize)?;
        let masks = || result.row_masks(component, y).iter().map(|mask| mask & !1);
        row.get_or_insert_with(|| masks().collect())
            .get_mut(x as usize)
    }

    /// How many blocks of a scan have the same bits of `places` as those of the result, from one on.
    pub(super) fn alike(
        &self,
        result: &Blocks,
        (layout, places): (Layout, u64),
        mcus: Range<u32>,
    ) -> u32 {
        let mut count = 0;
        for (y, columns) in rows(layout, mcus) {
            let alike = match self.row(layout, y) {
                None => columns.len(),
                Some(row) => {
                    let others = &result.row_masks(layout.component, y)[columns.clone()];
                    let pairs = row[columns.clone()].iter().zip(others);
                    pairs.take_while(|(a, b)| (*a ^ *b) & places == 0).count()
                }
            };
            count += alike as u32;
            if alike < columns.len() {
                break;
            }
        }
        count
    }

    /// Takes the bits of `places` over from the result, for some blocks of a scan.
    pub(super) fn follow(
        &mut self,
        result: &Blocks,
        (layout, places): (Layout, u64),
        mcus: Range<u32>,
    ) {
        for (y, columns) in rows(layout, mcus) {
            let others = &result.row_masks(layout.component, y)[columns.clone()];
            if let Some(row) = &mut self.rows[layout.component][y as usize] {
                for (mask, other) in row[columns].iter_mut().zip(others) {
                    *mask = *mask & !places | other & places;
                }
            }
        }
    }

    fn row(&self, layout: Layout, y: u32) -> Option<&[u64]> {
        self.rows.get(layout.component)?.get(y as usize)?.as_deref()
    }
}

/// Where blocks of a scan are: rows and columns.
fn rows(layout: Layout, mcus: Range<u32>) -> impl Iterator<Item = (u32, Range<usize>)> {
    let wide = layout.wide;
    (mcus.start / wide..mcus.end.div_ceil(wide)).map(move |y| {
        let start = mcus.start.max(y * wide) - y * wide;
        let end = mcus.end.min((y + 1) * wide) - y * wide;
        (y, start as usize..end as usize)
    })
}
