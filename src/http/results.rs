//! What came of a picture that went through S3. The worker stores it under a key that follows from
//! the picture's, and does not tell it.

use std::sync::Arc;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::App;
use super::problem::{Kind, Outcome, PROBLEM_JSON, PROBLEMS, Problem};
use super::uploads::{Uploads, is_id, storage};
use crate::Recipe;
use crate::s3::{CHANGED, Failure, Got, RECIPE, Shown};

/// `GET /results/ID`.
pub(super) async fn result(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    id: Result<Path<String>, PathRejection>,
) -> Response {
    let id = id.ok().map(|Path(id)| id).filter(|id| is_id(id));
    let mut response = match found(&app, id).await {
        Ok(found) => found.told(form(&headers)),
        Err(problem) => problem.into_response(),
    };
    let vary = HeaderValue::from_static("accept");
    response.headers_mut().insert(header::VARY, vary);
    response
}

async fn found(app: &App, id: Option<String>) -> Result<Found, Problem> {
    let (Some(uploads), Some(id)) = (app.settings.uploads.clone(), id) else {
        let detail = "no upload has such an id; POST /uploads gives them out";
        return Err(Problem::new(Kind::NotFound, detail));
    };
    let found = tokio::task::spawn_blocking(move || uploads.find(&id)).await;
    let found = found.map_err(|_| Problem::internal())?;
    found.map_err(|failure| storage(&failure))
}

/// How the answer is to come.
#[derive(Clone, Copy)]
enum Form {
    /// The client is sent on to the picture.
    Redirect,
    /// The address in a document: a page that follows a redirect never sees its headers.
    Json,
}

fn form(headers: &HeaderMap) -> Form {
    match text(headers, "accept") {
        Some(accept) if accept.contains("application/json") => Form::Json,
        _ => Form::Redirect,
    }
}

/// What there is for an id.
enum Found {
    Nothing,
    Picture { url: String, about: HeaderMap },
    Problem { document: Value, bytes: Vec<u8> },
}

/// Far more than a problem document has.
const DOCUMENT: usize = 64 << 10;

impl Uploads {
    fn find(&self, id: &str) -> Result<Found, Failure> {
        if let Some(about) = self.client.head(&self.results, id)? {
            let url = self.shown(id, &about);
            return Ok(Found::Picture { url, about });
        }
        match self
            .client
            .get(&self.results, &format!("{id}.json"), DOCUMENT)?
        {
            Got::Missing => Ok(Found::Nothing),
            Got::TooLarge => Err(Failure("a problem document is too large".to_owned())),
            Got::Object { bytes, .. } => match serde_json::from_slice(&bytes) {
                Ok(document) => Ok(Found::Problem { document, bytes }),
                Err(why) => Err(Failure(format!("a problem document is none: {why}"))),
            },
        }
    }

    fn shown(&self, id: &str, about: &HeaderMap) -> String {
        let (content_type, extension) = match text(about, "content-type") {
            Some("image/png") => ("image/png", "png"),
            _ => ("image/jpeg", "jpg"),
        };
        let name = seed(about).map_or_else(|| id.to_owned(), |seed| seed.to_string());
        let disposition = format!("inline; filename=\"glitched-{name}.{extension}\"");
        let shown = Shown {
            content_type,
            disposition: &disposition,
        };
        self.results.shown(id, &shown).into()
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

fn seed(about: &HeaderMap) -> Option<u64> {
    let recipe: Recipe = text(about, RECIPE)?.parse().ok()?;
    recipe.seed
}

impl Found {
    fn told(self, form: Form) -> Response {
        match (self, form) {
            (Found::Nothing, _) => waiting(),
            (Found::Picture { url, about }, Form::Redirect) => see_other(&url, &about),
            (Found::Picture { url, about }, Form::Json) => done(&url, &about),
            (Found::Problem { document, bytes }, _) => problem(&document, bytes),
        }
    }
}

const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");

fn waiting() -> Response {
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CACHE_CONTROL, "no-store"),
        (header::RETRY_AFTER, "2"),
    ];
    let told = json!({ "status": "waiting" });
    (StatusCode::ACCEPTED, headers, told.to_string()).into_response()
}

/// What the headers of the redirect tell. The seed is text: JavaScript has no numbers of 64 bits.
fn done(url: &str, about: &HeaderMap) -> Response {
    let changed = text(about, CHANGED).and_then(|text| text.parse::<f64>().ok());
    let told = json!({
        "status": "done",
        "url": url,
        "recipe": text(about, RECIPE),
        "seed": seed(about).map(|seed| seed.to_string()),
        "changed": changed,
    });
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (headers, told.to_string()).into_response()
}

/// RFC 9110, 15.4.4: any client gets the picture from there.
fn see_other(url: &str, about: &HeaderMap) -> Response {
    let mut headers = HeaderMap::new();
    headers.insert(header::CACHE_CONTROL, NO_STORE);
    if let Ok(url) = HeaderValue::from_str(url) {
        headers.insert(header::LOCATION, url);
    }
    for (name, from) in [("glitch-recipe", RECIPE), ("glitch-changed", CHANGED)] {
        if let Some(value) = about.get(from) {
            headers.insert(HeaderName::from_static(name), value.clone());
        }
    }
    if let Some(seed) = seed(about) {
        headers.insert("glitch-seed", seed.into());
    }
    (StatusCode::SEE_OTHER, headers).into_response()
}

/// The document as the worker left it.
fn problem(document: &Value, bytes: Vec<u8>) -> Response {
    let name = document["type"].as_str().unwrap_or_default();
    let name = name.strip_prefix("/problems/").unwrap_or_default();
    let Some(about) = PROBLEMS.iter().find(|about| about.name == name) else {
        return Problem::internal().into_response();
    };
    let mut response = (about.status, bytes).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
    headers.insert(header::CACHE_CONTROL, NO_STORE);
    response.extensions_mut().insert(Outcome(about.name));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_of_the_worker_is_answered_with_its_status() {
        let document = json!({ "type": "/problems/malformed", "status": 200 });
        let response = problem(&document, b"{}".to_vec());
        assert_eq!(response.status(), 422);
        let strange = json!({ "type": "/problems/strange", "status": 200 });
        assert_eq!(problem(&strange, b"{}".to_vec()).status(), 500);
    }
}
