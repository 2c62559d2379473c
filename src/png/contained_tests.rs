//! What changes in the fixtures, pixel by pixel, against the bounds of the recipe.

use std::collections::{BTreeMap, BTreeSet};

use super::container::Container;
use super::filter::FilterType;
use super::geometry::Geometry;
use super::header::ColourType;
use super::picture::Picture;
use super::scanlines::Scanlines;
use super::*;
use crate::control::{Alpha, Area, PNG_ROW};
use crate::error::ErrorKind;
use crate::format::tests::valid_fixtures;
use crate::recipe::Recipe;
use crate::{Glitched, Options};

/// A pixel of a frame.
#[derive(PartialEq)]
struct Pixel {
    /// Where it lies in the picture.
    x: u32,
    y: u32,
    /// The line of its frame, and how many the frame has.
    line: u32,
    lines: u32,
    column: u32,
    lane: usize,
    /// The first lane of its reduced image.
    image: usize,
    /// All its bits.
    value: u64,
}

fn bits(row: &[u8], from: usize, count: usize) -> u64 {
    let bit = |at: usize| u64::from(row[at / 8] >> (7 - at % 8) & 1);
    (from..from + count).fold(0, |value, at| value << 1 | bit(at))
}

fn read(file: &[u8]) -> Picture<'_> {
    picture::read(Container::split(file).unwrap()).unwrap()
}

/// The filtered scanlines of each frame.
fn scanlines(picture: &Picture<'_>) -> Vec<Scanlines> {
    let frames = picture.frames.iter().enumerate();
    let scanlines = frames.map(|(index, frame)| {
        let mut alone = Geometry::new(picture.header);
        let len = alone.add_frame(frame.width, frame.height).unwrap();
        let pieces: Vec<&[u8]> = file::compressed(&picture.container, frame, index).collect();
        let filtered = zlib::inflate_strictly(&pieces, len).ok().unwrap();
        Scanlines::new(alone, filtered)
    });
    scanlines.collect()
}

/// The pixels of all frames, and what they are.
fn pixels(file: &[u8]) -> Vec<Pixel> {
    let picture = read(file);
    let depth = picture.header.bits_per_pixel();
    let mut pixels = Vec::new();
    let mut lane = 0;
    for (frame, scanlines) in picture.frames.iter().zip(scanlines(&picture)) {
        let mut rows = repair::tests::pixels(&scanlines).into_iter();
        for image in scanlines.geometry.images() {
            let first_lane = lane;
            let (reduced, _) = scanlines.geometry.lines(image);
            for row in 0..image.height {
                let bytes = rows.next().unwrap();
                let line = reduced.y + row * reduced.dy;
                pixels.extend((0..image.width).map(|column| Pixel {
                    x: frame.at.0 + reduced.x + column * reduced.dx,
                    y: frame.at.1 + line,
                    line,
                    lines: frame.height,
                    column,
                    lane,
                    image: first_lane,
                    value: bits(&bytes, column as usize * depth, depth),
                }));
                lane += 1;
            }
        }
    }
    pixels
}

/// How opaque a pixel is.
fn opacity(picture: &Picture<'_>, value: u64) -> u64 {
    let depth = u32::from(picture.header.bit_depth);
    let channels = picture.header.colour_type.channels();
    match (picture.header.colour_type, picture.colour_key) {
        (ColourType::IndexedColour, _) => u64::from(picture.palette.0[value as usize][3]),
        (ColourType::GreyscaleAlpha | ColourType::TruecolourAlpha, _) => value % (1 << depth),
        (_, Some(key)) => {
            let key = key.iter().take(channels);
            let key = key.fold(0, |all, &sample| all << depth | u64::from(sample));
            u64::from(key != value)
        }
        _ => 1,
    }
}

fn glitch(input: &[u8], recipe: &str) -> Glitched {
    let recipe: Recipe = recipe.parse().unwrap();
    let options = Options {
        verify: false,
        ..Options::default()
    };
    crate::glitch_with(input, &recipe, &options).unwrap()
}

fn holds(area: &Option<Area>, pixel: &Pixel) -> bool {
    area.as_ref()
        .is_some_and(|area| area.x.contains(&pixel.x) && area.y.contains(&pixel.y))
}

