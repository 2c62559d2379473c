//! Takes metadata out of a finished file. Every chunk that holds none is copied.

use super::container::{Chunk, Container, Tail, is_ancillary, write_chunk};
use super::file::TRUE_OF_OLD_DATA;
use crate::error::Error;
use crate::exif;
use crate::format::PNG_SIGNATURE;
use crate::metadata::{Left, Removal, xmp_has_picture};

/// Ancillary chunks that say how the picture looks, and those of animations.
const LOOK: [&[u8; 4]; 16] = [
    b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"sBIT", b"cICP", b"mDCV", b"cLLI", b"bKGD",
    b"hIST", b"sPLT", b"pHYs", b"acTL", b"fcTL", b"fdAT",
];

/// The preview and the layers that Fireworks keeps.
const PICTURES: [&[u8; 4]; 5] = [b"prVW", b"mkBF", b"mkBS", b"mkBT", b"mkTS"];

/// The file without metadata, or without thumbnails. What lies behind its end goes either way.
pub(crate) fn clean(file: &[u8], removal: Removal) -> Result<Vec<u8>, Error> {
    let container = Container::split(file)?;
    let mut out = Vec::with_capacity(file.len());
    out.extend_from_slice(&PNG_SIGNATURE);
    let mut had_exif = false;
    for chunk in &container.chunks {
        let left = match &chunk.kind {
            b"eXIf" if std::mem::replace(&mut had_exif, true) => Left::Nothing,
            _ => left(&container, chunk, removal),
        };
        match left {
            Left::Whole => out.extend_from_slice(container.bytes(chunk)),
            Left::Data(data) => write_chunk(&mut out, chunk.kind, [&data, &[]]),
            Left::Nothing => {}
        }
    }
    let cut_off = container.chunks.last().map(Chunk::end) > Some(file.len());
    if !matches!(container.tail, Tail::Ended(_)) && !cut_off {
        write_chunk(&mut out, *b"IEND", [&[], &[]]);
    }
    Ok(out)
}

fn left(container: &Container<'_>, chunk: &Chunk, removal: Removal) -> Left {
    let data = container.data(chunk);
    match &chunk.kind {
        b"eXIf" => match exif::cleaned(data, removal).filter(|_| container.crc_holds(chunk)) {
            Some(cleaned) if cleaned == data => Left::Whole,
            Some(cleaned) => Left::Data(cleaned),
            None => Left::Nothing,
        },
        kind if TRUE_OF_OLD_DATA.contains(&kind) => Left::Nothing,
        kind if removal == Removal::All => {
            Left::whole_if(!is_ancillary(*kind) || LOOK.contains(&kind))
        }
        b"tEXt" | b"zTXt" => Left::whole_if(!is_profile(data)),
        b"iTXt" => Left::whole_if(!is_profile(data) && !may_show(data)),
        kind => Left::whole_if(!PICTURES.contains(&kind)),
    }
}

/// Whether a text is EXIF, XMP or Photoshop's resources, as ImageMagick writes them: in hexadecimal
/// digits, often compressed.
fn is_profile(text: &[u8]) -> bool {
    text.starts_with(b"Raw profile type ")
}

/// Whether a text is XMP that holds a picture, or may: a compressed one is not looked into.
fn may_show(text: &[u8]) -> bool {
    // The keyword ends with a zero byte; whether the text is compressed follows (PNG 11.3.3.4).
    let xmp = text.strip_prefix(b"XML:com.adobe.xmp\0");
    xmp.is_some_and(|rest| rest.first() != Some(&0) || xmp_has_picture(rest))
}
