//! Damage of some components only, in a scan that codes others too: each block is written as the
//! passes left it or as in the input, by its component.

use super::super::bits::Reader;
use super::super::cursor::Cursor;
use super::super::writer::{Pause, Writer};
use super::Halt;
use super::blocks::Blocks;
use super::file_writer::{FileWriter, Flow};
use super::scan_walk::{ScanWalk, State};
use super::walk::{Noted, Output, Tap, Walk};
use super::work::Work;

impl FileWriter<'_, '_> {
    /// As [`FileWriter::walk`]. Such scans have nothing to remember of blocks that they leave alone.
    pub(super) fn walk_parted(
        &mut self,
        walker: &ScanWalk<'_>,
        work: Work<'_>,
        pause: Pause,
    ) -> Result<Flow, Halt> {
        let mut out = std::mem::take(&mut self.out);
        let mut writer = Writer::resume(&mut out, pause);
        let done = self.parted(walker, work, &mut writer);
        let pause = writer.pause();
        self.out = out;
        let (state, reading) = done?;
        Ok(Flow {
            pause,
            state,
            reading: Some(reading),
        })
    }

    fn parted(
        &mut self,
        walker: &ScanWalk<'_>,
        work: Work<'_>,
        writer: &mut Writer<'_>,
    ) -> Result<(State, u64), Halt> {
        let Work {
            spans,
            start,
            course,
            ..
        } = work;
        let Some((lane, home)) = work.home else {
            return Err(Halt::DeadEnd);
        };
        let channels = self.jpeg.bounds.channels;
        let original = self.jpeg.coded.original_from(lane, home.bit);
        let output = || Tap::new(Noted::default());
        let mut walk = Walk::new(Reader::starting(spans, start), output(), work.changed_from);
        let mut twin = Walk::new(Reader::starting(&original, home.bit), output(), u64::MAX);
        let mut cursors = (
            Cursor::starting(spans, start),
            Cursor::starting(&original, home.bit),
        );
        let (mut state, mut twin_state) = (work.state, home.state.clone());
        for mcu in course.mcus.clone() {
            if walker.starts_row(mcu) {
                walker.check()?;
            }
            for at in walker.mcu(mcu, &course) {
                let (component, q) = walker.component(at);
                let is_hit = channels.has(component);
                let mut none = Blocks::default();
                let (blocks, twin_blocks) = match is_hit {
                    true => (&mut self.blocks, &mut none),
                    false => (&mut none, &mut self.blocks),
                };
                walk.out.forget();
                twin.out.forget();
                walker.block(&mut walk, (&mut state, blocks), at)?;
                let twin_at = at.ending(work.end - mcu);
                walker.block(&mut twin, (&mut twin_state, twin_blocks), twin_at)?;
                let ends = (walk.reader.position(), twin.reader.position());
                let writers = match is_hit {
                    true => (Some(&mut *writer), None),
                    false => (None, Some(&mut *writer)),
                };
                walk.out.inner.settle((&mut cursors.0, ends.0), writers.0);
                twin.out.inner.settle((&mut cursors.1, ends.1), writers.1);
                if is_hit && !self.measure.is_done() {
                    let (now, before) = (&walk.out.block, &twin.out.block);
                    self.measure.compare(component, q, now, before);
                }
            }
        }
        walker.keep(&mut state, &twin_state, channels);
        Ok((state, walk.reader.position()))
    }
}
