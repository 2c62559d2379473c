//! A PNG opened for editing: all its filtered scanlines, and the way back to a file.

use super::colours::Colours;
use super::contained::{Contained, Walk};
use super::container::{Container, LONGEST, Tail, broken, write_chunk};
use super::editable::Editable;
use super::effect::Eye;
use super::geometry::Geometry;
use super::picture::{Frame, Picture};
use super::refilter::{FilterTypes, refilter};
use super::repair::{Legal, mend_input, repair};
use super::scanlines::{Scanlines, bad_filter_type};
use super::zlib;
use super::{Effort, FilterChoice};
use crate::cancel::Cancel;
use crate::control::{Control, PNG_ROW};
use crate::document::{Document, Share};
use crate::error::Error;
use crate::format::PNG_SIGNATURE;
use crate::lanes::{Spot, Store};
use crate::limits::Limits;
use crate::rows::FilteredRows;

/// Chunks that are true of the old image data only, and so are left out: Apple's offset into
/// them, the signed manifest of C2PA, the digital signature of the PNG extensions.
pub(super) const TRUE_OF_OLD_DATA: [&[u8; 4]; 3] = [b"iDOT", b"caBX", b"dSIG"];

pub(super) struct File<'a> {
    container: Container<'a>,
    frames: Vec<Frame>,
    pub(super) scanlines: Scanlines,
    pub(super) editable: Editable,
    pub(super) rules: Rules,
    /// The filter types to be written, where the recipe gave the rows others: those of the input,
    /// but for rows to which a pass gave another.
    pub(super) written_types: Option<FilterTypes>,
    /// The palette, where pixels are indices into one.
    pub(super) colours: Option<Colours>,
    /// Parts of the picture that a hit does not reach out of.
    reached: u64,
    effort: Effort,
    pub(super) cancel: Cancel,
}

/// What rows of the result must be like.
pub(super) struct Rules {
    legal: Legal,
    eye: Eye,
    contained: Contained,
}

impl Rules {
    /// What heeds the bounds of damage.
    pub(super) fn walk<'r>(&'r self, cancel: &'r Cancel) -> Walk<'r> {
        Walk {
            contained: &self.contained,
            legal: &self.legal,
            eye: &self.eye,
            cancel,
        }
    }
}

impl<'a> File<'a> {
    pub(super) fn open(
        picture: Picture<'a>,
        (filter, effort): (FilterChoice, Effort),
        control: &Control,
        (limits, cancel): (&Limits, &Cancel),
    ) -> Result<Self, Error> {
        let size = (picture.header.width, picture.header.height);
        let region = control.region(size)?;
        let protect = control.protect(size);
        let contained = Contained::new(&picture, control);
        let geometry = geometry(&picture, limits)?;
        let filtered = unpack(&picture, &geometry, cancel)?;
        let mut scanlines = Scanlines::new(geometry, filtered);
        let legal = Legal::new(&picture.header, &picture.palette);
        mend_input(&mut scanlines, &legal, cancel)?;
        let editable = Editable::new(&scanlines.geometry, control.alpha, (region, protect));
        let written_types = change_filter_types(&mut scanlines, filter, cancel)?;
        let colours = Colours::new(&picture, control.alpha);
        Ok(File {
            container: picture.container,
            frames: picture.frames,
            scanlines,
            editable,
            rules: Rules {
                legal,
                eye: Eye::new(picture.header, &picture.palette, picture.colour_key),
                contained,
            },
            written_types,
            colours,
            reached: control.reach.parts(size.1.div_ceil(PNG_ROW)),
            effort,
            cancel: cancel.clone(),
        })
    }

    fn deflate(&self, index: usize) -> Result<Vec<u8>, Error> {
        let frame = &self.frames[index];
        let input_len = compressed(&self.container, frame, index)
            .map(<[u8]>::len)
            .sum();
        let filtered = self.scanlines.frame(index);
        let deflated = zlib::deflate(filtered, self.effort, input_len, &self.cancel)?;
        if index > 0 && deflated.len() / frame.chunks.len() >= LONGEST - 4 {
            return Err(broken(frame.offset, "the frame has too few fdAT chunks"));
        }
        Ok(deflated)
    }

    /// The data of each IDAT: all of them where there was one, else as many as the longest had.
    fn idat_size(&self) -> usize {
        let sizes = compressed(&self.container, &self.frames[0], 0).map(<[u8]>::len);
        let sizes = sizes.filter(|&len| len > 0);
        let (count, longest) = sizes.fold((0, 0), |(n, longest), len| (n + 1, len.max(longest)));
        if count == 1 { LONGEST } else { longest.max(1) }
    }

