//! What `inspect` tells of a JPEG.

use std::ops::Range;

use img_parts::{ImageEXIF, ImageICC};

use super::container::{self, Piece};
use super::frame::{Frame, Process};
use super::marker;
use super::plan::{self, Plan};
use super::scan::{Kind, Scan};
use crate::cancel::Cancel;
use crate::error::Error;
use crate::format::Format;
use crate::layout::{Layout, Part};

/// Tells where everything lies. A file that cannot be glitched is still laid out.
pub(crate) fn inspect(input: &[u8]) -> Result<Layout, Error> {
    let pieces = container::split(input, &Cancel::default())?;
    let plan = plan::plan(input, &pieces);
    let (coding, size) = match &plan {
        Ok(plan) => (
            coding(input, &pieces, plan),
            (plan.frame.width, plan.frame.height),
        ),
        Err(error) => (error.to_string(), claimed_size(input, &pieces)),
    };
    let metadata = img_parts::jpeg::Jpeg::from_bytes(input.to_vec().into()).ok();
    let mut layout = Layout {
        format: Format::Jpeg,
        width: size.0,
        height: size.1,
        coding,
        bytes: input.len(),
        editable_bytes: 0,
        icc_profile: metadata
            .as_ref()
            .and_then(|jpeg| jpeg.icc_profile())
            .map(|icc| icc.len()),
        exif: metadata
            .as_ref()
            .and_then(|jpeg| jpeg.exif())
            .map(|exif| exif.len()),
        parts: Vec::with_capacity(pieces.len()),
    };
    let mut scans = plan.as_ref().map_or(&[][..], |plan| &plan.scans).iter();
    let mut next = scans.next();
    for (index, piece) in pieces.iter().enumerate() {
        let scan = next.filter(|scan| scan.piece == index || scan.piece == index + 1);
        let part = part(input, piece, plan.as_ref().ok().zip(scan));
        if scan.is_some_and(|scan| scan.piece == index) {
            next = scans.next();
        }
        if part.editable {
            layout.editable_bytes += part.len;
        }
        layout.parts.push(part);
    }
    Ok(layout)
}

fn part(input: &[u8], piece: &Piece, scan: Option<(&Plan, &Scan)>) -> Part {
    let (name, detail) = match piece {
        Piece::Marker { code, .. } => (marker::name(*code), String::new()),
        Piece::Segment { code, body, .. } => {
            (marker::name(*code), segment(*code, input, body, scan))
        }
        Piece::Coded { intervals, .. } => (
            "scan data".into(),
            match intervals.len() {
                1 => String::new(),
                count => format!("{count} restart intervals"),
            },
        ),
        Piece::Extraneous { .. } => ("extraneous".into(), "bytes where none should be".into()),
        Piece::Trailer { .. } => ("trailer".into(), "kept as it is".into()),
    };
    let bytes = piece.bytes();
    let editable = matches!(piece, Piece::Coded { .. }) && scan.is_some();
    Part {
        offset: bytes.start,
        len: bytes.len(),
        name,
        detail,
        editable,
    }
}

fn segment(code: u8, input: &[u8], body: &Range<usize>, scan: Option<(&Plan, &Scan)>) -> String {
    let body = &input[body.clone()];
    match code {
        marker::SOS => scan.map_or_else(String::new, |(plan, scan)| scan_words(&plan.frame, scan)),
        marker::SOF0..=marker::SOF2 if body.len() >= 6 => {
            let [height, width] = [[body[1], body[2]], [body[3], body[4]]].map(u16::from_be_bytes);
            format!(
                "{width} x {height}, {} components, {} bits",
                body[5], body[0]
            )
        }
        marker::DRI if body.len() == 2 => format!(
            "restart interval of {} MCUs",
            u16::from_be_bytes([body[0], body[1]])
        ),
        marker::DHT => huffman_words(body),
        marker::APP0..=marker::APP15 => identifier(body),
        marker::COM => String::from_utf8_lossy(&body[..body.len().min(60)]).into_owned(),
        _ => String::new(),
    }
}

