//! Files that are broken on purpose: a decoder that does not flag them sees nothing, and its
//! silence about a glitched picture would say nothing.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;
use glitch::Format;

/// How a sound file is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Breakage {
    /// The second half of the file is missing.
    Cut,
    /// JPEG: 256 one bits in the middle of the scan data; no table has a code of ones only
    /// (T.81 C).
    Code,
    /// JPEG: the scan data ends 64 bytes too early, EOI is there.
    Short,
    /// PNG: a bit of the IDAT data is flipped, its CRC stays.
    Crc,
    /// PNG: the first scanline has filter type 5; CRC and Adler-32 are right.
    Filter,
}

impl Breakage {
    pub fn named(name: &str) -> Self {
        match name {
            "cut" => Breakage::Cut,
            "code" => Breakage::Code,
            "short" => Breakage::Short,
            "crc" => Breakage::Crc,
            "filter" => Breakage::Filter,
            _ => panic!("no breakage `{name}`"),
        }
    }

    /// Whether there is such a breakage in files of this format.
    pub fn concerns(self, format: Format) -> bool {
        match self {
            Breakage::Cut => true,
            Breakage::Code | Breakage::Short => format == Format::Jpeg,
            Breakage::Crc | Breakage::Filter => format == Format::Png,
        }
    }

    /// Breaks `sound`, a file that [`is_suitable`].
    fn apply(self, sound: &[u8]) -> Vec<u8> {
        let mut broken = sound.to_vec();
        let middle = sound.len() / 2;
        match self {
            Breakage::Cut => broken.truncate(middle),
            Breakage::Code => {
                // Stuffed one bits, put where no stuffed byte and no marker is torn apart.
                let whole = |at: &usize| !sound[at - 1..at + 65].contains(&0xFF);
                let at = (middle..sound.len() - 65).find(whole);
                let at = at.expect("64 bytes of scan data without 0xFF");
                broken.splice(at..at + 64, [0xFF, 0x00].repeat(32));
            }
            Breakage::Short => {
                let end = sound.len() - 2;
                broken.drain(end - 64..end);
            }
            Breakage::Crc => broken[middle] ^= 0x10,
            Breakage::Filter => return with_filter_type_5(sound),
        }
        broken
    }
}

/// Whether [`Breakage`]s do to this file what they say: a sequential JPEG that ends with EOI, a
/// still PNG, and large enough for its middle to be scan data.
fn is_suitable(format: Format, file: &[u8]) -> bool {
    let holds = |what: &[u8]| file.windows(what.len()).any(|window| window == what);
    let plain = match format {
        Format::Jpeg => holds(&[0xFF, 0xC0, 0x00]) && file.ends_with(&[0xFF, 0xD9]),
        Format::Png => !holds(b"acTL") && idat(file).contains(&(file.len() / 2)),
    };
    plain && file.len() > 8192
}

/// Breaks the first suitable one of `sound` in the ways of `breakages`, and writes the files into
/// `folder`.
pub fn make(
    format: Format,
    sound: &[&PathBuf],
    breakages: &[Breakage],
    folder: &Path,
) -> Vec<(Breakage, PathBuf)> {
    let mut files = sound.iter().map(|path| std::fs::read(path).unwrap());
    let sound = files.find(|file| is_suitable(format, file));
    let sound = sound.unwrap_or_else(|| panic!("no {format} that can be broken"));
    let breakages = breakages.iter().filter(|each| each.concerns(format));
    let write = |&breakage: &Breakage| {
        let name = format!("{breakage:?}.{}", format.extension());
        let path = folder.join(name);
        std::fs::write(&path, breakage.apply(&sound)).unwrap();
        (breakage, path)
    };
    breakages.map(write).collect()
}

/// The type, and the range of the data, of every chunk.
fn chunks(png: &[u8]) -> Vec<([u8; 4], std::ops::Range<usize>)> {
    let mut chunks = Vec::new();
    let mut at = 8;
    while let Some(&[a, b, c, d, ref kind @ ..]) = png.get(at..at + 8) {
        let len = u32::from_be_bytes([a, b, c, d]) as usize;
        let kind = [kind[0], kind[1], kind[2], kind[3]];
        chunks.push((kind, at + 8..at + 8 + len));
        at += 12 + len;
    }
    chunks
}

/// The data of the first IDAT chunk.
fn idat(png: &[u8]) -> std::ops::Range<usize> {
    let mut chunks = chunks(png).into_iter();
    let first = chunks.find(|(kind, _)| kind == b"IDAT");
    first.map(|(_, data)| data).unwrap_or_default()
}

fn with_filter_type_5(png: &[u8]) -> Vec<u8> {
    let mut zlib = Vec::new();
    for (_, data) in chunks(png).iter().filter(|(kind, _)| kind == b"IDAT") {
        zlib.extend_from_slice(&png[data.clone()]);
    }
    let mut scanlines = Vec::new();
    let mut inflate = ZlibDecoder::new(&zlib[..]);
    inflate.read_to_end(&mut scanlines).unwrap();
    scanlines[0] = 5;
    let mut deflate = ZlibEncoder::new(Vec::new(), Compression::fast());
    deflate.write_all(&scanlines).unwrap();
    let zlib = deflate.finish().unwrap();
    let mut chunk = b"IDAT".to_vec();
    chunk.extend(zlib);
    let mut broken = png[..idat(png).start - 8].to_vec();
    broken.extend((chunk.len() as u32 - 4).to_be_bytes());
    broken.extend(&chunk);
    broken.extend(crc32fast::hash(&chunk).to_be_bytes());
    broken.extend(b"\0\0\0\0IEND\xAE\x42\x60\x82");
    broken
}
