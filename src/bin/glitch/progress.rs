//! The progress bar, on a terminal and for several pictures only.

use std::io::{IsTerminal, Write, stderr};
use std::sync::atomic::{AtomicBool, Ordering};

use indicatif::{ProgressBar, ProgressStyle};

/// Whether a bar is on the screen.
static DRAWN: AtomicBool = AtomicBool::new(false);

pub struct Progress(Option<ProgressBar>);

impl Progress {
    pub fn none() -> Self {
        Progress(None)
    }

    /// A bar on standard error, if that is a terminal and there is something to wait for.
    pub fn of(pictures: usize) -> Self {
        if pictures < 2 || !stderr().is_terminal() {
            return Progress(None);
        }
        let bar = ProgressBar::new(pictures as u64);
        let style = ProgressStyle::with_template("{wide_bar} {pos} of {len}, {eta} left");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        DRAWN.store(true, Ordering::Relaxed);
        Progress(Some(bar))
    }

    /// Counts one picture as done.
    pub fn step(&self) {
        if let Some(bar) = &self.0 {
            bar.inc(1);
        }
    }

    /// Takes the bar off the screen while `print` writes there.
    pub fn suspend<T>(&self, print: impl FnOnce() -> T) -> T {
        match &self.0 {
            Some(bar) => bar.suspend(print),
            None => print(),
        }
    }

    pub fn finish(&self) {
        if let Some(bar) = &self.0 {
            bar.finish_and_clear();
            DRAWN.store(false, Ordering::Relaxed);
        }
    }
}

/// Takes the bar off the screen at once, without waiting for whoever is drawing it: the line is
/// emptied (ECMA-48 EL) and the cursor put at its start.
pub fn wipe() {
    if DRAWN.load(Ordering::Relaxed) {
        // The process ends; a terminal that is gone is no matter.
        let _ = stderr().write_all(b"\r\x1b[2K");
    }
}
