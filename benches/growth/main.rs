//! How the time grows with the megapixels of a picture and with the passes of a recipe: both on
//! double logarithmic plots, beside the line of what grows in proportion.
//!
//!     cargo bench --bench growth [-- --write]
//!
//! Processor time on one thread, the least of some rounds; the recipe is done with three seeds.

#[path = "../support/mod.rs"]
mod support;

mod plot;

use std::rc::Rc;

use plot::{Plot, Series};
use support::clock::time_of;
use support::glitched;
use support::photograph::{Plane, size};
use support::png_file::photograph;
use support::report::{Report, ms, ratio, writes};
use support::tools::{baseline, has_jpeg_tools, progressive};

const MEGAPIXELS: [f64; 11] = [0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0];
const PASSES: [usize; 9] = [1, 3, 10, 30, 100, 300, 1000, 3000, 10_000];
const ROUNDS: usize = 5;
const SEEDS: std::ops::RangeInclusive<u64> = 1..=3;
const NAMES: [&str; 3] = ["baseline JPEG", "progressive JPEG", "PNG"];

fn main() {
    if !has_jpeg_tools() {
        return;
    }
    let plane = Plane::new();
    let mut report = Report::new("growth");
    let by_size: Vec<Case> = MEGAPIXELS
        .iter()
        .map(|&megapixels| Case {
            at: megapixels,
            pictures: Rc::new(pictures(&plane, megapixels)),
            recipe: "classic".to_owned(),
            repeats: repeats(megapixels),
        })
        .collect();
    let by_size = Plot {
        file: "growth-megapixels.svg",
        title: "Time by megapixels, classic",
        across: "megapixels",
        series: grown(&mut report, ("megapixels", 0.1), &least(&by_size)),
    };
    let pictures = Rc::new(pictures(&plane, 4.0));
    let by_passes: Vec<Case> = PASSES
        .iter()
        .map(|&passes| Case {
            at: passes as f64,
            pictures: Rc::clone(&pictures),
            recipe: recipe(passes),
            repeats: repeats(4.0),
        })
        .collect();
    let by_passes = Plot {
        file: "growth-passes.svg",
        title: "Time by passes, 4 megapixels",
        across: "passes",
        series: grown(&mut report, ("passes", 1000.0), &least(&by_passes)),
    };
    if writes() {
        by_size.draw();
        by_passes.draw();
    }
    report.finish();
}

/// So many passes, two kinds in turn.
fn recipe(passes: usize) -> String {
    let passes: Vec<&str> = ["replace", "sort"]
        .into_iter()
        .cycle()
        .take(passes)
        .collect();
    passes.join(",")
}

/// One picture of each kind.
fn pictures(plane: &Plane, megapixels: f64) -> [Vec<u8>; 3] {
    let size = size(megapixels);
    let baseline = baseline(plane, size, (0, 0), 90);
    let progressive = progressive(&baseline);
    let png = photograph(plane, size, png::Filter::Paeth, png::Compression::Fast);
    [baseline, progressive, png]
}

/// What is measured at one place of a plot.
struct Case {
    at: f64,
    pictures: Rc<[Vec<u8>; 3]>,
    recipe: String,
    /// How often in a round.
    repeats: usize,
}

/// A small picture takes less time than a clock tells exactly.
fn repeats(megapixels: f64) -> usize {
    (20.0 / megapixels).clamp(1.0, 9.0) as usize
}

/// Milliseconds, of the time that was least; a mean over the seeds. A machine may be slow for some
/// seconds: all cases are measured before the first one is again.
fn least(cases: &[Case]) -> Vec<(f64, [f64; 3])> {
    let mut least: Vec<_> = cases.iter().map(|case| (case.at, [f64::MAX; 3])).collect();
    for _ in 0..ROUNDS {
        for (case, (_, least)) in cases.iter().zip(&mut least) {
            for (picture, least) in case.pictures.iter().zip(least) {
                for _ in 0..case.repeats {
                    let time = time_of(|| {
                        SEEDS.for_each(|seed| drop(glitched(picture, &case.recipe, seed)));
                    });
                    *least = least.min(time / SEEDS.count() as f64);
                }
            }
        }
    }
    least
}

/// Tells the times in a table, and what power of the measure they grow with from a place on.
fn grown(
    report: &mut Report,
    (measure, from): (&str, f64),
    times: &[(f64, [f64; 3])],
) -> [Series; 3] {
    let series = std::array::from_fn(|kind| Series {
        name: NAMES[kind],
        points: times.iter().map(|(at, times)| (*at, times[kind])).collect(),
    });
    report.table(&[measure, NAMES[0], NAMES[1], NAMES[2]]);
    for (at, times) in times {
        let [one, two, three] = times.map(|time| format!("{} ms", ms(time)));
        report.row(&[at.to_string(), one, two, three]);
    }
    let powers = series.each_ref().map(|series| ratio(series.power(from)));
    let [one, two, three] = powers;
    report.row(&[
        format!("power of the {measure}, from {from} on"),
        one,
        two,
        three,
    ]);
    series
}