/// Whether a hit in a lane reaches a pixel.
fn reaches(hit: &Pixel, pixel: &Pixel, recipe: &Recipe) -> bool {
    let rows = recipe.control.reach.rows(pixel.lines.div_ceil(PNG_ROW));
    let first = hit.line / PNG_ROW;
    let groups = first..first.saturating_add(rows.unwrap_or(u32::MAX));
    hit.image == pixel.image && hit.lane <= pixel.lane && groups.contains(&(pixel.line / PNG_ROW))
}

/// Glitches a picture within bounds; returns how many pixels changed, having seen that none did
/// elsewhere.
fn changed_inside(name: &str, input: &[u8], text: &str) -> usize {
    let glitched = glitch(input, text);
    let recipe = &glitched.recipe;
    let fault = check(&glitched.bytes, &Limits::default()).unwrap().fault;
    assert_eq!(fault, None, "{name} {recipe}");
    let picture = read(input);
    let protect = recipe.control.protect.and_then(|it| it.area(glitched.size));
    let keeps_alpha = recipe.control.alpha == Alpha::Keep;
    let (before, after) = (pixels(input), pixels(&glitched.bytes));
    assert_eq!(before.len(), after.len(), "{name} {recipe}");
    let lanes: BTreeSet<usize> = glitched
        .hits
        .iter()
        .filter_map(|hit| hit.spot.lane)
        .collect();
    let first_of = |lane: &usize| before.iter().find(|pixel| pixel.lane == *lane).unwrap();
    let hits: Vec<&Pixel> = lanes.iter().map(first_of).collect();
    let differing = before.iter().zip(&after).filter(|(a, b)| a != b);
    let mut changed = 0;
    for (before, after) in differing {
        let at = format!("{name} {recipe}: {}, {}", before.x, before.y);
        assert!(!holds(&protect, before), "{at} is spared");
        let is_reached = hits.iter().any(|hit| reaches(hit, before, recipe));
        assert!(is_reached, "{at} is out of reach");
        let [old, new] = [before, after].map(|pixel| opacity(&picture, pixel.value));
        assert!(!keeps_alpha || old == new, "{at} was {old}, is {new}");
        changed += 1;
    }
    changed
}

#[test]
fn no_pixel_changes_out_of_bounds() {
    let (mut changed, mut all) = (0, 0);
    for (name, input) in valid_fixtures("png") {
        for recipe in [
            "classic,seed=1",
            "replace:times=3,reach=1,seed=2",
            "classic,reach=2,protect=40-30-20-40,filter=paeth,seed=3",
            "replace:times=9,protect=30-0-40-100,filter=up,seed=4",
            "sort:len=60:times=3,reach=10pct,protect=0-0-50-50,seed=5",
            "replace:times=5,region=20-20-60-60,protect=45-45-10-10,alpha=glitch,filter=average,seed=6",
            "replace:times=40,reach=1,protect=3px-3px-9px-2px,filter=keep,seed=7",
            "graft:times=3,reach=1,seed=8",
            "graft:rows=2:times=9,reach=1,region=20-20-60-60,protect=45-45-10-10,filter=keep,seed=9",
            "graft,protect=30-20-20-40,alpha=glitch,seed=10",
            "transpose:rows=4:times=3,reach=1,region=30-0-50-100,seed=11",
            "transpose,graft,protect=20-40-60-20,filter=up,seed=12",
            "defect:times=3,reach=1,protect=0-30-60-30,seed=13",
            "defect:len=20:rows=9,region=10-10-50-50,filter=average,seed=14",
            "replace:times=5,refilter:rows=20:times=5,graft,replace:times=5,reach=2,protect=40-40-30-30,seed=15",
        ] {
            all += 1;
            changed += usize::from(changed_inside(&name, &input, recipe) > 0);
        }
    }
    assert!(changed * 10 > all * 8, "{changed} of {all}");
}

#[test]
fn behind_the_reach_one_row_is_filtered_anew_and_the_rest_stays() {
    let mut untouched = 0;
    for (name, input) in valid_fixtures("png") {
        // Padding bits are mended wherever they are.
        if name.contains("padding-bits") {
            continue;
        }
        for passes in [
            "replace:times=2",
            "graft:rows=3",
            "transpose:rows=2",
            "defect",
        ] {
            let recipe = format!("{passes},filter=keep,reach=1,seed=3");
            untouched += untouched_rows(&name, &input, &glitch(&input, &recipe));
        }
    }
    assert!(untouched > 4000, "{untouched}");
}

