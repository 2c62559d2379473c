//! The file written anew with cells at other places or in other colours: piece by piece, each read
//! where the input has what it shows.

use std::ops::Range;

use super::super::Jpeg;
use super::super::bits::Reader;
use super::super::contained::check_marks_count;
use super::super::grid::InCells;
use super::super::placement::{Levels, Piece, Placement};
use super::super::scan::Scan;
use super::super::writer::{Pause, Writer};
use super::Halt;
use super::blocks::Blocks;
use super::file_writer::{FileWriter, Flow};
use super::marks::{Mark, ScanMarks, marks_at};
use super::scan_walk::{Aim, Course, ScanWalk, State};
use super::walk::{Emit, Silent, Tap, Walk};
use super::work::Work;
use crate::document::Share;
use crate::error::Error;

/// So often rows are left as they are in the input where no table leads on; after that all are.
const MOST_REFUSALS: u32 = 12;

/// In larger pictures, of so many blocks, that would take long.
const LARGE: (u64, u32) = (1 << 20, 2);

/// The pieces of all scans, and where in the input they begin.
pub(super) struct Pieces {
    scans: Vec<(Vec<Piece>, ScanMarks)>,
}

/// A place in the coded data of the input.
#[derive(Clone, Copy)]
struct Place<'m> {
    lane: usize,
    mark: &'m Mark,
}

impl Pieces {
    fn new(jpeg: &Jpeg<'_>, placement: &Placement) -> Result<Self, Error> {
        let scan = |(index, scan): (usize, &Scan)| match jpeg.bounds.hits_scan(index) {
            true => placement.pieces(&jpeg.plan.frame, scan),
            false => placement.plain().pieces(&jpeg.plan.frame, scan),
        };
        let pieces: Vec<_> = jpeg.plan.scans.iter().enumerate().map(scan).collect();
        check_marks_count(pieces.iter().map(Vec::len).sum())?;
        let mut starts: Vec<Vec<u32>> = Vec::new();
        for pieces in &pieces {
            let both = pieces
                .iter()
                .flat_map(|piece| [piece.mcus.start, piece.source]);
            let mut both: Vec<u32> = both.collect();
            both.sort_unstable();
            both.dedup();
            starts.push(both);
        }
        let marks = marks_at(jpeg, |scan, range| {
            let first = starts[scan].partition_point(|&start| start <= range.start);
            let end = starts[scan].partition_point(|&start| start < range.end);
            let inside = starts[scan].get(first..end).unwrap_or_default();
            [&[range.start], inside].concat()
        })?;
        Ok(Pieces {
            scans: pieces.into_iter().zip(marks).collect(),
        })
    }

    /// Where an MCU begins that was noted.
    fn place(&self, jpeg: &Jpeg<'_>, scan: usize, mcu: u32) -> Option<Place<'_>> {
        let slot = match jpeg.plan.scans[scan].restart_interval {
            0 => 0,
            each => (mcu / each) as usize,
        };
        let marks = self.scans[scan].1.intervals.get(slot)?;
        let index = marks.binary_search_by_key(&mcu, |mark| mark.mcu).ok()?;
        Some(Place {
            lane: jpeg.coded.lane(scan, slot),
            mark: &marks[index],
        })
    }

    /// The pieces of a restart interval, and where it ends in the input.
    fn interval(
        &self,
        scan: usize,
        (slot, mcus): (usize, &Range<u32>),
    ) -> Option<(&[Piece], &Mark)> {
        let (pieces, marks) = &self.scans[scan];
        let at = |mcu: u32| pieces.partition_point(|piece| piece.mcus.start < mcu);
        let end = marks.intervals.get(slot)?.last()?;
        Some((pieces.get(at(mcus.start)..at(mcus.end))?, end))
    }
}

/// Writes a file that is in order anew with its cells placed otherwise.
pub(in crate::jpeg) fn place(
    jpeg: &Jpeg<'_>,
    mut placement: Placement,
) -> Result<(Vec<u8>, Share), Error> {
    let blocks: u64 = jpeg.plan.scans.iter().map(Scan::blocks).sum();
    let tries = if blocks > LARGE.0 {
        LARGE.1
    } else {
        MOST_REFUSALS
    };
    for _ in 0..tries {
        let pieces = Pieces::new(jpeg, &placement)?;
        let mut writer = FileWriter::new(jpeg);
        writer.pieces = Some(&pieces);
        if writer.file()? {
            return Ok((writer.out, writer.measure.best));
        }
        for (scan, mcu) in writer.refused {
            let scan = &jpeg.plan.scans[scan];
            let row = InCells::new(&jpeg.plan.frame, scan).cell(mcu).1;
            placement.refuse(row);
        }
    }
    Ok((jpeg.input.to_vec(), Share::default()))
}

impl FileWriter<'_, '_> {
    /// Writes one restart interval piece by piece.
    pub(super) fn placed_interval(
        &mut self,
        walker: &ScanWalk<'_>,
        (scan, slot): (usize, usize),
        mcus: Range<u32>,
    ) -> Result<(), Halt> {
        let Some((pieces, end)) = self
            .pieces
            .and_then(|all| all.interval(scan, (slot, &mcus)))
        else {
            return Err(Halt::DeadEnd);
        };
        let mut flow = Flow {
            pause: Pause::behind(&self.out),
            state: State::default(),
            reading: None,
        };
        let tails = self.tails(scan, pieces);
        for (index, piece) in pieces.iter().enumerate() {
            let next = (pieces.get(index + 1), tails[index]);
            match self.piece(walker, scan, (piece, next, end), flow) {
                Ok(next) => flow = next,
                Err(Halt::DeadEnd) => {
                    // One that is plain stops at what was changed before or behind it.
                    let around = match piece.is_plain() {
                        true => index.saturating_sub(1)..pieces.len().min(index + 2),
                        false => index..index + 1,
                    };
                    let changed = pieces[around].iter().filter(|piece| !piece.is_plain());
                    self.refused = changed.map(|piece| (scan, piece.mcus.start)).collect();
                    return Err(Halt::Anew);
                }
                Err(halt) => return Err(halt),
            }
        }
        Writer::resume(&mut self.out, flow.pause).finish();
        Ok(())
    }

