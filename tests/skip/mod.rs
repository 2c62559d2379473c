//! What a test does where a program that it needs is not installed.

use std::io::Write;

/// Tells what is missing; with `GLITCH_REQUIRE_DECODERS=1` it fails. Standard error itself, not
/// `eprintln`: the test passes, and what a passing test prints is kept back.
pub fn skip(missing: &str) {
    let required = std::env::var_os("GLITCH_REQUIRE_DECODERS").is_some_and(|value| value == "1");
    assert!(!required, "{missing}");
    let _ = writeln!(std::io::stderr(), "skipped: {missing}");
}
