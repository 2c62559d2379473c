//! Runs the real program, in folders of its own and on pictures made here.

mod animation;
mod commands;
mod diff;
mod input;
mod interrupt;
mod messages;
mod output;
mod recipe;
mod sheet;
mod terminal;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use image::{ImageFormat, RgbImage};
use serde_json::Value;

const GLITCH: &str = env!("CARGO_BIN_EXE_glitch");

/// A folder with pictures, in which the program is run.
struct Folder(tempfile::TempDir);

/// What a run left behind.
struct Run {
    code: i32,
    bytes: Vec<u8>,
    out: String,
    err: String,
}

impl Run {
    fn of(output: Output) -> Self {
        Run {
            code: output.status.code().expect("ended by a signal"),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            bytes: output.stdout,
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// Asserts that all went well and nothing was said of errors.
    #[track_caller]
    fn fine(self) -> Self {
        assert_eq!((self.code, self.err.as_str()), (0, ""), "{}", self.out);
        self
    }

    /// Asserts the exit code and a part of what was said on standard error.
    #[track_caller]
    fn fails(self, code: i32, said: &str) -> Self {
        assert!(self.err.contains(said), "no {said:?} in {}", self.err);
        assert_eq!(self.code, code, "{}", self.err);
        self
    }

    /// Every line of standard output, as JSON.
    #[track_caller]
    fn json(&self) -> Vec<Value> {
        parse_lines(&self.out)
    }
}

#[track_caller]
fn parse_lines(text: &str) -> Vec<Value> {
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|why| panic!("{why}: {line}")))
        .collect()
}

impl Folder {
    fn new() -> Self {
        Folder(tempfile::tempdir().unwrap())
    }

    /// A folder with `photo.jpg`.
    fn with_photo() -> Self {
        let folder = Folder::new();
        folder.picture("photo.jpg");
        folder
    }

    fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.0.path().join(name)
    }

    fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).unwrap_or_else(|why| panic!("{name}: {why}"))
    }

    fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    /// Makes a picture of the format that its name says.
    fn picture(&self, name: &str) {
        let png = name.to_ascii_lowercase().ends_with("png");
        self.write(
            name,
            picture(if png {
                ImageFormat::Png
            } else {
                ImageFormat::Jpeg
            }),
        );
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(GLITCH);
        command
            .args(args)
            .current_dir(self.0.path())
            .stdin(Stdio::null());
        command
    }

    fn run(&self, args: &[&str]) -> Run {
        Run::of(self.command(args).output().unwrap())
    }

    /// Runs with something on standard input.
    fn pipe(&self, input: &[u8], args: &[&str]) -> Run {
        let mut child = self
            .command(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let input = input.to_vec();
        // The program may end before it has read everything.
        let writer = std::thread::spawn(move || stdin.write_all(&input));
        let output = child.wait_with_output().unwrap();
        let _ = writer.join().unwrap();
        Run::of(output)
    }

    /// Runs a shell command in which `$GLITCH` is the program.
    fn shell(&self, script: &str) -> Run {
        let mut shell = Command::new("sh");
        shell.args(["-c", script]).env("GLITCH", GLITCH);
        shell.current_dir(self.0.path()).stdin(Stdio::null());
        Run::of(shell.output().unwrap())
    }

    /// Every file below the folder, in the order of names.
    fn files(&self) -> Vec<String> {
        let mut files = Vec::new();
        let mut folders = vec![self.0.path().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let name = path.strip_prefix(self.0.path()).unwrap();
                    files.push(name.to_str().unwrap().to_owned());
                }
            }
        }
        files.sort();
        files
    }
}

/// A small picture with something everywhere.
fn picture(format: ImageFormat) -> Vec<u8> {
    let picture = RgbImage::from_fn(96, 80, |x, y| {
        let noise = (x * 7919 + y * 104_729) % 61;
        image::Rgb([(x * 2 + noise) as u8, (y * 2 + noise) as u8, (x + y) as u8])
    });
    let mut bytes = std::io::Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// Asserts that the bytes are a whole picture of this format.
#[track_caller]
fn assert_opens(bytes: &[u8], format: ImageFormat) {
    assert_eq!(image::guess_format(bytes).unwrap(), format);
    let picture = image::load_from_memory(bytes).unwrap();
    assert_eq!((picture.width(), picture.height()), (96, 80));
}
