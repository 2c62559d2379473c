//! Tells the chunks of a file in words.

use img_parts::{ImageEXIF, ImageICC};

use super::container::{Chunk, Container, Tail, be32, name};
use super::geometry::Geometry;
use super::header::Header;
use super::picture::{self, FrameControl, Picture};
use crate::error::Error;
use crate::format::{Format, PNG_SIGNATURE};
use crate::layout::{Layout, Part};

pub(super) fn inspect(input: &[u8]) -> Result<Layout, Error> {
    let container = Container::split(input)?;
    let header = picture::read_header(&container)?;
    let (icc_profile, exif) = metadata(input);
    // A file that cannot be opened is told all the same.
    let picture = picture::read(container.clone()).ok();
    let editable = picture.as_ref().map(editable_chunks).unwrap_or_default();
    Ok(Layout {
        format: Format::Png,
        width: header.width,
        height: header.height,
        coding: header.coding(),
        bytes: input.len(),
        editable_bytes: picture.as_ref().map_or(0, editable_bytes),
        icc_profile,
        exif,
        parts: parts(&container, &header, &editable),
    })
}

/// Lengths of the ICC profile and the EXIF data, as another parser finds them.
fn metadata(input: &[u8]) -> (Option<usize>, Option<usize>) {
    let bytes = img_parts::Bytes::copy_from_slice(input);
    let Ok(png) = img_parts::png::Png::from_bytes(bytes) else {
        return (None, None);
    };
    let len = |bytes: img_parts::Bytes| bytes.len();
    (png.icc_profile().map(len), png.exif().map(len))
}

/// Bytes of scanlines in all frames; 0 for a picture too large for this machine.
fn editable_bytes(picture: &Picture<'_>) -> usize {
    let mut geometry = Geometry::new(picture.header);
    for frame in &picture.frames {
        if geometry.add_frame(frame.width, frame.height).is_none() {
            return 0;
        }
    }
    geometry.editable_len()
}

/// Which chunks hold scanlines that a glitch may touch, in order. Others of their kind are those of
/// an animation that is taken for its default image, and IDAT chunks apart from the first run.
fn editable_chunks(picture: &Picture<'_>) -> Vec<u32> {
    let frames = picture.frames.iter();
    frames.flat_map(|frame| frame.chunks.clone()).collect()
}

fn parts(container: &Container<'_>, header: &Header, editable: &[u32]) -> Vec<Part> {
    let part = |offset, end: usize, name: &str, detail: &str| Part {
        offset,
        len: end - offset,
        name: name.to_owned(),
        detail: detail.to_owned(),
        editable: false,
    };
    let mut parts = vec![part(0, PNG_SIGNATURE.len(), "signature", "")];
    let end = container.input.len();
    for (index, chunk) in (0..).zip(&container.chunks) {
        let mut detail = detail(container, chunk, header);
        if chunk.end() > end {
            detail.push_str(", cut off");
        } else if !container.crc_holds(chunk) {
            detail.push_str(", wrong CRC");
        }
        let detail = detail.trim_start_matches(", ");
        let mut chunk_part = part(
            chunk.offset,
            chunk.end().min(end),
            &name(chunk.kind),
            detail,
        );
        chunk_part.editable = editable.binary_search(&index).is_ok();
        parts.push(chunk_part);
    }
    let told = parts.last().map_or(0, |last| last.offset + last.len);
    if told < end {
        let (what, detail) = match container.tail {
            Tail::Cut(_, fault) => ("rest", fault),
            _ => ("trailer", "bytes after IEND"),
        };
        parts.push(part(told, end, what, detail));
    }
    parts
}

/// What a chunk holds, in words.
fn detail(container: &Container<'_>, chunk: &Chunk, header: &Header) -> String {
    let data = container.data(chunk);
    let known = match &chunk.kind {
        b"IHDR" => Some(format!(
            "{} x {} pixels, {}",
            header.width,
            header.height,
            header.coding()
        )),
        b"PLTE" => Some(format!("{} colours", data.len() / 3)),
        b"tEXt" | b"zTXt" | b"iTXt" => Some(format!("keyword {:?}", keyword(data))),
        b"iCCP" => Some(format!("ICC profile {:?}", keyword(data))),
        b"sPLT" => Some(format!("suggested palette {:?}", keyword(data))),
        b"fcTL" => FrameControl::parse(data, header).ok().map(frame_words),
        b"fdAT" => be32(data, 0).map(|number| format!("no. {number}, {} bytes", data.len() - 4)),
        b"acTL" => be32(data, 0)
            .zip(be32(data, 4))
            .map(|(frames, plays)| match plays {
                0 => format!("{frames} frames, played for ever"),
                _ => format!("{frames} frames, played {plays} times"),
            }),
        kind => small_chunk(*kind, data),
    };
    known.unwrap_or_else(|| match data.len() {
        0 => String::new(),
        1 => "1 byte".to_owned(),
        len => format!("{len} bytes"),
    })
}

/// Ancillary chunks of a few numbers.
fn small_chunk(kind: [u8; 4], data: &[u8]) -> Option<String> {
    Some(match (&kind, data) {
        (b"gAMA", [_, _, _, _]) => {
            let gamma = be32(data, 0)?;
            format!("gamma {}.{:05}", gamma / 100_000, gamma % 100_000)
        }
        (b"pHYs", [.., unit]) if data.len() == 9 => {
            let unit = if *unit == 1 { " a metre" } else { "" };
            format!("{} x {} pixels{unit}", be32(data, 0)?, be32(data, 4)?)
        }
        (b"tIME", &[high, low, month, day, hour, minute, second]) => {
            let year = u16::from_be_bytes([high, low]);
            format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}")
        }
        (b"sRGB", &[intent]) => {
            let intents = ["perceptual", "relative colorimetric", "saturation"];
            let intent = intents.get(usize::from(intent));
            format!("{} intent", intent.unwrap_or(&"absolute colorimetric"))
        }
        (b"cICP", &[primaries, transfer, matrix, full]) => {
            format!("primaries {primaries}, transfer {transfer}, matrix {matrix}, range {full}")
        }
        (b"tRNS", _) => match data.len() {
            2 | 6 => "one transparent colour, or as many alphas".to_owned(),
            len => format!("{len} alphas"),
        },
        _ => return None,
    })
}

fn frame_words(control: FrameControl) -> String {
    let (numerator, denominator) = control.delay;
    // PNG 11.3.6.2: 0 stands for 100.
    let denominator = if denominator == 0 { 100 } else { denominator };
    format!(
        "no. {}, frame of {} x {} pixels at {}, {}, shown {numerator}/{denominator} s",
        control.sequence_number, control.width, control.height, control.x, control.y
    )
}

/// The Latin-1 text before the first zero byte, at most 79 bytes (PNG 11.3.3.1).
fn keyword(data: &[u8]) -> String {
    let text = data.split(|&byte| byte == 0).next().unwrap_or_default();
    text.iter().take(79).map(|&byte| char::from(byte)).collect()
}
