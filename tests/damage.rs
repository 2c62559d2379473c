//! Files cut off at every byte, and with every bit flipped: a clear error, or a picture that the oracle accepts,
//! within bounds of size and memory.

#[path = "fixtures/mod.rs"]
mod fixtures;
#[path = "judge/mod.rs"]
mod judge;
#[path = "oracle/mod.rs"]
mod oracle;

use std::ops::Range;

use fixtures::Fixture;
use glitch::{Format, Limits, Options, Recipe};
use peak_alloc::PeakAlloc;
use rayon::prelude::*;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// Files of fewer bytes are damaged in every place, larger ones in so many places, evenly spaced.
const SMALL: usize = 1200;
const PLACES: usize = 32;

/// No more is taken in here, for the oracle is slow. What is over it is refused.
const LIMITS: Limits = Limits {
    bytes: 1 << 20,
    pixels: 1 << 18,
};

/// Most that the process has at once, all threads and fixtures together.
const MEMORY_BOUND: usize = 64 << 20;

const RECIPES: [&str; 6] = [
    "classic",
    "replace:times=5",
    "sort:len=90,replace,reach=1",
    "none,strip=metadata",
    "smear,slices:times=2,quant:how=outline",
    "tint,graft,palette,thumbnail=drop",
];

/// Every place in a small file, some in a large one.
fn places(len: usize) -> impl ParallelIterator<Item = usize> {
    let step = if len < SMALL { 1 } else { len.div_ceil(PLACES) };
    let places: Vec<_> = (0..len).step_by(step).collect();
    places.into_par_iter()
}

/// Glitches what is left of a fixture, and judges what comes of it.
fn treat(input: &[u8], number: usize) -> Result<(), String> {
    let recipe: Recipe = RECIPES[number % RECIPES.len()].parse().unwrap();
    let options = Options {
        limits: LIMITS,
        // The oracle is stricter, and the decoder takes most of the time.
        verify: number.is_multiple_of(8),
        ..Options::default()
    };
    let result = glitch::glitch_with(input, &recipe.with_seed(number as u64), &options);
    // Only what a recipe does to the other kind of picture.
    if matches!(&result, Err(error) if error.kind() == glitch::ErrorKind::BadRecipe) {
        return Ok(());
    }
    judge::judge(input, &result)?;
    let Ok(glitched) = result else {
        return Ok(());
    };
    let pixels = glitched.size.0 as usize * glitched.size.1 as usize;
    // Blocks that are lacking are made up, and what compresses less than before takes as much as is inflated.
    let most = 2 * input.len() + 8 * pixels + 4096;
    match glitched.bytes.len() <= most {
        true => Ok(()),
        false => Err(format!(
            "{} bytes of {}, {pixels} pixels",
            glitched.bytes.len(),
            input.len()
        )),
    }
}

/// Damages every fixture in every place, and fails with all that went wrong.
fn hold(damage: impl Fn(&Fixture, usize) -> Result<(), String> + Sync) {
    let fixtures = fixtures::all();
    let broken: Vec<String> = fixtures
        .par_iter()
        .flat_map(|fixture| {
            places(fixture.bytes.len()).filter_map(|at| {
                let why = damage(fixture, at).err()?;
                Some(format!("{} at {at}: {why}", fixture.name))
            })
        })
        .collect();
    let first = &broken[..broken.len().min(20)];
    assert!(broken.is_empty(), "{}:\n{}", broken.len(), first.join("\n"));
    let peak = MEMORY.peak_usage();
    println!("at most {} MiB at once", peak >> 20);
    assert!(peak < MEMORY_BOUND, "{peak} bytes at once");
}

#[test]
fn a_file_cut_off_at_every_byte_is_mended_or_refused_clearly() {
    hold(|fixture, at| treat(&fixture.bytes[..at], at));
}

#[test]
fn a_file_with_any_bit_flipped_is_mended_or_refused_clearly() {
    hold(|fixture, at| {
        (0..8).try_for_each(|bit| {
            let mut input = fixture.bytes.clone();
            input[at] ^= 1 << bit;
            treat(&input, 8 * at + bit).map_err(|why| format!("bit {bit}: {why}"))
        })
    });
}

/// Otherwise a wrong checksum is all that is seen of damage in a PNG.
#[test]
fn a_png_with_any_bit_flipped_and_right_checksums_is_mended_or_refused_clearly() {
    hold(|fixture, at| {
        if Format::sniff(&fixture.bytes) != Ok(Format::Png) {
            return Ok(());
        }
        (0..8).try_for_each(|bit| {
            let mut input = fixture.bytes.clone();
            input[at] ^= 1 << bit;
            checksum(&mut input);
            treat(&input, 8 * at + bit).map_err(|why| format!("bit {bit}: {why}"))
        })
    });
}

/// Gives every chunk the checksum that it has to have, as far as there are chunks.
fn checksum(png: &mut [u8]) {
    let mut at = 8;
    while let Some(length) = png.get(at..at + 4) {
        let length = u32::from_be_bytes([length[0], length[1], length[2], length[3]]) as usize;
        let covered: Range<usize> = at + 4..at.saturating_add(8).saturating_add(length);
        let Some(crc) = png.get(covered.clone()).map(crc32fast::hash) else {
            return;
        };
        at = covered.end + 4;
        let Some(place) = png.get_mut(covered.end..at) else {
            return;
        };
        place.copy_from_slice(&crc.to_be_bytes());
    }
}
