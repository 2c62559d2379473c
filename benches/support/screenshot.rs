//! A screenshot of a made-up desktop, 1920x1080: windows with text on a gradient. It is drawn in the
//! colours of a palette, of which RGB makes a smooth gradient again.

use noto_sans_mono_bitmap::{FontWeight, RasterHeight, get_raster, get_raster_width};

pub const SIZE: (u32, u32) = (1920, 1080);

/// First index of each ramp of the palette; the last is that of letters on coloured bars.
const BACKGROUND: u8 = 0;
const DARK_ON_WHITE: u8 = 64;
const WHITE_ON_DARK: u8 = 80;
const BLUE_ON_WHITE: u8 = 96;
const ON_BAR: u8 = 112;
const RAMP: u8 = 16;

const RAMPS: [(u8, [u8; 3], [u8; 3]); 4] = [
    (DARK_ON_WHITE, [252, 252, 252], [30, 32, 36]),
    (WHITE_ON_DARK, [40, 44, 52], [220, 223, 228]),
    (BLUE_ON_WHITE, [252, 252, 252], [20, 80, 200]),
    (ON_BAR, [58, 110, 165], [255, 255, 255]),
];

const WORDS: &str = "fn main let mut for in match return if else while struct impl use pub the a window \
    of text with lines that are long and short some are empty others hold numbers like 1024 0xFF and \
    3.14 names such as width height offset buffer or marks (like) [these] {here}; => == != && ||";

/// The picture as indices into [`palette`], row by row.
pub fn indices() -> Vec<u8> {
    let mut canvas = Canvas::new();
    canvas.window((60, 50, 900, 640), DARK_ON_WHITE);
    canvas.window((420, 260, 880, 720), WHITE_ON_DARK);
    canvas.window((1340, 90, 520, 560), BLUE_ON_WHITE);
    canvas.window((1180, 600, 660, 400), DARK_ON_WHITE);
    canvas.fill((0, 1040, 1920, 40), ON_BAR);
    canvas.text((20, 1050), 200, ON_BAR);
    canvas.pixels
}

pub fn palette() -> Vec<[u8; 3]> {
    let mut colours: Vec<[u8; 3]> = (0..64).map(|step| gradient(step, 63)).collect();
    for (_, from, to) in RAMPS {
        colours.extend((0..u32::from(RAMP)).map(|step| mixed(from, to, (step, 15))));
    }
    colours
}

/// The picture as RGB.
pub fn rgb() -> Vec<u8> {
    let palette = palette();
    let pixels = indices().into_iter().zip(0u32..);
    let colours = pixels.flat_map(|(index, place)| match index {
        ..DARK_ON_WHITE => gradient(place / SIZE.0, SIZE.1 - 1),
        _ => palette[usize::from(index)],
    });
    colours.collect()
}

fn gradient(at: u32, end: u32) -> [u8; 3] {
    mixed([24, 48, 96], [235, 150, 90], (at, end))
}

fn mixed(from: [u8; 3], to: [u8; 3], (at, end): (u32, u32)) -> [u8; 3] {
    std::array::from_fn(|i| {
        let sum = u32::from(from[i]) * (end - at) + u32::from(to[i]) * at;
        (sum / end) as u8
    })
}

struct Canvas {
    pixels: Vec<u8>,
    words: std::iter::Cycle<std::str::SplitWhitespace<'static>>,
}

impl Canvas {
    fn new() -> Self {
        let (width, height) = SIZE;
        let rows = (0..height).flat_map(|y| {
            let index = BACKGROUND + (y * 64 / height) as u8;
            std::iter::repeat_n(index, width as usize)
        });
        Canvas {
            pixels: rows.collect(),
            words: WORDS.split_whitespace().cycle(),
        }
    }

    fn fill(&mut self, (left, top, width, height): (u32, u32, u32, u32), index: u8) {
        for y in top..top + height {
            let start = (y * SIZE.0 + left) as usize;
            self.pixels[start..start + width as usize].fill(index);
        }
    }

    /// A window with a title bar, full of text.
    fn window(&mut self, (left, top, width, height): (u32, u32, u32, u32), ramp: u8) {
        self.fill((left - 1, top - 1, width + 2, height + 2), ramp + 8);
        self.fill((left, top, width, 28), ON_BAR);
        self.text((left + 10, top + 6), 30, ON_BAR);
        for button in 0..3 {
            self.fill(
                (left + width - 28 * (button + 1), top + 7, 14, 14),
                ON_BAR + 12,
            );
        }
        self.fill((left, top + 28, width, height - 28), ramp);
        let columns =
            (width - 60) / get_raster_width(FontWeight::Regular, RasterHeight::Size16) as u32;
        for line in 0..(height - 50) / 20 {
            let indent = line * 7 % 4 * 30;
            // Some lines are short, some are empty.
            let columns = columns.saturating_sub(indent / 7) * (line * 5 % 7) / 6;
            self.text((left + 20 + indent, top + 40 + line * 20), columns, ramp);
        }
    }

    /// A line of words, no longer than so many letters.
    fn text(&mut self, (mut left, top): (u32, u32), columns: u32, ramp: u8) {
        let mut column = 0;
        while column < columns {
            let word = self.words.next().unwrap_or_default();
            for letter in word.chars().chain([' ']) {
                left += self.letter(letter, (left, top), ramp);
                column += 1;
            }
        }
    }

    /// Returns how wide it is.
    fn letter(&mut self, letter: char, (left, top): (u32, u32), ramp: u8) -> u32 {
        let raster = get_raster(letter, FontWeight::Regular, RasterHeight::Size16);
        let raster = raster.expect("the font has ASCII");
        for (y, row) in (top..).zip(raster.rows()) {
            for (x, &shade) in (left..).zip(row).filter(|(x, _)| *x < SIZE.0) {
                self.pixels[(y * SIZE.0 + x) as usize] = ramp + shade / RAMP;
            }
        }
        raster.width() as u32
    }
}
