//! The promises, held over every pass by itself.

use std::sync::Mutex;

use glitch::{Allowed, Kind, Pass};

use super::fixtures::{Class, Fixture};
use super::{Golden, changed, conforms, glitch, hold, must};

/// Few and small, but of every way in which scan data are laid out.
const PINNED: [&str; 8] = [
    "jpeg/grey.jpg",
    "jpeg/sampling-420.jpg",
    "jpeg/restart-row.jpg",
    "jpeg/progressive-eob-runs-long.jpg",
    "png/rgb-8.png",
    "png/palette-8.png",
    "png/grey-16.png",
    "png/grey-8-adam7.png",
];

/// Photographs and drawings of a size that people have.
const PICTURES: [&str; 5] = [
    "portrait.jpg",
    "portrait-progressive.jpg",
    "cat.png",
    "sticker-rgba.png",
    "screenshot-palette.png",
];

/// A pass with its defaults, and with each word and each end of each parameter.
fn texts(kind: &Kind) -> Vec<String> {
    let mut texts = vec![kind.name.to_owned()];
    for param in kind.params {
        let values = match &param.allowed {
            Allowed::Whole { range, .. } => {
                vec![range.start().to_string(), range.end().to_string()]
            }
            Allowed::Words(words) => words.iter().map(|word| (*word).to_owned()).collect(),
        };
        let named = values.iter();
        texts.extend(named.map(|value| format!("{}:{}={value}", kind.name, param.name)));
    }
    texts
}

#[test]
fn the_golden_bytes_of_every_pass_are_what_they_were() {
    let golden = Golden::default();
    hold(&[Class::Valid], |fixture| {
        if !PINNED.contains(&fixture.name.as_str()) {
            return Ok(());
        }
        for text in Pass::kinds().iter().flat_map(|kind| texts(kind)) {
            for seed in 1..3 {
                let glitched = glitch(&fixture.bytes, &text, seed)
                    .map_err(|error| format!("{text}: {error}"))?;
                golden.add(fixture, &glitched);
            }
        }
        Ok(())
    });
    golden.hold_in("golden-passes.txt");
}

#[test]
fn every_pass_gives_a_conformant_picture() {
    hold(&[Class::Valid, Class::Mend], |fixture| {
        for kind in Pass::kinds() {
            let text = format!("{}:times=3", kind.name);
            let glitched =
                glitch(&fixture.bytes, &text, 1).map_err(|error| format!("{text}: {error}"))?;
            conforms(fixture, &glitched).map_err(|why| format!("{text}: {why}"))?;
        }
        Ok(())
    });
}

fn share(fixture: &Fixture, text: &str, seed: u64) -> Result<f64, String> {
    let recipe: glitch::Recipe = text.parse().map_err(|error| format!("{text}: {error}"))?;
    let glitched = glitch::glitch(&fixture.bytes, &recipe.with_seed(seed))
        .map_err(|error| format!("{text}: {error}"))?;
    changed(&fixture.bytes, &glitched).ok_or_else(|| "not decoded".to_owned())
}

#[test]
fn every_pass_with_its_defaults_can_be_seen() {
    let seen = Mutex::new(0);
    hold(&[Class::Valid], |fixture| {
        if !PICTURES.contains(&fixture.name.as_str()) {
            return Ok(());
        }
        for kind in Pass::kinds() {
            for seed in 1..5 {
                let share = share(fixture, kind.name, seed)?;
                must(share >= 0.01, || {
                    format!("{}, seed {seed}: {share}", kind.name)
                })?;
                *seen.lock().unwrap() += 1;
            }
        }
        Ok(())
    });
    let all = PICTURES.len() * Pass::kinds().len() * 4;
    assert_eq!(seen.into_inner().unwrap(), all);
}
