//! Leaving in the middle of the work without a trace of unfinished files.

use std::fs;
use std::io;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tempfile::{NamedTempFile, PersistError};

use crate::exit::Exit;
use crate::progress;

/// The temporary files that exist right now. Whoever makes, renames or removes one holds the lock
/// meanwhile, so that [`leave`] sees all there are and none comes after.
static UNFINISHED: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

fn unfinished() -> MutexGuard<'static, Vec<PathBuf>> {
    UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Makes Ctrl-C, SIGTERM and SIGHUP leave through [`leave`].
pub fn catch() {
    // A run under nohup is to outlive its terminal. ctrlc takes all three signals or none.
    if hangup_is_ignored() {
        return;
    }
    // Without a handler an interrupted run would only leave its temporary file behind.
    let _ = ctrlc::set_handler(|| leave(Exit::Interrupted));
}

/// Whether SIGHUP, signal 1, is in the mask of ignored signals that Linux tells.
fn hangup_is_ignored() -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    status
        .lines()
        .find_map(|line| line.strip_prefix("SigIgn:"))
        .and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
        .is_some_and(|mask| mask & 1 == 1)
}

/// Removes every unfinished file and ends the process.
pub fn leave(exit: Exit) -> ! {
    // Held to the end: no other thread makes or renames a file any more.
    let paths = unfinished();
    sweep(&paths);
    progress::wipe();
    std::process::exit(exit.code().into())
}

fn sweep(paths: &[PathBuf]) {
    for path in paths {
        // There is nobody left to tell.
        let _ = fs::remove_file(path);
    }
}

/// A temporary file that [`leave`] knows of.
pub struct Unfinished(Option<NamedTempFile>);

impl Unfinished {
    /// Makes the file; `make` is called under the lock.
    pub fn create(make: impl FnOnce() -> io::Result<NamedTempFile>) -> io::Result<Self> {
        let mut paths = unfinished();
        let file = make()?;
        paths.push(file.path().to_owned());
        Ok(Unfinished(Some(file)))
    }

    pub fn file(&mut self) -> io::Result<&mut NamedTempFile> {
        self.0.as_mut().ok_or(io::ErrorKind::NotFound.into())
    }

    /// Gives the file its name with `rename`, or removes it.
    pub fn finish(
        mut self,
        rename: impl FnOnce(NamedTempFile) -> Result<(), PersistError>,
    ) -> io::Result<()> {
        let mut paths = unfinished();
        let file = self.0.take().ok_or(io::ErrorKind::NotFound)?;
        let path = file.path().to_owned();
        // On an error the file comes back inside it, and goes with it.
        let renamed = rename(file).map_err(|failed| failed.error);
        paths.retain(|each| *each != path);
        renamed
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        if let Some(file) = self.0.take() {
            let mut paths = unfinished();
            paths.retain(|path| path != file.path());
            drop(file);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One test, for the list is the process's.
    #[test]
    fn the_list_holds_what_is_unfinished_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let create = || Unfinished::create(|| NamedTempFile::new_in(folder.path())).unwrap();
        let (finished, dropped, interrupted) = (create(), create(), create());
        assert_eq!(unfinished().len(), 3);

        let target = folder.path().join("whole");
        let rename = |file: NamedTempFile| file.persist(&target).map(drop);
        finished.finish(rename).unwrap();
        drop(dropped);
        assert_eq!(unfinished().len(), 1);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);

        sweep(&unfinished());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        assert!(target.exists());

        let failed = create();
        let missing = folder.path().join("missing/whole");
        failed
            .finish(|file| file.persist(&missing).map(drop))
            .unwrap_err();
        drop(interrupted);
        assert!(unfinished().is_empty());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
