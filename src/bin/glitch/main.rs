//! The command line.

#![forbid(unsafe_code)]

mod animation;
mod args;
mod batch;
mod contact;
mod diffs;
mod exit;
mod glitching;
mod health;
mod hits;
mod input;
mod inspect;
mod interrupt;
mod look;
mod output;
mod pages;
mod plan;
mod progress;
mod quiet;
mod recipes;
mod report;
mod serve;
mod show_args;
mod single;
mod table;
mod verify;

use std::process::ExitCode;

use clap::Parser;

use args::{Cli, Command};

#[cfg(feature = "jemalloc")]
#[global_allocator]
static ALLOCATOR: jemallocator::Jemalloc = jemallocator::Jemalloc;

fn main() -> ExitCode {
    quiet::keep_decoders_quiet();
    let cli = Cli::parse();
    let exit = match cli.command {
        None => glitching::run(&cli.glitching),
        Some(Command::Inspect(args)) => inspect::run(&args),
        Some(Command::Verify(args)) => verify::run(&args),
        Some(Command::Sheet(args)) => contact::run(&args),
        Some(Command::Loop(args)) => animation::run(&args),
        Some(Command::Recipes(args)) => recipes::run(&args),
        Some(Command::Serve(args)) => serve::run(&args),
        Some(Command::Health(args)) => health::run(&args),
        Some(Command::Completions(args)) => pages::completions(&args),
        Some(Command::Man(args)) => pages::man(&args),
    };
    exit.into()
}
