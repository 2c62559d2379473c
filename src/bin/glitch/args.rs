//! What may be typed. The doc comments here are the text of `--help` and of the man page.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::error::ErrorKind;
use clap::{Arg, ArgMatches, Args, CommandFactory, FromArgMatches, Parser, Subcommand};
use glitch::http::{SETTINGS, Settings};
use glitch::{Limits, parse_size};

use crate::batch;
use crate::exit;
use crate::look::Look;
use crate::show_args::{Animation, Contact, Seeing};

const EXAMPLES: &str = "\
Examples:
  glitch photo.jpg                        writes photo.glitched.jpg beside it
  glitch photo.jpg -o out.jpg --seed 7    the same picture every time
  glitch photo.png --recipe sort:len=400:times=5,replace --filter paeth
  glitch photo.jpg --variants 9           nine seeds of one picture
  glitch sheet photo.jpg                  nine seeds of it on one sheet, to choose from
  glitch loop photo.jpg -o avatar.gif     an animation of it
  glitch holiday/ -o glitched/            a folder with all that is in it
  curl -s URL | glitch - > glitched.jpg   standard input to standard output";

const AFTER: &str = "\
A file that is called like a command is glitched as ./inspect. The result keeps the extension of the
input, also one that does not fit its format. A folder is searched for .jpg, .jpeg,
.jpe, .jfif, .png and .apng; hidden files and *.glitched.* in it are left out.";

fn after_long_help() -> String {
    format!("{EXAMPLES}\n\n{}\n\n{AFTER}", exit::TEXT)
}

/// Glitches JPEG and PNG pictures so that they still open everywhere
///
/// Only the scan data of a picture is touched (and one header by the passes `quant` and `palette`,
/// and metadata by --strip), and it is made legal again before it is written: the result opens in every decoder, with no warning, looking the same everywhere. The line that
/// is printed for it holds the recipe with its seed, which makes the same bytes again.
#[derive(Debug, Parser)]
#[command(
    name = "glitch",
    version,
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    after_help = EXAMPLES,
    after_long_help = after_long_help(),
)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Option<Command>,
    #[command(flatten)]
    pub glitching: Glitching,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Show the segments or chunks of a picture, and which bytes a glitch may touch
    Inspect(Inspect),
    /// Tell whether pictures open and are strictly conformant
    Verify(Verify),
    /// Show many glitches of a picture on one sheet, each with the words that make it
    ///
    /// The first tile is the picture as it is. The others are real results, made at full size and
    /// scaled down; under each is the recipe with the seed, to be given to --recipe.
    Sheet(Contact),
    /// Make an animation of a picture (GIF or APNG) that goes round for ever
    ///
    /// Each frame is the picture, glitched at full size and scaled down. The same picture, recipe,
    /// seed and options give the same file. No two glitched frames look the same.
    Loop(Animation),
    /// List the recipes, the passes and their parameters
    Recipes(Listing),
    /// Serve the HTTP interface and its page on this machine
    ///
    /// The interface is described by `/openapi.json` and in docs/http.md. Each option can be given
    /// as an environment variable too. GLITCH_TOKEN, which has no option, is what clients then have
    /// to show as `Authorization: Bearer TOKEN`. GLITCH_LOG says what is logged: info if not told,
    /// or error, warn, debug. SIGTERM or Ctrl-C ends it when the running requests are answered; a
    /// second one at once.
    Serve(Serve),
    /// Tell whether a server on this machine answers
    ///
    /// Ends with 0 if it does, and with 4 and a message if not.
    Health(Health),
    /// Print a completion script for a shell
    Completions(Completions),
    /// Print the man page
    Man(Man),
}

/// The default action.
#[derive(Args, Clone, Debug)]
pub struct Glitching {
    /// Pictures, folders of pictures, or - for standard input
    #[arg(value_name = "PICTURE")]
    pub inputs: Vec<PathBuf>,
    #[command(flatten)]
    pub look: Look,
    #[command(flatten)]
    pub place: Place,
    #[command(flatten)]
    pub seeing: Seeing,
    #[command(flatten)]
    pub bounds: Bounds,
    #[command(flatten)]
    pub telling: Telling,
}

/// Where the result goes.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Output")]
pub struct Place {
    /// The file to write, a folder for it, or - for standard output
    ///
    /// A folder is one that exists, that ends in a slash, or anything where there are several
    /// pictures; it is made if missing, and what is below a folder given as input keeps its place.
    /// Without it: beside the input, as photo.glitched.jpg.
    #[arg(short, long, value_name = "FILE|DIR|-")]
    pub output: Option<PathBuf>,
    /// Replace files that exist, the input itself included
    #[arg(short, long)]
    pub force: bool,
}

/// What is taken in, and how much at once.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Limits")]
pub struct Bounds {
    /// Do not decode the result before it is written
    #[arg(long)]
    pub no_verify: bool,
    /// Most pixels that a picture may claim to have, such as 50M
    #[arg(long, value_name = "SIZE", value_parser = parse_size, default_value = "250M")]
    pub max_pixels: u64,
    #[command(flatten)]
    pub reading: Reading,
    /// How many pictures are worked on, and held in memory, at once [default: the cores there are]
    #[arg(short, long, value_name = "N")]
    pub jobs: Option<NonZeroUsize>,
}

