//! The settings that say how much is taken, by their environment variables. Those of time are in
//! `slow`, `load` and `stop`.

use crate::client::{Client, head, head_with, request};
use crate::pictures::{CAT, PORTRAIT};
use crate::server::Server;
use crate::until;

#[test]
fn bytes() {
    let server = Server::with_env(&[("GLITCH_MAX_BYTES", "1000")]);
    let answer = server.post("", &PORTRAIT);
    answer.assert_problem(413, "too-large");
    assert_eq!(answer.json()["limit"], 1000);
    // As long as is allowed, and no picture.
    server
        .post("", &[b'~'; 1000])
        .assert_problem(415, "not-an-image");
    server
        .post("", &[b'~'; 1001])
        .assert_problem(413, "too-large");
}

#[test]
fn pixels() {
    let server = Server::with_env(&[("GLITCH_MAX_PIXELS", "262143")]);
    let answer = server.post("", &PORTRAIT);
    answer.assert_problem(422, "too-many-pixels");
    let server = Server::with_env(&[("GLITCH_MAX_PIXELS", "262144")]);
    server.post("", &PORTRAIT).fine();
}

#[test]
fn memory() {
    let server = Server::with_env(&[("GLITCH_MAX_MEMORY", "64k")]);
    server.post("", &PORTRAIT).fine();
    // What would never fit need not be tried again.
    server.post("", &CAT).assert_problem(413, "too-large");

    // Whoever comes first has the memory; sooner or later that is the one who does not go on.
    let (other, answer) = until("the other has the memory", || {
        let mut other = Client::connect(&server);
        other.send(&head("POST", "/", PORTRAIT.len()));
        other.send(&PORTRAIT[..40_000]);
        std::thread::sleep(std::time::Duration::from_millis(50));
        let answer = server.post("", &PORTRAIT);
        (answer.status != 200).then_some((other, answer))
    });
    answer.assert_full();
    drop(other);
    until("the memory is free", || {
        (server.post("", &PORTRAIT).status == 200).then_some(())
    });
}

#[test]
fn limits_are_told() {
    let server = Server::with_env(&[
        ("GLITCH_MAX_BYTES", "3M"),
        ("GLITCH_MAX_PIXELS", "4M"),
        ("GLITCH_TIME_LIMIT", "5.5"),
    ]);
    let version = server.get("/version").fine().json();
    let limits = serde_json::json!({ "bytes": 3_000_000, "pixels": 4_000_000, "seconds": 5.5 });
    assert_eq!(version["limits"], limits);
    assert_eq!(version["version"], env!("CARGO_PKG_VERSION"));
}

#[test]
fn origins() {
    let ask = |server: &Server, origin: &str| {
        let fields = format!("Origin: {origin}\r\n");
        let answer = server.ask(&head_with("GET", "/version", &fields)).fine();
        answer
            .header("access-control-allow-origin")
            .map(str::to_owned)
    };
    let (ours, other) = ("https://a.example", "https://b.example");
    let server = Server::start(&[]);
    assert_eq!(ask(&server, ours), None);
    let server = Server::with_env(&[(
        "GLITCH_CORS_ORIGINS",
        "https://a.example, http://localhost:8000",
    )]);
    assert_eq!(ask(&server, ours).as_deref(), Some(ours));
    assert_eq!(
        ask(&server, "http://localhost:8000").as_deref(),
        Some("http://localhost:8000")
    );
    assert_eq!(ask(&server, other), None);
    let server = Server::with_env(&[("GLITCH_CORS_ORIGINS", "*")]);
    assert_eq!(ask(&server, other).as_deref(), Some("*"));
    server.ask(&request("POST", "/", &PORTRAIT)).fine();
}
