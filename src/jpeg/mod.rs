//! JPEG (ITU-T T.81): from bytes to entropy-coded data and back.
//!
//! `container` splits the file into pieces, `scan` reads the headers among them, `ecs` lends the
//! coded data to the passes, and `repair` writes the file anew.

mod bits;
mod cells;
#[cfg(test)]
mod cells_tests;
mod check;
mod chunk;
mod contained;
mod container;
mod cursor;
mod ecs;
mod frame;
mod grid;
mod huffman;
mod inspect;
mod marker;
mod metadata;
mod placement;
mod plan;
mod repair;
mod scan;
mod span;
mod standard;
mod stuffing;
mod windows;
mod writer;

pub(crate) use check::check;
pub(crate) use inspect::inspect;
pub(crate) use metadata::clean;

use std::collections::BTreeMap;

use crate::cancel::Cancel;
use crate::control::Control;
use crate::document::{Document, Opened, Share};
use crate::error::Error;
use crate::lanes::{Spot, Store};
use crate::limits::Limits;
use crate::mosaic::Mosaic;
use contained::Bounds;
use container::Piece;
use ecs::Coded;
use placement::Placement;
use plan::Plan;
use repair::marks::ScanMarks;

/// A JPEG whose scan data are lent to the passes.
struct Jpeg<'a> {
    input: &'a [u8],
    pieces: Vec<Piece>,
    plan: Plan,
    coded: Coded<'a>,
    bounds: Bounds,
    /// What passes did to cells.
    placement: Placement,
    /// Where rows of cells begin, once it was asked for.
    noted: Option<Vec<ScanMarks>>,
    /// Header bytes that a pass changed, by offset.
    header: BTreeMap<usize, u8>,
    rewritten: Option<Vec<u8>>,
    cancel: Cancel,
}

/// Finds the scans and their data.
pub(crate) fn open<'a>(
    input: &'a [u8],
    control: &Control,
    (limits, cancel): (&Limits, &Cancel),
) -> Result<Opened<'a>, Error> {
    let mut jpeg = Jpeg::read(input, limits, cancel)?;
    let bounds = Bounds::new(&jpeg, control)?;
    jpeg.bind(bounds);
    let size = (jpeg.plan.frame.width, jpeg.plan.frame.height);
    Ok(Opened {
        document: Box::new(jpeg),
        size,
    })
}

impl<'a> Jpeg<'a> {
    fn read(input: &'a [u8], limits: &Limits, cancel: &Cancel) -> Result<Self, Error> {
        let pieces = container::split(input, cancel)?;
        let plan = plan::plan(input, &pieces)?;
        let frame = &plan.frame;
        limits.check_pixels(u64::from(frame.width) * u64::from(frame.height))?;
        // Each scan may ask for every block once more, in a file of a few bytes.
        let blocks: u64 = plan.scans.iter().map(scan::Scan::blocks).sum();
        let most = limits.pixels.saturating_mul(2).max(1 << 20);
        if blocks > most {
            return Err(Error::too_large("blocks in all scans", blocks, most));
        }
        cancel.check()?;
        let coded = Coded::new(input, &pieces, &plan);
        let placement = Placement::new(&plan.frame, None, None);
        Ok(Jpeg {
            input,
            pieces,
            plan,
            coded,
            bounds: Bounds::default(),
            placement,
            noted: None,
            header: BTreeMap::new(),
            rewritten: None,
            cancel: cancel.clone(),
        })
    }
}

impl Jpeg<'_> {
    /// Sets bounds, before anything is changed.
    fn bind(&mut self, bounds: Bounds) {
        let Bounds { region, spared, .. } = &bounds;
        self.placement = Placement::new(&self.plan.frame, region.clone(), spared.clone());
        self.bounds = bounds;
    }

    /// The lane of the file that a byte is in, and its place there: passes may see parts of lanes.
    fn place(&self, lane: usize, at: usize) -> (usize, usize) {
        match &self.bounds.windows {
            Some(windows) => windows.place(lane, at),
            None => (lane, at),
        }
    }

    /// Where in the picture a byte of a lane of the file is.
    fn coded_spot(&self, lane: usize, at: usize) -> Spot {
        Spot {
            lane: Some(lane),
            at,
            offset: Some(self.coded.raw(lane, at)),
            line: self.line_at(lane, at),
        }
    }

    /// The first line of the row of cells that a byte of a lane is in, if it was noted where they
    /// begin.
    fn line_at(&self, lane: usize, at: usize) -> Option<u32> {
        let (scan, interval) = self.coded.scan_of(lane);
        let contained = self
            .bounds
            .contained
            .as_ref()
            .map(|contained| &contained.marks);
        let marks = contained.or(self.noted.as_ref())?.get(scan)?;
        marks.line(&self.plan, scan, (interval, at as u64 * 8))
    }
}

