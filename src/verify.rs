//! The check of a result by an independent decoder, the `image` crate.

use crate::format::Format;
use crate::limits::Limits;

/// What `verify` tells of a picture.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Soundness {
    /// Kind of file.
    pub format: Format,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// The first place where the file is not strictly conformant.
    pub fault: Option<Fault>,
    /// What the `image` crate said, if it could not decode the picture.
    pub decoder_error: Option<String>,
}

impl Soundness {
    /// Whether the picture opens and is strictly conformant.
    pub fn is_sound(&self) -> bool {
        self.fault.is_none() && self.decoder_error.is_none()
    }
}

/// A place where a file breaks its standard.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Fault {
    /// Offset in bytes from the start of the file.
    pub offset: usize,
    /// What is wrong there.
    pub what: String,
}

#[cfg(feature = "verify")]
pub(crate) use with_image::{compare, decode};

#[cfg(feature = "verify")]
mod with_image {
    use std::io::Cursor;

    use image::codecs::{jpeg::JpegDecoder, png::PngDecoder};
    use image::{AnimationDecoder, DynamicImage, ImageDecoder, ImageError, RgbaImage};

    use super::{Format, Limits};

    /// Levels of 255 by which a sample must differ for its pixel to count as changed.
    const VISIBLE: u8 = 8;

    /// A decoded pixel is at most four 16-bit samples, and the decoder may hold a second copy.
    fn decoder_limits(limits: &Limits) -> image::Limits {
        let mut bounds = image::Limits::default();
        bounds.max_alloc = Some(limits.pixels.saturating_mul(8).saturating_mul(2));
        bounds
    }

    /// Decodes a whole picture, all frames of an APNG too.
    pub(crate) fn decode(bytes: &[u8], format: Format, limits: &Limits) -> Result<Picture, String> {
        read(bytes, format, limits).map_err(|error| error.to_string())
    }

    /// The default picture and the frames of an animation, as far as there are any.
    pub(crate) struct Picture {
        still: DynamicImage,
        frames: Vec<RgbaImage>,
    }

    fn read(bytes: &[u8], format: Format, limits: &Limits) -> Result<Picture, ImageError> {
        let bounds = decoder_limits(limits);
        match format {
            Format::Jpeg => {
                let mut decoder = JpegDecoder::new(Cursor::new(bytes))?;
                decoder.set_limits(bounds)?;
                Ok(Picture {
                    still: DynamicImage::from_decoder(decoder)?,
                    frames: Vec::new(),
                })
            }
            Format::Png => {
                let decoder = PngDecoder::with_limits(Cursor::new(bytes), bounds.clone())?;
                let animated = decoder.is_apng()?;
                let still = DynamicImage::from_decoder(decoder)?;
                let mut frames = Vec::new();
                if animated {
                    let decoder = PngDecoder::with_limits(Cursor::new(bytes), bounds)?;
                    for frame in decoder.apng()?.into_frames() {
                        frames.push(frame?.into_buffer());
                    }
                }
                Ok(Picture { still, frames })
            }
        }
    }

    /// Decodes the result and the input, and tells the share of pixels in which they differ
    /// visibly. An input that this decoder cannot open tells nothing about the result: `None`.
    pub(crate) fn compare(
        input: &[u8],
        result: &[u8],
        format: Format,
        limits: &Limits,
    ) -> Result<Option<f64>, String> {
        let before = decode(input, format, limits);
        match (before, decode(result, format, limits)) {
            (Ok(before), Ok(after)) => Ok(Some(changed(&before, &after))),
            (Err(_), _) => Ok(None),
            (Ok(_), Err(why)) => Err(format!("it does not decode: {why}")),
        }
    }

    fn changed(before: &Picture, after: &Picture) -> f64 {
        let still = differing(
            before.still.as_bytes(),
            after.still.as_bytes(),
            &before.still,
        );
        let pixels = u64::from(before.still.width()) * u64::from(before.still.height());
        let mut total = (still, pixels);
        for (before, after) in before.frames.iter().zip(&after.frames) {
            let both = before.pixels().zip(after.pixels());
            total.0 += both.filter(|(a, b)| visible(&a.0, &b.0)).count() as u64;
            total.1 += u64::from(before.width()) * u64::from(before.height());
        }
        total.0 as f64 / total.1.max(1) as f64
    }

    fn differing(before: &[u8], after: &[u8], picture: &DynamicImage) -> u64 {
        let color = picture.color();
        let pixel = usize::from(color.bytes_per_pixel()).max(1);
        let pairs = before.chunks_exact(pixel).zip(after.chunks_exact(pixel));
        if color.bytes_per_pixel() > color.channel_count() {
            // 16-bit samples in the machine's byte order.
            let high = |sample: &[u8]| (u16::from_ne_bytes([sample[0], sample[1]]) >> 8) as u8;
            let wide = |a: &[u8], b: &[u8]| {
                a.chunks_exact(2)
                    .zip(b.chunks_exact(2))
                    .any(|(a, b)| high(a).abs_diff(high(b)) > VISIBLE)
            };
            return pairs.filter(|(a, b)| a != b && wide(a, b)).count() as u64;
        }
        pairs.filter(|(a, b)| a != b && visible(a, b)).count() as u64
    }

    fn visible(a: &[u8], b: &[u8]) -> bool {
        a.iter().zip(b).any(|(a, b)| a.abs_diff(*b) > VISIBLE)
    }
}

#[cfg(not(feature = "verify"))]
pub(crate) fn decode(_: &[u8], _: Format, _: &Limits) -> Result<(), String> {
    Ok(())
}

#[cfg(not(feature = "verify"))]
pub(crate) fn compare(_: &[u8], _: &[u8], _: Format, _: &Limits) -> Result<Option<f64>, String> {
    Ok(None)
}
