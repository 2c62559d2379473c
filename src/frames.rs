//! What changes from one frame of an animation to the next, for its writers.

use image::RgbaImage;

/// A rectangle of pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) left: u32,
    pub(crate) top: u32,
    pub(crate) width: u32,
    pub(crate) height: u32,
}

/// The smallest part that holds all pixels that differ. Where none does it is one pixel, for a
/// frame cannot be empty.
pub(crate) fn changed(before: &RgbaImage, after: &RgbaImage) -> Part {
    let (mut left, mut top, mut right, mut bottom) = (u32::MAX, u32::MAX, 0, 0);
    for ((x, y, after), before) in after.enumerate_pixels().zip(before.pixels()) {
        if after != before {
            (left, right) = (left.min(x), right.max(x));
            (top, bottom) = (top.min(y), bottom.max(y));
        }
    }
    if left > right {
        (left, top, right, bottom) = (0, 0, 0, 0);
    }
    Part {
        left,
        top,
        width: right - left + 1,
        height: bottom - top + 1,
    }
}

/// Whether somebody who looks at two frames sees two: a thousandth of the pixels, and a pixel at
/// least, differs clearly.
pub(crate) fn differ(one: &RgbaImage, other: &RgbaImage) -> bool {
    const CLEARLY: u8 = 24;
    let pixels = u64::from(one.width()) * u64::from(one.height());
    let mut pairs = one.pixels().zip(other.pixels());
    let clearly = |(one, other): &(&image::Rgba<u8>, &image::Rgba<u8>)| {
        let mut samples = one.0.iter().zip(&other.0);
        samples.any(|(one, other)| one.abs_diff(*other) > CLEARLY)
    };
    let enough = (pixels / 1000).max(1) as usize;
    pairs.by_ref().filter(clearly).take(enough).count() == enough
}

#[cfg(test)]
mod tests {
    use image::Rgba;

    use super::*;

    #[test]
    fn the_part_is_as_small_as_can_be() {
        let before = RgbaImage::new(50, 40);
        let part = |left, top, width, height| Part {
            left,
            top,
            width,
            height,
        };
        assert_eq!(changed(&before, &before), part(0, 0, 1, 1));
        let mut after = before.clone();
        after.put_pixel(49, 39, Rgba([1; 4]));
        assert_eq!(changed(&before, &after), part(49, 39, 1, 1));
        after.put_pixel(3, 7, Rgba([1; 4]));
        assert_eq!(changed(&before, &after), part(3, 7, 47, 33));
    }

    #[test]
    fn two_frames_are_two_where_enough_of_them_differs() {
        let one = RgbaImage::new(50, 60);
        let mut other = one.clone();
        for x in 0..3 {
            assert!(!differ(&one, &other));
            other.put_pixel(x, 30, Rgba([25, 0, 0, 0]));
        }
        assert!(differ(&one, &other));
        other = one.clone();
        other.pixels_mut().for_each(|pixel| pixel.0[1] = 24);
        assert!(!differ(&one, &other));
    }
}
