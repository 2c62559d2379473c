//! No answer tells what strangers need not know: the token, where the program lies or works, what it
//! was started with, where in the source something went wrong.

use std::path::Path;

use crate::requests::cases::{self, Case, Wanted};
use crate::requests::client::{Connection, Reply};
use crate::server::{Server, command};

const TOKEN: &str = "correct-horse-battery-staple";
const VALUE: &str = "a-value-of-the-environment";
const HOME: &str = "/home/somebody-s-name";

fn server(token: Option<&str>, folder: &Path) -> Server {
    let mut command = command(&["--metrics", "prometheus", "--queue", "100"]);
    command.current_dir(folder);
    command.env("RUST_BACKTRACE", "full").env("HOME", HOME);
    command.env("AWS_SECRET_ACCESS_KEY", VALUE);
    command.envs(token.map(|token| ("GLITCH_TOKEN", token)));
    Server::launch(command)
}

/// What must not be in an answer.
fn secrets(folder: &Path) -> Vec<String> {
    let root = env!("CARGO_MANIFEST_DIR");
    let cargo = std::env::var("CARGO_HOME").unwrap_or_else(|_| "/.cargo/".to_owned());
    let folder = folder.display().to_string();
    let plain = [
        TOKEN,
        VALUE,
        HOME,
        root,
        &cargo,
        &folder,
        "src/",
        ".rs:",
        "panicked",
        "BACKTRACE",
        "backtrace",
        "/rustc/",
        "registry/",
        "unwrap()",
        "thread '",
        "called `",
        "os error",
    ];
    plain.map(str::to_owned).into()
}

/// The request with a field more behind its first line.
fn with_field(bytes: &[u8], field: &str) -> Vec<u8> {
    let line = bytes.windows(2).position(|two| two == b"\r\n");
    let Some(line) = line.filter(|_| bytes.windows(5).any(|five| five == b"Host:")) else {
        return bytes.to_vec();
    };
    let (first, rest) = bytes.split_at(line + 2);
    [first, field.as_bytes(), b"\r\n", rest].concat()
}

/// Every answer there is to the requests of the table, and to a few more.
fn replies(server: &Server, fields: &[&str]) -> Vec<(&'static str, Reply)> {
    let mut cases = cases::all();
    cases.retain(|case| case.status != Wanted::Nothing);
    let mut replies = Vec::new();
    for Case { name, bytes, .. } in cases {
        for field in fields {
            let mut connection = Connection::open(&server.address).unwrap();
            if let Ok(reply) = connection.exchange(&with_field(&bytes, field)) {
                replies.push((name, reply));
            }
        }
    }
    replies
}

fn assert_silent(replies: &[(&str, Reply)], folder: &Path) {
    let secrets = secrets(folder);
    for (name, reply) in replies {
        let body = String::from_utf8_lossy(&reply.body);
        for secret in &secrets {
            let told = body.contains(secret) || reply.head.contains(secret);
            assert!(!told, "{name}: `{secret}` is in {}{body}", reply.head);
        }
    }
}

#[test]
fn no_answer_tells_a_secret() {
    let folder = tempfile::tempdir().unwrap();
    let server = server(None, folder.path());
    let replies = replies(&server, &["X-Plain: x", "Accept: text/html"]);
    assert_silent(&replies, folder.path());
    for status in [200, 400, 404, 405, 413, 415, 422, 431] {
        assert!(
            replies.iter().any(|(_, reply)| reply.status == status),
            "{status}"
        );
    }
    let metrics = server.get("/metrics").fine();
    assert!(!metrics.text().contains("src/"), "{}", metrics.text());
}

#[test]
fn no_answer_tells_the_token() {
    let folder = tempfile::tempdir().unwrap();
    let server = server(Some(TOKEN), folder.path());
    let wrong = format!("Authorization: Bearer {}", &TOKEN[1..]);
    let right = format!("Authorization: Bearer {TOKEN}");
    let replies = replies(&server, &[&wrong, &right]);
    for status in [200, 401, 422] {
        assert!(
            replies.iter().any(|(_, reply)| reply.status == status),
            "{status}"
        );
    }
    assert_silent(&replies, folder.path());
}
