//! JPEGs and PNGs put together from arbitrary pieces, each with the length and the checksum that it has to have: a
//! mutation changes what is in a segment or chunk, or their order, and every one of them is read.

use super::made_png::{Header, push_chunk};

const PNG_CHUNKS: [&[u8; 4]; 24] = [
    b"IDAT", b"PLTE", b"tRNS", b"acTL", b"fcTL", b"fdAT", b"IEND", b"IHDR", b"eXIf", b"iCCP",
    b"zTXt", b"iTXt", b"tEXt", b"gAMA", b"cHRM", b"sRGB", b"pHYs", b"bKGD", b"sBIT", b"hIST",
    b"iDOT", b"caBX", b"vpAg", b"CgBI",
];

/// The first bytes of what programs put into APPn segments, and what stands in a chunk's place.
const APP_NAMES: [(u8, &[u8]); 10] = [
    (0xE1, b"Exif\0\0"),
    (0xE1, b"http://ns.adobe.com/xap/1.0/\0"),
    (0xE1, b"http://ns.adobe.com/xmp/extension/\0"),
    (0xE2, b"ICC_PROFILE\0"),
    (0xE2, b"MPF\0"),
    (0xED, b"Photoshop 3.0\0"),
    (0xEE, b"Adobe"),
    (0xE0, b"JFIF\0"),
    (0xE0, b"JFXX\0"),
    (0xFE, b""),
];

/// DQT, DHT, SOF0 to SOF2, SOS, DRI, DNL, EOI, TEM and others without a name.
const MARKERS: [u8; 16] = [
    0xDB, 0xC4, 0xC0, 0xC1, 0xC2, 0xDA, 0xDD, 0xDC, 0xD9, 0x01, 0xDE, 0xDF, 0xC8, 0xCC, 0xF7, 0xD8,
];

/// The numbers before each piece: what it is, and its length.
fn split(data: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&[kind, high, low], rest) = data.split_first_chunk()?;
    let len = usize::from(u16::from_be_bytes([high, low])).min(rest.len());
    let (piece, rest) = rest.split_at(len);
    Some((kind, piece, rest))
}

/// A PNG with a header of the table, and chunks as the data have them.
pub fn png(header: &Header, mut data: &[u8]) -> Vec<u8> {
    let mut file = header.start();
    while let Some((kind, piece, rest)) = split(data) {
        match PNG_CHUNKS.get(usize::from(kind)) {
            Some(name) => push_chunk(&mut file, name, piece),
            None => file.extend_from_slice(piece),
        }
        data = rest;
    }
    // Cut off where the data end in the middle of a piece's numbers.
    if data.is_empty() {
        push_chunk(&mut file, b"IEND", b"");
    }
    file
}

/// A JPEG with segments as the data have them, before or in the middle of a whole one.
pub fn jpeg(whole: &[u8], mut data: &[u8]) -> Vec<u8> {
    let mut file = vec![0xFF, 0xD8];
    while let Some((kind, piece, rest)) = split(data) {
        push_segment(&mut file, kind, piece);
        data = rest;
    }
    file.extend_from_slice(&whole[2..]);
    file
}

fn push_segment(file: &mut Vec<u8>, kind: u8, piece: &[u8]) {
    let kind = usize::from(kind);
    let (marker, name) = match (APP_NAMES.get(kind), kind.checked_sub(APP_NAMES.len())) {
        (Some((marker, name)), _) => (*marker, *name),
        (None, Some(index)) if index < MARKERS.len() => (MARKERS[index], &b""[..]),
        // No segment: entropy-coded data, or bytes that nobody asked for.
        _ => return file.extend_from_slice(piece),
    };
    let body = [name, piece].concat();
    let body = &body[..body.len().min(65_533)];
    file.extend([0xFF, marker]);
    file.extend((body.len() as u16 + 2).to_be_bytes());
    file.extend_from_slice(body);
}
