//! What the documentation tells a newcomer is so: its commands run, its links lead somewhere, its
//! tests exist, and its pictures are what their recipes make.

mod promises;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use glitch::{Format, PRESETS, Pass, Recipe};
use promises::{assert_shown, files, quoted, read, root, rows, test_names};

const MAIN_JOB: &str = "cargo run --release -- fixtures/portrait.jpg -o glitched.jpg";
const PAGES: [&str; 12] = [
    "README.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "docs/command-line.md",
    "docs/deploy.md",
    "docs/http.md",
    "docs/load.md",
    "docs/passes.md",
    "docs/performance.md",
    "docs/presets.md",
    "docs/pictures/README.md",
    "lambda/README.md",
];

#[test]
fn every_promised_test_exists() {
    let (readme, exist) = (read("README.md"), test_names("tests"));
    let rows = rows(&readme, "| promise | test | in |");
    for promise in 1..=5 {
        let start = format!("{promise} ");
        assert!(
            rows.iter().any(|row| row[0].starts_with(&start)),
            "promise {promise}"
        );
    }
    assert_shown(&rows, &exist);
}

#[test]
fn every_decoder_is_named() {
    let readme = read("README.md").to_lowercase();
    let table = read("tests/decoders/table.txt");
    let rows = table.lines().filter(|line| !line.starts_with('#'));
    let names: Vec<&str> = rows
        .filter_map(|line| Some(line.split_once('|')?.0.trim()))
        .collect();
    assert_eq!(names.len(), 14, "the README says fourteen");
    for name in names {
        assert!(readme.contains(name), "{name} is not named");
    }
}

#[test]
fn every_pass_preset_and_parameter_is_named() {
    let readme = read("README.md");
    let named: BTreeSet<&str> = quoted(&readme).collect();
    for preset in PRESETS {
        assert!(named.contains(preset.name), "preset {}", preset.name);
        // What they stand for is in docs/presets.md.
        assert!(readme.contains(&format!("| `{}` | ", preset.name)));
    }
    for kind in Pass::kinds() {
        assert!(named.contains(kind.name), "pass {}", kind.name);
        for param in kind.params.iter().chain(glitch::COMMON) {
            assert!(named.contains(param.name), "{}:{}", kind.name, param.name);
        }
    }
    for setting in ["filter=...", "deflate=...", "seed=..."] {
        assert!(named.contains(setting), "setting {setting}");
    }
    for filter in ["auto", "keep", "none", "sub", "up", "average", "paeth"] {
        assert!(named.contains(filter), "filter {filter}");
        filter.parse::<glitch::FilterChoice>().unwrap();
    }
}

/// Targets of the links and pictures of a page.
fn links(page: &str) -> impl Iterator<Item = &str> {
    let after = |start, end| {
        let rest = page.split(start).skip(1);
        rest.filter_map(move |rest: &str| rest.split(end).next())
    };
    after("](", ')').chain(after("src=\"", '"'))
}

/// The anchor of a heading, as GitHub makes it.
fn anchor(heading: &str) -> String {
    let kept = heading.trim_start_matches('#').trim().to_lowercase();
    let kept = kept
        .chars()
        .filter(|c| c.is_alphanumeric() || " -_".contains(*c));
    kept.collect::<String>().replace(' ', "-")
}

#[test]
fn every_link_leads_somewhere() {
    for page in PAGES {
        let text = read(page);
        let folder = root().join(page).parent().unwrap().to_owned();
        for link in links(&text).filter(|link| !link.starts_with("https://")) {
            let (file, place) = link.split_once('#').unwrap_or((link, ""));
            let target = match file {
                "" => root().join(page),
                file => folder.join(file),
            };
            assert!(target.exists(), "{page}: {link}");
            if !place.is_empty() {
                let target = fs::read_to_string(target).unwrap();
                let mut headings = target.lines().filter(|line| line.starts_with('#'));
                assert!(
                    headings.any(|heading| anchor(heading) == place),
                    "{page}: {link}"
                );
            }
        }
    }
}

