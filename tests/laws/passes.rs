//! The promises, held over every pass by itself.

use std::sync::Mutex;

use glitch::{Allowed, Format, Kind, Pass};

use super::fixtures::{Class, Fixture};
use super::{Golden, changed, conforms, glitch, hold, judge, keeps_all_but, must};

/// Few and small, but of every way in which scan data are laid out.
pub const PINNED: [&str; 8] = [
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
pub const PICTURES: [&str; 5] = [
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

/// The passes that work on a fixture.
fn kinds(fixture: &Fixture) -> impl Iterator<Item = &'static Kind> {
    let format = match fixture.name.ends_with(".png") {
        true => Format::Png,
        false => Format::Jpeg,
    };
    let kinds = Pass::kinds().iter().copied();
    kinds.filter(move |kind| kind.format.is_none_or(|only| only == format))
}

#[test]
fn the_golden_bytes_of_every_pass_are_what_they_were() {
    let golden = Golden::default();
    hold(&[Class::Valid], |fixture| {
        if !PINNED.contains(&fixture.name.as_str()) {
            return Ok(());
        }
        for text in kinds(fixture).flat_map(texts) {
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
        for kind in kinds(fixture) {
            let mut texts = vec![format!("{}:times=3", kind.name)];
            if kind.format == Some(Format::Png) {
                texts.push(format!("{},filter=keep,alpha=glitch", texts[0]));
            }
            for text in texts {
                let glitched =
                    glitch(&fixture.bytes, &text, 1).map_err(|error| format!("{text}: {error}"))?;
                // What no pass could hit comes back as it is.
                if glitched.bytes != fixture.bytes || !glitched.hits.is_empty() {
                    conforms(fixture, &glitched).map_err(|why| format!("{text}: {why}"))?;
                }
            }
        }
        Ok(())
    });
}

#[test]
fn every_pass_keeps_every_byte_outside_the_scan_data_but_those_of_its_header() {
    hold(&[Class::Valid], |fixture| {
        for kind in kinds(fixture) {
            let glitched = glitch(&fixture.bytes, kind.name, 1).map_err(|it| it.to_string())?;
            let header: Vec<&str> = kind.header.into_iter().collect();
            keeps_all_but(&header, fixture, &glitched)
                .map_err(|why| format!("{}: {why}", kind.name))?;
        }
        Ok(())
    });
}

/// All passes of one format one after the other, on broken pictures.
#[test]
fn no_pass_of_one_format_stumbles_over_broken_pictures() {
    let only: Vec<&str> = Pass::kinds()
        .iter()
        .filter(|kind| kind.format == Some(Format::Png))
        .map(|kind| kind.name)
        .collect();
    let recipe = only.join(",");
    hold(&[Class::Either], |fixture| {
        let is_png = fixture.name.ends_with(".png");
        must(is_png || fixture.name.ends_with(".jpg"), || {
            "neither".to_owned()
        })?;
        if is_png {
            judge(&fixture.bytes, &recipe, 1)
        } else {
            Ok(())
        }
    });
    hold(&[Class::Valid], |fixture| {
        if !fixture.name.ends_with(".png") || fixture.bytes.len() > 600 {
            return Ok(());
        }
        for at in 0..fixture.bytes.len() {
            let mut input = fixture.bytes.clone();
            input[at] ^= 1 << (at % 8) | 0x40;
            judge(&input, &recipe, at as u64).map_err(|why| format!("changed at {at}: {why}"))?;
            let cut = &fixture.bytes[..at];
            judge(cut, &recipe, at as u64).map_err(|why| format!("cut at {at}: {why}"))?;
        }
        Ok(())
    });
}

pub fn share(fixture: &Fixture, text: &str, seed: u64) -> Result<f64, String> {
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
        for kind in kinds(fixture) {
            for seed in 1..5 {
                let share = share(fixture, kind.name, seed)?;
                let is_shown = match kind.name {
                    "refilter" => share == 0.0,
                    // Of the pictures one has a palette.
                    "palette" if !fixture.name.contains("palette") => share == 0.0,
                    _ => share >= 0.01,
                };
                must(is_shown, || format!("{}, seed {seed}: {share}", kind.name))?;
                *seen.lock().unwrap() += 1;
            }
        }
        Ok(())
    });
    let all = PICTURES.iter().map(|name| {
        let jpeg = name.ends_with(".jpg");
        let other = if jpeg { Format::Png } else { Format::Jpeg };
        let kinds = Pass::kinds().iter();
        kinds.filter(|kind| kind.format != Some(other)).count() * 4
    });
    assert_eq!(seen.into_inner().unwrap(), all.sum::<usize>());
}