    fn write(&self) -> Result<Vec<u8>, Error> {
        let container = &self.container;
        let mut file = Vec::with_capacity(container.input.len() + container.input.len() / 4);
        file.extend_from_slice(&PNG_SIGNATURE);
        let mut frames = FrameWriter::default();
        for (index, chunk) in container.chunks.iter().enumerate() {
            let frame = self.frames.get(frames.next);
            let starts = frame.is_some_and(|frame| frame.chunks[0] as usize == index);
            if starts {
                frames.start(self.deflate(frames.next)?);
            }
            match &chunk.kind {
                b"IDAT" if starts => {
                    for piece in frames.deflated.chunks(self.idat_size()) {
                        write_chunk(&mut file, *b"IDAT", [piece, &[]]);
                    }
                }
                b"IDAT" | b"IEND" => {}
                b"fdAT" if self.is_frame_data(frames.next, index) => {
                    let number = &container.data(chunk)[..4];
                    let frame = &self.frames[frames.next - 1];
                    let piece = frames.next_piece(frame.chunks.len());
                    write_chunk(&mut file, *b"fdAT", [number, piece]);
                }
                b"PLTE" if self.changed_palette(index).is_some() => {
                    let palette = self.changed_palette(index).unwrap_or_default();
                    write_chunk(&mut file, *b"PLTE", [&palette, &[]]);
                }
                kind if TRUE_OF_OLD_DATA.contains(&kind) => {}
                // An fdAT that is cut off, in a file without acTL.
                _ if chunk.end() > container.input.len() => {}
                _ => file.extend_from_slice(container.bytes(chunk)),
            }
        }
        write_chunk(&mut file, *b"IEND", [&[], &[]]);
        if let Tail::Ended(end) = container.tail {
            file.extend_from_slice(&container.input[end..]);
        }
        Ok(file)
    }

    /// The data of a PLTE chunk that a pass edited.
    fn changed_palette(&self, index: usize) -> Option<Vec<u8>> {
        let colours = self.colours.as_ref();
        let colours = colours.filter(|colours| colours.chunk == index && colours.changed())?;
        let data = self.container.data(&self.container.chunks[index]);
        Some(colours.write(data))
    }

    /// Whether a chunk belongs to the frame before `next`.
    fn is_frame_data(&self, next: usize, index: usize) -> bool {
        let frame = next.checked_sub(1).and_then(|last| self.frames.get(last));
        frame.is_some_and(|frame| frame.chunks.binary_search(&(index as u32)).is_ok())
    }
}

/// The frame being written.
#[derive(Default)]
struct FrameWriter {
    /// Index of the frame after it.
    next: usize,
    deflated: Vec<u8>,
    pieces: usize,
}

impl FrameWriter {
    fn start(&mut self, deflated: Vec<u8>) {
        self.next += 1;
        self.deflated = deflated;
        self.pieces = 0;
    }

    /// The data of the next of `count` chunks. Their number stays, so that all sequence numbers
    /// do; 10 bytes in 4 chunks are 2, 3, 2 and 3.
    fn next_piece(&mut self, count: usize) -> &[u8] {
        let cut = |piece: usize| {
            let place = self.deflated.len() as u128 * piece as u128 / count as u128;
            place as usize
        };
        let piece = cut(self.pieces)..cut(self.pieces + 1);
        self.pieces += 1;
        self.deflated.get(piece).unwrap_or_default()
    }
}

/// The compressed data of a frame, piece by piece. fdAT starts with a sequence number.
pub(super) fn compressed<'a>(
    container: &Container<'a>,
    frame: &Frame,
    index: usize,
) -> impl Iterator<Item = &'a [u8]> {
    let skip = if index == 0 { 0 } else { 4 };
    frame.chunks.iter().map(move |&chunk| {
        let data = container.data(&container.chunks[chunk as usize]);
        data.get(skip..).unwrap_or_default()
    })
}

/// Where the scanlines of all frames will lie. What this allows to be allocated stays within the
/// limits, and within what the compressed data can inflate to.
pub(super) fn geometry(picture: &Picture<'_>, limits: &Limits) -> Result<Geometry, Error> {
    let sizes = picture.frames.iter();
    let pixels = sizes.map(|frame| u64::from(frame.width) * u64::from(frame.height));
    limits.check_pixels(pixels.fold(0, u64::saturating_add))?;
    let mut geometry = Geometry::new(picture.header);
    for (index, frame) in picture.frames.iter().enumerate() {
        let compressed: usize = compressed(&picture.container, frame, index)
            .map(<[u8]>::len)
            .sum();
        let most = compressed.saturating_mul(zlib::MAX_RATIO);
        let len = geometry.add_frame_at(frame.at, (frame.width, frame.height));
        if len.is_none_or(|len| len > most) {
            return Err(broken(frame.offset, "the image data are too short"));
        }
    }
    Ok(geometry)
}

