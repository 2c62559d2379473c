//! The file written anew, scan by scan: each restart interval in stretches that are damaged, or as in
//! the input.

use super::super::container::{Interval, Piece};
use super::super::writer::{Pause, Writer};
use super::super::{Jpeg, ecs, marker};
use super::blocks::Blocks;
use super::damage::{Damage, Fate, Stretch};
use super::measure::Measure;
use super::placed::Pieces;
use super::scan_walk::{Aim, Course, ScanWalk, State};
use super::walk::Emit;
use super::work::Work;
use super::{Halt, Range, blocks, halted};
use crate::document::Share;
use crate::error::Error;

/// Writes the file anew with the scan data as the passes left them, made legal.
pub(in crate::jpeg) fn rewrite(jpeg: &Jpeg<'_>) -> Result<(Vec<u8>, Share), Error> {
    let plan = &jpeg.plan;
    let mut writer = FileWriter::new(jpeg);
    let contained = jpeg.bounds.contained.as_ref();
    writer.damage = contained.map(|contained| Damage::new(jpeg, contained));
    while !writer.file()? {
        writer.blocks = blocks(plan);
        writer.measure = Measure::new(&plan.frame);
        writer.out.clear();
    }
    // New quantisation tables change every block.
    let share = match jpeg.header.is_empty() {
        true => writer.measure.best,
        false => Share { changed: 1, of: 1 },
    };
    Ok((writer.out, share))
}

/// Writes a file.
pub(super) struct FileWriter<'a, 'j> {
    pub(super) jpeg: &'j Jpeg<'a>,
    pub(super) blocks: Blocks,
    pub(super) measure: Measure,
    pub(super) damage: Option<Damage<'j>>,
    /// Where cells are placed otherwise, instead of damage.
    pub(super) pieces: Option<&'j Pieces>,
    /// The scans and MCUs at which no table led on.
    pub(super) refused: Vec<(usize, u32)>,
    pub(super) out: Vec<u8>,
}

/// How far a restart interval is written.
#[derive(Clone)]
pub(super) struct Flow {
    pub(super) pause: Pause,
    pub(super) state: State,
    /// Where the reading of damaged data stopped, which goes on behind what is spared.
    pub(super) reading: Option<u64>,
}

impl<'a, 'j> FileWriter<'a, 'j> {
    /// For a file that is as it was.
    pub(super) fn new(jpeg: &'j Jpeg<'a>) -> Self {
        let len = jpeg.input.len();
        FileWriter {
            jpeg,
            blocks: blocks(&jpeg.plan),
            measure: Measure::new(&jpeg.plan.frame),
            damage: None,
            pieces: None,
            refused: Vec::new(),
            // Repair lengthens data a little at most; growing by doubling would cost memory.
            out: Vec::with_capacity(len + len / 64 + 1024),
        }
    }
}

impl FileWriter<'_, '_> {
    /// Writes all pieces. Returns whether it is done: else part of what was damaged may not be, and
    /// it is to be written again without that.
    pub(super) fn file(&mut self) -> Result<bool, Error> {
        let plan = &self.jpeg.plan;
        let mut scan = 0;
        let mut ended = false;
        for (index, piece) in self.jpeg.pieces.iter().enumerate() {
            match piece {
                Piece::Coded { .. }
                    if plan.scans.get(scan).is_some_and(|scan| scan.piece == index) =>
                {
                    let offset = piece.bytes().start;
                    match self.scan(scan) {
                        Ok(()) => scan += 1,
                        Err(Halt::Anew) => return Ok(false),
                        Err(halt) => return Err(halted(halt, offset)),
                    }
                }
                Piece::Extraneous { .. } => {}
                // Extraneous too; behind a scan a restart marker would lengthen it.
                Piece::Marker { code, .. } if marker::is_astray(*code) => {}
                _ => self.header(piece),
            }
            ended |= matches!(
                piece,
                Piece::Marker {
                    code: marker::EOI,
                    ..
                }
            );
        }
        if !ended {
            self.out.extend_from_slice(&[0xFF, marker::EOI]);
        }
        Ok(true)
    }