/// How many rows are neither reached nor the first after those, having seen that they stay.
fn untouched_rows(name: &str, input: &[u8], glitched: &Glitched) -> usize {
    let mut untouched = 0;
    let (before, after) = (read(input), read(&glitched.bytes));
    let pixels = pixels(input);
    let first_of = |lane| pixels.iter().find(|pixel| pixel.lane == lane).unwrap();
    let hits: BTreeSet<usize> = glitched
        .hits
        .iter()
        .filter_map(|hit| hit.spot.lane)
        .collect();
    let mut lanes = 0;
    for (before, after) in scanlines(&before).iter().zip(scanlines(&after)) {
        let count = before.geometry.images().last().unwrap().lanes().end;
        for lane in 0..count {
            let is_reached = |lane: usize| {
                let row = first_of(lanes + lane);
                hits.iter()
                    .any(|hit| reaches(first_of(*hit), row, &glitched.recipe))
            };
            if is_reached(lane) || lane > 0 && is_reached(lane - 1) {
                continue;
            }
            let at = format!("{name} {} lane {lane}", glitched.recipe);
            assert_eq!(before.lane(lane), after.lane(lane), "{at}");
            assert_eq!(type_of(before, lane), type_of(&after, lane), "{at}");
            untouched += 1;
        }
        lanes += count;
    }
    untouched
}

fn type_of(scanlines: &Scanlines, lane: usize) -> FilterType {
    let image = scanlines.geometry.image_of(lane);
    scanlines.filter_type(image, lane - image.lanes().start)
}

/// Without filters a hit is a dot, so the pixels that changed are those that were hit.
#[test]
fn hits_fall_in_the_region_and_not_on_what_is_spared() {
    let (mut changed, mut all) = (0, 0);
    for (name, input) in valid_fixtures("png") {
        let header = read(&input).header;
        let size = (header.width, header.height);
        // A byte may hold pixels beside the region.
        let together = (8 / header.bits_per_pixel()).max(1) as u32;
        for (passes, areas) in [
            ("replace:times=20", "region=25-25-50-50"),
            ("replace:times=20", "region=0-40-70-20,protect=20-0-40-100"),
            ("transpose:times=3", "region=25-25-50-50"),
            (
                "defect:len=9,transpose:rows=3",
                "region=0-40-70-20,protect=20-0-40-100",
            ),
        ] {
            let text = format!("{passes},filter=none,{areas},seed=1");
            let recipe: Recipe = text.parse().unwrap();
            let region = recipe.control.region.and_then(|it| it.area(size));
            let protect = recipe.control.protect.and_then(|it| it.area(size));
            let (before, after) = (pixels(&input), pixels(&glitch(&input, &text).bytes));
            let byte = |pixel: &Pixel| (pixel.lane, pixel.column / together);
            let inside = before.iter().filter(|pixel| holds(&region, pixel));
            let inside: BTreeSet<(usize, u32)> = inside.map(byte).collect();
            let differing = before.iter().zip(&after).filter(|(a, b)| a != b);
            let differing: Vec<&Pixel> = differing.map(|(before, _)| before).collect();
            for pixel in &differing {
                let at = format!("{name} {recipe}: {}, {}", pixel.x, pixel.y);
                assert!(inside.contains(&byte(pixel)), "{at} is not in the region");
                assert!(!holds(&protect, pixel), "{at} is spared");
            }
            all += 1;
            changed += usize::from(!differing.is_empty());
        }
    }
    // A picture of one row has none to change places with.
    assert!(changed * 10 > all * 7, "{changed} of {all}");
}

#[test]
fn alpha_changes_where_it_may_only() {
    let (mut kept, mut glitched) = (0, 0);
    for (name, input) in valid_fixtures("png") {
        let picture = read(&input);
        let before = pixels(&input);
        let differ = |recipe: &str| {
            let after = pixels(&glitch(&input, recipe).bytes);
            let mut pairs = before.iter().zip(&after);
            pairs.any(|(a, b)| opacity(&picture, a.value) != opacity(&picture, b.value))
        };
        let may = differ("replace:times=30,alpha=glitch,seed=1");
        for passes in [
            "replace:times=30",
            "graft:times=9",
            "transpose:times=9",
            "defect:times=9,refilter:times=9,graft",
        ] {
            assert!(!differ(&format!("{passes},seed=1")), "{name} {passes}");
        }
        glitched += usize::from(may);
        kept += 1;
    }
    assert!(glitched > 25, "{glitched} of {kept}");
}

