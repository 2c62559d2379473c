//! The completion scripts and the man pages, both made from the definition of the arguments.

use clap::CommandFactory;

use crate::args::{self, Cli, Completions, Man};
use crate::exit::{Exit, Failure};
use crate::report;

pub fn completions(args: &Completions) -> Exit {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "glitch", &mut script);
    report::print(&String::from_utf8_lossy(&script))
}

pub fn man(args: &Man) -> Exit {
    let mut program = Cli::command();
    // Fills in the names that the pages of the commands bear.
    program.build();
    let command = match &args.page {
        None => program,
        Some(name) => match program.find_subcommand(name) {
            Some(command) => command.clone(),
            None => args::refuse(format!("there is no command {name}")),
        },
    };
    let mut page = Vec::new();
    match clap_mangen::Man::new(command).render(&mut page) {
        Ok(()) => report::print(&String::from_utf8_lossy(&page)),
        Err(error) => {
            let failure = Failure::reading(&error);
            eprintln!("glitch: the man page {}", failure.message);
            failure.exit
        }
    }
}
