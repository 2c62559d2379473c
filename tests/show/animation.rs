//! Animations.

use std::collections::HashSet;
use std::io::Cursor;

use glitch::{Container, ErrorKind, Loop, Motion, Options, Recipe, Seeds};
use image::codecs::{gif::GifDecoder, png::PngDecoder};
use image::{AnimationDecoder, RgbImage, RgbaImage};
use sha2::{Digest, Sha256};

use crate::{CONTAINERS, animate, fixture, recipe};

pub fn frames(bytes: &[u8], container: Container) -> Vec<(RgbaImage, f64)> {
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
