//! A guard against slowness that holds on a busy machine: instructions are counted, by callgrind,
//! and compared with those in `benches/instructions.txt`.
//!
//!     cargo bench --no-default-features --features verify --bench instructions [-- --update|--self-test]
//!
//! It starts itself once a case, and once for nothing, which is taken off. A count that is more than
//! the tolerance above the one on file is a failure; one that is as much below is told, and so is
//! another compiler. `--update` writes the file anew, `--self-test` shows that slower code is found.

use std::alloc::System;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use glitch::{Options, Recipe};

/// That of the C library, whatever the features are: it is counted, too.
#[global_allocator]
static ALLOCATOR: System = System;

const FILE: &str = "benches/instructions.txt";

/// Percent that a count may be above. Of one compiler the counts differ by less than a
/// thousandth; processors without AVX2 take other ways through `memchr` and libdeflate.
const TOLERANCE: u64 = 3;

/// Percent where another compiler counted: it makes other code of the same source.
const OTHER_COMPILER: u64 = 15;

/// What is measured: a name, a fixture, and a recipe, or `verify` or `inspect`.
const CASES: [(&str, &str, &str); 22] = [
    ("jpeg-baseline", "portrait.jpg", "classic"),
    ("jpeg-restart", "coffee-restart-rows.jpg", "classic"),
    ("jpeg-progressive", "portrait-progressive.jpg", "classic"),
    ("jpeg-grey", "jpeg/grey.jpg", "classic"),
    ("jpeg-444", "jpeg/sampling-444.jpg", "classic"),
    ("jpeg-slices", "portrait.jpg", "slices"),
    (
        "jpeg-slices-progressive",
        "portrait-progressive.jpg",
        "slices",
    ),
    (
        "jpeg-many-passes",
        "portrait.jpg",
        "replace:times=500,sort:times=500",
    ),
    (
        "jpeg-bounded",
        "portrait.jpg",
        "replace:times=9,reach=3,protect=25-0-50-55",
    ),
    (
        "jpeg-stripped",
        "jpeg/exif-thumbnail.jpg",
        "classic,strip=metadata",
    ),
    ("png-rgb", "cat.png", "classic"),
    ("png-rgba", "sticker-rgba.png", "classic"),
    ("png-palette", "screenshot-palette.png", "classic"),
    ("png-interlaced", "png/rgba-8-adam7.png", "classic"),
    ("png-16-bit", "png/rgb-16.png", "classic"),
    ("png-slices", "cat.png", "slices"),
    (
        "png-many-passes",
        "cat.png",
        "replace:times=500,sort:times=500",
    ),
    (
        "png-bounded",
        "cat.png",
        "replace:times=9,reach=3,protect=25-0-50-55",
    ),
    ("verify-jpeg", "portrait.jpg", "verify"),
    ("verify-png", "cat.png", "verify"),
    ("inspect-jpeg", "portrait.jpg", "inspect"),
    ("inspect-png", "cat.png", "inspect"),
];

/// The case of which only the start is counted.
const NOTHING: &str = "nothing";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        ["--case", name] => {
            run(name);
            return ExitCode::SUCCESS;
        }
        _ if !can_count() => return skipped(),
        _ => {}
    }
    let counts = count_all();
    if words.contains(&"--update") {
        std::fs::write(path(), printed(&counts)).expect("the file is written");
        println!("{FILE} is new");
        return ExitCode::SUCCESS;
    }
    let mut known = Known::read();
    if words.contains(&"--self-test") {
        // As if all had got slower by a third.
        known
            .counts
            .values_mut()
            .for_each(|count| *count = *count * 3 / 4);
        return match known.compare(&counts) {
            slower if slower == CASES.len() => ExitCode::SUCCESS,
            slower => failed(&format!(
                "of {} slower cases {slower} were noticed",
                CASES.len()
            )),
        };
    }
    match known.compare(&counts) {
        0 => ExitCode::SUCCESS,
        slower => failed(&format!(
            "{slower} cases take more instructions; if that is meant: make instructions-update"
        )),
    }
}

fn failed(why: &str) -> ExitCode {
    eprintln!("{why}");
    ExitCode::FAILURE
}

fn path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(FILE)
}

/// The counts on file are of this kind of processor.
fn can_count() -> bool {
    let mut valgrind = Command::new("valgrind");
    let valgrind = valgrind.arg("--version").stdout(Stdio::null());
    cfg!(target_arch = "x86_64") && valgrind.status().is_ok_and(|status| status.success())
}

