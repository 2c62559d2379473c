//! Where the walk through the input stands at the borders of cells: the places where a stretch of
//! damage may begin, and from which the input goes on behind it.

use std::ops::Range;

use super::super::Jpeg;
use super::super::bits::Reader;
use super::super::ecs;
use super::super::grid::{Grid, InCells};
use super::super::plan::Plan;
use super::Range as Rules;
use super::blocks::Blocks;
use super::scan_walk::{Course, ScanWalk, State};
use super::walk::{Strict, Walk};
use super::{Halt, blocks, halted};
use crate::error::Error;

/// A place in a restart interval of the jpeg.
#[derive(Clone, Debug)]
pub(in crate::jpeg) struct Mark {
    /// The MCU that begins there, counted from the start of the scan.
    pub(in crate::jpeg) mcu: u32,
    /// Its first bit, counted in the interval.
    pub(in crate::jpeg) bit: u64,
    pub(super) state: State,
}

/// The marks of a scan.
#[derive(Clone, Debug, Default)]
pub(in crate::jpeg) struct ScanMarks {
    /// By restart interval that the scan has to have: its marks in order, its end the last.
    pub(in crate::jpeg) intervals: Vec<Vec<Mark>>,
    /// Whether nothing is to be replaced anywhere.
    pub(super) is_sound: bool,
}

impl Mark {
    /// Blocks from there on that an EOB run covers that begins before it.
    pub(super) fn eob_run(&self) -> u32 {
        self.state.eob_run
    }
}

impl ScanMarks {
    pub(super) fn is_sound(&self) -> bool {
        self.is_sound
    }

    /// The first line of the row of cells that holds a bit of a restart interval, where the file
    /// has the intervals that it is to have.
    pub(in crate::jpeg) fn line(
        &self,
        plan: &Plan,
        scan: usize,
        (interval, bit): (usize, u64),
    ) -> Option<u32> {
        let marks = self.intervals.get(interval).filter(|_| self.is_sound)?;
        let after = marks.partition_point(|mark| mark.bit <= bit);
        let mark = &marks[after.checked_sub(1)?];
        let cell = InCells::new(&plan.frame, &plan.scans[scan]).cell(mark.mcu);
        Some(Grid::new(&plan.frame).line(cell.1))
    }
}

/// Walks through the input, and notes where each row of cells begins, and the columns of cells
/// that are told.
pub(in crate::jpeg) fn marks(jpeg: &Jpeg<'_>, columns: &[u32]) -> Result<Vec<ScanMarks>, Error> {
    let frame = &jpeg.plan.frame;
    marks_at(jpeg, |scan, range| {
        InCells::new(frame, &jpeg.plan.scans[scan]).cuts(range, columns)
    })
}

/// Walks through the input, and notes the MCUs of each restart interval that `cuts` tells for the
/// scan, in order and the first of the interval among them.
pub(in crate::jpeg) fn marks_at(
    jpeg: &Jpeg<'_>,
    cuts: impl Fn(usize, Range<u32>) -> Vec<u32>,
) -> Result<Vec<ScanMarks>, Error> {
    let mut blocks = blocks(&jpeg.plan);
    let scans = 0..jpeg.plan.scans.len();
    scans
        .map(|index| scan_marks(jpeg, index, &cuts, &mut blocks))
        .collect()
}

fn scan_marks(
    jpeg: &Jpeg<'_>,
    index: usize,
    cuts: impl Fn(usize, Range<u32>) -> Vec<u32>,
    blocks: &mut Blocks,
) -> Result<ScanMarks, Error> {
    let scan = &jpeg.plan.scans[index];
    let walker = ScanWalk::new(scan, Rules::Drawn, &jpeg.cancel);
    let intervals = ecs::intervals(&jpeg.pieces, scan);
    let mut marks = ScanMarks {
        intervals: Vec::new(),
        is_sound: scan.is_regular(intervals),
    };
    for (slot, interval) in ecs::assign(scan, intervals).into_iter().enumerate() {
        let lane = interval.map(|interval| jpeg.coded.lane(index, interval));
        let range = scan.interval_mcus(slot as u32);
        let cuts = cuts(index, range.clone());
        let walked = interval_marks(jpeg, &walker, (lane, range), (&cuts, blocks));
        let offset = jpeg.pieces[scan.piece].bytes().start;
        let (noted, is_sound) = walked.map_err(|halt| halted(halt, offset))?;
        marks.intervals.push(noted);
        marks.is_sound &= is_sound;
    }
    Ok(marks)
}

fn interval_marks(
    jpeg: &Jpeg<'_>,
    walker: &ScanWalk<'_>,
    (lane, range): (Option<usize>, Range<u32>),
    (cuts, blocks): (&[u32], &mut Blocks),
) -> Result<(Vec<Mark>, bool), Halt> {
    let original = lane.map(|lane| jpeg.coded.original(lane));
    let spans = original.as_ref().map_or(&[][..], |spans| &spans[..]);
    let mut walk = Walk::new(Reader::new(spans), Strict::default(), u64::MAX);
    let mut state = State::default();
    let mut noted = Vec::with_capacity(cuts.len() + 1);
    let ends = cuts.iter().skip(1).copied().chain([range.end]);
    for (&start, end) in cuts.iter().zip(ends) {
        noted.push(Mark {
            mcu: start,
            bit: walk.reader.position(),
            state: state.clone(),
        });
        let course = Course {
            mcus: start..end,
            end: range.end,
            owed: (0, 0),
            goal: None,
        };
        walker.run(&mut walk, (&mut state, blocks), (&course, u64::MAX), |_| {
            false
        })?;
    }
    noted.push(Mark {
        mcu: range.end,
        bit: walk.reader.position(),
        state,
    });
    let is_sound = walk.out.fault.is_none() && walk.reader.at_padding();
    Ok((noted, is_sound))
}
