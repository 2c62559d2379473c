//! The short way through many MCUs of a first scan of DC coefficients, in none of which anything is
//! to be replaced.

use super::super::bits::Reader;
use super::super::chunk::{Bits, Chunk, ChunkBits};
use super::super::scan::Part;
use super::blocks::Blocks;
use super::dc::DcCoder;

/// Fewer MCUs are not worth a chunk: restart intervals may be as short as that.
const FEW: u32 = 4;

/// A first scan of DC coefficients of which MCUs are passed over.
pub(super) struct DcMcus<'s> {
    coders: &'s [DcCoder],
    parts: &'s [Part],
    /// MCUs across.
    wide: u32,
    changed_from: u64,
    /// None as long as there was no use for it.
    chunk: Option<Chunk>,
}

impl<'s> DcMcus<'s> {
    pub(super) fn new(
        coders: &'s [DcCoder],
        (parts, wide): (&'s [Part], u32),
        changed_from: u64,
    ) -> Self {
        DcMcus {
            coders,
            parts,
            wide: wide.max(1),
            changed_from,
            chunk: None,
        }
    }

    /// Passes over up to `most` MCUs from one on that end at bit `until` at the latest: as many as it
    /// is sure of, and as are near. Tells how many.
    pub(super) fn pass(
        &mut self,
        (reader, until): (&mut Reader<'_>, u64),
        (predictions, blocks): (&mut [i32; 4], &mut Blocks),
        (first, most): (u32, u32),
    ) -> u32 {
        if until <= reader.position() || most < FEW {
            return 0;
        }
        let mut chunk = self.chunk.take().unwrap_or_else(Chunk::new);
        let passed = chunk.pass(reader, until, |bits, end| {
            for count in 0..most {
                let mut next = (bits.clone(), *predictions);
                let mcu = first + count;
                if let Err(stopped_at) = self.mcu(&mut next, (blocks, mcu), end) {
                    return (count, Some(stopped_at));
                }
                (*bits, *predictions) = next;
            }
            (most, None)
        });
        self.chunk = Some(chunk);
        passed
    }

    /// Passes over an MCU; tells where it stopped if it is not sure of it, or did not get to the end.
    /// What it noted of blocks by then is as the long way notes it.
    #[inline(always)]
    fn mcu(
        &self,
        (bits, predictions): &mut (ChunkBits<'_>, [i32; 4]),
        (blocks, mcu): (&mut Blocks, u32),
        end: u64,
    ) -> Result<(), u64> {
        let (column, row) = (mcu % self.wide, mcu / self.wide);
        let parts = self.coders.iter().zip(self.parts);
        for ((coder, part), prediction) in parts.zip(predictions) {
            for y in row * part.v..(row + 1) * part.v {
                for x in column * part.h..(column + 1) * part.h {
                    bits.fill();
                    let sum = coder.sound_sum(bits, *prediction);
                    let at = bits.position();
                    let Some(sum) = sum.filter(|_| at <= end) else {
                        return Err(at);
                    };
                    *prediction = sum;
                    if let (Some(mask), Some(load)) = blocks.get(part.component, (x, y)) {
                        *load = coder.load_after(sum);
                        *mask |= u64::from(at > self.changed_from);
                    }
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use proptest::prelude::*;

    use super::super::super::huffman::{Spec, Table};
    use super::super::super::scan::{Kind, Scan};
    use super::super::super::span::Span;
    use super::super::Range;
    use super::super::scan_walk::{Course, ScanWalk, State};
    use super::super::walk::{Output, Silent, Tap, Walk};
    use super::*;
    use crate::cancel::Cancel;

    /// Two codes of each length from 2 on, four of the last: nearly all data are codes of it. Two of
    /// them are of sizes that no difference has.
    fn table() -> Rc<Table> {
        let mut counts = [0; 16];
        counts[1..6].fill(2);
        counts[6] = 4;
        let symbols = vec![3, 4, 2, 5, 1, 0, 6, 7, 8, 9, 10, 11, 12, 200];
        let spec = Spec {
            counts,
            symbols,
            offset: 0,
        };
        Rc::new(Table::new(&spec).unwrap())
    }

    /// Luma of four blocks an MCU, of which the blocks are kept, and chroma of one.
    fn scan((wide, high): (u32, u32), q: u16, point: u8) -> Scan {
        let part = |component, side| Part {
            component,
            h: side,
            v: side,
            dc: Some(table()),
            ac: None,
            quantiser: Rc::new([q; 64]),
        };
        Scan {
            kind: Kind::DcFirst,
            parts: vec![part(0, 2), part(1, 1)],
            spectral_start: 0,
            spectral_end: 0,
            approximation_high: 0,
            approximation_low: point,
            mcus_wide: wide,
            mcus: wide * high,
            restart_interval: 0,
            piece: 0,
        }
    }

    /// What is known behind a walk over all of a scan.
    type Known = (u64, [i32; 4], Vec<(u64, u16)>);

    fn walked<O: Output>(scan: &Scan, bytes: &[u8], changed_from: u64, out: O) -> Known {
        let cancel = Cancel::default();
        let walker = ScanWalk::new(scan, Range::Drawn, &cancel);
        let spans = [Span::Plain(bytes)];
        let mut walk = Walk::new(Reader::new(&spans), out, changed_from);
        let (wide, all) = (scan.mcus_wide * 2, scan.mcus * 4);
        let mut blocks = Blocks::of(wide, vec![(0, 0); all as usize]);
        let (mut state, course) = (State::default(), Course::to_end(0..scan.mcus));
        let known = (&mut state, &mut blocks);
        let end = walker.run(&mut walk, known, (&course, u64::MAX), |_| false);
        assert_eq!(end, Ok(scan.mcus));
        let known = (0..all).map(|at| match blocks.get(0, (at % wide, at / wide)) {
            (Some(mask), Some(load)) => (*mask, *load),
            _ => unreachable!("they are kept"),
        });
        let known = known.collect();
        (walk.reader.position(), state.predictions, known)
    }

    proptest! {
        /// What taps coefficients goes the long way.
        #[test]
        fn the_short_way_ends_where_the_long_one_does(
            bytes in prop::collection::vec(any::<u8>(), 0..4000),
            size in (1_u32..40, 1_u32..40),
            q in 1_u16..60,
            point in 0_u8..3,
            changed_from in prop_oneof![Just(0), Just(u64::MAX), 0_u64..30_000],
        ) {
            let scan = scan(size, q, point);
            let short = walked(&scan, &bytes, changed_from, Silent);
            let long = walked(&scan, &bytes, changed_from, Tap::new(Silent));
            prop_assert_eq!(short, long);
        }
    }

    /// Else the test above would not see it.
    #[test]
    fn much_is_passed_over() {
        let scan = scan((20, 20), 1, 0);
        // The code of size 3 and its bits, then those of size 4: 1, and 4 and -4 by turns.
        let bytes = [0b0010_0010, 0b0001_1001].repeat(2000);
        let spans = [Span::Plain(&bytes)];
        let coder = |part: &Part| {
            let table = part.dc.clone().unwrap();
            DcCoder::new(table, &part.quantiser, 0, Range::Drawn)
        };
        let coders: Vec<_> = scan.parts.iter().map(coder).collect();
        let mut mcus = DcMcus::new(&coders, (&scan.parts, 20), u64::MAX);
        let mut reader = Reader::new(&spans);
        let mut blocks = Blocks::of(40, vec![(0, 0); 1600]);
        let known = (&mut [0; 4], &mut blocks);
        let passed = mcus.pass((&mut reader, u64::MAX), known, (0, 400));
        assert!(passed > 50, "{passed} MCUs");
    }
}
