//! The short way through many MCUs of a sequential scan, in none of which anything is to be
//! replaced.

use super::super::bits::Reader;
use super::super::chunk::{Chunk, ChunkBits};
use super::super::scan::Part;
use super::rules::LOAD;
use super::sequential::BlockCoder;

/// Fewer MCUs are not worth a chunk: restart intervals may be as short as that.
const FEW: u32 = 2;

/// A sequential scan of which MCUs are passed over.
pub(super) struct Mcus<'s> {
    coders: &'s [BlockCoder],
    parts: &'s [Part],
    /// Blocks that end behind this bit are held to their load.
    held_from: u64,
    /// None as long as there was no use for it.
    chunk: Option<Chunk>,
}

impl<'s> Mcus<'s> {
    pub(super) fn new(coders: &'s [BlockCoder], parts: &'s [Part], changed_from: u64) -> Self {
        let first = coders.first();
        Mcus {
            coders,
            parts,
            held_from: first.map_or(0, |coder| coder.held_from(changed_from)),
            chunk: None,
        }
    }

    /// Passes over up to `most` MCUs that end at bit `until` at the latest: as many as it is sure of,
    /// and as are near. Tells how many.
    pub(super) fn pass(
        &mut self,
        reader: &mut Reader<'_>,
        predictions: &mut [i32; 4],
        (until, most): (u64, u32),
    ) -> u32 {
        if until <= reader.position() || most < FEW {
            return 0;
        }
        let Mcus { coders, parts, .. } = *self;
        let held_from = self.held_from;
        let chunk = self.chunk.get_or_insert_with(Chunk::new);
        chunk.pass(reader, until, |bits, end| {
            for count in 0..most {
                let (mut next, mut sums) = (bits.clone(), *predictions);
                let is_sound = mcu((coders, parts), held_from, &mut next, &mut sums).is_some();
                if !is_sound || next.position() > end {
                    return (count, Some(next.position()));
                }
                (*bits, *predictions) = (next, sums);
            }
            (most, None)
        })
    }
}

/// Passes over an MCU.
#[inline(always)]
fn mcu(
    (coders, parts): (&[BlockCoder], &[Part]),
    held_from: u64,
    bits: &mut ChunkBits<'_>,
    predictions: &mut [i32; 4],
) -> Option<()> {
    for ((coder, part), prediction) in coders.iter().zip(parts).zip(predictions) {
        let sound = coder.sound.as_ref()?;
        for _ in 0..part.h * part.v {
            let (sum, load) = sound.block(&coder.dc, bits, *prediction)?;
            if load > LOAD && bits.position() > held_from {
                return None;
            }
            *prediction = sum;
        }
    }
    Some(())
}
