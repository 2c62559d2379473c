//! Presets in animations.

use std::collections::HashSet;

use glitch::{Container, Loop, Motion, Seeds};

use crate::animation::frames;
use crate::{CONTAINERS, animate, fixture, recipe};

#[test]
fn every_frame_of_a_preset_is_another_and_conformant() {
    let motions = [
        (Motion::Steady, Seeds::Change),
        (Motion::Ramp("20-80".parse().unwrap()), Seeds::Keep),
    ];
    for (name, preset) in [
        ("portrait.jpg", "melt"),
        ("portrait.jpg", "tint"),
        ("cat.png", "melt"),
        ("cat.png", "shatter"),
        ("cat.png", "random"),
    ] {
        let input = fixture(name);
        for (container, (motion, seeds)) in CONTAINERS.into_iter().zip(&motions) {
            let settings = Loop {
                recipe: recipe(&format!("{preset},seed=3")),
                frames: 6,
                size: 160,
                motion: motion.clone(),
                seeds: *seeds,
                container,
                ..Loop::default()
            };
            let made = animate(&input, &settings);
            let case = format!("{name} {preset} {motion:?} {container:?}");
            if container == Container::Apng {
                let sound = glitch::verify(&made.bytes).unwrap();
                assert!(sound.fault.is_none(), "{case}: {sound:?}");
            }
            let frames = frames(&made.bytes, container);
            let shown: HashSet<_> = frames.iter().map(|(frame, _)| frame.as_raw()).collect();
            assert_eq!((shown.len(), made.alike), (6, 0), "{case}");
            for recipe in made.recipes.iter().flatten() {
                let glitched = glitch::glitch(&input, recipe).unwrap();
                let sound = glitch::verify(&glitched.bytes).unwrap();
                assert!(sound.fault.is_none(), "{case}: {recipe}: {sound:?}");
                assert!(glitched.changed.unwrap() >= 0.01, "{case}: {recipe}");
            }
        }
    }
}
