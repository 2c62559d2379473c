//! `glitch sheet`.

use image::ImageFormat::{Jpeg, Png};
use image::RgbImage;

use crate::{Folder, picture};

fn decoded(bytes: &[u8]) -> RgbImage {
    image::load_from_memory(bytes).unwrap().into_rgb8()
}

/// Rows of a sheet in which something other than paper is, as runs from top to bottom.
fn bands(sheet: &RgbImage) -> Vec<(u32, u32)> {
    let paper = *sheet.get_pixel(0, 0);
    let mut bands: Vec<(u32, u32)> = Vec::new();
    for y in 0..sheet.height() {
        if (0..sheet.width()).all(|x| *sheet.get_pixel(x, y) == paper) {
            continue;
        }
        match bands.last_mut() {
            Some((_, end)) if *end == y => *end += 1,
            _ => bands.push((y, y + 1)),
        }
    }
    bands
}

#[test]
fn a_sheet_shows_the_picture_and_nine_seeds_beside_it() {
    let folder = Folder::with_photo();
    let run = folder.run(&["sheet", "photo.jpg", "-s", "7"]).fine();
    assert!(
        run.out.starts_with("photo.jpg -> photo.sheet.jpg: JPEG "),
        "{}",
        run.out
    );
    assert!(
        run.out
            .contains("9 glitches, classic,seed=7 to classic,seed=15"),
        "{}",
        run.out
    );
    let bytes = folder.read("photo.sheet.jpg");
    assert_eq!(image::guess_format(&bytes).unwrap(), Jpeg);
    // Five tiles beside each other, each with room for words, in two rows.
    let sheet = decoded(&bytes);
    assert_eq!(sheet.width(), 8 + 5 * (160 + 8));
    assert!(sheet.height() > 2 * (80 + 16), "{}", sheet.height());
    assert_eq!(folder.files(), ["photo.jpg", "photo.sheet.jpg"]);
}

#[test]
fn a_sheet_tells_the_words_that_make_each_tile() {
    let folder = Folder::with_photo();
    let recipe = "sort:len=40:times=3,replace";
    let args = [
        "sheet",
        "photo.jpg",
        "-r",
        recipe,
        "-s",
        "18446744073709551615",
    ];
    let run = folder.run(&[&args[..], &["--seeds", "2", "--json", "-o", "a.png"]].concat());
    let told = &run.fine().json()[0];
    let words = |seed: &str| format!("{recipe},seed={seed}");
    assert_eq!(
        told["recipes"],
        serde_json::json!([words("18446744073709551615"), words("0")])
    );
    assert_eq!(
        (&told["output"], &told["format"]),
        (&"a.png".into(), &"png".into())
    );
    let bytes = folder.read("a.png");
    assert_eq!(image::guess_format(&bytes).unwrap(), Png);
    assert_eq!(told["bytes_out"], bytes.len());
    assert_eq!(told["width"], decoded(&bytes).width());
}

/// The words are drawn: other words, other pixels, and none lost where they are long.
#[test]
fn the_labels_are_on_the_sheet() {
    let folder = Folder::new();
    folder.picture("shot.png");
    let sheet = |recipe: &str, name: &str| {
        let args = [
            "sheet",
            "shot.png",
            "-r",
            recipe,
            "--seeds",
            "1",
            "--columns",
            "1",
            "-o",
            name,
        ];
        folder.run(&args).fine();
        decoded(&folder.read(name))
    };
    // Neither does anything, so that only their words differ.
    let (one, other) = (sheet("none,seed=7", "1.png"), sheet("none,seed=8", "2.png"));
    assert_eq!(one.dimensions(), other.dimensions());
    let bands_of = bands(&one);
    // Two tiles, and a line below each.
    assert_eq!(bands_of.len(), 4, "{bands_of:?}");
    let differ: Vec<u32> = (0..one.height())
        .filter(|y| (0..one.width()).any(|x| one.get_pixel(x, *y) != other.get_pixel(x, *y)))
        .collect();
    assert!(differ.len() > 4, "{differ:?}");
    let (top, bottom) = bands_of[3];
    assert!(
        differ.iter().all(|y| (top..bottom).contains(y)),
        "{differ:?}"
    );
    // A line holds 22 letters here; a recipe of 75 takes four, and each of them is there.
    let long = "none,filter=paeth,deflate=small,amount=30,reach=5pct,channels=chroma,seed=7";
    let long = sheet(long, "3.png");
    let lines = 1 + (long.height() - one.height()) / 16;
    assert_eq!(lines, 4);
    let dark = |sheet: &RgbImage, from: u32| {
        let below = sheet.enumerate_pixels().filter(|(_, y, _)| *y >= from);
        below.filter(|(.., pixel)| pixel.0[0] < 90).count()
    };
    assert!(dark(&long, bands(&long)[3].0) > 4 * dark(&one, top));
}

