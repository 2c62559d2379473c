//! Contact sheets, heat maps and animations, by the library.

use std::collections::HashSet;
use std::fs;
use std::io::Cursor;
use std::sync::atomic::{AtomicUsize, Ordering};

use glitch::{
    Cancel, Container, ErrorKind, Format, Limits, Loop, Motion, Options, Recipe, Seeds, Sheet,
};
use image::codecs::{gif::GifDecoder, png::PngDecoder};
use image::{AnimationDecoder, DynamicImage, RgbImage, RgbaImage};
use sha2::{Digest, Sha256};

fn fixture(name: &str) -> Vec<u8> {
    let path = format!("{}/fixtures/{name}", env!("CARGO_MANIFEST_DIR"));
    fs::read(&path).unwrap_or_else(|why| panic!("{path}: {why}"))
}

fn recipe(text: &str) -> Recipe {
    text.parse().unwrap()
}

/// The frames as they are shown, and how long each is, in milliseconds.
fn frames(bytes: &[u8], container: Container) -> Vec<(RgbaImage, f64)> {
    let frames = match container {
        Container::Gif => GifDecoder::new(Cursor::new(bytes)).unwrap().into_frames(),
        Container::Apng => {
            let decoder = PngDecoder::new(Cursor::new(bytes)).unwrap();
            assert!(decoder.is_apng().unwrap());
            decoder.apng().unwrap().into_frames()
        }
    };
    frames
        .map(|frame| {
            let frame = frame.unwrap();
            let (numerator, denominator) = frame.delay().numer_denom_ms();
            let delay = f64::from(numerator) / f64::from(denominator);
            (frame.into_buffer(), delay)
        })
        .collect()
}

fn distinct(frames: &[(RgbaImage, f64)]) -> usize {
    let all: HashSet<&[u8]> = frames.iter().map(|(frame, _)| &**frame.as_raw()).collect();
    all.len()
}

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
        let works = !recipe.passes.is_empty() && glitch::glitch(&input, &recipe).is_ok();
        let words = recipe.with_seed(7).to_string();
        assert_eq!(sheet.labels.contains(&words), works, "{words}");
    }
}

#[test]
fn every_glitched_frame_is_another() {
    let motions = [
        (Motion::Steady, Seeds::Change),
        (Motion::Ramp("5-60".parse().unwrap()), Seeds::Keep),
        (Motion::Ramp("60-60".parse().unwrap()), Seeds::Keep),
        (Motion::Cycle(None), Seeds::Keep),
        (Motion::Cycle(Some((20, 80))), Seeds::Change),
    ];
    for name in ["portrait.jpg", "cat.png", "sticker-rgba.png"] {
        let input = fixture(name);
        for (motion, seeds) in &motions {
            // Of the largest the one container that shows least.
            let few = &CONTAINERS[..if name == "portrait.jpg" { 1 } else { 2 }];
            for &container in few {
                let settings = Loop {
                    recipe: recipe("classic,seed=3"),
                    size: 160,
                    motion: motion.clone(),
                    seeds: *seeds,
                    container,
                    ..Loop::default()
                };
                let made = animate(&input, &settings);
                let frames = frames(&made.bytes, container);
                let case = format!("{name} {motion:?} {seeds:?} {container:?}");
                assert_eq!((frames.len(), made.alike), (12, 0), "{case}");
                assert_eq!(distinct(&frames), 12, "{case}");
                assert_eq!(frames[0].0.dimensions(), made.size, "{case}");
            }
        }
    }
}

#[test]
fn a_growing_amount_of_one_seed_keeps_the_hits_of_before() {
    let input = fixture("cat.png");
    let settings = Loop {
        recipe: recipe("sort:len=900,reach=1,seed=3"),
        motion: Motion::Ramp("up".parse().unwrap()),
        seeds: Seeds::Keep,
        frames: 5,
        container: Container::Apng,
        ..Loop::default()
    };
    let made = animate(&input, &settings);
    let original = image::load_from_memory(&input).unwrap().into_rgba8();
    let frames = frames(&made.bytes, Container::Apng);
    assert!(frames[0].0 == original, "a ramp begins with nothing");
    let changed: Vec<usize> = frames
        .iter()
        .map(|(frame, _)| {
            frame
                .pixels()
                .zip(original.pixels())
                .filter(|(a, b)| a != b)
                .count()
        })
        .collect();
    assert!(
        changed.is_sorted() && changed[4] > changed[1],
        "{changed:?}"
    );
    let words: Vec<String> = made
        .recipes
        .iter()
        .flatten()
        .map(Recipe::to_string)
        .collect();
    let amount = |amount| format!("sort:len=900,amount={amount},reach=1,seed=3");
    assert_eq!(words, [0, 15, 30, 45, 60].map(amount));
}

