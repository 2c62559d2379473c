//! Repair: the coded data are read with the file's own Huffman tables and written anew. What is
//! legal goes through bit for bit; only what no decoder could accept is replaced.

mod ac_first;
mod ac_refine;
pub(super) mod amplitudes;
mod band;
mod bands;
mod blocks;
mod damage;
mod dc;
mod dc_look;
mod dc_mcus;
mod eob_run;
mod file_writer;
mod finish;
mod in_step;
mod input_masks;
pub(super) mod marks;
mod mcus;
mod measure;
mod pair;
mod parted;
mod placed;
mod refine_look;
mod rules;
mod run;
mod scan_walk;
mod sequential;
mod short;
mod sound;
mod sound_first;
mod sound_refine;
mod walk;
mod work;

pub(super) use file_writer::rewrite;
pub(super) use placed::place;

use super::bits::Reader;
use super::plan::Plan;
use super::scan::{Kind, Scan};
use super::span::Span;
use super::{Jpeg, ecs};
use crate::error::Error;
use crate::format::Format;
use blocks::Blocks;
use scan_walk::{Course, ScanWalk, State};
use walk::{Strict, Walk};

/// Nothing that the Huffman tables of a scan hold leads on from here.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct DeadEnd;

/// Why a walk does not go on.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Halt {
    DeadEnd,
    Cancelled,
    /// The file has to be written anew, with less damage.
    Anew,
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

/// What is to be remembered between scans: nothing where all is coded in one.
fn blocks(plan: &Plan) -> Blocks {
    match plan.scans.iter().all(|scan| scan.kind == Kind::Sequential) {
        true => Blocks::default(),
        false => Blocks::new(&plan.frame),
    }
}

/// What becomes of a walk through the scan at `offset` that did not go on.
fn halted(halt: Halt, offset: usize) -> Error {
    match halt {
        Halt::DeadEnd | Halt::Anew => Error::malformed(
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
    let mut walk = Walk::new(Reader::new(spans), Strict::default(), u64::MAX);
    let mut state = State::default();
    let course = Course::to_end(scan.interval_mcus(index));
    let result = walker.run(
        &mut walk,
        (&mut state, blocks),
        (&course, u64::MAX),
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

#[cfg(test)]
pub(super) mod tests {
    use super::walk::{Output, Silent, Tap};
    use super::*;

    /// Component, column and row of a block, and what a scan codes of it.
    pub(in crate::jpeg) type Coded = ((usize, u32, u32), [i32; 64]);

    /// What each scan codes of each block.
    pub(in crate::jpeg) fn coded_blocks(jpeg: &Jpeg<'_>) -> Vec<Vec<Coded>> {
        let mut blocks = blocks(&jpeg.plan);
        let scans = jpeg.plan.scans.iter().enumerate();
        let scans = scans.map(|(index, scan)| {
            let walker = ScanWalk::new(scan, Range::Coded, &jpeg.cancel);
            let intervals = ecs::intervals(&jpeg.pieces, scan);
            let mut all = Vec::new();
            for (slot, interval) in ecs::assign(scan, intervals).into_iter().enumerate() {
                let lane = jpeg.coded.lane(index, interval.unwrap_or(0));
                let spans = jpeg.coded.original(lane);
                let spans = interval.map_or(&[][..], |_| &spans);
                let mut walk = Walk::new(Reader::new(spans), Tap::new(Silent), u64::MAX);
                let mut state = State::default();
                let course = Course::to_end(scan.interval_mcus(slot as u32));
                for mcu in course.mcus.clone() {
                    for at in walker.mcu(mcu, &course) {
                        walk.out.forget();
                        walker
                            .block(&mut walk, (&mut state, &mut blocks), at)
                            .unwrap();
                        let place = (walker.component(at).0, at.x, at.y);
                        all.push((place, walk.out.block.all()));
                    }
                }
            }
            all
        });
        scans.collect()
    }
}
