//! What a bomb costs: bytes held at most, and time, as a line of a table.

use std::cell::RefCell;
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};
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
    let start = processor_time();
    let outcome = work();
    let time = processor_time().saturating_sub(start);
    let peak = MEMORY.peak_usage().saturating_sub(before);
    Cost {
        outcome,
        peak,
        time,
    }
}

/// Of all threads of the process, in steps of a hundredth of a second; where the system does not tell, wall time.
fn processor_time() -> Duration {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    let told = std::fs::read_to_string("/proc/self/stat").ok();
    let ticks = told.and_then(|text| {
        // Behind the name, which may hold anything: utime and stime are the twelfth and thirteenth.
        let fields = text.rsplit_once(')')?.1.split_whitespace();
        let both = fields
            .skip(11)
            .take(2)
            .map(|ticks| ticks.parse::<u64>().ok());
        both.sum::<Option<u64>>()
    });
    ticks.map_or_else(
        || START.elapsed(),
        |ticks| Duration::from_millis(10 * ticks),
    )
}

impl Cost {
    /// Prints a line of the table in docs/attacks.md.
    pub fn tell(&self, what: &str, bytes: usize) {
        println!(
            "| {what} | {} | {} | {:.2} s | {:.1} MiB |",
            grouped(bytes),
            self.outcome,
            self.time.as_secs_f64(),
            self.peak as f64 / f64::from(1 << 20),
        );
    }
}

/// With commas between thousands.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let groups = digits.as_bytes().rchunks(3).rev();
    let groups: Vec<_> = groups.map(String::from_utf8_lossy).collect();
    groups.join(",")
}

/// A result that is withheld is a bug, whatever the input was.
fn is_unsound<T>(result: &Result<T, Error>) -> bool {
    let error = result.as_ref().err();
    error.is_some_and(|error| error.kind() == ErrorKind::Unsound)
}

/// An error in a word or two.
pub fn told<T>(result: Result<T, Error>, fine: impl FnOnce(T) -> String) -> String {
    match result {
        Ok(value) => fine(value),
        Err(error) if error.kind() == ErrorKind::TooLarge => "refused: too large".to_owned(),
        Err(error) => {
            let at = error
                .offset()
                .map_or_else(String::new, |at| format!(" at byte {at}"));
            format!("refused: {:?}{at}", error.kind())
        }
    }
}

/// A picture, and how much it may cost.
pub struct Bomb<'a> {
    pub name: &'a str,
    pub file: &'a [u8],
    /// Bytes of the picture when inflated or decoded, as far as it is within the limits.
    pub picture: usize,
    /// What was done with it.
    costs: RefCell<Vec<Cost>>,
}

/// Tells of it what was done first, and the dearest of all that was done.
impl Drop for Bomb<'_> {
    fn drop(&mut self) {
        let costs = self.costs.take();
        let Some(first) = costs.first() else {
            return;
        };
        let most = Cost {
            outcome: first.outcome.clone(),
            peak: costs.iter().map(|cost| cost.peak).max().unwrap_or_default(),
            time: costs.iter().map(|cost| cost.time).max().unwrap_or_default(),
        };
        most.tell(self.name, self.file.len());
    }
}

impl<'a> Bomb<'a> {
    pub fn new(name: &'a str, file: &'a [u8], picture: usize) -> Self {
        Bomb {
            name,
            file,
            picture,
            costs: RefCell::default(),
        }
    }

    /// What may be held for it at most.
    fn bound(&self) -> usize {
        FIXED + 64 * self.file.len() + 7 * self.picture
    }

    fn within(&self, way: &str, cost: Cost) -> String {
        self.assert_bound(way, &cost);
        let outcome = cost.outcome.clone();
        self.costs.borrow_mut().push(cost);
        outcome
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
            told(result, |_| "glitched".to_owned())
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
