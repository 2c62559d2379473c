//! Node.js with the packages of this folder, and Chromium.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Where the tests are.
fn tests() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/page")
}

/// What has to be installed.
pub struct Tools {
    node: PathBuf,
    chromium: PathBuf,
}

impl Tools {
    /// Or what is missing.
    pub fn find() -> Result<Self, String> {
        if !tests().join("node_modules/playwright-core").is_dir() {
            return Err("no node_modules: run `npm ci` in tests/page".to_owned());
        }
        let chromium = match env::var_os("GLITCH_CHROMIUM") {
            Some(chromium) => PathBuf::from(chromium),
            None => program("chromium")?,
        };
        let node = program("node")?;
        Ok(Tools { node, chromium })
    }

    /// Runs these files, and fails if they do.
    pub fn run(&self, files: &[&str], variables: &[(&str, &str)]) {
        let output = Command::new(&self.node)
            .args(["--test", "--test-reporter=spec"])
            .args(files)
            .current_dir(tests())
            .env("GLITCH_CHROMIUM", &self.chromium)
            .envs(variables.iter().copied())
            .output()
            .expect("node starts");
        println!("{}", String::from_utf8_lossy(&output.stdout));
        eprintln!("{}", String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "see above");
    }
}

/// The file that a shell would run for this word.
fn program(word: &str) -> Result<PathBuf, String> {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path)
        .map(|folder| folder.join(word))
        .find(|file| file.is_file())
        .ok_or_else(|| format!("no program `{word}`"))
}
