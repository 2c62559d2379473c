//! How fast PNGs are glitched, as ratios from one run: against the floor, which is one inflate of
//! the input's image data and one deflate of the result's, by the library and level that made the
//! result; and against reading and writing the file with Pillow and ImageMagick.
//!
//!     cargo bench --bench png [-- --write]
//!
//! Processor time on one thread. Pillow tells its own, without the start of Python; what ImageMagick
//! takes for a picture of one pixel, its start, is taken off.

mod support;

use std::path::Path;
use std::process::{Command, Stdio};

use png::{ColorType, Compression, Filter};
use support::clock::{Work, median, race, rounds};
use support::photograph::{Plane, size};
use support::png_file::{Deflater, Kind, idat, inflate, written};
use support::report::{Report, kilobytes, ms, ratio};
use support::screenshot;
use support::tools::{Folder, fixture, run};
use support::{RECIPE, RUNS, SEEDS, for_each_seed, glitched, with_options};

const PILLOW: &str = "
import io, sys, time
from PIL import Image
before = time.process_time()
Image.open(sys.argv[1]).save(io.BytesIO(), 'PNG')
print((time.process_time() - before) * 1000)
";

struct Subject {
    name: &'static str,
    pixels: u64,
    bytes: Vec<u8>,
}

fn main() {
    let folder = Folder::new();
    let imagemagick = imagemagick();
    let mut report = Report::new("png");
    report.table(&[
        "PNG",
        "file",
        "glitch",
        "floor",
        "of the floor",
        "floor's deflate",
        "Pillow",
        "times as fast",
        "ImageMagick",
        "times as fast",
        "result, of the input",
        "verification, on top",
    ]);
    for subject in photographs().into_iter().chain(screenshots()) {
        let path = folder.file("picture.png", &subject.bytes);
        report.row(&row(&subject, &path, imagemagick));
    }
    report.finish();
}

fn photographs() -> Vec<Subject> {
    let plane = Plane::new();
    let small = Compression::Balanced;
    let kinds = [
        ("photograph, 0.5 MP, RGB", 0.5, small, false),
        ("photograph, 4 MP, RGB", 4.0, small, false),
        (
            "photograph, 4 MP, RGB, written in haste",
            4.0,
            Compression::Fast,
            false,
        ),
        ("photograph, 4 MP, RGBA", 4.0, small, true),
        ("photograph, 24 MP, RGB", 24.0, small, false),
    ];
    let photographs = kinds.map(|(name, megapixels, compression, alpha)| {
        let (width, height) = size(megapixels);
        let bytes = written(Kind {
            size: (width, height),
            colour: if alpha {
                ColorType::Rgba
            } else {
                ColorType::Rgb
            },
            palette: None,
            filter: Filter::Adaptive,
            compression,
            rows: &mut |sink| {
                let rows = plane.rows((width, height), (0, 0), |row| match alpha {
                    true => sink(&with_alpha(row)),
                    false => sink(row),
                });
                rows.expect("memory takes all rows");
            },
        });
        Subject {
            name,
            pixels: u64::from(width) * u64::from(height),
            bytes,
        }
    });
    photographs.into()
}

fn screenshots() -> Vec<Subject> {
    let rgb = screenshot::rgb();
    let rgba = with_alpha(&rgb);
    let indices = screenshot::indices();
    let kinds = [
        (
            "screenshot, RGB, adaptive filters",
            ColorType::Rgb,
            &rgb,
            Filter::Adaptive,
        ),
        (
            "screenshot, RGB, no filters",
            ColorType::Rgb,
            &rgb,
            Filter::NoFilter,
        ),
        (
            "screenshot, RGBA, adaptive filters",
            ColorType::Rgba,
            &rgba,
            Filter::Adaptive,
        ),
        (
            "screenshot, RGBA, no filters",
            ColorType::Rgba,
            &rgba,
            Filter::NoFilter,
        ),
        (
            "screenshot, palette, adaptive filters",
            ColorType::Indexed,
            &indices,
            Filter::Adaptive,
        ),
        (
            "screenshot, palette, no filters",
            ColorType::Indexed,
            &indices,
            Filter::NoFilter,
        ),
    ];
    let (width, height) = screenshot::SIZE;
    let screenshots = kinds.map(|(name, colour, pixels, filter)| Subject {
        name,
        pixels: u64::from(width) * u64::from(height),
        bytes: written(Kind {
            size: screenshot::SIZE,
            colour,
            palette: (colour == ColorType::Indexed).then(|| screenshot::palette().concat()),
            filter,
            compression: Compression::Balanced,
            rows: &mut |sink| {
                let rows = pixels.chunks_exact(width as usize * colour.samples());
                rows.for_each(|row| sink(row).expect("memory takes all rows"));
            },
        }),
    });
    screenshots.into()
}

