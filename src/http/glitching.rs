//! `POST /`: the picture in, the glitched picture out.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use percent_encoding::percent_decode_str;
use sha2::{Digest, Sha256};

use super::App;
use super::body::{self, Held, Rules};
use super::observe::Account;
use super::problem::{Kind, Problem};
use super::query::{self, Wish};
use super::upload::{self, Upload};
use super::work::Done;
use crate::{Glitched, Options, glitch_with, inspect};

/// Answers with the glitched picture.
pub(super) async fn glitch(State(app): State<Arc<App>>, request: Request) -> Response {
    match answer(&app, request).await {
        Ok(response) => response,
        Err(problem) => problem
            .with_uploads(app.settings.uploads_path())
            .into_response(),
    }
}

async fn answer(app: &App, request: Request) -> Result<Response, Problem> {
    let path = percent_decode_str(request.uri().path());
    let path_name = path.decode_utf8_lossy().into_owned();
    let mut pairs = query::pairs(request.uri().query());
    let arrival = arrive(app, request).await?;
    pairs.extend(arrival.upload.fields);
    let wish = query::wish(&pairs)?;
    let seeded = wish.recipe.seed.is_some();
    let limits = app.settings.limits();
    let picture = arrival.upload.picture;
    let done = app.workers.run(move |cancel| {
        let options = Options {
            limits,
            verify: wish.verify,
            cancel: cancel.clone(),
        };
        let Wish { recipe, .. } = wish;
        glitch_with(&upload::decode(picture)?, &recipe, &options).map_err(Problem::from)
    });
    let Done { result, waited } = done.await?;
    let glitched = result?;
    let what = format!("the glitched {}", glitched.format);
    check_size(app, &what, glitched.bytes.len())?;
    let name = arrival.upload.name.unwrap_or(path_name);
    let account = Account::new(&glitched, arrival.bytes, (arrival.took, waited));
    let about = Answered {
        disposition: disposition(&name, &glitched),
        cache: cache(app, seeded),
        account,
    };
    Ok(about.response(glitched, arrival.held))
}

/// A request whose body is there.
struct Arrival {
    upload: Upload,
    /// Of the whole body.
    bytes: u64,
    held: Held,
    took: Duration,
}

async fn arrive(app: &App, request: Request) -> Result<Arrival, Problem> {
    let start = Instant::now();
    if let Err(full) = app.workers.check_room() {
        body::decline(request);
        return Err(full);
    }
    let content_type = request.headers().get(header::CONTENT_TYPE);
    let content_type = content_type.and_then(|value| value.to_str().ok());
    let content_type = content_type.map(str::to_owned);
    let rules = Rules {
        settings: &app.settings,
        memory: &app.memory,
    };
    let received = rules.read(request).await?;
    let bytes = received.bytes.len() as u64;
    let upload = upload::find(content_type.as_deref(), received.bytes).await?;
    Ok(Arrival {
        upload,
        bytes,
        held: received.held,
        took: start.elapsed(),
    })
}

/// What a front end cannot send, it would turn into a bare 500.
fn check_size(app: &App, what: &str, length: usize) -> Result<(), Problem> {
    match app.settings.max_answer {
        Some(limit) if length > limit => {
            let detail = format!(
                "{what} has {length} bytes; no more than {limit} can be sent back from here"
            );
            Err(Problem::new(Kind::AnswerTooLarge, detail).with_limit(limit as u64))
        }
        _ => Ok(()),
    }
}

/// What the answer says besides the picture.
struct Answered {
    disposition: String,
    cache: &'static str,
    account: Account,
}

impl Answered {
    fn response(self, glitched: Glitched, held: Held) -> Response {
        let mut headers = HeaderMap::new();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static(glitched.format.media_type()),
        );
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(self.cache));
        headers.insert(header::CONTENT_LENGTH, glitched.bytes.len().into());
        headers.insert("glitch-seed", glitched.seed.into());
        let mut text = |name: &'static str, text: &str| {
            // All of them are ASCII; a header is left out rather than the answer.
            if let Ok(value) = HeaderValue::from_str(text) {
                headers.insert(name, value);
            }
        };
        text("content-disposition", &self.disposition);
        text("glitch-recipe", &glitched.recipe.to_string());
        if let Some(changed) = glitched.changed {
            text("glitch-changed", &format!("{changed:.4}"));
        }
        text("server-timing", &self.account.server_timing());
        if self.cache != NO_STORE {
            text("etag", &entity_tag(&glitched.bytes));
        }
        let mut response = (headers, body::answer(glitched.bytes, held)).into_response();
        response.extensions_mut().insert(self.account);
        response
    }
}

