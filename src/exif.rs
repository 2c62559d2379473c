//! EXIF (CIPA DC-008) is a TIFF structure: directories of entries, each of which holds its value or
//! says where it lies. Here it is cut down to the orientation, or loses its thumbnail. Maker notes
//! have places in them that only their makers know, so nothing is ever moved.

use std::ops::Range;

use memchr::memmem;

use crate::metadata::Removal;

// TIFF 6.0 and EXIF tags.
const ORIENTATION: u16 = 0x0112;
const STRIP_OFFSETS: u16 = 0x0111;
const STRIP_COUNTS: u16 = 0x0117;
const TILE_OFFSETS: u16 = 0x0144;
const SUB_DIRECTORIES: u16 = 0x014A;
const JPEG_OFFSET: u16 = 0x0201;
const JPEG_LENGTH: u16 = 0x0202;
/// EXIF's own directory, that of the place, and that of interoperability.
const POINTERS: [u16; 3] = [0x8769, 0x8825, 0xA005];

const SHORT: u16 = 3;
const LONG: u16 = 4;

/// More directories than a camera writes: they lead in a circle.
const MAX_DIRECTORIES: usize = 8;

/// More entries, or numbers in one, than a camera writes. With as many as there is room for, the
/// work would grow with the square of the data.
const MAX_ENTRIES: usize = 1000;

/// What is left of EXIF data; `None`: nothing.
pub(crate) fn cleaned(tiff: &[u8], removal: Removal) -> Option<Vec<u8>> {
    match removal {
        Removal::All => orientation_alone(tiff),
        Removal::Thumbnails => without_thumbnail(tiff).or_else(|| orientation_alone(tiff)),
    }
}

/// EXIF data with the orientation and nothing else. `None` if the picture stands upright, or if it
/// is not told.
fn orientation_alone(tiff: &[u8]) -> Option<Vec<u8>> {
    let reader = Tiff::open(tiff)?;
    let first = reader.directory(reader.u32(4)?)?;
    let entry = first.entry(ORIENTATION)?;
    let orientation = *reader.numbers(entry)?.first()?;
    if !(2..=8).contains(&orientation) {
        return None;
    }
    let mut out = b"MM\0*\0\0\0\x08\0\x01".to_vec();
    out.extend_from_slice(&ORIENTATION.to_be_bytes());
    out.extend_from_slice(&SHORT.to_be_bytes());
    out.extend_from_slice(&1_u32.to_be_bytes());
    // A value of two bytes stands at the left of its field.
    out.extend_from_slice(&(orientation << 16).to_be_bytes());
    // No further directory.
    out.extend_from_slice(&[0; 4]);
    Some(out)
}

/// The same EXIF data without thumbnails: their directories and bytes are zeros, or cut off where
/// they are the end of it. `None` if they cannot be told apart from the rest, or if there is another
/// picture in it.
fn without_thumbnail(tiff: &[u8]) -> Option<Vec<u8>> {
    let reader = Tiff::open(tiff)?;
    let first = reader.directory(reader.u32(4)?)?;
    if first.has_picture() {
        return None;
    }
    let kept = reader.kept(&first);
    let gone = united(reader.thumbnails(&first)?);
    if gone
        .iter()
        .any(|gone| kept.iter().any(|kept| overlap(gone, kept)))
    {
        return None;
    }
    let mut out = tiff.to_vec();
    if let Some(link) = first.link {
        out.get_mut(link..link + 4)?.fill(0);
    }
    for range in &gone {
        out.get_mut(range.clone())?.fill(0);
    }
    let floor = kept.iter().map(|range| range.end).max().unwrap_or(0);
    cut(&mut out, &gone, floor);
    // Maker notes may hold a preview.
    memmem::find(&out, &[0xFF, 0xD8, 0xFF])
        .is_none()
        .then_some(out)
}

/// Cuts off what is gone, as far as it is the end of the data.
fn cut(out: &mut Vec<u8>, gone: &[Range<usize>], floor: usize) {
    for range in gone.iter().rev() {
        let rest = out.get(range.start..).unwrap_or_default();
        if range.start < floor || rest.iter().any(|&byte| byte != 0) {
            return;
        }
        out.truncate(range.start);
    }
}

/// The same bytes in order, each in one range only.
fn united(mut ranges: Vec<Range<usize>>) -> Vec<Range<usize>> {
    ranges.sort_by_key(|range| range.start);
    let mut united: Vec<Range<usize>> = Vec::new();
    for range in ranges {
        match united.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => united.push(range),
        }
    }
    united
}

fn overlap(a: &Range<usize>, b: &Range<usize>) -> bool {
    a.start < b.end && b.start < a.end
}

/// A TIFF structure. Nothing that it says is believed before it is seen to lie inside.
struct Tiff<'a> {
    bytes: &'a [u8],
    big_endian: bool,
}

struct Directory {
    bytes: Range<usize>,
    entries: Vec<Entry>,
    /// Where the place of the next directory stands, if there is room for it.
    link: Option<usize>,
}

struct Entry {
    tag: u16,
    kind: u16,
    count: u32,
    /// The four bytes that hold the value or its place.
    field: usize,
}

impl Directory {
    fn entry(&self, tag: u16) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.tag == tag)
    }

    /// Whether it is that of a picture of its own, or leads to some.
    fn has_picture(&self) -> bool {
        let tags = [STRIP_OFFSETS, TILE_OFFSETS, SUB_DIRECTORIES, JPEG_OFFSET];
        tags.iter().any(|&tag| self.entry(tag).is_some())
    }
}

impl<'a> Tiff<'a> {
    fn open(bytes: &'a [u8]) -> Option<Self> {
        let big_endian = match bytes.first_chunk()? {
            b"II*\0" => false,
            b"MM\0*" => true,
            _ => return None,
        };
        Some(Tiff { bytes, big_endian })
    }