#[test]
fn every_frame_is_what_its_recipe_makes() {
    let input = fixture("cat.png");
    let settings = Loop {
        recipe: recipe("classic,seed=9"),
        frames: 6,
        calm: 1,
        burst: 2,
        container: Container::Apng,
        ..Loop::default()
    };
    let made = animate(&input, &settings);
    let frames = frames(&made.bytes, Container::Apng);
    let mut seeds = Vec::new();
    for (recipe, (frame, delay)) in made.recipes.iter().zip(&frames) {
        assert!((delay - 1000.0 / 12.0).abs() < 1.0, "{delay}");
        let bytes = match recipe {
            Some(recipe) => glitch::glitch(&input, recipe).unwrap().bytes,
            None => input.clone(),
        };
        let shown = image::load_from_memory(&bytes).unwrap().into_rgba8();
        assert!(*frame == shown, "{recipe:?}");
        seeds.push(recipe.as_ref().and_then(|recipe| recipe.seed));
    }
    assert_eq!(seeds, [Some(9), Some(10), None, Some(11), Some(12), None]);
}

#[test]
fn a_calm_frame_of_a_gif_is_all_the_same_wherever_it_is() {
    let settings = Loop {
        recipe: recipe("classic,seed=9"),
        frames: 8,
        calm: 3,
        burst: 1,
        ..Loop::default()
    };
    let made = animate(&fixture("cat.png"), &settings);
    let frames = frames(&made.bytes, Container::Gif);
    let calm: Vec<_> = [1, 2, 3].map(|index| frames[index].0.as_raw()).to_vec();
    assert!(calm[0] == calm[1] && calm[1] == calm[2]);
    assert_eq!(distinct(&frames[..2]), 2);
    // A frame in which nothing changes is a few bytes: a palette, and one pixel.
    let bytes = |frames| {
        let settings = Loop {
            frames,
            ..settings.clone()
        };
        animate(&fixture("cat.png"), &settings).bytes.len()
    };
    assert!(bytes(4) - bytes(3) < 1000);
}

#[test]
fn the_delays_follow_the_rate() {
    for (fps, container) in [
        (12, Container::Gif),
        (50, Container::Gif),
        (30, Container::Apng),
    ] {
        let settings = Loop {
            recipe: recipe("classic,seed=9"),
            size: 64,
            fps,
            container,
            ..Loop::default()
        };
        let made = animate(&fixture("cat.png"), &settings);
        let sum: f64 = frames(&made.bytes, container)
            .iter()
            .map(|(_, delay)| delay)
            .sum();
        let asked = 12_000.0 / f64::from(fps);
        // GIF counts in 10 ms.
        assert!((sum - asked).abs() <= 12.0, "{sum} {asked}");
    }
}

#[test]
fn a_size_budget_is_met_or_told_to_be_too_small() {
    let input = fixture("portrait.jpg");
    for (container, most) in [(Container::Gif, 150_000), (Container::Apng, 400_000)] {
        let mut settings = Loop {
            recipe: recipe("classic,seed=9"),
            size: 256,
            frames: 8,
            container,
            ..Loop::default()
        };
        let free = animate(&input, &settings);
        assert!(free.bytes.len() as u64 > most);
        assert_eq!((free.size, free.full_size), ((256, 256), (256, 256)));
        settings.max_bytes = Some(most);
        let made = animate(&input, &settings);
        assert!(made.bytes.len() as u64 <= most);
        assert!(
            made.size.0 < 256 && made.full_size == (256, 256),
            "{:?}",
            made.size
        );
        assert_eq!(distinct(&frames(&made.bytes, container)), 8);
        settings.max_bytes = Some(500);
        let error = glitch::animate(&input, &settings, &Options::default(), &|| ()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TooLarge);
    }
}

