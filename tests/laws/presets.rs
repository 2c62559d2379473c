//! The promises, held over every preset.

use std::sync::Mutex;

use glitch::{Glitched, PRESETS};

use super::fixtures::{Class, Fixture};
use super::passes::{PICTURES, PINNED, share};
use super::{Golden, conforms, glitch, hold, keeps_all_but, must};

/// All that change anything.
fn presets() -> impl Iterator<Item = &'static str> {
    let names = PRESETS.iter().map(|preset| preset.name);
    names.filter(|name| *name != "none")
}

/// Calls `law` with what comes of every preset.
fn hold_presets(classes: &[Class], law: impl Fn(&Fixture, &Glitched) -> Result<(), String> + Sync) {
    hold(classes, |fixture| {
        for preset in presets() {
            let made = glitch(&fixture.bytes, preset, 1).map_err(|error| error.to_string());
            made.and_then(|glitched| law(fixture, &glitched))
                .map_err(|why| format!("{preset}: {why}"))?;
        }
        Ok(())
    });
}

#[test]
fn every_preset_gives_a_conformant_picture() {
    hold_presets(&[Class::Valid, Class::Mend], |fixture, glitched| {
        // What no pass could hit comes back as it is.
        let is_left = glitched.bytes == fixture.bytes && glitched.hits.is_empty();
        if is_left {
            Ok(())
        } else {
            conforms(fixture, glitched)
        }
    });
}

#[test]
fn every_preset_keeps_every_byte_outside_the_scan_data() {
    hold_presets(&[Class::Valid], |fixture, glitched| {
        keeps_all_but(&[], fixture, glitched)
    });
}

#[test]
fn what_a_preset_made_is_made_again_by_the_recipe_that_it_tells() {
    hold_presets(&[Class::Valid, Class::Mend], |fixture, glitched| {
        let text = glitched.recipe.to_string();
        let again = glitch(&fixture.bytes, &text, glitched.seed).map_err(|it| it.to_string())?;
        must(again.bytes == glitched.bytes, || {
            format!("{text} made other bytes")
        })
    });
}

#[test]
fn the_golden_bytes_of_every_preset_are_what_they_were() {
    let golden = Golden::default();
    hold(&[Class::Valid], |fixture| {
        let name = fixture.name.as_str();
        if !PINNED.contains(&name) && !PICTURES.contains(&name) {
            return Ok(());
        }
        for preset in presets() {
            let seeds = if preset == "random" { 1..7 } else { 1..3 };
            for seed in seeds {
                let glitched = glitch(&fixture.bytes, preset, seed)
                    .map_err(|error| format!("{preset}: {error}"))?;
                golden.add(fixture, &glitched);
            }
        }
        Ok(())
    });
    golden.hold_in("golden-presets.txt");
}

#[test]
fn every_preset_can_be_seen() {
    let seen = Mutex::new(0);
    hold(&[Class::Valid], |fixture| {
        if !PICTURES.contains(&fixture.name.as_str()) {
            return Ok(());
        }
        for preset in presets() {
            for seed in 1..6 {
                let share = share(fixture, preset, seed)?;
                must(share >= 0.01, || format!("{preset}, seed {seed}: {share}"))?;
                *seen.lock().unwrap() += 1;
            }
        }
        Ok(())
    });
    assert_eq!(
        seen.into_inner().unwrap(),
        PICTURES.len() * presets().count() * 5
    );
}
