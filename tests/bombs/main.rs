//! Small inputs that ask for much: what each of them costs, and that it is bounded.
//!
//! `cargo test --release --all-features --test bombs -- --nocapture --test-threads=1` prints the table of
//! docs/attacks.md.

mod jpeg;
mod measure;
mod pictures;
mod png;
mod requests;

use peak_alloc::PeakAlloc;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;
