//! One walk through coded data, and the writing of what it reads.

use super::super::bits::Reader;
use super::super::span::Span;
use super::super::writer::{Pause, Writer};
use super::Halt;
use super::file_writer::{FileWriter, Flow};
use super::marks::Mark;
use super::scan_walk::{Course, MCU_BITS, ScanWalk, State};
use super::walk::{Emit, Walk};

/// A walk to be done.
pub(super) struct Work<'s> {
    pub(super) spans: &'s [Span<'s>],
    /// First bit to read.
    pub(super) start: u64,
    pub(super) state: State,
    pub(super) changed_from: u64,
    pub(super) course: Course,
    /// The lane, and the place in it where the input has this.
    pub(super) home: Option<(usize, &'s Mark)>,
    /// Whether the input has something else there, though no byte of it was changed.
    pub(super) is_moved: bool,
    /// The end of the restart interval.
    pub(super) end: u32,
}

impl FileWriter<'_, '_> {
    /// Walks in three stretches: up to the first change; in step with the input while it is not
    /// known that the glitch shows; and the rest.
    pub(super) fn walk(
        &mut self,
        walker: &ScanWalk<'_>,
        work: Work<'_>,
        pause: Pause,
    ) -> Result<Flow, Halt> {
        let mut out = std::mem::take(&mut self.out);
        let done = self.walk_into(&mut out, walker, work, pause);
        self.out = out;
        done
    }

    fn walk_into(
        &mut self,
        out: &mut Vec<u8>,
        walker: &ScanWalk<'_>,
        work: Work<'_>,
        pause: Pause,
    ) -> Result<Flow, Halt> {
        let Work { spans, start, .. } = work;
        let emit = Emit::new(spans, start, Writer::resume(out, pause));
        let reader = Reader::starting(spans, start);
        let mut walk = Walk::new(reader, emit, work.changed_from);
        let mut state = work.state.clone();
        let inherits = walker.has_history() && self.measure.blocks.is_some();
        let near = if self.measure.is_done() || work.home.is_none() {
            u64::MAX
        } else if inherits || work.is_moved || work.changed_from <= start {
            0
        } else {
            work.changed_from.saturating_sub(MCU_BITS)
        };
        let mcu = walker.run(
            &mut walk,
            (&mut state, &mut self.blocks),
            (&work.course, near),
            |_| false,
        )?;
        let walk = match work.home {
            Some((lane, home)) if mcu < work.course.mcus.end => {
                let position = walk.reader.position();
                let twin = match mcu == home.mcu {
                    true => (lane, home.bit, home.state.clone()),
                    false => (lane, position, state.joined()),
                };
                self.in_step(
                    walker,
                    (walk, &mut state),
                    twin,
                    (&work.course.from(mcu), &work),
                )?
            }
            _ => walk,
        };
        let position = walk.reader.position();
        Ok(Flow {
            pause: walk.out.pause(position),
            state,
            reading: Some(position),
        })
    }
}
