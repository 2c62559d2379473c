//! Pictures that are too large for a request, through S3: a form by which the picture gets there,
//! or another recipe for one that is there. `results` answers who asks what came of it.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::App;
use super::body::Rules;
use super::problem::{Kind, Problem};
use super::query;
use super::settings::{self, Settings};
use crate::Recipe;
use crate::rng;
use crate::s3::{self, Bucket, Client, Copy, Failure, Store};

pub(super) const PATH: &str = "/uploads";

/// Where pictures and results are kept.
#[derive(Debug)]
pub(super) struct Uploads {
    pictures: Bucket,
    pub(super) results: Bucket,
    pub(super) max_bytes: usize,
    pub(super) client: Client,
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
pub(super) async fn upload(State(app): State<Arc<App>>, request: Request) -> Response {
    let taken = taken(&app, request).await;
    taken.unwrap_or_else(Problem::into_response)
}

async fn taken(app: &App, request: Request) -> Result<Response, Problem> {
    let uploads = app.settings.uploads.clone();
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
    let pairs = query::pairs(query.as_deref());
    let (recipe, of) = query::upload(&pairs)?;
    let recipe = text(recipe)?;
    let id = rng::unguessable().ok_or_else(Problem::internal)?;
    let id = format!("{id:032x}");
    if let Some(of) = of {
        return copied(uploads, of.to_owned(), (id, recipe)).await;
    }
    let rules = s3::Rules {
        key: &id,
        max_bytes: uploads.max_bytes,
        recipe: &recipe,
    };
    Ok(uploads.told(&rules))
}

/// Has an earlier upload done with another recipe. S3 tells of a copy as of any new object.
async fn copied(
    uploads: Arc<Uploads>,
    of: String,
    (id, recipe): (String, String),
) -> Result<Response, Problem> {
    let result = format!("/results/{}", s3::result_key(&id));
    let told = json!({ "recipe": recipe, "result": result });
    let copied = tokio::task::spawn_blocking(move || {
        let copy = Copy {
            from: &of,
            to: &id,
            recipe: &recipe,
        };
        uploads.client.copy(&uploads.pictures, &copy)
    });
    match copied.await.map_err(|_| Problem::internal())? {
        Ok(true) => Ok(promised(StatusCode::ACCEPTED, (result, &told))),
        Ok(false) => {
            let detail = "there is no such upload, or not any more; send the picture again";
            Err(Problem::new(Kind::NotFound, detail))
        }
        Err(failure) => Err(storage(&failure)),
    }
}

/// An answer that tells where the result will be.
fn promised(status: StatusCode, (result, told): (String, &Value)) -> Response {
    let headers = [
        (header::LOCATION, result),
        (header::CONTENT_TYPE, "application/json".to_owned()),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    (status, headers, told.to_string()).into_response()
}

/// What S3 said is for the log, not for strangers.
pub(super) fn storage(Failure(why): &Failure) -> Problem {
    tracing::error!(target: "glitch", why, "S3 did not answer");
    let detail = "the storage of the pictures did not answer; try again in a second";
    Problem::new(Kind::Storage, detail).with_header(header::RETRY_AFTER, "1")
}

impl Uploads {
    /// Only computes: S3 hears of it when the form is sent.
    fn told(&self, rules: &s3::Rules<'_>) -> Response {
        let form = self.pictures.form(rules, Timestamp::now());
        let result = format!("/results/{}", s3::result_key(rules.key));
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
            "id": rules.key,
            "recipe": rules.recipe,
            "result": result,
            "curl": form.curl(),
        });
        promised(StatusCode::CREATED, (result, &told))
    }

    /// What the page may get at besides the server (Content Security Policy Level 3, 2.3.1).
    pub(super) fn sources(&self) -> String {
        // These two letters end a source.
        let source = |bucket: &Bucket| bucket.address().replace(';', "%3B").replace(',', "%2C");
        format!(" {} {}", source(&self.pictures), source(&self.results))
    }
}

/// The recipe in its text form, with a seed: what is done again makes the same bytes again.
fn text(mut recipe: Recipe) -> Result<String, Problem> {
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

pub(super) fn is_id(text: &str) -> bool {
    let digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    text.len() == 32 && text.bytes().all(digit)
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
        let long = |count| vec!["sort:65536"; count].join(",").parse().unwrap();
        assert!(text(long(100)).is_ok());
        let error = format!("{:?}", text(long(200)).unwrap_err());
        assert!(error.contains("no more than 1900"), "{error}");
    }

    #[test]
    fn a_seed_is_drawn_where_there_is_none() {
        let told = text("filter=up,seed=7".parse().unwrap()).unwrap();
        assert_eq!(told, "classic,filter=up,seed=7");
        let drawn: Recipe = text(Recipe::default()).unwrap().parse().unwrap();
        assert!(drawn.seed.is_some());
    }
}
