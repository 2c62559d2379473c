//! What the server tells of itself.

use axum::body::Body;
use serde_json::json;

use super::{ask, fixture, get, request, server};

#[tokio::test]
async fn browsers_get_the_page_and_others_a_few_lines() {
    let server = server();
    let accept = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
    let browser = request("GET", "/").header("accept", accept);
    let page = ask(&server, browser.body(Body::empty()).unwrap()).await;
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    assert_eq!(page.header("vary"), "accept");
    assert!(page.text().starts_with("<!doctype html>"));
    let policy = page.header("content-security-policy");
    assert!(
        policy.starts_with("default-src 'none'; script-src 'sha256-"),
        "{policy}"
    );
    assert!(!policy.contains("unsafe"), "{policy}");

    let curl = request("GET", "/")
        .header("accept", "*/*")
        .header("host", "glitch.example:8080");
    let usage = ask(&server, curl.body(Body::empty()).unwrap()).await;
    assert_eq!(usage.header("content-type"), "text/plain; charset=utf-8");
    let line = "curl -X POST http://glitch.example:8080/ --data-binary @photo.jpg -o glitched.jpg";
    assert!(usage.text().contains(line), "{}", usage.text());
}

#[tokio::test]
async fn a_host_that_is_none_is_not_repeated() {
    let odd = request("GET", "/").header("host", "a<script>");
    let usage = ask(&server(), odd.body(Body::empty()).unwrap()).await;
    assert!(!usage.text().contains("script"), "{}", usage.text());
}

#[tokio::test]
async fn health_version_recipes_and_sample() {
    let server = server();
    assert_eq!(
        get(&server, "/healthz").await.json(),
        json!({ "status": "ok" })
    );
    let version = get(&server, "/version").await.json();
    assert_eq!(version["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(
        version["limits"],
        json!({ "bytes": 64 << 20, "pixels": 50_000_000, "seconds": 25.0 })
    );
    let sample = get(&server, "/sample.jpg").await;
    assert_eq!(sample.header("content-type"), "image/jpeg");
    assert_eq!(sample.fine(), fixture("portrait.jpg"));
}

#[tokio::test]
async fn recipes_lists_every_preset_pass_and_range() {
    let told = get(&server(), "/recipes").await.json();
    assert_eq!(
        told,
        serde_json::to_value(glitch::Catalogue::default()).unwrap()
    );
    let names = |list: &str| -> Vec<String> {
        let list = told[list].as_array().unwrap().iter();
        list.map(|entry| entry["name"].as_str().unwrap().to_owned())
            .collect()
    };
    let presets: Vec<_> = glitch::PRESETS.iter().map(|preset| preset.name).collect();
    assert_eq!(names("presets"), presets);
    let kinds: Vec<_> = glitch::Pass::kinds().iter().map(|kind| kind.name).collect();
    assert_eq!(names("passes"), kinds);
    assert_eq!(
        names("settings"),
        [
            "filter",
            "deflate",
            "amount",
            "reach",
            "region",
            "protect",
            "channels",
            "scans",
            "alpha",
            "strip",
            "thumbnail",
            "seed"
        ]
    );
    // What is told is what is taken.
    for pass in told["passes"].as_array().unwrap() {
        for param in pass["params"].as_array().unwrap() {
            let words = param["values"].as_array().cloned();
            let numbers = ["min", "max", "default"].map(|end| param[end].clone());
            for value in words.unwrap_or(numbers.to_vec()) {
                let text = format!(
                    "{}:{}={}",
                    pass["name"].as_str().unwrap(),
                    param["name"].as_str().unwrap(),
                    value.as_str().map_or(value.to_string(), str::to_owned)
                );
                text.parse::<glitch::Recipe>().unwrap();
            }
        }
    }
    for setting in told["settings"].as_array().unwrap() {
        for value in setting["values"].as_array().into_iter().flatten() {
            let text = format!(
                "{}={}",
                setting["name"].as_str().unwrap(),
                value.as_str().unwrap()
            );
            text.parse::<glitch::Recipe>().unwrap();
        }
    }
}

#[tokio::test]
async fn every_answer_has_a_content_type_and_a_request_id() {
    let server = server();
    for (method, path) in [
        ("GET", "/"),
        ("HEAD", "/"),
        ("POST", "/"),
        ("PUT", "/a.jpg"),
        ("DELETE", "/"),
        ("GET", "/healthz"),
        ("GET", "/recipes"),
        ("GET", "/version"),
        ("GET", "/openapi.json"),
        ("GET", "/sample.jpg"),
        ("GET", "/problems/full"),
        ("GET", "/nothing"),
        ("POST", "/inspect"),
    ] {
        let answer = ask(&server, request(method, path).body(Body::empty()).unwrap()).await;
        assert!(!answer.header("content-type").is_empty(), "{method} {path}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        let id = answer.header("x-request-id");
        assert!(
            id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit()),
            "{id}"
        );
    }
}

#[tokio::test]
async fn a_plain_request_id_is_kept_and_any_other_replaced() {
    let long = "x".repeat(129);
    for (sent, kept) in [
        ("build-17/photo_3", true),
        ("", false),
        ("a b", false),
        (long.as_str(), false),
    ] {
        let request = request("GET", "/healthz").header("x-request-id", sent);
        let answer = ask(&server(), request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.header("x-request-id") == sent, kept, "{sent}");
    }
}
