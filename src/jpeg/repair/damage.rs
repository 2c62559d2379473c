//! Which parts of a picture may be damaged, where hits do not reach to the end or something is
//! spared: rows of cells, in all scans the same ones.

use std::ops::Range;

use super::super::Jpeg;
use super::super::contained::Contained;
use super::super::grid::InCells;
use super::marks::Mark;
use super::scan_walk::{ScanWalk, State};

/// Each time a stretch is refused the file is written once more: after so many times, without any
/// damage.
const MOST_REFUSALS: u32 = 8;

/// What becomes of a part of a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// What the passes left is read.
    Damaged,
    /// It stays, and damage goes on behind it.
    Spared,
    /// It stays.
    Untouched,
}

/// A part of a restart interval that is written in one go.
#[derive(Debug)]
pub(super) struct Stretch {
    pub(super) from: Mark,
    pub(super) to: Mark,
    pub(super) fate: Fate,
    /// Blocks at the end that have to be ended with the EOB run behind it.
    pub(super) lack: u32,
    /// Whether earlier scans left blocks as they are read otherwise now.
    pub(super) is_out_of_step: bool,
    /// Whether nothing in it is to be replaced, nor to be remembered.
    pub(super) is_copied: bool,
}

impl Stretch {
    /// A restart interval of which hits may damage all.
    pub(super) fn whole(mcus: Range<u32>) -> Self {
        let mark = |mcu| Mark {
            mcu,
            bit: 0,
            state: State::default(),
        };
        Stretch {
            from: mark(mcus.start),
            to: mark(mcus.end),
            fate: Fate::Damaged,
            lack: 0,
            is_out_of_step: false,
            is_copied: false,
        }
    }
}

impl Stretch {
    /// Whether it is too short to go back to the input behind it.
    pub(super) fn is_stuck(&self) -> bool {
        self.fate == Fate::Damaged && self.to.mcu - self.from.mcu < self.lack
    }
}

/// What is damaged in the scan at hand, and was in those before.
pub(super) struct Damage<'j> {
    jpeg: &'j Jpeg<'j>,
    contained: &'j Contained,
    /// By component and row of cells: whether an earlier scan damaged it.
    before: Vec<Vec<bool>>,
    /// By row of cells: whether no scan may damage it.
    forbidden: Vec<bool>,
    /// How often rows were forbidden.
    refusals: u32,
    scan: usize,
    /// By row of cells: whether this scan damages it.
    rows: Vec<bool>,
}

impl<'j> Damage<'j> {
    pub(super) fn new(jpeg: &'j Jpeg<'j>, contained: &'j Contained) -> Self {
        let rows = contained.rows as usize;
        Damage {
            jpeg,
            contained,
            before: vec![vec![false; rows]; jpeg.plan.frame.components.len()],
            forbidden: vec![false; rows],
            refusals: 0,
            scan: 0,
            rows: Vec::new(),
        }
    }

    /// Finds out which rows the hits in a scan damage, and those in earlier scans.
    pub(super) fn begin_scan(&mut self, index: usize, assigned: &[Option<usize>]) {
        if index == 0 {
            self.before.iter_mut().for_each(|rows| rows.fill(false));
        }
        let parts = &self.jpeg.plan.scans[index].parts;
        let mut rows = vec![false; self.contained.rows as usize];
        let channels = self.jpeg.bounds.channels;
        let parts = parts.iter().filter(|part| channels.has(part.component));
        for part in parts.clone() {
            let before = rows.iter_mut().zip(&self.before[part.component]);
            before.for_each(|(row, before)| *row |= before);
        }
        for (slot, interval) in assigned.iter().enumerate() {
            if let Some(interval) = interval {
                let lane = self.jpeg.coded.lane(index, *interval);
                self.hit(index, (slot, lane), &mut rows);
            }
        }
        let forbidden = rows.iter_mut().zip(&self.forbidden);
        forbidden.for_each(|(row, forbidden)| *row &= !forbidden);
        for part in parts {
            let before = self.before[part.component].iter_mut().zip(&rows);
            before.for_each(|(before, row)| *before |= row);
        }
        (self.scan, self.rows) = (index, rows);
    }

    /// Marks the rows that the hits in an interval reach.
    fn hit(&self, scan: usize, (slot, lane): (usize, usize), rows: &mut [bool]) {
        let marks = &self.contained.marks[scan].intervals[slot];
        let row_at = |bit: u64| {
            let after = marks.partition_point(|mark| mark.bit <= bit);
            self.row(scan, marks[after.saturating_sub(1)].mcu)
        };
        for (start, end) in self.jpeg.coded.patches(lane) {
            let (first, last) = (row_at(start as u64 * 8), row_at(end as u64 * 8 - 1));
            let reached = match self.contained.reach {
                Some(reach) => last.saturating_add(reach as usize),
                None => rows.len(),
            };
            let end = reached.min(rows.len());
            rows[first.min(end)..end].fill(true);
        }
    }

    /// Forbids all scans to damage the rows of a stretch; tells whether any of them could.
    pub(super) fn forbid(&mut self, stretch: &Stretch) -> bool {
        let first = self.row(self.scan, stretch.from.mcu);
        let last = self.row(self.scan, stretch.to.mcu.saturating_sub(1));
        let rows = self.forbidden.get_mut(first..=last).unwrap_or_default();
        let could = rows.iter().any(|forbidden| !forbidden);
        rows.fill(true);
        self.refusals += 1;
        if self.refusals == MOST_REFUSALS {
            self.forbidden.fill(true);
        }
        could
    }

    /// The row of cells of an MCU.
    fn row(&self, scan: usize, mcu: u32) -> usize {
        let in_cells = InCells::new(&self.jpeg.plan.frame, &self.jpeg.plan.scans[scan]);
        in_cells.cell(mcu).1 as usize
    }

    /// The stretches of a restart interval.
    pub(super) fn stretches(&self, walker: &ScanWalk<'_>, slot: usize) -> Option<Vec<Stretch>> {
        let scan = &self.jpeg.plan.scans[self.scan];
        let marks = &self.contained.marks[self.scan];
        let in_cells = InCells::new(&self.jpeg.plan.frame, scan);
        let protect = self.contained.protect.as_ref();
        let fate = |mark: &Mark| {
            let cell = in_cells.cell(mark.mcu);
            match self.rows.get(cell.1 as usize) {
                Some(true) if protect.is_some_and(|protect| protect.has(cell)) => Fate::Spared,
                Some(true) => Fate::Damaged,
                _ => Fate::Untouched,
            }
        };
        let mut stretches: Vec<Stretch> = Vec::new();
        for pair in marks.intervals.get(slot)?.windows(2) {
            let (fate, to) = (fate(&pair[0]), pair[1].clone());
            let lack = walker.lack(to.state.eob_run);
            if let Some(last) = stretches.last_mut()
                && fate == last.fate
            {
                (last.to, last.lack) = (to, lack);
                continue;
            }
            stretches.push(Stretch {
                from: pair[0].clone(),
                to,
                fate,
                lack,
                is_out_of_step: walker.depends_on_history(),
                is_copied: marks.is_sound && walker.leaves_nothing(),
            });
        }
        if let Some(last) = stretches.last_mut() {
            last.lack = 0;
        }
        Some(stretches)
    }
}
