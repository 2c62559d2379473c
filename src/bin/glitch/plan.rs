//! Where every result goes, settled before anything runs.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::ffi::OsString;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::path::{Path, PathBuf};

use crate::args::Glitching;
use crate::diffs::Diffs;
use crate::input::{Input, Source};
use crate::output::{Extension, Folder, Target, is_special};
use crate::report::shown;

/// One picture to make.
#[derive(Debug)]
pub struct Task {
    pub source: Source,
    pub target: Target,
    /// Where the heat map of what changed goes.
    pub diff: Option<Target>,
    /// Goes before the recipe's.
    pub seed: Option<u64>,
}

/// What `-o` means.
enum Place<'a> {
    Beside,
    Stdout,
    Folder(&'a Path),
    File(&'a Path),
    /// A device or a pipe.
    Special(&'a Path),
}

/// Plans a task for every input and variant, or tells what is wrong with the command line.
pub fn plan(args: &Glitching, inputs: &[Input]) -> Result<Vec<Task>, String> {
    let place = Place::of(args, inputs)?;
    let diffs = Diffs::of(args)?;
    let seeds = seeds(args);
    let mut tasks: Vec<Task> = Vec::new();
    let mut taken: HashMap<PathBuf, Source> = HashMap::new();
    for input in inputs {
        for &seed in &seeds {
            let target = place.target(input, seed.filter(|_| args.look.variants.is_some()))?;
            if let Target::File { path, .. } = &target {
                match taken.entry(path.clone()) {
                    Entry::Vacant(free) => {
                        free.insert(input.source.clone());
                    }
                    Entry::Occupied(other) if *other.get() == input.source => continue,
                    Entry::Occupied(other) => {
                        return Err(format!(
                            "{} and {} would both be written to {}: nothing was done",
                            other.get().name(),
                            input.source.name(),
                            shown(path)
                        ));
                    }
                }
            }
            let diff = diffs.target(input, seed.filter(|_| args.look.variants.is_some()));
            if let Some(Target::File { path, .. }) = &diff
                && taken.insert(path.clone(), input.source.clone()).is_some()
            {
                let path = shown(path);
                return Err(format!(
                    "two files would both be written to {path}: nothing was done"
                ));
            }
            tasks.push(Task {
                source: input.source.clone(),
                target,
                diff,
                seed,
            });
        }
    }
    Ok(tasks)
}

/// Whether more than one picture is named.
fn many(args: &Glitching) -> bool {
    args.inputs.len() > 1 || args.inputs.iter().any(|path| path.is_dir())
}

/// Whether more than one result is asked for.
pub fn several(args: &Glitching) -> bool {
    many(args) || args.look.variants.is_some_and(|variants| variants > 1)
}

/// The seed of every variant.
fn seeds(args: &Glitching) -> Vec<Option<u64>> {
    let Some(variants) = args.look.variants else {
        return vec![None];
    };
    let first = args.look.recipe().seed.unwrap_or_else(|| {
        // Every `RandomState` has new keys from the system's random source. Below a million, for
        // the seeds go into file names.
        RandomState::new().build_hasher().finish() % 1_000_000
    });
    (0..u64::from(variants))
        .map(|step| Some(first.wrapping_add(step)))
        .collect()
}

impl<'a> Place<'a> {
    fn of(args: &'a Glitching, inputs: &[Input]) -> Result<Self, String> {
        let (many, several) = (many(args), several(args));
        let Some(path) = &args.place.output else {
            let stdin = inputs.iter().any(|input| input.source == Source::Stdin);
            return match (stdin, several) {
                (false, _) => Ok(Place::Beside),
                (true, false) => Ok(Place::Stdout),
                (true, true) => Err(
                    "what comes from standard input has no folder to go to: name one with -o"
                        .to_owned(),
                ),
            };
        };
        let slash = path.to_string_lossy().ends_with(std::path::is_separator);
        if path == Path::new("-") || path == Path::new("/dev/stdout") {
            return match several {
                false => Ok(Place::Stdout),
                true => Err(
                    "several pictures do not go to standard output: name a folder with -o"
                        .to_owned(),
                ),
            };
        }
        if is_special(path) {
            Ok(Place::Special(path))
        } else if many && path.is_file() {
            Err(format!(
                "several pictures need a folder, and {} is a file",
                shown(path)
            ))
        } else if many || slash || path.is_dir() {
            Ok(Place::Folder(path))
        } else {
            Ok(Place::File(path))
        }
    }

    /// The target for an input; `variant` is the seed for its name.
    fn target(&self, input: &Input, variant: Option<u64>) -> Result<Target, String> {
        let given = input.source.path().unwrap_or(Path::new("stdin"));
        let named = || name(given, ".glitched", variant);
        let (path, folder) = match self {
            Place::Stdout => return Ok(Target::Stdout),
            Place::Special(path) => return Ok(Target::Special(path.to_path_buf())),
            Place::Beside if is_special(given) => {
                return Err(format!(
                    "{} is not a regular file: say with -o where the result goes",
                    shown(given)
                ));
            }
            Place::Beside => (given.with_file_name(named()), Folder::Expected),
            Place::Folder(folder) => (folder.join(&input.below).join(named()), Folder::Made),
            Place::File(path) => {
                let path = match variant {
                    Some(_) => path.with_file_name(name(path, "", variant)),
                    None => path.to_path_buf(),
                };
                return Ok(Target::File {
                    path,
                    folder: Folder::Expected,
                    extension: Extension::Named,
                });
            }
        };
        let extension = match given.extension() {
            Some(_) => Extension::Named,
            None => Extension::OfFormat,
        };
        Ok(Target::File {
            path,
            folder,
            extension,
        })
    }
}

/// `photo.jpg` becomes `photo` + `addition` + `-variant` + `.jpg`.
pub fn name(path: &Path, addition: &str, variant: Option<u64>) -> OsString {
    let mut name = path.file_stem().unwrap_or_default().to_owned();
    name.push(addition);
    if let Some(seed) = variant {
        name.push(format!("-{seed}"));
    }
    if let Some(extension) = path.extension() {
        name.push(".");
        name.push(extension);
    }
    name
}