const NO_STORE: &str = "no-store";

/// With a seed the same request has the same answer for ever; without, never again.
fn cache(app: &App, seeded: bool) -> &'static str {
    match (seeded, &app.settings.token) {
        (false, _) => NO_STORE,
        (true, None) => "public, max-age=31536000, immutable",
        (true, Some(_)) => "private, max-age=31536000, immutable",
    }
}

/// A strong validator (RFC 9110, 8.8.3).
pub(super) fn entity_tag(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    let digits: String = digest[..16]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("\"{digits}\"")
}

/// `photo.png` becomes `photo.glitched.png`; without a name the seed makes one (RFC 6266).
fn disposition(name: &str, glitched: &Glitched) -> String {
    let extension = glitched.format.extension();
    let stem = stem(name);
    let file = match stem.is_empty() {
        true => format!("glitched-{}.{extension}", glitched.seed),
        false => format!("{stem}.glitched.{extension}"),
    };
    format!("inline; filename=\"{file}\"")
}

/// The name without folders, extension and anything but plain letters, for it comes from a
/// stranger and goes into a header and onto a disk.
fn stem(name: &str) -> String {
    let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let plain = |letter: char| match letter {
        letter if letter.is_ascii_alphanumeric() || "-_.".contains(letter) => letter,
        _ => '_',
    };
    let stem: String = stem.chars().take(100).map(plain).collect();
    stem.trim_matches(['.', '_']).to_owned()
}

/// `POST /inspect`: where the headers and the scan data of the picture lie.
pub(super) async fn inspection(State(app): State<Arc<App>>, request: Request) -> Response {
    match inspected(&app, request).await {
        Ok(response) => response,
        Err(problem) => problem.into_response(),
    }
}

async fn inspected(app: &App, request: Request) -> Result<Response, Problem> {
    let query = request.uri().query().map(str::to_owned);
    let arrival = arrive(app, request).await?;
    query::none(&query::pairs(query.as_deref()))?;
    query::none(&arrival.upload.fields)?;
    let picture = arrival.upload.picture;
    let done = app.workers.run(move |_| {
        let layout = inspect(&upload::decode(picture)?)?;
        serde_json::to_vec(&layout).map_err(|_| Problem::internal())
    });
    let json = done.await?.result?;
    check_size(app, "the layout, in quotes,", quoted_len(&json))?;
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CACHE_CONTROL, NO_STORE),
    ];
    Ok((headers, body::answer(json, arrival.held)).into_response())
}

/// Of JSON in a string of JSON, which is how Lambda sends it. It has no control characters.
fn quoted_len(json: &[u8]) -> usize {
    let escaped = |byte: &&u8| matches!(byte, b'"' | b'\\');
    json.len() + json.iter().filter(escaped).count()
}

#[cfg(test)]
mod tests {
    use super::{quoted_len, stem};

    #[test]
    fn json_in_a_string_is_longer() {
        let json = serde_json::to_string(&["a \"quoted\" word", "\\", "\n", "Grüße"]).unwrap();
        let quoted = serde_json::to_string(&json).unwrap();
        assert_eq!(quoted_len(json.as_bytes()) + 2, quoted.len());
    }

    #[test]
    fn a_name_from_a_stranger_becomes_a_plain_one() {
        for (name, plain) in [
            ("photo.png", "photo"),
            ("my photo.v2.png", "my_photo.v2"),
            ("C:\\pictures\\a.jpg", "a"),
            ("../../etc/passwd", "passwd"),
            ("a\"; filename=\"b.exe", "a___filename__b"),
            ("\r\nX: y", "X__y"),
            ("%2e%2e", "2e_2e"),
            ("Grüße.jpg", "Gr__e"),
            ("", ""),
            ("..", ""),
        ] {
            assert_eq!(stem(name), plain, "{name}");
        }
        assert_eq!(stem(&"x".repeat(1000)).len(), 100);
    }
}
