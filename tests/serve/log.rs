//! The log and the metrics.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::client::{Client, head_with, request};
use crate::pictures::{CAT, PORTRAIT};
use crate::server::Server;

const STAGES: [&str; 7] = ["read", "wait", "open", "edit", "repair", "pack", "verify"];

/// A request with an id.
fn named(id: &str, path: &str, picture: &[u8]) -> Vec<u8> {
    let fields = format!(
        "X-Request-Id: {id}\r\nContent-Length: {}\r\n",
        picture.len()
    );
    let mut request = head_with("PUT", path, &fields);
    request.extend_from_slice(picture);
    request
}

#[test]
fn every_request_has_a_line_of_json() {
    let server = Server::start(&[]);
    let answer = server
        .ask(&named("abc-1", "/secret-name.png?seed=1", &CAT))
        .fine();
    assert_eq!(answer.header("x-request-id"), Some("abc-1"));
    let line = server.wait_for_log("request_id", "abc-1");
    let decoded = image::load_from_memory(&CAT).unwrap();
    let pixels = u64::from(decoded.width()) * u64::from(decoded.height());
    for (key, value) in [
        ("level", "INFO".into()),
        ("method", "PUT".into()),
        ("status", 200.into()),
        ("outcome", "ok".into()),
        ("format", "image/png".into()),
        ("pixels", pixels.into()),
        ("bytes_in", CAT.len().into()),
        ("bytes_out", answer.body.len().into()),
    ] {
        let value: serde_json::Value = value;
        assert_eq!(line[key], value, "{key} in {line}");
    }
    let time = |name: &str| {
        let time = line[name].as_f64();
        time.unwrap_or_else(|| panic!("no {name} in {line}"))
    };
    let stages: f64 = STAGES
        .iter()
        .map(|stage| time(&format!("{stage}_ms")))
        .sum();
    // Each is rounded to a tenth.
    assert!(stages <= time("took_ms") + 0.5, "{line}");
    assert!(
        line["timestamp"]
            .as_str()
            .is_some_and(|time| time.ends_with('Z'))
    );
}

#[test]
fn a_refusal_is_told_with_its_outcome() {
    let server = Server::start(&[]);
    server
        .ask(&named("abc-2", "/?seed=1", b"GIF89a"))
        .assert_problem(415, "not-an-image");
    let line = server.wait_for_log("request_id", "abc-2");
    assert_eq!(
        (&line["status"], &line["outcome"]),
        (&415.into(), &"not-an-image".into())
    );
    server
        .ask(&named("abc-3", "/?speed=1", &PORTRAIT))
        .assert_problem(400, "bad-parameter");
    let line = server.wait_for_log("request_id", "abc-3");
    assert_eq!(
        (&line["status"], &line["outcome"]),
        (&400.into(), &"bad-parameter".into())
    );
}

#[test]
fn an_id_that_is_no_plain_word_is_replaced() {
    let server = Server::start(&[]);
    let mut ids = Vec::new();
    for id in ["", "two words", "{\"level\":\"ERROR\"}", &"x".repeat(129)] {
        let answer = server.ask(&named(id, "/", &PORTRAIT)).fine();
        let told = answer.header("x-request-id").unwrap().to_owned();
        assert!(
            told.len() == 32 && told.bytes().all(|byte| byte.is_ascii_hexdigit()),
            "{told}"
        );
        server.wait_for_log("request_id", &told);
        ids.push(told);
    }
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 4);
}