fn with_alpha(rgb: &[u8]) -> Vec<u8> {
    let pixels = rgb.chunks_exact(3);
    pixels
        .flat_map(|rgb| [rgb[0], rgb[1], rgb[2], 255])
        .collect()
}

/// A result: its size, and what its image data are made of.
struct Outcome {
    len: usize,
    filtered: Vec<u8>,
    deflater: Deflater,
}

fn outcome(input: &[u8], seed: u64) -> Outcome {
    let bytes = glitched(input, RECIPE, seed);
    let deflated = idat(&bytes);
    let filtered = fdeflate::decompress_to_vec(&deflated).expect("it inflates");
    Outcome {
        len: bytes.len(),
        deflater: Deflater::of(&deflated, &filtered),
        filtered,
    }
}

fn row(subject: &Subject, path: &Path, imagemagick: Option<&str>) -> [String; 12] {
    let input = &subject.bytes[..];
    let compressed = idat(input);
    let results: Vec<Outcome> = SEEDS.map(|seed| outcome(input, seed)).collect();
    let works: [Work<'_>; 3] = [
        Box::new(|| for_each_seed(|seed| drop(glitched(input, RECIPE, seed)))),
        Box::new(|| {
            for result in &results {
                std::hint::black_box(inflate(&compressed, result.filtered.len()));
                std::hint::black_box(result.deflater.deflate(&result.filtered));
            }
        }),
        Box::new(|| {
            for_each_seed(|seed| drop(with_options(input, RECIPE, seed, /* verify */ true)));
        }),
    ];
    let [ours, floor, verified] = race(rounds(subject.pixels), works).map(|time| time / RUNS);
    let times = if subject.pixels > 10_000_000 { 1 } else { 5 };
    let pillow = pillow(path, times);
    let magick = imagemagick.map(|program| by_imagemagick(program, path, times));
    let told = |time: Option<f64>| time.map_or("-".into(), |time| format!("{} ms", ms(time)));
    let faster = |time: Option<f64>| time.map_or("-".into(), |time| ratio(time / ours));
    let largest = results.iter().map(|result| result.len).max().unwrap_or(0);
    [
        subject.name.into(),
        kilobytes(input.len()),
        told(Some(ours)),
        told(Some(floor)),
        ratio(ours / floor),
        deflaters(&results),
        told(pillow),
        faster(pillow),
        told(magick),
        faster(magick),
        ratio(largest as f64 / input.len() as f64),
        told(Some(verified - ours)),
    ]
}

/// The libraries that made the results, each once.
fn deflaters(results: &[Outcome]) -> String {
    let mut names: Vec<String> = results.iter().map(|r| r.deflater.to_string()).collect();
    names.sort();
    names.dedup();
    names.join(", ")
}

/// Milliseconds that Pillow takes to read and write a PNG, the median of some times; `GLITCH_PYTHON`
/// is a Python that has it.
fn pillow(path: &Path, times: usize) -> Option<f64> {
    let once = || pillow_once(path);
    let times: Option<Vec<f64>> = std::iter::repeat_with(once).take(times).collect();
    times.map(median)
}

fn pillow_once(path: &Path) -> Option<f64> {
    let python = std::env::var("GLITCH_PYTHON").unwrap_or_else(|_| "python3".into());
    let output = Command::new(python)
        .args(["-c", PILLOW])
        .arg(path)
        .stderr(Stdio::null())
        .output()
        .ok()?;
    String::from_utf8_lossy(&output.stdout).trim().parse().ok()
}

/// The name that ImageMagick has here.
fn imagemagick() -> Option<&'static str> {
    ["magick", "convert"].into_iter().find(|program| {
        let output = Command::new(program).arg("-version").output();
        output.is_ok_and(|output| output.stdout.starts_with(b"Version: ImageMagick"))
    })
}

fn by_imagemagick(program: &str, path: &Path, times: usize) -> f64 {
    let one_pixel = fixture("png/grey-8-1x1.png");
    let convert = |path: &Path| {
        // One thread, as all others.
        let limit = ["-limit", "thread", "1"];
        run(Command::new(program).args(limit).arg(path).arg("png:-"));
    };
    let works: [Work<'_>; 2] = [Box::new(|| convert(path)), Box::new(|| convert(&one_pixel))];
    let [time, start] = race(times, works);
    time - start
}