#[test]
fn where_no_byte_may_be_hit_the_picture_is_the_inputs() {
    for (name, input) in valid_fixtures("png") {
        let glitched = glitch(
            &input,
            "classic,graft,refilter,transpose,defect,region=20-20-40-40,protect=10-10-90-90,seed=1",
        );
        assert!(
            glitched.bytes == input && glitched.hits.is_empty(),
            "{name}"
        );
    }
}

#[test]
fn a_region_outside_of_the_picture_is_refused() {
    for (name, input) in valid_fixtures("png") {
        let recipe: Recipe = "classic,region=9999px-0-1-1,seed=1".parse().unwrap();
        let error = crate::glitch(&input, &recipe).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::BadRecipe, "{name}");
        assert!(
            error.to_string().contains("9999px-0-1-1 lies outside"),
            "{error}"
        );
    }
}

#[test]
fn wherever_it_is_cancelled_there_is_no_picture_and_else_the_same() {
    let recipes = [
        "classic,reach=1,protect=20-20-30-30,filter=up,seed=1",
        "graft,transpose:rows=3,refilter,defect,reach=2,region=20-20-30-30,filter=up,seed=1",
        "refilter,palette,graft,refilter,seed=1",
        "palette,seed=1",
    ];
    let fixtures = valid_fixtures("png").into_iter();
    let pairs = fixtures.flat_map(|fixture| recipes.map(|recipe| (fixture.clone(), recipe)));
    for ((name, input), recipe) in pairs {
        let recipe: Recipe = recipe.parse().unwrap();
        let some = ["rgb-8-trns", "palette-4-entries-5-trns", "adam7-8x8"];
        if !some.iter().any(|some| name.contains(some)) {
            continue;
        }
        let run = |cancel: &Cancel| {
            let options = Options {
                cancel: cancel.clone(),
                verify: false,
                ..Options::default()
            };
            crate::glitch_with(&input, &recipe, &options).map(|glitched| glitched.bytes)
        };
        let whole = Cancel::default();
        let bytes = run(&whole).unwrap();
        for count in 0..whole.asked() {
            assert_eq!(
                run(&Cancel::after(count)),
                Err(Error::cancelled()),
                "{name}"
            );
        }
        assert!(run(&Cancel::after(whole.asked())) == Ok(bytes), "{name}");
    }
}

/// Every filter has what lies above and to the left for its source.
#[test]
fn what_lies_above_or_left_of_the_region_does_not_change() {
    let (mut changed, mut all) = (0, 0);
    for (name, input) in valid_fixtures("png") {
        let header = read(&input).header;
        let together = (8 / header.bits_per_pixel()).max(1) as u32;
        let before = pixels(&input);
        for passes in [
            "graft:times=3",
            "transpose:rows=5",
            "defect",
            "refilter,graft",
        ] {
            for alpha in ["keep", "glitch"] {
                let text = format!("{passes},region=30-30-40-40,alpha={alpha},seed=5");
                let recipe: Recipe = text.parse().unwrap();
                let region = recipe.control.region.unwrap();
                let region = region.area((header.width, header.height)).unwrap();
                let after = pixels(&glitch(&input, &text).bytes);
                let differing = before.iter().zip(&after).filter(|(a, b)| a != b);
                // In each row, the first unit that may be hit.
                let mut firsts = BTreeMap::new();
                for pixel in before.iter().filter(|pixel| region.x.contains(&pixel.x)) {
                    firsts.entry(pixel.lane).or_insert(pixel.column / together);
                }
                let mut any = false;
                for (pixel, _) in differing {
                    let first = firsts.get(&pixel.lane);
                    let right = first.is_some_and(|first| *first <= pixel.column / together);
                    let at = format!("{name} {recipe}: {}, {}", pixel.x, pixel.y);
                    assert!(right && pixel.y >= region.y.start, "{at}");
                    any = true;
                }
                all += 1;
                changed += usize::from(any);
            }
        }
    }
    assert!(changed * 10 > all * 8, "{changed} of {all}");
}
