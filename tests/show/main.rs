//! Contact sheets, heat maps and animations, by the library.

mod animation;
mod presets;

use std::fs;
use std::io::Cursor;
use std::sync::atomic::{AtomicUsize, Ordering};

use glitch::{Cancel, Container, ErrorKind, Format, Limits, Loop, Options, Recipe, Sheet};
use image::{DynamicImage, RgbImage};

use crate::animation::frames;

fn fixture(name: &str) -> Vec<u8> {
    let path = format!("{}/fixtures/{name}", env!("CARGO_MANIFEST_DIR"));
    fs::read(&path).unwrap_or_else(|why| panic!("{path}: {why}"))
}

fn recipe(text: &str) -> Recipe {
    text.parse().unwrap()
}

/// The frames as they are shown, and how long each is, in milliseconds.
fn animate(input: &[u8], settings: &Loop) -> glitch::Animated {
    glitch::animate(input, settings, &Options::default(), &|| ()).unwrap()
}

const CONTAINERS: [Container; 2] = [Container::Gif, Container::Apng];

#[test]
fn the_heat_map_colours_the_share_of_pixels_that_is_told() {
    for (name, text) in [
        ("portrait.jpg", "classic,seed=44"),
        ("portrait-progressive.jpg", "classic,seed=1"),
        ("cat.png", "replace:times=4,sort:len=900,seed=3"),
        ("png/rgba-16.png", "classic,alpha=glitch,seed=3"),
        ("png/grey-alpha-8.png", "classic,seed=3"),
        ("screenshot-palette.png", "classic,seed=3"),
    ] {
        let input = fixture(name);
        let made = glitch::glitch(&input, &recipe(text)).unwrap();
        let map = glitch::diff(&input, &made.bytes, &Options::default()).unwrap();
        assert_eq!(Some(map.changed), made.changed, "{name}");
        assert_eq!(map.size, made.size, "{name}");
        let picture = image::load_from_memory(&map.png).unwrap().into_rgb8();
        assert_eq!(picture.dimensions(), made.size, "{name}");
        let coloured = picture.pixels().filter(|pixel| pixel.0[0] != pixel.0[1]);
        let share = coloured.count() as f64 / f64::from(made.size.0 * made.size.1);
        assert_eq!(Some(share), made.changed, "{name}");
        assert!(share > 0.0, "{name}");
    }
}

#[test]
fn the_heat_map_of_what_did_not_change_is_grey_and_dark() {
    let input = fixture("cat.png");
    let map = glitch::diff(&input, &input, &Options::default()).unwrap();
    assert_eq!(map.changed, 0.0);
    let picture = image::load_from_memory(&map.png).unwrap().into_rgb8();
    let dark =
        |pixel: &image::Rgb<u8>| pixel.0[0] <= 85 && pixel.0.iter().all(|l| *l == pixel.0[0]);
    assert!(picture.pixels().all(dark));
    assert!(picture.pixels().any(|pixel| pixel.0[0] > 40));
    let other = fixture("png/rgba-8.png");
    let error = glitch::diff(&input, &other, &Options::default()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Undecodable);
}

/// A JPEG that is 60 wide and 30 high, and says that it is to be turned by a quarter.
fn turned() -> Vec<u8> {
    let picture = RgbImage::from_fn(60, 30, |x, y| {
        let noise = (x * 7919 + y * 104_729) % 61;
        // Red on the left, which is at the top when it is upright.
        let red = if x < 30 { 190 } else { 0 };
        image::Rgb([red + noise as u8, noise as u8, 40])
    });
    let mut bytes = Cursor::new(Vec::new());
    DynamicImage::from(picture)
        .write_to(&mut bytes, image::ImageFormat::Jpeg)
        .unwrap();
    let bytes = bytes.into_inner();
    // APP1: one entry of a TIFF directory, the orientation (274), 6.
    let exif = b"Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0";
    let mut turned = bytes[..2].to_vec();
    turned.extend([0xFF, 0xE1, 0, exif.len() as u8 + 2]);
    turned.extend(exif);
    turned.extend(&bytes[2..]);
    turned
}

#[test]
fn what_is_shown_is_upright() {
    let input = turned();
    let made = glitch::glitch(&input, &recipe("classic,seed=1")).unwrap();
    assert_eq!(made.size, (60, 30));
    let map = glitch::diff(&input, &made.bytes, &Options::default()).unwrap();
    assert_eq!(map.size, (30, 60));
    assert_eq!(Some(map.changed), made.changed);
    for container in CONTAINERS {
        let settings = Loop {
            recipe: recipe("none,seed=1"),
            frames: 2,
            container,
            ..Loop::default()
        };
        let frames = frames(&animate(&input, &settings).bytes, container);
        assert_eq!(frames[0].0.dimensions(), (30, 60));
        let (top, bottom) = (frames[0].0.get_pixel(15, 5), frames[0].0.get_pixel(15, 55));
        assert!(top.0[0] > 150 && bottom.0[0] < 100, "{top:?} {bottom:?}");
    }
    let mut sheet = Sheet::of_seeds(&recipe("none,seed=1"), 1);
    sheet.columns = Some(1);
    let sheet = glitch::sheet(&input, &sheet, &Options::default(), &|| ()).unwrap();
    let picture = image::load_from_memory(&sheet.bytes).unwrap().into_rgb8();
    let (top, bottom) = (
        picture.get_pixel(8 + 15, 8 + 5),
        picture.get_pixel(8 + 15, 8 + 55),
    );
    assert!(top.0[0] > 150 && bottom.0[0] < 100, "{top:?} {bottom:?}");
}

