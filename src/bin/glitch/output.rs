//! Writing a result whole or not at all.

use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind, Write, stdout};
use std::path::{Path, PathBuf};

use glitch::Format;
use tempfile::NamedTempFile;

use crate::exit::{Exit, Failure};
use crate::interrupt::{self, Unfinished};
use crate::report::shown;

/// Where a result goes.
#[derive(Debug)]
pub enum Target {
    Stdout,
    /// A device or a pipe, written straight.
    Special(PathBuf),
    File {
        path: PathBuf,
        folder: Folder,
        extension: Extension,
    },
}

/// The folder of a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Folder {
    /// Has to be there.
    Expected,
    /// Is made if it is missing.
    Made,
}

/// The extension of a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extension {
    /// As in the path.
    Named,
    /// That of the format is added, since the input has none.
    OfFormat,
}

/// What happens to a file that is there already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Existing {
    Kept,
    Replaced,
}

/// Whether the path leads to something that is neither a file nor a folder.
pub fn is_special(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|found| !found.is_file() && !found.is_dir())
}

impl Target {
    /// The file or device; `None` for standard output.
    pub fn path(&self, format: Format) -> Option<PathBuf> {
        match self {
            Target::Stdout => None,
            Target::Special(path) => Some(path.clone()),
            Target::File {
                path, extension, ..
            } => {
                let mut path = path.clone().into_os_string();
                if *extension == Extension::OfFormat {
                    path.push(".");
                    path.push(format.extension());
                }
                Some(path.into())
            }
        }
    }

    /// Tells before the work that it would be in vain.
    pub fn check(&self, input: Option<&Path>, existing: Existing) -> Result<(), Failure> {
        match self {
            Target::File {
                path,
                extension: Extension::Named,
                ..
            } if existing == Existing::Kept && path.symlink_metadata().is_ok() => {
                Err(exists(path, input))
            }
            _ => Ok(()),
        }
    }

    /// Writes a glitched picture.
    pub fn write(&self, made: &glitch::Glitched, existing: Existing) -> Result<(), Failure> {
        self.write_bytes(self.path(made.format), &made.bytes, existing)
    }

    /// Writes a file of a kind that its name tells.
    pub fn write_named(&self, bytes: &[u8], existing: Existing) -> Result<(), Failure> {
        self.write_bytes(self.named(), bytes, existing)
    }

    /// The file or device, by the name that was planned; `None` for standard output.
    pub fn named(&self) -> Option<PathBuf> {
        match self {
            Target::Stdout => None,
            Target::Special(path) | Target::File { path, .. } => Some(path.clone()),
        }
    }

    fn write_bytes(
        &self,
        path: Option<PathBuf>,
        bytes: &[u8],
        existing: Existing,
    ) -> Result<(), Failure> {
        let Some(path) = path else {
            return to_stdout(bytes);
        };
        let failed = |error: &io::Error| match error.kind() {
            ErrorKind::AlreadyExists => exists(&path, None),
            ErrorKind::BrokenPipe => interrupt::leave(Exit::BrokenPipe),
            _ => Failure::writing(&path, error),
        };
        match self {
            Target::Special(_) => write_straight(&path, bytes),
            Target::File { folder, .. } => {
                if let (Folder::Made, Some(folder)) = (folder, path.parent()) {
                    fs::create_dir_all(folder).map_err(|error| Failure::writing(folder, &error))?;
                }
                write_whole(&path, bytes, existing)
            }
            Target::Stdout => Ok(()),
        }
        .map_err(|error| failed(&error))
    }
}

fn exists(path: &Path, input: Option<&Path>) -> Failure {
    let same = |input: &Path| {
        let (one, other) = (fs::canonicalize(path), fs::canonicalize(input));
        one.is_ok_and(|one| other.is_ok_and(|other| one == other))
    };
    let message = if input.is_some_and(same) {
        "the output is the input itself: --force replaces it".to_owned()
    } else {
        format!("{} exists already: --force replaces it", shown(path))
    };
    Failure::new(Exit::Io, "exists", message)
}

fn to_stdout(bytes: &[u8]) -> Result<(), Failure> {
    let mut out = stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => interrupt::leave(Exit::BrokenPipe),
        written => written.map_err(|error| Failure::writing(Path::new("/dev/stdout"), &error)),
    }
}

fn write_straight(path: &Path, bytes: &[u8]) -> io::Result<()> {
    OpenOptions::new().write(true).open(path)?.write_all(bytes)
}

/// Writes a temporary file in the folder of the target and renames it when it is whole. No sync:
/// what a power cut loses can be made again from the same seed.
fn write_whole(path: &Path, bytes: &[u8], existing: Existing) -> io::Result<()> {
    let path = match existing {
        Existing::Kept => path.to_owned(),
        Existing::Replaced => follow(path),
    };
    let folder = match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    let mut unfinished = Unfinished::create(|| temporary(folder))?;
    let file = unfinished.file()?;
    file.write_all(bytes)?;
    if let (Existing::Replaced, Ok(replaced)) = (existing, fs::metadata(&path)) {
        // As if the file had been written over; not every file system can.
        let _ = file.as_file().set_permissions(replaced.permissions());
    }
    unfinished.finish(|file| match existing {
        Existing::Replaced => file.persist(&path).map(drop),
        Existing::Kept => match file.persist_noclobber(&path) {
            // File systems without links and without a rename that spares what is there.
            Err(failed) if !is_final(&failed.error) && path.symlink_metadata().is_err() => {
                failed.file.persist(&path).map(drop)
            }
            renamed => renamed.map(drop),
        },
    })
}

fn is_final(error: &io::Error) -> bool {
    let unable = [
        ErrorKind::Unsupported,
        ErrorKind::InvalidInput,
        ErrorKind::PermissionDenied,
    ];
    !unable.contains(&error.kind())
}

/// Where a symbolic link leads, so that the link stays and the file behind it is replaced.
fn follow(path: &Path) -> PathBuf {
    /// Links that the kernel follows in one path.
    const MOST_LINKS: usize = 40;
    let mut path = path.to_owned();
    for _ in 0..MOST_LINKS {
        let Ok(next) = fs::read_link(&path) else {
            break;
        };
        path = path.parent().unwrap_or(Path::new("")).join(next);
    }
    path
}

fn temporary(folder: &Path) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".glitch-").suffix(".tmp");
    #[cfg(unix)]
    {
        // What any new file gets: the umask takes away from it.
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(folder)
}
