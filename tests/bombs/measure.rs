//! What a bomb costs: bytes held at most, and time, as a line of a table.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use glitch::{Error, ErrorKind, Limits, Options, Recipe};

use crate::MEMORY;

/// The limits of a server, which are those that strangers meet.
pub const LIMITS: Limits = Limits {
    bytes: 64 << 20,
    pixels: 50_000_000,
};

/// Held at most besides what is in proportion to the file and the picture: a colour profile of 16 MiB, inflated into a
/// growing buffer, and the state of the decoders.
pub const FIXED: usize = 64 << 20;

/// One after the other, or what one holds would be counted with another.
static ALONE: Mutex<()> = Mutex::new(());

pub fn alone() -> MutexGuard<'static, ()> {
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What came of it, and what it cost.
pub struct Cost {
    pub outcome: String,
    /// Bytes besides those of the input.
    pub peak: usize,
    pub time: Duration,
}

/// Does it, and counts.
pub fn cost(work: impl FnOnce() -> String) -> Cost {
    let before = MEMORY.current_usage();
    MEMORY.reset_peak_usage();
    let start = Instant::now();
    let outcome = work();
    let time = start.elapsed();
    let peak = MEMORY.peak_usage().saturating_sub(before);
    Cost {
        outcome,
        peak,
        time,
    }
}

impl Cost {
    /// Prints a line of the table in docs/attacks.md.
    pub fn tell(&self, what: &str, bytes: usize) {
        println!(
            "| {what} | {bytes} | {} | {:.0} ms | {:.1} MiB |",
            self.outcome
                .replace('|', "/")
                .chars()
                .take(90)
                .collect::<String>(),
            self.time.as_secs_f64() * 1000.0,
            self.peak as f64 / f64::from(1 << 20),
        );
    }
}

/// A scan that breaks off before its table is missed is mended, and then it is missed: the input's own fault.
fn is_unsound<T>(result: &Result<T, Error>) -> bool {
    let error = result.as_ref().err();
    let unsound = error.filter(|error| error.kind() == ErrorKind::Unsound);
    unsound.is_some_and(|error| !error.to_string().contains("table not found"))
}

/// In a word or two.
pub fn told<T>(result: Result<T, Error>, fine: impl FnOnce(T) -> String) -> String {
    match result {
        Ok(value) => fine(value),
        Err(error) => format!("{:?}: {error}", error.kind()),
    }
}

/// A picture, and how much it may cost.
pub struct Bomb<'a> {
    pub name: &'a str,
    pub file: &'a [u8],
    /// Bytes of the picture when inflated or decoded, as far as it is within the limits.
    pub picture: usize,
}

impl Bomb<'_> {
    /// What may be held for it at most.
    fn bound(&self) -> usize {
        FIXED + 64 * self.file.len() + 7 * self.picture
    }

    fn within(&self, way: &str, cost: Cost) -> String {
        cost.tell(&format!("{}, {way}", self.name), self.file.len());
        self.assert_bound(way, &cost);
        cost.outcome
    }

    fn assert_bound(&self, way: &str, cost: &Cost) {
        let (peak, bound) = (cost.peak, self.bound());
        assert!(
            peak <= bound,
            "{}, {way}: {peak} bytes, the bound is {bound}",
            self.name
        );
    }

    /// Glitches it by a recipe, with the result decoded.
    pub fn glitch(&self, recipe: &str) -> String {
        let cost = self.cost(recipe);
        self.within(recipe, cost)
    }

    /// The same, not told.
    pub fn cost(&self, recipe: &str) -> Cost {
        let parsed = recipe.parse::<Recipe>().unwrap().with_seed(7);
        let options = Options {
            limits: LIMITS,
            ..Options::default()
        };
        let cost = cost(|| {
            let result = glitch::glitch_with(self.file, &parsed, &options);
            assert!(!is_unsound(&result), "{result:?}");
            told(result, |glitched| {
                format!("glitched, {} bytes", glitched.bytes.len())
            })
        });
        self.assert_bound(recipe, &cost);
        cost
    }

    pub fn inspect(&self) -> String {
        let cost = cost(|| {
            told(glitch::inspect(self.file), |layout| {
                format!("{} parts", layout.parts.len())
            })
        });
        self.within("inspect", cost)
    }

    pub fn verify(&self) -> String {
        let cost = cost(|| {
            told(glitch::verify(self.file), |sound| {
                let fault = sound.fault.map(|fault| fault.what).or(sound.decoder_error);
                fault.unwrap_or_else(|| "sound".to_owned())
            })
        });
        self.within("verify", cost)
    }
}
