//! The short way through many MCUs of a sequential scan, in none of which anything is to be
//! replaced.

use super::super::bits::Reader;
use super::super::chunk::{Chunk, ChunkBits};
use super::super::scan::Part;
use super::rules::LOAD;
use super::sequential::BlockCoder;

/// A sequential scan of which MCUs are passed over.
pub(super) struct Mcus<'s> {
    coders: &'s [BlockCoder],
    parts: &'s [Part],
    /// Blocks that end behind this bit are held to their load.
    held_from: u64,
    chunk: Chunk,
}

impl<'s> Mcus<'s> {
    pub(super) fn new(coders: &'s [BlockCoder], parts: &'s [Part], changed_from: u64) -> Self {
        let first = coders.first();
        Mcus {
            coders,
            parts,
            held_from: first.map_or(0, |coder| coder.held_from(changed_from)),
            chunk: Chunk::new(),
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
        let from = reader.position();
        if until <= from || most == 0 {
            return 0;
        }
        let last = self.chunk.take(reader, until);
        let end = until.min(self.chunk.end);
        let mut bits = self.chunk.bits(from);
        let (mut count, mut stopped_at) = (0, None);
        while count < most {
            let (mut next, mut sums) = (bits.clone(), *predictions);
            let is_sound = self.mcu(&mut next, &mut sums).is_some();
            if !is_sound || next.position() > end {
                stopped_at = Some(next.position());
                break;
            }
            (bits, *predictions) = (next, sums);
            count += 1;
        }
        let to = bits.position();
        if last.position() <= to {
            *reader = last;
        }
        reader.skip_to(to);
        if let Some(at) = stopped_at {
            self.chunk.resize(at);
        }
        count
    }

    /// Passes over an MCU.
    #[inline(always)]
    fn mcu(&self, bits: &mut ChunkBits<'_>, predictions: &mut [i32; 4]) -> Option<()> {
        let parts = self.coders.iter().zip(self.parts);
        for ((coder, part), prediction) in parts.zip(predictions) {
            let sound = coder.sound.as_ref()?;
            for _ in 0..part.h * part.v {
                let (sum, load) = sound.block(&coder.dc, bits, *prediction)?;
                if load > LOAD && bits.position() > self.held_from {
                    return None;
                }
                *prediction = sum;
            }
        }
        Some(())
    }
}
