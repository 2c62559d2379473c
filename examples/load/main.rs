//! Puts the real `glitch serve` under load from this second process, on loopback, and prints the
//! tables of docs/load.md. `make load` and `make soak` build the server first.
//!
//! ```sh
//! cargo build --release && cargo run --release --example load -- photographs --seconds 60
//! cargo build --release && cargo run --release --example load -- soak --requests 100000
//! ```

mod drive;
mod health;
mod photographs;
mod photos;
#[path = "../../tests/requests/mod.rs"]
mod requests;
mod server;
mod soak;
mod soak_report;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
struct Args {
    #[command(subcommand)]
    what: What,
    /// The program to start; the one beside this if not told.
    #[arg(long, global = true)]
    binary: Option<PathBuf>,
}

#[derive(Subcommand)]
enum What {
    /// Photographs of 0.3 to 4 MB, over more and more connections.
    Photographs(photographs::Args),
    /// Good, broken and hostile requests, many of them.
    Soak(soak::Args),
}

fn main() -> ExitCode {
    let args = Args::parse();
    let binary = args.binary.unwrap_or_else(server::beside);
    let faults = match args.what {
        What::Photographs(args) => photographs::run(&binary, &args),
        What::Soak(args) => soak::run(&binary, &args),
    };
    for fault in &faults {
        println!("FAULT: {fault}");
    }
    match faults.is_empty() {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    }
}
