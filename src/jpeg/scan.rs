//! What a scan codes and with which tables, and how its MCUs fall into restart intervals.

use std::rc::Rc;

use super::container::Interval;
use super::huffman::Table;

/// The five ways in which a scan codes its blocks (T.81 F.1 and G.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Sequential,
    DcFirst,
    DcRefine,
    AcFirst,
    AcRefine,
}

/// A component as a scan codes it.
#[derive(Clone, Debug)]
pub(super) struct Part {
    /// Index of the component in the frame.
    pub(super) component: usize,
    /// Blocks of it in an MCU, across and down: its sampling factors, or 1 in a scan of its own.
    pub(super) h: u32,
    pub(super) v: u32,
    /// Tables, where the kind of scan needs them.
    pub(super) dc: Option<Rc<Table>>,
    pub(super) ac: Option<Rc<Table>>,
    /// Quantiser elements in zigzag order, as they stood at the component's first scan.
    pub(super) quantiser: Rc<[u16; 64]>,
}

/// A scan header, made sense of.
#[derive(Clone, Debug)]
pub(super) struct Scan {
    pub(super) kind: Kind,
    pub(super) parts: Vec<Part>,
    /// Ss, Se: the first and the last coefficient of the band.
    pub(super) spectral_start: usize,
    pub(super) spectral_end: usize,
    /// Ah, Al.
    pub(super) approximation_high: u8,
    pub(super) approximation_low: u8,
    /// MCUs across and in all.
    pub(super) mcus_wide: u32,
    pub(super) mcus: u32,
    /// MCUs in a restart interval; 0 for none (B.2.4.4).
    pub(super) restart_interval: u32,
    /// Index of its coded data among the pieces.
    pub(super) piece: usize,
}

impl Scan {
    /// Number of restart intervals that the scan has to have.
    pub(super) fn expected_intervals(&self) -> u32 {
        match self.restart_interval {
            0 => 1,
            each => self.mcus.div_ceil(each),
        }
    }

    /// MCUs of restart interval `index`.
    pub(super) fn interval_mcus(&self, index: u32) -> std::ops::Range<u32> {
        match self.restart_interval {
            0 => 0..self.mcus,
            each => {
                let first = u64::from(index) * u64::from(each);
                let end = first + u64::from(each);
                first.min(u64::from(self.mcus)) as u32..end.min(u64::from(self.mcus)) as u32
            }
        }
    }

    /// Blocks that the scan codes.
    pub(super) fn blocks(&self) -> u64 {
        let each: u32 = self.parts.iter().map(|part| part.h * part.v).sum();
        u64::from(self.mcus) * u64::from(each)
    }

    /// Whether it codes DC coefficients as differences.
    pub(super) fn codes_dc(&self) -> bool {
        matches!(self.kind, Kind::Sequential | Kind::DcFirst)
    }

    /// Whether the restart intervals are as many as they should be, with markers in order.
    pub(super) fn is_regular(&self, intervals: &[Interval]) -> bool {
        let in_order = |(index, interval): (usize, &Interval)| match interval.restart {
            Some(number) => usize::from(number) == index % 8 && index + 1 < intervals.len(),
            None => index + 1 == intervals.len(),
        };
        intervals.len() as u64 == u64::from(self.expected_intervals())
            && intervals.iter().enumerate().all(in_order)
    }
}