    /// Copies a marker segment, with the bytes that a pass changed there.
    fn header(&mut self, piece: &Piece) {
        let Jpeg { input, header, .. } = self.jpeg;
        let bytes = piece.bytes().clone();
        let at = self.out.len();
        self.out.extend_from_slice(&input[bytes.clone()]);
        for (offset, byte) in header.range(bytes.clone()) {
            self.out[at + offset - bytes.start] = *byte;
        }
    }

    fn scan(&mut self, index: usize) -> Result<(), Halt> {
        let jpeg = self.jpeg;
        let scan = &jpeg.plan.scans[index];
        self.measure.begin_scan();
        let walker = ScanWalk::new(scan, Range::Drawn, &jpeg.cancel);
        let intervals = ecs::intervals(&jpeg.pieces, scan);
        let regular = scan.is_regular(intervals);
        let assigned = ecs::assign(scan, intervals);
        if let Some(damage) = &mut self.damage {
            damage.begin_scan(index, &assigned);
        }
        let last = assigned.len().saturating_sub(1);
        for (slot, interval) in assigned.into_iter().enumerate() {
            let lane = interval.map(|interval| jpeg.coded.lane(index, interval));
            let mcus = scan.interval_mcus(slot as u32);
            match self.pieces {
                Some(_) => self.placed_interval(&walker, (index, slot), mcus)?,
                None => self.interval(&walker, (slot, lane), mcus)?,
            }
            if slot < last {
                self.restart(
                    slot,
                    interval
                        .filter(|_| regular)
                        .map(|interval| &intervals[interval..]),
                );
            }
        }
        Ok(())
    }

    /// Writes the restart marker behind interval `slot`, with the fill bytes that it had.
    fn restart(&mut self, slot: usize, intervals: Option<&[Interval]>) {
        match intervals {
            Some([before, after, ..]) => self
                .out
                .extend_from_slice(&self.jpeg.input[before.end as usize..after.start as usize]),
            _ => self
                .out
                .extend_from_slice(&[0xFF, marker::RST0 + (slot % 8) as u8]),
        }
    }

    /// Writes one restart interval.
    fn interval(
        &mut self,
        walker: &ScanWalk<'_>,
        (slot, lane): (usize, Option<usize>),
        mcus: std::ops::Range<u32>,
    ) -> Result<(), Halt> {
        let contained = lane.and_then(|_| self.damage.as_ref()?.stretches(walker, slot));
        let stretches = contained.unwrap_or_else(|| vec![Stretch::whole(mcus.clone())]);
        let mut flow = Flow {
            pause: Pause::behind(&self.out),
            state: State::default(),
            reading: None,
        };
        for stretch in &stretches {
            let written = match (lane, stretch.fate) {
                (Some(_), Fate::Damaged) if stretch.is_stuck() => match stretch.is_out_of_step {
                    true => Err(Halt::DeadEnd),
                    false => self.untouched(walker, (lane, stretch), flow.clone(), mcus.end),
                },
                (Some(lane), Fate::Damaged) => {
                    self.damaged(walker, (lane, stretch), flow.clone(), mcus.end)
                }
                _ => self.untouched(walker, (lane, stretch), flow.clone(), mcus.end),
            };
            match written {
                Ok(next) => flow = next,
                Err(Halt::DeadEnd) if self.damage.is_some() && stretch.fate == Fate::Damaged => {
                    return self.forbid(stretch);
                }
                Err(halt) => return Err(halt),
            }
        }
        Writer::resume(&mut self.out, flow.pause).finish();
        Ok(())
    }

    /// What earlier scans damaged of a stretch leads nowhere now: none of them may.
    fn forbid(&mut self, stretch: &Stretch) -> Result<(), Halt> {
        match self
            .damage
            .as_mut()
            .is_some_and(|damage| damage.forbid(stretch))
        {
            true => Err(Halt::Anew),
            false => Err(Halt::DeadEnd),
        }
    }

