//! What the passes for filter types and the palette make of the fixtures.

use super::container::Container;
use super::file::compressed;
use super::filter::FilterType;
use super::geometry::Geometry;
use super::header::ColourType;
use super::picture::Picture;
use super::repair::tests::pixels;
use super::scanlines::Scanlines;
use super::*;
use crate::format::{Format, tests::valid_fixtures};
use crate::recipe::{Recipe, Turn};
use crate::{Glitched, Options};

fn glitch(input: &[u8], recipe: &str) -> Glitched {
    let options = Options {
        verify: false,
        ..Options::default()
    };
    crate::glitch_with(input, &recipe.parse().unwrap(), &options).unwrap()
}

fn read(file: &[u8]) -> Picture<'_> {
    picture::read(Container::split(file).unwrap()).unwrap()
}

/// The filtered scanlines of all frames, one after the other.
fn scanlines(file: &[u8]) -> Vec<Scanlines> {
    let picture = read(file);
    let frames = picture.frames.iter().enumerate();
    let scanlines = frames.map(|(index, frame)| {
        let mut geometry = Geometry::new(picture.header);
        let len = geometry.add_frame(frame.width, frame.height).unwrap();
        let pieces: Vec<&[u8]> = compressed(&picture.container, frame, index).collect();
        Scanlines::new(geometry, zlib::inflate_strictly(&pieces, len).ok().unwrap())
    });
    scanlines.collect()
}

/// The pixels of all frames, row by row.
fn all_pixels(file: &[u8]) -> Vec<Vec<u8>> {
    scanlines(file).iter().flat_map(pixels).collect()
}

/// The filter types and filtered bytes of all rows.
fn filtered(file: &[u8]) -> Vec<(FilterType, Vec<u8>)> {
    let mut rows = Vec::new();
    for scanlines in scanlines(file) {
        for image in scanlines.geometry.images() {
            let row = |row| {
                (
                    scanlines.filter_type(image, row),
                    scanlines.row(image, row).to_vec(),
                )
            };
            rows.extend((0..image.rows()).map(row));
        }
    }
    rows
}

/// The file after one time through a recipe.
fn once(input: &[u8], recipe: &str) -> Vec<u8> {
    let recipe: Recipe = recipe.parse().unwrap();
    let (limits, cancel) = (Limits::default(), Cancel::default());
    let choice = (recipe.filter, recipe.deflate);
    let opened = open(input, choice, &recipe.control, (&limits, &cancel));
    let mut document = opened.unwrap().document;
    let turn = Turn::whole(Format::Png, 4, 0);
    let mut hits = Vec::new();
    recipe
        .apply(&turn, &mut *document, &mut hits, &cancel)
        .unwrap();
    document.repair().unwrap();
    document.pack().unwrap()
}

fn hit_rows(glitched: &Glitched) -> Vec<usize> {
    let hits = glitched.hits.iter();
    hits.filter_map(|hit| hit.spot.lane).collect()
}

#[test]
fn refiltering_changes_the_types_of_a_band_and_no_pixel() {
    for (name, input) in valid_fixtures("png") {
        for filter in ["auto", "keep", "up"] {
            let recipe = format!("refilter:rows=5,filter={filter},seed=2");
            let glitched = glitch(&input, &recipe);
            // Padding bits are made zero.
            if !name.contains("padding-bits") {
                assert_eq!(all_pixels(&glitched.bytes), all_pixels(&input), "{name}");
            }
            assert_eq!(glitched.rounds, 1, "{name} {recipe}");
            let rows = hit_rows(&glitched);
            assert!((1..=5).contains(&rows.len()), "{name} {recipe}");
            let (before, after) = (filtered(&input), filtered(&glitched.bytes));
            let wanted = after[rows[0]].0;
            for (row, (before, after)) in before.iter().zip(&after).enumerate() {
                let kind = if rows.contains(&row) {
                    wanted
                } else {
                    before.0
                };
                // Those of the band that had the type in the recipe's place of the input's.
                let beside = rows.iter().any(|hit| hit.abs_diff(row) < 5) && after.0 == wanted;
                assert!(after.0 == kind || beside, "{name} {recipe} row {row}");
            }
        }
    }
}

/// What was glitched before looks the same; what is hit after it need not.
#[test]
fn refiltering_keeps_the_damage_that_is_there() {
    let mut changed = 0;
    for (name, input) in valid_fixtures("png") {
        for settings in [
            "reach=1",
            "protect=20-20-40-30",
            "alpha=glitch",
            "filter=paeth",
            "filter=average,reach=2,region=20-0-60-60",
            "filter=up,reach=4",
        ] {
            for times in [1, 2, 30] {
                let hits = format!("replace:times={times}");
                let before = once(&input, &format!("{hits},{settings}"));
                let refilters = "refilter:rows=5:times=30,refilter:type=up";
                let after = once(&input, &format!("{hits},{refilters},{settings}"));
                let same = all_pixels(&after) == all_pixels(&before);
                assert!(same, "{name} {hits},{settings}");
                changed += usize::from(after != before);
            }
        }
    }
    assert!(changed > 100, "{changed}");
}

