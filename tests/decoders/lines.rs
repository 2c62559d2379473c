//! Decoders of other languages, one process for all files.
//!
//! The process reads lines on standard input, `FILE<TAB>PIXELS`: the file to decode, and where to
//! write what it drew, as [`Picture`] has it. It answers each, in order, with a line of JSON:
//! `{"clean": true, "words": "", "width": 1, "height": 1}`; `words` is the error or warning, and
//! nothing was drawn if `clean` is false.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{OnceLock, mpsc};
use std::time::Duration;

use serde_json::Value;

use crate::picture::{Picture, Verdict};
use crate::table::{program, root};

/// A process that is silent for so long hangs.
const DEADLINE: Duration = Duration::from_secs(60);

/// Runs `command` over all files; an error if it is not installed.
pub fn judge(command: &[&str], files: &[PathBuf]) -> Result<Vec<Verdict>, String> {
    let (first, arguments) = command.split_first().ok_or("an empty command")?;
    let program = match *first {
        "{go}" => go()?,
        "{python}" => python()?,
        "node" => node()?,
        other => program(other)?,
    };
    let drawn = Drawn::new();
    let mut asked = String::new();
    for (index, file) in files.iter().enumerate() {
        let pixels = drawn.file(index);
        asked += &format!("{}\t{}\n", file.display(), pixels.display());
    }
    let answers = converse(Command::new(program).args(arguments), asked);
    let mut answers = answers.iter();
    let verdict = |index: usize| match answers.next() {
        Some(line) => read(line, &drawn.file(index)),
        None => Verdict::of("the process ended or hung before it answered for this file"),
    };
    Ok((0..files.len()).map(verdict).collect())
}

/// Gives `asked` to the process, and the lines that it says back. Both pipes hold only so much,
/// so each has a thread.
fn converse(command: &mut Command, asked: String) -> Vec<String> {
    let command = command.current_dir(root()).stdin(Stdio::piped());
    let mut process = command.stdout(Stdio::piped()).spawn().expect("it starts");
    let mut input = process.stdin.take().expect("standard input is piped");
    // A process that died leaves lines unread: its files get no answer.
    std::thread::spawn(move || input.write_all(asked.as_bytes()));
    let output = process.stdout.take().expect("standard output is piped");
    let (send, receive) = mpsc::channel();
    std::thread::spawn(move || {
        let lines = BufReader::new(output).lines();
        lines
            .map_while(Result::ok)
            .try_for_each(|line| send.send(line))
    });
    let mut answers = Vec::new();
    while let Ok(line) = receive.recv_timeout(DEADLINE) {
        answers.push(line);
    }
    // It has closed its standard output, or hangs.
    let _ = process.kill();
    let _ = process.wait();
    answers
}

fn read(line: &str, pixels: &Path) -> Verdict {
    let answer: Value = serde_json::from_str(line).unwrap_or_default();
    if answer["clean"] != true {
        return Verdict::of(answer["words"].as_str().unwrap_or(line));
    }
    let number = |key: &str| answer[key].as_u64().and_then(|n| u32::try_from(n).ok());
    let picture = match (number("width"), number("height"), fs::read(pixels)) {
        (Some(width), Some(height), Ok(rgba)) => Picture::new(width, height, rgba),
        _ => None,
    };
    match picture {
        Some(_) => Verdict {
            words: None,
            picture,
        },
        None => Verdict::of(format!("no picture as announced: {line}")),
    }
}

/// A folder for what is drawn, gone at the end.
struct Drawn(PathBuf);

impl Drawn {
    fn new() -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("drawn-{}-{count}", std::process::id());
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        fs::create_dir_all(&folder).expect("the target folder can be written");
        Drawn(folder)
    }

    fn file(&self, index: usize) -> PathBuf {
        self.0.join(format!("{index}.rgba"))
    }
}

impl Drop for Drawn {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Builds `go/main.go`, once a test run.
fn go() -> Result<PathBuf, String> {
    static BUILT: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    let build = || {
        let built = Path::new(env!("CARGO_TARGET_TMPDIR")).join("go-decode");
        let output = Command::new(program("go")?)
            .args(["build", "-trimpath", "-o"])
            .arg(&built)
            .arg(".")
            .current_dir(root().join("tests/decoders/go"))
            .env("GOPROXY", "off")
            .env("GOTOOLCHAIN", "local")
            .output()
            .map_err(|error| error.to_string())?;
        assert!(
            output.status.success(),
            "go build: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        Ok(built)
    };
    BUILT.get_or_init(build).clone()
}

/// The Python of `GLITCH_PYTHON` (a virtual environment, say) or else `python3`, if it has Pillow.
fn python() -> Result<PathBuf, String> {
    let python = match std::env::var_os("GLITCH_PYTHON") {
        Some(python) => PathBuf::from(python),
        None => program("python3")?,
    };
    let probe = Command::new(&python).args(["-c", "import PIL"]).output();
    match probe {
        Ok(output) if output.status.success() => Ok(python),
        _ => Err(format!("{} has no Pillow", python.display())),
    }
}

fn node() -> Result<PathBuf, String> {
    let sharp = root().join("tests/decoders/node/node_modules/sharp");
    if !sharp.is_dir() {
        return Err("no node_modules".to_owned());
    }
    program("node")
}
