//! The page, driven in Chromium: starts the server and runs the tests of this folder against it.
//!
//! Without Node.js, its packages (`npm ci` in `tests/page`) or Chromium (`GLITCH_CHROMIUM`, or in
//! the `PATH`) the test is skipped with a line on standard error; with
//! `GLITCH_REQUIRE_DECODERS=1` it fails.

#[path = "../served/mod.rs"]
mod served;
#[path = "../skip/mod.rs"]
mod skip;

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use served::Server;
use skip::skip;

#[test]
fn the_page_does_what_it_should_in_chromium() {
    let tools = match Tools::find() {
        Ok(tools) => tools,
        Err(missing) => return skip(&format!("the page is not tested: {missing}")),
    };
    let server = Server::start();
    let output = Command::new(tools.node)
        .args(["--test", "--test-reporter=spec"])
        .args(["page.test.mjs", "everybody.test.mjs"])
        .current_dir(tests())
        .env("GLITCH_PAGE_URL", &server.address)
        .env("GLITCH_CHROMIUM", tools.chromium)
        .output()
        .expect("node starts");
    println!("{}", String::from_utf8_lossy(&output.stdout));
    eprintln!("{}", String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "see above");
}

fn tests() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/page")
}

/// What has to be installed.
struct Tools {
    node: PathBuf,
    chromium: PathBuf,
}

impl Tools {
    fn find() -> Result<Self, String> {
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
}

/// The file that a shell would run for this word.
fn program(word: &str) -> Result<PathBuf, String> {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path)
        .map(|folder| folder.join(word))
        .find(|file| file.is_file())
        .ok_or_else(|| format!("no program `{word}`"))
}
