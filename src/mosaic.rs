//! A picture as a mosaic of cells: what passes may do to a JPEG besides editing its bytes.
//!
//! A cell is as large as an MCU of a scan of all components (T.81 A.2.3). Cells are moved, coloured
//! and roughened as the coded data have them, so nothing is lost and nothing is drawn anew.

use std::ops::Range;

use crate::lanes::Spot;

/// The column and the row of a cell.
pub(crate) type Cell = (u32, u32);

/// The cells that passes may change: whole ones, inside the region.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Field {
    pub(crate) columns: Range<u32>,
    pub(crate) rows: Range<u32>,
}

impl Field {
    pub(crate) fn is_empty(&self) -> bool {
        self.columns.is_empty() || self.rows.is_empty()
    }

    /// How many rows are so many percent of them, one at least.
    pub(crate) fn rows_in(&self, percent: u32) -> u32 {
        part(&self.rows, percent)
    }

    /// How many columns are so many percent of them, one at least.
    pub(crate) fn columns_in(&self, percent: u32) -> u32 {
        part(&self.columns, percent)
    }
}

fn part(of: &Range<u32>, percent: u32) -> u32 {
    let part = u64::from(of.end - of.start) * u64::from(percent) / 100;
    (part as u32).max(1)
}

/// The additional bits of a coefficient (T.81 F.1.2.2): its amplitude within its category.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Amplitude {
    pub(crate) lane: usize,
    /// The first bit, counted in the lane.
    pub(crate) bit: u64,
    /// 1 to 10 bits.
    pub(crate) len: u32,
}

/// What the components of a quantisation table are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Plane {
    /// Brightness, or anything where there is no colour difference.
    Luma,
    Chroma,
}

/// A picture whose cells can be changed.
pub(crate) trait Mosaic {
    fn field(&self) -> Field;
    /// The first line of a row of cells.
    fn line(&self, row: u32) -> u32;
    /// Which cells of the input the columns of the field show in a row.
    fn row(&self, row: u32) -> Vec<Cell>;
    /// Lets the columns of the field show other cells of the input.
    fn set_row(&mut self, row: u32, cells: &[Cell]);
    /// The components that may change; 0 is brightness where there are several.
    fn components(&self) -> Vec<usize>;
    /// Makes a component brighter by so many levels of 255 from a cell on, as far as hits reach.
    fn tint(&mut self, cell: Cell, component: usize, levels: i32);
    /// The amplitudes of the AC coefficients of some cells of a row.
    fn amplitudes(&mut self, row: u32, columns: Range<u32>) -> Vec<Amplitude>;
    /// Inverts bits of amplitudes: those that are set in the number. Tells the first byte that it
    /// hit, and how many.
    fn flip(&mut self, flips: &[(Amplitude, u32)]) -> Option<(Spot, usize)>;
    /// Lends each quantisation table, in zigzag order, to `change`. Tells the first byte that
    /// changed, and how many did.
    fn requantise(&mut self, change: &dyn Fn(Plane, &mut [u16; 64])) -> Option<(Spot, usize)>;
}
