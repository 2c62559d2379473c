//! Walks over the MCUs of a restart interval, whatever the kind of scan.

use std::ops;
use std::rc::Rc;

use super::super::huffman::Table;
use super::super::scan::{Kind, Part, Scan};
use super::ac_first::AcFirst;
use super::ac_refine::AcRefine;
use super::band::Band;
use super::blocks::{Block, Blocks, Layout};
use super::dc::{self, DcCoder, Goal};
use super::rules::EOB;
use super::sequential::BlockCoder;
use super::walk::{Output, Walk};
use super::{DeadEnd, Halt, Range};
use crate::cancel::Cancel;
use crate::control::Channels;
use crate::jpeg::placement::Levels;

pub(super) enum Coder {
    Sequential(Vec<BlockCoder>),
    DcFirst(Vec<DcCoder>),
    DcRefine,
    AcFirst(AcFirst),
    AcRefine(AcRefine),
}

/// What is carried from block to block in a restart interval.
#[derive(Clone, Debug, Default)]
pub(in crate::jpeg) struct State {
    pub(super) predictions: [i32; 4],
    pub(super) eob_run: u32,
    /// See [`Block::owed`].
    pub(super) owed: u32,
    /// By how much the next DC coefficient of each component is to be away from where its difference
    /// leads.
    pub(super) shift: [i32; 4],
}

impl State {
    /// The same in the input, which owes nothing.
    pub(super) fn joined(&self) -> Self {
        State {
            eob_run: self.eob_run + self.owed,
            owed: 0,
            ..self.clone()
        }
    }
}

/// A stretch of MCUs that is to be walked.
#[derive(Clone, Debug)]
pub(super) struct Course {
    pub(super) mcus: ops::Range<u32>,
    /// The MCU before which EOB runs end.
    pub(super) end: u32,
    /// The EOB run that has to begin there, and the blocks before the end of the course that it
    /// covers.
    pub(super) owed: (u32, u32),
    /// Where the DC coefficients have to be at `end`, if it is not the end of a restart interval.
    pub(super) goal: Option<Aim>,
}

/// Where DC coefficients have to be.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Aim {
    pub(super) targets: [i32; 4],
    /// Whether the first block of each component behind the course is to get there, not the last
    /// of it.
    pub(super) lands: bool,
}

impl Course {
    /// To the end of a restart interval.
    pub(super) fn to_end(mcus: ops::Range<u32>) -> Self {
        Course {
            end: mcus.end,
            owed: (0, 0),
            mcus,
            goal: None,
        }
    }

    /// Before an MCU is read: takes on what is owed from there on.
    #[inline(always)]
    pub(super) fn enter(&self, mcu: u32, state: &mut State) {
        if mcu == self.end && self.owed.0 > 0 {
            let covered = state.eob_run + state.owed;
            state.owed += self.owed.0.saturating_sub(covered);
        }
    }

    /// MCUs up to its end, this one included.
    #[inline(always)]
    pub(super) fn left(&self, mcu: u32) -> u32 {
        match mcu < self.end {
            true => self.end - mcu,
            false => self.end + self.owed.1 - mcu,
        }
    }

    /// The rest of it, from an MCU on.
    pub(super) fn from(&self, mcu: u32) -> Self {
        Course {
            mcus: mcu..self.mcus.end,
            ..self.clone()
        }
    }
}

/// Where a block is in its scan.
#[derive(Clone, Copy)]
pub(super) struct At {
    pub(super) part: usize,
    pub(super) x: u32,
    pub(super) y: u32,
    /// Blocks up to the end of the course, this one included.
    left: u32,
    is_seam: bool,
    goal: Option<Goal>,
}

impl At {
    /// The same block on a course that ends with a restart interval, with `left` more MCUs.
    pub(super) fn ending(self, left: u32) -> Self {
        At {
            left,
            is_seam: false,
            goal: None,
            ..self
        }
    }
}