impl Store for Jpeg<'_> {
    fn total(&self) -> usize {
        match &self.bounds.windows {
            Some(windows) => windows.total(),
            None => self.coded.total(),
        }
    }

    fn locate(&self, index: usize) -> (usize, usize) {
        match &self.bounds.windows {
            Some(windows) => windows.locate(index),
            None => self.coded.locate(index),
        }
    }

    fn lane_len(&self, lane: usize) -> usize {
        match &self.bounds.windows {
            Some(windows) => windows.len(lane),
            None => self.coded.lane_len(lane),
        }
    }

    fn read(&self, lane: usize, at: usize, into: &mut [u8]) {
        let (lane, at) = self.place(lane, at);
        self.coded.read(lane, at, into);
    }

    fn write(&mut self, lane: usize, at: usize, bytes: &[u8]) {
        let (lane, at) = self.place(lane, at);
        self.coded.write(lane, at, bytes);
    }

    fn spot(&self, lane: usize, at: usize) -> Spot {
        let (lane, at) = self.place(lane, at);
        self.coded_spot(lane, at)
    }

    fn mosaic(&mut self) -> Option<&mut dyn Mosaic> {
        Some(self)
    }
}

impl Document for Jpeg<'_> {
    fn parts(&self) -> u64 {
        self.bounds.parts
    }

    fn repair(&mut self) -> Result<Share, Error> {
        self.rewritten = None;
        let (bytes, share) = repair::rewrite(self)?;
        let (bytes, share) = match self.placed(&bytes)? {
            Some((placed, more)) => (placed, share.larger(more)),
            None => (bytes, share),
        };
        self.rewritten = Some(bytes);
        Ok(share)
    }

    fn pack(self: Box<Self>) -> Result<Vec<u8>, Error> {
        Ok(self.rewritten.unwrap_or_else(|| self.input.to_vec()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::tests::valid_fixtures;

    /// Repairs a picture as if the byte `at` of a lane had been written over with itself.
    fn touched(input: &[u8], lane: usize, at: usize) -> Vec<u8> {
        let mut jpeg = Jpeg::read(input, &Limits::default(), &Cancel::default()).unwrap();
        let mut byte = [0];
        jpeg.read(lane, at, &mut byte);
        jpeg.write(lane, at, &byte);
        jpeg.repair().unwrap();
        jpeg.rewritten.unwrap()
    }

    #[test]
    fn untouched_data_come_out_byte_for_byte() {
        for (name, input) in valid_fixtures("jpg") {
            let mut jpeg = Jpeg::read(&input, &Limits::default(), &Cancel::default()).unwrap();
            assert!(!jpeg.repair().unwrap().shows());
            let bytes = jpeg.rewritten.unwrap();
            let first = bytes.iter().zip(&input).position(|(a, b)| a != b);
            assert!(
                bytes == input,
                "{name}: {} bytes became {}, first difference at {first:?}",
                input.len(),
                bytes.len()
            );
        }
    }

    #[test]
    fn repair_leaves_its_own_output_alone() {
        let recipe: crate::Recipe = "classic,seed=5".parse().unwrap();
        for (name, input) in valid_fixtures("jpg") {
            let glitched = crate::glitch(&input, &recipe).unwrap();
            let Some(hit) = glitched
                .hits
                .iter()
                .min_by_key(|hit| (hit.spot.lane, hit.spot.at))
            else {
                continue;
            };
            // Up to the first hit the lane is the input's, so the hit is where it was.
            let again = touched(&glitched.bytes, hit.spot.lane.unwrap(), hit.spot.at);
            assert!(again == glitched.bytes, "{name}");
        }
    }

    /// The check's decoder takes a segment to follow TEM: in the input the stray bytes are one, which ends where the next
    /// begins.
    #[cfg(feature = "verify")]
    #[test]
    fn tem_markers_are_dropped_with_the_stray_bytes_behind() {
        let input = include_bytes!("../../fixtures/jpeg/sampling-420.jpg");
        let stray = [0xFF, marker::TEM, 0, 5, 1, 2, 3];
        let opens =
            |file: &[u8]| crate::verify(file).is_ok_and(|sound| sound.decoder_error.is_none());
        let sos = input
            .windows(2)
            .position(|pair| pair == [0xFF, marker::SOS]);
        for at in [2, sos.unwrap(), input.len() - 2] {
            let input = [&input[..at], &stray, &input[at..]].concat();
            let fault = check(&input, &Limits::default()).unwrap().fault;
            assert!(opens(&input) && fault.is_some_and(|fault| fault.offset == at));
            let recipe = "replace,strip=metadata,seed=1".parse().unwrap();
            let glitched = crate::glitch(&input, &recipe).unwrap();
            assert!(crate::verify(&glitched.bytes).unwrap().is_sound());
            let cleaned = clean(&input, crate::metadata::Removal::All, &Cancel::default()).unwrap();
            assert!(crate::verify(&cleaned).unwrap().is_sound());
        }
    }

    #[test]
    fn restart_markers_outside_a_scan_are_dropped() {
        let mut input = include_bytes!("../../fixtures/jpeg/restart-7.jpg").to_vec();
        assert_eq!(check(&input, &Limits::default()).unwrap().fault, None);
        let eoi = input.len() - 2;
        let junk = [0xFF, 0xFF, 0x00, 0x12, 0xFF, marker::RST0, 0xFF, 0xD1];
        input.splice(eoi..eoi, junk);
        let repaired = touched(&input, 0, 0);
        assert_eq!(check(&repaired, &Limits::default()).unwrap().fault, None);
    }

    /// A marker segment.
    fn segment(code: u8, body: &[u8]) -> Vec<u8> {
        let len = (body.len() as u16 + 2).to_be_bytes();
        [&[0xFF, code], &len[..], body].concat()
    }

    /// Tables without symbol 0, a large frame, and thousands of intervals of a byte each: none of
    /// them is worth a copy of what is known of all blocks.
    #[test]
    fn many_intervals_without_eob_take_no_time() {
        let (width, height) = (15_000_u16.to_be_bytes(), 16_000_u16.to_be_bytes());
        let mut counts = [0; 16];
        counts[1] = 2;
        let dc_table = [&[0x00][..], &counts, &[1, 2]].concat();
        let mut file = [0xFF, marker::SOI].to_vec();
        file.extend(segment(marker::DQT, &[&[0][..], &[16; 64]].concat()));
        file.extend(segment(marker::DHT, &dc_table));
        file.extend(segment(marker::DRI, &1000_u16.to_be_bytes()));
        let frame = [&[8][..], &height, &width, &[1, 1, 0x11, 0]].concat();
        file.extend(segment(marker::SOF2, &frame));
        file.extend(segment(marker::SOS, &[1, 1, 0, 0, 0, 0]));
        for interval in 0..3750 {
            file.extend([0x5A, 0xFF, marker::RST0 + (interval % 8) as u8]);
        }
        let mut jpeg = Jpeg::read(&file, &Limits::default(), &Cancel::default()).unwrap();
        let start = std::time::Instant::now();
        jpeg.repair().unwrap();
        assert!(start.elapsed().as_secs() < 20);
    }

    #[test]
    fn a_file_of_markers_alone_is_refused() {
        let soi = [0xFF, marker::SOI];
        let temporary = [0xFF, 0x01].repeat((1 << 20) + 1);
        let error = inspect(&[&soi[..], &temporary].concat()).unwrap_err();
        assert!(error.to_string().contains("markers"), "{error}");
        let restarts = [0xFF, marker::RST0].repeat((1 << 24) + 1);
        let scan = segment(marker::SOS, &[]);
        let error = inspect(&[&soi[..], &scan, &restarts].concat()).unwrap_err();
        assert!(error.to_string().contains("restart intervals"), "{error}");
    }

    /// A picture of a few bytes that claims so many rows of MCUs, in its scans of these bands.
    pub(super) fn claiming(rows: u16, process: u8, bands: &[[u8; 3]]) -> Vec<u8> {
        let height = (rows * 8).to_be_bytes();
        let mut file = [0xFF, marker::SOI].to_vec();
        file.extend(segment(marker::DQT, &[&[0][..], &[16; 64]].concat()));
        let frame = [&[8][..], &height, &[4, 0, 1, 1, 0x11, 0]].concat();
        file.extend(segment(process, &frame));
        for band in bands {
            file.extend(segment(marker::SOS, &[&[1, 1, 0][..], band].concat()));
            file.extend([0x5A; 20]);
        }
        file.extend([0xFF, marker::EOI]);
        file
    }

    #[test]
    fn at_each_row_of_each_scan_it_may_be_cancelled() {
        let sequential = (marker::SOF0, &[[0, 63, 0]][..]);
        let progressive = (marker::SOF2, &[[0, 0, 0], [1, 5, 0x01], [1, 5, 0x10]][..]);
        for (process, bands) in [sequential, progressive] {
            let asked = |rows: u16| {
                let file = claiming(rows, process, bands);
                let cancel = Cancel::default();
                let mut jpeg = Jpeg::read(&file, &Limits::default(), &cancel).unwrap();
                jpeg.write(0, 0, &[0xA5]);
                jpeg.repair().unwrap();
                cancel.asked()
            };
            assert_eq!(asked(700) - asked(300), 400 * bands.len());
        }
    }
}
