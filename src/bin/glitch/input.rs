//! Which pictures there are, and reading them.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, IsTerminal, Read, stdin};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use crate::args;
use crate::exit::{Exit, Failure};
use crate::report::shown;

/// Extensions that are looked for in folders.
const EXTENSIONS: [&str; 6] = ["jpg", "jpeg", "jpe", "jfif", "png", "apng"];

/// Where the bytes of a picture come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    Stdin,
    File(PathBuf),
}

/// A picture that was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Input {
    pub source: Source,
    /// Its folder as seen from the folder that was given, if it was found in one.
    pub below: PathBuf,
}

/// Which files of a folder are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Search {
    Pictures,
    /// Leaves out what an earlier run made.
    Unglitched,
}

/// What the arguments name: pictures, or folders that hold none or cannot be read.
pub struct Gathered {
    pub inputs: Vec<Input>,
    pub failures: Vec<(PathBuf, Failure)>,
}

/// Finds all pictures that `paths` name, in their order; below folders in the order of names.
pub fn gather(paths: &[PathBuf], search: Search) -> Gathered {
    let mut gathered = Gathered {
        inputs: Vec::new(),
        failures: Vec::new(),
    };
    for path in paths {
        if is_stdin(path) {
            if stdin().is_terminal() {
                args::refuse(
                    "standard input is a terminal: pipe a picture into it, or name a file",
                );
            }
            gathered.add(Source::Stdin, Path::new(""));
        } else if path.is_dir() {
            gathered.walk(path, search);
        } else {
            gathered.add(Source::File(path.clone()), Path::new(""));
        }
    }
    gathered
}

/// The one picture of a command that takes no more.
pub fn single(path: &Path) -> Source {
    if path.is_dir() {
        args::refuse(format!("{} is a folder: name one picture", shown(path)));
    }
    let mut gathered = gather(&[path.to_owned()], Search::Pictures);
    gathered
        .inputs
        .pop()
        .map_or(Source::Stdin, |input| input.source)
}

/// `-`, or its name on Unix.
fn is_stdin(path: &Path) -> bool {
    path == Path::new("-") || path == Path::new("/dev/stdin")
}

impl Gathered {
    fn add(&mut self, source: Source, below: &Path) {
        let below = below.to_owned();
        self.inputs.push(Input { source, below });
    }

    fn walk(&mut self, top: &Path, search: Search) {
        let (found, failed) = (self.inputs.len(), self.failures.len());
        // Folders still to be read, as seen from `top`; the last comes next.
        let mut folders = vec![PathBuf::new()];
        while let Some(below) = folders.pop() {
            let folder = top.join(&below);
            match list(&folder) {
                Ok(entries) => self.sort_out(entries, &below, search, &mut folders),
                Err(error) => self.failures.push((folder, Failure::reading(&error))),
            }
        }
        if self.inputs.len() == found && self.failures.len() == failed {
            let message = format!("no pictures in this folder ({})", EXTENSIONS.join(", "));
            let failure = Failure::new(Exit::BadInput, "no_pictures", message);
            self.failures.push((top.to_owned(), failure));
        }
    }

    fn sort_out(
        &mut self,
        entries: Vec<PathBuf>,
        below: &Path,
        search: Search,
        folders: &mut Vec<PathBuf>,
    ) {
        let first = folders.len();
        for path in entries {
            let name = path.file_name().unwrap_or_default();
            // A link to a folder may lead back to where we are.
            let real_folder = path.is_dir() && !path.is_symlink();
            if name.as_encoded_bytes().starts_with(b".") {
                continue;
            } else if real_folder {
                folders.push(below.join(name));
            } else if has_extension(&path)
                && !path.is_dir()
                && !(search == Search::Unglitched && is_glitched(&path))
            {
                // What was found in `.` is told without it.
                let path = path.strip_prefix(".").map(Path::to_owned).unwrap_or(path);
                self.add(Source::File(path), below);
            }
        }
        folders[first..].reverse();
    }
}

fn list(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder)? {
        paths.push(entry?.path());
    }
    paths.sort_unstable();
    Ok(paths)
}