#[test]
fn what_the_picture_shows_and_how_it_is_called_is_not_told() {
    let server = Server::with_env(&[("GLITCH_LOG", "debug"), ("GLITCH_METRICS", "prometheus")]);
    let text = STANDARD.encode(&*PORTRAIT);
    let picture = request(
        "PUT",
        "/secret-name.jpg?recipe=sort,seed=123454321",
        text.as_bytes(),
    );
    server.ask(&picture).fine();
    let broken = text[..text.len() - 9].to_owned() + "*secret*";
    let broken = request("PUT", "/secret-name.jpg", broken.as_bytes());
    server.ask(&broken).assert_problem(422, "malformed");
    server
        .get("/secret-name.jpg")
        .assert_problem(404, "not-found");
    let mut gone = Client::connect(&server);
    gone.send(&broken[..broken.len() / 2]);
    server.wait_for_running(1);
    drop(gone);
    server.wait_for_log("outcome", "incomplete");
    let log = server.log_text() + server.get("/metrics").text();
    for secret in ["secret", &text[..24], &text[1000..1024], "123454321"] {
        assert!(!log.contains(secret), "{secret} in {log}");
    }
}

#[test]
fn the_log_tells_as_much_as_is_asked_for() {
    let lines = |level: &str| {
        let server = Server::with_env(&[("GLITCH_LOG", level)]);
        server.get("/healthz").fine();
        server.get("/version").fine();
        let log = server.log();
        let routes = log.iter().map(|line| line["route"].to_string());
        routes.collect::<Vec<_>>()
    };
    assert_eq!(lines("info"), ["\"/version\""]);
    assert_eq!(lines("debug"), ["\"/healthz\"", "\"/version\""]);
    assert_eq!(lines("error"), [""; 0]);
}

#[test]
fn prometheus_gets_its_counts() {
    let server = Server::with_env(&[("GLITCH_METRICS", "prometheus")]);
    let sent = server.post("seed=1", &PORTRAIT).fine().body.len();
    server
        .post("seed=2&speed=1", &PORTRAIT)
        .assert_problem(400, "bad-parameter");
    server.get("/no/such/path").assert_problem(404, "not-found");
    let answer = server.get("/metrics").fine();
    let kind = answer.header("content-type").unwrap();
    assert!(
        kind.starts_with("application/openmetrics-text; version=1.0.0"),
        "{kind}"
    );
    for line in [
        "glitch_requests_total{route=\"/\",method=\"POST\",status=\"200\"} 1",
        "glitch_requests_total{route=\"/\",method=\"POST\",status=\"400\"} 1",
        "glitch_requests_total{route=\"other\",method=\"GET\",status=\"404\"} 1",
        "glitch_request_duration_seconds_count{route=\"/\"} 2",
        "glitch_requests_in_flight 1",
        &format!("glitch_received_bytes_total {}", 2 * PORTRAIT.len()),
        "glitch_pixels_total{format=\"image/jpeg\"} 262144",
    ] {
        assert!(
            answer.text().lines().any(|each| each == line),
            "{line}\n{}",
            answer.text()
        );
    }
    for stage in STAGES {
        let line = format!("glitch_stage_seconds_total{{stage=\"{stage}\"}} ");
        assert!(answer.text().contains(&line), "{line}");
    }
    let count = answer
        .text()
        .lines()
        .find_map(|line| line.strip_prefix("glitch_sent_bytes_total "));
    assert!(count.unwrap().parse::<usize>().unwrap() > sent);
    assert!(answer.text().ends_with("# EOF\n"));
}

#[test]
fn without_a_wish_nothing_is_counted() {
    let mut server = Server::start(&[]);
    server.get("/metrics").assert_problem(404, "not-found");
    server.signal("-TERM");
    server.wait();
    assert_eq!(server.printed(), "");
}

#[test]
fn embedded_metrics_are_lines_of_json_on_standard_output() {
    let mut server = Server::start(&["--metrics", "embedded"]);
    server.post("", &PORTRAIT).fine();
    server.get("/metrics").assert_problem(404, "not-found");
    server.signal("-TERM");
    assert_eq!(server.wait(), 0);
    let printed = server.printed();
    let lines: Vec<serde_json::Value> = printed
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let told = lines.iter().map(|line| (&line["outcome"], &line["pixels"]));
    let told: Vec<_> = told.collect();
    assert_eq!(
        told,
        [
            (&"ok".into(), &262_144.into()),
            (&"not-found".into(), &0.into())
        ]
    );
    assert!(lines[0]["_aws"]["CloudWatchMetrics"].is_array());
}
