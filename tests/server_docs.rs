//! What the documentation tells of the server is so: its tables are those of the code, and its
//! curl commands run.

mod served;
mod skip;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use glitch::Format;
use glitch::http::{SETTINGS, Settings};
use served::Server;
use skip::skip;

const ADDRESS: &str = "http://127.0.0.1:3000";

fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    fs::read_to_string(&path).unwrap_or_else(|why| panic!("{}: {why}", path.display()))
}

/// The rows of a table by their first cell, without backticks.
fn table(page: &str, head: &str) -> BTreeMap<String, Vec<String>> {
    let lines = page.lines().skip_while(|line| *line != head).skip(2);
    let rows = lines.take_while(|line| line.starts_with('|'));
    let cells = |row: &str| -> Vec<String> {
        let row = row.strip_prefix('|').unwrap().strip_suffix('|').unwrap();
        row.split('|')
            .map(|cell| cell.trim().replace('`', ""))
            .collect()
    };
    let rows: BTreeMap<_, _> = rows.map(cells).map(|row| (row[0].clone(), row)).collect();
    assert!(!rows.is_empty(), "no table {head}");
    rows
}

#[test]
fn every_setting_is_told_with_its_default() {
    let page = read("docs/http.md");
    let rows = table(&page, "| option | variable | default | on Lambda | |");
    let (local, lambda) = (Settings::default(), Settings::lambda());
    for setting in SETTINGS {
        let row = &rows[&format!("--{}", setting.name)];
        assert_eq!(row[1], setting.variable());
        let default = match setting.name {
            "workers" => "the cores there are".to_owned(),
            _ => setting.get(&local),
        };
        assert_eq!(row[2], default, "{}", setting.name);
        // Connections are the platform's there.
        assert!(
            row[3].is_empty() || row[3] == setting.get(&lambda),
            "{row:?}"
        );
        assert_eq!(row[4], setting.about);
    }
    assert_eq!(
        rows.len(),
        SETTINGS.len() + 1,
        "--addr is the only other one"
    );
}

#[test]
fn every_problem_is_told_with_its_status() {
    let page = read("docs/http.md");
    let rows = table(&page, "| type | status | when |");
    let document: serde_json::Value = serde_json::from_str(&read("src/http/openapi.json")).unwrap();
    let types = &document["components"]["schemas"]["Problem"]["properties"]["type"]["enum"];
    let types = types.as_array().unwrap();
    assert_eq!(rows.len(), types.len());
    for kind in types {
        assert!(rows.contains_key(kind.as_str().unwrap()), "{kind}");
    }
}

#[test]
fn health_tells_whether_a_server_answers() {
    let health = |address: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_glitch"));
        command
            .args(["health", "--addr", address])
            .output()
            .unwrap()
    };
    let server = Server::start();
    let address = server.address.strip_prefix("http://").unwrap().to_owned();
    let port = address.strip_prefix("127.0.0.1:").unwrap();
    for address in [
        &address,
        &format!("0.0.0.0:{port}"),
        &format!("localhost:{port}"),
    ] {
        assert_eq!(health(address).status.code(), Some(0), "{address}");
    }
    drop(server);
    let gone = health(&address);
    assert_eq!(gone.status.code(), Some(4));
    let said = String::from_utf8(gone.stderr).unwrap();
    assert!(
        said.starts_with(&format!("glitch: no server at {address}: ")),
        "{said}"
    );
}

/// The lines of all `sh` blocks that call curl with the server's address.
fn curl_lines(page: &str) -> Vec<&str> {
    let mut inside = false;
    let mut found = Vec::new();
    for line in page.lines() {
        match line.strip_prefix("```") {
            Some(language) => inside = language == "sh",
            None if inside && line.contains("curl") && line.contains(ADDRESS) => found.push(line),
            None => {}
        }
    }
    found
}

/// That the command wrote what it says: a picture that opens, or JSON.
fn check(line: &str, folder: &Path, printed: &[u8]) {
    match line.split(" -o ").nth(1) {
        Some(name) => {
            let bytes = fs::read(folder.join(name)).unwrap();
            assert_eq!(Format::sniff(&bytes).unwrap(), Format::Jpeg);
            assert_ne!(bytes, fs::read(folder.join("photo.jpg")).unwrap());
            let picture = image::load_from_memory(&bytes).unwrap();
            assert_eq!((picture.width(), picture.height()), (512, 512));
        }
        None => {
            let said: serde_json::Value = serde_json::from_slice(printed).unwrap();
            assert!(said.is_object());
        }
    }
}

#[test]
fn every_curl_line_of_the_documentation_runs() {
    if Command::new("curl").arg("--version").output().is_err() {
        return skip("curl is missing");
    }
    let server = Server::start();
    let photo = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/portrait.jpg");
    let mut count = 0;
    for page in ["README.md", "docs/http.md"] {
        for line in curl_lines(&read(page)) {
            let folder = tempfile::tempdir().unwrap();
            fs::copy(&photo, folder.path().join("photo.jpg")).unwrap();
            // Errors of the server are errors of curl.
            let command = line
                .replace(ADDRESS, &server.address)
                .replace("curl ", "curl -f ");
            let output = Command::new("sh")
                .args(["-c", &command])
                .current_dir(folder.path())
                .output()
                .unwrap();
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{page}: {line}: {said}");
            check(line, folder.path(), &output.stdout);
            count += 1;
        }
    }
    assert!(count >= 8, "only {count} lines were found");
}
