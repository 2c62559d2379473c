//! Whether the server does what `/openapi.json` says: schemathesis makes requests of it, right
//! and wrong ones, and holds the answers against it.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};

use crate::NEVER;
use crate::server::Server;
use crate::skip::skip;

/// The Python of `GLITCH_PYTHON` (a virtual environment, say) or else `python3`, if it has
/// schemathesis.
fn python() -> Option<PathBuf> {
    let python = std::env::var_os("GLITCH_PYTHON").map(PathBuf::from);
    let python = python.unwrap_or_else(|| "python3".into());
    let mut probe = Command::new(&python);
    let probe = probe.args(["-c", "import schemathesis"]).output();
    if !probe.is_ok_and(|output| output.status.success()) {
        skip(&format!("{} has no schemathesis", python.display()));
        return None;
    }
    Some(python)
}

/// Runs schemathesis with the same requests every time, and leaves nothing behind.
fn schemathesis(python: &Path, arguments: &[&str]) -> Output {
    let folder = tempfile::tempdir().unwrap();
    let hooks = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/serve/python/hooks.py");
    let mut command = Command::new(python);
    command
        .args(["-m", "schemathesis.cli", "run"])
        .args(arguments)
        .args(["--checks", "all"])
        // A schema cannot say what a JPEG is: of the bodies that it allows most are none.
        .args(["--exclude-checks", "positive_data_acceptance"])
        .args([
            "--generation-deterministic",
            "--suppress-health-check",
            "all",
        ])
        .args(["--warnings", "off", "--no-color"])
        .env("SCHEMATHESIS_HOOKS", hooks)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("NO_PROXY", "*")
        .current_dir(folder.path())
        .stdin(Stdio::null());
    command.output().unwrap()
}

fn said(output: &Output) -> String {
    let said = [output.stdout.as_slice(), &output.stderr].concat();
    String::from_utf8_lossy(&said).into_owned()
}

#[test]
fn the_server_does_what_its_document_says() {
    let Some(python) = python() else { return };
    let server = Server::start(&["--time-limit", NEVER]);
    let document = format!("{}/openapi.json", server.url());
    let output = schemathesis(&python, &[&document, "--max-examples", "50"]);
    assert!(output.status.success(), "{}", said(&output));
    let log = server.log();
    let answers = |method: &str, route: &str, status: u16| {
        let line = json!({ "method": method, "route": route, "status": status });
        let line = line.as_object().unwrap();
        log.iter()
            .filter(|each| line.iter().all(|(key, value)| each[key] == *value))
            .count()
    };
    // It got as far as pictures.
    for (method, route) in [("POST", "/"), ("PUT", "/"), ("POST", "/inspect")] {
        for status in [200, 400, 415] {
            assert!(
                answers(method, route, status) > 0,
                "{method} {route} {status}"
            );
        }
    }
    let failed = |line: &&Value| line["status"].as_u64().is_some_and(|status| status >= 500);
    let failed: Vec<_> = log.iter().filter(failed).collect();
    assert!(failed.is_empty(), "{failed:?}");
}

#[test]
fn schemathesis_complains_of_a_document_that_is_wrong() {
    let Some(python) = python() else { return };
    let server = Server::start(&[]);
    let mut document = server.get("/openapi.json").fine().json();
    let responses = document["paths"]["/"]["post"]["responses"].as_object_mut();
    responses.unwrap().remove("415").expect("it is documented");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("openapi.json");
    std::fs::write(&path, document.to_string()).unwrap();
    let path = path.to_str().unwrap();
    let url = server.url();
    let arguments = [path, "--url", &url, "--include-operation-id", "glitch"];
    let output = schemathesis(&python, &arguments);
    let said = said(&output);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("Undocumented status code"), "{said}");
}
