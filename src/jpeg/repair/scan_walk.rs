//! Walks over the MCUs of a restart interval, whatever the kind of scan.

use std::rc::Rc;

use super::super::huffman::Table;
use super::super::scan::{Kind, Part, Scan};
use super::ac_first::AcFirst;
use super::ac_refine::AcRefine;
use super::band::Band;
use super::blocks::{Block, Blocks};
use super::dc::{self, DcCoder};
use super::rules::EOB;
use super::sequential::BlockCoder;
use super::walk::{Output, Walk};
use super::{DeadEnd, Halt, Range};
use crate::cancel::Cancel;

enum Coder {
    Sequential(Vec<BlockCoder>),
    DcFirst(Vec<DcCoder>),
    DcRefine,
    AcFirst(AcFirst),
    AcRefine(AcRefine),
}

/// What is carried from block to block in a restart interval.
#[derive(Clone, Default)]
pub(super) struct State {
    predictions: [i32; 4],
    eob_run: u32,
}

/// Where a block is in its scan.
#[derive(Clone, Copy)]
pub(super) struct At {
    pub(super) part: usize,
    x: u32,
    y: u32,
    /// Blocks of the restart interval that are left, this one included.
    left: u32,
}

/// A scan made ready to be walked.
pub(super) struct ScanWalk<'s> {
    scan: &'s Scan,
    coder: Coder,
    cancel: &'s Cancel,
}

/// No MCU of ten blocks takes more bits than this: 64 symbols of at most 32 bits a block.
pub(super) const MCU_BITS: u64 = 10 * 64 * 32;

impl<'s> ScanWalk<'s> {
    pub(super) fn new(scan: &'s Scan, range: Range, cancel: &'s Cancel) -> Self {
        let band = Band {
            start: scan.spectral_start,
            end: scan.spectral_end,
            point: u32::from(scan.approximation_low),
        };
        let table =
            |table: &Option<Rc<Table>>| table.clone().unwrap_or_else(|| Rc::new(Table::empty()));
        let dc = |part: &Part| {
            DcCoder::new(
                table(&part.dc),
                &part.quantiser,
                scan.approximation_low,
                range,
            )
        };
        let first = scan.parts.first();
        let ac = first.map(|part| (table(&part.ac), part.quantiser.clone()));
        let sequential =
            |part: &Part| BlockCoder::new(dc(part), table(&part.ac), part.quantiser.clone(), range);
        let coder = match (scan.kind, ac) {
            (Kind::Sequential, _) => Coder::Sequential(scan.parts.iter().map(sequential).collect()),
            (Kind::DcFirst, _) => Coder::DcFirst(scan.parts.iter().map(dc).collect()),
            (Kind::AcFirst, Some((table, q))) => {
                Coder::AcFirst(AcFirst::new(table, &q, band, range))
            }
            (Kind::AcRefine, Some((table, q))) => {
                Coder::AcRefine(AcRefine::new(table, &q, band, range))
            }
            _ => Coder::DcRefine,
        };
        ScanWalk {
            scan,
            coder,
            cancel,
        }
    }

    /// Whether the way a block reads depends on what earlier scans made of it.
    pub(super) fn has_history(&self) -> bool {
        matches!(self.scan.kind, Kind::AcFirst | Kind::AcRefine)
    }

    /// Whether a table lacks what would end any block anywhere: EOB, or DC difference 0, which
    /// both are symbol 0.
    pub(super) fn may_end_dead(&self) -> bool {
        let lacks = |table: &Option<Rc<Table>>| table.as_ref().is_some_and(|table| !table.has(EOB));
        self.scan
            .parts
            .iter()
            .any(|part| lacks(&part.ac) || lacks(&part.dc))
    }

