//! Repair: the coded data are read with the file's own Huffman tables and written anew. What is
//! legal goes through bit for bit; only what no decoder could accept is replaced.

mod ac_first;
mod ac_refine;
mod band;
mod blocks;
mod dc;
mod eob_run;
mod finish;
mod measure;
mod rules;
mod scan_walk;
mod sequential;
mod sound;
mod walk;

use super::bits::{Reader, Span};
use super::container::{Interval, Piece};
use super::plan::Plan;
use super::scan::{Kind, Scan};
use super::{Jpeg, ecs, marker};
use crate::document::Share;
use crate::error::Error;
use crate::format::Format;
use blocks::Blocks;
use measure::Measure;
use scan_walk::{MCU_BITS, ScanWalk, State};
use walk::{Emit, Silent, Strict, Tap, Walk};

/// Nothing that the Huffman tables of a scan hold leads on from here.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct DeadEnd;

/// Why a walk does not go on.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Halt {
    DeadEnd,
    Cancelled,
}

impl From<DeadEnd> for Halt {
    fn from(_: DeadEnd) -> Self {
        Halt::DeadEnd
    }
}

/// Which range rules a walk holds coefficients to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Range {
    /// Changed blocks to what all decoders draw alike; others to what can be coded.
    Drawn,
    /// All blocks to what 8-bit samples can be coded as.
    Coded,
}

