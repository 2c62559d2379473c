//! Every route, status and header of the router, asked without a network.

mod errors;
mod glitching;
mod info;
mod openapi;
mod settings;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode, request};
use glitch::http::{Settings, router};
use http_body_util::BodyExt;
use serde_json::Value;
use tower::ServiceExt;

/// An answer, all there.
#[derive(Debug)]
struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Answer {
    fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value.map_or("", |value| value.to_str().unwrap())
    }

    fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// The body of an answer that went well.
    fn fine(self) -> Vec<u8> {
        assert_eq!(self.status, 200, "{}", String::from_utf8_lossy(&self.body));
        self.body
    }

    /// Checks that it is a problem document with this status and name, and returns its detail.
    fn problem(&self, status: u16, name: &str) -> String {
        assert_eq!(self.status, status, "{}", self.text());
        assert_eq!(self.header("content-type"), "application/problem+json");
        assert_eq!(self.header("cache-control"), "no-store");
        let problem = self.json();
        assert_eq!(problem["type"], format!("/problems/{name}"));
        assert_eq!(problem["status"], status);
        assert!(!problem["title"].as_str().unwrap().is_empty());
        problem["detail"].as_str().unwrap().to_owned()
    }
}

fn server() -> Router {
    router(Settings::default())
}

/// Settings with this one changed, by the name users know.
fn set(name: &str, value: &str) -> Settings {
    let variable = format!("GLITCH_{}", name.replace('-', "_").to_uppercase());
    let get = |asked: &str| (asked == variable).then(|| value.to_owned());
    Settings::default().with_env(get).unwrap()
}

async fn ask(router: &Router, request: Request<Body>) -> Answer {
    let response = router.clone().oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    Answer {
        status: parts.status,
        headers: parts.headers,
        body: body.collect().await.unwrap().to_bytes().to_vec(),
    }
}

/// A request in the making.
fn request(method: &str, path: &str) -> request::Builder {
    Request::builder().method(method).uri(path)
}

async fn get(router: &Router, path: &str) -> Answer {
    ask(router, request("GET", path).body(Body::empty()).unwrap()).await
}

/// As `curl --data-binary` does it.
async fn post(router: &Router, path: &str, body: &[u8]) -> Answer {
    let request = request("POST", path)
        .header("content-type", "application/x-www-form-urlencoded")
        .header("content-length", body.len());
    ask(router, request.body(Body::from(body.to_vec())).unwrap()).await
}

fn fixture(name: &str) -> Vec<u8> {
    let path = format!("{}/fixtures/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}
