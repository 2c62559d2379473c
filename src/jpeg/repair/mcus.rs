//! The short way through many MCUs of a sequential scan, in none of which anything is to be
//! replaced.

use super::super::bits::Reader;
use super::super::chunk::{Chunk, ChunkBits};
use super::super::scan::Part;
use super::rules::LOAD;
use super::sequential::BlockCoder;

/// A sequential scan of which MCUs are passed over.
#[derive(Clone, Copy)]
pub(super) struct Mcus<'s> {
    pub(super) coders: &'s [BlockCoder],
    pub(super) parts: &'s [Part],
    /// Blocks that end behind this bit are held to their load.
    pub(super) held_from: u64,
}

impl Mcus<'_> {
    /// Passes over up to `most` MCUs that end at bit `until` at the latest: as many as it is sure of,
    /// and as are near. Tells how many.
    pub(super) fn pass(
        &self,
        reader: &mut Reader<'_>,
        predictions: &mut [i32; 4],
        (until, most): (u64, u32),
    ) -> u32 {
        let from = reader.position();
        if until <= from || most == 0 {
            return 0;
        }
        let chunk = Chunk::of(reader);
        let until = until.min(chunk.end);
        let mut bits = chunk.bits(from);
        let mut count = 0;
        while count < most {
            let (mut next, mut sums) = (bits.clone(), *predictions);
            if self.mcu(&mut next, &mut sums).is_none() || next.position() > until {
                break;
            }
            (bits, *predictions) = (next, sums);
            count += 1;
        }
        chunk.lead(reader, bits.position());
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
