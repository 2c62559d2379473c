//! The default action: a picture in, a glitched picture out.

use std::ffi::OsStr;
use std::io::{IsTerminal, stdin, stdout};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use glitch::{Format, Glitched, Options, Recipe};
use serde::Serialize;

use crate::args::{self, Glitching};
use crate::batch;
use crate::exit::{Exit, Failure};
use crate::hits::{Hits, Place};
use crate::input::{self, Search, Source};
use crate::interrupt;
use crate::output::{Existing, Target};
use crate::plan::{self, Task};
use crate::progress::Progress;
use crate::report::{Out, Reporter, shown};

/// What all pictures of a run have in common.
struct Settings {
    recipe: Recipe,
    options: Options,
    existing: Existing,
    hits: Hits,
}

/// What came of one picture.
struct Outcome {
    glitched: Glitched,
    output: Option<PathBuf>,
    diff: Option<PathBuf>,
    bytes_in: usize,
    took: Duration,
}

pub fn run(args: &Glitching) -> Exit {
    let mut args = Glitching::clone(args);
    if args.inputs.is_empty() {
        if stdin().is_terminal() {
            args::show_usage();
        }
        args.inputs.push("-".into());
    }
    let gathered = input::gather(&args.inputs, Search::Unglitched);
    let tasks = plan::plan(&args, &gathered.inputs).unwrap_or_else(|why| args::refuse(why));
    let to_stdout = tasks
        .iter()
        .any(|task| matches!(task.target, Target::Stdout));
    if to_stdout && stdout().is_terminal() {
        args::refuse(
            "a picture is not written to a terminal: send it on (> glitched.jpg), or name a file with -o",
        );
    }
    let settings = Settings {
        recipe: args.look.recipe(),
        options: Options {
            limits: args.bounds.limits(),
            verify: !args.bounds.no_verify,
            ..Options::default()
        },
        existing: match args.place.force {
            true => Existing::Replaced,
            false => Existing::Kept,
        },
        hits: args.seeing.hits(),
    };
    interrupt::catch();
    let progress = match args.telling.quiet {
        true => Progress::none(),
        false => Progress::of(tasks.len()),
    };
    let results = if to_stdout { Out::Stderr } else { Out::Stdout };
    let reporter = Reporter::new(&args.telling, results, progress);
    for (index, (path, failure)) in gathered.failures.iter().enumerate() {
        reporter.failure(index, &shown(path), failure);
    }
    let first = gathered.failures.len();
    batch::run(tasks.len(), args.bounds.jobs(), |index| {
        work(&tasks[index], &settings, &reporter, first + index);
    });
    reporter.finish("could not be glitched")
}

fn work(task: &Task, settings: &Settings, reporter: &Reporter, index: usize) {
    let name = task.source.name();
    match make(task, settings) {
        Ok(outcome) => reporter.good(
            index,
            || words(&task.source, &outcome) + &settings.hits.words(&outcome.glitched),
            || Json::of(&name, &outcome, settings.hits),
        ),
        Err(failure) => reporter.failure(index, &name, &failure),
    }
}

fn make(task: &Task, settings: &Settings) -> Result<Outcome, Failure> {
    let start = Instant::now();
    for target in [&task.target].into_iter().chain(&task.diff) {
        target.check(task.source.path(), settings.existing)?;
    }
    let input = task.source.read(settings.options.limits.bytes)?;
    let recipe = match task.seed {
        Some(seed) => settings.recipe.clone().with_seed(seed),
        None => settings.recipe.clone(),
    };
    let glitched = glitch::glitch_with(&input, &recipe, &settings.options).map_err(refused)?;
    let map = match &task.diff {
        Some(target) => {
            let map = glitch::diff(&input, &glitched.bytes, &settings.options)?;
            Some((target, map))
        }
        None => None,
    };
    task.target.write(&glitched, settings.existing)?;
    if let Some((target, map)) = map {
        target.write_named(&map.png, settings.existing)?;
    }
    Ok(Outcome {
        diff: task.diff.as_ref().and_then(Target::named),
        output: task.target.path(glitched.format),
        bytes_in: input.len(),
        took: start.elapsed(),
        glitched,
    })
}