    /// By piece: the blocks behind it that EOB runs cover as they begin there, from piece to piece.
    /// A run that reaches up to them can go on over them, where a table lacks shorter ones.
    fn tails(&self, scan: usize, pieces: &[Piece]) -> Vec<u32> {
        let mut tails = vec![0; pieces.len()];
        for index in (1..pieces.len()).rev() {
            let place = self
                .pieces
                .and_then(|all| all.place(self.jpeg, scan, pieces[index].source));
            let covered = place.map_or(0, |place| place.mark.eob_run());
            tails[index - 1] = pieces[index].covered(covered, tails[index]);
        }
        tails
    }

    fn piece(
        &mut self,
        walker: &ScanWalk<'_>,
        scan: usize,
        (piece, (next, tail), end): (&Piece, (Option<&Piece>, u32), &Mark),
        flow: Flow,
    ) -> Result<Flow, Halt> {
        let jpeg = self.jpeg;
        let place = |mcu| {
            self.pieces
                .and_then(|all| all.place(jpeg, scan, mcu))
                .ok_or(Halt::DeadEnd)
        };
        let (home, source) = (place(piece.mcus.start)?, place(piece.source)?);
        let mut state = flow.state;
        walker.shift(&mut state, &source.mark.state, &piece.tint);
        let covered = piece.covered(source.mark.eob_run(), tail);
        state.owed = covered.saturating_sub(state.eob_run);
        let spans = jpeg.coded.original_from(source.lane, source.mark.bit);
        if piece.is_plain() && state.shift == [0; 4] && walker.leaves_nothing() {
            let behind = match next {
                Some(next) => place(next.mcus.start)?.mark,
                None => end,
            };
            let writer = Writer::resume(&mut self.out, flow.pause);
            return Ok(Flow {
                pause: Emit::new(&spans, source.mark.bit, writer).pause(behind.bit),
                state: behind.state.clone(),
                reading: None,
            });
        }
        let goal = match next.filter(|next| next.is_landing) {
            Some(next) => Some(landing(jpeg, walker, place(next.mcus.start)?)?),
            // Nothing leads anywhere, but EOB runs end here.
            None => (!walker.codes_dc()).then_some(Aim::default()),
        };
        let is_plain = piece.is_plain();
        let work = Work {
            spans: &spans,
            start: source.mark.bit,
            state,
            // In later scans it is known of each block.
            changed_from: match walker.codes_dc() && piece.tint != Levels::default() {
                true => 0,
                false => u64::MAX,
            },
            course: Course {
                mcus: piece.mcus.clone(),
                end: piece.mcus.end + tail,
                owed: (0, 0),
                goal,
            },
            home: (!is_plain).then_some((home.lane, home.mark)),
            is_moved: !is_plain,
            end: end.mcu,
        };
        let done = match walker.has_others(jpeg.bounds.channels) && !is_plain {
            true => self.walk_parted(walker, work, flow.pause)?,
            false => self.walk(walker, work, flow.pause)?,
        };
        let has_landed = !piece.is_landing || done.state.shift == [0; 4];
        match has_landed && done.state.eob_run + done.state.owed <= tail {
            true => Ok(done),
            false => Err(Halt::DeadEnd),
        }
    }
}

/// The DC coefficients with which the MCU at a place begins.
fn landing(jpeg: &Jpeg<'_>, walker: &ScanWalk<'_>, place: Place<'_>) -> Result<Aim, Halt> {
    let spans = jpeg.coded.original_from(place.lane, place.mark.bit);
    let reader = Reader::starting(&spans, place.mark.bit);
    let mut walk = Walk::new(reader, Tap::new(Silent), u64::MAX);
    let mut state = place.mark.state.clone();
    let mut aim = Aim {
        targets: [0; 4],
        lands: true,
    };
    let mut seen = [false; 4];
    let mcu = place.mark.mcu;
    for at in walker.mcu(mcu, &Course::to_end(mcu..mcu + 1)) {
        walker.block(&mut walk, (&mut state, &mut Blocks::default()), at)?;
        if !std::mem::replace(&mut seen[at.part], true) {
            aim.targets[at.part] = state.predictions[at.part];
        }
    }
    Ok(aim)
}
