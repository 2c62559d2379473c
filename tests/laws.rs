//! The promises of the README, held over every fixture, several recipes and seeds. The judge of
//! what is conformant is the oracle, which shares no code with the library.

#[path = "changed/mod.rs"]
mod changed;
#[path = "fixtures/mod.rs"]
mod fixtures;
#[path = "judge/mod.rs"]
mod judge;
#[path = "oracle/mod.rs"]
mod oracle;
#[path = "laws/passes.rs"]
mod passes;
#[path = "laws/presets.rs"]
mod presets;

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Mutex;

use changed::{changed, has_nothing_to_show};
use fixtures::{Class, Fixture};
use glitch::{ErrorKind, Format, Glitched, LooksLike, Options, Recipe};
use judge::is_in_a_header;

const RECIPES: [&str; 7] = [
    "classic",
    "replace:times=20",
    "sort:len=300:times=5,replace",
    "replace,filter=keep",
    "replace:times=5,reach=1,alpha=glitch",
    "sort:len=90,replace:times=5,reach=5pct,protect=30-20-40-50,channels=chroma",
    "replace,strip=metadata,thumbnail=drop",
];
const SEEDS: Range<u64> = 1..4;

/// Calls `law` with every fixture of the classes, on all cores, and fails with all that it says.
fn hold(classes: &[Class], law: impl Fn(&Fixture) -> Result<(), String> + Sync) {
    let fixtures: Vec<Fixture> = fixtures::all()
        .into_iter()
        .filter(|fixture| classes.contains(&fixture.class))
        .collect();
    let (next, broken) = (Mutex::new(fixtures.iter()), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(2, usize::from) {
            scope.spawn(|| {
                while let Some(fixture) = { next.lock().unwrap().next() } {
                    if let Err(why) = law(fixture) {
                        broken
                            .lock()
                            .unwrap()
                            .push(format!("{}: {why}", fixture.name));
                    }
                }
            });
        }
    });
    let broken = broken.into_inner().unwrap();
    assert!(!fixtures.is_empty());
    assert!(
        broken.is_empty(),
        "{} of {} fixtures:\n{}",
        broken.len(),
        fixtures.len(),
        broken.join("\n")
    );
}

/// Glitches a fixture by every recipe and seed, and calls `law` with what comes out.
fn hold_glitched(
    classes: &[Class],
    law: impl Fn(&Fixture, &Glitched) -> Result<(), String> + Sync,
) {
    hold(classes, |fixture| {
        for (text, seed) in RECIPES
            .iter()
            .flat_map(|text| SEEDS.map(move |seed| (text, seed)))
        {
            let glitched = glitch(&fixture.bytes, text, seed)
                .map_err(|why| format!("{text}, seed {seed}: {why}"))?;
            law(fixture, &glitched).map_err(|why| format!("{text}, seed {seed}: {why}"))?;
        }
        Ok(())
    });
}

fn glitch(input: &[u8], recipe: &str, seed: u64) -> Result<Glitched, glitch::Error> {
    let recipe = recipe.parse::<Recipe>()?.with_seed(seed);
    glitch::glitch_with(
        input,
        &recipe,
        &Options {
            verify: false,
            ..Options::default()
        },
    )
}

/// `ensure!`, for laws.
fn must(holds: bool, otherwise: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(otherwise()) }
}

#[test]
fn a_glitched_picture_is_strictly_conformant() {
    hold_glitched(&[Class::Valid, Class::Mend], conforms);
}

fn conforms(fixture: &Fixture, glitched: &Glitched) -> Result<(), String> {
    let kept = oracle::check(&fixture.bytes);
    match oracle::check(&glitched.bytes) {
        Ok(_) => Ok(()),
        // A header that was against the rules still is: it is the user's, and stays.
        Err(fault)
            if kept
                .as_ref()
                .err()
                .is_some_and(|old| old.what == fault.what)
                && is_in_a_header(&fault) =>
        {
            Ok(())
        }
        Err(fault) => Err(format!("{fault} (the input: {:?})", kept.err())),
    }
}

