//! The short way through blocks of an AC scan in which nothing is to be replaced, which most are: as
//! [`super::sound`] and [`super::mcus`] are for sequential scans. Whatever it is not sure of it leaves
//! to the long way.

use super::super::bits::Reader;
use super::super::chunk::{Bits, Chunk, ChunkBits};
use super::blocks::{Block, Blocks, Layout};
use super::walk::{Output, Silent, Walk};

/// What is known of a block, before it is read or behind that.
#[derive(Clone, Copy)]
pub(super) struct Known {
    /// As [`Block::mask`].
    pub(super) mask: u64,
    /// Its load, or [`u16::MAX`] for that and more.
    pub(super) load: u64,
    /// Blocks that the EOB run at hand still covers.
    pub(super) eob_run: u32,
}

/// Where a block ends.
#[derive(Clone, Copy)]
pub(super) struct End {
    /// Blocks that an EOB run may cover, this one included.
    pub(super) left: u32,
    /// Whether what was read of it may differ from the input.
    pub(super) is_changed: bool,
}

/// A coder of AC scans.
pub(super) trait Sound {
    /// Passes over a block, if it is coded as it may be: tells what is known of it then.
    fn read(&self, bits: &mut impl Bits, known: Known, out: &mut impl Output) -> Option<Known>;

    /// Whether what was read may stay where it stands.
    fn may_stay(&self, before: Known, after: Known, end: End) -> bool;

    /// Whether it knows how to pass over many blocks at once.
    const READS_MANY: bool;

    /// Passes over blocks at once: whether all of them may stay, changed or not. If they may not, or
    /// it is not sure of it, what it left behind is of no use.
    fn read_many(&self, bits: &mut ChunkBits<'_>, many: &mut Many) -> bool;
}

/// Blocks that are passed over at once.
pub(super) const MANY: usize = 64;

/// Fewer blocks are not worth a chunk: restart intervals may be as short as that.
const FEW: u32 = 8;

/// No symbol that is looked at reaches further than this beyond what was read, in bits.
const SIGHT: u64 = 64;

/// From so many blocks on a scan is worth look-ups of its own.
pub(super) const WORTH: u32 = if cfg!(any(test, fuzzing)) { 1 } else { 1024 };

/// Some blocks of a row.
pub(super) struct Many {
    pub(super) masks: [u64; MANY],
    pub(super) loads: [u16; MANY],
    pub(super) count: usize,
    /// As [`End::left`], of the first.
    pub(super) left: u32,
    /// Whether all of them may differ from the input.
    pub(super) is_changed: bool,
    /// Blocks that the EOB run at hand still covers.
    pub(super) eob_run: u32,
}

/// Passes over a block where nothing is owed; where it is not sure of it, it does nothing.
#[inline(always)]
pub(super) fn pass<O: Output>(
    coder: &impl Sound,
    walk: &mut Walk<'_, O>,
    block: &mut Block<'_>,
) -> Option<()> {
    if *block.owed > 0 {
        return None;
    }
    let before = Known {
        mask: *block.mask,
        load: u64::from(*block.load),
        eob_run: *block.eob_run,
    };
    let mut reader = walk.reader.clone();
    let after = coder.read(&mut reader, before, &mut walk.out);
    let end = End {
        left: block.left,
        is_changed: reader.position() > walk.changed_from,
    };
    let sound = after.filter(|after| !reader.overrun() && coder.may_stay(before, *after, end));
    let Some(after) = sound else {
        walk.out.forget();
        return None;
    };
    walk.reader = reader;
    *block.mask = after.mask | u64::from(end.is_changed);
    *block.load = kept(after.load);
    *block.eob_run = after.eob_run;
    Some(())
}

/// A load as it is kept.
#[inline(always)]
fn kept(load: u64) -> u16 {
    load.min(u64::from(u16::MAX)) as u16
}

/// Blocks of a scan, one after the other.
#[derive(Clone, Copy)]
pub(super) struct Stretch {
    pub(super) first: u32,
    /// How many.
    pub(super) count: u32,
    /// As [`Block::left`], of the first.
    pub(super) left: u32,
}

/// Passes over many blocks at once.
pub(super) struct Bands {
    /// None as long as there was no use for it.
    chunk: Option<Chunk>,
    changed_from: u64,
    /// The block in which it was seen last that something is to be replaced.
    refused: Option<u32>,
    /// How many blocks are worth a try at once: fewer where much is to be replaced.
    worth_a_try: usize,
}

/// Some blocks of a row.
struct Row<'b> {
    masks: &'b mut [u64],
    loads: &'b mut [u16],
    left: u32,
}

impl Row<'_> {
    /// Some of it, from a block on.
    fn part(&mut self, from: usize, count: usize) -> Row<'_> {
        Row {
            masks: &mut self.masks[from..from + count],
            loads: &mut self.loads[from..from + count],
            left: self.left - from as u32,
        }
    }
}

impl Bands {
    pub(super) fn new(changed_from: u64) -> Self {
        Bands {
            chunk: None,
            changed_from,
            refused: None,
            worth_a_try: MANY,
        }
    }

