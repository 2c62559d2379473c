//! Adam7 (PNG 8.1): seven reduced images, each taking every so manieth pixel.

/// One reduced image: its first pixel, and the steps to the next column and row.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reduced {
    pub(super) x: u32,
    pub(super) y: u32,
    pub(super) dx: u32,
    pub(super) dy: u32,
}

const fn reduced(x: u32, y: u32, dx: u32, dy: u32) -> Reduced {
    Reduced { x, y, dx, dy }
}

/// In the order in which they are stored.
pub(super) const REDUCED_IMAGES: [Reduced; 7] = [
    reduced(0, 0, 8, 8),
    reduced(4, 0, 8, 8),
    reduced(0, 4, 4, 8),
    reduced(2, 0, 4, 4),
    reduced(0, 2, 2, 4),
    reduced(1, 0, 2, 2),
    reduced(0, 1, 1, 2),
];

/// The whole picture as its one reduced image: no interlacing.
pub(super) const WHOLE: [Reduced; 1] = [reduced(0, 0, 1, 1)];

impl Reduced {
    /// Width and height of this reduced image of a picture. Either may be 0.
    ///
    /// A picture 6 pixels wide has columns 0 to 5; image 2 starts at column 4 with steps of 8, so
    /// it has (6 - 4) / 8 = 1 column, rounded up.
    pub(super) fn size(self, width: u32, height: u32) -> (u32, u32) {
        (
            width.saturating_sub(self.x).div_ceil(self.dx),
            height.saturating_sub(self.y).div_ceil(self.dy),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The pattern as the specification draws it (PNG 8.1).
    const DRAWN: [&[u8; 8]; 8] = [
        b"16462646",
        b"77777777",
        b"56565656",
        b"77777777",
        b"36463646",
        b"77777777",
        b"56565656",
        b"77777777",
    ];

    #[test]
    fn sizes_equal_the_drawn_pattern_counted() {
        for width in 1..=20u32 {
            for height in 1..=20u32 {
                for (index, image) in REDUCED_IMAGES.iter().enumerate() {
                    let digit = b'1' + index as u8;
                    let at = |x: u32, y: u32| DRAWN[y as usize % 8][x as usize % 8] == digit;
                    let columns = (0..width).filter(|&x| (0..height.min(8)).any(|y| at(x, y)));
                    let rows = (0..height).filter(|&y| (0..8).any(|x| at(x, y)));
                    let (w, h) = image.size(width, height);
                    let pixels = (0..height)
                        .map(|y| (0..width).filter(|&x| at(x, y)).count())
                        .sum::<usize>();
                    assert_eq!((w * h) as usize, pixels, "{width}x{height} image {index}");
                    if pixels > 0 {
                        assert_eq!(w as usize, columns.count());
                        assert_eq!(h as usize, rows.count());
                    }
                }
            }
        }
    }
}
