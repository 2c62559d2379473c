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
    let said = without_false_alarms(&said, file);
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

/// FFmpeg (5.1) oversteps the end of a scan in which no byte is stuffed, and then misses the EOI
/// that is there: it says so of untouched valid files too, and whether it does so of a glitched
/// one is a matter of whether 0xFF occurs in it. Any other word, or a missing EOI, still counts.
fn without_false_alarms(said: &str, file: &Path) -> String {
    const MISSES_EOI: &str = "EOI missing, emulating";
    let has_eoi = || {
        let bytes = std::fs::read(file).unwrap_or_default();
        let last = |marker: u8| bytes.windows(2).rposition(|pair| pair == [0xFF, marker]);
        last(0xD9).is_some() && last(0xD9) > last(0xDA)
    };
    if !said.contains(MISSES_EOI) || !has_eoi() {
        return said.to_owned();
    }
    let lines = said.lines().filter(|line| !line.contains(MISSES_EOI));
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn only_an_eoi_that_is_there_is_a_false_alarm() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let write = |name: &str, bytes: &[u8]| {
        let file = folder.join(format!("{name}-{}", std::process::id()));
        std::fs::write(&file, bytes).unwrap();
        file
    };
    let alarm = "[mjpeg @ 0x1] EOI missing, emulating";
    let whole = write("whole", b"\xFF\xD8\xFF\xDA scan \xFF\xD9");
    assert_eq!(without_false_alarms(alarm, &whole), "");
    let more = format!("{alarm}\noverread 8");
    assert_eq!(without_false_alarms(&more, &whole), "overread 8");
    let cut = write("cut", b"\xFF\xD8 thumbnail \xFF\xD9\xFF\xDA scan");
    assert_eq!(without_false_alarms(alarm, &cut), alarm);
    std::fs::remove_file(whole).unwrap();
    std::fs::remove_file(cut).unwrap();
}
