//! Where the additional bits of AC coefficients stand: what can be changed without touching a code.

use std::ops::Range;
use std::rc::Rc;

use super::super::Jpeg;
use super::super::bits::Reader;
use super::super::ecs;
use super::super::grid::InCells;
use super::super::huffman::Table;
use super::super::scan::{Kind, Part, Scan};
use super::marks::{Mark, ScanMarks};
use super::rules::{AC_SIZE, EOB, ZRL};
use crate::mosaic::Amplitude;

/// Reads on through coded data that are known to be in order.
struct Finder<'s> {
    scan: &'s Scan,
    reader: Reader<'s>,
    lane: usize,
    /// Blocks that an EOB run still covers.
    eob_run: u32,
    found: Vec<Amplitude>,
}

/// The amplitudes of the first scans of some columns of a row of cells. Data that are out of order
/// have none.
pub(in crate::jpeg) fn amplitudes(
    jpeg: &Jpeg<'_>,
    marks: &[ScanMarks],
    (row, columns): (u32, &Range<u32>),
) -> Vec<Amplitude> {
    let mut found = Vec::new();
    let scans = jpeg.plan.scans.iter().zip(marks).enumerate();
    for (index, (scan, marks)) in scans.filter(|(_, (_, marks))| marks.is_sound()) {
        let has_amplitudes = matches!(scan.kind, Kind::Sequential | Kind::AcFirst);
        if !has_amplitudes || !jpeg.bounds.hits_scan(index) {
            continue;
        }
        let in_cells = InCells::new(&jpeg.plan.frame, scan);
        let assigned = ecs::assign(scan, ecs::intervals(&jpeg.pieces, scan));
        for (slot, interval) in in_cells
            .slots(row, scan)
            .filter_map(|slot| Some((slot, (*assigned.get(slot)?)?)))
        {
            let lane = jpeg.coded.lane(index, interval);
            let Some(marks) = marks.intervals.get(slot) else {
                continue;
            };
            for pair in marks
                .windows(2)
                .filter(|pair| in_cells.cell(pair[0].mcu).1 == row)
            {
                let spans = jpeg.coded.original_from(lane, pair[0].bit);
                let mut finder = Finder {
                    scan,
                    reader: Reader::starting(&spans, pair[0].bit),
                    lane,
                    eob_run: pair[0].eob_run(),
                    found: std::mem::take(&mut found),
                };
                let is_wanted = |mcu| columns.contains(&in_cells.cell(mcu).0);
                // Data that end early end the search.
                let _ = finder.mcus(pair, |part, mcu| {
                    jpeg.bounds.channels.has(part.component) && is_wanted(mcu)
                });
                found = finder.found;
            }
        }
    }
    found
}

impl Finder<'_> {
    fn mcus(&mut self, pair: &[Mark], is_wanted: impl Fn(&Part, u32) -> bool) -> Option<()> {
        let scan = self.scan;
        for mcu in pair[0].mcu..pair[1].mcu {
            for part in &scan.parts {
                let before = self.found.len();
                for _ in 0..part.h * part.v {
                    self.block(part)?;
                }
                if !is_wanted(part, mcu) {
                    self.found.truncate(before);
                }
            }
        }
        Some(())
    }

    fn block(&mut self, part: &Part) -> Option<()> {
        if self.scan.kind == Kind::Sequential {
            let size = self.symbol(part.dc.as_ref()?)?;
            self.reader.consume(u32::from(size));
        }
        if self.eob_run > 0 {
            self.eob_run -= 1;
            return Some(());
        }
        let table = part.ac.as_ref()?;
        let mut k = self.scan.spectral_start.max(1);
        while k <= self.scan.spectral_end {
            let symbol = self.symbol(table)?;
            let (run, size) = (u32::from(symbol >> 4), u32::from(symbol & 15));
            match symbol {
                ZRL => k += 16,
                EOB if self.scan.kind == Kind::Sequential => return Some(()),
                _ if size == 0 => {
                    self.eob_run = (1 << run) - 1 + self.reader.peek(run);
                    self.reader.consume(run);
                    return Some(());
                }
                _ => {
                    k += run as usize + 1;
                    let bit = self.reader.position();
                    if size <= AC_SIZE {
                        self.found.push(Amplitude {
                            lane: self.lane,
                            bit,
                            len: size,
                        });
                    }
                    self.reader.consume(size);
                }
            }
        }
        Some(())
    }

    fn symbol(&mut self, table: &Rc<Table>) -> Option<u8> {
        self.reader.refill();
        let (symbol, len) = table.decode(self.reader.peek(16))?;
        self.reader.consume(len);
        (!self.reader.overrun()).then_some(symbol)
    }
}