#[test]
fn every_tile_of_a_sheet_is_what_its_words_make() {
    let input = fixture("sticker-rgba.png");
    let mut plan = Sheet::of_seeds(&recipe("sort:len=300:times=2,replace,seed=7"), 3);
    plan.columns = Some(2);
    let done = AtomicUsize::new(0);
    let tell = || {
        done.fetch_add(1, Ordering::Relaxed);
    };
    let sheet = glitch::sheet(&input, &plan, &Options::default(), &tell).unwrap();
    assert_eq!(done.into_inner(), 3);
    assert_eq!(sheet.labels.len(), 3);
    let picture = image::load_from_memory(&sheet.bytes).unwrap().into_rgb8();
    assert_eq!(picture.dimensions(), sheet.size);
    // 192 pixels wide, so that nothing is scaled; a gap of 9 around each; rows of 3 lines.
    let gap = 192 / 20;
    let row = (sheet.size.1 - gap) / 2;
    for (index, words) in (1..).zip(&sheet.labels) {
        let made = glitch::glitch(&input, &recipe(words)).unwrap();
        let tile = image::load_from_memory(&made.bytes).unwrap().into_rgba8();
        let (left, top) = (index % 2, index / 2);
        let (left, top) = (gap + left * (192 + gap), gap + top * row);
        let opaque = tile
            .enumerate_pixels()
            .filter(|(.., pixel)| pixel.0[3] == 255);
        let mut count = 0;
        for (x, y, pixel) in opaque {
            let shown = picture.get_pixel(left + x, top + y);
            assert_eq!(shown.0, pixel.0[..3], "{words} {x} {y}");
            count += 1;
        }
        assert!(count > 1000);
    }
}

#[test]
fn the_presets_of_a_sheet_are_all_but_none() {
    let input = fixture("portrait.jpg");
    let presets = Sheet::of_presets(Format::Jpeg, Some(7));
    let sheet = glitch::sheet(&input, &presets, &Options::default(), &|| ()).unwrap();
    for preset in glitch::PRESETS {
        let Ok(recipe) = preset.name.parse::<Recipe>() else {
            panic!("{}", preset.name);
        };
        let works = preset.name != "none" && glitch::glitch(&input, &recipe).is_ok();
        let words = recipe.with_seed(7).to_string();
        assert_eq!(sheet.labels.contains(&words), works, "{words}");
    }
}

#[test]
fn limits_and_cancel_are_heeded() {
    let input = fixture("cat.png");
    let calls = |options: &Options| {
        let sheet = Sheet::of_seeds(&recipe("classic,seed=1"), 4);
        let animation = Loop {
            frames: 100,
            ..Loop::default()
        };
        [
            glitch::sheet(&input, &sheet, options, &|| ()).map(drop),
            glitch::animate(&input, &animation, options, &|| ()).map(drop),
            glitch::diff(&input, &input, options).map(drop),
        ]
        .map(|result| result.map_err(|error| error.kind()))
    };
    // The picture has 60,000.
    let limited = |pixels| Options {
        limits: Limits {
            pixels,
            ..Limits::default()
        },
        ..Options::default()
    };
    let too_large = Err(ErrorKind::TooLarge);
    assert_eq!(calls(&limited(60_000)), [too_large, too_large, Ok(())]);
    for refused in calls(&limited(50_000)) {
        assert!(refused.is_err());
    }
    let cancel = Cancel::default();
    cancel.cancel();
    let options = Options {
        cancel,
        ..Options::default()
    };
    assert_eq!(calls(&options), [Err(ErrorKind::Cancelled); 3]);
}

#[test]
fn no_fixture_makes_it_panic() {
    let folder = format!("{}/fixtures", env!("CARGO_MANIFEST_DIR"));
    let mut shown = 0;
    for kind in ["jpeg", "png", "broken", "other", "unsupported"] {
        for entry in fs::read_dir(format!("{folder}/{kind}")).unwrap() {
            let input = fs::read(entry.unwrap().path()).unwrap();
            let settings = Loop {
                recipe: recipe("classic,seed=1"),
                frames: 2,
                size: 40,
                ..Loop::default()
            };
            let mut sheet = Sheet::of_seeds(&recipe("classic,seed=1"), 1);
            sheet.width = 40;
            let made = glitch::animate(&input, &settings, &Options::default(), &|| ());
            let sheet = glitch::sheet(&input, &sheet, &Options::default(), &|| ());
            assert_eq!(made.is_ok(), sheet.is_ok());
            shown += usize::from(made.is_ok());
        }
    }
    assert!(shown > 100, "{shown}");
}
