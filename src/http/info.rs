//! What the server tells of itself.

use std::sync::Arc;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::json;

use super::App;
use super::body;
use super::page;
use super::problem::{Kind, PROBLEMS, Problem};
use super::query;
use crate::Catalogue;

const JSON: &str = "application/json";
const TEXT: &str = "text/plain; charset=utf-8";
/// May be kept, but has to be asked for again: it changes with the program.
const NO_CACHE: &str = "no-cache";

/// `GET /`: the page for browsers, a few lines of usage for everyone else.
pub(super) async fn home(State(app): State<Arc<App>>, headers: HeaderMap) -> Response {
    let accept = headers.get(header::ACCEPT);
    let accept = accept
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let mut response = match accept.contains("text/html") {
        true => page::page(&app.settings),
        false => text(usage(&address(&headers))),
    };
    let vary = header::HeaderValue::from_static("accept");
    response.headers_mut().insert(header::VARY, vary);
    response
}

fn text(body: String) -> Response {
    let headers = [
        (header::CONTENT_TYPE, TEXT),
        (header::CACHE_CONTROL, NO_CACHE),
    ];
    (headers, body).into_response()
}

fn json(value: &impl Serialize) -> Response {
    match serde_json::to_vec(value) {
        Ok(body) => {
            let headers = [
                (header::CONTENT_TYPE, JSON),
                (header::CACHE_CONTROL, NO_CACHE),
            ];
            (headers, body).into_response()
        }
        Err(_) => Problem::internal().into_response(),
    }
}

/// Where the client reached this server. Only plain letters: the client makes them up.
fn address(headers: &HeaderMap) -> String {
    let get = |name| {
        headers
            .get(name)
            .and_then(|value: &header::HeaderValue| value.to_str().ok())
    };
    let plain = |host: &&str| {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-.:[]".contains(&byte);
        !host.is_empty() && host.len() < 256 && host.bytes().all(plain)
    };
    let host = get(header::HOST).filter(plain).unwrap_or("localhost:3000");
    let scheme = match get(header::HeaderName::from_static("x-forwarded-proto")) {
        Some("https") => "https",
        _ => "http",
    };
    format!("{scheme}://{host}/")
}

fn usage(url: &str) -> String {
    format!(
        "\
glitch: glitches JPEG and PNG pictures so that they still open everywhere.

  curl -X POST {url} --data-binary @photo.jpg -o glitched.jpg
  curl -X POST '{url}?recipe=sort:400,replace&seed=7' --data-binary @photo.jpg -o glitched.jpg
  curl -F image=@photo.jpg {url} -o glitched.jpg
  curl -T photo.jpg {url} -o glitched.jpg

The answer's headers tell the recipe and the seed that make it again (-D -).
Recipes: {url}recipes    Interface: {url}openapi.json    Page: open {url} in a browser.
"
    )
}

/// `GET /healthz`.
pub(super) async fn health() -> Response {
    json(&json!({ "status": "ok" }))
}

/// `GET /recipes`.
pub(super) async fn recipes(request: Request) -> Response {
    match query::none(&query::pairs(request.uri().query())) {
        Ok(()) => json(&Catalogue::default()),
        Err(problem) => problem.into_response(),
    }
}

/// `GET /version`.
pub(super) async fn version(State(app): State<Arc<App>>) -> Response {
    let mut told = json!({
        "name": env!("CARGO_PKG_NAME"),
        "version": env!("CARGO_PKG_VERSION"),
        "limits": {
            "bytes": app.settings.max_bytes,
            "pixels": app.settings.max_pixels,
            "seconds": app.settings.time_limit.as_secs_f64(),
        },
    });
    let uploads = app.settings.uploads_path().zip(app.settings.upload_bytes());
    if let Some((path, bytes)) = uploads {
        told["uploads"] = json!({ "path": path, "bytes": bytes });
    }
    json(&told)
}

/// The interface, in OpenAPI 3.1.
pub(super) const OPENAPI: &str = include_str!("openapi.json");

/// `GET /openapi.json`.
pub(super) async fn openapi(State(app): State<Arc<App>>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, JSON),
        (header::CACHE_CONTROL, NO_CACHE),
    ];
    match app.settings.uploads_path() {
        #[cfg(feature = "s3")]
        Some(_) => match super::uploads::described(OPENAPI) {
            Some(described) => (headers, described).into_response(),
            None => Problem::internal().into_response(),
        },
        _ => (headers, OPENAPI).into_response(),
    }
}

/// `GET /problems/NAME`: what a problem means, in words.
pub(super) async fn problem(name: Result<Path<String>, PathRejection>) -> Response {
    // What is not UTF-8 is no name either.
    let name = name.map_or_else(|_| String::new(), |Path(name)| name);
    match PROBLEMS.iter().find(|about| about.name == name) {
        Some(about) => text(format!(
            "{} ({})\n\n{}\n",
            about.title,
            about.status.as_u16(),
            about.about
        )),
        None => nothing_here().await.into_response(),
    }
}

/// `GET /metrics`.
pub(super) async fn metrics(State(app): State<Arc<App>>) -> Response {
    const OPENMETRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    match app.metrics.text() {
        Some(body) => ([(header::CONTENT_TYPE, OPENMETRICS)], body).into_response(),
        None => nothing_here().await.into_response(),
    }
}

/// Any other path.
pub(super) async fn nothing_here() -> Problem {
    let detail = "there is nothing at this path; GET /openapi.json tells what there is";
    Problem::new(Kind::NotFound, detail)
}

/// A path that does not take the method. The router adds the header `Allow`.
pub(super) async fn not_done_here(request: Request) -> Problem {
    body::decline(request);
    let detail = "this path does not take the method; the header Allow tells which it takes";
    Problem::new(Kind::MethodNotAllowed, detail)
}

/// What an unexpected panic is answered with.
pub(super) fn panicked(_: Box<dyn std::any::Any + Send>) -> Response {
    tracing::error!(target: "glitch", "a request handler panicked");
    Problem::internal().into_response()
}
