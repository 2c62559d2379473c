//! What the benches share: the pictures they work on, the clock, the tables they print.
#![allow(
    dead_code,
    reason = "every bench includes this module and uses its own part of it"
)]

pub mod clock;
pub mod photograph;
pub mod png_file;
pub mod report;
pub mod screenshot;

pub mod tools;

use glitch::{Limits, Options, Recipe};

/// The recipe that all figures are of, unless they say otherwise.
pub const RECIPE: &str = "classic";

/// A hit early in a file makes more work than a late one: every figure is a mean over these.
pub const SEEDS: std::ops::RangeInclusive<u64> = 1..=5;

/// Glitches without decoding the result.
pub fn glitched(input: &[u8], recipe: &str, seed: u64) -> Vec<u8> {
    with_options(input, recipe, seed, /* verify */ false).bytes
}

pub fn with_options(input: &[u8], recipe: &str, seed: u64, verify: bool) -> glitch::Glitched {
    let recipe: Recipe = recipe.parse().expect("the recipe is one");
    let options = Options {
        limits: Limits {
            bytes: 1 << 30,
            pixels: 300_000_000,
        },
        verify,
        ..Options::default()
    };
    let glitched = glitch::glitch_with(input, &recipe.with_seed(seed), &options);
    std::hint::black_box(glitched.expect("it is glitched"))
}

/// With the recipe and each of the seeds.
pub fn for_each_seed(mut work: impl FnMut(u64)) {
    SEEDS.for_each(&mut work);
}

pub const RUNS: f64 = 5.0;
