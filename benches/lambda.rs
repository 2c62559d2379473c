//! The program for AWS Lambda as `lambda/measure.mjs` measures it: bytes, memory, the time from exec
//! to its asking for the first event, and what pictures cost, those of docs/scale.md.
//!
//!     make bench-lambda

mod support;

use std::path::{Path, PathBuf};
use std::process::Command;

use png::{Compression, Filter};
use support::photograph::{Plane, size};
use support::png_file::photograph;
use support::report::Report;
use support::tools::{Folder, baseline, fixture, has_jpeg_tools, progressive};

const PROGRAM: &str = "artifacts/bootstrap";
const QUALITY: u32 = 90;

fn main() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    if !root.join(PROGRAM).exists() {
        println!("skipped: there is no {PROGRAM}: make artifacts");
        return;
    }
    if !has_jpeg_tools() {
        return;
    }
    let folder = Folder::new();
    let mut node = Command::new("node");
    let node = node.args(["lambda/measure.mjs", PROGRAM]);
    let node = node.args(["portrait.jpg", "cat.png"].map(fixture));
    let node = node.args(photographs(&folder));
    let output = match node.current_dir(root).output() {
        Ok(output) => output,
        Err(why) => return println!("skipped: node does not start: {why}"),
    };
    assert!(output.status.success(), "{output:?}");
    let mut report = Report::new("lambda");
    report.line("```text");
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .for_each(|line| report.line(line));
    report.line("```");
    report.finish();
}

/// Of the sizes that are told of in docs/scale.md.
fn photographs(folder: &Folder) -> Vec<PathBuf> {
    let plane = Plane::new();
    let jpeg = |megapixels| baseline(&plane, size(megapixels), (0, 0), QUALITY);
    let png = |megapixels| {
        let size = size(megapixels);
        photograph(&plane, size, Filter::Adaptive, Compression::Balanced)
    };
    let files = [
        ("2-megapixels.jpg", jpeg(2.0)),
        ("12-megapixels.jpg", jpeg(12.0)),
        ("12-megapixels-progressive.jpg", progressive(&jpeg(12.0))),
        ("24-megapixels.jpg", jpeg(24.0)),
        ("2-megapixels.png", png(2.0)),
        ("12-megapixels.png", png(12.0)),
    ];
    let files = files.iter().map(|(name, bytes)| folder.file(name, bytes));
    files.collect()
}
