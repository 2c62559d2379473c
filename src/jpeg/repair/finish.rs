//! How a block can be brought to an end with the symbols that a table happens to hold. Optimised
//! tables may lack EOB: where every block of a picture is full, no encoder needs it.

use super::super::huffman::Table;
use super::rules::{AC_SIZE, EOB, ZRL};

/// By coefficient: the symbol that ends the block from there on, in as few and as small steps as
/// can be.
#[derive(Clone)]
pub(super) struct Finish {
    symbols: [Option<u8>; 65],
    /// Just past the last coefficient of the band.
    end: usize,
}

impl Finish {
    /// For a band from `start` to `last`, EOB (of a single block) used if the table has it.
    pub(super) fn new(table: &Table, start: usize, last: usize) -> Self {
        let mut finish = Finish {
            symbols: [None; 65],
            end: last + 1,
        };
        if table.has(EOB) {
            finish.symbols[start..=last].fill(Some(EOB));
            return finish;
        }
        // Backwards: the cost of ending from each place, by the cheapest first step. A coefficient
        // costs its magnitude, so that the picture is disturbed as little as can be.
        let mut costs = [u64::MAX; 65];
        costs[last + 1] = 0;
        for k in (start..=last).rev() {
            for symbol in (0..=255_u8).filter(|&symbol| table.has(symbol)) {
                let size = u32::from(symbol & 15);
                let next = k + usize::from(symbol >> 4) + 1;
                let inner = symbol == ZRL && next <= last;
                let codes = (1..=AC_SIZE).contains(&size) && next <= last + 1;
                if !(inner || codes) || costs[next] == u64::MAX {
                    continue;
                }
                let cost = costs[next] + if size == 0 { 1 } else { 4 << size };
                if cost < costs[k] {
                    costs[k] = cost;
                    finish.symbols[k] = Some(symbol);
                }
            }
        }
        finish
    }

    /// The symbol to write at `k`.
    pub(super) fn symbol(&self, k: usize) -> Option<u8> {
        self.symbols.get(k).copied().flatten()
    }

    /// Whether a block that is coded up to before `k` can be ended.
    #[inline(always)]
    pub(super) fn reaches(&self, k: usize) -> bool {
        k == self.end || matches!(self.symbols.get(k), Some(Some(_)))
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::huffman::Spec;
    use super::*;

    fn table(symbols: &[u8]) -> Table {
        let mut counts = [0; 16];
        counts[7] = symbols.len() as u8;
        Table::new(&Spec {
            counts,
            symbols: symbols.to_vec(),
            offset: 0,
        })
        .unwrap()
    }

    #[test]
    fn eob_ends_from_anywhere() {
        let finish = Finish::new(&table(&[0x00, 0x01]), 1, 63);
        assert!((1..64).all(|k| finish.symbol(k) == Some(EOB)));
    }

    #[test]
    fn without_eob_every_way_ends_at_the_last_coefficient() {
        for symbols in [
            &[0x01_u8][..],
            &[0x02, 0x61],
            &[0xF0, 0xE3, 0x01],
            &[0x21, 0x41],
        ] {
            let finish = Finish::new(&table(symbols), 1, 63);
            for start in (1..64).filter(|&k| finish.reaches(k)) {
                let mut k = start;
                while k < 64 {
                    k += usize::from(finish.symbol(k).unwrap() >> 4) + 1;
                }
                assert_eq!(k, 64, "{symbols:x?} from {start}");
            }
            assert!(finish.reaches(1), "{symbols:x?}");
        }
    }

    #[test]
    fn places_without_a_way_are_known() {
        let finish = Finish::new(&table(&[0x21]), 1, 63);
        assert!(finish.reaches(1) && finish.reaches(4) && finish.reaches(64));
        assert!(!finish.reaches(2) && !finish.reaches(63));
        assert!(!Finish::new(&table(&[0xF0]), 1, 63).reaches(1));
    }
}
