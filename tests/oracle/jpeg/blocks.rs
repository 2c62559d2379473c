//! The five ways to decode a block (T.81 F.2.2 and G.2). Coefficients are in zigzag order, index 0 is DC.

use super::super::{Fault, fault, require};
use super::ZeroRuns;
use super::huffman::Bits;
use super::progression::{Kind, Tables};
use super::segments::ScanHeader;

/// What the decoding of a block needs beside the tables, and what lasts from one block of an interval to the next.
pub struct BlockDecoder<'a> {
    pub bits: Bits<'a>,
    pub header: &'a ScanHeader,
    pub kind: Kind,
    /// Blocks of the EOB run that are still to come (T.81 G.1.2.2).
    pub eob_run: u32,
    pub zero_runs: ZeroRuns,
}

/// Figure G.7 writes ZRL only where a coefficient follows in the block.
const DANGLING: &str =
    "run of sixteen zeros without a new coefficient after it in a refinement scan";

impl BlockDecoder<'_> {
    /// Decodes one block into `block`; `prediction` is the component's last DC value.
    pub fn block(
        &mut self,
        tables: &Tables,
        prediction: &mut i32,
        block: &mut [i32; 64],
    ) -> Result<(), Fault> {
        match self.kind {
            Kind::Sequential => {
                self.dc_first(tables, prediction, block)?;
                self.ac_first(tables, block)
            }
            Kind::DcFirst => self.dc_first(tables, prediction, block),
            Kind::DcRefinement => self.dc_refinement(block),
            Kind::AcFirst => self.ac_first(tables, block),
            Kind::AcRefinement => self.ac_refinement(tables, block),
        }
    }

    /// T.81 F.2.2.1; with a point transform G.1.2.1.
    fn dc_first(
        &mut self,
        tables: &Tables,
        prediction: &mut i32,
        block: &mut [i32; 64],
    ) -> Result<(), Fault> {
        let start = self.bits.offset();
        let category = symbol(&tables.dc, &mut self.bits)?;
        *prediction += self.bits.receive_and_extend(category)?;
        block[0] = *prediction << self.header.approximation_low;
        dc_in_range(block[0], start)
    }

    /// T.81 G.1.2.1: the bit below, of the number in two's complement.
    fn dc_refinement(&mut self, block: &mut [i32; 64]) -> Result<(), Fault> {
        let start = self.bits.offset();
        block[0] |= (self.bits.next_bit()? as i32) << self.header.approximation_low;
        dc_in_range(block[0], start)
    }

    /// T.81 F.2.2.2 (Figure F.13), with EOB runs as in G.1.2.2. A sequential scan starts after its DC coefficient.
    fn ac_first(&mut self, tables: &Tables, block: &mut [i32; 64]) -> Result<(), Fault> {
        if self.eob_run > 0 {
            self.eob_run -= 1;
            return Ok(());
        }
        let mut k = self.header.spectral_start.max(1);
        let mut after_zero_run = false;
        while k <= self.header.spectral_end {
            let start = self.bits.offset();
            let (run, category) = run_and_category(symbol(&tables.ac, &mut self.bits)?);
            if category == 0 && run < 15 {
                self.zero_runs.before_end_of_block += u64::from(after_zero_run);
                self.eob_run = self.receive_eob_run(run)? - 1;
                return Ok(());
            }
            k += usize::from(run);
            self.inside_band(k, start)?;
            if category > 0 {
                let value = self.bits.receive_and_extend(category)?;
                block[k] = point_transformed(value, self.header.approximation_low, start)?;
            }
            after_zero_run = category == 0;
            k += 1;
        }
        self.zero_runs.at_end_of_band += u64::from(after_zero_run);
        Ok(())
    }

    /// T.81 G.1.2.3 (Figures G.7 to G.9): a run counts coefficients without history only, and each coefficient with a
    /// history that is passed over takes a correction bit.
    fn ac_refinement(&mut self, tables: &Tables, block: &mut [i32; 64]) -> Result<(), Fault> {
        let mut k = self.header.spectral_start;
        let mut after_zero_run = false;
        while self.eob_run == 0 && k <= self.header.spectral_end {
            let start = self.bits.offset();
            let (run, category) = run_and_category(symbol(&tables.ac, &mut self.bits)?);
            let mut value = 0;
            match category {
                0 if run < 15 => {
                    require(!after_zero_run, start, DANGLING)?;
                    self.eob_run = self.receive_eob_run(run)?;
                    break;
                }
                0 => {}
                1 => {
                    let sign = self.bits.receive_and_extend(1)?;
                    value = point_transformed(sign, self.header.approximation_low, start)?;
                }
                _ => {
                    return fault(
                        start,
                        format_args!("new coefficient of {category} bits in a refinement scan"),
                    );
                }
            }
            k = self.correct_over_run(k, run, block)?;
            self.inside_band(k, start)?;
            block[k] = value;
            after_zero_run = category == 0;
            k += 1;
        }
        if self.eob_run > 0 {
            self.eob_run -= 1;
            while k <= self.header.spectral_end {
                self.correct(&mut block[k])?;
                k += 1;
            }
        } else {
            require(!after_zero_run, self.bits.offset(), DANGLING)?;
        }
        Ok(())
    }

    /// Passes over `run` coefficients without history and those with one among and after them; returns the next one
    /// without, which is past the band if there is none.
    fn correct_over_run(
        &mut self,
        mut k: usize,
        mut run: u8,
        block: &mut [i32; 64],
    ) -> Result<usize, Fault> {
        while k <= self.header.spectral_end {
            if block[k] != 0 {
                self.correct(&mut block[k])?;
            } else if run == 0 {
                break;
            } else {
                run -= 1;
            }
            k += 1;
        }
        Ok(k)
    }

    /// The correction bit of a coefficient with a history: it adds to the magnitude.
    fn correct(&mut self, coefficient: &mut i32) -> Result<(), Fault> {
        if *coefficient != 0 {
            let bit = self.bits.next_bit()? as i32;
            *coefficient += coefficient.signum() * (bit << self.header.approximation_low);
        }
        Ok(())
    }

    /// T.81 Table G.1: EOBn is followed by n bits; the run has 2^n blocks and as many as those bits say, this one included.
    fn receive_eob_run(&mut self, n: u8) -> Result<u32, Fault> {
        Ok((1 << n) + self.bits.receive(n)?)
    }

    fn inside_band(&self, k: usize, start: usize) -> Result<(), Fault> {
        let end = self.header.spectral_end;
        require(
            k <= end,
            start,
            format_args!("run of zeros past Se: to coefficient {k}, and Se is {end}"),
        )
    }
}

fn symbol(table: &Option<super::huffman::Table>, bits: &mut Bits) -> Result<u8, Fault> {
    match table {
        Some(table) => table.decode(bits),
        None => fault(bits.offset(), "Huffman table that the scan does not have"),
    }
}

fn run_and_category(symbol: u8) -> (u8, u8) {
    (symbol >> 4, symbol & 15)
}

/// Quantised DC values of 8-bit samples have 11 bits and a sign (T.81 F.1.1.5, Table F.1).
fn dc_in_range(value: i32, start: usize) -> Result<(), Fault> {
    require(
        (-2047..=2047).contains(&value),
        start,
        format_args!("DC value {value} outside -2047 to 2047"),
    )
}

/// The value as it was before the point transform; AC values have at most 10 bits (T.81 Table F.2).
fn point_transformed(value: i32, approximation_low: u8, start: usize) -> Result<i32, Fault> {
    let value = value << approximation_low;
    require(
        value.abs() <= 1023,
        start,
        format_args!("AC value {value} of more than 10 bits"),
    )?;
    Ok(value)
}
