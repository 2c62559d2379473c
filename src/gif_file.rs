//! Animations as GIF.

use std::collections::BTreeMap;

use color_quant::NeuQuant;
use gif::{DisposalMethod, Encoder, Frame, Repeat};
use image::{RgbaImage, imageops};
use rayon::prelude::*;

use crate::error::Error;
use crate::frames::{self, Part};

/// Writes frames of one size as a GIF that goes round for ever, each with a palette of at most so
/// many colours, the one for what is transparent included.
///
/// A pixel that does not change is not written again, so that what is calm stays calm. Only where
/// there is something to be seen through is every frame whole: it takes away the one before it.
pub(crate) fn write(frames: &[RgbaImage], fps: u32, colours: u16) -> Result<Vec<u8>, Error> {
    let Some(first) = frames.first() else {
        return Ok(Vec::new());
    };
    let side = |side: u32| {
        let most = u64::from(u16::MAX);
        u16::try_from(side).map_err(|_| Error::too_large("pixels along a side", side.into(), most))
    };
    let size = (side(first.width())?, side(first.height())?);
    let see_through = frames
        .iter()
        .any(|frame| frame.pixels().any(|pixel| is_clear(pixel.0)));
    let indices = (0..frames.len()).into_par_iter();
    let packed: Vec<Frame<'static>> = indices
        .map(|index| {
            let before = index.checked_sub(1).filter(|_| !see_through);
            let before = before.and_then(|before| frames.get(before));
            let mut frame = frame(&frames[index], before, colours);
            frame.delay = delay(index as u32, fps);
            frame.dispose = match see_through {
                true => DisposalMethod::Background,
                false => DisposalMethod::Keep,
            };
            frame.make_lzw_pre_encoded();
            frame
        })
        .collect();
    let mut bytes = Vec::new();
    join(&packed, size, &mut bytes).map_err(|error| Error::unsound(error.to_string()))?;
    Ok(bytes)
}

fn join(
    packed: &[Frame<'static>],
    (width, height): (u16, u16),
    bytes: &mut Vec<u8>,
) -> Result<(), gif::EncodingError> {
    let mut encoder = Encoder::new(bytes, width, height, &[])?;
    encoder.set_repeat(Repeat::Infinite)?;
    packed
        .iter()
        .try_for_each(|frame| encoder.write_lzw_pre_encoded_frame(frame))
}

/// GIF knows nothing between.
fn is_clear([.., alpha]: [u8; 4]) -> bool {
    alpha < 128
}

/// Hundredths of a second that a frame is shown: together they are as long as the rate says.
fn delay(index: u32, fps: u32) -> u16 {
    let fps = u64::from(fps.max(1));
    let end = |frames: u64| (frames * 100 + fps / 2) / fps;
    (end(u64::from(index) + 1) - end(u64::from(index))) as u16
}

fn frame(picture: &RgbaImage, before: Option<&RgbaImage>, colours: u16) -> Frame<'static> {
    let part = match before {
        Some(before) => frames::changed(before, picture),
        None => Part {
            left: 0,
            top: 0,
            width: picture.width(),
            height: picture.height(),
        },
    };
    let cut = |picture| {
        let view = imageops::crop_imm(picture, part.left, part.top, part.width, part.height);
        view.to_image()
    };
    let (picture, before) = (cut(picture), before.map(cut));
    // Only the pixels that are written have a say in the palette.
    let mut before = before.as_ref().map(|before| before.pixels());
    let written: Vec<Option<[u8; 4]>> = picture
        .pixels()
        .map(|pixel| {
            let same = before.as_mut().and_then(Iterator::next) == Some(pixel);
            let [r, g, b, _] = pixel.0;
            (!same && !is_clear(pixel.0)).then_some([r, g, b, u8::MAX])
        })
        .collect();
    let most = usize::from(colours.clamp(2, 256)) - 1;
    let palette = Palette::of(&written, most);
    let clear = most as u8;
    let buffer: Vec<u8> = written
        .iter()
        .map(|pixel| pixel.map_or(clear, |pixel| palette.index(pixel)))
        .collect();
    let mut colours = palette.colours();
    colours.resize((most + 1) * 3, 0);
    Frame {
        left: part.left as u16,
        top: part.top as u16,
        width: part.width as u16,
        height: part.height as u16,
        transparent: Some(clear),
        palette: Some(colours),
        buffer: buffer.into(),
        ..Frame::default()
    }
}

/// The colours of a frame.
enum Palette {
    /// All that there are.
    Exact(BTreeMap<[u8; 4], u8>),
    Learnt(Box<NeuQuant>),
}

impl Palette {
    fn of(pixels: &[Option<[u8; 4]>], most: usize) -> Self {
        /// One in so many pixels is learnt from: what its authors call a good compromise.
        const SAMPLING: i32 = 10;
        let mut exact = BTreeMap::new();
        for pixel in pixels.iter().flatten() {
            let next = exact.len();
            exact.entry(*pixel).or_insert(next as u8);
            if exact.len() > most {
                let pixels: Vec<u8> = pixels.iter().flatten().flatten().copied().collect();
                return Palette::Learnt(Box::new(NeuQuant::new(SAMPLING, most, &pixels)));
            }
        }
        Palette::Exact(exact)
    }

    fn index(&self, pixel: [u8; 4]) -> u8 {
        match self {
            Palette::Exact(exact) => exact.get(&pixel).copied().unwrap_or_default(),
            Palette::Learnt(learnt) => learnt.index_of(&pixel) as u8,
        }
    }

    /// Red, green and blue of each.
    fn colours(&self) -> Vec<u8> {
        match self {
            Palette::Exact(exact) => {
                let mut colours = vec![0; exact.len() * 3];
                for ([r, g, b, _], index) in exact {
                    let at = usize::from(*index) * 3;
                    colours[at..at + 3].copy_from_slice(&[*r, *g, *b]);
                }
                colours
            }
            Palette::Learnt(learnt) => learnt.color_map_rgb(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_add_up_to_the_rate() {
        for fps in [1, 7, 12, 30, 50] {
            let sum: u32 = (0..fps).map(|index| u32::from(delay(index, fps))).sum();
            assert_eq!(sum, 100, "{fps}");
        }
        assert_eq!(delay(0, 50), 2);
    }

    #[test]
    fn few_colours_are_kept_as_they_are() {
        let pixels = [[1, 2, 3, 255], [9, 9, 9, 255], [1, 2, 3, 255]].map(Some);
        let palette = Palette::of(&pixels, 2);
        let colours = palette.colours();
        for pixel in pixels.into_iter().flatten() {
            let at = usize::from(palette.index(pixel)) * 3;
            assert_eq!(colours[at..at + 3], pixel[..3]);
        }
        assert!(matches!(Palette::of(&pixels, 1), Palette::Learnt(_)));
    }
}
