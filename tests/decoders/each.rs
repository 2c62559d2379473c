//! Decoders that are programs, run once a file: clean is exit status 0 and no word on standard
//! error. What they write to standard output is a picture, if it is netpbm's.

use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::parallel;
use crate::picture::{Picture, Verdict};
use crate::table::program;

/// After so long a program is said to hang (`pngfix` does, on an empty IDAT chunk).
const DEADLINE: Duration = Duration::from_secs(10);

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
    let output = match output(command.stdin(Stdio::null())) {
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

/// Like [`Command::output`], but ends a process that hangs.
fn output(command: &mut Command) -> io::Result<Output> {
    let command = command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut process = command.spawn()?;
    let stdout = reading(process.stdout.take());
    let stderr = reading(process.stderr.take());
    let start = Instant::now();
    let status = loop {
        if let Some(status) = process.try_wait()? {
            break status;
        }
        if start.elapsed() > DEADLINE {
            process.kill()?;
            break process.wait()?;
        }
        std::thread::sleep(Duration::from_millis(1));
    };
    let whole = |reader: JoinHandle<Vec<u8>>| reader.join().unwrap_or_default();
    Ok(Output {
        status,
        stdout: whole(stdout),
        stderr: whole(stderr),
    })
}

/// Reads to the end on a thread of its own.
fn reading(pipe: Option<impl Read + Send + 'static>) -> JoinHandle<Vec<u8>> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        // What was read before an error is kept: the status tells the rest.
        let _ = pipe.map(|mut pipe| pipe.read_to_end(&mut bytes));
        bytes
    })
}
