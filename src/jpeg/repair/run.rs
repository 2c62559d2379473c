//! The way through many MCUs: where no goal has to be heeded, without asking of each block where it
//! is, and by many at a time where nothing is coded of them.

use std::ops::Range;

use super::blocks::{Block, Blocks};
use super::dc::DcCoder;
use super::scan_walk::{Coder, Course, ScanWalk, State};
use super::sequential::BlockCoder;
use super::short::Short;
use super::walk::{Output, Walk};
use super::{DeadEnd, Halt};

/// MCUs whose refinements are passed over in one go: fewer bits than
/// [`MCU_BITS`](super::scan_walk::MCU_BITS), so that no more is passed over than by an MCU.
const REFINED: u32 = 512;

/// MCUs of one row.
struct Row {
    y: u32,
    /// The first MCU of it in the picture.
    start: u32,
    mcus: Range<u32>,
}

impl ScanWalk<'_> {
    /// Reads the MCUs of a course until `stop` says so before one of them, or one starts at bit `near`
    /// or behind it. Returns the MCU it stopped at. At each row it may be cancelled.
    pub(super) fn run<O: Output>(
        &self,
        walk: &mut Walk<'_, O>,
        (state, blocks): (&mut State, &mut Blocks),
        (course, near): (&Course, u64),
        stop: impl Fn(&Walk<'_, O>) -> bool,
    ) -> Result<u32, Halt> {
        let free = match course.goal {
            Some(_) => course.end.saturating_sub(self.tail),
            None => u32::MAX,
        };
        let mut short = (!O::TAPPED).then(|| Short::new(self, walk.changed_from));
        let mut mcu = course.mcus.start;
        for row in self.rows(course.mcus.clone()) {
            self.check()?;
            while mcu < row.mcus.end {
                if walk.reader.position() >= near || stop(walk) {
                    return Ok(mcu);
                }
                course.enter(mcu, state);
                let is_free = mcu < free && state.shift == [0; 4];
                if let (true, Some(short)) = (is_free, &mut short) {
                    if short.refuses(mcu) {
                        self.refused(walk, (state, blocks), course, (&row, mcu))?;
                        mcu += 1;
                        continue;
                    }
                    let most = course.mcus.end.min(free) - mcu;
                    let reader = (&mut walk.reader, near);
                    let passed = short.pass(reader, (state, blocks), course, (mcu, most));
                    if passed > 0 {
                        mcu += passed;
                        continue;
                    }
                }
                mcu += match is_free {
                    true => self.free(walk, (state, blocks), course, (&row, mcu))?,
                    false => self.heeding(walk, (state, blocks), course, mcu)?,
                };
            }
        }
        Ok(course.mcus.end)
    }

    /// Reads an MCU by its blocks.
    fn heeding<O: Output>(
        &self,
        walk: &mut Walk<'_, O>,
        (state, blocks): (&mut State, &mut Blocks),
        course: &Course,
        mcu: u32,
    ) -> Result<u32, DeadEnd> {
        for at in self.mcu(mcu, course) {
            self.block(walk, (state, blocks), at)?;
        }
        Ok(1)
    }

    /// Reads an MCU, or as many as can be passed over in one go: tells how many.
    #[inline(always)]
    fn free<O: Output>(
        &self,
        walk: &mut Walk<'_, O>,
        (state, blocks): (&mut State, &mut Blocks),
        course: &Course,
        (row, mcu): (&Row, u32),
    ) -> Result<u32, DeadEnd> {
        let at = (mcu - row.start, row.y);
        match &self.coder {
            Coder::Sequential(coders) => {
                self.sequential(walk, coders, &mut state.predictions)?;
            }
            Coder::DcFirst(coders) => {
                self.dc_first(walk, coders, (&mut state.predictions, blocks), at)?;
            }
            Coder::DcRefine => {
                let count = self.refined(walk, row.mcus.end - mcu);
                return match count {
                    0 => self.heeding(walk, (state, blocks), course, mcu),
                    count => Ok(count),
                };
            }
            Coder::AcFirst(_) if state.eob_run > 0 => {
                let end = if mcu < course.end {
                    row.mcus.end.min(course.end)
                } else {
                    row.mcus.end
                };
                let count = state.eob_run.min(end - mcu);
                state.eob_run -= count;
                if walk.is_changed() {
                    blocks.mark_changed(self.scan.parts[0].component, at, count);
                }
                return Ok(count);
            }
            Coder::AcFirst(coder) => {
                if let Some(block) = self.ac_block((state, blocks), course, (mcu, at)) {
                    coder.block(walk, block)?;
                }
            }
            Coder::AcRefine(coder) => {
                if let Some(block) = self.ac_block((state, blocks), course, (mcu, at)) {
                    coder.block(walk, block)?;
                }
            }
        }
        Ok(1)
    }

    /// Reads a block of an AC scan that the short way refused.
    fn refused<O: Output>(
        &self,
        walk: &mut Walk<'_, O>,
        (state, blocks): (&mut State, &mut Blocks),
        course: &Course,
        (row, mcu): (&Row, u32),
    ) -> Result<(), DeadEnd> {
        let at = (mcu - row.start, row.y);
        let block = self.ac_block((state, blocks), course, (mcu, at));
        match (&self.coder, block) {
            (Coder::AcFirst(coder), Some(block)) => coder.long(walk, block),
            (Coder::AcRefine(coder), Some(block)) => coder.long(walk, block),
            _ => Ok(()),
        }
    }

    /// A block of a scan of one component, which is an MCU by itself (A.2.2).
    #[inline(always)]
    fn ac_block<'b>(
        &self,
        (state, blocks): (&'b mut State, &'b mut Blocks),
        course: &Course,
        (mcu, (x, y)): (u32, (u32, u32)),
    ) -> Option<Block<'b>> {
        let part = self.scan.parts.first()?;
        let (mask, load) = blocks.get(part.component, (x, y));
        Some(Block {
            mask: mask?,
            load: load?,
            eob_run: &mut state.eob_run,
            owed: &mut state.owed,
            left: course.left(mcu),
            is_seam: course.goal.is_some(),
        })
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

    /// Reads the blocks of an MCU of a first scan of DC coefficients.
    #[inline(always)]
    fn dc_first<O: Output>(
        &self,
        walk: &mut Walk<'_, O>,
        coders: &[DcCoder],
        (predictions, blocks): (&mut [i32; 4], &mut Blocks),
        (column, row): (u32, u32),
    ) -> Result<(), DeadEnd> {
        let parts = coders.iter().zip(&self.scan.parts);
        for ((coder, part), prediction) in parts.zip(predictions) {
            for index in 0..part.h * part.v {
                let (x, y) = (index % part.h, index / part.h);
                let (x, y) = (column * part.h + x, row * part.v + y);
                coder.difference(walk, prediction)?;
                if let (Some(mask), Some(load)) = blocks.get(part.component, (x, y)) {
                    *load = coder.load_after(*prediction);
                    *mask |= u64::from(walk.is_changed());
                }
            }
        }
        Ok(())
    }

    /// Passes over up to `most` MCUs of a refinement of DC coefficients, a bit a block, if all of it
    /// is there: tells how many.
    fn refined<O: Output>(&self, walk: &mut Walk<'_, O>, most: u32) -> u32 {
        if O::TAPPED {
            return 0;
        }
        let blocks: u32 = self.scan.parts.iter().map(|part| part.h * part.v).sum();
        let count = most.min(REFINED);
        let mut reader = walk.reader.clone();
        reader.skip_to(reader.position() + u64::from(count * blocks));
        if reader.overrun() {
            return 0;
        }
        walk.reader = reader;
        count
    }

    /// The MCUs, parted where a row of them ends.
    fn rows(&self, mcus: Range<u32>) -> impl Iterator<Item = Row> {
        let wide = self.scan.mcus_wide.max(1);
        let rows = mcus.start / wide..mcus.end.div_ceil(wide);
        rows.map(move |y| Row {
            y,
            start: y * wide,
            mcus: (y * wide).max(mcus.start)..((y + 1) * wide).min(mcus.end),
        })
    }
}
