//! Reads the tables of the documentation and the names of the tests.
#![allow(
    dead_code,
    reason = "every integration test includes this module and uses its own part of it"
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

pub fn read(path: impl AsRef<Path>) -> String {
    let path = root().join(path);
    fs::read_to_string(&path).unwrap_or_else(|why| panic!("{}: {why}", path.display()))
}

/// What stands in backticks.
pub fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

/// The cells of every row of the table that begins with `head`.
pub fn rows<'a>(page: &'a str, head: &str) -> Vec<Vec<&'a str>> {
    let lines = page.lines().skip_while(|line| *line != head).skip(2);
    let rows = lines.take_while(|line| line.starts_with('|'));
    let rows: Vec<Vec<&str>> = rows
        .map(|row| row.trim_matches('|').split('|').map(str::trim).collect())
        .collect();
    assert!(!rows.is_empty(), "no table {head}");
    rows
}

/// All files of a kind below a folder.
pub fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.ends_with("node_modules") {
            found.extend(files(&path, extension));
        } else if path.extension().is_some_and(|kind| kind == extension) {
            found.push(path);
        }
    }
    found
}

/// The names of all functions below a folder that are marked as tests.
pub fn test_names(folder: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for file in files(&root().join(folder), "rs") {
        let source = fs::read_to_string(file).unwrap();
        let lines: Vec<&str> = source.lines().map(str::trim).collect();
        for (mark, next) in lines.iter().zip(lines.iter().skip(1)) {
            let name = next.strip_prefix("async ").unwrap_or(next);
            let marked = ["#[test]", "#[tokio::test]"].contains(mark);
            if let (true, Some(name)) = (marked, name.strip_prefix("fn ")) {
                names.extend(name.split('(').next().map(str::to_owned));
            }
        }
    }
    names
}

/// Every row names tests that exist, and where they are.
pub fn assert_shown(rows: &[Vec<&str>], exist: &BTreeSet<String>) {
    for row in rows {
        let named: Vec<&str> = quoted(row[1]).collect();
        assert!(!named.is_empty(), "no test: {row:?}");
        for name in named {
            assert!(exist.contains(name), "there is no test {name}");
        }
        for place in quoted(row[2]) {
            assert!(root().join(place).exists(), "there is no {place}");
        }
    }
}
