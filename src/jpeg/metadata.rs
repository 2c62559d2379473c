//! Takes metadata out of a finished file. Its pieces are those of `container`; every one that holds
//! no metadata is copied.

use super::container::{self, Piece};
use super::marker;
use crate::cancel::Cancel;
use crate::error::Error;
use crate::exif;
use crate::metadata::{Left, Removal, xmp_has_picture};

const EXIF: &[u8] = b"Exif\0\0";
const XMP: &[u8] = b"http://ns.adobe.com/xap/1.0/\0";
const EXTENDED_XMP: &[u8] = b"http://ns.adobe.com/xmp/extension/\0";
const PHOTOSHOP: &[u8] = b"Photoshop 3.0\0";

/// The length of a JFIF segment without a thumbnail (T.871 10.1).
const JFIF: usize = 14;

/// Image resources of Photoshop that are thumbnails, of version 4 and of later ones.
const THUMBNAILS: [u16; 2] = [0x0409, 0x040C];

/// The file without metadata, or without thumbnails. What lies behind its end goes either way: it is
/// other versions of the picture, as a rule.
pub(crate) fn clean(file: &[u8], removal: Removal, cancel: &Cancel) -> Result<Vec<u8>, Error> {
    let pieces = container::split(file, cancel)?;
    let mut cleaner = Cleaner::new(file, &pieces, removal);
    let mut out = Vec::with_capacity(file.len());
    for piece in &pieces {
        let left = match piece {
            Piece::Segment { code, body, .. } => cleaner.left(*code, &file[body.clone()]),
            // Stray bytes may be what is left of metadata, and must not come to stand behind SOI.
            Piece::Trailer { .. } | Piece::Extraneous { .. } => Left::Nothing,
            Piece::Marker { code, .. } if marker::is_astray(*code) => Left::Nothing,
            _ => Left::Whole,
        };
        match (left, piece) {
            (Left::Nothing, _) => {}
            (Left::Data(body), Piece::Segment { code, .. }) => {
                write_segment(&mut out, *code, &body)
            }
            _ => out.extend_from_slice(&file[piece.bytes().clone()]),
        }
    }
    Ok(out)
}

/// What is left of a segment is no longer than it was, so that its length has room in 16 bits.
fn write_segment(out: &mut Vec<u8>, code: u8, body: &[u8]) {
    let len = u16::try_from(body.len() + 2).unwrap_or(u16::MAX);
    out.extend_from_slice(&[0xFF, code]);
    out.extend_from_slice(&len.to_be_bytes());
    out.extend_from_slice(body);
}

struct Cleaner {
    removal: Removal,
    /// Whether each segment of Photoshop's holds whole resources.
    resources_are_whole: bool,
    /// The first EXIF segment is the one that is heeded.
    had_exif: bool,
}

impl Cleaner {
    fn new(file: &[u8], pieces: &[Piece], removal: Removal) -> Self {
        let mut resources = pieces.iter().filter_map(|piece| match piece {
            Piece::Segment { body, .. } => file[body.clone()].strip_prefix(PHOTOSHOP),
            _ => None,
        });
        Cleaner {
            removal,
            resources_are_whole: resources.all(|bytes| without_thumbnails(bytes).is_some()),
            had_exif: false,
        }
    }

    /// What is left of a segment.
    fn left(&mut self, code: u8, body: &[u8]) -> Left {
        const APP1: u8 = marker::APP0 + 1;
        match code {
            marker::APP0 if body.starts_with(b"JFIF\0") => jfif(body),
            APP1 if body.starts_with(b"Exif\0") => self.exif(body),
            marker::APP0..=marker::APP15 | marker::COM => match self.removal {
                Removal::All => Left::whole_if(is_about_colour(code, body)),
                Removal::Thumbnails => self.without_pictures(code, body),
            },
            _ => Left::Whole,
        }
    }

    fn exif(&mut self, body: &[u8]) -> Left {
        let first = !std::mem::replace(&mut self.had_exif, true);
        if self.removal == Removal::All && !first {
            return Left::Nothing;
        }
        let tiff = body.get(EXIF.len()..).unwrap_or_default();
        match exif::cleaned(tiff, self.removal) {
            Some(cleaned) if cleaned == tiff => Left::Whole,
            Some(cleaned) => Left::Data([EXIF, &cleaned].concat()),
            None => Left::Nothing,
        }
    }

