//! The program for AWS Lambda as `lambda/measure.mjs` measures it: bytes, memory, and the time from exec
//! to its asking for the first event.
//!
//!     make bench-lambda

mod support;

use std::path::Path;
use std::process::Command;

use support::report::Report;

const PROGRAM: &str = "artifacts/bootstrap";
const PICTURES: [&str; 2] = ["fixtures/portrait.jpg", "fixtures/cat.png"];

fn main() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    if !root.join(PROGRAM).exists() {
        println!("skipped: there is no {PROGRAM}: make artifacts");
        return;
    }
    let mut node = Command::new("node");
    let node = node.args(["lambda/measure.mjs", PROGRAM]).args(PICTURES);
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
