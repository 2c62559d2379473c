//! An event is answered like the same request anywhere else, byte for byte.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::bootstrap::Bootstrap;
use super::event::Event;
use super::{Answer, ask, fixture, photo, quiet};

/// A recorded event, what the client puts into it, and the answer's status and type.
type Case = (&'static str, Vec<u8>, u16, &'static str);

const JPEG: &str = "image/jpeg";
const PROBLEM: &str = "application/problem+json";

fn cases() -> Vec<Case> {
    let url = format!("data:image/jpeg;base64,{}", encoded());
    vec![
        ("curl-data-binary", photo(), 200, JPEG),
        ("curl-data-binary-function-url", photo(), 200, JPEG),
        ("no-type", photo(), 200, JPEG),
        ("image-jpeg", photo(), 200, JPEG),
        ("image-png-function-url", png(), 200, "image/png"),
        ("text-plain", photo(), 415, PROBLEM),
        ("text-plain-function-url", png(), 415, PROBLEM),
        ("json-type", photo(), 415, PROBLEM),
        ("base64-text", encoded().into(), 200, JPEG),
        ("base64-text-as-form", encoded().into(), 200, JPEG),
        ("data-url", url.into(), 200, JPEG),
        ("multipart", form(), 200, JPEG),
        ("no-body", vec![], 400, PROBLEM),
        ("empty-body", vec![], 400, PROBLEM),
        ("home", vec![], 200, "text/plain; charset=utf-8"),
        ("home-in-a-browser", vec![], 200, "text/html; charset=utf-8"),
        ("curl-upload-file", photo(), 200, JPEG),
        ("curl-upload-file-with-a-space", photo(), 200, JPEG),
        ("curl-upload-file-function-url", photo(), 200, JPEG),
        ("inspect", photo(), 200, "application/json"),
        ("recipe-and-seed", png(), 200, "image/png"),
        ("recipe-percent-encoded", photo(), 200, JPEG),
        ("wrong-parameter", photo(), 400, PROBLEM),
        ("sample", vec![], 200, JPEG),
        ("delete", vec![], 405, PROBLEM),
        ("nowhere", vec![], 404, PROBLEM),
    ]
}

fn png() -> Vec<u8> {
    fixture("sticker-rgba.png")
}

/// In lines, as the program `base64` writes them.
fn encoded() -> String {
    let text = STANDARD.encode(photo());
    let lines = text.as_bytes().chunks(76).map(String::from_utf8_lossy);
    lines.collect::<Vec<_>>().join("\n")
}

/// With the boundary that stands in the recorded event.
fn form() -> Vec<u8> {
    const BOUNDARY: &str = "--------------------------d74496d66958873e";
    let field = "Content-Disposition: form-data; name=\"seed\"\r\n\r\n7";
    let file = "Content-Disposition: form-data; name=\"image\"; filename=\"holiday.jpg\"\r\nContent-Type: image/jpeg\r\n\r\n";
    let head = format!("{BOUNDARY}\r\n{field}\r\n{BOUNDARY}\r\n{file}");
    let tail = format!("\r\n{BOUNDARY}--\r\n");
    [head.as_bytes(), &photo(), tail.as_bytes()].concat()
}

#[test]
fn every_recorded_event_is_used() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/lambda/events");
    let files = std::fs::read_dir(folder).unwrap();
    let stem = |path: std::path::PathBuf| path.file_stem().unwrap().to_str().unwrap().to_owned();
    let mut files: Vec<_> = files.map(|file| stem(file.unwrap().path())).collect();
    files.sort();
    let mut used: Vec<_> = cases().into_iter().map(|case| case.0).collect();
    used.sort_unstable();
    assert_eq!(files, used);
}

#[test]
fn an_event_becomes_the_request_that_was_sent() {
    for (name, body, status, media_type) in cases() {
        let event = Event::recorded(name, &body);
        let local = ask(quiet(), event.local());
        assert_eq!((local.status, local.media_type()), (status, media_type));
        let request = lambda_http::request::from_str(&event.text()).unwrap();
        let answer = ask(quiet(), request);
        assert_eq!(answer.lasting(), local.lasting(), "{name}");
    }
}

#[test]
fn the_program_answers_events_like_a_server_of_ones_own() {
    let mut bootstrap = Bootstrap::start(&[]);
    for (name, body, _, _) in cases() {
        let event = Event::recorded(name, &body);
        let local = ask(quiet(), event.local());
        let answer = bootstrap.invoke(&event);
        assert_eq!(answer.lasting(), local.lasting(), "{name}");
    }
    bootstrap.end();
}

/// Every path and method of the interface, with and without a picture.
fn requests() -> Vec<Event> {
    let interface = ask(quiet(), Event::without_body("GET", "/openapi.json").local());
    let interface: serde_json::Value = serde_json::from_slice(&interface.body).unwrap();
    let mut events = Vec::new();
    for (path, methods) in interface["paths"].as_object().unwrap() {
        let path = path.replace("{name}", "holiday.jpg");
        for method in ["GET", "HEAD", "OPTIONS", "PATCH"] {
            events.push(Event::without_body(method, &path));
        }
        if methods.get("post").is_some() {
            events.push(Event::post(&path, b"GIF89a"));
            events.push(Event::post(&format!("{path}?seed=7"), &photo()));
        }
    }
    events.push(Event::without_body("GET", "/problems/mangled"));
    events
}

#[test]
fn every_answer_says_what_it_is() {
    let mut bootstrap = Bootstrap::start(&[]);
    let events = requests();
    assert!(events.len() > 30, "the interface lists paths");
    for event in events {
        let local = ask(quiet(), event.local());
        let answer = bootstrap.invoke(&event);
        // Without a type the bytes would be sent as text, and a picture be ruined.
        assert_ne!(answer.media_type(), "", "{answer:?}");
        assert_eq!(answer.lasting(), local.lasting());
    }
    bootstrap.end();
}

#[test]
fn a_header_that_is_there_twice_is_not_lost() {
    let origins = ("GLITCH_CORS_ORIGINS", "https://a.example,https://b.example");
    let get = |name: &str| (name == origins.0).then(|| origins.1.to_owned());
    let settings = quiet().with_env(get).unwrap();
    let mut bootstrap = Bootstrap::start(&[origins]);
    let home = Event::without_body("GET", "/").with_header("origin", "https://b.example");
    let preflight = Event::without_body("OPTIONS", "/")
        .with_header("origin", "https://b.example")
        .with_header("access-control-request-method", "POST");
    for event in [home, preflight] {
        let local = ask(settings.clone(), event.local());
        assert_eq!(
            local.header("access-control-allow-origin"),
            "https://b.example"
        );
        assert!(local.header("vary").contains("origin"), "{local:?}");
        assert_eq!(bootstrap.invoke(&event).lasting(), local.lasting());
    }
    bootstrap.end();
}

#[test]
fn the_usage_names_the_address_of_the_gateway() {
    let home: Answer = ask(quiet(), Event::recorded("home", b"").local());
    let usage = String::from_utf8(home.body).unwrap();
    let url = "https://a1b2c3d4e5.execute-api.eu-central-1.amazonaws.com/";
    assert!(usage.contains(&format!("curl -X POST {url} ")), "{usage}");
}
