//! Pictures that are too large for a request, through S3: a form by which the picture gets there,
//! and the answer to who asks for the result. The worker stores it under the same key.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::App;
use super::body::Rules;
use super::problem::{Kind, Outcome, PROBLEM_JSON, PROBLEMS, Problem};
use super::query;
use super::settings::{self, Settings};
use crate::Recipe;
use crate::rng;
use crate::s3::{self, Bucket, CHANGED, Client, Failure, Got, RECIPE, Shown, Store};

pub(super) const PATH: &str = "/uploads";

/// Where pictures and results are kept.
#[derive(Debug)]
pub(super) struct Uploads {
    pictures: Bucket,
    results: Bucket,
    max_bytes: usize,
    client: Client,
}

/// Most bytes of a picture where `GLITCH_UPLOAD_MAX_BYTES` does not tell.
const MAX_BYTES: usize = 100 << 20;

/// How long S3 may take for an answer.
const S3_TIME_LIMIT: Duration = Duration::from_secs(2);

impl Settings {
    /// Lets larger pictures go through S3, where `GLITCH_UPLOAD_BUCKET` and `GLITCH_RESULT_BUCKET`
    /// say so. Who asks S3, and where it is, is told by the variables that Lambda sets.
    ///
    /// # Errors
    /// One is set without the other, or a variable has a value that it cannot have.
    pub fn with_uploads(mut self, get: impl Fn(&str) -> Option<String>) -> Result<Self, String> {
        let buckets = ["GLITCH_UPLOAD_BUCKET", "GLITCH_RESULT_BUCKET"];
        let (pictures, results) = match buckets.map(&get) {
            [None, None] => return Ok(self),
            [Some(pictures), Some(results)] => (pictures, results),
            _ => return Err(format!("{} and {} go together", buckets[0], buckets[1])),
        };
        if pictures == results {
            return Err("pictures and results have to be in two buckets".to_owned());
        }
        let store = Store::from_env(&get)?;
        self.uploads = Some(Arc::new(Uploads {
            pictures: store.bucket(&pictures)?,
            results: store.bucket(&results)?,
            max_bytes: max_bytes(&get)?,
            client: Client::new(S3_TIME_LIMIT),
        }));
        Ok(self)
    }
}

/// Most bytes of a picture in the upload bucket.
pub(crate) fn max_bytes(get: impl Fn(&str) -> Option<String>) -> Result<usize, String> {
    const VARIABLE: &str = "GLITCH_UPLOAD_MAX_BYTES";
    let told = get(VARIABLE).map(|text| settings::bytes(&text));
    let told = told.transpose().map_err(|why| format!("{VARIABLE}: {why}"));
    told.map(|bytes| bytes.unwrap_or(MAX_BYTES))
}

/// `POST /uploads`.
pub(super) async fn form(State(app): State<Arc<App>>, request: Request) -> Response {
    let made = made(&app, request).await;
    made.unwrap_or_else(Problem::into_response)
}

async fn made(app: &App, request: Request) -> Result<Response, Problem> {
    let uploads = app.settings.uploads.as_ref();
    let uploads = uploads.ok_or_else(Problem::internal)?;
    let query = request.uri().query().map(str::to_owned);
    let rules = Rules {
        settings: &app.settings,
        memory: &app.memory,
    };
    if !rules.read(request).await?.bytes.is_empty() {
        let detail = "there is no body here; the picture goes to the address in the answer";
        return Err(Problem::new(Kind::BadParameter, detail));
    }
    let recipe = recipe(query.as_deref())?;
    let id = rng::unguessable().ok_or_else(Problem::internal)?;
    let id = format!("{id:032x}");
    let rules = s3::Rules {
        key: &id,
        max_bytes: uploads.max_bytes,
        recipe: &recipe,
    };
    Ok(uploads.told(&rules))
}

impl Uploads {
    /// Only computes: S3 hears of it when the form is sent.
    fn told(&self, rules: &s3::Rules<'_>) -> Response {
        let form = self.pictures.form(rules, Timestamp::now());
        let result = format!("/results/{}", rules.key);
        let fields: serde_json::Map<_, _> = form
            .fields
            .iter()
            .map(|(name, value)| ((*name).to_owned(), json!(value)))
            .collect();
        let told = json!({
            "upload": {
                "method": "POST",
                "url": form.url,
                "fields": fields,
                "file": "file",
                "max_bytes": self.max_bytes,
                "expires": form.expires.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            },
            "recipe": rules.recipe,
            "result": result,
            "curl": form.curl(),
        });
        let headers = [
            (header::LOCATION, result),
            (header::CONTENT_TYPE, "application/json".to_owned()),
            (header::CACHE_CONTROL, "no-store".to_owned()),
        ];
        (StatusCode::CREATED, headers, told.to_string()).into_response()
    }
}

