//! What may become of a picture that comes in broken: the judge is the oracle, as far as the library vouches for
//! what it hands out.
#![allow(
    dead_code,
    reason = "every integration test includes this module and uses its own part of it"
)]

use glitch::{ErrorKind, Glitched};

use super::oracle;

/// Whether a fault lies in what a glitch may not touch.
pub fn is_in_a_header(fault: &oracle::Fault) -> bool {
    let coded = [
        "padding",
        "left over",
        "EOB",
        "code",
        "interval",
        "RST",
        "zlib",
        "Adler",
        "filter",
        "index",
    ];
    !coded.iter().any(|word| fault.what.contains(word))
}

/// Whatever comes in: a clear error, or a picture that the oracle accepts.
pub fn judge(input: &[u8], result: &Result<Glitched, glitch::Error>) -> Result<(), String> {
    match result {
        Ok(glitched) => accepted(input, glitched),
        Err(error) => refused(input, error),
    }
}

/// An error about the input tells what is wrong with it, and if it is broken, where.
fn refused(input: &[u8], error: &glitch::Error) -> Result<(), String> {
    let is_clear = match error.kind() {
        ErrorKind::Malformed => error.offset().is_some_and(|at| at <= input.len()),
        kind => matches!(
            kind,
            ErrorKind::Empty | ErrorKind::NotAnImage | ErrorKind::Unsupported | ErrorKind::TooLarge
        ),
    };
    match is_clear {
        true => Ok(()),
        false => Err(format!("{:?}: {error}", error.kind())),
    }
}

/// What was not hit may be as it was.
fn accepted(input: &[u8], glitched: &Glitched) -> Result<(), String> {
    let Err(fault) = oracle::check(&glitched.bytes) else {
        return Ok(());
    };
    if oracle::check(input).is_ok() {
        return Err(format!("the input was sound: {fault}"));
    }
    if glitched.hits.is_empty() || is_in_a_header(&fault) {
        return Ok(());
    }
    // A scan that no pass touched is as it was; what the library vouches for has to be sound.
    match glitch::verify(&glitched.bytes) {
        Ok(sound) if sound.fault.is_none() => Err(format!("the library misses it: {fault}")),
        _ => Ok(()),
    }
}
