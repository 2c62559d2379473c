//! How much memory a glitch takes, without verification: all that is allocated at one time, the
//! input included, counted by the allocator. It does not depend on the machine.

#[path = "../benches/support/photograph.rs"]
#[allow(dead_code, reason = "the benches use the rest of it")]
mod photograph;
mod skip;

use std::io::{Cursor, Write};
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};

use glitch::{Options, Recipe};
use image::codecs::jpeg::JpegEncoder;
use image::{ImageFormat, RgbImage};
use peak_alloc::PeakAlloc;
use photograph::Plane;
use skip::skip;

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

const MEGABYTE: usize = 1_000_000;

/// The allocator counts for the whole process: one test at a time.
static ALONE: Mutex<()> = Mutex::new(());

/// What a glitch needed.
struct Need {
    /// Bytes at the same time, the input included.
    peak: usize,
    output: usize,
}

fn need(input: &[u8], recipe: &str) -> Need {
    let recipe: Recipe = recipe.parse().unwrap();
    let options = Options {
        verify: false,
        ..Options::default()
    };
    let before = ALLOCATOR.current_usage();
    ALLOCATOR.reset_peak_usage();
    let glitched = glitch::glitch_with(input, &recipe, &options).unwrap();
    Need {
        peak: input.len() + ALLOCATOR.peak_usage() - before,
        output: glitched.bytes.len(),
    }
}

/// Passes that edit bytes, and settings that bound what they do.
const RECIPES: [&str; 7] = [
    "classic,seed=1",
    "classic,seed=2",
    "classic,seed=3",
    "replace:times=20,seed=1",
    "bars,seed=1",
    "replace:times=9,reach=3,seed=1",
    "replace:times=9,channels=chroma,seed=6",
];

/// Fails for recipes that need more than input, output and `more`.
fn assert_need(input: &[u8], more: usize) {
    for recipe in RECIPES {
        let Need { peak, output } = need(input, recipe);
        let over = peak.saturating_sub(input.len() + output);
        assert!(over > 0, "{recipe}: nothing was counted");
        assert!(over <= more, "{recipe}: {over} bytes, of at most {more}");
    }
}

/// Large enough that what grows with the picture is more than what does not.
const MEGAPIXELS: f64 = 6.0;

#[test]
fn a_baseline_jpeg_needs_the_input_the_output_and_a_megabyte() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let jpeg = jpeg(photograph::size(MEGAPIXELS));
    assert!(jpeg.len() * 2 > 3 * MEGABYTE);
    assert_need(&jpeg, MEGABYTE);
}

/// `grit` changes most of the bytes: what it makes of them is held beside the input, each stretch by
/// itself.
#[test]
fn grit_needs_the_file_twice_more() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let jpeg = jpeg(photograph::size(MEGAPIXELS));
    for recipe in ["grit,seed=1", "grit:part=100:share=100,seed=2"] {
        let Need { peak, output } = need(&jpeg, recipe);
        let over = peak.saturating_sub(jpeg.len() + output);
        assert!(
            over <= 2 * jpeg.len() + MEGABYTE,
            "{recipe}: {over} bytes, {}",
            jpeg.len()
        );
    }
}

/// What is to be remembered of each block between the scans, of the input too where it differs
/// while it is measured how much shows.
const BYTES_A_BLOCK: usize = 16;

#[test]
fn a_progressive_jpeg_needs_bytes_for_each_block_more() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let (width, height) = photograph::size(MEGAPIXELS);
    let blocks = (width.div_ceil(8) * height.div_ceil(8) * 3) as usize;
    let Some(jpeg) = progressive(&jpeg((width, height))) else {
        return skip("jpegtran is not installed (libjpeg-turbo-progs)");
    };
    assert_need(&jpeg, blocks * BYTES_A_BLOCK + MEGABYTE);
}

/// The image data inflated; what deflates them has a buffer as large, and the file grows in one
/// that is larger than the input.
#[test]
fn a_png_needs_three_times_its_inflated_data_and_a_fifth_more() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let (width, height) = photograph::size(2.0);
    let png = png((width, height));
    let inflated = height as usize * (1 + 3 * width as usize);
    assert_need(&png, inflated * 16 / 5 + MEGABYTE);
}

/// The other tests would pass if nothing was counted.
#[test]
fn what_is_allocated_is_counted() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let before = ALLOCATOR.current_usage();
    ALLOCATOR.reset_peak_usage();
    drop(std::hint::black_box(vec![1u8; 5 * MEGABYTE]));
    assert!(ALLOCATOR.peak_usage() - before >= 5 * MEGABYTE);
}

/// A photograph, the same on every machine.
fn picture(size: (u32, u32)) -> RgbImage {
    Plane::new().picture(size)
}

fn png(size: (u32, u32)) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture(size)
        .write_to(&mut bytes, ImageFormat::Png)
        .unwrap();
    bytes.into_inner()
}

/// A baseline JPEG without subsampling.
fn jpeg(size: (u32, u32)) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    let encoder = JpegEncoder::new_with_quality(&mut bytes, 90);
    picture(size).write_with_encoder(encoder).unwrap();
    bytes.into_inner()
}

/// The same in the usual ten scans.
fn progressive(jpeg: &[u8]) -> Option<Vec<u8>> {
    let mut command = Command::new("jpegtran");
    command.args(["-copy", "all", "-progressive"]);
    let command = command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().ok()?;
    let mut stdin = child.stdin.take()?;
    std::thread::scope(|scope| {
        scope.spawn(move || stdin.write_all(jpeg));
        let output = child.wait_with_output().ok()?;
        output.status.success().then_some(output.stdout)
    })
}
