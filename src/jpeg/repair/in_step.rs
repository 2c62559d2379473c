//! Coded data as the passes left them, read in step with the input to find out how much differs.

use super::super::bits::Reader;
use super::super::ecs::Coded;
use super::Halt;
use super::file_writer::FileWriter;
use super::input_masks::InputMasks;
use super::pair::Pair;
use super::scan_walk::{Course, ScanWalk, State};
use super::short::Short;
use super::walk::{Emit, Output, Silent, Tap, Walk};
use super::work::Work;

/// Blocks that are compared at a time, before they are read: no more than are read as a rule.
const NEAR: u32 = 1024;

/// The same MCUs as the passes left them and as in the input.
struct Both<'b, 's, 't, O> {
    walk: Walk<'s, Tap<O>>,
    state: &'b mut State,
    twin: Walk<'t, Tap<Silent>>,
    twin_state: State,
    twin_masks: InputMasks,
    course: &'b Course,
    /// The end of the restart interval.
    end: u32,
}

impl FileWriter<'_, '_> {
    pub(super) fn in_step<'s, 'o>(
        &mut self,
        walker: &ScanWalk<'_>,
        (walk, state): (Walk<'s, Emit<'s, 'o>>, &mut State),
        (lane, position, twin_state): (usize, u64, State),
        (course, work): (&Course, &Work<'_>),
    ) -> Result<Walk<'s, Emit<'s, 'o>>, Halt> {
        let original = self.jpeg.coded.original_from(lane, position);
        let reader = Reader::starting(&original, position);
        let mut both = Both {
            walk: walk.with(Tap::new),
            state,
            twin: Walk::new(reader, Tap::new(Silent), u64::MAX),
            twin_state,
            twin_masks: InputMasks::default(),
            course,
            end: work.end,
        };
        let data = (!work.is_moved).then_some((&self.jpeg.coded, lane));
        let mcu = match walker.has_history() {
            true => self.with_history(walker, &mut both, data)?,
            false => self.without_history(walker, &mut both, data)?,
        };
        let mut walk = both.walk.with(|tap| tap.inner);
        walker.run(
            &mut walk,
            (both.state, &mut self.blocks),
            (&course.from(mcu), u64::MAX),
            |_| false,
        )?;
        Ok(walk)
    }

    /// Reads both until it is known that the glitch shows: tells the next MCU. `data` is the lane, if
    /// both read the same one.
    fn without_history<O: Output>(
        &mut self,
        walker: &ScanWalk<'_>,
        both: &mut Both<'_, '_, '_, O>,
        data: Option<(&Coded<'_>, usize)>,
    ) -> Result<u32, Halt> {
        let course = both.course;
        let mut mcu = course.mcus.start;
        if let Some(scan) = walker.free_sequential(both.state, course) {
            let walk = (&mut both.walk, &mut *both.state);
            let mut pair = Pair::new(walk, (&mut both.twin, &mut both.twin_state), scan);
            while mcu < course.mcus.end && !self.measure.is_done() {
                let most = course.mcus.end - mcu;
                let passed = data.map_or(0, |data| pair.pass(most, data, &mut self.measure));
                if passed > 0 || walker.starts_row(mcu) {
                    walker.check()?;
                }
                if passed == 0 {
                    pair.mcu(data, &mut self.measure)?;
                }
                mcu += passed.max(1);
            }
        }
        while mcu < course.mcus.end && !self.measure.is_done() {
            self.mcu_of_both(walker, both, mcu)?;
            mcu += 1;
        }
        Ok(mcu)
    }

    /// The same where what is read depends on earlier scans, or later ones depend on it.
    fn with_history<O: Output>(
        &mut self,
        walker: &ScanWalk<'_>,
        both: &mut Both<'_, '_, '_, O>,
        data: Option<(&Coded<'_>, usize)>,
    ) -> Result<u32, Halt> {
        let kept = self.measure.blocks.take();
        both.twin_masks = kept.unwrap_or_else(|| InputMasks::of(&self.blocks));
        let mut short = Short::new(walker, both.walk.changed_from);
        let mut mcu = both.course.mcus.start;
        while mcu < both.course.mcus.end && !self.measure.is_done() {
            let passed = data.map_or(0, |data| self.alike(walker, (&mut short, data), both, mcu));
            if passed > 0 {
                walker.check()?;
            } else {
                self.mcu_of_both(walker, both, mcu)?;
            }
            mcu += passed.max(1);
        }
        if !self.measure.is_done() {
            self.measure.blocks = Some(std::mem::take(&mut both.twin_masks));
        }
        Ok(mcu)
    }

    /// Reads an MCU of both.
    fn mcu_of_both<O: Output>(
        &mut self,
        walker: &ScanWalk<'_>,
        both: &mut Both<'_, '_, '_, O>,
        mcu: u32,
    ) -> Result<(), Halt> {
        if walker.starts_row(mcu) {
            walker.check()?;
        }
        let course = both.course;
        course.enter(mcu, both.state);
        for at in walker.mcu(mcu, course) {
            both.walk.out.forget();
            both.twin.out.forget();
            let (component, q) = walker.component(at);
            // As it is before this scan.
            let twin = both.twin_masks.mask(&self.blocks, component, (at.x, at.y));
            walker.block(&mut both.walk, (both.state, &mut self.blocks), at)?;
            let longer = at.ending(both.end - mcu);
            walker.block_of(&mut both.twin, (&mut both.twin_state, (twin, None)), longer)?;
            self.measure
                .compare(component, q, &both.walk.out.block, &both.twin.out.block);
        }
        Ok(())
    }

    /// Reads blocks once for both, if they stand at the same place, nothing in them was changed or is
    /// to be replaced, and they read alike; tells how many.
    fn alike<O: Output>(
        &mut self,
        walker: &ScanWalk<'_>,
        (short, (coded, lane)): (&mut Short<'_>, (&Coded<'_>, usize)),
        both: &mut Both<'_, '_, '_, O>,
        mcu: u32,
    ) -> u32 {
        let (course, from) = (both.course, both.walk.reader.position());
        let is_near = from == both.twin.reader.position()
            && both.state.eob_run == both.twin_state.eob_run
            && both.state.owed + both.twin_state.owed == 0;
        let Some((layout, places)) = walker.band().filter(|_| is_near && course.goal.is_none())
        else {
            return 0;
        };
        let near = mcu..course.mcus.end.min(mcu + NEAR);
        let most = match walker.depends_on_history() {
            true => both.twin_masks.alike(&self.blocks, (layout, places), near),
            false => near.end - mcu,
        };
        let next = coded.first_patch(lane, (from / 8) as usize);
        let until = next.map_or(u64::MAX, |byte| byte as u64 * 8);
        let passed = short.pass(
            (&mut both.walk.reader, until),
            (both.state, &mut self.blocks),
            course,
            (mcu, most),
        );
        both.twin_masks
            .follow(&self.blocks, (layout, places), mcu..mcu + passed);
        both.twin_state.eob_run = both.state.eob_run;
        both.twin.reader.skip_to(both.walk.reader.position());
        passed
    }
}