/// The recipe in its text form, with a seed: what is done again makes the same bytes again.
fn recipe(query: Option<&str>) -> Result<String, Problem> {
    let mut recipe = query::recipe(&query::pairs(query))?;
    recipe.seed.get_or_insert_with(rng::fresh_seed);
    let text = recipe.to_string();
    match text.len() > s3::RECIPE_BYTES {
        true => {
            let detail = format!(
                "the recipe has {} bytes as text; no more than {} can be stored with a picture",
                text.len(),
                s3::RECIPE_BYTES
            );
            Err(Problem::new(Kind::BadParameter, detail))
        }
        false => Ok(text),
    }
}

/// `GET /results/ID`.
pub(super) async fn result(
    State(app): State<Arc<App>>,
    id: Result<Path<String>, PathRejection>,
) -> Response {
    let id = id.ok().map(|Path(id)| id).filter(|id| is_id(id));
    let (Some(uploads), Some(id)) = (app.settings.uploads.clone(), id) else {
        let detail = "no upload has such an id; POST /uploads gives them out";
        return Problem::new(Kind::NotFound, detail).into_response();
    };
    match tokio::task::spawn_blocking(move || uploads.find(&id)).await {
        Ok(Ok(found)) => found.into_response(),
        Ok(Err(Failure(why))) => {
            tracing::error!(target: "glitch", why, "S3 did not answer");
            let detail = "the storage of the results did not answer; try again in a second";
            Problem::new(Kind::Storage, detail)
                .with_header(header::RETRY_AFTER, "1")
                .into_response()
        }
        Err(_) => Problem::internal().into_response(),
    }
}

fn is_id(text: &str) -> bool {
    let digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    text.len() == 32 && text.bytes().all(digit)
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

impl IntoResponse for Found {
    fn into_response(self) -> Response {
        match self {
            Found::Nothing => waiting(),
            Found::Picture { url, about } => see_other(&url, &about),
            Found::Problem { document, bytes } => problem(&document, bytes),
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

/// What the interface has besides where there are buckets.
const OPENAPI: &str = include_str!("uploads.json");

/// The description of the interface with this in it.
pub(super) fn described(document: &str) -> Option<String> {
    let mut document: Value = serde_json::from_str(document).ok()?;
    let more: Value = serde_json::from_str(OPENAPI).ok()?;
    let paths = document["paths"].as_object_mut()?;
    paths.extend(more["paths"].as_object()?.clone());
    serde_json::to_string_pretty(&document).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_given_out_is_an_id() {
        let id = format!("{:032x}", rng::unguessable().unwrap());
        assert!(is_id(&id), "{id}");
        assert_ne!(rng::unguessable(), rng::unguessable());
        for text in [
            "",
            "0123456789abcdef",
            "0123456789ABCDEF0123456789ABCDEF",
            "0123456789abcdef0123456789abcde/",
            "0123456789abcdef0123456789abcdef0",
        ] {
            assert!(!is_id(text), "{text}");
        }
    }

    #[test]
    fn a_recipe_that_does_not_fit_is_refused() {
        let long = |count| format!("recipe={}&seed=7", vec!["sort:65536"; count].join(","));
        assert!(recipe(Some(&long(100))).is_ok());
        let error = format!("{:?}", recipe(Some(&long(200))).unwrap_err());
        assert!(error.contains("no more than 1900"), "{error}");
    }

    #[test]
    fn a_seed_is_drawn_where_there_is_none() {
        assert_eq!(
            recipe(Some("seed=7&filter=up")).unwrap(),
            "classic,filter=up,seed=7"
        );
        let drawn: Recipe = recipe(None).unwrap().parse().unwrap();
        assert!(drawn.seed.is_some());
    }

    #[test]
    fn a_document_of_the_worker_is_answered_with_its_status() {
        let document = json!({ "type": "/problems/malformed", "status": 200 });
        let response = problem(&document, b"{}".to_vec());
        assert_eq!(response.status(), 422);
        let strange = json!({ "type": "/problems/strange", "status": 200 });
        assert_eq!(problem(&strange, b"{}".to_vec()).status(), 500);
    }
}
