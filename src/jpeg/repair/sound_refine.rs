//! The short way through refinements in which nothing is to be replaced, as [`super::sound`] is for
//! sequential scans. Whatever it is not sure of it leaves to the long way.

use super::super::bits::Reader;
use super::Range;
use super::ac_refine::AcRefine;
use super::blocks::Block;
use super::rules::{LOAD, ZRL};
use super::walk::{Output, Walk};

/// The new coefficients of a block.
struct New {
    /// Bit k: coefficient k.
    places: u64,
    /// The load of the block with them.
    load: u64,
}

impl AcRefine {
    /// The short way through a block in which nothing is to be replaced. Where it is not sure of
    /// that it does nothing.
    #[inline(always)]
    pub(super) fn pass<O: Output>(
        &self,
        walk: &mut Walk<'_, O>,
        block: &mut Block<'_>,
    ) -> Option<()> {
        let mut reader = walk.reader.clone();
        let mut new = New {
            places: 0,
            load: u64::from(*block.load),
        };
        let mut eob_run = *block.eob_run;
        // Places from here on: without history, and with it.
        let band = self.band.bits(self.band.start, self.band.end + 1);
        let (mut fresh, mut old) = (!*block.mask & band, *block.mask & band);
        if eob_run == 0 {
            (eob_run, old) = self.pass_symbols(&mut reader, (&mut fresh, old), &mut new)?;
            let left = block.left.checked_sub(eob_run)?;
            let is_changed = reader.position() > walk.changed_from;
            let is_run = eob_run > 0 && *block.eob_run == 0;
            if *block.owed > 0 || is_run && is_changed && !self.runs.cover(left) {
                return None;
            }
        }
        if eob_run > 0 {
            reader.fill();
            self.pass_bits(&mut reader, old)?;
            eob_run -= 1;
        }
        let is_changed = reader.position() > walk.changed_from;
        let is_held = (is_changed || block.is_changed()) && self.range == Range::Drawn;
        if reader.overrun() || is_held && new.places != 0 && new.load > LOAD {
            return None;
        }
        walk.reader = reader;
        *block.mask |= new.places | u64::from(is_changed);
        *block.load = new.load.min(u64::from(u16::MAX)) as u16;
        *block.eob_run = eob_run;
        Some(())
    }

    /// Passes over the symbols of a block, up to its end or to an EOB run: tells how many blocks that
    /// covers, and which places with history are left.
    #[inline(always)]
    fn pass_symbols(
        &self,
        reader: &mut Reader<'_>,
        (fresh, mut old): (&mut u64, u64),
        new: &mut New,
    ) -> Option<(u32, u64)> {
        let last = 1_u64 << self.band.end;
        let mut is_value = true;
        loop {
            reader.fill();
            let (symbol, len) = self.table.decode(reader.peek(16))?;
            let (run, size) = (u32::from(symbol >> 4), u32::from(symbol & 15));
            reader.consume(len);
            if size == 0 && symbol != ZRL {
                let blocks = (1 << run) + reader.peek(run);
                reader.consume(run);
                // A run of zeros may not be the end.
                return is_value.then_some((blocks, old));
            }
            reader.consume(size);
            for _ in 0..run {
                *fresh &= fresh.wrapping_sub(1);
            }
            let place = *fresh & fresh.wrapping_neg();
            if place == 0 || size > 1 {
                return None;
            }
            *fresh ^= place;
            self.pass_bits(reader, old & (place - 1))?;
            old &= !(place - 1);
            is_value = size == 1;
            if is_value {
                new.places |= place;
                new.load += self.weight(place.trailing_zeros() as usize);
            }
            if place == last {
                return is_value.then_some((0, 0));
            }
        }
    }

    /// Passes over the correction bits of some places.
    #[inline(always)]
    fn pass_bits(&self, reader: &mut Reader<'_>, places: u64) -> Option<()> {
        if places == 0 {
            return Some(());
        }
        let count = places.count_ones();
        // So many are left of 56 behind a symbol of 16 bits and its sign.
        if count > 39 {
            reader.fill();
        }
        reader.consume(count.min(56));
        (count <= 56).then_some(())
    }
}