/// Inflates all frames.
fn unpack(picture: &Picture<'_>, geometry: &Geometry, cancel: &Cancel) -> Result<Vec<u8>, Error> {
    let mut filtered = vec![0; geometry.filtered_len()];
    for (index, (frame, range)) in picture.frames.iter().zip(geometry.frames()).enumerate() {
        let pieces: Vec<&[u8]> = compressed(&picture.container, frame, index).collect();
        zlib::inflate(&pieces, &mut filtered[range.clone()], cancel)?
            .map_err(|fault| broken(offset_of(picture, index, fault.place), fault.what))?;
    }
    cancel.check()?;
    if let Some((frame, row)) = bad_filter_type(geometry, &filtered) {
        let offset = picture.frames.get(frame).map_or(0, |frame| frame.offset);
        return Err(broken(
            offset,
            format!("row {row} has a filter type that does not exist"),
        ));
    }
    Ok(filtered)
}

/// The place in the file of a byte of a frame's compressed data.
pub(super) fn offset_of(picture: &Picture<'_>, index: usize, place: usize) -> usize {
    let Some(frame) = picture.frames.get(index) else {
        return 0;
    };
    let mut before = 0;
    let mut end = frame.offset;
    let skip = if index == 0 { 0 } else { 4 };
    for (piece, &chunk) in compressed(&picture.container, frame, index).zip(&frame.chunks) {
        let start = picture.container.chunks[chunk as usize].data().start + skip;
        if place < before + piece.len() {
            return start + place - before;
        }
        before += piece.len();
        end = start + piece.len();
    }
    end
}

/// Gives the rows the filter types of the recipe, and returns those they had.
fn change_filter_types(
    scanlines: &mut Scanlines,
    choice: FilterChoice,
    cancel: &Cancel,
) -> Result<Option<FilterTypes>, Error> {
    if choice == FilterChoice::Keep {
        return Ok(None);
    }
    // A picture may have as many rows as pixels.
    let input_types = FilterTypes::of(scanlines);
    cancel.check()?;
    let Some(chosen) = input_types.chosen(scanlines, choice) else {
        return Ok(None);
    };
    refilter(scanlines, &chosen, cancel)?;
    Ok(Some(input_types))
}

impl Store for File<'_> {
    fn total(&self) -> usize {
        self.editable.total()
    }

    fn locate(&self, index: usize) -> (usize, usize) {
        self.editable.locate(&self.scanlines.geometry, index)
    }

    fn lane_len(&self, lane: usize) -> usize {
        self.editable.lane_len(&self.scanlines.geometry, lane)
    }

    fn spot(&self, lane: usize, at: usize) -> Spot {
        let geometry = &self.scanlines.geometry;
        let mut byte = self.editable.pieces(geometry, lane, at..at + 1);
        Spot {
            lane: Some(lane),
            at: byte.next().map_or(at, |byte| byte.start),
            offset: None,
            line: Some(geometry.line(lane)),
        }
    }

    fn read(&self, lane: usize, at: usize, mut into: &mut [u8]) {
        let row = self.scanlines.lane(lane);
        let range = at..at + into.len();
        for piece in self.editable.pieces(&self.scanlines.geometry, lane, range) {
            let (start, rest) = into.split_at_mut(piece.len());
            start.copy_from_slice(&row[piece]);
            into = rest;
        }
    }

    fn write(&mut self, lane: usize, at: usize, mut bytes: &[u8]) {
        let range = at..at + bytes.len();
        let pieces = self.editable.pieces(&self.scanlines.geometry, lane, range);
        let row = self.scanlines.lane_mut(lane);
        for piece in pieces {
            let (start, rest) = bytes.split_at(piece.len());
            row[piece].copy_from_slice(start);
            bytes = rest;
        }
    }

    fn filtered_rows(&mut self) -> Option<&mut dyn FilteredRows> {
        Some(self)
    }
}

impl Document for File<'_> {
    fn parts(&self) -> u64 {
        self.scanlines.chains().max(self.reached)
    }

    fn repair(&mut self) -> Result<Share, Error> {
        let (scanlines, rules) = (&mut self.scanlines, &self.rules);
        let share = match rules.contained.is_free() {
            true => repair(scanlines, &rules.legal, &rules.eye, &self.cancel)?,
            false => rules.walk(&self.cancel).measure(scanlines)?,
        };
        let recoloured = self.colours.as_ref().map_or(0, Colours::recoloured);
        Ok(Share {
            changed: share.changed.max(recoloured),
            of: share.of,
        })
    }

    fn pack(mut self: Box<Self>) -> Result<Vec<u8>, Error> {
        if !self.rules.contained.is_free() {
            self.rules.walk(&self.cancel).write(&mut self.scanlines)?;
        }
        if let Some(mut types) = self.written_types.take() {
            types.keep_spread(&self.scanlines);
            refilter(&mut self.scanlines, &types, &self.cancel)?;
        }
        // Deflating takes as much memory.
        self.scanlines.forget_source();
        self.write()
    }
}
