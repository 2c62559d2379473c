//! Photographs of 0.3 to 4 MB, the same on every machine, with what is to become of them.

use glitch::Recipe;
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ExtendedColorType, ImageEncoder, Rgb, RgbImage};
use jpeg_encoder::{ColorType, Encoder, SamplingFactor};

use crate::requests::cases::fixture;
use crate::requests::client::request;

/// A request with a photograph, and the answer to it.
pub struct Job {
    pub request: Vec<u8>,
    pub answer: Vec<u8>,
    pub media_type: &'static str,
    pub name: &'static str,
    /// Of the photograph.
    pub bytes: usize,
}

enum Form {
    Baseline(u8),
    Progressive(u8),
    Png,
}

use Form::{Baseline, Png, Progressive};

/// Name, sides, and how it is written.
const PHOTOS: [(&str, (u32, u32), Form); 9] = [
    ("JPEG 1.2 MP", (1280, 960), Baseline(90)),
    ("JPEG 3 MP", (2048, 1536), Baseline(85)),
    ("JPEG 3 MP, progressive", (2048, 1536), Progressive(88)),
    ("JPEG 5 MP", (2592, 1944), Baseline(90)),
    ("JPEG 8 MP", (3264, 2448), Baseline(90)),
    ("JPEG 8 MP, progressive", (3264, 2448), Progressive(85)),
    ("JPEG 12 MP", (4032, 3024), Baseline(95)),
    ("PNG 0.5 MP", (800, 600), Png),
    ("PNG 1.5 MP", (1440, 1080), Png),
];

/// What is asked for: each photograph with each of these.
const RECIPES: [&str; 2] = ["classic,seed=1", "bars,seed=2"];

/// Every photograph with every recipe, and what the library makes of it.
pub fn jobs() -> Vec<Job> {
    let tile = image::load_from_memory(&fixture("portrait.jpg"));
    let tile = tile.expect("the fixture opens").into_rgb8();
    let mut jobs = Vec::new();
    for (name, sides, form) in &PHOTOS {
        let photo = written(&tiled(&tile, *sides), form);
        jobs.extend(RECIPES.map(|recipe| job((name, &photo), recipe)));
    }
    jobs
}

fn job((name, photo): (&'static str, &[u8]), recipe: &str) -> Job {
    let parsed: Recipe = recipe.parse().expect("the recipes here parse");
    let made = glitch::glitch(photo, &parsed).expect("a photograph is glitched");
    Job {
        request: request("POST", &format!("/?recipe={recipe}"), photo),
        answer: made.bytes,
        media_type: made.format.media_type(),
        name,
        bytes: photo.len(),
    }
}

/// The portrait again and again, turned over and a little brighter or darker each time, with the
/// noise of a camera: a plain copy would compress too well.
fn tiled(tile: &RgbImage, (width, height): (u32, u32)) -> RgbImage {
    let (side, _) = tile.dimensions();
    RgbImage::from_fn(width, height, |x, y| {
        let (column, row) = (x / side, y / side);
        let across = if column % 2 == 0 {
            x % side
        } else {
            side - 1 - x % side
        };
        let down = if row % 2 == 0 {
            y % side
        } else {
            side - 1 - y % side
        };
        let shift = ((column * 7 + row * 13) % 41) as i16 - 20;
        let noise = (mixed(y * width + x) % 5) as i16 - 2;
        let sample = |value: u8| (i16::from(value) + shift + noise).clamp(0, 255) as u8;
        Rgb(tile.get_pixel(across, down).0.map(sample))
    })
}

/// A number that looks like chance.
fn mixed(number: u32) -> u32 {
    let mixed = (number ^ (number >> 15)).wrapping_mul(0x2c1b_3c6d);
    (mixed ^ (mixed >> 12)).wrapping_mul(0x297a_2d39) >> 8
}

fn written(photo: &RgbImage, form: &Form) -> Vec<u8> {
    match form {
        Baseline(quality) => jpeg(photo, *quality, None),
        Progressive(quality) => jpeg(photo, *quality, Some(SCANS)),
        Png => png(photo),
    }
}

/// Scans a component, in a progressive JPEG.
const SCANS: u8 = 4;

/// With 4:2:0 and tables of its own, as most cameras write it.
fn jpeg(photo: &RgbImage, quality: u8, scans: Option<u8>) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, quality);
    encoder.set_sampling_factor(SamplingFactor::F_2_2);
    encoder.set_optimized_huffman_tables(true);
    if let Some(scans) = scans {
        encoder.set_progressive_scans(scans);
    }
    let (width, height) = photo.dimensions();
    let [width, height] = [width, height].map(|side| u16::try_from(side).expect("no side is long"));
    let encoded = encoder.encode(photo.as_raw(), width, height, ColorType::Rgb);
    encoded.expect("memory takes it");
    bytes
}

fn png(photo: &RgbImage) -> Vec<u8> {
    let mut bytes = Vec::new();
    let (effort, filter) = (CompressionType::Fast, FilterType::Adaptive);
    let encoder = PngEncoder::new_with_quality(&mut bytes, effort, filter);
    let (width, height) = photo.dimensions();
    let written = encoder.write_image(photo.as_raw(), width, height, ExtendedColorType::Rgb8);
    written.expect("memory takes it");
    bytes
}
