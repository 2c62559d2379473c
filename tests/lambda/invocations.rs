//! One process answers event after event.

use glitch::Recipe;
use serde_json::Value;

use super::bootstrap::{Bootstrap, command};
use super::event::Event;
use super::{fixture, photo};

/// What the library makes of it.
fn glitched(picture: &[u8], recipe: &str) -> Vec<u8> {
    let recipe: Recipe = recipe.parse().unwrap();
    glitch::glitch(picture, &recipe).unwrap().bytes
}

#[test]
fn pictures_are_glitched_one_after_another() {
    let mut bootstrap = Bootstrap::start(&[]);
    let pictures = [
        photo(),
        fixture("cat.png"),
        fixture("coffee-restart-rows.jpg"),
    ];
    for (seed, picture) in pictures.iter().enumerate() {
        let answer = bootstrap.invoke(&Event::post(&format!("/?seed={seed}"), picture));
        assert_eq!(answer.status, 200, "{answer:?}");
        assert!(answer.body == glitched(picture, &format!("seed={seed}")));
    }
    // Without a seed the answer tells the one that was drawn.
    let answer = bootstrap.invoke(&Event::post("/", &photo()));
    assert!(answer.body == glitched(&photo(), answer.header("glitch-recipe")));
    println!("from start to first event: {:.1} ms", bootstrap.init_time());
    for name in ["VmRSS", "VmHWM"] {
        let memory = bootstrap.memory(name);
        println!("{name}: {}", memory.as_deref().unwrap_or("not known here"));
    }
    bootstrap.end();
}

#[test]
fn each_event_has_a_line_of_log_and_one_of_metrics() {
    let mut bootstrap = Bootstrap::start(&[]);
    bootstrap.invoke(&Event::post("/?seed=7", &photo()));
    let picture = bootstrap.id();
    bootstrap.invoke(&Event::post("/", b"GIF89a"));
    let gif = bootstrap.id();
    let (lines, err) = bootstrap.end();
    assert_eq!(err, "");
    for (id, status, outcome) in [(picture, 200, "ok"), (gif, 415, "not-an-image")] {
        let mut of_request = lines.iter().filter(|line| line["request_id"] == id);
        let line = of_request.next().unwrap_or_else(|| panic!("{lines:#?}"));
        assert!(of_request.next().is_none(), "{lines:#?}");
        assert_eq!(line["message"], "request");
        assert_eq!(
            (&line["status"], &line["outcome"]),
            (&status.into(), &outcome.into())
        );
        let metrics = |line: &&Value| line["_aws"].is_object() && line["outcome"] == outcome;
        let metrics: Vec<_> = lines.iter().filter(metrics).collect();
        assert_eq!(metrics.len(), 1, "{lines:#?}");
        assert_eq!(metrics[0]["status"], status);
        assert_eq!(metrics[0]["requests"], 1);
    }
    assert_eq!(lines.len(), 4, "{lines:#?}");
}

#[test]
fn problems_are_answers() {
    let mut bootstrap = Bootstrap::start(&[]);
    let mut broken = photo();
    broken.truncate(200);
    for (event, status, name) in [
        (Event::post("/", b"GIF89a"), 415, "not-an-image"),
        (Event::recorded("text-plain", &photo()), 415, "mangled"),
        (Event::post("/", &broken), 422, "malformed"),
        (Event::post("/", b""), 400, "empty"),
        (
            Event::post("/?recipe=molten", &photo()),
            400,
            "bad-parameter",
        ),
    ] {
        bootstrap.invoke(&event).is_problem(status, name);
    }
    bootstrap.end();
}