    /// Writes a stretch as the passes left it; as in the input if they led where no table goes on,
    /// or not back to where the next stretch begins.
    fn damaged(
        &mut self,
        walker: &ScanWalk<'_>,
        (lane, stretch): (usize, &Stretch),
        flow: Flow,
        end: u32,
    ) -> Result<Flow, Halt> {
        let Stretch { from, to, .. } = stretch;
        let coded = &self.jpeg.coded;
        let start = flow.reading.unwrap_or(from.bit);
        let first = coded.first_patch(lane, (start / 8) as usize);
        let changed_from = match (flow.reading, first) {
            (Some(_), _) => 0,
            _ if stretch.is_out_of_step || !self.jpeg.header.is_empty() => 0,
            (None, Some(at)) => (at as u64 * 8).max(start),
            (None, None) => u64::MAX,
        };
        let kept = (changed_from != u64::MAX && walker.may_end_dead())
            .then(|| (self.blocks.keep(walker.components()), self.measure.clone()));
        let spans = coded.patched_from(lane, start);
        let joins = to.mcu < end;
        let work = Work {
            spans: &spans,
            start,
            state: flow.state.clone(),
            changed_from,
            course: Course {
                mcus: from.mcu..to.mcu,
                end: to.mcu - stretch.lack,
                owed: (stretch.lack + to.state.eob_run, stretch.lack),
                goal: joins.then_some(Aim {
                    targets: to.state.predictions,
                    lands: false,
                }),
            },
            home: Some((lane, from)),
            is_moved: false,
            end,
        };
        let before = flow.pause;
        let done = match walker.has_others(self.jpeg.bounds.channels) {
            true => self.walk_parted(walker, work, before),
            false => self.walk(walker, work, before),
        };
        match done {
            Ok(done) if !joins || walker.joins(&done.state, &to.state) => Ok(Flow {
                reading: done.reading.filter(|&position| position > changed_from),
                ..done
            }),
            Err(Halt::DeadEnd) if changed_from == u64::MAX => Err(Halt::DeadEnd),
            Ok(_) | Err(Halt::DeadEnd) => {
                if let Some((blocks, measure)) = kept {
                    self.blocks.restore(blocks);
                    self.measure = measure;
                }
                let flow = Flow {
                    pause: before,
                    ..flow
                };
                self.untouched(walker, (Some(lane), stretch), flow, end)
            }
            Err(halt) => Err(halt),
        }
    }

    /// Writes a stretch as in the input.
    fn untouched(
        &mut self,
        walker: &ScanWalk<'_>,
        (lane, stretch): (Option<usize>, &Stretch),
        flow: Flow,
        end: u32,
    ) -> Result<Flow, Halt> {
        let Stretch { from, to, .. } = stretch;
        let reading = flow.reading.filter(|_| stretch.fate != Fate::Untouched);
        let spans = lane.map(|lane| self.jpeg.coded.original_from(lane, from.bit));
        let spans = spans.as_ref().map_or(&[][..], |spans| &spans[..]);
        let mut state = State {
            predictions: from.state.predictions,
            ..flow.state
        };
        // A run that was cut, or that began in what is damaged now.
        if state.eob_run + state.owed == 0 {
            state.owed = from.state.eob_run;
        }
        if stretch.is_copied {
            let writer = Writer::resume(&mut self.out, flow.pause);
            let pause = Emit::new(spans, from.bit, writer).pause(to.bit);
            let state = to.state.clone();
            return Ok(Flow {
                pause,
                state,
                reading,
            });
        }
        let work = Work {
            spans,
            start: from.bit,
            state,
            changed_from: u64::MAX,
            course: Course {
                mcus: from.mcu..to.mcu,
                end,
                owed: (0, 0),
                goal: None,
            },
            home: lane.map(|lane| (lane, from)),
            is_moved: false,
            end,
        };
        let done = self.walk(walker, work, flow.pause)?;
        Ok(Flow { reading, ..done })
    }
}