    /// Reads MCUs of a restart interval, from the first of `mcus` on, until `stop` says so before
    /// one of them. Returns the MCU it stopped at. At each row it may be cancelled.
    pub(super) fn run<O: Output>(
        &self,
        walk: &mut Walk<'_, O>,
        (state, blocks): (&mut State, &mut Blocks),
        mcus: std::ops::Range<u32>,
        stop: impl Fn(&Walk<'_, O>) -> bool,
    ) -> Result<u32, Halt> {
        for row in self.rows(mcus.clone()) {
            self.check()?;
            for mcu in row {
                if stop(walk) {
                    return Ok(mcu);
                }
                if let Coder::Sequential(coders) = &self.coder {
                    self.sequential(walk, coders, &mut state.predictions)?;
                    continue;
                }
                for at in self.mcu(mcu, mcus.end) {
                    self.block(walk, (state, blocks), at)?;
                }
            }
        }
        Ok(mcus.end)
    }

    /// Reads the blocks of an MCU of a sequential scan, for which it does not matter where they are.
    #[inline(always)]
    fn sequential<O: Output>(
        &self,
        walk: &mut Walk<'_, O>,
        coders: &[BlockCoder],
        predictions: &mut [i32; 4],
    ) -> Result<(), DeadEnd> {
        let parts = coders.iter().zip(&self.scan.parts);
        for ((coder, part), prediction) in parts.zip(predictions) {
            for _ in 0..part.h * part.v {
                coder.block(walk, prediction)?;
            }
        }
        Ok(())
    }

    /// The MCUs, parted where a row of them ends.
    fn rows(&self, mcus: std::ops::Range<u32>) -> impl Iterator<Item = std::ops::Range<u32>> {
        let wide = self.scan.mcus_wide.max(1);
        let rows = mcus.start / wide..mcus.end.div_ceil(wide);
        rows.map(move |row| (row * wide).max(mcus.start)..((row + 1) * wide).min(mcus.end))
    }

    /// Whether a row of MCUs starts with this one.
    pub(super) fn starts_row(&self, mcu: u32) -> bool {
        mcu.is_multiple_of(self.scan.mcus_wide.max(1))
    }

    pub(super) fn check(&self) -> Result<(), Halt> {
        match self.cancel.is_cancelled() {
            true => Err(Halt::Cancelled),
            false => Ok(()),
        }
    }

    /// The blocks of an MCU of an interval that ends before MCU `end` (A.2).
    pub(super) fn mcu(&self, mcu: u32, end: u32) -> impl Iterator<Item = At> {
        let wide = self.scan.mcus_wide.max(1);
        let (column, row) = (mcu % wide, mcu / wide);
        let parts = self.scan.parts.iter().enumerate();
        parts.flat_map(move |(index, part)| {
            (0..part.v).flat_map(move |y| {
                (0..part.h).map(move |x| At {
                    part: index,
                    x: column * part.h + x,
                    y: row * part.v + y,
                    left: end - mcu,
                })
            })
        })
    }

    /// Which component a block is of, and its quantiser.
    pub(super) fn component(&self, at: At) -> (usize, &[u16; 64]) {
        let part = &self.scan.parts[at.part];
        (part.component, &part.quantiser)
    }

    /// Reads one block.
    pub(super) fn block<O: Output>(
        &self,
        walk: &mut Walk<'_, O>,
        (state, blocks): (&mut State, &mut Blocks),
        at: At,
    ) -> Result<(), DeadEnd> {
        let part = &self.scan.parts[at.part];
        let (mut no_mask, mut no_load) = (0, 0);
        let kept = blocks.get(part.component, at.x, at.y);
        let (mask, load) = kept.unwrap_or((&mut no_mask, &mut no_load));
        let block = Block {
            mask,
            load,
            eob_run: &mut state.eob_run,
            left: at.left,
        };
        let prediction = &mut state.predictions[at.part];
        match &self.coder {
            Coder::Sequential(coders) => coders[at.part].block(walk, prediction),
            Coder::DcFirst(coders) => {
                coders[at.part].difference(walk, prediction)?;
                let most =
                    (u64::from(prediction.unsigned_abs()) + 1) << self.scan.approximation_low;
                let load = most * u64::from(coders[at.part].weight());
                *block.load = load.min(u64::from(u16::MAX)) as u16;
                if walk.is_changed() {
                    block.mark_changed();
                }
                Ok(())
            }
            Coder::DcRefine => {
                dc::refine(walk, self.scan.approximation_low);
                Ok(())
            }
            Coder::AcFirst(coder) => coder.block(walk, block),
            Coder::AcRefine(coder) => coder.block(walk, block),
        }
    }
}
