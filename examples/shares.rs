//! Prints the tables of docs/presets.md: how often a glitch can be seen, by preset, and how much of
//! a picture changes, by amount.
//!
//! ```sh
//! cargo run --release --example shares
//! ```

#[path = "../tests/changed/mod.rs"]
mod changed;
#[path = "../tests/fixtures/mod.rs"]
mod fixtures;

use std::collections::BTreeMap;
use std::io::Cursor;
use std::ops::Range;
use std::sync::Mutex;

use fixtures::{Class, Fixture};
use glitch::{PRESETS, Recipe};
use image::imageops::FilterType;

/// Seeds of the first table, and of the second.
const SEEDS: Range<u64> = 1..21;
const FEW_SEEDS: Range<u64> = 1..6;

/// From so much on a glitch is said to be seen.
const VISIBLE: f64 = 0.01;

const RECIPES: [&str; 3] = ["replace,sort,reach=5pct", "bars", "melt"];
const AMOUNTS: [u8; 4] = [10, 30, 60, 100];

fn main() {
    visible();
    println!();
    amounts();
}

fn bytes(name: &str) -> Vec<u8> {
    std::fs::read(fixtures::folder().join(name)).expect("the fixtures are there")
}

/// The share of the pixels that changed; `None` where the decoder does not know such files.
fn share(input: &[u8], recipe: &str, seed: u64) -> Option<f64> {
    let recipe: Recipe = recipe.parse().expect("the recipes here parse");
    let glitched = glitch::glitch(input, &recipe.with_seed(seed));
    changed::changed(input, &glitched.expect("valid pictures are glitched"))
}

/// The numbers, on all cores; in order.
fn on_all_cores<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = Mutex::new(items.iter().enumerate());
    let done = Mutex::new(BTreeMap::new());
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(2, usize::from) {
            scope.spawn(|| {
                while let Some((index, item)) = { next.lock().expect("no panic").next() } {
                    let result = work(item);
                    done.lock().expect("no panic").insert(index, result);
                }
            });
        }
    });
    done.into_inner().expect("no panic").into_values().collect()
}

/// Pixels enough to show anything, and more than one colour to show it in.
fn can_show(fixture: &Fixture) -> bool {
    let size = glitch::verify(&fixture.bytes).map(|sound| sound.width * sound.height);
    size.is_ok_and(|pixels| pixels >= 64) && !changed::has_nothing_to_show(&fixture.name)
}

/// How many of a preset's glitches in a fixture can be seen, and of how many; and the mean share of
/// the pixels that changed.
fn seen(fixture: &Fixture, preset: &str) -> (u32, u32, f64) {
    let shares = SEEDS.filter_map(|seed| share(&fixture.bytes, preset, seed));
    shares.fold((0, 0, 0.0), |(seen, all, sum), share| {
        (seen + u32::from(share >= VISIBLE), all + 1, sum + share)
    })
}

fn visible() {
    let mut fixtures = fixtures::of(Class::Valid);
    fixtures.retain(can_show);
    println!("| preset | JPEG: visible | pixels changed | PNG: visible | pixels changed |");
    println!("|---|--:|--:|--:|--:|");
    for preset in PRESETS.iter().filter(|preset| preset.name != "none") {
        let results = on_all_cores(&fixtures, |fixture| seen(fixture, preset.name));
        let cells = [".jpg", ".png"].map(|ending| {
            let results = fixtures.iter().zip(&results);
            let own = results.filter(|(fixture, _)| fixture.name.ends_with(ending));
            let (seen, all, sum) = own.fold((0, 0, 0.0), |sums, (_, result)| {
                (sums.0 + result.0, sums.1 + result.1, sums.2 + result.2)
            });
            let percent = 100.0 / f64::from(all);
            let seen = f64::from(seen) * percent;
            format!("{seen:.1} % of {all} | {:.0} %", sum * percent)
        });
        println!("| `{}` | {} |", preset.name, cells.join(" | "));
        let unseen = fixtures.iter().zip(&results);
        let unseen = unseen.filter(|(_, (seen, all, _))| 2 * seen < *all);
        let unseen: Vec<&str> = unseen.map(|(fixture, _)| fixture.name.as_str()).collect();
        eprintln!("{}: mostly unseen in {}", preset.name, unseen.join(" "));
    }
}

/// A fixture, so many times as wide and as high.
fn larger(name: &str, times: u32) -> Vec<u8> {
    let picture = image::load_from_memory(&bytes(name)).expect("the fixtures decode");
    let size = (picture.width() * times, picture.height() * times);
    let picture = picture.resize_exact(size.0, size.1, FilterType::CatmullRom);
    let mut file = Cursor::new(Vec::new());
    let format = match name.ends_with(".jpg") {
        true => image::ImageFormat::Jpeg,
        false => image::ImageFormat::Png,
    };
    picture
        .write_to(&mut file, format)
        .expect("a vector takes all");
    file.into_inner()
}

fn amounts() {
    let pictures = [
        (
            "`jpeg/exif-thumbnail.jpg`, 83x59",
            bytes("jpeg/exif-thumbnail.jpg"),
        ),
        ("`portrait.jpg`, 512x512", bytes("portrait.jpg")),
        ("the same as 2048x2048", larger("portrait.jpg", 4)),
        ("`sticker-rgba.png`, 192x192", bytes("sticker-rgba.png")),
        ("`cat.png`, 300x200", bytes("cat.png")),
        ("the same as 2400x1600", larger("cat.png", 8)),
    ];
    println!("| recipe | picture | 10 | 30 | 60 | 100 |");
    println!("|---|---|--:|--:|--:|--:|");
    for recipe in RECIPES {
        for (about, picture) in &pictures {
            let means = on_all_cores(&AMOUNTS, |amount| {
                let recipe = format!("{recipe},amount={amount}");
                let shares = FEW_SEEDS.filter_map(|seed| share(picture, &recipe, seed));
                let shares: Vec<f64> = shares.collect();
                100.0 * shares.iter().sum::<f64>() / shares.len() as f64
            });
            let cells: Vec<String> = means.iter().map(|mean| format!("{mean:.0} %")).collect();
            println!("| `{recipe}` | {about} | {} |", cells.join(" | "));
        }
    }
}
