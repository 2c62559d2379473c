//! One scan: where its restart intervals lie (T.81 B.1.1.5, E.2.4), and the order of its blocks (T.81 A.2).

use std::ops::Range;

use super::super::{Fault, fault, require};
use super::blocks::BlockDecoder;
use super::huffman::Bits;
use super::progression::{Kind, Tables};
use super::segments::ScanHeader;
use super::{Component, ZeroRuns};

/// The entropy-coded segments of a scan.
pub struct Entropy {
    /// One for each restart interval, without the RSTn markers.
    pub intervals: Vec<Range<usize>>,
    /// From the first byte to the marker that ends the scan, or to the fill bytes before it.
    pub range: Range<usize>,
}

/// Finds the end of the scan. Inside, 0xFF is followed by a stuffed zero or begins an RSTn marker (F.1.2.3, B.1.1.2).
pub fn split(bytes: &[u8], start: usize) -> Result<Entropy, Fault> {
    let mut intervals = Vec::new();
    let mut interval_start = start;
    let mut at = start;
    loop {
        let Some(distance) = bytes[at..].iter().position(|&byte| byte == 0xFF) else {
            return fault(bytes.len(), "the file ends inside a scan, without EOI");
        };
        at += distance;
        let Some(fill) = bytes[at + 1..].iter().position(|&byte| byte != 0xFF) else {
            return fault(bytes.len(), "the file ends inside a scan, without EOI");
        };
        let code_offset = at + 1 + fill;
        match bytes[code_offset] {
            0x00 => require(
                fill == 0,
                code_offset,
                "zero byte after more than one 0xFF: neither stuffing nor a marker",
            )?,
            code @ 0xD0..=0xD7 => {
                // E.1.4: m counts from 0 and starts again after 7.
                let due = intervals.len() % 8;
                require(
                    usize::from(code - 0xD0) == due,
                    at,
                    format_args!("RST{} where RST{due} is due", code - 0xD0),
                )?;
                intervals.push(interval_start..at);
                interval_start = code_offset + 1;
            }
            _ => {
                intervals.push(interval_start..at);
                return Ok(Entropy {
                    intervals,
                    range: start..at,
                });
            }
        }
        at = code_offset + 1;
    }
}

/// Everything that decoding a scan needs.
pub struct Scan<'a> {
    pub bytes: &'a [u8],
    pub header: &'a ScanHeader,
    pub kind: Kind,
    /// One for each component of the scan.
    pub tables: Vec<Tables>,
    pub entropy: &'a Entropy,
    /// In MCUs; 0: no restarts.
    pub restart_interval: u16,
}

impl Scan<'_> {
    /// Decodes every block, and holds each restart interval to its exact size.
    pub fn decode(&self, components: &mut [Component]) -> Result<ZeroRuns, Fault> {
        let mcus = self.mcus(components);
        let mcus_an_interval = match self.restart_interval {
            0 => mcus,
            interval => u64::from(interval),
        };
        self.require_interval_count(mcus.div_ceil(mcus_an_interval))?;
        let mut zero_runs = ZeroRuns::default();
        let mut first_mcu = 0;
        for interval in &self.entropy.intervals {
            let last_mcu = mcus.min(first_mcu + mcus_an_interval);
            let mut decoder = BlockDecoder {
                bits: Bits::new(self.bytes, interval.clone()),
                header: self.header,
                kind: self.kind,
                eob_run: 0,
                zero_runs: ZeroRuns::default(),
            };
            self.decode_interval(&mut decoder, first_mcu..last_mcu, components)?;
            zero_runs.at_end_of_band += decoder.zero_runs.at_end_of_band;
            zero_runs.before_end_of_block += decoder.zero_runs.before_end_of_block;
            first_mcu = last_mcu;
        }
        Ok(zero_runs)
    }

    /// T.81 E.2.4: the DC predictions are 0 again at the start of each interval, and no EOB run leads out of it.
    fn decode_interval(
        &self,
        decoder: &mut BlockDecoder,
        mcus: Range<u64>,
        components: &mut [Component],
    ) -> Result<(), Fault> {
        let mut predictions = vec![0; self.tables.len()];
        for mcu in mcus {
            for (place, tables) in self.tables.iter().enumerate() {
                let component = &mut components[self.header.components[place].index];
                for block in self.blocks_of(component, mcu) {
                    decoder.block(
                        tables,
                        &mut predictions[place],
                        &mut component.coefficients[block],
                    )?;
                }
            }
        }
        require(
            decoder.eob_run == 0,
            decoder.bits.offset(),
            format_args!(
                "EOB run that goes on for {} blocks after the restart interval",
                decoder.eob_run
            ),
        )?;
        decoder.bits.finish()
    }

    fn is_interleaved(&self) -> bool {
        self.header.components.len() > 1
    }

    /// T.81 A.2.2: an MCU of a scan of one component is one block, and only blocks that touch the picture are coded.
    /// A.2.3, A.2.4: an MCU of an interleaved scan is H x V blocks of each component, padded at the right and the bottom.
    fn mcus(&self, components: &[Component]) -> u64 {
        let first = &components[self.header.components[0].index];
        let blocks = if self.is_interleaved() {
            (first.blocks_wide / usize::from(first.h)) * (first.blocks_high / usize::from(first.v))
        } else {
            first.picture_blocks_wide * first.picture_blocks_high
        };
        blocks as u64
    }

    /// The component's blocks in one MCU, as indices into its coefficients, in their order.
    fn blocks_of(&self, component: &Component, mcu: u64) -> Vec<usize> {
        let mcu = mcu as usize;
        let wide = component.blocks_wide;
        if !self.is_interleaved() {
            let (x, y) = (
                mcu % component.picture_blocks_wide,
                mcu / component.picture_blocks_wide,
            );
            return vec![y * wide + x];
        }
        let (h, v) = (usize::from(component.h), usize::from(component.v));
        let mcus_wide = wide / h;
        let (left, top) = (mcu % mcus_wide * h, mcu / mcus_wide * v);
        (0..h * v)
            .map(|i| (top + i / h) * wide + left + i % h)
            .collect()
    }

    /// T.81 B.2.4.4, E.1.4: RSTn stand between intervals, not after the last one.
    fn require_interval_count(&self, due: u64) -> Result<(), Fault> {
        let got = self.entropy.intervals.len() as u64;
        require(
            got >= due,
            self.entropy.range.end,
            format_args!("scan with {got} restart intervals instead of {due}: RSTn missing"),
        )?;
        let last = self.entropy.intervals.get(due as usize - 1);
        require(
            got == due,
            last.map_or(self.entropy.range.end, |interval| interval.end),
            format_args!("scan with {got} restart intervals instead of {due}: RSTn too many"),
        )
    }
}
