//! How damage is held in bounds: where hits may fall, how far they spread, what is spared.

use super::Jpeg;
use super::ecs;
use super::grid::{Cells, Grid, InCells};
use super::repair::marks::{Mark, ScanMarks, marks};
use super::scan::{Kind, Scan};
use super::windows::Windows;
use crate::control::{Channels, Control, Scans};
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

/// All that a recipe says of where damage may be, for this picture.
#[derive(Debug, Default)]
pub(super) struct Bounds {
    pub(super) contained: Option<Contained>,
    /// What passes see; `None`: everything.
    pub(super) windows: Option<Windows>,
    /// By scan: whether it may be hit.
    scans: Vec<bool>,
    pub(super) channels: Channels,
    /// As [`Contained::reach`].
    pub(super) reach: Option<u32>,
    /// The cells in which hits may fall, if not in all; and those that are spared.
    pub(super) region: Option<Cells>,
    pub(super) spared: Option<Cells>,
    /// Parts of the picture that a hit does not reach out of.
    pub(super) parts: u64,
}

impl Bounds {
    /// Walks through the input where there are any, to find where MCUs begin.
    pub(super) fn new(jpeg: &Jpeg<'_>, control: &Control) -> Result<Self, Error> {
        let frame = &jpeg.plan.frame;
        let grid = Grid::new(frame);
        let size = (frame.width, frame.height);
        let hits = Hits {
            region: control.region(size)?.map(|area| grid.touched(&area)),
            protect: control.protect(size).map(|area| grid.drawn(&area)),
            channels: control.channels,
            scans: control.scans,
        };
        let rows = grid.rows(frame.height);
        let reach = control.reach.rows(rows);
        let is_contained = reach.is_some() || hits.protect.is_some();
        let mut bounds = Bounds {
            channels: control.channels,
            scans: jpeg
                .plan
                .scans
                .iter()
                .map(|scan| hits.has_scan(scan))
                .collect(),
            reach,
            region: hits.region.clone(),
            spared: hits.protect.clone(),
            parts: control.reach.parts(rows),
            ..Bounds::default()
        };
        if !is_contained && !hits.are_bounded() {
            return Ok(bounds);
        }
        let columns = hits.columns();
        check_marks(jpeg, columns.len() as u64 + 1)?;
        let marks = marks(jpeg, &columns)?;
        bounds.windows = hits.are_bounded().then(|| hits.windows(jpeg, &marks));
        bounds.contained = is_contained.then_some(Contained {
            reach,
            protect: hits.protect,
            rows,
            marks,
        });
        Ok(bounds)
    }
}

impl Bounds {
    /// What of it holds for cells of the repaired file.
    pub(super) fn of_repaired(&self) -> Self {
        Bounds {
            channels: self.channels,
            scans: self.scans.clone(),
            ..Bounds::default()
        }
    }

    pub(super) fn hits_scan(&self, scan: usize) -> bool {
        self.scans.get(scan).is_none_or(|is_hit| *is_hit)
    }
}

/// Most places to be noted, of 40 bytes each. A picture of 65,535 lines in 10 scans has 330,000 of
/// them at the most; one of a thousand scans is an attack.
const MOST_MARKS: u64 = 1 << 21;

/// Refuses a picture in which too many places would have to be noted.
pub(super) fn check_marks_count(count: usize) -> Result<(), Error> {
    match count as u64 > MOST_MARKS {
        true => Err(Error::too_large(
            "pieces that were moved",
            count as u64,
            MOST_MARKS,
        )),
        false => Ok(()),
    }
}

/// Refuses a picture with too many rows of MCUs in all of its scans, `each` marks in each.
pub(super) fn check_marks(jpeg: &Jpeg<'_>, each: u64) -> Result<(), Error> {
    let rows = |scan: &Scan| u64::from(scan.mcus.div_ceil(scan.mcus_wide.max(1)));
    let rows: u64 = jpeg.plan.scans.iter().map(rows).sum();
    match rows * each > MOST_MARKS {
        true => Err(Error::too_large(
            "rows in all scans",
            rows,
            MOST_MARKS / each,
        )),
        false => Ok(()),
    }
}

/// Where hits may fall.
struct Hits {
    region: Option<Cells>,
    protect: Option<Cells>,
    channels: Channels,
    scans: Scans,
}

impl Hits {
    fn are_bounded(&self) -> bool {
        self.region.is_some()
            || self.protect.is_some()
            || self.channels != Channels::All
            || self.scans != Scans::All
    }

    /// The columns of cells at which something begins or ends.
    fn columns(&self) -> Vec<u32> {
        let both = self.region.iter().chain(&self.protect);
        both.flat_map(|cells| [cells.columns.start, cells.columns.end])
            .collect()
    }