#[test]
fn a_graft_leaves_every_byte_and_every_other_type() {
    for (name, input) in valid_fixtures("png") {
        let glitched = glitch(&input, "graft:rows=4,filter=keep,alpha=glitch,seed=6");
        // Elsewhere rows that show what they may not are filtered anew.
        let picture = read(&input);
        if picture.header.bits_per_pixel() < 8 || picture.header.is_indexed() {
            continue;
        }
        let rows = hit_rows(&glitched);
        assert!(!rows.is_empty(), "{name}");
        let (before, after) = (filtered(&input), filtered(&glitched.bytes));
        for (row, (before, after)) in before.iter().zip(&after).enumerate() {
            assert_eq!(before.1, after.1, "{name} row {row}");
            let differs = before.0 != after.0;
            assert!(!differs || rows.contains(&row), "{name} row {row}");
        }
    }
}

#[test]
fn transposed_rows_are_those_of_the_input_in_another_order() {
    for (name, input) in valid_fixtures("png") {
        let picture = read(&input);
        if picture.header.bits_per_pixel() < 8 || picture.header.is_indexed() {
            continue;
        }
        let glitched = glitch(&input, "transpose:rows=3,filter=keep,alpha=glitch,seed=6");
        let sorted = |file: &[u8]| {
            let mut rows = filtered(file);
            rows.sort_by_key(|(kind, bytes)| (*kind as u8, bytes.clone()));
            rows
        };
        assert_eq!(sorted(&input), sorted(&glitched.bytes), "{name}");
    }
}

/// The chunks besides the image data.
fn others(file: &[u8]) -> Vec<([u8; 4], Vec<u8>)> {
    let container = Container::split(file).unwrap();
    let chunks = container.chunks.iter();
    let others = chunks.filter(|chunk| !matches!(&chunk.kind, b"IDAT" | b"fdAT" | b"PLTE"));
    others
        .map(|chunk| (chunk.kind, container.bytes(chunk).to_vec()))
        .collect()
}

fn palette(file: &[u8]) -> Vec<u8> {
    let container = Container::split(file).unwrap();
    let mut chunks = container.chunks.iter();
    let plte = chunks.find(|chunk| chunk.kind == *b"PLTE");
    plte.map_or(Vec::new(), |chunk| {
        assert!(container.crc_holds(chunk));
        container.data(chunk).to_vec()
    })
}

#[test]
fn colours_of_an_indexed_picture_change_places_and_nothing_else() {
    let mut indexed = 0;
    for (name, input) in valid_fixtures("png") {
        let picture = read(&input);
        let glitched = glitch(&input, "palette,seed=3");
        if picture.header.colour_type != ColourType::IndexedColour {
            assert!(glitched.bytes == input, "{name}");
            continue;
        }
        let kept = ["iDOT", "caBX", "dSIG"]
            .iter()
            .all(|kind| !name.contains(&kind.to_lowercase()));
        assert!(!kept || others(&glitched.bytes) == others(&input), "{name}");
        assert_eq!(all_pixels(&glitched.bytes), all_pixels(&input), "{name}");
        let (before, after) = (palette(&input), palette(&glitched.bytes));
        assert_eq!(before == after, glitched.hits.is_empty(), "{name}");
        let sorted = |palette: &[u8]| {
            let mut colours = palette.as_chunks::<3>().0.to_vec();
            colours.sort_unstable();
            colours
        };
        assert_eq!(sorted(&before), sorted(&after), "{name}");
        indexed += usize::from(before != after);
    }
    assert!(indexed > 20, "{indexed}");
}

#[test]
fn what_is_not_opaque_or_not_used_keeps_its_colour() {
    let mut spared = 0;
    for (name, input) in valid_fixtures("png") {
        let picture = read(&input);
        let opaque = picture.palette.0.iter().filter(|colour| colour[3] == 255);
        if !picture.header.is_indexed() || opaque.count() < 3 {
            continue;
        }
        let glitched = glitch(&input, "palette:times=3,seed=3");
        let after = palette(&glitched.bytes);
        for (index, colour) in picture.palette.0.iter().enumerate() {
            let stays = after[3 * index..3 * index + 3] == colour[..3];
            assert!(stays || colour[3] == 255, "{name} entry {index}");
            spared += usize::from(colour[3] != 255);
        }
        let share = glitch(&input, "palette,seed=3").rounds;
        assert!(share <= 4, "{name}: {share} rounds");
    }
    assert!(spared > 100, "{spared}");
}
