//! What the commands that make one file of one picture have in common.

use std::io::{IsTerminal, stdout};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::args;
use crate::batch;
use crate::exit::{Exit, Failure};
use crate::input::{self, Source};
use crate::interrupt;
use crate::output::{Existing, Extension, Folder, Target, is_special};
use crate::progress::Progress;
use crate::report::{Out, Reporter, shown};
use crate::show_args::Making;

/// One picture, and the one file that is made of it.
pub struct Single {
    pub source: Source,
    pub target: Target,
    existing: Existing,
    jobs: usize,
}

impl Single {
    /// Settles where the file goes: `beside` is its name where none is told.
    pub fn new(input: &Path, output: Option<&Path>, beside: PathBuf, making: &Making) -> Self {
        let source = input::single(input);
        let target = match output {
            Some(path) if path == Path::new("-") || path == Path::new("/dev/stdout") => {
                Target::Stdout
            }
            None if source == Source::Stdin => Target::Stdout,
            Some(path) if path.is_dir() => {
                args::refuse(format!("{} is a folder: name a file", shown(path)))
            }
            Some(path) if is_special(path) => Target::Special(path.to_owned()),
            path => Target::File {
                path: path.map_or(beside, Path::to_owned),
                folder: Folder::Expected,
                extension: Extension::Named,
            },
        };
        if matches!(target, Target::Stdout) && stdout().is_terminal() {
            args::refuse("a picture is not written to a terminal: name a file with -o");
        }
        interrupt::catch();
        Single {
            source,
            target,
            existing: match making.force {
                true => Existing::Replaced,
                false => Existing::Kept,
            },
            jobs: batch::jobs(making.jobs),
        }
    }

    /// Reads the picture, once it is known that its file may be written.
    pub fn read(&self, making: &Making) -> Result<Arc<Vec<u8>>, Failure> {
        self.target.check(self.source.path(), self.existing)?;
        let mut input = self.source.read(making.limits().bytes);
        if let Err(failure) = &mut input {
            // Here that option bounds something else, or is none.
            failure.message = failure.message.replace(" (--max-bytes raises it)", "");
        }
        input
    }

    /// Works on a pool of as many threads as were asked for, with a bar for so many steps.
    pub fn work<T: Send>(
        &self,
        steps: usize,
        making: &Making,
        work: impl FnOnce(&Progress) -> T + Send,
    ) -> T {
        let progress = match making.telling.quiet {
            true => Progress::none(),
            false => Progress::of(steps),
        };
        let done = batch::pooled(self.jobs, || work(&progress));
        progress.finish();
        done
    }

    pub fn write(&self, bytes: &[u8]) -> Result<(), Failure> {
        self.target.write_named(bytes, self.existing)
    }

    /// Where the file went, in words.
    pub fn to(&self) -> String {
        match self.target.named() {
            Some(path) => shown(&path),
            None => "standard output".to_owned(),
        }
    }

    /// Tells what came of it.
    pub fn tell<T: serde::Serialize>(
        &self,
        making: &Making,
        made: Result<(String, T), Failure>,
    ) -> Exit {
        let out = match self.target {
            Target::Stdout => Out::Stderr,
            _ => Out::Stdout,
        };
        let reporter = Reporter::new(&making.telling, out, Progress::none());
        match made {
            Ok((words, json)) => reporter.good(0, || words, || json),
            Err(failure) => reporter.failure(0, &self.source.name(), &failure),
        }
        reporter.finish("failed")
    }
}

/// The path as text, for programs; `null` for standard output.
pub fn text(target: &Target) -> Option<String> {
    let path = target.named()?;
    Some(path.to_string_lossy().into_owned())
}
