//! Decoders that are programs, run once a file: clean is exit status 0 and no word on standard
//! error. What they write to standard output is a picture, if it is netpbm's.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::parallel;
use crate::picture::{Picture, Verdict};
use crate::table::program;

/// Runs `command` on every file, which stands in for `{file}`; an error if there is no such
/// program.
pub fn judge(command: &[&str], files: &[PathBuf]) -> Result<Vec<Verdict>, String> {
    let (first, arguments) = command.split_first().ok_or("an empty command")?;
    let program = program(first)?;
    Ok(parallel::map(files, |file| run(&program, arguments, file)))
}

fn run(program: &Path, arguments: &[&str], file: &Path) -> Verdict {
    let mut command = Command::new(program);
    for argument in arguments {
        match *argument {
            "{file}" => command.arg(file),
            other => command.arg(other),
        };
    }
    let output = match command.stdin(Stdio::null()).output() {
        Ok(output) => output,
        Err(error) => return Verdict::of(error.to_string()),
    };
    let said = String::from_utf8_lossy(&output.stderr);
    if output.status.success() && said.trim().is_empty() {
        return Verdict {
            words: None,
            picture: Picture::from_netpbm(&output.stdout),
        };
    }
    let mut words = format!("{}: {}", output.status, said.trim());
    if said.trim().is_empty() {
        words.extend(String::from_utf8_lossy(&output.stdout).chars().take(200));
    }
    Verdict::of(words)
}

impl Verdict {
    /// Not clean.
    pub fn of(words: impl Into<String>) -> Self {
        Verdict {
            words: Some(words.into()),
            picture: None,
        }
    }
}