/// Writes the file anew with the scan data as the passes left them, made legal.
pub(super) fn rewrite(jpeg: &Jpeg<'_>) -> Result<(Vec<u8>, Share), Error> {
    let Jpeg { input, plan, .. } = jpeg;
    let mut writer = FileWriter {
        jpeg,
        blocks: blocks(plan),
        measure: Measure::new(&plan.frame),
        // Repair lengthens data a little at most; growing by doubling would cost memory.
        out: Vec::with_capacity(input.len() + input.len() / 64 + 1024),
    };
    let mut scan = 0;
    let mut ended = false;
    for (index, piece) in jpeg.pieces.iter().enumerate() {
        match piece {
            Piece::Coded { .. } if plan.scans.get(scan).is_some_and(|scan| scan.piece == index) => {
                writer.scan(scan)?;
                scan += 1;
            }
            Piece::Extraneous { .. } => {}
            // Outside a scan they are extraneous too; behind one they would lengthen it.
            Piece::Marker {
                code: marker::RST0..=marker::RST7,
                ..
            } => {}
            _ => writer.out.extend_from_slice(&input[piece.bytes().clone()]),
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
        writer.out.extend_from_slice(&[0xFF, marker::EOI]);
    }
    Ok((writer.out, writer.measure.best))
}

/// What is to be remembered between scans: nothing where all is coded in one.
fn blocks(plan: &Plan) -> Blocks {
    match plan.scans.iter().all(|scan| scan.kind == Kind::Sequential) {
        true => Blocks::default(),
        false => Blocks::new(&plan.frame),
    }
}

struct FileWriter<'a, 'j> {
    jpeg: &'j Jpeg<'a>,
    blocks: Blocks,
    measure: Measure,
    out: Vec<u8>,
}

impl FileWriter<'_, '_> {
    fn scan(&mut self, index: usize) -> Result<(), Error> {
        let jpeg = self.jpeg;
        let scan = &jpeg.plan.scans[index];
        let offset = jpeg.pieces[scan.piece].bytes().start;
        self.measure.begin_scan();
        let walker = ScanWalk::new(scan, Range::Drawn, &jpeg.cancel);
        let intervals = ecs::intervals(&jpeg.pieces, scan);
        let regular = scan.is_regular(intervals);
        let assigned = ecs::assign(scan, intervals);
        let last = assigned.len().saturating_sub(1);
        for (slot, interval) in assigned.into_iter().enumerate() {
            let lane = interval.map(|interval| jpeg.coded.lane(index, interval));
            self.interval(&walker, lane, scan.interval_mcus(slot as u32))
                .map_err(|halt| halted(halt, offset))?;
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

    /// Writes one restart interval; as in the input if the passes led where no table goes on.
    fn interval(
        &mut self,
        walker: &ScanWalk<'_>,
        lane: Option<usize>,
        mcus: std::ops::Range<u32>,
    ) -> Result<(), Halt> {
        let coded = &self.jpeg.coded;
        let Some(lane) = lane else {
            return self.walk(walker, (&[], None), u64::MAX, mcus);
        };
        let changed_from = coded.first_patch(lane).map_or(u64::MAX, |at| at as u64 * 8);
        let patched = coded.patched(lane);
        if changed_from == u64::MAX || !walker.may_end_dead() {
            return self.walk(walker, (&patched, Some(lane)), changed_from, mcus);
        }
        let kept = (self.out.len(), self.blocks.clone(), self.measure.clone());
        let result = self.walk(walker, (&patched, Some(lane)), changed_from, mcus.clone());
        if result != Err(Halt::DeadEnd) {
            return result;
        }
        self.out.truncate(kept.0);
        (self.blocks, self.measure) = (kept.1, kept.2);
        let original = coded.original(lane);
        self.walk(walker, (&original, Some(lane)), u64::MAX, mcus)
    }

    /// Walks an interval in three stretches: up to the first change; in step with the input while
    /// it is not known that the glitch shows; and the rest.
    fn walk(
        &mut self,
        walker: &ScanWalk<'_>,
        (spans, lane): (&[Span<'_>], Option<usize>),
        changed_from: u64,
        mcus: std::ops::Range<u32>,
    ) -> Result<(), Halt> {
        let mut out = std::mem::take(&mut self.out);
        let emit = Emit::new(spans, &mut out);
        let mut walk = Walk::new(spans, emit, changed_from);
        let mut state = State::default();
        let follows = !self.measure.is_done() && lane.is_some();
        let inherits = walker.has_history() && self.measure.blocks.is_some();
        let near = if !follows {
            u64::MAX
        } else if inherits {
            0
        } else {
            changed_from.saturating_sub(MCU_BITS)
        };
        let end = mcus.end;
        let result = walker
            .run(&mut walk, (&mut state, &mut self.blocks), mcus, |walk| {
                walk.reader.position() >= near
            })
            .and_then(|mcu| match lane {
                Some(lane) if mcu < end => self.in_step(walker, walk, (state, lane), mcu..end),
                _ => Ok(walk),
            });
        let result = result.map(|walk| {
            let end = walk.reader.position();
            walk.out.finish(end);
        });
        self.out = out;
        result
    }

    fn in_step<'s, 'o>(
        &mut self,
        walker: &ScanWalk<'_>,
        walk: Walk<'s, Emit<'s, 'o>>,
        (mut state, lane): (State, usize),
        mcus: std::ops::Range<u32>,
    ) -> Result<Walk<'s, Emit<'s, 'o>>, Halt> {
        let original = self.jpeg.coded.original_from(lane, walk.reader.position());
        let mut twin = Walk::new(&original, Tap::new(Silent), u64::MAX);
        twin.reader.read((walk.reader.position() % 8) as u32);
        let mut twin_state = state.clone();
        let mut twin_blocks = if walker.has_history() {
            let kept = self.measure.blocks.take();
            kept.unwrap_or_else(|| self.blocks.clone())
        } else {
            Blocks::default()
        };
        let mut walk = walk.with(Tap::new);
        let mut mcu = mcus.start;
        while mcu < mcus.end && !self.measure.is_done() {
            if walker.starts_row(mcu) {
                walker.check()?;
            }
            for at in walker.mcu(mcu, mcus.end) {
                (walk.out.block, twin.out.block) = ([0; 64], [0; 64]);
                walker.block(&mut walk, (&mut state, &mut self.blocks), at)?;
                walker.block(&mut twin, (&mut twin_state, &mut twin_blocks), at)?;
                let (component, q) = walker.component(at);
                self.measure
                    .compare(component, q, &walk.out.block, &twin.out.block);
            }
            mcu += 1;
        }
        if walker.has_history() && !self.measure.is_done() {
            self.measure.blocks = Some(twin_blocks);
        }
        let mut walk = walk.with(|tap| tap.inner);
        walker.run(
            &mut walk,
            (&mut state, &mut self.blocks),
            mcu..mcus.end,
            |_| false,
        )?;
        Ok(walk)
    }
}

/// What becomes of a walk through the scan at `offset` that did not go on.
fn halted(halt: Halt, offset: usize) -> Error {
    match halt {
        Halt::DeadEnd => Error::malformed(
            Format::Jpeg,
            offset,
            "a scan that its Huffman tables cannot code",
        ),
        Halt::Cancelled => Error::cancelled(),
    }
}

/// The first fault in the coded data of a file that is otherwise in order: its offset in the file
/// and what it is.
pub(super) fn first_fault(jpeg: &Jpeg<'_>) -> Option<(usize, &'static str)> {
    let Jpeg { plan, coded, .. } = jpeg;
    let mut blocks = blocks(plan);
    plan.scans.iter().enumerate().find_map(|(index, scan)| {
        let intervals = ecs::intervals(&jpeg.pieces, scan);
        let walker = ScanWalk::new(scan, Range::Coded, &jpeg.cancel);
        (0..intervals.len()).find_map(|interval| {
            let lane = coded.lane(index, interval);
            let (at, fault) = interval_fault(
                &walker,
                scan,
                &mut blocks,
                &coded.original(lane),
                interval as u32,
            )?;
            let byte = ((at / 8) as usize).min(coded.lane_bytes(lane));
            Some((coded.raw(lane, byte), fault))
        })
    })
}

fn interval_fault(
    walker: &ScanWalk<'_>,
    scan: &Scan,
    blocks: &mut Blocks,
    spans: &[Span<'_>],
    index: u32,
) -> Option<(u64, &'static str)> {
    let mut walk = Walk::new(spans, Strict::default(), u64::MAX);
    let mut state = State::default();
    let result = walker.run(
        &mut walk,
        (&mut state, blocks),
        scan.interval_mcus(index),
        |walk| walk.out.fault.is_some(),
    );
    if let Some(fault) = walk.out.fault {
        return Some(fault);
    }
    if result == Err(Halt::DeadEnd) {
        return Some((
            walk.reader.position(),
            "a block that its Huffman table cannot end",
        ));
    }
    let reader: &mut Reader<'_> = &mut walk.reader;
    (!reader.at_padding()).then(|| {
        (
            reader.position(),
            "the coded data do not end with the last block and padding of ones",
        )
    })
}
