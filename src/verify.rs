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

#[cfg(feature = "show")]
pub(crate) use with_image::{VISIBLE, upright};
#[cfg(feature = "verify")]
pub(crate) use with_image::{compare, decode};

#[cfg(feature = "verify")]
mod with_image {
    use std::io::Cursor;
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use image::codecs::{jpeg::JpegDecoder, png::PngDecoder};
    use image::error::DecodingError;
    use image::{AnimationDecoder, DynamicImage, ImageDecoder, ImageError, ImageFormat, RgbaImage};

    #[cfg(feature = "show")]
    use image::metadata::Orientation;

    use super::{Format, Limits};
    use crate::Options;
    use crate::cancel::Cancel;
    use crate::error::Error;
    use crate::png;

    /// Levels of 255 by which a sample must differ for its pixel to count as changed.
    pub(crate) const VISIBLE: u8 = 8;

    /// Room for a colour profile, which the decoder of PNGs inflates: the largest in use have some megabytes.
    const PROFILE: u64 = 16 << 20;

    /// A decoded pixel is at most four 16-bit samples, and the decoder may hold a second copy.
    fn decoder_limits(bytes: &[u8], format: Format, limits: &Limits) -> image::Limits {
        let pixels = match format {
            Format::Jpeg => limits.pixels,
            Format::Png => png::claimed_pixels(bytes).min(limits.pixels),
        };
        let mut bounds = image::Limits::default();
        bounds.max_alloc = Some(pixels.saturating_mul(8 * 2).saturating_add(PROFILE));
        bounds
    }

    /// Decodes a whole picture, frames of an APNG too.
    pub(crate) fn decode(bytes: &[u8], format: Format, limits: &Limits) -> Result<(), String> {
        let all = || {
            still(bytes, format, limits)?;
            Frames::open(bytes, format, limits)?.try_for_each(|frame| frame.map(drop))
        };
        all().map_err(|error: ImageError| error.to_string())
    }

    /// Has something decoded. There are broken pictures over which the decoder panics: that is its error
    /// like any other, and no reason to end a program.
    fn guarded<T>(
        format: Format,
        decode: impl FnOnce() -> Result<T, ImageError>,
    ) -> Result<T, ImageError> {
        catch_unwind(AssertUnwindSafe(decode)).unwrap_or_else(|_| {
            let format = match format {
                Format::Jpeg => ImageFormat::Jpeg,
                Format::Png => ImageFormat::Png,
            };
            let error = DecodingError::new(format.into(), "the decoder panicked");
            Err(ImageError::Decoding(error))
        })
    }

