//! Whether a file is strictly conformant: the first place where it breaks the PNG specification.
//! Chunks are looked at first, then the image data.

use super::container::{Chunk, ChunkType, Container, Tail, be32, is_ancillary, name};
use super::file::{compressed, geometry, offset_of};
use super::filter::unfilter;
use super::geometry::Geometry;
use super::header::{ColourType, Header};
use super::picture::{self, FrameControl, Picture};
use super::repair::Legal;
use super::scanlines::{Scanlines, bad_filter_type};
use super::zlib::inflate_strictly;
use crate::document::Checked;
use crate::error::{Error, ErrorKind};
use crate::limits::Limits;
use crate::verify::Fault;

/// Checks any file whose header can be read.
pub(super) fn check(input: &[u8], limits: &Limits) -> Result<Checked, Error> {
    let container = Container::split(input)?;
    let header = picture::read_header(&container)?;
    let fault = match find_fault(container, header, limits) {
        Ok(()) => None,
        Err(Trouble::Fault(fault)) => Some(fault),
        Err(Trouble::Other(error)) => return Err(error),
    };
    Ok(Checked {
        fault,
        size: (header.width, header.height),
    })
}

enum Trouble {
    Fault(Fault),
    /// Nothing about the file: it is over a limit.
    Other(Error),
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        match (error.kind(), error.offset()) {
            (ErrorKind::Malformed, Some(offset)) => {
                let words = error.to_string();
                let what = words.split_once(": ").map_or(&*words, |(_, what)| what);
                fault(offset, what)
            }
            _ => Trouble::Other(error),
        }
    }
}

fn fault(offset: usize, what: impl Into<String>) -> Trouble {
    let what = what.into();
    Trouble::Fault(Fault { offset, what })
}

fn find_fault(container: Container<'_>, header: Header, limits: &Limits) -> Result<(), Trouble> {
    let mut order = Order::new(header);
    for chunk in &container.chunks {
        order.chunk(&container, chunk)?;
    }
    match container.tail {
        // What follows IEND is no part of the datastream (PNG 5.2), and is kept.
        Tail::Ended(_) => {}
        Tail::Missing => return Err(fault(container.input.len(), "there is no IEND")),
        Tail::Cut(offset, what) => return Err(fault(offset, what)),
    }
    let end = container.input.len();
    order.finish(end)?;
    let picture = picture::read(container)?;
    if let Some(why) = picture.static_because.clone() {
        return Err(why.into());
    }
    // Within the limits, and within what the compressed data can hold.
    geometry(&picture, limits)?;
    image_data(&picture)
}

/// Chunks that may occur once (PNG table 5.3), and how they stand to PLTE and IDAT.
const ONCE: [(&[u8; 4], Place); 19] = [
    (b"IHDR", Place::Anywhere),
    (b"PLTE", Place::BeforeImage),
    (b"IEND", Place::Anywhere),
    (b"acTL", Place::BeforeImage),
    (b"cHRM", Place::BeforePalette),
    (b"cICP", Place::BeforePalette),
    (b"gAMA", Place::BeforePalette),
    (b"iCCP", Place::BeforePalette),
    (b"mDCV", Place::BeforePalette),
    (b"cLLI", Place::BeforePalette),
    (b"sBIT", Place::BeforePalette),
    (b"sRGB", Place::BeforePalette),
    (b"bKGD", Place::AfterPalette),
    (b"hIST", Place::AfterPalette),
    (b"tRNS", Place::AfterPalette),
    (b"eXIf", Place::Anywhere),
    (b"pHYs", Place::BeforeImage),
    (b"tIME", Place::Anywhere),
    // May occur more than once, but only here.
    (b"sPLT", Place::BeforeImage),
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Anywhere,
    BeforeImage,
    BeforePalette,
    /// And before the image data.
    AfterPalette,
}

/// Chunk order and multiplicity (PNG 5.6).
struct Order {
    header: Header,
    seen: Vec<ChunkType>,
    previous: ChunkType,
    colours: usize,
    promised_frames: Option<u32>,
    frames: u32,
}

impl Order {
    fn new(header: Header) -> Self {
        Order {
            header,
            seen: Vec::new(),
            previous: *b"    ",
            colours: 0,
            promised_frames: None,
            frames: 0,
        }
    }

    fn has(&self, kind: &ChunkType) -> bool {
        self.seen.contains(kind)
    }

    fn chunk(&mut self, container: &Container<'_>, chunk: &Chunk) -> Result<(), Trouble> {
        let at = chunk.offset;
        let kind = chunk.kind;
        if chunk.end() > container.input.len() {
            return Err(fault(at, "the chunk runs past the end of the file"));
        }
        if !container.crc_holds(chunk) {
            return Err(fault(at, format!("the CRC of {} is wrong", name(kind))));
        }
        if kind[2] & 0x20 != 0 {
            return Err(fault(at, "the reserved bit of the chunk type is set"));
        }
        let data = container.data(chunk);
        self.place(kind, at)?;
        self.contents(kind, data)
            .map_err(|what| fault(at, format!("{}: {what}", name(kind))))?;
        // Only kinds with a rule are noted, so that looking them up stays quick.
        let matters = kind == *b"IDAT" || ONCE.iter().any(|(known, _)| **known == kind);
        if matters && !self.has(&kind) {
            self.seen.push(kind);
        }
        self.previous = kind;
        Ok(())
    }

