//! Photographs of any size, the same on every machine: those of `fixtures/`, scaled up, laid side
//! by side and mirrored, with the grain of a sensor. At quality 90 they take 2 to 3 bits a
//! pixel, as a camera's do.

use std::io::{BufWriter, Write};

use image::imageops::{self, FilterType};
use image::{Rgb, RgbImage};

/// Sources, and how much of each is shown: left, top, width and height, three to two.
const SOURCES: [(&str, [u32; 4]); 3] = [
    ("portrait.jpg", [0, 20, 510, 340]),
    ("coffee-restart-rows.jpg", [0, 0, 600, 400]),
    ("cat.png", [0, 0, 300, 200]),
];

/// Size of a source scaled up.
const TILE: (u32, u32) = (900, 600);

/// Standard deviation of the grain, in levels of 255.
const GRAIN: i32 = 5;

/// An endless plane of photographs, of which pictures are cut.
pub struct Plane {
    tiles: Vec<RgbImage>,
}

impl Plane {
    pub fn new() -> Self {
        let tiles = SOURCES.iter().map(|(name, [x, y, width, height])| {
            let path = format!("{}/fixtures/{name}", env!("CARGO_MANIFEST_DIR"));
            let source = image::open(path).expect("the fixture opens").to_rgb8();
            let shown = imageops::crop_imm(&source, *x, *y, *width, *height).to_image();
            imageops::resize(&shown, TILE.0, TILE.1, FilterType::CatmullRom)
        });
        Plane {
            tiles: tiles.collect(),
        }
    }

    fn pixel(&self, x: u32, y: u32) -> [u8; 3] {
        let (column, row) = (x / TILE.0, y / TILE.1);
        let mirrored = |at: u32, side: u32, odd: bool| match odd {
            true => side - 1 - at,
            false => at,
        };
        let at = (
            mirrored(x % TILE.0, TILE.0, (column + row) % 2 == 1),
            mirrored(y % TILE.1, TILE.1, row % 2 == 1),
        );
        let Rgb(colour) = *self.tiles[((column + 2 * row) % 3) as usize].get_pixel(at.0, at.1);
        let grain = grain(x, y);
        colour.map(|level| (i32::from(level) + grain).clamp(0, 255) as u8)
    }

    /// A picture of it whose upper left corner is at `corner`, as PPM.
    pub fn ppm(
        &self,
        (width, height): (u32, u32),
        corner: (u32, u32),
        into: impl Write,
    ) -> std::io::Result<()> {
        let mut into = BufWriter::with_capacity(1 << 16, into);
        writeln!(into, "P6 {width} {height} 255")?;
        self.rows((width, height), corner, |row| into.write_all(row))?;
        into.flush()
    }

    /// Each row of such a picture as RGB.
    pub fn rows(
        &self,
        (width, height): (u32, u32),
        (left, top): (u32, u32),
        mut row_done: impl FnMut(&[u8]) -> std::io::Result<()>,
    ) -> std::io::Result<()> {
        let mut row = vec![0; width as usize * 3];
        for y in top..top + height {
            for (x, pixel) in (left..).zip(row.chunks_exact_mut(3)) {
                pixel.copy_from_slice(&self.pixel(x, y));
            }
            row_done(&row)?;
        }
        Ok(())
    }

    /// Such a picture in one piece, from the corner of the plane.
    pub fn picture(&self, size: (u32, u32)) -> RgbImage {
        let mut pixels = Vec::with_capacity(size.0 as usize * size.1 as usize * 3);
        self.rows(size, (0, 0), |row| {
            pixels.extend_from_slice(row);
            Ok(())
        })
        .expect("memory takes all rows");
        RgbImage::from_raw(size.0, size.1, pixels).expect("all rows are there")
    }
}

/// Nearly normally distributed, by place: the four bytes of a hash added up.
fn grain(x: u32, y: u32) -> i32 {
    let mut hash = x.wrapping_mul(0x9E37_79B1) ^ y.wrapping_mul(0x85EB_CA77).rotate_left(16);
    hash = (hash ^ hash >> 15).wrapping_mul(0x2C1B_3C6D);
    hash = (hash ^ hash >> 12).wrapping_mul(0x297A_2D39);
    hash ^= hash >> 15;
    let sum: i32 = hash.to_le_bytes().into_iter().map(i32::from).sum();
    // Mean 510, standard deviation 148.
    (sum - 510) * GRAIN / 148
}

/// Width and height, three to two, of so many megapixels.
pub fn size(megapixels: f64) -> (u32, u32) {
    let height = (megapixels * 1e6 / 1.5).sqrt();
    ((height * 1.5).round() as u32, height.round() as u32)
}
