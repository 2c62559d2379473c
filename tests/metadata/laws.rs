//! Over every fixture.

use crate::fixtures::{self, Class, Fixture};
use crate::{SETTINGS, oracle, unchecked};

/// Calls `law` with every fixture that is glitched, and fails with all that it says.
fn hold(law: impl Fn(&Fixture) -> Result<(), String>) {
    let mut fixtures = fixtures::of(Class::Valid);
    fixtures.extend(fixtures::of(Class::Mend));
    let broken = fixtures.iter().filter_map(|fixture| {
        let why = law(fixture).err()?;
        Some(format!("{}: {why}", fixture.name))
    });
    let broken: Vec<String> = broken.collect();
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

/// The bytes of the scan data.
fn scans(file: &[u8], facts: &oracle::Facts) -> Vec<u8> {
    let ranges = facts.scan_bytes.iter();
    ranges
        .flat_map(|range| file[range.clone()].to_vec())
        .collect()
}

#[test]
fn taking_out_metadata_leaves_the_picture_as_it_is() {
    hold(|fixture| {
        for passes in ["replace,seed=5", "none"] {
            let plain = unchecked(&fixture.bytes, passes).unwrap();
            let Ok(before) = oracle::check(&plain) else {
                continue;
            };
            for setting in SETTINGS {
                let made = unchecked(&fixture.bytes, &format!("{passes},{setting}"))
                    .map_err(|error| error.to_string())?;
                let after = oracle::check(&made).map_err(|fault| fault.to_string())?;
                if scans(&plain, &before) != scans(&made, &after) {
                    return Err(format!("{passes},{setting}: other scan data"));
                }
                if (before.width, before.height) != (after.width, after.height) {
                    return Err(format!("{passes},{setting}: another size"));
                }
            }
        }
        Ok(())
    });
}

#[test]
fn taking_out_metadata_twice_takes_out_no_more() {
    hold(|fixture| {
        for setting in SETTINGS {
            let recipe = format!("none,{setting}");
            let once = unchecked(&fixture.bytes, &recipe).map_err(|error| error.to_string())?;
            let twice = unchecked(&once, &recipe).map_err(|error| error.to_string())?;
            if once != twice {
                return Err(format!(
                    "{setting}: {} then {} bytes",
                    once.len(),
                    twice.len()
                ));
            }
        }
        Ok(())
    });
}

#[test]
fn a_file_without_metadata_is_as_without_the_setting() {
    let plain = [
        "jpeg/no-application-segment.jpg",
        "png/rgb-8.png",
        "cat.png",
    ];
    for name in plain {
        let input = std::fs::read(fixtures::folder().join(name)).unwrap();
        for setting in SETTINGS {
            for passes in ["classic,seed=3", "none"] {
                let made = unchecked(&input, &format!("{passes},{setting}")).unwrap();
                let plain = unchecked(&input, passes).unwrap();
                assert!(made == plain, "{name} {passes},{setting}");
            }
        }
    }
}
