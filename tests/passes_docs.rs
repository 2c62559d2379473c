//! docs/passes.md tells every pass and every parameter as the code has them, and its pictures are
//! what its commands make.

use std::fs;
use std::path::{Path, PathBuf};

use glitch::{Allowed, COMMON, Param, Pass, Recipe};
use image::RgbImage;
use image::imageops::{self, FilterType};

const PAGE: &str = "docs/passes.md";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

fn page() -> String {
    fs::read_to_string(root().join(PAGE)).unwrap()
}

/// The sections by their headings.
fn sections(page: &str) -> Vec<(&str, &str)> {
    let sections = page.split("\n## ").skip(1);
    sections
        .filter_map(|section| section.split_once('\n'))
        .collect()
}

/// The row that a parameter should have.
fn row(param: &Param) -> String {
    let (default, allowed) = match &param.allowed {
        Allowed::Whole { default, range } => (
            default.to_string(),
            format!("{} to {}", range.start(), range.end()),
        ),
        Allowed::Words(words) => {
            let words: Vec<_> = words.iter().map(|word| format!("`{word}`")).collect();
            (words[0].clone(), words.join(", "))
        }
    };
    let Param { name, about, .. } = param;
    format!("| `{name}` | {about} | {default} | {allowed} |")
}

#[test]
fn every_pass_has_a_section_with_every_parameter() {
    let page = page();
    let sections = sections(&page);
    let headings: Vec<_> = sections.iter().map(|(heading, _)| *heading).collect();
    let names: Vec<_> = Pass::kinds().iter().map(|kind| kind.name).collect();
    assert_eq!(headings, names);
    for (kind, (_, section)) in Pass::kinds().iter().zip(sections) {
        let told = section
            .lines()
            .skip_while(|line| !line.starts_with("|---|---|---|---|"))
            .skip(1);
        let told: Vec<&str> = told.take_while(|line| line.starts_with('|')).collect();
        let rows: Vec<String> = kind.params.iter().chain([COMMON[0]]).map(row).collect();
        assert_eq!(told, rows, "{}", kind.name);
        let text = section.split("| parameter |").next().unwrap();
        let only = kind.format.map(|format| format!("{format}s only"));
        let formats = text.matches("s only").count();
        assert!(
            only.is_none_or(|only| text.contains(&only)),
            "{}",
            kind.name
        );
        assert!(kind.format.is_some() || formats == 0, "{}", kind.name);
        let header = kind
            .header
            .map(|header| format!("**Edits a header:** `{header}`"));
        assert!(
            header.is_none_or(|header| text.contains(&header)),
            "{}",
            kind.name
        );
        assert_eq!(text.contains("Edits a header"), kind.header.is_some());
    }
}

/// The commands of a section: which fixture, which recipe, and the name of the picture.
fn commands(section: &str) -> Vec<[String; 3]> {
    let lines = section
        .lines()
        .filter_map(|line| line.strip_prefix("glitch fixtures/"));
    lines
        .map(|line| {
            let words: Vec<&str> = line.split(' ').collect();
            let [fixture, "--recipe", recipe, "-o", result] = words[..] else {
                panic!("{line}");
            };
            let name = Path::new(result).with_extension("jpg");
            [fixture, recipe, name.to_str().unwrap()].map(str::to_owned)
        })
        .collect()
}

fn scaled(bytes: &[u8], (width, height): (u32, u32)) -> RgbImage {
    let picture = image::load_from_memory(bytes).unwrap().to_rgb8();
    imageops::resize(&picture, width, height, FilterType::Triangle)
}

/// Mean difference of the samples.
fn apart(one: &RgbImage, other: &RgbImage) -> f64 {
    let pairs = one.as_raw().iter().zip(other.as_raw());
    let sum: u64 = pairs.map(|(a, b)| u64::from(a.abs_diff(*b))).sum();
    sum as f64 / one.as_raw().len() as f64
}

#[test]
fn every_picture_is_what_its_command_makes() {
    let page = page();
    let mut count = 0;
    for (name, section) in sections(&page) {
        let commands = commands(section);
        assert_eq!(commands.len(), 2, "{name}");
        for [fixture, recipe, picture] in commands {
            assert!(section.contains(&format!("| `{recipe}` |")), "{recipe}");
            assert!(section.contains(&format!("src=\"pictures/passes/{picture}\"")));
            let shown = fs::read(root().join("docs/pictures/passes").join(&picture)).unwrap();
            assert!(shown.len() < 25_000, "{picture}: {} bytes", shown.len());
            let shown = image::load_from_memory(&shown).unwrap().to_rgb8();
            assert_eq!(shown.width(), 256, "{picture}");
            let input = fs::read(root().join("fixtures").join(fixture)).unwrap();
            let recipe: Recipe = recipe.parse().unwrap();
            assert_eq!(recipe.passes[0].kind().name, name);
            let made = glitch::glitch(&input, &recipe).unwrap();
            let [own, before] = [&made.bytes, &input]
                .map(|bytes| apart(&shown, &scaled(bytes, shown.dimensions())));
            println!("{picture}: {own:.2} levels apart, from the input {before:.2}");
            // Saved as JPEG, with a loss: near, and much nearer than the input.
            assert!(
                own < 4.0 && own < before / 2.0,
                "{picture}: {own}, {before}"
            );
            count += 1;
        }
    }
    let files = fs::read_dir(root().join("docs/pictures/passes")).unwrap();
    assert_eq!(files.count(), count, "a picture that no command makes");
}
