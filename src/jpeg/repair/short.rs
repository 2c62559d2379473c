//! The short way through many MCUs in which nothing is to be replaced.

use super::super::bits::Reader;
use super::ac_first::AcFirst;
use super::ac_refine::AcRefine;
use super::bands::{Bands, Stretch};
use super::blocks::{Blocks, Layout};
use super::dc_mcus::DcMcus;
use super::mcus::Mcus;
use super::scan_walk::{Coder, Course, ScanWalk, State};

/// The short way, by what a scan codes.
pub(super) enum Short<'s> {
    Mcus(Mcus<'s>),
    Dc(DcMcus<'s>),
    First(&'s AcFirst, Layout, Bands),
    Refine(&'s AcRefine, Layout, Bands),
    None,
}

impl<'s> Short<'s> {
    pub(super) fn new(walker: &'s ScanWalk<'_>, changed_from: u64) -> Self {
        let parts = &walker.scan.parts;
        let bands = || Bands::new(changed_from);
        match (&walker.coder, walker.band()) {
            (Coder::Sequential(coders), _) => Short::Mcus(Mcus::new(coders, parts, changed_from)),
            (Coder::DcFirst(coders), _) => {
                let parts = (&parts[..], walker.scan.mcus_wide);
                Short::Dc(DcMcus::new(coders, parts, changed_from))
            }
            (Coder::AcFirst(coder), Some((layout, _))) => Short::First(coder, layout, bands()),
            (Coder::AcRefine(coder), Some((layout, _))) => Short::Refine(coder, layout, bands()),
            _ => Short::None,
        }
    }

    /// Whether it is known that this MCU has to be read the long way.
    #[inline(always)]
    pub(super) fn refuses(&self, mcu: u32) -> bool {
        match self {
            Short::First(_, _, bands) | Short::Refine(_, _, bands) => bands.refuses(mcu),
            Short::Mcus(_) | Short::Dc(_) | Short::None => false,
        }
    }

    /// Passes over up to `most` MCUs; tells how many.
    pub(super) fn pass(
        &mut self,
        reader: (&mut Reader<'_>, u64),
        (state, blocks): (&mut State, &mut Blocks),
        course: &Course,
        (mcu, most): (u32, u32),
    ) -> u32 {
        // What is owed is paid the long way, and asked for where the course ends.
        let count = match state.owed {
            0 if mcu < course.end => most.min(course.end - mcu),
            0 => most,
            _ => 0,
        };
        let stretch = Stretch {
            first: mcu,
            count,
            left: course.left(mcu),
        };
        match self {
            Short::Mcus(mcus) => mcus.pass(reader.0, &mut state.predictions, (reader.1, most)),
            Short::Dc(mcus) => {
                let known = (&mut state.predictions, blocks);
                mcus.pass(reader, known, (mcu, count))
            }
            Short::First(coder, layout, bands) => {
                let blocks = (&mut state.eob_run, blocks, *layout);
                bands.pass(*coder, reader, blocks, stretch)
            }
            Short::Refine(coder, layout, bands) => {
                let blocks = (&mut state.eob_run, blocks, *layout);
                bands.pass(*coder, reader, blocks, stretch)
            }
            Short::None => 0,
        }
    }
}
