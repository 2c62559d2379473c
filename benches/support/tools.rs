//! The programs that the benches compare with, and the files they make.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::photograph::Plane;

pub const JPEG_TOOLS: &str = "cjpeg and jpegtran (Debian: libjpeg-turbo-progs)";

/// Whether a program starts.
pub fn installed(program: &str) -> bool {
    let mut command = Command::new(program);
    let command = command.arg("-version").stdin(Stdio::null());
    let command = command.stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok()
}

/// Whether the programs are there that make the photographs; tells if not.
pub fn has_jpeg_tools() -> bool {
    let there = installed("cjpeg") && installed("jpegtran");
    if !there {
        println!("skipped: {JPEG_TOOLS} are not installed");
    }
    there
}

/// A baseline JPEG as a camera writes it: 4:2:0, the standard's example Huffman tables.
pub fn baseline(plane: &Plane, size: (u32, u32), corner: (u32, u32), quality: u32) -> Vec<u8> {
    let quality = quality.to_string();
    let arguments = ["-quality", &quality, "-sample", "2x2"];
    piped(Command::new("cjpeg").args(arguments), |stdin| {
        plane.ppm(size, corner, stdin)
    })
}

/// The same coefficients in the usual ten scans.
pub fn progressive(baseline: &[u8]) -> Vec<u8> {
    let arguments = ["-copy", "all", "-progressive"];
    piped(Command::new("jpegtran").args(arguments), |mut stdin| {
        stdin.write_all(baseline)
    })
}

/// What a program writes of what it is fed.
fn piped(
    command: &mut Command,
    feed: impl FnOnce(std::process::ChildStdin) -> std::io::Result<()> + Send,
) -> Vec<u8> {
    let command = command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().expect("the program starts");
    let stdin = child.stdin.take().expect("it has an input");
    std::thread::scope(|scope| {
        scope.spawn(|| feed(stdin).expect("it reads its input"));
        let output = child.wait_with_output().expect("it ends");
        assert!(output.status.success(), "{:?}", output.status);
        output.stdout
    })
}

/// Runs a program that has to succeed, and throws away what it writes.
pub fn run(command: &mut Command) {
    let command = command.stdin(Stdio::null()).stdout(Stdio::null());
    let status = command.status().expect("the program starts");
    assert!(status.success(), "{command:?}: {status}");
}

/// `jpegtran -copy all` from a file to nowhere.
pub fn jpegtran(file: &Path, options: &[&str]) {
    let arguments = ["-copy", "all", "-outfile", "/dev/null"];
    let mut command = Command::new("jpegtran");
    run(command.args(arguments).args(options).arg(file));
}

/// A folder of files that goes when it is dropped.
pub struct Folder(tempfile::TempDir);

impl Folder {
    pub fn new() -> Self {
        Folder(tempfile::tempdir().expect("there is room"))
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    pub fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::write(&path, bytes).expect("there is room");
        path
    }
}

pub fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures")
        .join(name)
}