    /// Whether it is known that in this block something is to be replaced.
    #[inline(always)]
    pub(super) fn refuses(&self, block: u32) -> bool {
        self.refused == Some(block)
    }

    /// Passes over the blocks of a stretch that end at bit `until` at the latest: as many as it is sure
    /// of, and as are near. Tells how many.
    ///
    /// Not inlined: by itself it has all registers.
    #[inline(never)]
    pub(super) fn pass(
        &mut self,
        coder: &impl Sound,
        (reader, until): (&mut Reader<'_>, u64),
        (eob_run, blocks, layout): (&mut u32, &mut Blocks, Layout),
        stretch: Stretch,
    ) -> u32 {
        if until <= reader.position() || stretch.count < FEW {
            return 0;
        }
        let changed_from = self.changed_from;
        let chunk = self.chunk.get_or_insert_with(Chunk::new);
        let (refused, worth_a_try) = (&mut self.refused, &mut self.worth_a_try);
        chunk.pass(reader, until, |bits, end| {
            let mut count = 0;
            while count < stretch.count {
                let at = stretch.first + count;
                let (x, y) = (at % layout.wide, at / layout.wide);
                let most = (layout.wide - x).min(stretch.count - count);
                let Some((masks, loads)) = blocks.row(layout.component, (x, y), most) else {
                    break;
                };
                let left = stretch.left - count;
                let row = Row { masks, loads, left };
                let known = (&mut *eob_run, row, &mut *worth_a_try);
                let (passed, stopped_at) = pass_row(coder, bits, known, (end, changed_from));
                count += passed;
                if let Some(at) = stopped_at {
                    // Else it may be for want of data.
                    *refused = (at + SIGHT <= end).then_some(stretch.first + count);
                    return (count, stopped_at);
                }
            }
            (count, None)
        })
    }
}

/// Passes over blocks of a row.
#[inline(always)]
fn pass_row<S: Sound>(
    coder: &S,
    bits: &mut ChunkBits<'_>,
    (eob_run, mut row, worth_a_try): (&mut u32, Row<'_>, &mut usize),
    limits: (u64, u64),
) -> (u32, Option<u64>) {
    let (mut from, all) = (0, row.masks.len());
    while from < all {
        let count = if S::READS_MANY { *worth_a_try } else { all }.min(all - from);
        let part = &mut row.part(from, count);
        if S::READS_MANY && pass_many(coder, bits, eob_run, part, limits) {
            *worth_a_try = MANY.min(*worth_a_try * 2);
        } else {
            *worth_a_try = 2.max(*worth_a_try / 4);
            let (passed, stopped_at) = pass_each(coder, bits, eob_run, part, limits);
            if stopped_at.is_some() {
                return (from as u32 + passed, stopped_at);
            }
        }
        from += count;
    }
    (all as u32, None)
}

/// Passes over all blocks at once, or does nothing.
#[inline(always)]
fn pass_many(
    coder: &impl Sound,
    bits: &mut ChunkBits<'_>,
    eob_run: &mut u32,
    row: &mut Row<'_>,
    (end, changed_from): (u64, u64),
) -> bool {
    let count = row.masks.len();
    let mut many = Many {
        masks: [0; MANY],
        loads: [0; MANY],
        count,
        left: row.left,
        is_changed: bits.position() > changed_from,
        eob_run: *eob_run,
    };
    many.masks[..count].copy_from_slice(row.masks);
    many.loads[..count].copy_from_slice(row.loads);
    let mut next = bits.clone();
    let may_stay = coder.read_many(&mut next, &mut many);
    let to = next.position();
    if !may_stay || to > end || !many.is_changed && to > changed_from {
        return false;
    }
    row.masks.copy_from_slice(&many.masks[..count]);
    row.loads.copy_from_slice(&many.loads[..count]);
    if many.is_changed {
        row.masks.iter_mut().for_each(|mask| *mask |= 1);
    }
    (*bits, *eob_run) = (next, many.eob_run);
    true
}

/// Passes over blocks one by one.
#[inline(always)]
fn pass_each(
    coder: &impl Sound,
    bits: &mut ChunkBits<'_>,
    eob_run: &mut u32,
    row: &mut Row<'_>,
    (end, changed_from): (u64, u64),
) -> (u32, Option<u64>) {
    let left = row.left;
    let blocks = row.masks.iter_mut().zip(row.loads.iter_mut());
    for (index, (mask, load)) in (0..).zip(blocks) {
        let before = Known {
            mask: *mask,
            load: u64::from(*load),
            eob_run: *eob_run,
        };
        let mut next = bits.clone();
        let after = coder.read(&mut next, before, &mut Silent);
        let at = next.position();
        let is_changed = at > changed_from;
        let left = left - index;
        let sound = after
            .filter(|after| at <= end && coder.may_stay(before, *after, End { left, is_changed }));
        let Some(after) = sound else {
            return (index, Some(at));
        };
        *bits = next;
        *mask = after.mask | u64::from(is_changed);
        *load = kept(after.load);
        *eob_run = after.eob_run;
    }
    (row.masks.len() as u32, None)
}

#[cfg(test)]
#[path = "bands_tests.rs"]
mod tests;