#[test]
fn an_event_that_is_no_request_is_reported_and_the_next_one_answered() {
    let mut bootstrap = Bootstrap::start(&[]);
    let mut not_base64: Value = serde_json::from_str(&Event::post("/", &photo()).text()).unwrap();
    not_base64["body"] = "*".into();
    let not_base64 = not_base64.to_string();
    let too_long = Event::post(&format!("/{}", "a".repeat(40_000)), b"").text();
    let deep = format!("{{\"version\": {}", "[".repeat(100_000));
    let of_s3 = r#"{"Records": [{"eventSource": "aws:s3", "s3": {"object": {"key": "a.jpg"}}}]}"#;
    for garbage in [
        "{}",
        "[1, 2]",
        "\"hello\"",
        "null",
        "{",
        "",
        of_s3,
        &not_base64,
        &too_long,
        &deep,
    ] {
        let post = bootstrap.send(garbage);
        let garbage = &garbage[..garbage.len().min(500)];
        assert!(post.path.ends_with("/error"), "{garbage}: {}", post.path);
        assert!(post.error_type.is_some(), "{garbage}");
        let error: Value = serde_json::from_slice(&post.body).unwrap();
        assert!(error["errorMessage"].is_string(), "{garbage}: {error}");

        let answer = bootstrap.invoke(&Event::post("/?seed=7", &photo()));
        assert_eq!(answer.status, 200, "{answer:?}");
    }
    bootstrap.end();
}

#[test]
fn settings_come_from_the_environment() {
    let mut bootstrap = Bootstrap::start(&[("GLITCH_TOKEN", "s3cret"), ("GLITCH_METRICS", "off")]);
    let event = Event::post("/?seed=7", &photo());
    bootstrap.invoke(&event).is_problem(401, "unauthorized");
    let answer = bootstrap.invoke(&event.with_header("authorization", "Bearer s3cret"));
    assert_eq!(answer.status, 200, "{answer:?}");
    let (lines, _) = bootstrap.end();
    assert!(
        lines.iter().all(|line| line["_aws"].is_null()),
        "{lines:#?}"
    );
}

#[test]
fn larger_pictures_go_through_s3_where_there_are_buckets() {
    let mut bootstrap = Bootstrap::start(&[
        ("AWS_ACCESS_KEY_ID", "ASIAIOSFODNN7EXAMPLE"),
        ("AWS_SECRET_ACCESS_KEY", "secret"),
        ("AWS_SESSION_TOKEN", "token"),
        ("AWS_REGION", "eu-central-1"),
        ("GLITCH_UPLOAD_BUCKET", "pictures"),
        ("GLITCH_RESULT_BUCKET", "results"),
    ]);
    let answer = bootstrap.invoke(&Event::without_body("POST", "/uploads?seed=7"));
    assert_eq!(answer.status, 201, "{answer:?}");
    let told: Value = serde_json::from_slice(&answer.body).unwrap();
    let url = "https://pictures.s3.eu-central-1.amazonaws.com/";
    assert_eq!(told["upload"]["url"], url);
    assert_eq!(told["upload"]["max_bytes"], 100 << 20);
    assert_eq!(told["result"], answer.header("location"));
    bootstrap.end();
    let mut without = Bootstrap::start(&[]);
    let answer = without.invoke(&Event::without_body("POST", "/uploads"));
    answer.is_problem(404, "not-found");
    without.end();
}

#[test]
fn a_wrong_setting_is_told_at_once() {
    for (variable, value, said) in [
        ("GLITCH_MAX_BYTES", "lots", "GLITCH_MAX_BYTES: a size is"),
        ("GLITCH_TIME_LIMIT", "0", "GLITCH_TIME_LIMIT: seconds from"),
        ("GLITCH_TOKEN", "", "GLITCH_TOKEN has to be"),
        ("GLITCH_UPLOAD_BUCKET", "pictures", "go together"),
    ] {
        // Nobody listens there: it is not to get that far.
        let output = command(&[(variable, value), ("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:9")])
            .output()
            .unwrap();
        let err = String::from_utf8(output.stderr).unwrap();
        assert!(err.contains(said), "{variable}={value}: {err}");
        assert!(!err.contains("panicked"), "{err}");
        assert_eq!(output.status.code(), Some(1), "{err}");
        assert_eq!(output.stdout, b"");
    }
}