fn refused(error: glitch::Error) -> Failure {
    // Too many bytes were not even read.
    Failure::limited(error, "--max-pixels raises it")
}

/// The one line for a picture.
fn words(source: &Source, outcome: &Outcome) -> String {
    let Glitched {
        format,
        size: (width, height),
        recipe,
        ..
    } = &outcome.glitched;
    let to = match &outcome.output {
        Some(path) => shown(path),
        None => "standard output".to_owned(),
    };
    let diff = match &outcome.diff {
        Some(path) => format!(" (heat map: {})", shown(path)),
        None => String::new(),
    };
    format!(
        "{} -> {to}: {format} {width}x{height}{}, recipe {recipe}, {}{diff}, {}",
        source.name(),
        misnamed(
            outcome.output.as_deref().and_then(|path| path.extension()),
            *format
        ),
        changed(&outcome.glitched),
        duration(outcome.took),
    )
}

/// A note on a name that says another format.
fn misnamed(extension: Option<&OsStr>, format: Format) -> String {
    let extension = extension.and_then(OsStr::to_str).unwrap_or_default();
    let says = match extension.to_ascii_lowercase().as_str() {
        "jpg" | "jpeg" | "jpe" | "jfif" => Format::Jpeg,
        "png" | "apng" => Format::Png,
        _ => return String::new(),
    };
    match says == format {
        true => String::new(),
        false => format!(" in spite of its name (.{extension})"),
    }
}

fn changed(glitched: &Glitched) -> String {
    match glitched.changed {
        None => "not checked".to_owned(),
        Some(0.0) => "nothing visible changed".to_owned(),
        Some(share) if share < 0.001 => "less than 0.1 % of the picture changed".to_owned(),
        Some(share) => format!("{:.1} % of the picture changed", share * 100.0),
    }
}

pub fn duration(took: Duration) -> String {
    match took.as_millis() {
        ..10 => format!("{:.1} ms", took.as_secs_f64() * 1000.0),
        millis @ 10..1000 => format!("{millis} ms"),
        _ => format!("{:.1} s", took.as_secs_f64()),
    }
}

#[derive(Serialize)]
struct Json<'a> {
    input: &'a str,
    /// `null` for standard output.
    output: Option<String>,
    format: Format,
    width: u32,
    height: u32,
    /// The whole text form, seed included.
    recipe: String,
    /// As text: many readers of JSON keep only 53 bits of a number.
    seed: String,
    /// Share of the pixels, 0 to 1; `null` if nothing was decoded.
    changed: Option<f64>,
    hits: usize,
    /// With `--hits` alone.
    #[serde(rename = "where", skip_serializing_if = "Option::is_none")]
    places: Option<Vec<Place<'a>>>,
    /// With `--diff` alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    diff: Option<String>,
    rounds: u32,
    bytes_in: usize,
    bytes_out: usize,
    milliseconds: Milliseconds,
}

#[derive(Serialize)]
struct Milliseconds {
    open: f64,
    edit: f64,
    repair: f64,
    pack: f64,
    verify: f64,
    total: f64,
}

impl<'a> Json<'a> {
    fn of(input: &'a str, outcome: &'a Outcome, hits: Hits) -> Self {
        let Glitched {
            format,
            size,
            timings,
            ..
        } = outcome.glitched;
        let text = |path: &Path| path.to_string_lossy().into_owned();
        let millis = |time: Duration| time.as_micros() as f64 / 1000.0;
        Json {
            input,
            output: outcome.output.as_deref().map(text),
            format,
            width: size.0,
            height: size.1,
            recipe: outcome.glitched.recipe.to_string(),
            seed: outcome.glitched.seed.to_string(),
            changed: outcome.glitched.changed,
            hits: outcome.glitched.hits.len(),
            places: hits.places(&outcome.glitched),
            diff: outcome.diff.as_deref().map(text),
            rounds: outcome.glitched.rounds,
            bytes_in: outcome.bytes_in,
            bytes_out: outcome.glitched.bytes.len(),
            milliseconds: Milliseconds {
                open: millis(timings.open),
                edit: millis(timings.edit),
                repair: millis(timings.repair),
                pack: millis(timings.pack),
                verify: millis(timings.verify),
                total: millis(outcome.took),
            },
        }
    }
}
