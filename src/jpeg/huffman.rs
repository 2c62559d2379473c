//! Huffman tables (T.81 annex C and F.2.2.3), for reading and for writing.

/// BITS and HUFFVAL of a DHT segment (B.2.4.2).
#[derive(Clone, Debug)]
pub(super) struct Spec {
    /// Number of codes of each length, 1 to 16 bits.
    pub(super) counts: [u8; 16],
    /// The symbols, in order of their codes.
    pub(super) symbols: Vec<u8>,
    /// Where the table is defined, in bytes from the start of the file.
    pub(super) offset: usize,
}

/// Codes of up to this many bits are found by one look-up.
const LOOK_UP: u32 = 11;

/// A table ready for use.
#[derive(Debug)]
pub(super) struct Table {
    /// By the next [`LOOK_UP`] bits: code length in the high byte, symbol in the low one; 0 where
    /// the code is longer or there is none.
    look_up: Box<[u16; 1 << LOOK_UP]>,
    /// By code length: the first value of 16 bits that is above all codes of up to that length.
    above: [u32; 17],
    /// By code length: what to add to a code of that length to get the index of its symbol.
    index: [i32; 17],
    symbols: Vec<u8>,
    /// By symbol: its code and the length of that; length 0 where the table lacks it.
    codes: [(u16, u8); 256],
}

impl Table {
    /// Assigns the codes (C.2). Fails where the lengths ask for more codes than there are.
    pub(super) fn new(spec: &Spec) -> Result<Table, &'static str> {
        let mut table = Table {
            symbols: spec.symbols.clone(),
            ..Table::empty()
        };
        let (mut code, mut next) = (0_u32, 0_usize);
        for len in 1..=16_u32 {
            let count = usize::from(spec.counts[len as usize - 1]);
            table.index[len as usize] = next as i32 - code as i32;
            for &symbol in spec
                .symbols
                .get(next..next + count)
                .ok_or("too few symbols")?
            {
                if code >= 1 << len {
                    return Err("more codes of a length than there can be");
                }
                table.assign(symbol, code as u16, len);
                code += 1;
            }
            next += count;
            table.above[len as usize] = code << (16 - len);
            code <<= 1;
        }
        Ok(table)
    }

    /// A table without codes.
    pub(super) fn empty() -> Table {
        Table {
            look_up: Box::new([0; 1 << LOOK_UP]),
            above: [0; 17],
            index: [0; 17],
            symbols: Vec::new(),
            codes: [(0, 0); 256],
        }
    }

    fn assign(&mut self, symbol: u8, code: u16, len: u32) {
        let known = &mut self.codes[usize::from(symbol)];
        if known.1 == 0 {
            *known = (code, len as u8);
        }
        if len <= LOOK_UP {
            let first = usize::from(code) << (LOOK_UP - len);
            self.look_up[first..first + (1 << (LOOK_UP - len))]
                .fill((len as u16) << 8 | u16::from(symbol));
        }
    }

    /// The symbol whose code the next 16 bits start with, and the length of that code. `None`
    /// where no code fits.
    #[inline(always)]
    pub(super) fn decode(&self, next: u32) -> Option<(u8, u32)> {
        let entry = self.look_up[(next >> (16 - LOOK_UP)) as usize & ((1 << LOOK_UP) - 1)];
        if entry != 0 {
            return Some((entry as u8, u32::from(entry >> 8)));
        }
        self.decode_long(next)
    }

    #[cold]
    fn decode_long(&self, next: u32) -> Option<(u8, u32)> {
        let len = (LOOK_UP + 1..=16).find(|&len| next < self.above[len as usize])?;
        let index = (next >> (16 - len)) as i32 + self.index[len as usize];
        Some((*self.symbols.get(usize::try_from(index).ok()?)?, len))
    }

    /// The code of a symbol and its length in bits, if the table has it.
    pub(super) fn code(&self, symbol: u8) -> Option<(u32, u32)> {
        let (code, len) = self.codes[usize::from(symbol)];
        (len > 0).then_some((u32::from(code), u32::from(len)))
    }

    pub(super) fn has(&self, symbol: u8) -> bool {
        self.codes[usize::from(symbol)].1 > 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn spec(counts: &[u8], symbols: &[u8]) -> Spec {
        let mut all = [0; 16];
        all[..counts.len()].copy_from_slice(counts);
        Spec {
            counts: all,
            symbols: symbols.to_vec(),
            offset: 0,
        }
    }

    #[test]
    fn codes_are_those_of_annex_k() {
        // Table K.3, luminance DC.
        let table = Table::new(&spec(
            &[0, 1, 5, 1, 1, 1, 1, 1, 1],
            &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11],
        ))
        .unwrap();
        assert_eq!(table.code(0), Some((0b00, 2)));
        assert_eq!(table.code(5), Some((0b110, 3)));
        assert_eq!(table.code(11), Some((0b1_1111_1110, 9)));
        assert_eq!(table.code(12), None);
        assert_eq!(table.decode(0b1111_1111_1000_0000), None);
    }

    #[test]
    fn too_many_codes_are_refused() {
        assert!(Table::new(&spec(&[3], &[0, 1, 2])).is_err());
        assert!(Table::new(&spec(&[2, 1], &[0, 1, 2])).is_err());
        assert!(Table::new(&spec(&[1, 1], &[0])).is_err());
        assert!(Table::new(&spec(&[2], &[0, 1])).is_ok());
        assert!(Table::new(&spec(&[], &[])).is_ok());
    }

    proptest! {
        #[test]
        fn a_code_written_is_the_symbol_read(lens in prop::collection::btree_map(any::<u8>(), 1_u32..=16, 1..100), tail in any::<u16>()) {
            let mut counts = [0_u8; 16];
            let mut room = 1_u64 << 16;
            let mut kept: Vec<(u32, u8)> = Vec::new();
            for (symbol, len) in lens {
                if room > 1 << (16 - len) {
                    room -= 1 << (16 - len);
                    kept.push((len, symbol));
                }
            }
            kept.sort_unstable();
            for (len, _) in &kept {
                counts[*len as usize - 1] += 1;
            }
            let symbols: Vec<u8> = kept.iter().map(|(_, symbol)| *symbol).collect();
            let table = Table::new(&spec(&counts, &symbols)).unwrap();
            for (len, symbol) in kept {
                let (code, coded) = table.code(symbol).unwrap();
                prop_assert_eq!(coded, len);
                let next = code << (16 - len) | u32::from(tail) & ((1 << (16 - len)) - 1);
                prop_assert_eq!(table.decode(next), Some((symbol, len)));
            }
        }
    }
}
