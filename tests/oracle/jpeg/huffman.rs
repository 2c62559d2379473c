//! Huffman tables (T.81 Annex C) and the bits they are read from (T.81 F.2.2.3 to F.2.2.5).

use super::super::{Fault, fault, require};

/// A Huffman table, kept as Annex C gives it: for each code length the first code and the symbols in order of their codes.
#[derive(Debug, Clone)]
pub struct Table {
    /// Where the table stands in the file: the byte that names its class and destination.
    pub offset: usize,
    /// `lengths[n - 1]` belongs to the codes of n bits.
    lengths: Vec<CodesOfOneLength>,
}

#[derive(Debug, Clone)]
struct CodesOfOneLength {
    first_code: u32,
    symbols: Vec<u8>,
}

impl Table {
    /// Assigns the codes (T.81 C.2, Figures C.1 and C.2) and refuses tables that no encoder may write.
    pub fn new(offset: usize, counts: &[u8; 16], symbols: &[u8]) -> Result<Self, Fault> {
        let mut lengths = Vec::new();
        let mut rest = symbols;
        let mut code = 0u32;
        for (index, &count) in counts.iter().enumerate() {
            let length = index + 1;
            let (these, others) = rest.split_at_checked(count.into()).ok_or_else(|| Fault {
                offset,
                what: "Huffman table with fewer symbols than codes".into(),
            })?;
            let after = code + u32::from(count);
            let at = offset + length;
            require(
                after <= 1 << length,
                at,
                format_args!(
                    "over-subscribed Huffman table: no {count} codes of {length} bits are left"
                ),
            )?;
            // T.81 C.2: "the codes shall be generated such that the all-1-bits code word of any length is reserved".
            require(
                count == 0 || after < 1 << length,
                at,
                format_args!("Huffman table with the all-ones code of {length} bits"),
            )?;
            lengths.push(CodesOfOneLength {
                first_code: code,
                symbols: these.to_vec(),
            });
            rest = others;
            code = after << 1;
        }
        Ok(Self { offset, lengths })
    }

    pub fn symbols(&self) -> impl Iterator<Item = u8> {
        self.lengths.iter().flat_map(|l| l.symbols.iter().copied())
    }

    /// T.81 F.2.2.3, procedure DECODE: takes bit after bit until the bits are a code.
    pub fn decode(&self, bits: &mut Bits) -> Result<u8, Fault> {
        let start = bits.offset();
        let mut code = 0;
        for codes in &self.lengths {
            code = code << 1 | bits.next_bit()?;
            let symbol = code
                .checked_sub(codes.first_code)
                .and_then(|index| codes.symbols.get(index as usize));
            if let Some(&symbol) = symbol {
                return Ok(symbol);
            }
        }
        fault(start, format_args!("unknown Huffman code {code:016b}"))
    }
}

/// The bits of one restart interval, with the zero byte after each 0xFF left out (T.81 F.1.2.3, F.2.2.5).
pub struct Bits<'a> {
    bytes: &'a [u8],
    /// The next byte to take bits from.
    position: usize,
    /// One past the interval's last byte.
    end: usize,
    current: u8,
    /// How many bits of `current` have not been taken.
    left: u32,
    /// Where `current` stands in the file.
    current_offset: usize,
}

impl<'a> Bits<'a> {
    pub fn new(bytes: &'a [u8], interval: std::ops::Range<usize>) -> Self {
        Self {
            bytes,
            position: interval.start,
            end: interval.end,
            current: 0,
            left: 0,
            current_offset: interval.start,
        }
    }

    /// The offset of the byte that holds the next bit.
    pub fn offset(&self) -> usize {
        if self.left > 0 {
            self.current_offset
        } else {
            self.position
        }
    }

    /// T.81 F.2.2.5, procedure NEXTBIT: the most significant bit of a byte comes first.
    pub fn next_bit(&mut self) -> Result<u32, Fault> {
        if self.left == 0 {
            if self.position >= self.end {
                return fault(self.end, "missing data: the restart interval ends too soon");
            }
            self.current = self.bytes[self.position];
            self.current_offset = self.position;
            // Every 0xFF inside an interval is followed by its stuffed zero: that is how the intervals were found.
            self.position += if self.current == 0xFF { 2 } else { 1 };
            self.left = 8;
        }
        self.left -= 1;
        Ok(u32::from(self.current >> self.left & 1))
    }

    /// T.81 F.2.2.4, procedure RECEIVE.
    pub fn receive(&mut self, count: u8) -> Result<u32, Fault> {
        let mut value = 0;
        for _ in 0..count {
            value = value << 1 | self.next_bit()?;
        }
        Ok(value)
    }

    /// T.81 F.2.2.1, procedures RECEIVE and EXTEND: a value of magnitude category `category`, at most 15.
    pub fn receive_and_extend(&mut self, category: u8) -> Result<i32, Fault> {
        if category == 0 {
            return Ok(0);
        }
        let value = self.receive(category)? as i32;
        let smallest_positive = 1 << (category - 1);
        Ok(if value < smallest_positive {
            value - (1 << category) + 1
        } else {
            value
        })
    }

    /// T.81 F.1.2.3: the incomplete last byte is filled with 1-bits, and nothing comes after it.
    pub fn finish(&self) -> Result<(), Fault> {
        for place in 0..self.left {
            require(
                self.current >> place & 1 == 1,
                self.current_offset,
                "padding bits that are not all ones",
            )?;
        }
        require(
            self.position >= self.end,
            self.position,
            format_args!(
                "left-over data: {} bytes after the last block of the restart interval",
                self.end.saturating_sub(self.position)
            ),
        )
    }
}