#[test]
fn the_library_and_the_oracle_agree_on_what_is_conformant() {
    hold(&[Class::Valid, Class::Mend], |fixture| {
        let sound = glitch::verify(&fixture.bytes).map_err(|error| error.to_string())?;
        let oracle = oracle::check(&fixture.bytes);
        must(sound.fault.is_none() == oracle.is_ok(), || {
            format!("library: {:?}, oracle: {:?}", sound.fault, oracle.err())
        })
    });
}

#[test]
fn every_byte_outside_the_scan_data_is_the_inputs() {
    hold_glitched(&[Class::Valid], |fixture, glitched| {
        // What is left without metadata is told in `tests/metadata`.
        if glitched.recipe.metadata != glitch::Metadata::default() {
            return Ok(());
        }
        keeps_all_but(&[], fixture, glitched)
    });
}

/// Every byte outside the scan data, and outside the PNG chunks or JPEG segments of these kinds, is the
/// input's.
fn keeps_all_but(kinds: &[&str], fixture: &Fixture, glitched: &Glitched) -> Result<(), String> {
    let Ok(before) = oracle::check(&fixture.bytes) else {
        return Ok(());
    };
    let after = oracle::check(&glitched.bytes).map_err(|fault| fault.to_string())?;
    let outside = |bytes: &[u8], facts: &oracle::Facts, dropped: &[&str]| {
        let mut skipped = facts.scan_bytes.clone();
        let chunks = facts.png.iter().flat_map(|png| &png.chunks);
        let of_kind = |kinds: &[&str], kind: [u8; 4]| kinds.iter().any(|it| it.as_bytes() == kind);
        let gone =
            chunks.filter(|chunk| of_kind(kinds, chunk.kind) || of_kind(dropped, chunk.kind));
        skipped.extend(gone.map(|chunk| chunk.range.clone()));
        if facts.jpeg.is_some() && kinds.contains(&"DQT") {
            skipped.extend(quantisation_tables(bytes, &facts.scan_bytes));
        }
        let kept = bytes
            .iter()
            .enumerate()
            .filter(|(at, _)| !skipped.iter().any(|range| range.contains(at)));
        kept.map(|(_, byte)| *byte).collect::<Vec<u8>>()
    };
    let untouched = fixture.bytes == glitched.bytes;
    let dropped: &[&str] = if untouched {
        &[]
    } else {
        &["iDOT", "caBX", "dSIG"]
    };
    let old = outside(&fixture.bytes, &before, dropped);
    let new = outside(&glitched.bytes, &after, &[]);
    let differs = old.iter().zip(&new).position(|(a, b)| a != b);
    must(old == new, || {
        format!(
            "{} bytes became {}, first difference {differs:?}",
            old.len(),
            new.len()
        )
    })
}

/// What the DQT segments of a well-formed JPEG hold, outside of the scans and before EOI.
fn quantisation_tables(bytes: &[u8], scans: &[Range<usize>]) -> Vec<Range<usize>> {
    const SOI: u8 = 0xD8;
    const EOI: u8 = 0xD9;
    const DQT: u8 = 0xDB;
    let mut tables = Vec::new();
    let mut at = 0;
    while let Some(&[0xFF, marker, ref rest @ ..]) = bytes.get(at..) {
        at += match (marker, rest) {
            (EOI, _) => break,
            // Fill bytes (T.81 B.1.1.2), and TEM, have no length.
            (0xFF, _) => 1,
            (SOI | 0x01, _) => 2,
            (_, &[high, low, ..]) => 2 + usize::from(u16::from_be_bytes([high, low])),
            _ => break,
        };
        if marker == DQT {
            let held = bytes.len() - rest.len() + 2..at;
            tables.push(held);
        }
        while let Some(scan) = scans.iter().find(|scan| scan.contains(&at)) {
            at = scan.end;
        }
    }
    tables
}