    /// Of a JPEG, or of the default image of a PNG.
    fn decoder<'a>(
        bytes: &'a [u8],
        format: Format,
        limits: &Limits,
    ) -> Result<Box<dyn ImageDecoder + 'a>, ImageError> {
        let bounds = decoder_limits(bytes, format, limits);
        match format {
            Format::Jpeg => {
                let mut decoder = JpegDecoder::new(Cursor::new(bytes))?;
                decoder.set_limits(bounds)?;
                Ok(Box::new(decoder))
            }
            Format::Png => Ok(Box::new(PngDecoder::with_limits(
                Cursor::new(bytes),
                bounds,
            )?)),
        }
    }

    /// A JPEG, or the default image of a PNG.
    fn still(bytes: &[u8], format: Format, limits: &Limits) -> Result<DynamicImage, ImageError> {
        guarded(format, || {
            DynamicImage::from_decoder(decoder(bytes, format, limits)?)
        })
    }

    /// The same, turned as its EXIF data say.
    #[cfg(feature = "show")]
    pub(crate) fn upright(
        bytes: &[u8],
        format: Format,
        limits: &Limits,
    ) -> Result<DynamicImage, ImageError> {
        guarded(format, || {
            let mut decoder = decoder(bytes, format, limits)?;
            // Metadata that cannot be read are no reason not to show the picture.
            let orientation = decoder.orientation();
            let orientation = orientation.unwrap_or(Orientation::NoTransforms);
            let mut picture = DynamicImage::from_decoder(decoder)?;
            picture.apply_orientation(orientation);
            Ok(picture)
        })
    }

    /// The frames of an animation, as far as it is one, each as it is shown.
    ///
    /// However small a frame is, it is shown on a canvas as large as the picture: one after the other
    /// is held in memory, and no more are drawn than make up the pixels of the limits.
    struct Frames<'a> {
        frames: Option<image::Frames<'a>>,
        pixels_left: u64,
    }

    impl<'a> Frames<'a> {
        fn open(bytes: &'a [u8], format: Format, limits: &Limits) -> Result<Self, ImageError> {
            let frames = guarded(format, || {
                if format == Format::Jpeg {
                    return Ok(None);
                }
                let bounds = decoder_limits(bytes, format, limits);
                let decoder = PngDecoder::with_limits(Cursor::new(bytes), bounds)?;
                match decoder.is_apng()? {
                    true => Ok(Some(decoder.apng()?.into_frames())),
                    false => Ok(None),
                }
            });
            Ok(Frames {
                frames: frames?,
                pixels_left: limits.pixels,
            })
        }
    }

    impl Iterator for Frames<'_> {
        type Item = Result<RgbaImage, ImageError>;

        fn next(&mut self) -> Option<Self::Item> {
            if self.pixels_left == 0 {
                return None;
            }
            let frames = self.frames.as_mut()?;
            let frame = guarded(Format::Png, || frames.next().transpose()).transpose()?;
            let frame = frame.map(image::Frame::into_buffer);
            if let Ok(frame) = &frame {
                self.pixels_left = self.pixels_left.saturating_sub(pixels(frame.dimensions()));
            }
            Some(frame)
        }
    }

    fn pixels((width, height): (u32, u32)) -> u64 {
        u64::from(width) * u64::from(height)
    }

    /// Decodes the result and the input, and tells the share of pixels in which they differ
    /// visibly. An input that this decoder cannot open tells nothing about the result: `None`.
    pub(crate) fn compare(
        input: &[u8],
        result: &[u8],
        format: Format,
        Options { limits, cancel, .. }: &Options,
    ) -> Result<Option<f64>, Error> {
        let fault = |error: ImageError| Error::unsound(format!("it does not decode: {error}"));
        cancel.check()?;
        let Ok(before) = still(input, format, limits) else {
            return Ok(None);
        };
        cancel.check()?;
        let after = still(result, format, limits).map_err(fault)?;
        cancel.check()?;
        let mut changed = differing(before.as_bytes(), after.as_bytes(), &before);
        let mut of = pixels((before.width(), before.height()));
        drop((before, after));
        let Ok(mut frames) = Frames::open(input, format, limits) else {
            return Ok(None);
        };
        let mut after = Frames::open(result, format, limits).map_err(fault)?;
        while let Some(before) = frames.next() {
            cancel.check()?;
            let Ok(before) = before else {
                return Ok(None);
            };
            let after = match after.next() {
                Some(Ok(after)) => after,
                // An animation that breaks off may do so a frame sooner without its stray chunks.
                _ if breaks_off(frames, cancel)? => return Ok(None),
                Some(Err(error)) => return Err(fault(error)),
                None => return Err(Error::unsound("it does not decode: a frame is missing")),
            };
            let both = before.pixels().zip(after.pixels());
            changed += both.filter(|(a, b)| visible(&a.0, &b.0)).count() as u64;
            of += pixels(before.dimensions());
        }
        Ok(Some(changed as f64 / of.max(1) as f64))
    }

    /// Whether one of the frames does not decode.
    fn breaks_off(frames: Frames<'_>, cancel: &Cancel) -> Result<bool, Error> {
        for frame in frames {
            cancel.check()?;
            if frame.is_err() {
                return Ok(true);
            }
        }
        Ok(false)
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

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn a_panic_of_the_decoder_is_an_error() {
            let error = guarded::<()>(Format::Jpeg, || panic!("a bug")).unwrap_err();
            assert!(
                error.to_string().contains("the decoder panicked"),
                "{error}"
            );
        }

        #[test]
        fn no_more_frames_are_drawn_than_the_limits_have_pixels() {
            let file = include_bytes!("../fixtures/png/apng-small-frames.png");
            let count = |pixels: u64| {
                let mut frames = Frames::open(file, Format::Png, &Limits::default()).unwrap();
                frames.pixels_left = pixels;
                frames.map(Result::unwrap).count()
            };
            assert!(count(u64::MAX) > 2);
            assert_eq!((count(0), count(1)), (0, 1));
        }
    }
}

#[cfg(not(feature = "verify"))]
pub(crate) fn decode(_: &[u8], _: Format, _: &Limits) -> Result<(), String> {
    Ok(())
}

#[cfg(not(feature = "verify"))]
pub(crate) fn compare(
    _: &[u8],
    _: &[u8],
    _: Format,
    _: &crate::Options,
) -> Result<Option<f64>, crate::error::Error> {
    Ok(None)
}