    fn without_pictures(&self, code: u8, body: &[u8]) -> Left {
        const APP2: u8 = marker::APP0 + 2;
        const APP11: u8 = marker::APP0 + 11;
        const APP13: u8 = marker::APP0 + 13;
        match code {
            marker::APP0 => Left::whole_if(!body.starts_with(b"JFXX\0")),
            // An index of what lay behind the end, and previews of FlashPix.
            APP2 => Left::whole_if(!body.starts_with(b"MPF\0") && !body.starts_with(b"FPXR\0")),
            // JUMBF boxes: a manifest with a signature and thumbnails (C2PA), and other pictures.
            APP11 => Left::whole_if(!body.starts_with(b"JP")),
            APP13 => self.photoshop(body),
            _ if body.starts_with(EXTENDED_XMP) => Left::Nothing,
            _ if body.starts_with(XMP) => Left::whole_if(!xmp_has_picture(body)),
            _ => Left::Whole,
        }
    }

    fn photoshop(&self, body: &[u8]) -> Left {
        let Some(resources) = body.strip_prefix(PHOTOSHOP) else {
            return Left::Whole;
        };
        match without_thumbnails(resources).filter(|_| self.resources_are_whole) {
            Some(kept) if kept.len() == resources.len() => Left::Whole,
            Some(kept) if !kept.is_empty() => Left::Data([PHOTOSHOP, &kept].concat()),
            _ => Left::Nothing,
        }
    }
}

/// A JFIF segment without its thumbnail, whose sides are its last two bytes before that.
fn jfif(body: &[u8]) -> Left {
    let Some((head, thumbnail)) = body.split_at_checked(JFIF) else {
        return Left::Whole;
    };
    match (thumbnail, head) {
        ([], [.., 0, 0]) => Left::Whole,
        (_, [head @ .., _, _]) => Left::Data([head, &[0, 0]].concat()),
        _ => Left::Whole,
    }
}

/// Whether the picture has other colours without the segment.
fn is_about_colour(code: u8, body: &[u8]) -> bool {
    match code - marker::APP0.min(code) {
        2 => body.starts_with(b"ICC_PROFILE\0"),
        14 => body.starts_with(b"Adobe"),
        _ => false,
    }
}

/// Photoshop's image resources but for thumbnails. `None` if they are not whole.
///
/// Each is `8BIM`, its number, a name with its length in front, filled up to an even length, and data
/// with their length in front, filled up in the same way.
fn without_thumbnails(resources: &[u8]) -> Option<Vec<u8>> {
    let mut kept = Vec::with_capacity(resources.len());
    let mut at = 0;
    while at < resources.len() {
        let rest = &resources[at..];
        let number = match rest.first_chunk::<6>()? {
            [b'8', b'B', b'I', b'M', high, low] => u16::from_be_bytes([*high, *low]),
            _ => return None,
        };
        let name = usize::from(*rest.get(6)?) + 1;
        let data = 6 + name.next_multiple_of(2);
        let len = u32::from_be_bytes(*rest.get(data..)?.first_chunk()?);
        let end = (data + 4).checked_add(usize::try_from(len).ok()?)?;
        if end > rest.len() {
            return None;
        }
        // The last one may lack what fills it up.
        let end = end.next_multiple_of(2).min(rest.len());
        if !THUMBNAILS.contains(&number) {
            kept.extend_from_slice(&rest[..end]);
        }
        at += end;
    }
    Some(kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resource(number: u16, name: &str, data: &[u8]) -> Vec<u8> {
        let mut out = b"8BIM".to_vec();
        out.extend_from_slice(&number.to_be_bytes());
        out.push(name.len() as u8);
        out.extend_from_slice(name.as_bytes());
        out.resize(out.len().next_multiple_of(2), 0);
        out.extend_from_slice(&(data.len() as u32).to_be_bytes());
        out.extend_from_slice(data);
        out.resize(out.len().next_multiple_of(2), 0);
        out
    }

    #[test]
    fn only_resources_that_are_thumbnails_go() {
        let text = resource(0x0404, "", b"odd");
        let named = resource(0x03ED, "name", b"even");
        let small = resource(0x040C, "", &[0xFF, 0xD8, 0xFF]);
        let older = resource(0x0409, "abc", &[1; 9]);
        let all = [&text[..], &small, &named, &older].concat();
        let kept = [&text[..], &named].concat();
        assert_eq!(without_thumbnails(&all), Some(kept));
        assert_eq!(without_thumbnails(&[]), Some(Vec::new()));
        for end in 1..text.len() - 1 {
            assert_eq!(without_thumbnails(&text[..end]), None, "{end}");
        }
    }

    #[test]
    fn a_jfif_segment_loses_its_thumbnail_alone() {
        let head = b"JFIF\0\x01\x02\x01\0\x48\0\x48";
        let plain = [&head[..], &[0, 0]].concat();
        assert_eq!(jfif(&plain), Left::Whole);
        assert_eq!(jfif(head), Left::Whole);
        let small = [&head[..], &[1, 1, 9, 9, 9]].concat();
        assert_eq!(jfif(&small), Left::Data(plain));
    }
}
