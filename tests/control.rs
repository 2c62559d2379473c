//! The promises about the settings that hold damage in bounds, as a decoder sees them.

#[path = "control/presets.rs"]
mod presets;

use std::ops::Range;

use glitch::Glitched;
use image::RgbaImage;

const PICTURES: [&str; 8] = [
    "portrait.jpg",
    "portrait-progressive.jpg",
    "coffee-restart-rows.jpg",
    "jpeg/sampling-422.jpg",
    "cat.png",
    "screenshot-palette.png",
    "sticker-rgba.png",
    "png/rgb-8-adam7.png",
];

fn fixture(name: &str) -> Vec<u8> {
    let path = format!("{}/fixtures/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn glitched(picture: &[u8], recipe: &str) -> Glitched {
    glitch::glitch(picture, &recipe.parse().unwrap()).unwrap()
}

fn pixels(picture: &[u8]) -> RgbaImage {
    image::load_from_memory(picture).unwrap().into_rgba8()
}

/// How many pixels differ in a rectangle.
fn changed(a: &RgbaImage, b: &RgbaImage, (x, y): (Range<u32>, Range<u32>)) -> usize {
    y.flat_map(|y| x.clone().map(move |x| (x, y)))
        .filter(|&(x, y)| a.get_pixel(x, y) != b.get_pixel(x, y))
        .count()
}

fn all(picture: &RgbaImage) -> (Range<u32>, Range<u32>) {
    (0..picture.width(), 0..picture.height())
}

#[test]
fn what_is_protected_does_not_change() {
    for name in PICTURES {
        let input = fixture(name);
        let before = pixels(&input);
        let (width, height) = before.dimensions();
        for seed in 1..6 {
            for recipe in [
                "replace:times=20",
                "replace:times=20,reach=2",
                "sort:300",
                "graft,replace",
                "transpose,replace,reach=2",
                "defect:times=3,refilter,replace",
            ] {
                let recipe = format!("{recipe},protect=25-25-50-50,seed={seed}");
                let after = pixels(&glitched(&input, &recipe).bytes);
                let inside = (width / 4..width * 3 / 4, height / 4..height * 3 / 4);
                assert_eq!(changed(&before, &after, inside), 0, "{name} {recipe}");
                assert!(
                    changed(&before, &after, all(&before)) > 0,
                    "{name} {recipe}"
                );
            }
        }
    }
}

#[test]
fn what_no_hit_reaches_does_not_change() {
    for name in PICTURES {
        let input = fixture(name);
        let before = pixels(&input);
        let (width, height) = before.dimensions();
        for seed in 1..6 {
            for passes in [
                "replace:times=20",
                "replace:times=20,refilter,graft,transpose,defect",
            ] {
                let recipe = format!("{passes},reach=1,region=0-50-100-10,seed={seed}");
                let after = pixels(&glitched(&input, &recipe).bytes);
                // Rows are 16 lines at the most, and decoders smooth over one line more.
                let hit = (height / 2).saturating_sub(18)..(height * 6 / 10 + 18).min(height);
                for outside in [0..hit.start, hit.end..height] {
                    let rows = (0..width, outside.clone());
                    assert_eq!(changed(&before, &after, rows), 0, "{name} {recipe}");
                }
                assert!(
                    changed(&before, &after, (0..width, hit)) > 0,
                    "{name} {recipe}"
                );
            }
        }
    }
}

#[test]
fn what_changes_the_whole_picture_is_not_bounded() {
    for bounds in ["reach=2", "region=0-0-50-50", "protect=0-0-50-50"] {
        let recipe = format!("palette,{bounds}").parse().unwrap();
        let error = glitch::glitch(&fixture("screenshot-palette.png"), &recipe).unwrap_err();
        assert_eq!(error.kind(), glitch::ErrorKind::BadRecipe);
        assert!(
            error
                .to_string()
                .contains("`palette` changes the whole picture"),
            "{error}"
        );
    }
}

#[test]
fn more_of_an_amount_adds_to_what_less_of_it_does() {
    for name in PICTURES {
        let input = fixture(name);
        let mut hits = 0;
        for (passes, amount) in ["replace,sort", "graft,defect,transpose,refilter,replace"]
            .into_iter()
            .flat_map(|passes| [0, 5, 20, 60, 100].map(|amount| (passes, amount)))
        {
            let recipe = format!("{passes},reach=5pct,amount={amount},seed=7");
            let made = glitched(&input, &recipe);
            let more = made.hits.len();
            if amount == 0 {
                assert!(made.bytes == input, "{name}");
            } else {
                assert!(more > hits, "{name} {amount}: {more} hits after {hits}");
            }
            hits = more;
        }
    }
}

#[test]
fn luma_alone_keeps_the_colours_and_chroma_alone_the_shapes() {
    let input = fixture("portrait.jpg");
    let before = image::load_from_memory(&input).unwrap().into_rgb8();
    for (channels, kept) in [("luma", false), ("chroma", true)] {
        let recipe = format!("replace:times=9,channels={channels},seed=11");
        let after = image::load_from_memory(&glitched(&input, &recipe).bytes);
        let after = after.unwrap().into_rgb8();
        let luma = |pixel: &image::Rgb<u8>| {
            let [r, g, b] = pixel.0.map(i32::from);
            (299 * r + 587 * g + 114 * b) / 1000
        };
        let moved = before.pixels().zip(after.pixels());
        // Clipped colours have another luma.
        let moved = moved.filter(|(a, b)| {
            b.0.iter().all(|&sample| (8..248).contains(&sample)) && luma(a).abs_diff(luma(b)) > 6
        });
        let share = moved.count() * 100 / before.pixels().count();
        assert_eq!(share == 0, kept, "{channels}: {share} %");
    }
}

#[test]
fn transparency_is_kept_unless_asked_for() {
    for name in [
        "sticker-rgba.png",
        "png/rgba-16.png",
        "png/palette-8-entries-17-trns.png",
    ] {
        let input = fixture(name);
        let before = pixels(&input);
        let alpha =
            |picture: &RgbaImage| -> Vec<u8> { picture.pixels().map(|pixel| pixel.0[3]).collect() };
        let mut changes = 0;
        for seed in 1..9 {
            for passes in [
                "graft:times=3,palette",
                "transpose,defect,refilter,replace:times=3",
            ] {
                let after = pixels(&glitched(&input, &format!("{passes},seed={seed}")).bytes);
                assert!(alpha(&after) == alpha(&before), "{name} {passes} {seed}");
            }
            let recipe = format!("replace:times=30,seed={seed}");
            let after = pixels(&glitched(&input, &recipe).bytes);
            assert!(alpha(&after) == alpha(&before), "{name} {recipe}");
            let after = pixels(&glitched(&input, &format!("{recipe},alpha=glitch")).bytes);
            changes += usize::from(alpha(&after) != alpha(&before));
        }
        assert!(changes > 0, "{name}");
    }
}

#[test]
fn a_region_outside_of_the_picture_is_refused() {
    for name in ["portrait.jpg", "cat.png"] {
        let recipe = "replace,region=9999px-0-10-10".parse().unwrap();
        let error = glitch::glitch(&fixture(name), &recipe).unwrap_err();
        let said = error.to_string();
        assert!(
            said.contains("`region`") && said.contains("outside"),
            "{said}"
        );
    }
}