#[test]
fn an_empty_recipe_gives_the_input_back() {
    hold(&[Class::Valid, Class::Mend], |fixture| {
        let glitched = glitch(&fixture.bytes, "none", 1).map_err(|error| error.to_string())?;
        must(glitched.bytes == fixture.bytes, || {
            "not the same bytes".into()
        })
    });
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    hold_glitched(&[Class::Valid, Class::Mend], |fixture, glitched| {
        let text = glitched.recipe.to_string();
        let again = glitch::glitch(&fixture.bytes, &text.parse().unwrap())
            .map_err(|error| error.to_string())?;
        must(again.bytes == glitched.bytes, || {
            format!("{text} made other bytes")
        })
    });
}

#[test]
fn another_seed_gives_another_picture() {
    hold(&[Class::Valid], |fixture| {
        let made = SEEDS
            .map(|seed| glitch(&fixture.bytes, "classic", seed).map(|glitched| glitched.bytes));
        let made: Vec<Vec<u8>> = made
            .collect::<Result<_, _>>()
            .map_err(|error| error.to_string())?;
        let distinct: std::collections::HashSet<&Vec<u8>> = made.iter().collect();
        // A picture of one block can come out the same twice.
        must(distinct.len() > 1 || fixture.bytes.len() < 1000, || {
            "three seeds, one picture".into()
        })
    });
}

#[test]
fn the_golden_bytes_are_what_they_were() {
    let golden = Golden::default();
    hold_glitched(&[Class::Valid, Class::Mend], |fixture, glitched| {
        golden.add(fixture, glitched);
        Ok(())
    });
    golden.hold_in("golden.txt");
}

/// The hash of what comes of a fixture and a recipe.
#[derive(Default)]
struct Golden(Mutex<BTreeMap<String, String>>);

impl Golden {
    fn add(&self, fixture: &Fixture, glitched: &Glitched) {
        use sha2::Digest;
        let hash = sha2::Sha256::digest(&glitched.bytes);
        let hash = hash.iter().take(16).map(|byte| format!("{byte:02x}"));
        let what = format!("{} {}", fixture.name, glitched.recipe);
        self.0.lock().unwrap().insert(what, hash.collect());
    }

    fn hold_in(self, name: &str) {
        let golden = fixtures::folder().join(name);
        let made: String = self
            .0
            .into_inner()
            .unwrap()
            .iter()
            .map(|(what, hash)| format!("{what} {hash}\n"))
            .collect();
        if std::env::var_os("GLITCH_BLESS").is_some() {
            std::fs::write(&golden, &made).unwrap();
        }
        let kept = std::fs::read_to_string(&golden).unwrap_or_default();
        let changed: Vec<&str> = made
            .lines()
            .filter(|line| !kept.lines().any(|kept| kept == *line))
            .collect();
        assert!(
            changed.is_empty(),
            "{} lines of fixtures/{name} no longer hold:\n{}",
            changed.len(),
            changed[..changed.len().min(20)].join("\n")
        );
        assert_eq!(
            made.lines().count(),
            kept.lines().count(),
            "fixtures/{name} has lines of no fixture"
        );
    }
}

#[test]
fn a_glitch_can_be_seen() {
    let counts = Mutex::new((0, 0, Vec::new()));
    hold(&[Class::Valid, Class::Mend], |fixture| {
        for (text, seed) in ["classic", "replace"]
            .iter()
            .flat_map(|text| (1..21).map(move |seed| (text, seed)))
        {
            let recipe = text.parse::<Recipe>().unwrap().with_seed(seed);
            let glitched =
                glitch::glitch(&fixture.bytes, &recipe).map_err(|error| error.to_string())?;
            let pixels = glitched.size.0 * glitched.size.1;
            // A picture of a few pixels hardly shows anything.
            let (Some(changed), false) = (
                changed(&fixture.bytes, &glitched),
                pixels < 64 || has_nothing_to_show(&fixture.name),
            ) else {
                continue;
            };
            let mut counts = counts.lock().unwrap();
            counts.0 += 1;
            if changed >= 0.01 {
                counts.1 += 1;
            } else {
                counts.2.push(format!(
                    "{} {recipe}: {:.2} %, {} rounds",
                    fixture.name,
                    changed * 100.0,
                    glitched.rounds
                ));
            }
        }
        Ok(())
    });
    let (all, seen, unseen) = counts.into_inner().unwrap();
    println!(
        "at least 1 % of the pixels changed: {seen} of {all} ({:.2} %)",
        100.0 * f64::from(seen) / f64::from(all)
    );
    println!("{}", unseen.join("\n"));
    assert!(
        f64::from(seen) >= 0.995 * f64::from(all),
        "{seen} of {all}:\n{}",
        unseen.join("\n")
    );
}