#[derive(Args, Clone, Debug)]
pub struct Reading {
    /// Most bytes of a file, such as 50M or 64MiB
    #[arg(long, value_name = "SIZE", value_parser = parse_size, default_value = "256MiB")]
    pub max_bytes: u64,
}

/// What is printed.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Messages")]
pub struct Telling {
    /// Print one JSON object a picture, each on its own line
    #[arg(long)]
    pub json: bool,
    /// Print nothing but what went wrong
    #[arg(short, long)]
    pub quiet: bool,
}

#[derive(Args, Clone, Debug)]
pub struct Inspect {
    /// Pictures, folders of pictures, or - for standard input
    #[arg(value_name = "PICTURE", required = true)]
    pub inputs: Vec<PathBuf>,
    /// Print one JSON object a picture, with every part
    #[arg(long)]
    pub json: bool,
    /// Show every part, also where many of a kind follow each other
    #[arg(short, long)]
    pub all: bool,
    #[command(flatten)]
    pub reading: Reading,
}

#[derive(Args, Clone, Debug)]
pub struct Verify {
    /// Pictures, folders of pictures, or - for standard input
    #[arg(value_name = "PICTURE", required = true)]
    pub inputs: Vec<PathBuf>,
    #[command(flatten)]
    pub telling: Telling,
    #[command(flatten)]
    pub reading: Reading,
}

#[derive(Args, Clone, Debug)]
pub struct Listing {
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

#[derive(Args, Clone, Debug)]
pub struct Serve {
    /// The address and port to listen on; port 0 takes any that is free
    #[arg(
        long,
        value_name = "HOST:PORT",
        env = "GLITCH_ADDR",
        default_value = "127.0.0.1:3000"
    )]
    pub addr: String,
    #[command(flatten)]
    pub settings: ServeSettings,
}

#[derive(Args, Clone, Debug)]
pub struct Health {
    /// The address and port that the server listens on
    #[arg(
        long,
        value_name = "HOST:PORT",
        env = "GLITCH_ADDR",
        default_value = "127.0.0.1:3000"
    )]
    pub addr: String,
}

/// The settings of the server, each an option: they are the library's, with its names and words.
#[derive(Clone, Debug, Default)]
pub struct ServeSettings(pub Settings);

impl Args for ServeSettings {
    fn augment_args(command: clap::Command) -> clap::Command {
        let defaults = Settings::default();
        command.args(SETTINGS.iter().map(|setting| {
            let default = match (setting.name, setting.get(&defaults)) {
                // The text is to be the same on every machine.
                ("workers", _) => " [default: the cores there are]".to_owned(),
                (_, none) if none.is_empty() => String::new(),
                (_, value) => format!(" [default: {value}]"),
            };
            Arg::new(setting.name)
                .long(setting.name)
                .value_name(setting.value)
                .env(setting.variable())
                .hide_env_values(true)
                .help(format!("{}{default}", setting.about))
                .value_parser(move |text: &str| {
                    let checked = setting.set(&mut Settings::default(), text);
                    checked.map(|()| text.to_owned())
                })
        }))
    }

    fn augment_args_for_update(command: clap::Command) -> clap::Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for ServeSettings {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let mut settings = ServeSettings::default();
        settings.update_from_arg_matches(matches)?;
        Ok(settings)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        for setting in SETTINGS {
            if let Some(text) = matches.get_one::<String>(setting.name) {
                let set = setting.set(&mut self.0, text);
                set.map_err(|why| clap::Error::raw(ErrorKind::ValueValidation, why))?;
            }
        }
        Ok(())
    }
}

#[derive(Args, Clone, Debug)]
pub struct Completions {
    /// The shell
    pub shell: clap_complete::Shell,
}

#[derive(Args, Clone, Debug)]
pub struct Man {
    /// The page of a command, instead of the whole program's
    #[arg(value_name = "COMMAND")]
    pub page: Option<String>,
}

impl Reading {
    pub fn max_bytes(&self) -> usize {
        usize::try_from(self.max_bytes).unwrap_or(usize::MAX)
    }
}

impl Bounds {
    pub fn limits(&self) -> Limits {
        Limits {
            bytes: self.reading.max_bytes(),
            pixels: self.max_pixels,
        }
    }

    pub fn jobs(&self) -> usize {
        batch::jobs(self.jobs)
    }
}

/// Ends the process with a message in the manner of clap, and its exit code 2.
pub fn refuse(message: impl std::fmt::Display) -> ! {
    Cli::command()
        .error(ErrorKind::ValueValidation, message)
        .exit()
}

/// Ends the process with the short usage.
pub fn show_usage() -> ! {
    refuse(format!("there is no picture to glitch\n\n{EXAMPLES}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_definition_holds() {
        Cli::command().debug_assert();
    }

    #[test]
    fn the_default_limits_are_the_library_s() {
        let cli = Cli::try_parse_from(["glitch", "photo.jpg"]).unwrap();
        assert_eq!(cli.glitching.bounds.limits(), Limits::default());
    }
}
