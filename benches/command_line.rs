//! A thousand photographs by the command line: on two cores, on one, and beside `jpegtran` in `xargs`.
//!
//!     cargo bench --bench command_line [-- --write]
//!
//! Wall time, for that is what is shared between the cores: medians of rounds that take turns. The photographs and the
//! results lie in a temporary folder, which needs a gigabyte.

mod support;

use std::path::Path;
use std::process::Command;
use std::time::Instant;

use support::clock::median;
use support::photograph::{Plane, size};
use support::report::{Report, ratio};
use support::tools::{Folder, baseline, has_jpeg_tools, run};

const PHOTOGRAPHS: usize = 1000;
const MEGAPIXELS: [f64; 4] = [0.5, 0.8, 1.2, 2.0];
const ROUNDS: usize = 3;
const GLITCH: &str = env!("CARGO_BIN_EXE_glitch");

/// What works on all photographs: a name, and how it is started on a folder and for another.
type Way = (&'static str, fn(&Path, &Path) -> Command);

const WAYS: [Way; 6] = [
    ("`glitch --no-verify --jobs 1`", |from, to| {
        glitch(from, to, &["--no-verify", "--jobs", "1"])
    }),
    ("`glitch --no-verify --jobs 2`", |from, to| {
        glitch(from, to, &["--no-verify", "--jobs", "2"])
    }),
    ("`jpegtran -copy all` in `xargs -P 1`", |from, to| {
        jpegtran(from, to, "1")
    }),
    ("`jpegtran -copy all` in `xargs -P 2`", |from, to| {
        jpegtran(from, to, "2")
    }),
    ("`glitch --jobs 1`", |from, to| {
        glitch(from, to, &["--jobs", "1"])
    }),
    ("`glitch --jobs 2`", |from, to| {
        glitch(from, to, &["--jobs", "2"])
    }),
];

fn main() {
    if !has_jpeg_tools() {
        return;
    }
    let folder = Folder::new();
    let photographs = folder.path().join("photographs");
    let bytes = write_photographs(&photographs);
    let mut times = WAYS.map(|_| Vec::new());
    for round in 0..ROUNDS {
        for (index, (_, command)) in WAYS.iter().enumerate() {
            let results = folder.path().join(format!("results-{round}-{index}"));
            std::fs::create_dir(&results).expect("there is room");
            let start = Instant::now();
            run(&mut command(&photographs, &results));
            times[index].push(start.elapsed().as_secs_f64());
            let count = std::fs::read_dir(&results).expect("it is there").count();
            assert_eq!(count, PHOTOGRAPHS);
            std::fs::remove_dir_all(&results).expect("it is ours");
        }
    }
    let times = times.map(median);
    let mut report = Report::new("command line");
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    report.line(&format!(
        "{PHOTOGRAPHS} photographs of 0.5 to 2 megapixels, {} MB, on a machine of {cores} cores.",
        bytes / 1_000_000
    ));
    report.table(&["", "wall time", "photographs a second"]);
    for ((name, _), time) in WAYS.iter().zip(times) {
        let rate = PHOTOGRAPHS as f64 / time;
        report.row(&[
            name.to_string(),
            format!("{time:.1} s"),
            format!("{rate:.0}"),
        ]);
    }
    let [one, two, one_floor, floor, one_verified, two_verified] = times;
    report.table(&["", "times as fast"]);
    report.row(&["two jobs, beside one".into(), ratio(one / two)]);
    report.row(&[
        "two jobs, beside one, with verification".into(),
        ratio(one_verified / two_verified),
    ]);
    report.row(&[
        "`jpegtran` twice at once, beside once: what the machine gives".into(),
        ratio(one_floor / floor),
    ]);
    report.row(&[
        "two jobs, beside `jpegtran` in `xargs -P 2`".into(),
        ratio(floor / two),
    ]);
    report.row(&[
        "without verification, beside with it, two jobs".into(),
        ratio(two_verified / two),
    ]);
    report.finish();
}

/// Each of another place on the plane, of one of some sizes, and of another quality than its neighbours.
/// Returns their bytes.
fn write_photographs(folder: &Path) -> usize {
    std::fs::create_dir(folder).expect("there is room");
    let plane = Plane::new();
    let write = |index: usize| {
        let corner = ((index % 40) as u32 * 173, (index / 40) as u32 * 131);
        let quality = 82 + (index * 7 % 11) as u32;
        let size = size(MEGAPIXELS[index % MEGAPIXELS.len()]);
        let bytes = baseline(&plane, size, corner, quality);
        let path = folder.join(format!("{index:04}.jpg"));
        std::fs::write(path, &bytes).expect("there is room");
        bytes.len()
    };
    let half = |first: usize| (first..PHOTOGRAPHS).step_by(2).map(write).sum::<usize>();
    std::thread::scope(|scope| {
        let other = scope.spawn(|| half(1));
        half(0) + other.join().expect("it writes all")
    })
}

fn glitch(from: &Path, to: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(GLITCH);
    command
        .arg(from)
        .arg("-o")
        .arg(to)
        .args(["--seed", "7", "--quiet"]);
    command.args(arguments);
    command
}

fn jpegtran(from: &Path, to: &Path, processes: &str) -> Command {
    let mut command = Command::new("sh");
    let script =
        r#"cd "$1" && ls | xargs -P "$3" -I FILE jpegtran -copy all -outfile "$2/FILE" FILE"#;
    command
        .args(["-c", script, "sh"])
        .arg(from)
        .arg(to)
        .arg(processes);
    command
}