#[test]
fn fewer_colours_come_last() {
    let input = fixture("cat.png");
    let mut settings = Loop {
        recipe: recipe("classic,seed=9"),
        frames: 4,
        ..Loop::default()
    };
    // Less and less, until nothing fits.
    let mut colours = Vec::new();
    let mut most = animate(&input, &settings).bytes.len() as u64;
    loop {
        settings.max_bytes = Some(most - 1);
        let Ok(made) = glitch::animate(&input, &settings, &Options::default(), &|| ()) else {
            break;
        };
        assert!((made.bytes.len() as u64) < most);
        most = made.bytes.len() as u64;
        colours.push(made.colours);
        assert_eq!(distinct(&frames(&made.bytes, Container::Gif)), 4);
    }
    assert!(colours.is_sorted_by_key(|colours| std::cmp::Reverse(*colours)));
    assert_eq!(colours.last(), Some(&Some(64)), "{colours:?}");
}

#[test]
fn transparency_is_kept_as_far_as_the_file_can() {
    let input = fixture("sticker-rgba.png");
    let original = image::load_from_memory(&input).unwrap().into_rgba8();
    for container in CONTAINERS {
        let settings = Loop {
            recipe: recipe("classic,seed=9"),
            container,
            ..Loop::default()
        };
        let made = animate(&input, &settings);
        for (frame, _) in frames(&made.bytes, container) {
            for (shown, pixel) in frame.pixels().zip(original.pixels()) {
                let alpha = match (container, pixel.0[3]) {
                    (Container::Apng, alpha) => alpha,
                    (Container::Gif, 0..128) => 0,
                    (Container::Gif, _) => 255,
                };
                assert_eq!(shown.0[3], alpha, "{container:?}");
            }
        }
    }
}

#[test]
fn the_same_seed_gives_the_same_animation() {
    // SHA-256 of the file. The picture is not scaled, and a PNG, so that it is the same everywhere.
    for (container, digest) in [
        (
            Container::Gif,
            "86b9b082f1c335d3e713514dee4e2b0c552bf97993ade4449eb90d6baec8c95d",
        ),
        (
            Container::Apng,
            "343581b305b8c9400ee8de93bd31d66e72b3688ab3ceb8de07025c16d24d8c42",
        ),
    ] {
        let settings = Loop {
            recipe: recipe("sort:len=900,replace,reach=2,seed=7"),
            motion: Motion::Cycle(Some((10, 70))),
            seeds: Seeds::Keep,
            frames: 6,
            container,
            ..Loop::default()
        };
        let made = animate(&fixture("cat.png"), &settings);
        let hex: String = Sha256::digest(&made.bytes)
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        assert_eq!(hex, digest, "{container:?}");
    }
    for container in CONTAINERS {
        let settings = Loop {
            recipe: recipe("classic,seed=7"),
            size: 100,
            container,
            ..Loop::default()
        };
        let input = fixture("portrait.jpg");
        let one = animate(&input, &settings).bytes;
        assert!(one == animate(&input, &settings).bytes);
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(1)
            .build()
            .unwrap();
        assert!(one == pool.install(|| animate(&input, &settings).bytes));
    }
}

#[test]
fn an_empty_recipe_gives_frames_that_are_the_picture() {
    let input = fixture("cat.png");
    let settings = Loop {
        recipe: recipe("none,seed=7"),
        frames: 3,
        container: Container::Apng,
        ..Loop::default()
    };
    let made = animate(&input, &settings);
    assert_eq!(made.alike, 0);
    let original = image::load_from_memory(&input).unwrap().into_rgba8();
    let frames = frames(&made.bytes, Container::Apng);
    assert_eq!(frames.len(), 3);
    assert!(frames.iter().all(|(frame, _)| *frame == original));
}

#[test]
fn a_picture_in_which_nothing_shows_is_told_to_be_alike() {
    let mut flat = Cursor::new(Vec::new());
    let picture = RgbImage::from_pixel(1, 1, image::Rgb([9, 9, 9]));
    picture
        .write_to(&mut flat, image::ImageFormat::Png)
        .unwrap();
    let settings = Loop {
        recipe: recipe("sort,seed=7"),
        frames: 3,
        ..Loop::default()
    };
    let made = animate(&flat.into_inner(), &settings);
    assert_eq!((made.size, made.recipes.len()), ((1, 1), 3));
    assert!(made.alike > 0);
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
