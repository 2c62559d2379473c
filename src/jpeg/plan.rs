//! The marker segments read in the order of the file (T.81 B.2.3 and B.2.4): which scans there are,
//! and which tables stand when each begins.

use std::rc::Rc;

use super::container::Piece;
use super::frame::{self, Frame, Process};
use super::huffman::{Spec, Table};
use super::scan::{Kind, Part, Scan};
use super::{marker, standard};
use crate::error::Error;
use crate::format::Format;

/// The frame and the scans of a picture.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) frame: Frame,
    pub(super) scans: Vec<Scan>,
}

/// More scans than this are an attack: the most that any useful progression needs is far below.
const MAX_SCANS: usize = 1000;

/// Reads the marker segments among the pieces.
pub(super) fn plan(input: &[u8], pieces: &[Piece]) -> Result<Plan, Error> {
    let mut planner = Planner::new(input);
    for (index, piece) in pieces.iter().enumerate() {
        match piece {
            Piece::Segment { code, body, .. } => {
                planner.segment(*code, body.start, &input[body.clone()], pieces)?;
            }
            Piece::Coded { .. } => planner.coded(index),
            Piece::Marker {
                code: marker::EOI,
                bytes,
            } if planner.scans.is_empty() => {
                return fault(bytes.start, "EOI before the first scan");
            }
            Piece::Marker {
                code: marker::SOI,
                bytes,
            } if index > 0 => {
                return fault(bytes.start, "a second SOI");
            }
            _ => {}
        }
    }
    match planner.frame {
        Some(frame) => Ok(Plan {
            frame,
            scans: planner.scans,
        }),
        None => fault(input.len(), "it has no frame header"),
    }
}

fn fault<T>(offset: usize, what: impl Into<std::borrow::Cow<'static, str>>) -> Result<T, Error> {
    Err(Error::malformed(Format::Jpeg, offset, what))
}

/// A table as last defined, and as made ready at its first use.
#[derive(Default)]
struct Slot {
    spec: Option<Spec>,
    table: Option<Rc<Table>>,
}

impl Slot {
    fn table(&mut self) -> Result<Option<Rc<Table>>, Error> {
        if let (None, Some(spec)) = (&self.table, &self.spec) {
            let table = Table::new(spec)
                .or_else(|what| fault(spec.offset, format!("a Huffman table with {what}")))?;
            self.table = Some(Rc::new(table));
        }
        Ok(self.table.clone())
    }
}

/// The slots of a class before any is defined: decoders take the tables of annex K for those that
/// no DHT segment defines.
fn standard_slots(class: u8) -> [Slot; 4] {
    std::array::from_fn(|slot| Slot {
        spec: standard::spec(class, slot),
        table: None,
    })
}

struct Planner<'a> {
    input: &'a [u8],
    frame: Option<Frame>,
    quantisers: [Option<Rc<[u16; 64]>>; 4],
    /// The quantiser that each component had at its first scan.
    latched: [Option<Rc<[u16; 64]>>; 4],
    dc: [Slot; 4],
    ac: [Slot; 4],
    restart_interval: u32,
    pending: Option<Scan>,
    scans: Vec<Scan>,
}

impl<'a> Planner<'a> {
    fn new(input: &'a [u8]) -> Self {
        Planner {
            input,
            frame: None,
            quantisers: Default::default(),
            latched: Default::default(),
            dc: standard_slots(0),
            ac: standard_slots(1),
            restart_interval: 0,
            pending: None,
            scans: Vec::new(),
        }
    }

