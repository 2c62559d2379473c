//! How damage is held in bounds: where hits may fall, how far they spread, what is spared.

use super::Jpeg;
use super::grid::{Cells, Grid};
use super::repair::marks::{ScanMarks, marks};
use crate::control::Control;
use crate::error::Error;

/// The bounds of damage, in cells of this picture.
#[derive(Debug)]
pub(super) struct Contained {
    /// Rows of cells that a hit spreads over, its own included; `None`: to the end.
    pub(super) reach: Option<u32>,
    pub(super) protect: Option<Cells>,
    /// Rows of cells in all.
    pub(super) rows: u32,
    pub(super) marks: Vec<ScanMarks>,
}

/// Works the bounds out; `None` where there are none.
pub(super) fn contained(jpeg: &Jpeg<'_>, control: &Control) -> Result<Option<Contained>, Error> {
    let frame = &jpeg.plan.frame;
    let grid = Grid::new(frame);
    let size = (frame.width, frame.height);
    let protect = control.protect.and_then(|protect| protect.area(size));
    let protect = protect.map(|area| grid.drawn(&area));
    let rows = grid.rows(frame.height);
    let reach = control.reach.rows(rows);
    if reach.is_none() && protect.is_none() {
        return Ok(None);
    }
    let columns: Vec<u32> = protect
        .iter()
        .flat_map(|cells| [cells.columns.start, cells.columns.end])
        .collect();
    Ok(Some(Contained {
        reach,
        protect,
        rows,
        marks: marks(jpeg, &columns)?,
    }))
}