    fn has_cell(&self, cell: (u32, u32)) -> bool {
        self.region.as_ref().is_none_or(|region| region.has(cell))
            && !self
                .protect
                .as_ref()
                .is_some_and(|protect| protect.has(cell))
    }

    fn has_scan(&self, scan: &Scan) -> bool {
        let is_dc = matches!(scan.kind, Kind::DcFirst | Kind::DcRefine);
        let kind = match self.scans {
            Scans::All => true,
            Scans::Dc => is_dc || scan.kind == Kind::Sequential,
            Scans::Ac => !is_dc,
        };
        let channels = self.channels;
        kind && scan.parts.iter().any(|part| channels.has(part.component))
    }

    fn windows(&self, jpeg: &Jpeg<'_>, marks: &[ScanMarks]) -> Windows {
        let mut windows = Windows::default();
        let scans = jpeg.plan.scans.iter().zip(marks).enumerate();
        for (index, (scan, marks)) in scans.filter(|(_, (scan, _))| self.has_scan(scan)) {
            let in_cells = InCells::new(&jpeg.plan.frame, scan);
            let assigned = ecs::assign(scan, ecs::intervals(&jpeg.pieces, scan));
            for (interval, marks) in assigned.into_iter().zip(&marks.intervals) {
                if let Some(interval) = interval {
                    let lane = jpeg.coded.lane(index, interval);
                    let end = jpeg.coded.lane_bytes(lane) as u64 * 8;
                    self.add(&mut windows, (lane, end), (in_cells, marks));
                }
            }
        }
        windows
    }

    /// Adds what may be hit of a restart interval.
    fn add(
        &self,
        windows: &mut Windows,
        (lane, end): (usize, u64),
        (in_cells, marks): (InCells, &[Mark]),
    ) {
        let mut open = None;
        for pair in marks.windows(2) {
            match (open, self.has_cell(in_cells.cell(pair[0].mcu))) {
                (None, true) => open = Some(pair[0].bit),
                (Some(from), false) => {
                    windows.add(lane, (from, pair[0].bit.min(end)));
                    open = None;
                }
                _ => {}
            }
        }
        if let (Some(from), Some(last)) = (open, marks.last()) {
            windows.add(lane, (from, last.bit.min(end)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::repair::tests::coded_blocks;
    use super::super::{Jpeg, check, marker};
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
        jpeg.bounds = Bounds::new(&jpeg, &recipe.control).unwrap();
        jpeg
    }

    /// Writes over some bytes of any lanes, and tells which they are.
    fn hit(jpeg: &mut Jpeg<'_>, count: usize, stream: &mut Stream) -> Vec<(usize, usize)> {
        let mut places = Vec::new();
        for _ in 0..count {
            let place = jpeg.locate(stream.index(jpeg.total()));
            jpeg.write(place.0, place.1, &[stream.below(256) as u8]);
            places.push(jpeg.place(place.0, place.1));
        }
        places
    }

    /// The rows of cells that hold a byte: all whose blocks change in some scan or lie beside
    /// where it is, found by asking each row of marks in turn.
    fn rows(jpeg: &Jpeg<'_>, (lane, at): (usize, usize)) -> Vec<u32> {
        let contained = jpeg.bounds.contained.as_ref().unwrap();
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
        let contained = jpeg.bounds.contained.as_ref().unwrap();
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
                let hit = jpeg.bounds.channels.has(*component);
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
                    hit && reached && !spared,
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
                "reach=3,channels=chroma",
                "reach=3,channels=luma,protect=20-20-20-60",
                "reach=2,scans=dc",
                "reach=2,scans=ac,region=0-50-100-50",
            ] {
                all += 1;
                changed += usize::from(changed_inside(&name, &input, recipe, &mut stream) > 0);
            }
        }
        assert!(changed * 2 > all, "{changed} of {all}");
    }

    #[test]
    fn a_file_of_a_thousand_tall_scans_is_refused() {
        let bands = [[&[[0, 0, 0]][..], &[[1, 5, 0]; 300]].concat()].concat();
        let file = super::super::tests::claiming(8000, marker::SOF2, &bands);
        let mut control = crate::Recipe::default().control;
        let jpeg = Jpeg::read(&file, &Limits::default(), &Cancel::default()).unwrap();
        assert!(Bounds::new(&jpeg, &control).is_ok());
        control.reach = "1".parse().unwrap();
        let error = Bounds::new(&jpeg, &control).unwrap_err().to_string();
        assert!(error.contains("rows in all scans"), "{error}");
        let mut jpeg = jpeg;
        jpeg.mosaic().unwrap().amplitudes(0, 0..1);
        assert!(jpeg.noted.unwrap().is_empty());
    }
}
