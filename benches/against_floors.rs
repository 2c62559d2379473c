//! Where the speed stands, as ratios from one run: a JPEG against `jpegtran -copy all` (which also
//! decodes and encodes the entropy-coded data) and against decode and encode by the `image`
//! crate; a PNG against one inflate and one deflate by the libraries in use.
//!
//! `cargo bench` prints processor time of this process (and of its children), in milliseconds. The
//! pictures are tiled from `fixtures/portrait.jpg`. Nothing here is asserted.

use std::io::Cursor;
use std::process::{Command, Stdio};

use glitch::{Options, Recipe};
use image::{ImageFormat, RgbImage};

const ROUNDS: usize = 5;

fn main() {
    println!(
        "{} cores; medians of {ROUNDS}, processor time in ms",
        std::thread::available_parallelism().map_or(0, usize::from)
    );
    for (name, side) in [("0.5 MP", 708), ("4 MP", 2000), ("24 MP", 4900)] {
        let picture = tiled(side);
        let baseline = encoded(&picture, ImageFormat::Jpeg);
        jpeg(&format!("JPEG {name} baseline"), &baseline);
        match jpegtran(&["-progressive"], &baseline) {
            Some(progressive) => jpeg(&format!("JPEG {name} progressive"), &progressive),
            None => println!(
                "skipped: jpegtran is not installed (libjpeg-turbo-progs), no progressive picture"
            ),
        }
        if side < 4000 {
            png(&format!("PNG {name}"), &encoded(&picture, ImageFormat::Png));
        }
    }
}

/// A square picture made of the portrait, each tile turned another way.
fn tiled(side: u32) -> RgbImage {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/portrait.jpg");
    let tile = image::open(path).expect("the fixture opens").to_rgb8();
    let turned = [
        image::imageops::rotate90(&tile),
        image::imageops::flip_horizontal(&tile),
        image::imageops::rotate180(&tile),
        tile,
    ];
    RgbImage::from_fn(side, side, |x, y| {
        let tile = &turned[((x / 512 + y / 512) % 4) as usize];
        *tile.get_pixel(x % 512, y % 512)
    })
}

fn encoded(picture: &RgbImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    match format {
        ImageFormat::Jpeg => {
            let encoder = image::codecs::jpeg::JpegEncoder::new_with_quality(&mut bytes, 88);
            picture
                .write_with_encoder(encoder)
                .expect("a JPEG is written");
        }
        _ => picture
            .write_to(&mut bytes, format)
            .expect("a picture is written"),
    }
    bytes.into_inner()
}

fn jpeg(name: &str, input: &[u8]) {
    let ours = median(|| glitched(input));
    line(name, input, "glitch", ours, None);
    if jpegtran(&[], input).is_some() {
        // The time of other processes is told in steps of 10 ms: so many runs that it matters little.
        let runs = 1 + 24_000_000 / input.len();
        let floor = median(|| (0..runs).for_each(|_| drop(jpegtran(&[], input)))) / runs as f64;
        line(name, input, "jpegtran -copy all", floor, Some(floor / ours));
    }
    by_pixels((name, input), ImageFormat::Jpeg, ours);
}

fn png(name: &str, input: &[u8]) {
    let ours = median(|| glitched(input));
    line(name, input, "glitch", ours, None);
    let idat = idat(input);
    let inflated = fdeflate::decompress_to_vec(&idat).expect("it inflates");
    let floor = median(|| {
        std::hint::black_box(fdeflate::decompress_to_vec(&idat).expect("it inflates"));
        std::hint::black_box(fdeflate::compress_to_vec(&inflated));
    });
    line(
        name,
        input,
        "fdeflate: inflate, deflate",
        floor,
        Some(floor / ours),
    );
    by_pixels((name, input), ImageFormat::Png, ours);
}

/// The way over the pixels: decode and encode with the `image` crate.
fn by_pixels((name, input): (&str, &[u8]), format: ImageFormat, ours: f64) {
    let pixels = median(|| {
        let picture = image::load_from_memory(input).expect("it opens").to_rgb8();
        std::hint::black_box(encoded(&picture, format));
    });
    line(
        name,
        input,
        "image: decode, encode",
        pixels,
        Some(pixels / ours),
    );
}

/// The data of all IDAT chunks.
fn idat(png: &[u8]) -> Vec<u8> {
    let mut data = Vec::new();
    let mut rest = &png[8..];
    while let Some((head, tail)) = rest.split_first_chunk::<8>() {
        let len = u32::from_be_bytes([head[0], head[1], head[2], head[3]]) as usize;
        if &head[4..] == b"IDAT" {
            data.extend_from_slice(&tail[..len]);
        }
        rest = &tail[len + 4..];
    }
    data
}

fn glitched(input: &[u8]) {
    let recipe = Recipe::default().with_seed(7);
    let options = Options {
        verify: false,
        ..Options::default()
    };
    std::hint::black_box(glitch::glitch_with(input, &recipe, &options).expect("it is glitched"));
}

/// What `jpegtran -copy all` makes of a file, if it is installed.
fn jpegtran(arguments: &[&str], input: &[u8]) -> Option<Vec<u8>> {
    let path = std::env::temp_dir().join(format!("glitch-bench-{}.jpg", std::process::id()));
    std::fs::write(&path, input).ok()?;
    let output = Command::new("jpegtran")
        .args(["-copy", "all"])
        .args(arguments)
        .arg(&path)
        .stderr(Stdio::null())
        .output();
    let _ = std::fs::remove_file(&path);
    output
        .ok()
        .filter(|output| output.status.success())
        .map(|output| output.stdout)
}

/// Median processor time of `work` in milliseconds, that of the processes it runs included.
fn median(mut work: impl FnMut()) -> f64 {
    work();
    let mut times: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            let before = processor_time();
            work();
            processor_time() - before
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[ROUNDS / 2]
}

/// Processor time of this process and its finished children, in milliseconds.
fn processor_time() -> f64 {
    let own = std::fs::read_to_string("/proc/self/schedstat").unwrap_or_default();
    let own: f64 = own
        .split_whitespace()
        .next()
        .and_then(|word| word.parse().ok())
        .unwrap_or(0.0);
    // Fields 16 and 17 of stat: user and system time of children, in ticks of 10 ms.
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat
        .rsplit(')')
        .next()
        .unwrap_or_default()
        .split_whitespace();
    let ticks: f64 = fields
        .skip(13)
        .take(2)
        .filter_map(|field| field.parse::<f64>().ok())
        .sum();
    own / 1e6 + ticks * 10.0
}

fn line(name: &str, input: &[u8], what: &str, time: f64, ratio: Option<f64>) {
    let ratio = ratio.map_or(String::new(), |ratio| format!("  {ratio:.2} times glitch"));
    println!(
        "{name:<24} {:>6} kB  {what:<28} {time:>8.1}{ratio}",
        input.len() / 1000
    );
}
