//! How fast JPEGs are glitched, as ratios from one run: against `jpegtran -copy all`, which also
//! decodes and encodes the entropy-coded data and nothing else, and against decode and encode by
//! the crate `image`.
//!
//!     cargo bench --bench jpeg [-- --write]
//!
//! Processor time of this process and of the programs it runs, on one thread. `jpegtran` reads a
//! file and writes to nowhere; what it takes for a picture of one pixel, its start, is taken off.

mod support;

use std::io::Cursor;
use std::path::Path;

use image::codecs::jpeg::JpegEncoder;
use support::clock::{Work, race, rounds};
use support::photograph::{Plane, size};
use support::report::{Report, kilobytes, ms, ratio};
use support::tools::{Folder, baseline, fixture, has_jpeg_tools, jpegtran, progressive};
use support::{RECIPE, RUNS, for_each_seed, glitched, with_options};

const QUALITY: u8 = 90;

/// A picture, and its file on the disc.
struct Subject<'a> {
    name: String,
    pixels: u64,
    bytes: &'a [u8],
    path: &'a Path,
}

fn main() {
    if !has_jpeg_tools() {
        return;
    }
    let plane = Plane::new();
    let folder = Folder::new();
    let mut report = Report::new("jpeg");
    report.table(&[
        "JPEG, 4:2:0, quality 90",
        "file",
        "glitch",
        "`jpegtran`",
        "times as fast",
        "`jpegtran -progressive`",
        "times as fast",
        "`image`",
        "times as fast",
        "verification, on top",
    ]);
    for megapixels in [0.5, 4.0, 24.0] {
        let (width, height) = size(megapixels);
        let camera = baseline(&plane, (width, height), (0, 0), QUALITY.into());
        for (kind, bytes) in [
            ("baseline", &camera),
            ("progressive", &progressive(&camera)),
        ] {
            let path = folder.file(&format!("{kind}.jpg"), bytes);
            let subject = Subject {
                name: format!("{megapixels} MP {kind}"),
                pixels: u64::from(width) * u64::from(height),
                bytes,
                path: &path,
            };
            report.row(&row(&subject));
        }
    }
    report.finish();
}

fn row(subject: &Subject<'_>) -> [String; 10] {
    let one_pixel = fixture("jpeg/size-1x1.jpg");
    let Subject { bytes, path, .. } = *subject;
    let is_progressive = subject.name.ends_with("progressive");
    let works: [Work<'_>; 6] = [
        Box::new(|| for_each_seed(|seed| drop(glitched(bytes, RECIPE, seed)))),
        Box::new(|| for_each_seed(|_| jpegtran(path, &[]))),
        Box::new(|| for_each_seed(|_| jpegtran(&one_pixel, &[]))),
        Box::new(|| {
            if is_progressive {
                for_each_seed(|_| jpegtran(path, &["-progressive"]));
            }
        }),
        Box::new(|| by_pixels(bytes)),
        Box::new(|| {
            for_each_seed(|seed| drop(with_options(bytes, RECIPE, seed, /* verify */ true)));
        }),
    ];
    let [all, floor, start, again, pixels, verified] = race(rounds(subject.pixels), works);
    let ours = all / RUNS;
    let floor = (floor - start) / RUNS;
    let again = is_progressive.then(|| (again - start) / RUNS);
    [
        subject.name.clone(),
        kilobytes(bytes.len()),
        format!("{} ms", ms(ours)),
        format!("{} ms", ms(floor)),
        ratio(floor / ours),
        again.map_or("–".into(), |again| format!("{} ms", ms(again))),
        again.map_or("–".into(), |again| ratio(again / ours)),
        format!("{} ms", ms(pixels)),
        ratio(pixels / ours),
        format!("{} ms", ms((verified - all) / RUNS)),
    ]
}

/// The way over the pixels: decode and encode with the crate `image`.
fn by_pixels(input: &[u8]) {
    let picture = image::load_from_memory(input).expect("it opens").to_rgb8();
    let mut bytes = Cursor::new(Vec::new());
    let encoder = JpegEncoder::new_with_quality(&mut bytes, QUALITY);
    picture
        .write_with_encoder(encoder)
        .expect("a JPEG is written");
    std::hint::black_box(bytes);
}
