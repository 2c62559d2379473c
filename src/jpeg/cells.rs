//! The cells of a JPEG as passes change them.

use std::ops::Range;

use super::contained::check_marks;
use super::container::Piece;
use super::repair::amplitudes::amplitudes;
use super::repair::marks::marks;
use super::{Jpeg, marker, plan, repair};
use crate::document::Share;
use crate::error::Error;
use crate::lanes::{Spot, Store};
use crate::limits::Limits;
use crate::mosaic::{Amplitude, Cell, Field, Mosaic, Plane};

/// A lane, and a byte in it.
type Place = (usize, usize);

/// Bytes that are farther apart than this are patched each by itself.
const APART: usize = 64;

/// The bytes in which bits are inverted, in order, and which bits those are.
fn flipped(flips: &[(Amplitude, u32)]) -> Vec<(Place, u8)> {
    let mut bytes: Vec<(Place, u8)> = Vec::with_capacity(flips.len());
    for (amplitude, mask) in flips {
        for index in (0..amplitude.len)
            .rev()
            .filter(|index| mask >> index & 1 == 1)
        {
            let bit = amplitude.bit + u64::from(amplitude.len - 1 - index);
            let place = (amplitude.lane, (bit / 8) as usize);
            let inverted = 0x80 >> (bit % 8);
            match bytes.last_mut() {
                Some((last, mask)) if *last == place => *mask ^= inverted,
                _ => bytes.push((place, inverted)),
            }
        }
    }
    bytes.sort_by_key(|(place, _)| *place);
    bytes.dedup_by(|next, kept| {
        let is_same = next.0 == kept.0;
        kept.1 ^= if is_same { next.1 } else { 0 };
        is_same
    });
    bytes
}

impl Jpeg<'_> {
    /// The repaired file with its cells where passes put them; `None` if they are where they were.
    pub(super) fn placed(&self, repaired: &[u8]) -> Result<Option<(Vec<u8>, Share)>, Error> {
        if self.placement.is_plain() {
            return Ok(None);
        }
        // It is no larger than what was let in.
        let limits = Limits {
            bytes: usize::MAX,
            pixels: u64::MAX,
        };
        let mut jpeg = Jpeg::read(repaired, &limits, &self.cancel)?;
        jpeg.bounds = self.bounds.of_repaired();
        repair::place(&jpeg, self.placement.clone()).map(Some)
    }

    /// A header byte by its offset, as it is now.
    fn header_byte(&self, offset: usize) -> u8 {
        let now = self.header.get(&offset).copied();
        now.unwrap_or_else(|| self.input.get(offset).copied().unwrap_or_default())
    }

    /// The quantisation tables: where the elements of each start, and which slot it is for. Those
    /// of 16 bits (P = 1) are left out: hardly anything writes them for 8-bit samples.
    fn quantisation_tables(&self) -> Vec<(usize, usize)> {
        let mut tables = Vec::new();
        for piece in &self.pieces {
            let Piece::Segment {
                code: marker::DQT,
                body,
                ..
            } = piece
            else {
                continue;
            };
            let mut at = body.start;
            while at < body.end {
                let head = self.input[at];
                if head >> 4 == 0 && at + 65 <= body.end {
                    tables.push((at + 1, usize::from(head & 15)));
                }
                at += 1 + 64 * (usize::from(head >> 4) + 1);
            }
        }
        tables
    }

    /// What the components of a slot are, if any of them may change.
    fn plane(&self, slot: usize) -> Option<Plane> {
        let components = self.plan.frame.components.iter().enumerate();
        let mut users = components.filter(|(_, component)| component.quantiser == slot);
        let has_chroma = self.plan.frame.components.len() == 3;
        let (first, _) = users.find(|(index, _)| self.bounds.channels.has(*index))?;
        Some(match has_chroma && first > 0 {
            true => Plane::Chroma,
            false => Plane::Luma,
        })
    }
}

impl Mosaic for Jpeg<'_> {
    fn field(&self) -> Field {
        self.placement.field.clone()
    }

    fn line(&self, row: u32) -> u32 {
        super::grid::Grid::new(&self.plan.frame).line(row)
    }

    fn row(&self, row: u32) -> Vec<Cell> {
        self.placement.row(row)
    }

    fn set_row(&mut self, row: u32, cells: &[Cell]) {
        self.placement.set_row(row, cells);
    }

    fn components(&self) -> Vec<usize> {
        let all = 0..self.plan.frame.components.len().min(4);
        all.filter(|&component| self.bounds.channels.has(component))
            .collect()
    }

    fn tint(&mut self, cell: Cell, component: usize, levels: i32) {
        let reach = self.bounds.reach;
        self.placement.tint(cell, reach, (component, levels));
    }

    fn amplitudes(&mut self, row: u32, columns: Range<u32>) -> Vec<Amplitude> {
        if self.noted.is_none() {
            let noted = match &self.bounds.contained {
                Some(contained) => Ok(contained.marks.clone()),
                None => check_marks(self, 1).and_then(|()| marks(self, &[])),
            };
            // Where that fails there is nothing to be found: the picture is too large, or cancelled.
            self.noted = Some(noted.unwrap_or_default());
        }
        let marks = self.noted.as_deref().unwrap_or_default();
        amplitudes(self, marks, (row, &columns))
    }

    fn flip(&mut self, flips: &[(Amplitude, u32)]) -> Option<(Spot, usize)> {
        let places = flipped(flips);
        let first = places.first().map(|(place, _)| *place);
        let is_near = |(one, _): &(Place, u8), (other, _): &(Place, u8)| {
            one.0 == other.0 && other.1 - one.1 < APART
        };
        // One patch for what is close together: thousands of single bytes would take their time.
        for run in places.chunk_by(|one, other| is_near(one, other)) {
            let ((lane, at), (_, end)) = (run[0].0, run[run.len() - 1].0);
            let mut union = vec![0; end + 1 - at];
            self.coded.read(lane, at, &mut union);
            for ((_, place), mask) in run {
                union[place - at] ^= mask;
            }
            self.coded.write(lane, at, &union);
        }
        first.map(|(lane, at)| (self.coded_spot(lane, at), places.len()))
    }

    fn requantise(&mut self, change: &dyn Fn(Plane, &mut [u16; 64])) -> Option<(Spot, usize)> {
        let mut changed = Vec::new();
        for (start, slot) in self.quantisation_tables() {
            let Some(plane) = self.plane(slot) else {
                continue;
            };
            let mut table = std::array::from_fn(|k| u16::from(self.header_byte(start + k)));
            change(plane, &mut table);
            for (k, element) in table.iter().enumerate() {
                let element = (*element).clamp(1, 255) as u8;
                if self.header_byte(start + k) != element {
                    self.header.insert(start + k, element);
                    changed.push(start + k);
                }
            }
        }
        let first = changed.first().copied()?;
        let mut input = self.input.to_vec();
        for (&offset, &byte) in &self.header {
            input[offset] = byte;
        }
        // The same segments, with other numbers in them.
        if let Ok(plan) = plan::plan(&input, &self.pieces) {
            self.plan = plan;
        }
        let spot = Spot {
            lane: None,
            at: first,
            offset: Some(first),
            line: None,
        };
        Some((spot, changed.len()))
    }
}
