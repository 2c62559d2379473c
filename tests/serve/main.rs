//! Runs the real `glitch serve`, and asks it over TCP: with curl, with clients of odd manners,
//! with many at once, and through signals.
//!
//! curl and schemathesis that are not installed are skipped with a line on standard error; with
//! `GLITCH_REQUIRE_DECODERS=1` that fails.
#![cfg(unix)]

mod bounds;
mod client;
mod curl;
mod document;
mod interface;
mod limits;
mod load;
mod log;
mod nonsense;
mod pictures;
#[path = "../requests/mod.rs"]
mod requests;
mod secrets;
mod server;
#[path = "../skip/mod.rs"]
mod skip;
mod slow;
mod soak;
mod stop;
mod token;

use std::thread::sleep;
use std::time::{Duration, Instant};

const GLITCH: &str = env!("CARGO_BIN_EXE_glitch");

/// Longer than anything here takes on the slowest machine: who waits for so long waits in vain.
/// Hyper ends a connection without a header after 30 seconds if nobody tells it otherwise.
const DEADLINE: Duration = Duration::from_secs(25);

/// Seconds, as a setting, that never pass in a test.
const NEVER: &str = "1000";

/// Asks again and again until there is an answer.
#[track_caller]
fn until<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(start.elapsed() < DEADLINE, "waited in vain: {what}");
        sleep(Duration::from_millis(5));
    }
}
