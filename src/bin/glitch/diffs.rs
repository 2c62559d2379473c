//! Where heat maps go.

use std::path::{Path, PathBuf};

use crate::args::Glitching;
use crate::input::Input;
use crate::output::{Extension, Folder, Target, is_special};
use crate::plan;
use crate::report::shown;

/// What `--diff` means.
pub enum Diffs<'a> {
    None,
    Special(&'a Path),
    File(&'a Path),
    Folder(&'a Path),
}

impl<'a> Diffs<'a> {
    pub fn of(args: &'a Glitching) -> Result<Self, String> {
        let Some(path) = &args.seeing.diff else {
            return Ok(Diffs::None);
        };
        let slash = path.to_string_lossy().ends_with(std::path::is_separator);
        if path == Path::new("-") {
            return Err("a heat map does not go to standard output: name a file".to_owned());
        }
        if is_special(path) {
            Ok(Diffs::Special(path))
        } else if slash || path.is_dir() {
            Ok(Diffs::Folder(path))
        } else if plan::several(args) {
            Err(format!(
                "several heat maps do not go into one file: name a folder with --diff {}/",
                shown(path)
            ))
        } else {
            Ok(Diffs::File(path))
        }
    }

    /// The target for an input; `variant` is the seed for its name.
    pub fn target(&self, input: &Input, variant: Option<u64>) -> Option<Target> {
        let (path, folder) = match self {
            Diffs::None => return None,
            Diffs::Special(path) => return Some(Target::Special(path.to_path_buf())),
            Diffs::File(path) => (path.to_path_buf(), Folder::Expected),
            Diffs::Folder(folder) => {
                let given = input.source.path().unwrap_or(Path::new("stdin"));
                let png: PathBuf = given.with_extension("png");
                let name = plan::name(&png, ".diff", variant);
                (folder.join(&input.below).join(name), Folder::Made)
            }
        };
        Some(Target::File {
            path,
            folder,
            extension: Extension::Named,
        })
    }
}
