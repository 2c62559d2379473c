//! How long the command line takes to start, beside an empty program of the same compiler.
//!
//!     cargo bench --bench start [-- --write]
//!
//! The programs take turns; medians of many starts.

mod support;

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use support::clock::{children_time, median};
use support::report::{Report, ms};
use support::tools::{Folder, fixture, run};

const STARTS: usize = 300;
const GLITCH: &str = env!("CARGO_BIN_EXE_glitch");

fn main() {
    let folder = Folder::new();
    let empty = empty_program(folder.path());
    let picture = fixture("jpeg/size-1x1.jpg");
    let picture = picture.to_str().expect("the path is text");
    let programs: [(&str, Vec<&str>); 3] = [
        ("an empty program", vec![&empty]),
        ("`glitch --version`", vec![GLITCH, "--version"]),
        (
            "`glitch` of one pixel, to standard output",
            vec![GLITCH, picture, "-o", "-", "--quiet"],
        ),
    ];
    let mut walls = programs.each_ref().map(|_| Vec::new());
    let mut times = programs.each_ref().map(|_| Vec::new());
    for _ in 0..STARTS {
        for (index, (_, words)) in programs.iter().enumerate() {
            let mut command = Command::new(words[0]);
            command.args(&words[1..]).stderr(Stdio::null());
            let (before, start) = (children_time(), Instant::now());
            run(&mut command);
            walls[index].push(start.elapsed().as_secs_f64() * 1000.0);
            times[index].push(children_time() - before);
        }
    }
    let (walls, times) = (walls.map(median), times.map(median));
    let mut report = Report::new("start");
    report.table(&[
        "",
        "wall time",
        "more than empty",
        "processor time",
        "more than empty",
    ]);
    for (index, (name, _)) in programs.iter().enumerate() {
        let row = [
            walls[index],
            walls[index] - walls[0],
            times[index],
            times[index] - times[0],
        ];
        let [wall, wall_more, time, time_more] = row.map(|time| format!("{} ms", ms(time)));
        report.row(&[name.to_string(), wall, wall_more, time, time_more]);
    }
    report.finish();
}

/// The path of a program that does nothing.
fn empty_program(folder: &Path) -> String {
    let source = folder.join("empty.rs");
    std::fs::write(&source, "fn main() {}\n").expect("there is room");
    let program = folder.join("empty");
    let mut rustc = Command::new("rustc");
    run(rustc
        .args(["-O", "-C", "strip=symbols", "-o"])
        .arg(&program)
        .arg(&source));
    program.to_str().expect("the path is text").to_owned()
}