fn is_of_a_pass(picture: &Path) -> bool {
    picture
        .parent()
        .is_some_and(|folder| folder.ends_with("passes"))
}

#[test]
fn every_picture_is_shown() {
    let (readme, listed) = (read("README.md"), read("docs/pictures/README.md"));
    let presets = read("docs/presets.md");
    let mut size = 0;
    for kind in ["jpg", "png"] {
        let all = files(&root().join("docs/pictures"), kind);
        // Those of docs/passes.md: tests/passes_docs.rs.
        for file in all.iter().filter(|file| !is_of_a_pass(file)) {
            let name = file.file_name().unwrap().to_str().unwrap();
            let shown = format!("docs/pictures/{name}");
            let of_presets = links(&presets).any(|link| format!("docs/{link}") == shown);
            assert!(
                of_presets || links(&readme).any(|link| link == shown),
                "{name} is not shown"
            );
            assert!(
                listed.contains(&format!("| `{name}` |")),
                "{name} has no recipe"
            );
            let len = fs::metadata(file).unwrap().len();
            assert!(!of_presets || len < 200_000, "{name}: {len} bytes");
            size += if of_presets { 0 } else { len };
        }
    }
    assert!(size < 1_100_000, "{size} bytes are much for a page");
}

/// The pixels of a picture as RGB.
fn pixels(bytes: &[u8]) -> Vec<u8> {
    image::load_from_memory(bytes).unwrap().to_rgb8().into_raw()
}

/// Sum of the differences of two pictures.
fn apart(one: &[u8], other: &[u8]) -> u64 {
    assert_eq!(one.len(), other.len());
    let pairs = one.iter().zip(other);
    pairs.map(|(a, b)| u64::from(a.abs_diff(*b))).sum()
}

#[test]
fn every_picture_is_what_its_recipe_makes() {
    let page = read("docs/pictures/README.md");
    let mut saved_as_jpeg = Vec::new();
    for row in rows(&page, "| picture | made of | recipe |") {
        let [picture, fixture, recipe] = [0, 1, 2].map(|cell: usize| row[cell].trim_matches('`'));
        let shown = fs::read(root().join("docs/pictures").join(picture)).unwrap();
        let input = fs::read(root().join("fixtures").join(fixture)).unwrap();
        let glitched = glitch::glitch(&input, &recipe.parse::<Recipe>().unwrap()).unwrap();
        assert_eq!(glitched.recipe.to_string(), recipe);
        if Format::sniff(&shown) == Ok(glitched.format) {
            let same = glitched.bytes == shown;
            assert!(same, "{picture} is out of date: docs/pictures/make.py");
        } else {
            saved_as_jpeg.push((picture, pixels(&shown), pixels(&glitched.bytes)));
        }
    }
    // Not the same bytes, but of all results the nearest is the picture's own, and near.
    for (picture, shown, own) in &saved_as_jpeg {
        let levels = apart(shown, own) as f64 / own.len() as f64;
        assert!(levels < 8.0, "{picture}: {levels} levels apart");
        for (other, _, result) in saved_as_jpeg.iter().filter(|(other, ..)| other != picture) {
            assert!(
                apart(shown, own) < apart(shown, result),
                "{picture} is {other}"
            );
        }
    }
}

#[test]
fn every_sheet_is_what_its_command_makes() {
    let page = read("docs/pictures/README.md");
    let sheets = examples(&page)
        .into_iter()
        .filter(|words| words[0] == "sheet");
    let mut count = 0;
    for arguments in sheets {
        let folder = workplace();
        let name = arguments.last().unwrap();
        let output = run(&arguments, folder.path());
        assert!(output.status.success(), "{output:?}");
        let shown = fs::read(root().join("docs/pictures").join(name)).unwrap();
        let made = fs::read(folder.path().join(name)).unwrap();
        let (shown, made) = (pixels(&shown), pixels(&made));
        let levels = apart(&shown, &made) as f64 / made.len() as f64;
        assert!(levels < 1.0, "{name} is out of date: docs/pictures/make.py");
        count += 1;
    }
    assert!(count > 0);
}

