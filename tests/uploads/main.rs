//! Pictures through S3: the router and the worker against a small S3 of the test's own, and against MiniStack where
//! that is installed.

mod batch;
mod copies;
mod event;
#[cfg(unix)]
mod ministack;
#[cfg(unix)]
mod page;
mod program;
mod queue;
mod router;
#[path = "../lambda/runtime_api.rs"]
mod runtime_api;
#[cfg(unix)]
#[path = "../skip/mod.rs"]
mod skip;
mod stand_in;
#[cfg(unix)]
#[path = "../page/tools.rs"]
mod tools;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request};
use glitch::http::Settings;
use glitch::worker::Worker;
use http_body_util::BodyExt;
use serde_json::Value;
use tower::ServiceExt;

fn fixture(name: &str) -> Vec<u8> {
    let path = format!("{}/fixtures/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The variables of a function with two buckets, in an S3 at this address.
fn variables(endpoint: &str) -> Vec<(&'static str, String)> {
    [
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
        ("AWS_SESSION_TOKEN", "a/session+token=="),
        ("AWS_REGION", "us-east-1"),
        ("AWS_ENDPOINT_URL", endpoint),
        ("GLITCH_UPLOAD_BUCKET", "uploads"),
        ("GLITCH_RESULT_BUCKET", "results"),
        ("GLITCH_UPLOAD_MAX_BYTES", "300k"),
    ]
    .map(|(name, value)| (name, value.to_owned()))
    .into()
}

/// Settings from these variables alone.
fn settings(variables: &[(&str, String)]) -> Result<Settings, String> {
    let get = |name: &str| {
        let found = variables.iter().find(|(each, _)| *each == name);
        found.map(|(_, value)| value.clone())
    };
    Settings::default().with_env(get)?.with_uploads(get)
}

/// The key of the result of an upload, as the documentation has it.
fn result_of(key: &str) -> String {
    use sha2::{Digest, Sha256};
    let digest = Sha256::digest(format!("result of {key}"));
    digest[..16]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

fn server(endpoint: &str) -> Router {
    glitch::http::router(settings(&variables(endpoint)).unwrap())
}

fn worker(variables: &[(&str, String)]) -> Worker {
    let get = |name: &str| {
        let found = variables.iter().find(|(each, _)| *each == name);
        found.map(|(_, value)| value.clone())
    };
    Worker::from_env(get).unwrap()
}

/// What the library makes of it.
fn glitched(picture: &[u8], recipe: &str) -> glitch::Glitched {
    glitch::glitch(picture, &recipe.parse().unwrap()).unwrap()
}

/// An answer of the router, all there.
#[derive(Debug)]
struct Answer {
    status: u16,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Answer {
    fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value.map_or("", |value| value.to_str().unwrap())
    }

    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    #[track_caller]
    fn problem(&self, status: u16, name: &str) -> Value {
        assert_eq!(self.status, status, "{self:?}");
        assert_eq!(self.header("content-type"), "application/problem+json");
        assert_eq!(self.header("cache-control"), "no-store");
        let problem = self.json();
        assert_eq!(problem["type"], format!("/problems/{name}"));
        problem
    }
}

async fn ask(router: &Router, method: &str, path: &str, body: &[u8]) -> Answer {
    let request = Request::builder().method(method).uri(path);
    sent(router, request.body(Body::from(body.to_vec())).unwrap()).await
}

/// What is at the path, in this form.
async fn ask_for(router: &Router, path: &str, accept: &str) -> Answer {
    let request = Request::builder().uri(path).header("accept", accept);
    sent(router, request.body(Body::empty()).unwrap()).await
}

async fn sent(router: &Router, request: Request<Body>) -> Answer {
    let (parts, body) = router.clone().oneshot(request).await.unwrap().into_parts();
    Answer {
        status: parts.status.as_u16(),
        headers: parts.headers,
        body: body.collect().await.unwrap().to_bytes().to_vec(),
    }
}

async fn get(router: &Router, path: &str) -> Answer {
    ask(router, "GET", path, b"").await
}