    fn u16(&self, at: usize) -> Option<u16> {
        let two = *self.bytes.get(at..)?.first_chunk()?;
        Some(match self.big_endian {
            true => u16::from_be_bytes(two),
            false => u16::from_le_bytes(two),
        })
    }

    fn u32(&self, at: usize) -> Option<u32> {
        let four = *self.bytes.get(at..)?.first_chunk()?;
        Some(match self.big_endian {
            true => u32::from_be_bytes(four),
            false => u32::from_le_bytes(four),
        })
    }

    /// A directory: the number of its entries, twelve bytes for each, and a link to the next.
    fn directory(&self, at: u32) -> Option<Directory> {
        let start = usize::try_from(at).ok()?;
        let count = usize::from(self.u16(start)?);
        let end = start + 2 + 12 * count;
        // The header is no directory.
        if start < 8 || count > MAX_ENTRIES || end > self.bytes.len() {
            return None;
        }
        let entries = (0..count).map(|index| {
            let at = start + 2 + 12 * index;
            Some(Entry {
                tag: self.u16(at)?,
                kind: self.u16(at + 2)?,
                count: self.u32(at + 4)?,
                field: at + 8,
            })
        });
        let link = self.u32(end).map(|_| end);
        Some(Directory {
            bytes: start..link.map_or(end, |link| link + 4),
            entries: entries.collect::<Option<_>>()?,
            link,
        })
    }

    /// Where the directory behind this one lies; `None` if there is none.
    fn next(&self, directory: &Directory) -> Option<u32> {
        self.u32(directory.link?).filter(|&at| at != 0)
    }

    /// Where a value lies, if all of it is there.
    fn value(&self, entry: &Entry) -> Option<Range<usize>> {
        let size: u64 = match entry.kind {
            1 | 2 | 6 | 7 => 1,
            SHORT | 8 => 2,
            LONG | 9 | 11 | 13 => 4,
            5 | 10 | 12 => 8,
            _ => return None,
        };
        let len = usize::try_from(size * u64::from(entry.count)).ok()?;
        let start = match len {
            0..=4 => entry.field,
            _ => usize::try_from(self.u32(entry.field)?).ok()?,
        };
        let range = start..start.checked_add(len)?;
        (range.end <= self.bytes.len()).then_some(range)
    }

    /// A value of whole numbers.
    fn numbers(&self, entry: &Entry) -> Option<Vec<u32>> {
        let range = self.value(entry)?;
        if entry.count as usize > MAX_ENTRIES {
            return None;
        }
        match entry.kind {
            SHORT => range
                .step_by(2)
                .map(|at| self.u16(at).map(u32::from))
                .collect(),
            LONG => range.step_by(4).map(|at| self.u32(at)).collect(),
            _ => None,
        }
    }

    /// What is not to be touched: the header, the first directory, those that it leads to, and
    /// their values.
    fn kept(&self, first: &Directory) -> Vec<Range<usize>> {
        let mut kept = vec![0..8, first.bytes.clone()];
        kept.extend(first.entries.iter().filter_map(|entry| self.value(entry)));
        let mut places = self.pointers(first);
        for _ in 0..MAX_DIRECTORIES {
            let Some(place) = places.pop() else {
                break;
            };
            if let Some(directory) = self.directory(place) {
                kept.push(directory.bytes.clone());
                let values = directory.entries.iter();
                kept.extend(values.filter_map(|entry| self.value(entry)));
                places.extend(self.pointers(&directory));
            }
        }
        kept
    }

    fn pointers(&self, directory: &Directory) -> Vec<u32> {
        let entries = POINTERS.iter().filter_map(|&tag| directory.entry(tag));
        entries
            .filter_map(|entry| self.numbers(entry)?.first().copied())
            .collect()
    }

    /// The directories behind the first, and the thumbnails that they tell of. `None` if not all of
    /// them are to be found.
    fn thumbnails(&self, first: &Directory) -> Option<Vec<Range<usize>>> {
        let mut gone = Vec::new();
        let mut next = self.next(first);
        for _ in 0..MAX_DIRECTORIES {
            let Some(place) = next else {
                return Some(gone);
            };
            let directory = self.directory(place)?;
            for (offsets, lengths) in [(JPEG_OFFSET, JPEG_LENGTH), (STRIP_OFFSETS, STRIP_COUNTS)] {
                gone.extend(self.pieces(&directory, offsets, lengths)?);
            }
            if directory.entry(TILE_OFFSETS).is_some() || directory.entry(SUB_DIRECTORIES).is_some()
            {
                return None;
            }
            next = self.next(&directory);
            gone.push(directory.bytes);
        }
        None
    }

    /// The pieces of a picture. One that the end of the data cuts off goes as far as that.
    fn pieces(
        &self,
        directory: &Directory,
        offsets: u16,
        lengths: u16,
    ) -> Option<Vec<Range<usize>>> {
        let Some(offsets) = directory.entry(offsets) else {
            return Some(Vec::new());
        };
        let offsets = self.numbers(offsets)?;
        let lengths = self.numbers(directory.entry(lengths)?)?;
        if offsets.len() != lengths.len() {
            return None;
        }
        let pieces = offsets.iter().zip(&lengths).map(|(&offset, &len)| {
            let start = usize::try_from(offset).ok()?;
            let end = start.checked_add(usize::try_from(len).ok()?)?;
            (start <= self.bytes.len()).then(|| start..end.min(self.bytes.len()))
        });
        pieces.collect()
    }
}

#[cfg(test)]
#[path = "exif_tests.rs"]
mod tests;