/// A scan made ready to be walked.
pub(super) struct ScanWalk<'s> {
    pub(super) scan: &'s Scan,
    pub(super) coder: Coder,
    cancel: &'s Cancel,
    /// MCUs before the end of a stretch in which its goal may have to be heeded.
    pub(super) tail: u32,
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
        let sequential = |coders: Vec<BlockCoder>, part: &Part| {
            let tables = (dc(part), table(&part.ac));
            let coder = BlockCoder::new(tables, part.quantiser.clone(), range, coders.last());
            coders.into_iter().chain([coder]).collect()
        };
        let coder = match (scan.kind, ac) {
            (Kind::Sequential, _) => {
                Coder::Sequential(scan.parts.iter().fold(Vec::new(), sequential))
            }
            (Kind::DcFirst, _) => Coder::DcFirst(scan.parts.iter().map(dc).collect()),
            (Kind::AcFirst, Some((table, q))) => {
                Coder::AcFirst(AcFirst::new(table, &q, (band, scan.mcus), range))
            }
            (Kind::AcRefine, Some((table, q))) => {
                Coder::AcRefine(AcRefine::new(table, &q, (band, scan.mcus), range))
            }
            _ => Coder::DcRefine,
        };
        let tail = match &coder {
            Coder::Sequential(coders) => longest(coders.iter().map(|coder| &coder.dc)),
            Coder::DcFirst(coders) => longest(coders.iter()),
            _ => 0,
        };
        ScanWalk {
            scan,
            coder,
            cancel,
            tail,
        }
    }

    /// Whether the way a block reads depends on what earlier scans made of it.
    pub(super) fn has_history(&self) -> bool {
        matches!(self.scan.kind, Kind::AcFirst | Kind::AcRefine)
    }

    /// Whether what the input has where it stands at `home` may follow a walk that ended so.
    pub(super) fn joins(&self, end: &State, home: &State) -> bool {
        let count = match self.scan.kind {
            Kind::Sequential | Kind::DcFirst => self.scan.parts.len(),
            _ => 0,
        };
        let pairs = end.predictions.iter().zip(&home.predictions);
        let run = end.eob_run + end.owed;
        pairs.take(count).all(|(a, b)| a == b) && (run == 0 || run == home.eob_run)
    }

    /// How many blocks before an EOB run of so many blocks have to be ended with it, for want of
    /// a code for it alone.
    pub(super) fn lack(&self, blocks: u32) -> u32 {
        match &self.coder {
            Coder::AcFirst(coder) => coder.runs().lack(blocks),
            Coder::AcRefine(coder) => coder.runs().lack(blocks),
            _ => 0,
        }
    }

    /// Takes the predictions of all other components from another walk.
    pub(super) fn keep(&self, state: &mut State, other: &State, channels: Channels) {
        let pairs = state.predictions.iter_mut().zip(other.predictions);
        for (part, (prediction, other)) in self.scan.parts.iter().zip(pairs) {
            if !channels.has(part.component) {
                *prediction = other;
            }
        }
    }

    /// Whether later scans need to know nothing of what this one codes.
    pub(super) fn leaves_nothing(&self) -> bool {
        matches!(self.scan.kind, Kind::Sequential | Kind::DcRefine)
    }

    /// Whether it codes DC coefficients as differences.
    pub(super) fn codes_dc(&self) -> bool {
        self.scan.codes_dc()
    }

    /// Before what is read at another place, or was coloured by so many levels: tells by how much
    /// its first DC coefficients have to be away from where their differences lead here.
    pub(super) fn shift(&self, state: &mut State, source: &State, tint: &Levels) {
        let parts = self.scan.parts.iter().enumerate();
        for (index, part) in parts.filter(|_| self.codes_dc()) {
            let unit = i32::from(part.quantiser[0].max(1)) << self.scan.approximation_low;
            // A level is 8 of DC (A.3.3).
            let steps = match tint.get(part.component).copied().unwrap_or(0) * 8 {
                0 => 0,
                levels if levels.abs() < unit => levels.signum(),
                levels => levels / unit,
            };
            state.shift[index] = source.predictions[index] + steps - state.predictions[index];
        }
    }

    /// Whether the scan codes components besides those of the channels.
    pub(super) fn has_others(&self, channels: Channels) -> bool {
        let parts = &self.scan.parts;
        parts.len() > 1 && !parts.iter().all(|part| channels.has(part.component))
    }

    /// Whether the way a block reads depends on which of its coefficients are nonzero already.
    pub(super) fn depends_on_history(&self) -> bool {
        self.scan.kind == Kind::AcRefine
    }

    /// The blocks of an AC scan, and the bits of their masks that it codes.
    pub(super) fn band(&self) -> Option<(Layout, u64)> {
        let layout = Layout {
            component: self.scan.parts.first()?.component,
            wide: self.scan.mcus_wide.max(1),
        };
        match &self.coder {
            Coder::AcFirst(coder) => Some((layout, coder.band.places())),
            Coder::AcRefine(coder) => Some((layout, coder.band.places())),
            _ => None,
        }
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

    /// The coders of a sequential scan, and the components that they code, if a course leaves it to
    /// the coded data where its coefficients lead.
    pub(super) fn free_sequential(
        &self,
        state: &State,
        course: &Course,
    ) -> Option<(&[BlockCoder], &[Part])> {
        match &self.coder {
            Coder::Sequential(coders) if course.goal.is_none() && state.shift == [0; 4] => {
                Some((coders, &self.scan.parts))
            }
            _ => None,
        }
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

    /// The blocks of an MCU of a course (A.2).
    pub(super) fn mcu(&self, mcu: u32, course: &Course) -> impl Iterator<Item = At> {
        let wide = self.scan.mcus_wide.max(1);
        let (column, row) = (mcu % wide, mcu / wide);
        let left = course.left(mcu);
        let goals = course.goal.filter(|_| left <= self.tail);
        let is_seam = course.goal.is_some();
        let parts = self.scan.parts.iter().enumerate();
        parts.flat_map(move |(index, part)| {
            (0..part.v).flat_map(move |y| {
                (0..part.h).map(move |x| At {
                    part: index,
                    x: column * part.h + x,
                    y: row * part.v + y,
                    left,
                    is_seam,
                    goal: goals.map(|goals| Goal {
                        target: goals.targets[index],
                        after: left * part.h * part.v - 1 - (y * part.h + x)
                            + u32::from(goals.lands),
                        lands: goals.lands,
                    }),
                })
            })
        })
    }

    /// The components that the scan codes.
    pub(super) fn components(&self) -> impl Iterator<Item = usize> {
        self.scan.parts.iter().map(|part| part.component)
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
        let known = blocks.get(part.component, (at.x, at.y));
        self.block_of(walk, (state, known), at)
    }

    /// Reads one block of which the mask and the load are told, if they are kept.
    pub(super) fn block_of<O: Output>(
        &self,
        walk: &mut Walk<'_, O>,
        (state, (mask, load)): (&mut State, (Option<&mut u64>, Option<&mut u16>)),
        at: At,
    ) -> Result<(), DeadEnd> {
        let (mut no_mask, mut no_load) = (0, 0);
        let mut block = Block {
            mask: mask.unwrap_or(&mut no_mask),
            load: load.unwrap_or(&mut no_load),
            eob_run: &mut state.eob_run,
            owed: &mut state.owed,
            left: at.left,
            is_seam: at.is_seam,
        };
        let prediction = &mut state.predictions[at.part];
        let shift = &mut state.shift[at.part];
        match &self.coder {
            Coder::Sequential(coders) => {
                coders[at.part].block_toward(walk, prediction, (at.goal, shift))
            }
            Coder::DcFirst(coders) => {
                match at.goal.is_none() && *shift == 0 {
                    true => coders[at.part].difference(walk, prediction)?,
                    false => coders[at.part].toward(walk, prediction, (at.goal, shift))?,
                }
                *block.load = coders[at.part].load_after(*prediction);
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

fn longest<'c>(coders: impl Iterator<Item = &'c DcCoder>) -> u32 {
    coders.map(DcCoder::blocks_to_anywhere).max().unwrap_or(0)
}