fn huffman_words(mut body: &[u8]) -> String {
    let mut tables = Vec::new();
    while let Some((head, counts)) = body
        .split_first()
        .and_then(|(head, rest)| Some((head, rest.get(..16)?)))
    {
        let total: usize = counts.iter().map(|&count| usize::from(count)).sum();
        let class = if head >> 4 == 0 { "DC" } else { "AC" };
        tables.push(format!("{class} {} ({total} symbols)", head & 15));
        body = body.get(17 + total..).unwrap_or_default();
    }
    tables.join(", ")
}

/// The identifier that application segments start with: `JFIF`, `Exif`, `ICC_PROFILE`, a name space.
fn identifier(body: &[u8]) -> String {
    let word = body.split(|&byte| byte == 0).next().unwrap_or_default();
    let printable = word
        .iter()
        .take(40)
        .take_while(|byte| byte.is_ascii_graphic() || **byte == b' ');
    printable.map(|&byte| char::from(byte)).collect()
}

fn scan_words(frame: &Frame, scan: &Scan) -> String {
    let names: Vec<String> = scan
        .parts
        .iter()
        .map(|part| frame.components[part.component].id.to_string())
        .collect();
    let kind = match scan.kind {
        Kind::Sequential => return format!("components {}", names.join(" ")),
        Kind::DcFirst => "DC first",
        Kind::DcRefine => "DC refinement",
        Kind::AcFirst => "AC first",
        Kind::AcRefine => "AC refinement",
    };
    let (start, end) = (scan.spectral_start, scan.spectral_end);
    let (high, low) = (scan.approximation_high, scan.approximation_low);
    format!(
        "components {}, {kind}, coefficients {start} to {end}, bits {high} to {low}",
        names.join(" ")
    )
}

/// What the frame header claims, in a file of a process that is not handled.
fn claimed_size(input: &[u8], pieces: &[Piece]) -> (u32, u32) {
    let size = pieces.iter().find_map(|piece| match piece {
        Piece::Segment {
            code: 0xC0..=0xC3 | 0xC5..=0xC7 | 0xC9..=0xCB | 0xCD..=0xCF | marker::SOF55,
            body,
            ..
        } => {
            let body = input.get(body.clone())?.first_chunk::<5>()?;
            Some((
                u32::from(u16::from_be_bytes([body[3], body[4]])),
                u32::from(u16::from_be_bytes([body[1], body[2]])),
            ))
        }
        _ => None,
    });
    size.unwrap_or_default()
}

fn coding(input: &[u8], pieces: &[Piece], plan: &Plan) -> String {
    let process = match plan.frame.process {
        Process::Baseline => "baseline",
        Process::Extended => "extended sequential",
        Process::Progressive => "progressive",
    };
    let adobe = pieces.iter().find_map(|piece| match piece {
        Piece::Segment {
            code: 0xEE, body, ..
        } => {
            let body = input.get(body.clone())?;
            body.starts_with(b"Adobe").then(|| body.get(11).copied())?
        }
        _ => None,
    });
    let ids: Vec<u8> = plan
        .frame
        .components
        .iter()
        .map(|component| component.id)
        .collect();
    let colours = match (ids.len(), adobe) {
        (1, _) => "grey",
        (2, _) => "two components",
        (3, Some(0)) => "RGB",
        (3, None) if ids == *b"RGB" => "RGB",
        (3, _) => "YCbCr",
        (_, Some(2)) => "YCCK",
        _ => "CMYK",
    };
    let scans = match plan.scans.len() {
        1 => String::new(),
        count => format!(", {count} scans"),
    };
    format!("{process}, {colours} {}{scans}", plan.frame.sampling())
        .trim_end()
        .replace(" ,", ",")
}