#[test]
fn changed_blocks_stay_in_the_range_that_all_decoders_draw_alike() {
    hold_glitched(&[Class::Valid], |fixture, glitched| {
        // Where a table lacks EOB a block can only be ended by more coefficients.
        if glitched.format != Format::Jpeg || fixture.name.contains("no-eob") {
            return Ok(());
        }
        let facts = |bytes: &[u8]| oracle::check(bytes).map(|facts| facts.jpeg.expect("a JPEG"));
        let before = facts(&fixture.bytes).map_err(|fault| fault.to_string())?;
        let after = facts(&glitched.bytes).map_err(|fault| fault.to_string())?;
        let samples = oracle::samples(&after);
        for ((old, new), samples) in before
            .components
            .iter()
            .zip(&after.components)
            .zip(&samples)
        {
            for (index, sample) in samples.iter().enumerate() {
                let changed = old.coefficients[index] != new.coefficients[index];
                let within = sample.min >= -512.0 && sample.max <= 511.0;
                must(!changed || within, || {
                    format!("component {}, block {index}: {sample:?}", new.id)
                })?;
            }
        }
        Ok(())
    });
}

#[test]
fn a_glitched_picture_decodes() {
    hold(&[Class::Valid, Class::Mend], |fixture| {
        for seed in SEEDS {
            let recipe = Recipe::default().with_seed(seed);
            glitch::glitch(&fixture.bytes, &recipe).map_err(|error| error.to_string())?;
        }
        Ok(())
    });
}

#[test]
fn malformed_input_is_refused_with_the_byte_offset() {
    hold(&[Class::Refuse], |fixture| {
        match glitch(&fixture.bytes, "classic", 1) {
            Ok(_) => Err("was glitched".into()),
            Err(error) => match error.kind() {
                ErrorKind::Malformed => must(
                    error.offset().is_some_and(|at| at <= fixture.bytes.len()),
                    || format!("no offset: {error}"),
                ),
                ErrorKind::TooLarge => Ok(()),
                ErrorKind::NotAnImage if error.looks_like() == Some(LooksLike::BrokenPng) => Ok(()),
                kind => Err(format!("{kind:?}: {error}")),
            },
        }
    });
}

#[test]
fn an_unsupported_coding_process_is_named() {
    hold(&[Class::Unsupported], |fixture| {
        match glitch(&fixture.bytes, "classic", 1) {
            Err(error) if error.kind() == ErrorKind::Unsupported => {
                let said = error.to_string();
                let named = [
                    "arithmetic",
                    "lossless",
                    "hierarchical",
                    "12-bit",
                    "JPEG-LS",
                    "-bit samples",
                ];
                must(named.iter().any(|name| said.contains(name)), || {
                    said.clone()
                })
            }
            other => Err(format!("{other:?}")),
        }
    });
}

#[test]
fn other_files_are_named_for_what_they_are() {
    hold(&[Class::Other], |fixture| {
        match glitch(&fixture.bytes, "classic", 1) {
            Err(error) if matches!(error.kind(), ErrorKind::NotAnImage | ErrorKind::Empty) => {
                Ok(())
            }
            other => Err(format!("{other:?}")),
        }
    });
}

#[test]
fn odd_input_is_mended_or_refused_clearly() {
    hold(&[Class::Either], |fixture| {
        judge(&fixture.bytes, "classic", 1)
    });
}

/// Whatever comes in: a clear error, or a picture that the oracle accepts.
fn judge(input: &[u8], recipe: &str, seed: u64) -> Result<(), String> {
    judge::judge(input, &glitch(input, recipe, seed))
}
