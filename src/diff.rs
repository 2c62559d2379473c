//! Where a picture changed.

use image::{DynamicImage, ImageEncoder, Rgb, RgbImage};

use crate::Options;
use crate::error::Error;
use crate::pixels;
use crate::verify::VISIBLE;

/// A picture of where another one changed.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct HeatMap {
    /// The file: a PNG.
    pub png: Vec<u8>,
    /// Width and height in pixels: those of the picture, upright.
    pub size: (u32, u32),
    /// The share of pixels, 0 to 1, that have a colour: those in which a sample differs by more than
    /// 8 of 255.
    pub changed: f64,
}

/// Draws where a result differs from the picture that it was made of: what stayed is dark and grey,
/// and what changed goes with the size of the change from violet through red to a pale yellow.
///
/// Both are turned as the EXIF data of each say. Of an APNG it is the default image.
///
/// # Errors
/// See [`ErrorKind`](crate::ErrorKind). Where the two are not of one size it is
/// [`ErrorKind::Undecodable`](crate::ErrorKind::Undecodable).
pub fn diff(input: &[u8], output: &[u8], options: &Options) -> Result<HeatMap, Error> {
    let before = pixels::decode(input, options)?;
    let after = pixels::decode(output, options)?;
    let size = (before.width(), before.height());
    if size != (after.width(), after.height()) || before.color() != after.color() {
        return Err(Error::undecodable(
            "the two pictures differ in size or in their kind of colours",
        ));
    }
    let distances = distances(&before, &after);
    drop(after);
    let mut map = ground(before);
    options.cancel.check()?;
    let mut changed: u64 = 0;
    for (pixel, distance) in map.pixels_mut().zip(distances) {
        if distance > VISIBLE {
            *pixel = Rgb(heat(distance));
            changed += 1;
        }
    }
    let of = (u64::from(size.0) * u64::from(size.1)).max(1);
    Ok(HeatMap {
        png: png(&map)?,
        size,
        changed: changed as f64 / of as f64,
    })
}

/// The largest difference of two samples of each pixel, in levels of 255.
fn distances(before: &DynamicImage, after: &DynamicImage) -> Vec<u8> {
    let color = before.color();
    let pixel = usize::from(color.bytes_per_pixel()).max(1);
    let wide = color.bytes_per_pixel() > color.channel_count();
    let pixels = |picture: &'_ DynamicImage| picture.as_bytes().len() / pixel;
    let mut distances = Vec::with_capacity(pixels(before));
    let (before, after) = (before.as_bytes(), after.as_bytes());
    for (a, b) in before.chunks_exact(pixel).zip(after.chunks_exact(pixel)) {
        let distance = match wide {
            _ if a == b => Some(0),
            false => a.iter().zip(b).map(|(a, b)| a.abs_diff(*b)).max(),
            true => {
                let high = |sample: &[u8]| (u16::from_ne_bytes([sample[0], sample[1]]) >> 8) as u8;
                let pairs = a.chunks_exact(2).zip(b.chunks_exact(2));
                pairs.map(|(a, b)| high(a).abs_diff(high(b))).max()
            }
        };
        distances.push(distance.unwrap_or_default());
    }
    distances
}

/// The picture in grey, and dark, so that every colour stands out.
fn ground(picture: DynamicImage) -> RgbImage {
    let grey = picture.into_luma_alpha8();
    RgbImage::from_fn(grey.width(), grey.height(), |x, y| {
        let [level, alpha] = grey.get_pixel(x, y).0;
        Rgb([pixels::mix(level, 0, alpha) / 3; 3])
    })
}

/// Colours for changes from the smallest to the largest, evenly spaced, with straight lines between.
const HEAT: [[u8; 3]; 5] = [
    [88, 24, 130],
    [176, 36, 116],
    [236, 78, 54],
    [252, 168, 28],
    [255, 250, 190],
];

fn heat(distance: u8) -> [u8; 3] {
    let span = u32::from(u8::MAX - VISIBLE);
    let place = u32::from(distance.saturating_sub(VISIBLE)) * (HEAT.len() as u32 - 1);
    let (index, rest) = ((place / span) as usize, place % span);
    let low = HEAT[index.min(HEAT.len() - 1)];
    let high = HEAT[(index + 1).min(HEAT.len() - 1)];
    [0, 1, 2].map(|sample| {
        let (low, high) = (u32::from(low[sample]), u32::from(high[sample]));
        ((low * (span - rest) + high * rest) / span) as u8
    })
}

fn png(picture: &RgbImage) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    let encoder = image::codecs::png::PngEncoder::new(&mut bytes);
    let (width, height) = picture.dimensions();
    let color = image::ExtendedColorType::Rgb8;
    let written = encoder.write_image(picture.as_raw(), width, height, color);
    written.map_err(|error| Error::unsound(error.to_string()))?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_larger_change_is_brighter() {
        let bright = |distance| heat(distance).into_iter().map(u32::from).sum::<u32>();
        for distance in VISIBLE..u8::MAX {
            assert!(bright(distance) <= bright(distance + 1), "{distance}");
        }
        assert_eq!((heat(VISIBLE), heat(u8::MAX)), (HEAT[0], HEAT[4]));
    }
}