/// A folder with what the examples of the documentation name.
fn workplace() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (from, to) in [
        ("portrait.jpg", "photo.jpg"),
        ("cat.png", "photo.png"),
        ("cat.png", "fixtures/cat.png"),
        ("portrait.jpg", "fixtures/portrait.jpg"),
        ("screenshot-palette.png", "fixtures/screenshot-palette.png"),
        (
            "coffee-restart-rows.jpg",
            "fixtures/coffee-restart-rows.jpg",
        ),
        ("cat.png", "holiday/cat.png"),
        ("coffee-restart-rows.jpg", "holiday/sub/coffee.jpg"),
    ] {
        let to = folder.path().join(to);
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(root().join("fixtures").join(from), to).unwrap();
    }
    folder
}

/// The arguments of every example: each line of a code block (indented, or fenced as `sh`) that
/// calls `glitch`, by that name or through cargo, first or behind a pipe, except for outlines of
/// the syntax (with `[` or `...`). Comments, redirections and other programs are left out.
fn examples(page: &str) -> Vec<Vec<&str>> {
    let mut fence = None;
    let mut found = Vec::new();
    for line in page.lines() {
        if let Some(language) = line.strip_prefix("```") {
            fence = fence.is_none().then_some(language);
            continue;
        }
        let code = fence == Some("sh") || fence.is_none() && line.starts_with("    ");
        if !code || line.contains('[') || line.contains("...") {
            continue;
        }
        let line = line.split(" # ").next().unwrap_or(line);
        for command in line.split(" | ") {
            let words = command.split_whitespace();
            let words: Vec<&str> = words.take_while(|word| !"<>".contains(word)).collect();
            match words.as_slice() {
                // Ends when it is told to: tests/server_docs.rs.
                ["glitch", "serve" | "health", ..] => {}
                ["glitch", arguments @ ..]
                | ["cargo", "run", "--release", "--", arguments @ ..] => {
                    found.push(arguments.to_vec());
                }
                _ => {}
            }
        }
    }
    found
}

fn run(arguments: &[&str], folder: &Path) -> Output {
    let photo = fs::File::open(root().join("fixtures/portrait.jpg")).unwrap();
    Command::new(env!("CARGO_BIN_EXE_glitch"))
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::from(photo))
        .output()
        .unwrap()
}

#[test]
fn every_example_runs() {
    let mut count = 0;
    for page in PAGES {
        for arguments in examples(&read(page)) {
            // Each in a folder of its own, so that none finds the results of another.
            let output = run(&arguments, workplace().path());
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(
                output.status.success(),
                "{page}: glitch {}: {said}",
                arguments.join(" ")
            );
            count += 1;
        }
    }
    assert!(count >= 18, "only {count} examples were found");
}

#[test]
fn the_main_job_makes_a_picture_that_differs() {
    let readme = read("README.md");
    assert!(readme.contains(&format!("```sh\n{MAIN_JOB}\n```")));
    let folder = workplace();
    let arguments: Vec<&str> = MAIN_JOB
        .split(' ')
        .skip_while(|word| *word != "--")
        .skip(1)
        .collect();
    let output = run(&arguments, folder.path());
    assert!(output.status.success(), "{output:?}");
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.contains("recipe classic,seed="), "{said}");
    let before = fs::read(root().join("fixtures/portrait.jpg")).unwrap();
    let after = fs::read(folder.path().join("glitched.jpg")).unwrap();
    let (before, after) = (pixels(&before), pixels(&after));
    let differ = before.iter().zip(&after).filter(|(a, b)| a != b).count();
    assert!(differ > before.len() / 100, "{differ} samples differ");
}

#[test]
fn the_test_command_is_there() {
    assert!(read("README.md").contains("```sh\nmake test\n```"));
    assert!(read("Makefile").contains("\ntest:\n"));
}
