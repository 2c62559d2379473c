//! How the process ends, and what is said of a picture that failed.

use std::io;
use std::path::Path;
use std::process::ExitCode;

use glitch::ErrorKind;

use crate::report::shown;

/// The exit codes, as [`TEXT`] explains them. Of several the highest counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exit {
    Fine = 0,
    BadInput = 1,
    Usage = 2,
    Unsound = 3,
    Io = 4,
    Interrupted = 130,
    /// What a shell tells of a tool that SIGPIPE ended: 128 + 13.
    BrokenPipe = 141,
}

/// The part of `--help` and of the man page on exit codes.
pub const TEXT: &str = "\
Exit codes:
  0    all went well
  1    a picture could not be glitched: not a JPEG or PNG, broken, unsupported or too large
       (verify: a picture is not sound)
  2    the command line is wrong; nothing was done
  3    a result failed its check and is withheld: a bug in glitch
  4    an input could not be read or an output could not be written
  130  interrupted (Ctrl-C)
With several pictures the others are still done, and the highest code counts.";

impl Exit {
    pub fn code(self) -> u8 {
        self as u8
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(exit.code())
    }
}

/// Why one picture failed.
#[derive(Clone, Debug)]
pub struct Failure {
    pub exit: Exit,
    /// One word for programs.
    pub kind: &'static str,
    /// Where in the input, in bytes from its start.
    pub offset: Option<usize>,
    pub message: String,
}

impl Failure {
    pub fn new(exit: Exit, kind: &'static str, message: impl Into<String>) -> Self {
        let message = message.into();
        Failure {
            exit,
            kind,
            offset: None,
            message,
        }
    }

    /// An error of the library, with a way out where a limit is the cause.
    pub fn limited(error: glitch::Error, way_out: &str) -> Self {
        let is_too_large = error.kind() == ErrorKind::TooLarge;
        let mut failure = Failure::from(error);
        if is_too_large {
            failure.message += &format!(" ({way_out})");
        }
        failure
    }

    pub fn reading(error: &io::Error) -> Self {
        Failure::new(
            Exit::Io,
            "unreadable",
            format!("cannot be read: {}", plain(error)),
        )
    }

    pub fn writing(path: &Path, error: &io::Error) -> Self {
        let message = format!("cannot write {}: {}", shown(path), plain(error));
        Failure::new(Exit::Io, "unwritable", message)
    }
}

impl From<glitch::Error> for Failure {
    fn from(error: glitch::Error) -> Self {
        let (exit, kind) = of(error.kind());
        Failure {
            exit,
            kind,
            offset: error.offset(),
            message: error.to_string(),
        }
    }
}

/// The exit code of an error of the library, and the word for it.
fn of(kind: ErrorKind) -> (Exit, &'static str) {
    match kind {
        ErrorKind::Empty => (Exit::BadInput, "empty"),
        ErrorKind::NotAnImage => (Exit::BadInput, "not_an_image"),
        ErrorKind::Malformed => (Exit::BadInput, "malformed"),
        ErrorKind::Unsupported => (Exit::BadInput, "unsupported"),
        ErrorKind::TooLarge => (Exit::BadInput, "too_large"),
        ErrorKind::BadRecipe => (Exit::Usage, "bad_recipe"),
        ErrorKind::Undecodable => (Exit::BadInput, "undecodable"),
        ErrorKind::Unsound => (Exit::Unsound, "unsound"),
        ErrorKind::Cancelled => (Exit::Interrupted, "cancelled"),
        _ => (Exit::BadInput, "other"),
    }
}

/// What the system said, in the manner of our own messages: lower case and without a number.
pub fn plain(error: &io::Error) -> String {
    let text = error.to_string();
    let text = text.split(" (os error").next().unwrap_or_default();
    let mut letters = text.chars();
    let first = letters.next().map(|letter| letter.to_ascii_lowercase());
    first.into_iter().chain(letters).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn system_errors_are_put_plainly() {
        let error = io::Error::from_raw_os_error(2);
        assert_eq!(plain(&error), "no such file or directory");
    }

    #[test]
    fn a_result_that_is_not_sound_is_neither_bad_input_nor_bad_output() {
        assert_eq!(of(ErrorKind::Unsound), (Exit::Unsound, "unsound"));
        assert_eq!(Exit::Unsound.code(), 3);
        assert!(Exit::BadInput < Exit::Unsound && Exit::Unsound < Exit::Io);
    }

    #[test]
    fn every_code_is_explained() {
        for exit in [
            Exit::Fine,
            Exit::BadInput,
            Exit::Usage,
            Exit::Unsound,
            Exit::Io,
            Exit::Interrupted,
        ] {
            let line = format!("\n  {:<5}", exit.code());
            assert!(TEXT.contains(&line), "{exit:?}");
        }
    }
}
