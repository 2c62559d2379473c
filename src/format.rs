//! Which kind of file the bytes are, by their signature and by nothing else.

use std::fmt;

use crate::error::Error;

/// A kind of file that can be glitched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize),
    serde(rename_all = "lowercase")
)]
pub enum Format {
    /// ITU-T T.81.
    Jpeg,
    /// PNG specification, third edition; APNG included.
    Png,
}

impl Format {
    /// Recognises a file by its first bytes: SOI followed by a marker (T.81 B.2.1), or the PNG
    /// signature (PNG 5.2).
    ///
    /// # Errors
    /// `Empty` for no bytes, `NotAnImage` for anything else.
    pub fn sniff(bytes: &[u8]) -> Result<Format, Error> {
        match bytes {
            [] => Err(Error::empty()),
            [0xFF, 0xD8, 0xFF, ..] | [0xFF, 0xD8] | [0xFF] => Ok(Format::Jpeg),
            _ if bytes.starts_with(&PNG_SIGNATURE) => Ok(Format::Png),
            _ => Err(Error::not_an_image(LooksLike::guess(bytes))),
        }
    }

    /// The media type, `image/jpeg` or `image/png`.
    pub fn media_type(self) -> &'static str {
        match self {
            Format::Jpeg => "image/jpeg",
            Format::Png => "image/png",
        }
    }

    /// The usual file name extension, without the dot.
    pub fn extension(self) -> &'static str {
        match self {
            Format::Jpeg => "jpg",
            Format::Png => "png",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Format::Jpeg => "JPEG",
            Format::Png => "PNG",
        })
    }
}

/// The eight bytes every PNG starts with (PNG 5.2).
pub(crate) const PNG_SIGNATURE: [u8; 8] = *b"\x89PNG\r\n\x1a\n";

/// What an input that cannot be glitched seems to be, so that the error can say it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LooksLike {
    /// GIF87a or GIF89a.
    Gif,
    /// RIFF with a WEBP form.
    WebP,
    /// ISO media file with an HEIC or HEIF brand: what many phones store.
    Heic,
    /// ISO media file with an AVIF brand.
    Avif,
    /// JPEG XL codestream or container.
    JpegXl,
    /// JPEG 2000 codestream or container.
    Jpeg2000,
    /// Windows bitmap.
    Bmp,
    /// TIFF, and camera raw files made like it.
    Tiff,
    /// Adobe Photoshop document.
    Psd,
    /// PDF document.
    Pdf,
    /// SVG or other XML.
    Svg,
    /// ISO media file that is a video.
    Video,
    /// A JPEG or PNG that something decoded as UTF-8 and wrote again: bytes above 0x7F are lost.
    MangledByUtf8,
    /// A `data:` URL or base64 text of a picture.
    Base64,
    /// Plain text.
    Text,
    /// The start of a PNG signature: the file is cut off, or went through a text-mode copy.
    BrokenPng,
    /// Nothing known.
    Unknown,
}

const U_FFFD: &[u8] = b"\xEF\xBF\xBD";

impl LooksLike {
    fn guess(bytes: &[u8]) -> LooksLike {
        let brand = if bytes.get(4..8) == Some(b"ftyp") {
            bytes.get(8..12)
        } else {
            None
        };
        let by_prefix: &[(&[u8], LooksLike)] = &[
            (b"GIF8", LooksLike::Gif),
            (b"\xFF\x0A", LooksLike::JpegXl),
            (b"\0\0\0\x0CJXL ", LooksLike::JpegXl),
            (b"\0\0\0\x0CjP  ", LooksLike::Jpeg2000),
            (b"\xFF\x4F\xFF\x51", LooksLike::Jpeg2000),
            (b"BM", LooksLike::Bmp),
            (b"II*\0", LooksLike::Tiff),
            (b"MM\0*", LooksLike::Tiff),
            (b"8BPS", LooksLike::Psd),
            (b"%PDF", LooksLike::Pdf),
            (b"<svg", LooksLike::Svg),
            (b"<?xml", LooksLike::Svg),
            (b"data:", LooksLike::Base64),
            (b"/9j/", LooksLike::Base64),
            (b"iVBORw0KGgo", LooksLike::Base64),
            (b"\xEF\xBF\xBDPNG", LooksLike::MangledByUtf8),
            (b"\xC2\x89PNG", LooksLike::MangledByUtf8),
            (b"\xC3\xBF\xC3\x98", LooksLike::MangledByUtf8),
            (b"\x89PNG", LooksLike::BrokenPng),
        ];
        if bytes.starts_with(U_FFFD) && bytes[3..].starts_with(U_FFFD) {
            return LooksLike::MangledByUtf8;
        }
        if let Some((_, found)) = by_prefix
            .iter()
            .find(|(prefix, _)| bytes.starts_with(prefix))
        {
            return *found;
        }
        match brand {
            Some(b"avif" | b"avis") => LooksLike::Avif,
            Some(b"heic" | b"heix" | b"hevc" | b"heim" | b"heis" | b"mif1" | b"msf1") => {
                LooksLike::Heic
            }
            Some(_) => LooksLike::Video,
            None if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") => {
                LooksLike::WebP
            }
            None if is_text(bytes) => LooksLike::Text,
            None => LooksLike::Unknown,
        }
    }
}

/// Whether the first bytes are UTF-8 without control characters; a character may be cut at the end.
fn is_text(bytes: &[u8]) -> bool {
    let head = &bytes[..bytes.len().min(512)];
    let valid = match std::str::from_utf8(head) {
        Ok(_) => head,
        Err(error) if error.error_len().is_none() => &head[..error.valid_up_to()],
        Err(_) => return false,
    };
    valid
        .iter()
        .all(|byte| !byte.is_ascii_control() || byte.is_ascii_whitespace())
}

impl fmt::Display for LooksLike {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            LooksLike::Gif => "a GIF",
            LooksLike::WebP => "a WebP picture",
            LooksLike::Heic => "an HEIC picture (a phone can share it as JPEG)",
            LooksLike::Avif => "an AVIF picture",
            LooksLike::JpegXl => "a JPEG XL picture",
            LooksLike::Jpeg2000 => "a JPEG 2000 picture",
            LooksLike::Bmp => "a BMP picture",
            LooksLike::Tiff => "a TIFF or camera raw file",
            LooksLike::Psd => "a Photoshop document",
            LooksLike::Pdf => "a PDF document",
            LooksLike::Svg => "SVG or XML text",
            LooksLike::Video => "a video or another ISO media file",
            LooksLike::MangledByUtf8 => {
                "a picture that was sent as text and lost its bytes on the way (send it as binary)"
            }
            LooksLike::Base64 => "base64 text (decode it first)",
            LooksLike::Text => "text",
            LooksLike::BrokenPng => "a PNG with a damaged signature",
            LooksLike::Unknown => "nothing known",
        })
    }
}

#[cfg(test)]
pub(crate) mod tests {
    /// The fixtures of class `valid` with this extension: name and bytes.
    pub(crate) fn valid_fixtures(extension: &str) -> Vec<(String, Vec<u8>)> {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
        let list = std::fs::read_to_string(folder.join("list.txt")).unwrap();
        let names = list.lines().filter_map(|line| line.split_once("  valid"));
        let names = names
            .map(|(name, _)| name.to_owned())
            .filter(|name| name.ends_with(extension));
        let fixtures: Vec<_> = names
            .map(|name| (name.clone(), std::fs::read(folder.join(name)).unwrap()))
            .collect();
        assert!(fixtures.len() > 50);
        fixtures
    }
}
