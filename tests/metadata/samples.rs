//! Pictures with every kind of metadata in them.

/// Text that nobody is to read, in each part.
pub const SECRET: &[u8] = b"secret";
/// What the thumbnails hold.
pub const FACE: &[u8] = b"unglitched face";
/// What the colour profile holds.
pub const PROFILE: &[u8] = b"a colour profile";

/// A thumbnail, as far as anyone looks.
pub fn thumbnail() -> Vec<u8> {
    [b"\xFF\xD8\xFF\xE0", FACE, b"\xFF\xD9"].concat()
}

fn entry(tag: u16, kind: u16, count: u32, value: [u8; 4]) -> Vec<u8> {
    let mut out = tag.to_le_bytes().to_vec();
    out.extend_from_slice(&kind.to_le_bytes());
    out.extend_from_slice(&count.to_le_bytes());
    out.extend_from_slice(&value);
    out
}

fn directory(entries: &[Vec<u8>], next: u32) -> Vec<u8> {
    let count = (entries.len() as u16).to_le_bytes();
    [&count[..], &entries.concat(), &next.to_le_bytes()].concat()
}

/// EXIF: an orientation, a maker, the latitude of a place, and a thumbnail.
pub fn tiff(orientation: u8) -> Vec<u8> {
    let (place, values, second) = (50_u32, 80_u32, 112_u32);
    let thumbnail = thumbnail();
    let first = [
        entry(0x010F, 2, 7, values.to_le_bytes()),
        entry(0x0112, 3, 1, [orientation, 0, 0, 0]),
        entry(0x8825, 4, 1, place.to_le_bytes()),
    ];
    let gps = [
        entry(0x0001, 2, 2, *b"N\0\0\0"),
        entry(0x0002, 5, 3, (values + 8).to_le_bytes()),
    ];
    let small = [
        entry(0x0201, 4, 1, (second + 30).to_le_bytes()),
        entry(0x0202, 4, 1, (thumbnail.len() as u32).to_le_bytes()),
    ];
    let mut out = b"II*\0\x08\0\0\0".to_vec();
    out.extend(directory(&first, second));
    assert_eq!(out.len() as u32, place);
    out.extend(directory(&gps, 0));
    assert_eq!(out.len() as u32, values);
    out.extend_from_slice(SECRET);
    out.extend_from_slice(&[0, 0]);
    for number in [52_u32, 1, 31, 1, 12, 1] {
        out.extend_from_slice(&number.to_le_bytes());
    }
    assert_eq!(out.len() as u32, second);
    out.extend(directory(&small, 0));
    out.extend(thumbnail);
    out
}

pub fn segment(code: u8, body: &[u8]) -> Vec<u8> {
    let len = (body.len() as u16 + 2).to_be_bytes();
    [&[0xFF, code], &len[..], body].concat()
}

/// Photoshop's image resources: a text and a thumbnail.
fn photoshop() -> Vec<u8> {
    let resource = |number: u16, data: &[u8]| {
        let len = (data.len() as u32).to_be_bytes();
        let mut out = [b"8BIM", &number.to_be_bytes()[..], &[0, 0], &len, data].concat();
        out.resize(out.len().next_multiple_of(2), 0);
        out
    };
    let (text, small) = (resource(0x0404, SECRET), resource(0x040C, &thumbnail()));
    [&b"Photoshop 3.0\0"[..], &text, &small].concat()
}

/// An XMP packet; `with` goes into it.
fn xmp(with: &str) -> Vec<u8> {
    let head = b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta>secret ";
    [&head[..], with.as_bytes(), b"</x:xmpmeta>"].concat()
}

/// The rest of a packet: whose it is, how long, and from where on.
fn extended_xmp() -> Vec<u8> {
    let head = b"http://ns.adobe.com/xmp/extension/\0";
    let text = [FACE, SECRET].concat();
    let len = (text.len() as u32).to_be_bytes();
    [&head[..], &[b'A'; 32], &len, &[0; 4], &text].concat()
}

/// The application segments and the comment of [`jpeg`], which hold metadata and are not of the EXIF
/// kind.
pub fn segments() -> Vec<Vec<u8>> {
    let jfxx = [&b"JFXX\0\x10"[..], &thumbnail()].concat();
    vec![
        segment(0xE0, &jfxx),
        segment(0xE1, &xmp("")),
        segment(0xE1, &xmp("<xmpGImg:image>unglitched face")),
        segment(0xE1, &extended_xmp()),
        segment(0xE2, b"MPF\0secret"),
        segment(0xE2, b"FPXR\0secret unglitched face"),
        segment(0xE4, b"secret of a maker"),
        segment(0xEB, b"JP\0\x01secret unglitched face"),
        segment(0xED, &photoshop()),
        segment(0xFE, SECRET),
    ]
}

/// A JPEG with all of them, and with another picture behind its end.
pub fn jpeg(orientation: u8) -> Vec<u8> {
    let plain = super::fixtures::folder().join("jpeg/no-application-segment.jpg");
    let plain = std::fs::read(plain).unwrap();
    let sides = [&b"JFIF\0\x01\x01\x01\0\x48\0\x48\x01\x05"[..], FACE].concat();
    let profile = [&b"ICC_PROFILE\0\x01\x01"[..], PROFILE].concat();
    let exif = [&b"Exif\0\0"[..], &tiff(orientation)].concat();
    let mut out = plain[..2].to_vec();
    out.extend(segment(0xE0, &sides));
    out.extend(segment(0xE1, &exif));
    out.extend(segments().concat());
    out.extend(segment(0xE2, &profile));
    out.extend(segment(0xEE, b"Adobe\0\x64\0\0\0\0\x01"));
    out.extend_from_slice(&plain[2..]);
    out.extend(thumbnail());
    out
}

pub fn chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let named = [&kind[..], data].concat();
    let len = (data.len() as u32).to_be_bytes();
    let crc = crc32fast::hash(&named).to_be_bytes();
    [&len[..], &named, &crc].concat()
}

/// The texts, the time and the private chunks of [`png`].
pub fn chunks() -> Vec<Vec<u8>> {
    let show = b"XML:com.adobe.xmp\0\0\0\0\0secret <xmpGImg:image>unglitched face";
    vec![
        chunk(b"tEXt", b"Comment\0secret"),
        chunk(b"zTXt", b"Raw profile type exif\0\0secret unglitched face"),
        chunk(b"iTXt", b"Author\0\0\0\0\0secret"),
        chunk(b"iTXt", show),
        chunk(b"iTXt", b"XML:com.adobe.xmp\0\x01\0\0\0unglitched face"),
        chunk(b"tIME", &[0x07, 0xE8, 1, 2, 3, 4, 5]),
        chunk(b"prVW", b"unglitched face"),
        chunk(b"caBX", b"unglitched face"),
        chunk(b"seCr", b"secret"),
    ]
}

/// A PNG with all of them, and with something behind its end.
pub fn png(orientation: u8) -> Vec<u8> {
    let plain = std::fs::read(super::fixtures::folder().join("png/rgb-8.png")).unwrap();
    let header = 8 + 25;
    let profile = [&b"name\0\0"[..], PROFILE].concat();
    let mut out = plain[..header].to_vec();
    out.extend(chunk(b"iCCP", &profile));
    out.extend(chunk(b"pHYs", &[0, 0, 11, 19, 0, 0, 11, 19, 1]));
    out.extend(chunk(b"eXIf", &tiff(orientation)));
    out.extend(chunks().concat());
    out.extend_from_slice(&plain[header..]);
    out.extend_from_slice(FACE);
    out
}
