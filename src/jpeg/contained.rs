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

#[cfg(test)]
mod tests {
    use super::super::repair::tests::coded_blocks;
    use super::super::{Jpeg, check};
    use super::*;
    use crate::cancel::Cancel;
    use crate::document::Document;
    use crate::format::tests::valid_fixtures;
    use crate::lanes::Store;
    use crate::limits::Limits;
    use crate::rng::Stream;

    fn read<'a>(input: &'a [u8], recipe: &str) -> Jpeg<'a> {
        let recipe: crate::Recipe = recipe.parse().unwrap();
        let mut jpeg = Jpeg::read(input, &Limits::default(), &Cancel::default()).unwrap();
        jpeg.contained = contained(&jpeg, &recipe.control).unwrap();
        jpeg
    }

    /// Writes over some bytes of any lanes, and tells which they are.
    fn hit(jpeg: &mut Jpeg<'_>, count: usize, stream: &mut Stream) -> Vec<(usize, usize)> {
        let mut places = Vec::new();
        for _ in 0..count {
            let place = jpeg.locate(stream.index(jpeg.total()));
            jpeg.write(place.0, place.1, &[stream.below(256) as u8]);
            places.push(place);
        }
        places
    }

    /// The rows of cells that hold a byte: all whose blocks change in some scan or lie beside
    /// where it is, found by asking each row of marks in turn.
    fn rows(jpeg: &Jpeg<'_>, (lane, at): (usize, usize)) -> Vec<u32> {
        let contained = jpeg.contained.as_ref().unwrap();
        let frame = &jpeg.plan.frame;
        let mut rows = Vec::new();
        for (index, scan) in jpeg.plan.scans.iter().enumerate() {
            let in_cells = super::super::grid::InCells::new(frame, scan);
            let intervals = super::super::ecs::intervals(&jpeg.pieces, scan);
            let assigned = super::super::ecs::assign(scan, intervals);
            for (slot, marks) in contained.marks[index].intervals.iter().enumerate() {
                if assigned[slot].map(|interval| jpeg.coded.lane(index, interval)) != Some(lane) {
                    continue;
                }
                let (start, end) = (at as u64 * 8, at as u64 * 8 + 8);
                let pairs = marks.windows(2);
                let inside = pairs.filter(|pair| pair[0].bit < end && start < pair[1].bit);
                rows.extend(inside.map(|pair| in_cells.cell(pair[0].mcu).1));
                // The padding, and what lies behind it.
                if marks.last().is_some_and(|last| end > last.bit) {
                    let last = marks[marks.len() - 1].mcu.saturating_sub(1);
                    rows.push(in_cells.cell(last).1);
                }
            }
        }
        rows
    }

    /// Glitches a picture within bounds; returns how many blocks changed, having seen that none
    /// did elsewhere.
    fn changed_inside(name: &str, input: &[u8], recipe: &str, stream: &mut Stream) -> usize {
        let mut jpeg = read(input, recipe);
        if jpeg.total() == 0 {
            return 0;
        }
        let places = hit(&mut jpeg, 3, stream);
        jpeg.repair().unwrap();
        let contained = jpeg.contained.as_ref().unwrap();
        let reach = contained.reach.unwrap_or(u32::MAX);
        let hit_rows: Vec<u32> = places
            .iter()
            .flat_map(|&place| rows(&jpeg, place))
            .collect();
        let written = jpeg.rewritten.as_ref().unwrap();
        assert_eq!(
            check(written, &Limits::default()).unwrap().fault,
            None,
            "{name} {recipe}"
        );
        let after = read(written, recipe);
        let (before, after) = (coded_blocks(&jpeg), coded_blocks(&after));
        let mut changed = 0;
        for (scan, (before, after)) in before.iter().zip(&after).enumerate() {
            assert_eq!(before.len(), after.len());
            for (((component, x, y), before), (_, after)) in before.iter().zip(after) {
                if before == after {
                    continue;
                }
                let component = &jpeg.plan.frame.components[*component];
                let cell = (x / component.h, y / component.v);
                let reached = hit_rows
                    .iter()
                    .any(|&row| (row..row.saturating_add(reach)).contains(&cell.1));
                let spared = contained
                    .protect
                    .as_ref()
                    .is_some_and(|cells| cells.has(cell));
                assert!(
                    reached && !spared,
                    "{name} {recipe} scan {scan} cell {cell:?} {hit_rows:?} {:?}",
                    contained.protect
                );
                changed += 1;
            }
        }
        changed
    }

    #[test]
    fn no_block_changes_out_of_bounds() {
        let mut stream = Stream::new(11, 0, 0);
        let (mut changed, mut all) = (0, 0);
        for (name, input) in valid_fixtures("jpg") {
            for recipe in [
                "reach=1",
                "reach=2,protect=40-30-20-40",
                "protect=30-0-40-100",
                "reach=10pct,protect=0-0-50-50",
            ] {
                all += 1;
                changed += usize::from(changed_inside(&name, &input, recipe, &mut stream) > 0);
            }
        }
        assert!(changed * 2 > all, "{changed} of {all}");
    }
}
