//! Finds the picture in the body of a request: the bytes themselves, a form with one file, or
//! base64 text.

use axum::body::{Body, Bytes};
use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::problem::{Kind, Problem};
use crate::{Format, LooksLike};

/// A picture, and what a form says besides.
#[derive(Debug, Default)]
pub(super) struct Upload {
    pub(super) picture: Bytes,
    /// The file's name at the client.
    pub(super) name: Option<String>,
    /// Named like the parameters of the query.
    pub(super) fields: Vec<(String, String)>,
}

/// Finds the picture. Of `content_type` only the boundary of a form is heeded: curl says
/// `application/x-www-form-urlencoded` of any bytes.
pub(super) async fn find(content_type: Option<&str>, body: Bytes) -> Result<Upload, Problem> {
    let is_picture = Format::sniff(&body).is_ok();
    let boundary = content_type.and_then(|text| multer::parse_boundary(text).ok());
    match boundary {
        Some(boundary) if !is_picture => form(boundary, body).await,
        _ => Ok(Upload {
            picture: body,
            ..Upload::default()
        }),
    }
}

/// Most parts of a form: one file, and as many fields as there are parameters, with room for empty ones.
const MOST_PARTS: usize = 100;

async fn form(boundary: String, body: Bytes) -> Result<Upload, Problem> {
    let stream = Body::from(body).into_data_stream();
    let mut parts = multer::Multipart::new(stream, boundary);
    let mut upload = Upload::default();
    let mut count = 0;
    while let Some(part) = parts.next_field().await.map_err(|_| unreadable())? {
        count += 1;
        if count > MOST_PARTS {
            let detail = format!("the form has more than {MOST_PARTS} parts");
            return Err(Problem::new(Kind::BadForm, detail));
        }
        let name = part.name().unwrap_or_default().to_owned();
        let file_name = part.file_name().map(str::to_owned);
        let bytes = part.bytes().await.map_err(|_| unreadable())?;
        let is_file = file_name.is_some() || Format::sniff(&bytes).is_ok();
        // A browser sends an empty file where none was picked.
        if is_file && bytes.is_empty() {
            continue;
        }
        if is_file || is_base64(&bytes) {
            if !upload.picture.is_empty() {
                let detail = "the form has more than one file; send them one by one";
                return Err(Problem::new(Kind::BadForm, detail));
            }
            (upload.picture, upload.name) = (bytes, file_name);
        } else {
            upload.fields.push((name, text(&bytes)?));
        }
    }
    Ok(upload)
}

fn unreadable() -> Problem {
    let detail = "the body does not follow multipart/form-data, which its Content-Type says it is";
    Problem::new(Kind::BadForm, detail)
}

fn text(bytes: &Bytes) -> Result<String, Problem> {
    let text = std::str::from_utf8(bytes);
    text.map(str::to_owned).map_err(|_| {
        Problem::new(
            Kind::BadForm,
            "a field of the form is neither text nor a file",
        )
    })
}

/// Both alphabets, padded or not: `-` and `_` are taken for `+` and `/` beforehand.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

fn is_base64(text: &[u8]) -> bool {
    let error = Format::sniff(text).err();
    error.and_then(|error| error.looks_like()) == Some(LooksLike::Base64)
}

/// Decodes base64 and `data:` URLs (RFC 2397). Any other bytes are left as they are.
pub(super) fn decode(body: Bytes) -> Result<Bytes, Problem> {
    let text = body.trim_ascii_start();
    if !is_base64(text) {
        return Ok(body);
    }
    let text = match text.starts_with(b"data:") {
        true => data_of_url(text)?,
        false => text,
    };
    // Lines may be broken (RFC 2045, 6.8).
    let symbols = text.iter().filter(|byte| !byte.is_ascii_whitespace());
    let symbols: Vec<_> = symbols.map(|&byte| standard(byte)).collect();
    BASE64.decode(&symbols).map(Bytes::from).map_err(|error| {
        let index = match error {
            base64::DecodeError::InvalidByte(index, _) => index,
            _ => symbols.len(),
        };
        broken_base64(body.len() - text.len() + nth_symbol(text, index))
    })
}

/// The symbol of the standard alphabet for one of the URL-safe (RFC 4648, 5).
fn standard(byte: u8) -> u8 {
    match byte {
        b'-' => b'+',
        b'_' => b'/',
        byte => byte,
    }
}

fn nth_symbol(text: &[u8], index: usize) -> usize {
    let mut places = text.iter().enumerate();
    let symbols = places
        .by_ref()
        .filter(|(_, byte)| !byte.is_ascii_whitespace());
    symbols
        .map(|(place, _)| place)
        .nth(index)
        .unwrap_or(text.len())
}

fn data_of_url(url: &[u8]) -> Result<&[u8], Problem> {
    let comma = memchr::memchr(b',', url);
    let data = comma.filter(|&comma| url[..comma].trim_ascii_end().ends_with(b";base64"));
    data.map(|comma| &url[comma + 1..]).ok_or_else(|| {
        let detail = "the body is a data: URL without ;base64, in which a picture cannot be";
        Problem::new(Kind::NotAnImage, detail)
    })
}

fn broken_base64(offset: usize) -> Problem {
    let detail = format!("broken base64 at byte {offset} of the text");
    Problem::new(Kind::Malformed, detail).with_offset(offset)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PICTURE: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\x0D\xFF\xFE\xFD\xFC\xFB";

    fn encoded() -> String {
        base64::engine::general_purpose::STANDARD.encode(PICTURE)
    }

    fn decoded(text: impl AsRef<[u8]>) -> Vec<u8> {
        decode(Bytes::copy_from_slice(text.as_ref()))
            .unwrap()
            .to_vec()
    }

    #[test]
    fn base64_is_decoded_however_it_is_written() {
        let text = encoded();
        assert!(text.contains('/') && text.ends_with('='), "{text}");
        assert_eq!(decoded(&text), PICTURE);
        assert_eq!(decoded(text.trim_end_matches('=')), PICTURE);
        assert_eq!(decoded(text.replace('+', "-").replace('/', "_")), PICTURE);
        let (one, two) = text.split_at(16);
        assert_eq!(decoded(format!("\n {one}\r\n{two}\n")), PICTURE);
        assert_eq!(decoded(format!("data:image/png;base64,{text}")), PICTURE);
    }

    #[test]
    fn other_bodies_are_left_alone() {
        for body in [PICTURE, b" \n", b"GIF89a", b" hello", b"\xFF\xD8\xFF"] {
            assert_eq!(decoded(body), body);
        }
    }

    #[test]
    fn broken_base64_is_told_with_its_place() {
        let text = format!("data:image/png;base64,\n{}", encoded());
        let mut bytes = text.into_bytes();
        bytes[30] = b'*';
        let problem = decode(bytes.into()).unwrap_err();
        assert!(
            format!("{problem:?}").contains("offset: Some(30)"),
            "{problem:?}"
        );
    }

    #[test]
    fn a_data_url_that_is_not_base64_is_refused() {
        let problem = decode(Bytes::from_static(b"data:image/svg+xml,<svg/>")).unwrap_err();
        assert!(
            format!("{problem:?}").contains("without ;base64"),
            "{problem:?}"
        );
    }
}