#[test]
fn presets_are_all_on_one_sheet() {
    let folder = Folder::with_photo();
    let run = folder.run(&["sheet", "photo.jpg", "--presets", "-s", "3", "--json"]);
    let told = &run.fine().json()[0];
    let labels = told["recipes"].as_array().unwrap();
    assert!(labels.contains(&"classic,seed=3".into()));
    for label in labels {
        let label = label.as_str().unwrap();
        assert!(
            !label.starts_with("none") && label.ends_with("seed=3"),
            "{label}"
        );
        folder
            .run(&["photo.jpg", "-r", label, "-o", "/dev/null"])
            .fine();
    }
    folder
        .run(&["sheet", "photo.jpg", "--presets", "--seeds", "3"])
        .fails(2, "cannot be used with");
}

#[test]
fn columns_and_width_are_as_asked() {
    let folder = Folder::with_photo();
    let args = [
        "sheet",
        "photo.jpg",
        "--seeds",
        "5",
        "-o",
        "a.png",
        "--width",
        "48",
    ];
    folder
        .run(&[&args[..], &["--columns", "2"]].concat())
        .fine();
    assert_eq!(decoded(&folder.read("a.png")).width(), 8 + 2 * (48 + 8));
    // Half as large as the picture.
    assert_eq!(bands(&decoded(&folder.read("a.png")))[0], (8, 8 + 40));
    for wrong in [["--columns", "0"], ["--width", "2"], ["--seeds", "0"]] {
        folder
            .run(&[&args[..4], &wrong[..]].concat())
            .fails(2, wrong[0]);
    }
}

#[test]
fn a_sheet_is_the_same_every_time_and_replaces_nothing() {
    let folder = Folder::with_photo();
    folder.run(&["sheet", "photo.jpg", "-s", "7"]).fine();
    let first = folder.read("photo.sheet.jpg");
    folder
        .run(&["sheet", "photo.jpg", "-s", "8"])
        .fails(4, "photo.sheet.jpg exists already: --force replaces it");
    assert!(folder.read("photo.sheet.jpg") == first);
    folder.run(&["sheet", "photo.jpg", "-s", "8", "-f"]).fine();
    assert!(folder.read("photo.sheet.jpg") != first);
    folder
        .run(&["sheet", "photo.jpg", "-s", "7", "-f", "-j", "1"])
        .fine();
    assert!(folder.read("photo.sheet.jpg") == first);
    // What was made is not searched for in a folder.
    let run = folder.run(&[".", "--json", "-o", "out"]).fine();
    assert_eq!(run.json().len(), 1);
}

#[test]
fn a_sheet_goes_through_pipes() {
    let folder = Folder::new();
    let run = folder.pipe(&picture(Png), &["sheet", "-", "-s", "7", "--seeds", "1"]);
    assert_eq!(run.code, 0, "{}", run.err);
    assert!(
        run.err
            .starts_with("standard input -> standard output: PNG"),
        "{}",
        run.err
    );
    assert_eq!(image::guess_format(&run.bytes).unwrap(), Png);
    assert!(folder.files().is_empty());
}

#[test]
fn what_makes_no_sheet_is_told() {
    let folder = Folder::with_photo();
    folder.write("bad.jpg", "GIF89a and so on");
    folder
        .run(&["sheet", "bad.jpg"])
        .fails(1, "glitch: bad.jpg: not a JPEG or PNG");
    folder.run(&["sheet", "gone.jpg"]).fails(4, "no such file");
    folder
        .run(&["sheet", "."])
        .fails(2, ". is a folder: name one picture");
    folder
        .run(&["sheet", "photo.jpg", "-o", "a.gif"])
        .fails(2, "a sheet is a .png or a .jpg, not a .gif");
    folder
        .run(&["sheet", "photo.jpg", "--max-pixels", "9k"])
        .fails(1, "too large");
    assert_eq!(folder.files(), ["bad.jpg", "photo.jpg"]);
}
