//! A sequential scan as the passes left it, read in step with the input to find out how much
//! differs. Where both stand at the same bit and no change is near, one of them is read only: the
//! other reads the same differences.

use super::super::ecs::Coded;
use super::super::scan::Part;
use super::DeadEnd;
use super::mcus::Mcus;
use super::measure::Measure;
use super::scan_walk::State;
use super::sequential::BlockCoder;
use super::walk::{Output, Silent, Tap, Walk};

/// Two walks over the same MCUs.
pub(super) struct Pair<'p, 's, 't, O> {
    walk: &'p mut Walk<'s, Tap<O>>,
    state: &'p mut State,
    twin: &'p mut Walk<'t, Tap<Silent>>,
    twin_state: &'p mut State,
    coders: &'p [BlockCoder],
    parts: &'p [Part],
    mcus: Mcus<'p>,
    /// Where the input is read on: its reader may lag behind.
    twin_at: u64,
    /// Up to this bit, from where both were last looked at, no pass changed anything.
    same_to: u64,
}

impl<'p, 's, 't, O: Output> Pair<'p, 's, 't, O> {
    pub(super) fn new(
        (walk, state): (&'p mut Walk<'s, Tap<O>>, &'p mut State),
        (twin, twin_state): (&'p mut Walk<'t, Tap<Silent>>, &'p mut State),
        (coders, parts): (&'p [BlockCoder], &'p [Part]),
    ) -> Self {
        let twin_at = twin.reader.position();
        let mcus = Mcus::new(coders, parts, walk.changed_from);
        Pair {
            walk,
            state,
            twin,
            twin_state,
            coders,
            parts,
            mcus,
            twin_at,
            same_to: 0,
        }
    }

    /// Reads an MCU of both. `data` is the lane, if both read the same one.
    pub(super) fn mcu(
        &mut self,
        data: Option<(&Coded<'_>, usize)>,
        measure: &mut Measure,
    ) -> Result<(), DeadEnd> {
        for index in 0..self.parts.len() {
            for _ in 0..self.parts[index].h * self.parts[index].v {
                let is_read = data.is_some_and(|data| self.same_block(index, data, measure));
                if !is_read {
                    self.block(index, measure)?;
                }
            }
        }
        Ok(())
    }

    /// Reads MCUs once for both, up to `most`, if they stand at the same place and nothing in them was
    /// changed or is to be replaced; tells how many.
    pub(super) fn pass(
        &mut self,
        most: u32,
        data: (&Coded<'_>, usize),
        measure: &mut Measure,
    ) -> u32 {
        if self.walk.reader.position() != self.twin_at || !self.stay_within() {
            return 0;
        }
        let until = self.same_to(data);
        let from = self.state.predictions;
        let count = self.mcus.pass(
            &mut self.walk.reader,
            &mut self.state.predictions,
            (until, most),
        );
        self.twin_at = self.walk.reader.position();
        let twins = self.twin_state.predictions.iter_mut().zip(from);
        let now = self.state.predictions;
        for ((part, (twin, from)), now) in self.parts.iter().zip(twins).zip(now) {
            *twin += now - from;
            let blocks = count * part.h * part.v;
            measure.compare_dcs((part.component, part.quantiser[0]), (now, *twin), blocks);
        }
        count
    }

    /// Whether what the twin reads is nowhere held to narrower limits than what the walk reads.
    fn stay_within(&self) -> bool {
        let pairs = self
            .state
            .predictions
            .iter()
            .zip(&self.twin_state.predictions);
        let distances = pairs.map(|(now, before)| now - before);
        let mut coders = self.coders.iter().zip(distances);
        coders.all(|(coder, distance)| coder.dc.stays_within(distance))
    }

    /// The bit up to which no pass changed anything, from here on.
    #[inline(always)]
    fn same_to(&mut self, (coded, lane): (&Coded<'_>, usize)) -> u64 {
        let at = self.walk.reader.position();
        if self.same_to <= at {
            let next = coded.first_patch(lane, (at / 8) as usize);
            self.same_to = next.map_or(u64::MAX, |byte| byte as u64 * 8);
        }
        self.same_to
    }

    /// Reads a block once for both, if they stand at the same place and nothing in it was changed
    /// or is to be replaced.
    #[inline(always)]
    fn same_block(
        &mut self,
        index: usize,
        data: (&Coded<'_>, usize),
        measure: &mut Measure,
    ) -> bool {
        if self.walk.reader.position() != self.twin_at {
            return false;
        }
        let same_to = self.same_to(data);
        let coder = &self.coders[index];
        let from = self.state.predictions[index];
        let twin_from = self.twin_state.predictions[index];
        let held = (from, self.walk.changed_from, same_to);
        // What the twin reads is never held to the narrower limits.
        if !coder.dc.stays_within(twin_from - from) {
            return false;
        }
        let Some(sum) = coder.sound(&mut self.walk.reader, held) else {
            return false;
        };
        let twin_sum = twin_from + (sum - from);
        self.twin_at = self.walk.reader.position();
        self.state.predictions[index] = sum;
        self.twin_state.predictions[index] = twin_sum;
        let part = &self.parts[index];
        measure.compare_dc(part.component, part.quantiser[0], (sum, twin_sum));
        true
    }

    /// Reads a block of each.
    fn block(&mut self, index: usize, measure: &mut Measure) -> Result<(), DeadEnd> {
        self.twin.reader.skip_to(self.twin_at);
        if !self.far_block(index, measure) {
            self.walk.out.forget();
            self.twin.out.forget();
            let (coder, part) = (&self.coders[index], &self.parts[index]);
            coder.block(self.walk, &mut self.state.predictions[index])?;
            coder.block(self.twin, &mut self.twin_state.predictions[index])?;
            let (now, before) = (&self.walk.out.block, &self.twin.out.block);
            measure.compare(part.component, &part.quantiser, now, before);
        }
        self.twin_at = self.twin.reader.position();
        Ok(())
    }

    /// Passes over a block of each, if the DC coefficients alone tell that they differ.
    fn far_block(&mut self, index: usize, measure: &mut Measure) -> bool {
        let (coder, part) = (&self.coders[index], &self.parts[index]);
        let (now, before) = (
            &mut self.state.predictions[index],
            &mut self.twin_state.predictions[index],
        );
        let (mut reader, mut twin) = (self.walk.reader.clone(), self.twin.reader.clone());
        let held = (*now, self.walk.changed_from, u64::MAX);
        let Some(sum) = coder.sound(&mut reader, held) else {
            return false;
        };
        let free = (*before, u64::MAX, u64::MAX);
        let Some(twin_sum) = coder.sound(&mut twin, free) else {
            return false;
        };
        if !measure.compare_dc(part.component, part.quantiser[0], (sum, twin_sum)) {
            return false;
        }
        (*now, *before) = (sum, twin_sum);
        (self.walk.reader, self.twin.reader) = (reader, twin);
        true
    }
}