    fn place(&self, kind: ChunkType, at: usize) -> Result<(), Trouble> {
        let says = |what: &str| fault(at, format!("{} {what}", name(kind)));
        let known = ONCE.iter().find(|(known, _)| **known == kind);
        let Some((_, place)) = known else {
            let known = matches!(&kind, b"IDAT");
            if kind == *b"IDAT" && self.has(b"IDAT") && self.previous != *b"IDAT" {
                return Err(says("does not follow the IDAT before"));
            }
            if !known && !is_ancillary(kind) {
                return Err(says("is a critical chunk that is not known"));
            }
            return Ok(());
        };
        if kind != *b"sPLT" && self.has(&kind) {
            return Err(says("occurs twice"));
        }
        if *place != Place::Anywhere && self.has(b"IDAT") {
            return Err(says("comes after IDAT"));
        }
        if *place == Place::BeforePalette && self.has(b"PLTE") {
            return Err(says("comes after PLTE"));
        }
        if kind == *b"PLTE" && [b"bKGD", b"hIST", b"tRNS"].iter().any(|k| self.has(k)) {
            return Err(says("comes after a chunk that must follow it"));
        }
        Ok(())
    }

    /// What can be wrong in a chunk that has to do with the samples or the animation.
    fn contents(&mut self, kind: ChunkType, data: &[u8]) -> Result<(), &'static str> {
        let colour_type = self.header.colour_type;
        match &kind {
            b"PLTE" => {
                if matches!(
                    colour_type,
                    ColourType::Greyscale | ColourType::GreyscaleAlpha
                ) {
                    return Err("greyscale has no palette");
                }
                self.colours = data.len() / 3;
                let most = if self.header.is_indexed() {
                    1 << self.header.bit_depth
                } else {
                    256
                };
                let whole = data.len().is_multiple_of(3);
                if !whole || self.colours == 0 || self.colours > most {
                    return Err("the number of colours is out of range");
                }
            }
            b"tRNS" => {
                let right = match colour_type {
                    ColourType::Greyscale => data.len() == 2,
                    ColourType::Truecolour => data.len() == 6,
                    ColourType::IndexedColour => (1..=self.colours).contains(&data.len()),
                    _ => return Err("the colour type has its own alpha"),
                };
                if !right {
                    return Err("the length is wrong");
                }
            }
            b"hIST" if data.len() != 2 * self.colours => return Err("the length is wrong"),
            b"IEND" if !data.is_empty() => return Err("the length is not 0"),
            b"acTL" => {
                let frames = be32(data, 0).filter(|&frames| frames > 0 && data.len() == 8);
                self.promised_frames = Some(frames.ok_or("the contents are wrong")?);
            }
            b"fcTL" => {
                FrameControl::parse(data, &self.header)?;
                self.frames += 1;
            }
            b"gAMA" if data.len() != 4 => return Err("the length is wrong"),
            b"cHRM" if data.len() != 32 => return Err("the length is wrong"),
            b"pHYs" if data.len() != 9 => return Err("the length is wrong"),
            b"tIME" if data.len() != 7 => return Err("the length is wrong"),
            b"sRGB" if data.len() != 1 => return Err("the length is wrong"),
            b"cICP" if data.len() != 4 => return Err("the length is wrong"),
            _ => {}
        }
        Ok(())
    }

    fn finish(&self, end: usize) -> Result<(), Trouble> {
        match self.promised_frames {
            Some(promised) if promised != self.frames => Err(fault(
                end,
                format!("acTL tells {promised} frames, there are {}", self.frames),
            )),
            None if self.frames > 0 => Err(fault(end, "there are frames without acTL")),
            _ => Ok(()),
        }
    }
}

/// The image data of all frames: exactly as long as they must be, with legal rows.
fn image_data(picture: &Picture<'_>) -> Result<(), Trouble> {
    for (index, frame) in picture.frames.iter().enumerate() {
        let mut alone = Geometry::new(picture.header);
        let Some(len) = alone.add_frame(frame.width, frame.height) else {
            return Err(fault(frame.offset, "the frame is too large"));
        };
        let pieces: Vec<&[u8]> = compressed(&picture.container, frame, index).collect();
        let filtered = inflate_strictly(&pieces, len)
            .map_err(|found| fault(offset_of(picture, index, found.place), found.what))?;
        if let Some((_, row)) = bad_filter_type(&alone, &filtered) {
            let what = format!("row {row} has a filter type that does not exist");
            return Err(fault(frame.offset, what));
        }
        if let Some(row) = illegal_row(picture, &Scanlines::new(alone, filtered)) {
            let what = format!("row {row} has an index outside the palette, or bits past its end");
            return Err(fault(frame.offset, what));
        }
    }
    Ok(())
}

/// The first row that the repair of a glitch would change though nothing was glitched.
fn illegal_row(picture: &Picture<'_>, scanlines: &Scanlines) -> Option<usize> {
    let legal = Legal::new(&picture.header, &picture.palette);
    let unit = picture.header.filter_unit();
    for image in scanlines.geometry.images() {
        if !legal.excludes_any(image) {
            continue;
        }
        let mut above = vec![0; image.row_len];
        let mut current = above.clone();
        for row in 0..image.rows() {
            let kind = scanlines.filter_type(image, row);
            let rows = (&above[..], scanlines.row(image, row));
            unfilter(kind, unit, rows, &mut current);
            above.copy_from_slice(&current);
            if legal.mend(image, &mut current) {
                return Some(image.lanes().start + row);
            }
        }
    }
    None
}
