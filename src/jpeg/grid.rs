//! The picture in cells: each as large as an MCU of a scan of all components (T.81 A.2.3). In
//! every scan of the picture a walk may begin and end at the border of a cell.

use std::ops::Range;

use super::frame::Frame;
use super::scan::Scan;
use crate::control::Area;

/// A rectangle of cells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cells {
    pub(super) columns: Range<u32>,
    pub(super) rows: Range<u32>,
}

impl Cells {
    pub(super) fn has(&self, (column, row): (u32, u32)) -> bool {
        self.columns.contains(&column) && self.rows.contains(&row)
    }
}

/// Decoders that smooth subsampled chroma look so many samples over the border of a cell.
const SMOOTHED: u32 = 4;

/// How the cells of a picture lie.
#[derive(Clone, Copy, Debug)]
pub(super) struct Grid {
    width: u32,
    height: u32,
    is_subsampled: bool,
}

impl Grid {
    pub(super) fn new(frame: &Frame) -> Self {
        let most = |factor: fn(&super::frame::Component) -> u32| {
            frame.components.iter().map(factor).max().unwrap_or(1)
        };
        let (h, v) = (most(|component| component.h), most(|component| component.v));
        Grid {
            width: 8 * h,
            height: 8 * v,
            is_subsampled: frame
                .components
                .iter()
                .any(|each| (each.h, each.v) != (h, v)),
        }
    }

    /// Rows of cells of a picture so many lines high.
    pub(super) fn rows(&self, height: u32) -> u32 {
        height.div_ceil(self.height)
    }

    /// The columns and rows of cells that are whole in every component.
    pub(super) fn whole(&self, frame: &Frame) -> (u32, u32) {
        let whole = |of: fn(&super::frame::Component) -> u32| {
            frame.components.iter().map(of).min().unwrap_or(0)
        };
        let columns = whole(|component| component.blocks_wide / component.h);
        (
            columns,
            whole(|component| component.blocks_high / component.v),
        )
    }

    /// The first line of a row of cells.
    pub(super) fn line(&self, row: u32) -> u32 {
        row.saturating_mul(self.height)
    }

    /// All cells that an area touches.
    pub(super) fn touched(&self, area: &Area) -> Cells {
        let span = |pixels: &Range<u32>, size: u32| pixels.start / size..pixels.end.div_ceil(size);
        Cells {
            columns: span(&area.x, self.width),
            rows: span(&area.y, self.height),
        }
    }

    /// All cells that have a say in how an area is drawn.
    pub(super) fn drawn(&self, area: &Area) -> Cells {
        let margin = if self.is_subsampled { SMOOTHED } else { 0 };
        let wider = |pixels: &Range<u32>| {
            pixels.start.saturating_sub(margin)..pixels.end.saturating_add(margin)
        };
        self.touched(&Area {
            x: wider(&area.x),
            y: wider(&area.y),
        })
    }
}

/// How the MCUs of a scan lie in cells: one for one, or as many blocks as the component of the
/// scan has in a cell.
#[derive(Clone, Copy, Debug)]
pub(super) struct InCells {
    wide: u32,
    h: u32,
    v: u32,
}

impl InCells {
    pub(super) fn new(frame: &Frame, scan: &Scan) -> Self {
        let (h, v) = match scan.parts.as_slice() {
            [part] => frame
                .components
                .get(part.component)
                .map_or((1, 1), |component| (component.h, component.v)),
            _ => (1, 1),
        };
        InCells {
            wide: scan.mcus_wide.max(1),
            h,
            v,
        }
    }

    /// The cell of an MCU: its column and row.
    pub(super) fn cell(&self, mcu: u32) -> (u32, u32) {
        (mcu % self.wide / self.h, mcu / self.wide / self.v)
    }

    /// The rows of MCUs in a row of cells, as ranges of them.
    pub(super) fn lines(&self, row: u32, mcus: u32) -> impl Iterator<Item = Range<u32>> + use<> {
        let wide = self.wide;
        let rows = (row * self.v..(row + 1) * self.v).map(move |row| row.saturating_mul(wide));
        rows.take_while(move |&start| start < mcus)
            .map(move |start| start..start + wide)
    }

    /// The restart intervals that code some of a row of cells.
    pub(super) fn slots(&self, row: u32, scan: &Scan) -> Range<usize> {
        let edge = |row: u32| {
            row.saturating_mul(self.v)
                .saturating_mul(self.wide)
                .min(scan.mcus)
        };
        match scan.restart_interval {
            0 => 0..1,
            each => (edge(row) / each) as usize..edge(row + 1).div_ceil(each) as usize,
        }
    }

    /// Some columns of cells of a row of MCUs.
    pub(super) fn columns(&self, line: &Range<u32>, columns: &Range<u32>) -> Range<u32> {
        let at = |column: u32| line.start + column.saturating_mul(self.h).min(self.wide);
        at(columns.start)..at(columns.end)
    }

    /// The MCU that is to another cell what `mcu` is to the cell at `from`.
    pub(super) fn moved(&self, mcu: u32, from: (u32, u32), to: (u32, u32)) -> u32 {
        let across = (i64::from(to.0) - i64::from(from.0)) * i64::from(self.h);
        let down = (i64::from(to.1) - i64::from(from.1)) * i64::from(self.v);
        (i64::from(mcu) + across + down * i64::from(self.wide)) as u32
    }

    /// The MCUs of `range` at which a row of cells begins, and those of `columns` in each row of
    /// MCUs, in order; and the first of the range.
    pub(super) fn cuts(&self, range: Range<u32>, columns: &[u32]) -> Vec<u32> {
        let mut cuts = vec![range.start];
        for row in range.start / self.wide..range.end.div_ceil(self.wide) {
            let first = row * self.wide;
            if row % self.v == 0 {
                cuts.push(first);
            }
            let inner = columns.iter().map(|column| column.saturating_mul(self.h));
            let inner = inner.filter(|&column| column < self.wide);
            cuts.extend(inner.map(|column| first + column));
        }
        cuts.retain(|cut| range.contains(cut));
        cuts.sort_unstable();
        cuts.dedup();
        cuts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn smoothed_neighbours_belong_to_what_is_drawn() {
        let mut grid = Grid {
            width: 16,
            height: 8,
            is_subsampled: false,
        };
        let area = Area {
            x: 16..33,
            y: 8..16,
        };
        let cells = |columns, rows| Cells { columns, rows };
        assert_eq!(grid.touched(&area), cells(1..3, 1..2));
        assert_eq!(grid.drawn(&area), cells(1..3, 1..2));
        grid.is_subsampled = true;
        assert_eq!(grid.drawn(&area), cells(0..3, 0..3));
    }

    #[test]
    fn cuts_lie_where_cells_begin() {
        let interleaved = InCells {
            wide: 10,
            h: 1,
            v: 1,
        };
        assert_eq!(interleaved.cuts(5..32, &[0, 4]), [5, 10, 14, 20, 24, 30]);
        // Five columns of cells, two rows of blocks in each.
        let alone = InCells {
            wide: 9,
            h: 2,
            v: 2,
        };
        assert_eq!(alone.cuts(0..36, &[]), [0, 18]);
        assert_eq!(alone.cuts(0..36, &[2, 5]), [0, 4, 13, 18, 22, 31]);
        assert_eq!(alone.cell(22), (2, 1));
        assert_eq!(alone.cell(8), (4, 0));
    }
}
