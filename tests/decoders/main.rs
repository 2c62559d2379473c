//! Independent decoders over every valid fixture, glitched: the result has to be clean (it opens,
//! and there is no warning) wherever the fixture itself is clean in the same decoder, and drawn
//! the same. The decoders are the rows of `decoders/table.txt`.
//!
//! A decoder that is not installed is skipped with a line on standard error; with
//! `GLITCH_REQUIRE_DECODERS=1` it fails.

mod controls;
mod each;
mod inside;
mod law;
mod lines;
mod parallel;
mod picture;
#[path = "../skip/mod.rs"]
mod skip;
mod subjects;
mod table;

/// What is done to every valid fixture.
const RECIPES: [&str; 5] = [
    "classic",
    "replace:times=20",
    "replace:times=9,reach=2,protect=30-30-40-40",
    "shatter",
    "melt,strip=metadata,thumbnail=drop",
];
/// What is done to those that are JPEGs, besides.
const JPEG_RECIPES: [&str; 2] = [
    "slices:how=swap,smear:times=4,tint:times=4,grit",
    "quant:how=outline,replace",
];
/// What is done to those that are PNGs, besides.
const PNG_RECIPES: [&str; 2] = [
    "graft:times=3,transpose,palette",
    "refilter,defect:times=3,replace,reach=2",
];
const SEEDS: [u64; 3] = [1, 2, 3];

macro_rules! decoders {
    ($($test:ident: $name:literal,)*) => {
        $(#[test]
        fn $test() {
            law::hold(&table::decoder($name));
        })*

        #[test]
        fn every_row_of_the_table_has_its_test() {
            let rows: Vec<_> = table::decoders().iter().map(|decoder| decoder.name).collect();
            assert_eq!(rows, [$($name),*]);
        }
    };
}

decoders! {
    djpeg: "djpeg",
    graphicsmagick: "graphicsmagick",
    jpeginfo: "jpeginfo",
    cjxl: "cjxl",
    ffmpeg: "ffmpeg",
    pngcheck: "pngcheck",
    pngfix: "pngfix",
    optipng: "optipng",
    go: "go",
    pillow: "pillow",
    sharp: "sharp",
    jpeg_decoder: "jpeg-decoder",
    zune_jpeg: "zune-jpeg",
    png: "png",
}

#[test]
fn every_valid_fixture_is_glitched() {
    let refused = &subjects::get().refused;
    assert!(refused.is_empty(), "{}", refused.join("\n"));
}