    fn segment(
        &mut self,
        code: u8,
        offset: usize,
        body: &[u8],
        pieces: &[Piece],
    ) -> Result<(), Error> {
        if let Some(process) = frame::unsupported(code) {
            return Err(Error::unsupported(process));
        }
        match code {
            marker::SOF0..=marker::SOF2 if self.frame.is_some() => {
                fault(offset, "a second frame header")
            }
            marker::SOF0..=marker::SOF2 => {
                self.frame = Some(frame::parse(code, body, offset, lines(self.input, pieces))?);
                Ok(())
            }
            marker::DQT => self.quantisation_tables(offset, body),
            marker::DHT => self.huffman_tables(offset, body),
            marker::DRI => match body {
                [high, low] => {
                    self.restart_interval = u32::from(u16::from_be_bytes([*high, *low]));
                    Ok(())
                }
                _ => fault(offset, "a DRI segment that is not 4 bytes long"),
            },
            marker::SOS => {
                self.pending = Some(self.scan(offset, body)?);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn quantisation_tables(&mut self, offset: usize, mut body: &[u8]) -> Result<(), Error> {
        let whole = body.len();
        while let Some((&head, rest)) = body.split_first() {
            let at = offset + whole - body.len();
            let (precision, slot) = (head >> 4, usize::from(head & 15));
            if precision > 1 || slot > 3 {
                return fault(
                    at,
                    format!("quantisation table {slot} of precision {precision}"),
                );
            }
            let size = 64 * (usize::from(precision) + 1);
            let Some(elements) = rest.get(..size) else {
                return fault(at, "a quantisation table cut short");
            };
            let mut table = [0; 64];
            for (index, element) in table.iter_mut().enumerate() {
                *element = match precision {
                    0 => u16::from(elements[index]),
                    _ => u16::from_be_bytes([elements[index * 2], elements[index * 2 + 1]]),
                };
            }
            self.quantisers[slot] = Some(Rc::new(table));
            body = &rest[size..];
        }
        Ok(())
    }

    fn huffman_tables(&mut self, offset: usize, mut body: &[u8]) -> Result<(), Error> {
        let whole = body.len();
        while let Some((&head, rest)) = body.split_first() {
            let at = offset + whole - body.len();
            let (class, slot) = (head >> 4, usize::from(head & 15));
            if class > 1 || slot > 3 {
                return fault(at, format!("Huffman table {slot} of class {class}"));
            }
            let Some((counts, rest)) = rest.split_first_chunk::<16>() else {
                return fault(at, "a Huffman table cut short");
            };
            let total: usize = counts.iter().map(|&count| usize::from(count)).sum();
            let Some(symbols) = rest.get(..total).filter(|_| total <= 256) else {
                return fault(at, "a Huffman table cut short");
            };
            let spec = Some(Spec {
                counts: *counts,
                symbols: symbols.to_vec(),
                offset: at,
            });
            let slots = if class == 0 {
                &mut self.dc
            } else {
                &mut self.ac
            };
            slots[slot] = Slot { spec, table: None };
            body = &rest[total..];
        }
        Ok(())
    }

    fn scan(&mut self, offset: usize, body: &[u8]) -> Result<Scan, Error> {
        let Some(frame) = &self.frame else {
            return fault(offset, "a scan before the frame header");
        };
        let count = usize::from(body.first().copied().unwrap_or(0));
        if !(1..=4).contains(&count) || body.len() != count * 2 + 4 {
            return fault(
                offset,
                format!(
                    "a scan header of {} bytes for {count} components",
                    body.len()
                ),
            );
        }
        if self.scans.len() >= MAX_SCANS {
            return fault(offset, format!("more than {MAX_SCANS} scans"));
        }
        let band = &body[1 + count * 2..];
        let kind = kind(frame.process, band).or_else(|what| fault(offset + 1 + count * 2, what))?;
        let mut scan = Scan {
            kind,
            parts: Vec::with_capacity(count),
            spectral_start: usize::from(band[0]),
            spectral_end: usize::from(band[1]),
            approximation_high: band[2] >> 4,
            approximation_low: band[2] & 15,
            mcus_wide: frame.mcus_wide,
            mcus: frame.mcus_wide * frame.mcus_high,
            restart_interval: self.restart_interval,
            piece: 0,
        };
        if kind == Kind::Sequential {
            // Sequential scans code all in one: what decoders take the four bytes for (B.2.3).
            (scan.spectral_start, scan.spectral_end) = (0, 63);
            (scan.approximation_high, scan.approximation_low) = (0, 0);
        }
        if matches!(kind, Kind::AcFirst | Kind::AcRefine) && count != 1 {
            return fault(offset, "an AC scan of more than one component");
        }
        let selected: Vec<(u8, u8)> = body[1..=count * 2]
            .chunks_exact(2)
            .map(|pair| (pair[0], pair[1]))
            .collect();
        for (index, &(id, tables)) in selected.iter().enumerate() {
            let part = self.part(offset + 1 + index * 2, id, tables, kind)?;
            if scan
                .parts
                .iter()
                .any(|other| other.component == part.component)
            {
                return fault(
                    offset + 1 + index * 2,
                    format!("component {id} twice in a scan"),
                );
            }
            scan.parts.push(part);
        }
        self.fit(offset, &mut scan)?;
        Ok(scan)
    }

    /// Looks up a component of a scan and its tables.
    fn part(&mut self, offset: usize, id: u8, tables: u8, kind: Kind) -> Result<Part, Error> {
        let components = self
            .frame
            .as_ref()
            .map_or(&[][..], |frame| &frame.components);
        let Some(index) = components.iter().position(|component| component.id == id) else {
            return fault(
                offset,
                format!("a scan of component {id}, which the frame header lacks"),
            );
        };
        let component = &components[index];
        let (h, v, quantiser) = (component.h, component.v, component.quantiser);
        if self.latched[index].is_none() {
            self.latched[index] = self.quantisers[quantiser].clone();
        }
        let Some(quantiser) = self.latched[index].clone() else {
            return fault(
                offset,
                format!("component {id} uses quantisation table {quantiser}, which is not there"),
            );
        };
        let slot = |slots: &mut [Slot; 4], which: u8, class: &str| {
            let table = slots
                .get_mut(usize::from(which))
                .map_or(Ok(None), Slot::table)?;
            match table {
                Some(table) => Ok(Some(table)),
                None => fault(
                    offset + 1,
                    format!(
                        "component {id} uses {class} Huffman table {which}, which is not there"
                    ),
                ),
            }
        };
        let dc = match kind {
            Kind::Sequential | Kind::DcFirst => slot(&mut self.dc, tables >> 4, "DC")?,
            _ => None,
        };
        let ac = match kind {
            Kind::Sequential | Kind::AcFirst | Kind::AcRefine => {
                slot(&mut self.ac, tables & 15, "AC")?
            }
            _ => None,
        };
        Ok(Part {
            component: index,
            h,
            v,
            dc,
            ac,
            quantiser,
        })
    }

    /// Works out the MCUs of a scan (A.2): one block each in a scan of one component.
    fn fit(&self, offset: usize, scan: &mut Scan) -> Result<(), Error> {
        let components = self
            .frame
            .as_ref()
            .map_or(&[][..], |frame| &frame.components);
        if let [part] = scan.parts.as_mut_slice() {
            let component = &components[part.component];
            (part.h, part.v) = (1, 1);
            scan.mcus_wide = component.blocks_wide;
            scan.mcus = component.blocks_wide * component.blocks_high;
            return Ok(());
        }
        let blocks: u32 = scan.parts.iter().map(|part| part.h * part.v).sum();
        if blocks > 10 {
            return fault(
                offset,
                format!("sampling factors that make MCUs of {blocks} blocks (10 can be)"),
            );
        }
        Ok(())
    }

    fn coded(&mut self, piece: usize) {
        if let Some(scan) = self.pending.take() {
            self.scans.push(Scan { piece, ..scan });
        }
    }
}

/// Which kind of scan Ss, Se, Ah and Al ask for (G.1.1.1).
fn kind(process: Process, band: &[u8]) -> Result<Kind, String> {
    let &[start, end, approximation, ..] = band else {
        return Err("a scan header cut short".into());
    };
    if process != Process::Progressive {
        return Ok(Kind::Sequential);
    }
    let (high, low) = (approximation >> 4, approximation & 15);
    let refines = high > 0;
    if start > end || end > 63 || (start == 0 && end > 0) {
        return Err(format!("a spectral selection of {start} to {end}"));
    }
    if low > 13 || (refines && high != low + 1) {
        return Err(format!("a successive approximation from {high} to {low}"));
    }
    Ok(match (start, refines) {
        (0, false) => Kind::DcFirst,
        (0, true) => Kind::DcRefine,
        (_, false) => Kind::AcFirst,
        (_, true) => Kind::AcRefine,
    })
}

/// The number of lines that a DNL segment behind the first scan gives (B.2.5).
fn lines(input: &[u8], pieces: &[Piece]) -> Option<u32> {
    let first = pieces
        .iter()
        .position(|piece| matches!(piece, Piece::Coded { .. }))?;
    match pieces.get(first + 1)? {
        Piece::Segment {
            code: marker::DNL,
            body,
            ..
        } => {
            let body = input.get(body.clone())?;
            (body.len() == 2).then(|| u32::from(u16::from_be_bytes([body[0], body[1]])))
        }
        _ => None,
    }
}
