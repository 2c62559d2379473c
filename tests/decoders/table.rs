//! The rows of `table.txt`.

use std::path::{Path, PathBuf};

use glitch::Format;

use crate::controls::Breakage;
use crate::picture::Verdict;
use crate::{each, inside, lines};

/// A row.
pub struct Decoder {
    pub name: &'static str,
    pub reads: Vec<Format>,
    pub must_flag: Vec<Breakage>,
    comes_from: &'static str,
    run: Run,
}

enum Run {
    Each(Vec<&'static str>),
    Lines(Vec<&'static str>),
    Inside,
}

pub fn decoders() -> Vec<Decoder> {
    include_str!("table.txt")
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(row)
        .collect()
}

pub fn decoder(name: &str) -> Decoder {
    let mut rows = decoders().into_iter();
    rows.find(|decoder| decoder.name == name)
        .unwrap_or_else(|| panic!("table.txt has no row `{name}`"))
}

fn row(line: &'static str) -> Decoder {
    let cells: Vec<_> = line.split(" | ").map(str::trim).collect();
    let [name, reads, must_flag, comes_from, run] = cells[..] else {
        panic!("not five cells: {line}");
    };
    let mut words = run.split_whitespace();
    let run = match words.next() {
        Some("each") => Run::Each(words.collect()),
        Some("lines") => Run::Lines(words.collect()),
        Some("inside") => Run::Inside,
        _ => panic!("neither each, lines nor inside: {line}"),
    };
    let format = |word| match word {
        "jpeg" => Format::Jpeg,
        "png" => Format::Png,
        _ => panic!("neither jpeg nor png: {line}"),
    };
    Decoder {
        name,
        reads: reads.split(' ').map(format).collect(),
        must_flag: must_flag.split(' ').map(Breakage::named).collect(),
        comes_from,
        run,
    }
}

impl Decoder {
    /// What the decoder says of each file; an error where it is not installed.
    pub fn judge(&self, files: &[PathBuf]) -> Result<Vec<Verdict>, String> {
        let said = match &self.run {
            Run::Each(command) => each::judge(command, files),
            Run::Lines(command) => lines::judge(command, files),
            Run::Inside => Ok(inside::judge(self.name, files)),
        };
        said.map_err(|missing| {
            let how = match self.comes_from.strip_prefix("debian ") {
                Some(package) => format!("apt-get install {package}"),
                None => format!("from tests/decoders/{}: see `.ci/run`", self.comes_from),
            };
            format!("{} is not installed ({missing}; {how})", self.name)
        })
    }
}

/// The file that a shell would run for this word.
pub fn program(word: &str) -> Result<PathBuf, String> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .map(|folder| folder.join(word))
        .find(|file| file.is_file())
        .ok_or_else(|| format!("no program `{word}`"))
}

/// The folder of the crate.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
