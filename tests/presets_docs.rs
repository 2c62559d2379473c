//! docs/presets.md tells every preset as the code has it.

use std::fs;
use std::path::Path;

use glitch::PRESETS;

fn page() -> String {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/presets.md");
    fs::read_to_string(page).unwrap()
}

/// The rows of the table that begins with `head`.
fn rows<'a>(page: &'a str, head: &str) -> Vec<&'a str> {
    let lines = page.lines().skip_while(|line| !line.starts_with(head));
    lines
        .skip(2)
        .take_while(|line| line.starts_with('|'))
        .collect()
}

/// A text of recipe words, one word after the other in code.
fn code(text: &str) -> String {
    match text {
        "" => "none".to_owned(),
        text => format!("`{}`", text.replace(',', "`, `")),
    }
}

#[test]
fn the_table_has_every_preset_with_its_passes_and_settings() {
    let made = PRESETS.iter().map(|preset| {
        let passes = match preset.passes == preset.name {
            true => "drawn".to_owned(),
            false => code(preset.passes),
        };
        let (name, about, settings) = (preset.name, preset.about, code(preset.settings));
        format!("| `{name}` | {about} | {passes} | {settings} |")
    });
    let made: Vec<String> = made.collect();
    let told = page();
    assert_eq!(rows(&told, "| preset | what it is |"), made);
}

#[test]
fn every_preset_is_judged_and_measured() {
    let names = PRESETS
        .iter()
        .map(|preset| format!("| `{}` |", preset.name));
    let names: Vec<String> = names.filter(|name| !name.contains("none")).collect();
    let page = page();
    for head in ["| preset | JPEG | PNG |", "| preset | JPEG: visible |"] {
        let rows = rows(&page, head);
        assert_eq!(rows.len(), names.len(), "{head}");
        for (row, name) in rows.iter().zip(&names) {
            assert!(row.starts_with(name.as_str()), "{row}");
        }
    }
}
