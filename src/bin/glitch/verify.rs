//! `glitch verify`: whether pictures open and are strictly conformant.

use glitch::Soundness;
use serde::Serialize;

use crate::args::Verify;
use crate::exit::{Exit, Failure};
use crate::input::{self, Input, Search};
use crate::progress::Progress;
use crate::report::{Out, Reporter, one_line, shown};

#[derive(Serialize)]
struct Json<'a> {
    input: &'a str,
    sound: bool,
    #[serde(flatten)]
    soundness: &'a Soundness,
}

pub fn run(args: &Verify) -> Exit {
    let gathered = input::gather(&args.inputs, Search::Pictures);
    let progress = match args.telling.quiet {
        true => Progress::none(),
        false => Progress::of(gathered.inputs.len()),
    };
    let reporter = Reporter::new(&args.telling, Out::Stdout, progress);
    for (index, (path, failure)) in gathered.failures.iter().enumerate() {
        reporter.failure(index, &shown(path), failure);
    }
    for (index, input) in (gathered.failures.len()..).zip(&gathered.inputs) {
        let name = input.source.name();
        let soundness = match check(input, args.reading.max_bytes()) {
            Ok(soundness) => soundness,
            Err(failure) => {
                reporter.failure(index, &name, &failure);
                continue;
            }
        };
        let words = || words(&name, &soundness);
        let json = || Json {
            input: &name,
            sound: soundness.is_sound(),
            soundness: &soundness,
        };
        match soundness.is_sound() {
            true => reporter.good(index, words, json),
            false => reporter.bad(index, words, json),
        }
    }
    reporter.finish("are not sound")
}

fn check(input: &Input, max_bytes: usize) -> Result<Soundness, Failure> {
    let bytes = input.source.read(max_bytes)?;
    Ok(glitch::verify(&bytes)?)
}

fn words(name: &str, soundness: &Soundness) -> String {
    let Soundness {
        format,
        width,
        height,
        fault,
        decoder_error,
        ..
    } = soundness;
    let opens = match decoder_error {
        None => "opens".to_owned(),
        Some(why) => format!("does not open in the image crate ({})", one_line(why)),
    };
    let conforms = match fault {
        None => "strictly conformant".to_owned(),
        Some(fault) => format!("not conformant at byte {}: {}", fault.offset, fault.what),
    };
    let verdict = if soundness.is_sound() {
        "sound"
    } else {
        "not sound"
    };
    format!("{name}: {verdict}: {format} {width}x{height}, {opens}, {conforms}")
}
