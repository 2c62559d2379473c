//! The preset `random`: a recipe drawn from the seed. Every draw here is part of the promise that a
//! seed gives the same bytes for ever.

use crate::control::{Reach, Scans};
use crate::png::FilterChoice;
use crate::recipe::Recipe;
use crate::rng::Stream;

/// The presets that are mixed: bounded, and good to look at together.
const LOOKS: [&str; 8] = [
    "bars", "slices", "tint", "comets", "shatter", "bands", "grit", "melt",
];

/// How far hits reach, in percent of the height.
const REACHES: [u32; 5] = [2, 3, 5, 8, 12];

/// The stream of no pass: their indices stay below the number of steps.
const STREAM: u32 = u32::MAX;

/// Draws the passes, and the settings that are as usual: one preset, or in half of all cases two, with an
/// amount and a reach of their own, and the filter and scans of the first.
pub(crate) fn draw(recipe: Recipe, seed: u64) -> Recipe {
    let mut stream = Stream::new(seed, STREAM, 0);
    let first = stream.index(LOOKS.len());
    let second = (first + 1 + stream.index(LOOKS.len() - 1)) % LOOKS.len();
    let is_mixed = stream.below(2) == 1;
    let base: Recipe = LOOKS[first].parse().unwrap_or_default();
    let other: Recipe = LOOKS[second].parse().unwrap_or_default();
    let usual = u64::from(base.amount.unwrap_or(30));
    let amount = (usual * (60 + stream.below(81)) / 100).clamp(5, 90) as u8;
    let reach = Reach::Percent(REACHES[stream.index(REACHES.len())]);
    let mut drawn = recipe.clone();
    drawn.is_random = false;
    drawn.passes = base.passes;
    if is_mixed {
        drawn.passes.extend(other.passes);
    }
    drawn.passes.extend(recipe.passes);
    drawn.amount = recipe.amount.or(Some(amount));
    if recipe.control.reach == Reach::default() {
        drawn.control.reach = reach;
    }
    if recipe.filter == FilterChoice::default() {
        drawn.filter = base.filter;
    }
    if recipe.control.scans == Scans::default() {
        drawn.control.scans = base.control.scans;
    }
    drawn
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::glitch;
    use std::collections::BTreeSet;

    #[test]
    fn what_was_drawn_makes_the_same_bytes_again() {
        let pictures: [&[u8]; 2] = [
            include_bytes!("../fixtures/portrait.jpg"),
            include_bytes!("../fixtures/cat.png"),
        ];
        for picture in pictures {
            for seed in 0..12 {
                let recipe: Recipe = "random".parse().unwrap();
                let made = glitch(picture, &recipe.with_seed(seed)).unwrap();
                let told = made.recipe.to_string();
                assert!(!told.contains("random"), "{told}");
                let again = glitch(picture, &told.parse().unwrap()).unwrap();
                assert!(again.bytes == made.bytes, "{told}");
            }
        }
    }

    #[test]
    fn every_look_is_drawn_and_what_was_told_stays() {
        let mut texts = BTreeSet::new();
        for seed in 0..200 {
            let recipe: Recipe = "random,reach=7,scans=ac,alpha=glitch".parse().unwrap();
            let drawn = draw(recipe, seed);
            assert_eq!(drawn.control.reach, Reach::Rows(7));
            let text = drawn.to_string();
            assert!(text.ends_with(",reach=7,scans=ac,alpha=glitch"), "{text}");
            assert_eq!(text.parse::<Recipe>().unwrap(), drawn);
            texts.insert(text);
        }
        assert!(texts.len() > 100, "{}", texts.len());
        for look in LOOKS {
            let steps = look.parse::<Recipe>().unwrap().passes;
            let first = steps[0].to_string();
            assert!(texts.iter().any(|text| text.contains(&first)), "{look}");
        }
    }
}
