//! The same of every preset, and of the passes that move and colour MCUs.

use glitch::{ErrorKind, Format, PRESETS, Pass};

use crate::{PICTURES, all, changed, fixture, glitched, pixels};

/// Of every way in which scan data are laid out.
const JPEGS: [&str; 6] = [
    "portrait.jpg",
    "portrait-progressive.jpg",
    "coffee-restart-rows.jpg",
    "jpeg/sampling-422.jpg",
    "jpeg/restart-7.jpg",
    "jpeg/progressive-restart-7.jpg",
];

/// They change nothing but the MCUs they hit.
const MOVING: [&str; 5] = [
    "slices:times=6",
    "slices:how=swap:times=6",
    "slices:how=repeat:times=6",
    "slices:how=reverse:tall=20:times=6",
    "smear:times=6",
];

fn presets() -> impl Iterator<Item = &'static str> {
    let names = PRESETS.iter().map(|preset| preset.name);
    names.filter(|name| *name != "none")
}

/// Fails where something changes that is protected; tells how many pixels change.
fn spared(name: &str, recipe: &str) -> usize {
    let input = fixture(name);
    let before = pixels(&input);
    let (width, height) = before.dimensions();
    let inside = (width / 4..width * 3 / 4, height / 4..height * 3 / 4);
    let mut outside = 0;
    for seed in 1..3 {
        let recipe = format!("{recipe},protect=25-25-50-50,seed={seed}");
        let after = pixels(&glitched(&input, &recipe).bytes);
        let hurt = changed(&before, &after, inside.clone());
        assert_eq!(hurt, 0, "{name} {recipe}");
        outside += changed(&before, &after, all(&before));
    }
    outside
}

#[test]
fn what_is_protected_from_moved_and_coloured_mcus_does_not_change() {
    let others = [
        "tint:times=6",
        "tint:component=cb:times=6,reach=2",
        "grit:times=3",
        "grit:part=60:share=80,smear,tint,slices,replace,reach=3",
    ];
    for name in JPEGS {
        for passes in MOVING.into_iter().chain(others) {
            let changed = spared(name, passes);
            // Of a small picture there may be no two MCUs left in a row.
            assert!(changed > 0 || name.contains('/'), "{name} {passes}");
        }
    }
}

#[test]
fn what_is_protected_from_a_preset_does_not_change() {
    for name in PICTURES {
        for preset in presets() {
            assert!(spared(name, preset) > 0, "{name} {preset}");
        }
    }
}

/// Pixels that differ outside of a rectangle, and inside of it.
fn sides(name: &str, recipe: &str, [left, top, right, bottom]: [u32; 4]) -> (usize, usize) {
    let input = fixture(name);
    let before = pixels(&input);
    let after = pixels(&glitched(&input, recipe).bytes);
    let inside = (left..right, top..bottom);
    let inside = changed(&before, &after, inside);
    (changed(&before, &after, all(&before)) - inside, inside)
}

/// MCUs are 16 pixels at the most, and decoders smooth over one pixel more.
const MARGIN: u32 = 18;

#[test]
fn nothing_moves_outside_of_the_region() {
    for name in JPEGS {
        let (width, height) = pixels(&fixture(name)).dimensions();
        let inside = [
            (width / 4).saturating_sub(MARGIN),
            (height / 4).saturating_sub(MARGIN),
            (width * 3 / 4 + MARGIN).min(width),
            (height * 3 / 4 + MARGIN).min(height),
        ];
        for passes in MOVING {
            let mut moved = 0;
            for seed in 1..3 {
                let recipe = format!("{passes},region=25-25-50-50,seed={seed}");
                let (outside, within) = sides(name, &recipe, inside);
                assert_eq!(outside, 0, "{name} {recipe}");
                moved += within;
            }
            assert!(moved > 0, "{name} {passes}");
        }
    }
}

/// Fails where rows change that no hit in the region reaches.
fn is_bounded(name: &str, recipe: &str, seeds: u64) {
    let (width, height) = pixels(&fixture(name)).dimensions();
    let top = (height / 2).saturating_sub(MARGIN);
    let bottom = (height * 6 / 10 + MARGIN).min(height);
    let mut hit = 0;
    for seed in 1..=seeds {
        let recipe = format!("{recipe},reach=1,region=0-50-100-10,seed={seed}");
        let (outside, within) = sides(name, &recipe, [0, top, width, bottom]);
        assert_eq!(outside, 0, "{name} {recipe}");
        hit += within;
    }
    assert!(hit > 0, "{name} {recipe}");
}

#[test]
fn colours_and_grit_stay_within_reach() {
    for name in JPEGS {
        for passes in [
            "tint:times=6",
            "tint:component=cr:by=80:times=6",
            "grit:times=3",
        ] {
            is_bounded(name, passes, 3);
        }
    }
}

#[test]
fn every_preset_stays_within_reach() {
    for name in PICTURES {
        for preset in presets() {
            is_bounded(name, preset, 2);
        }
    }
}

#[test]
fn nothing_of_an_amount_of_a_preset_gives_the_input_back() {
    for name in PICTURES {
        let input = fixture(name);
        for preset in presets() {
            let made = glitched(&input, &format!("{preset},amount=0,seed=3"));
            assert!(made.bytes == input, "{name} {preset}");
            assert_eq!((made.hits.len(), made.changed), (0, Some(0.0)));
        }
    }
}

#[test]
fn more_of_an_amount_of_a_preset_keeps_the_hits_of_less() {
    for name in ["portrait.jpg", "cat.png", "coffee-restart-rows.jpg"] {
        let input = fixture(name);
        for preset in presets() {
            let mut before = Vec::new();
            for amount in [5, 20, 60, 100] {
                let recipe = format!("{preset},amount={amount},seed=7");
                let hits = glitched(&input, &recipe).hits;
                assert!(hits.len() > before.len(), "{name} {recipe}");
                assert!(hits.starts_with(&before), "{name} {recipe}");
                before = hits;
            }
        }
    }
}

#[test]
fn other_quantisation_is_not_bounded() {
    for bounds in ["reach=2", "region=0-0-50-50", "protect=0-0-50-50"] {
        for name in ["portrait.jpg", "portrait-progressive.jpg"] {
            let recipe = format!("quant,replace,{bounds}").parse().unwrap();
            let error = glitch::glitch(&fixture(name), &recipe).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::BadRecipe);
            let said = error.to_string();
            assert!(said.contains("`quant` changes the whole picture"), "{said}");
        }
    }
}

#[test]
fn a_pass_for_one_format_alone_is_refused_for_the_other() {
    let mut refused = 0;
    for kind in Pass::kinds() {
        let (name, told) = match kind.format {
            Some(Format::Jpeg) => ("cat.png", "no pass of it works on a PNG: "),
            Some(Format::Png) => ("portrait.jpg", "no pass of it works on a JPEG: "),
            None => continue,
        };
        let input = fixture(name);
        // With a parameter it is no preset.
        let alone = format!("{}:times=1", kind.name);
        let error = glitch::glitch(&input, &alone.parse().unwrap()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::BadRecipe, "{alone}");
        assert_eq!(
            error.to_string(),
            format!("bad recipe: {told}{}", kind.name)
        );
        let made = glitched(&input, &format!("{alone},replace,seed=1"));
        assert!(made.hits.iter().all(|hit| hit.pass == 1), "{alone}");
        refused += 1;
    }
    assert!(refused >= 10, "{refused}");
}