fn has_extension(path: &Path) -> bool {
    let extension = path.extension().and_then(OsStr::to_str).unwrap_or_default();
    EXTENSIONS
        .iter()
        .any(|each| each.eq_ignore_ascii_case(extension))
}

/// Whether the name is one that a run gives: `photo.glitched.jpg`, `photo.glitched-7.jpg`,
/// `photo.sheet.jpg`, `photo.diff.png`, `photo.loop.png`.
fn is_glitched(path: &Path) -> bool {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let seedless = stem.trim_end_matches(|letter: char| letter.is_ascii_digit());
    let seedless = match seedless.strip_suffix('-') {
        Some(rest) if seedless.len() < stem.len() => rest,
        _ => &stem,
    };
    [".glitched", ".sheet", ".diff", ".loop"]
        .iter()
        .any(|made| seedless.ends_with(made))
}

impl Source {
    /// The name in messages.
    pub fn name(&self) -> String {
        match self {
            Source::Stdin => "standard input".to_owned(),
            Source::File(path) => shown(path),
        }
    }

    pub fn path(&self) -> Option<&Path> {
        match self {
            Source::Stdin => None,
            Source::File(path) => Some(path),
        }
    }

    /// Reads the whole picture, but no more than `limit` bytes.
    pub fn read(&self, limit: usize) -> Result<Arc<Vec<u8>>, Failure> {
        match self {
            Source::Stdin => read_stdin(limit),
            Source::File(path) => read_file(path, limit).map(Arc::new),
        }
    }
}

/// Standard input can be read only once, but several variants may be made of it.
fn read_stdin(limit: usize) -> Result<Arc<Vec<u8>>, Failure> {
    static READ: Mutex<Option<Arc<Vec<u8>>>> = Mutex::new(None);
    let mut read = READ.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(bytes) = &*read {
        return Ok(Arc::clone(bytes));
    }
    let bytes = Arc::new(read_up_to(stdin().lock(), limit)?);
    *read = Some(Arc::clone(&bytes));
    Ok(bytes)
}

fn read_file(path: &Path, limit: usize) -> Result<Vec<u8>, Failure> {
    let file = File::open(path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound if is_address(path) => {
            let message = "cannot be read: glitch reads files, not addresses (fetch it first, and pipe it into `glitch -`)";
            Failure::new(Exit::Io, "unreadable", message)
        }
        _ => Failure::reading(&error),
    })?;
    let is = file
        .metadata()
        .map_err(|error| Failure::reading(&error))?
        .len();
    if is > limit as u64 {
        return Err(too_large(&is.to_string(), limit));
    }
    read_up_to(file, limit)
}

fn is_address(path: &Path) -> bool {
    path.to_str().is_some_and(|text| {
        text.split_once(':').is_some_and(|(scheme, _)| {
            ["http", "https", "file", "ftp", "data", "s3"].contains(&scheme)
        })
    })
}

fn read_up_to(source: impl Read, limit: usize) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    // One byte more tells a file at the limit from one over it.
    let mut bounded = source.take((limit as u64).saturating_add(1));
    bounded
        .read_to_end(&mut bytes)
        .map_err(|error| Failure::reading(&error))?;
    if bytes.len() > limit {
        return Err(too_large(&format!("more than {limit}"), limit));
    }
    Ok(bytes)
}

fn too_large(is: &str, limit: usize) -> Failure {
    let message = format!("too large: {is} bytes, the limit is {limit} (--max-bytes raises it)");
    Failure::new(Exit::BadInput, "too_large", message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_run_made_is_known_by_its_name() {
        for name in [
            "a.glitched.jpg",
            "a.b.glitched.PNG",
            "a.glitched-7.jpg",
            "a.sheet.jpg",
            "a.diff.png",
            "a.loop.png",
        ] {
            assert!(is_glitched(Path::new(name)), "{name}");
        }
        for name in [
            "a.jpg",
            "glitched.jpg",
            "a.glitched-.jpg",
            "a-7.jpg",
            "a.glitched7.jpg",
            "7",
        ] {
            assert!(!is_glitched(Path::new(name)), "{name}");
        }
    }
}
