//! The pixels of pictures, for what is shown to people: upright, and scaled down.

use image::imageops::{self, FilterType};
use image::{DynamicImage, Rgb, RgbImage, RgbaImage};

use crate::blame::blame;
use crate::error::{Error, ErrorKind};
use crate::format::Format;
use crate::recipe::Recipe;
use crate::{Options, verify};

/// Decodes a picture that somebody gives us, or the default image of an APNG, upright.
pub(crate) fn decode(bytes: &[u8], options: &Options) -> Result<DynamicImage, Error> {
    let nothing = Recipe {
        passes: Vec::new(),
        ..Recipe::default().with_seed(0)
    };
    let options = unverified(options);
    // What is broken is refused here, with its place: the decoder may panic on it.
    crate::glitch_with(bytes, &nothing, &options)?;
    decode_sound(bytes, &options)
}

/// Without the check of a result, for it is decoded here.
fn unverified(options: &Options) -> Options {
    Options {
        verify: false,
        ..options.clone()
    }
}

/// Decodes a picture that is known to be one.
fn decode_sound(bytes: &[u8], options: &Options) -> Result<DynamicImage, Error> {
    options.cancel.check()?;
    let format = Format::sniff(bytes)?;
    let picture = verify::upright(bytes, format, &options.limits);
    let picture = picture.map_err(|error| Error::undecodable(error.to_string()))?;
    let pixels = u64::from(picture.width()) * u64::from(picture.height());
    options.limits.check_pixels(pixels)?;
    Ok(picture)
}

/// Glitches a picture at its full size, and scales the result down into a box.
pub(crate) fn glitched(
    input: &[u8],
    recipe: &Recipe,
    into: (u32, u32),
    options: &Options,
) -> Result<RgbaImage, Error> {
    let options = unverified(options);
    let made = crate::glitch_with(input, recipe, &options)?;
    let picture = decode_sound(&made.bytes, &options).map_err(|error| match error.kind() {
        ErrorKind::Undecodable => blame(
            Error::unsound(error.to_string()),
            input,
            &made.recipe,
            &options,
        ),
        _ => error,
    })?;
    drop(made);
    options.cancel.check()?;
    Ok(scaled(picture.into_rgba8(), into))
}

/// The largest size of the same shape that fits into a box, and is no larger than the picture.
pub(crate) fn fit(size: (u32, u32), into: (u32, u32)) -> (u32, u32) {
    let [width, height, most_width, most_height] =
        [size.0, size.1, into.0, into.1].map(|side| u64::from(side.max(1)));
    if width <= most_width && height <= most_height {
        return (width as u32, height as u32);
    }
    // Rounded to the nearest; at most as large as the box, so that it fits into 32 bits.
    let share = |side: u64, of: u64, by: u64| ((side * by + of / 2) / of).max(1) as u32;
    match width * most_height >= height * most_width {
        true => (most_width as u32, share(height, width, most_width)),
        false => (share(width, height, most_height), most_height as u32),
    }
}

/// Scales a picture down into a box.
pub(crate) fn scaled(mut picture: RgbaImage, into: (u32, u32)) -> RgbaImage {
    let (width, height) = fit(picture.dimensions(), into);
    if (width, height) == picture.dimensions() {
        return picture;
    }
    // The colour of what cannot be seen is not to run into what can.
    let see_through = picture.pixels().any(|pixel| pixel.0[3] < u8::MAX);
    if see_through {
        picture.pixels_mut().for_each(|pixel| {
            let [r, g, b, a] = pixel.0;
            pixel.0 = [mix(r, 0, a), mix(g, 0, a), mix(b, 0, a), a];
        });
    }
    // Of a very large picture an average is taken first, which is many times as fast.
    if picture.width() / width >= 4 && picture.height() / height >= 4 {
        picture = imageops::thumbnail(&picture, width * 2, height * 2);
    }
    let mut small = imageops::resize(&picture, width, height, FilterType::CatmullRom);
    if see_through {
        small.pixels_mut().for_each(|pixel| {
            let [r, g, b, a] = pixel.0;
            let full = |level: u8| {
                let level = u32::from(level) * 255 / u32::from(a.max(1));
                level.min(255) as u8
            };
            pixel.0 = [full(r), full(g), full(b), a];
        });
    }
    small
}

/// As much of `over` as `alpha` says, the rest of `under`.
pub(crate) fn mix(over: u8, under: u8, alpha: u8) -> u8 {
    let [over, under, alpha] = [over, under, alpha].map(u32::from);
    ((over * alpha + under * (255 - alpha) + 127) / 255) as u8
}

/// Draws a picture onto a canvas, what is transparent on a chequered ground.
pub(crate) fn draw(canvas: &mut RgbImage, picture: &RgbaImage, (left, top): (u32, u32)) {
    const SQUARE: u32 = 8;
    for (x, y, pixel) in picture.enumerate_pixels() {
        let [r, g, b, a] = pixel.0;
        let ground = match (x / SQUARE + y / SQUARE) % 2 {
            0 => 230,
            _ => 180,
        };
        if let Some(place) = canvas.get_pixel_mut_checked(left + x, top + y) {
            *place = Rgb([r, g, b].map(|level| mix(level, ground, a)));
        }
    }
}

#[cfg(test)]
mod tests {
    use image::Rgba;

    use super::*;

    #[test]
    fn a_picture_fits_into_its_box_and_keeps_its_shape() {
        for (size, into, fitted) in [
            ((400, 200), (100, 100), (100, 50)),
            ((200, 400), (100, 100), (50, 100)),
            ((30, 20), (100, 100), (30, 20)),
            ((60_000, 1), (100, 100), (100, 1)),
            ((u32::MAX, u32::MAX), (u32::MAX, 7), (7, 7)),
            ((3, 2), (2, 2), (2, 1)),
        ] {
            assert_eq!(fit(size, into), fitted, "{size:?} {into:?}");
        }
    }

    #[test]
    fn hidden_colours_do_not_run_into_those_that_are_seen() {
        let picture = RgbaImage::from_fn(64, 64, |x, _| match x < 29 {
            true => Rgba([200, 10, 10, 255]),
            false => Rgba([0, 255, 0, 0]),
        });
        let small = scaled(picture, (16, 16));
        assert_eq!(small.dimensions(), (16, 16));
        for pixel in small.pixels().filter(|pixel| pixel.0[3] > 128) {
            assert!(pixel.0[0] > 190 && pixel.0[1] < 20, "{pixel:?}");
        }
    }

    #[test]
    fn what_is_transparent_shows_the_ground() {
        let mut canvas = RgbImage::new(16, 8);
        draw(&mut canvas, &RgbaImage::new(16, 8), (0, 0));
        assert_eq!(canvas.get_pixel(0, 0).0, [230; 3]);
        assert_eq!(canvas.get_pixel(8, 0).0, [180; 3]);
    }
}