fn skipped() -> ExitCode {
    println!("skipped: instructions are counted on x86-64, by valgrind, which is not installed");
    let required = std::env::var_os("GLITCH_REQUIRE_DECODERS").is_some_and(|value| value == "1");
    match required {
        true => ExitCode::FAILURE,
        false => ExitCode::SUCCESS,
    }
}

/// What the process does that is started to be counted.
fn run(name: &str) {
    if name == NOTHING {
        return;
    }
    let case = CASES.iter().find(|(case, ..)| *case == name);
    let (_, fixture, work) = case.expect("there is such a case");
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures")
        .join(fixture);
    let input = std::fs::read(path).expect("the fixture is there");
    let recipe: Recipe = match *work {
        "verify" | "inspect" => Recipe::default(),
        recipe => recipe.parse().expect("the recipe is one"),
    };
    do_work(work, &input, &recipe.with_seed(1));
}

fn do_work(work: &str, input: &[u8], recipe: &Recipe) {
    let options = Options {
        verify: false,
        ..Options::default()
    };
    match work {
        "verify" => drop(std::hint::black_box(glitch::verify(input))),
        "inspect" => drop(std::hint::black_box(glitch::inspect(input))),
        _ => {
            let glitched = glitch::glitch_with(input, recipe, &options);
            std::hint::black_box(glitched.expect("it is glitched"));
        }
    }
}

/// The instructions of every case.
fn count_all() -> BTreeMap<String, u64> {
    let start = count(NOTHING);
    let counts = CASES.iter().map(|(case, ..)| {
        let count = count(case).saturating_sub(start);
        println!("{case:<26} {count:>12}");
        (String::from(*case), count)
    });
    counts.collect()
}

/// The instructions of a process that does a case.
fn count(case: &str) -> u64 {
    let itself = std::env::current_exe().expect("it has a path");
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(itself)
        .args(["--case", case])
        // The C library copies memory in one way on all processors. `rep movsb` would count by bytes.
        .env(
            "GLIBC_TUNABLES",
            "glibc.cpu.hwcaps=-AVX2,-AVX2_Usable,-ERMS",
        )
        .output()
        .expect("valgrind starts");
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{case}: {told}");
    // ==1234== Collected : 567890
    let mut lines = told.lines();
    let count = lines.find_map(|line| line.split_once("Collected : ")?.1.trim().parse().ok());
    count.unwrap_or_else(|| panic!("{case}: no count in {told}"))
}

/// The compiler that is at hand.
fn compiler() -> String {
    let output = Command::new("rustc").arg("--version").output();
    let output = output.expect("the compiler starts");
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

/// What is on file.
fn printed(counts: &BTreeMap<String, u64>) -> String {
    let mut text = format!(
        "# Instructions of each case of benches/instructions.rs, on x86-64. Written by: make instructions-update\n\
         compiler {}\n",
        compiler()
    );
    for (case, count) in counts {
        let _ = writeln!(text, "{case} {count}");
    }
    text
}

struct Known {
    compiler: String,
    counts: BTreeMap<String, u64>,
}

impl Known {
    fn read() -> Self {
        let text = std::fs::read_to_string(path()).expect("the counts are on file");
        let mut known = Known {
            compiler: String::new(),
            counts: BTreeMap::new(),
        };
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        for (name, value) in lines.filter_map(|line| line.split_once(' ')) {
            match name {
                "compiler" => known.compiler = value.into(),
                case => {
                    let count = value.parse().expect("a count is a number");
                    known.counts.insert(case.into(), count);
                }
            }
        }
        known
    }

    /// Tells what differs, and returns how many cases are slower, or unknown.
    fn compare(&self, counts: &BTreeMap<String, u64>) -> usize {
        let now = compiler();
        let same = now == self.compiler;
        let tolerance = if same { TOLERANCE } else { OTHER_COMPILER };
        if !same {
            println!(
                "counted with {}, this is {now}: {tolerance} % are let pass; make instructions-update is wanted",
                self.compiler
            );
        }
        let slower = counts.iter().filter(|(case, count)| {
            let Some(before) = self.counts.get(*case).copied() else {
                println!("{case}: is not on file");
                return true;
            };
            let differs = **count as f64 / before as f64 * 100.0 - 100.0;
            let (more, less) = (
                **count * 100 > before * (100 + tolerance),
                **count * 100 < before * (100 - tolerance),
            );
            if more || less {
                let what = if more {
                    "SLOWER"
                } else {
                    "faster: make instructions-update is wanted"
                };
                println!("{case}: {before} -> {count} ({differs:+.1} %) {what}");
            }
            more
        });
        slower.count()
    }
}
