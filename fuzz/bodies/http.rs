//! A request to the router, from its first line to the last byte of its body.

use std::convert::Infallible;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, Method, Request, Response, Uri, header};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use glitch::http::{Metrics, Settings, router};
use glitch::{Format, Recipe};
use http_body_util::BodyExt;
use tokio::runtime::{Builder, Runtime};
use tower::ServiceExt;

use super::{judge, s3};

/// Method and path; where the path ends with `*`, words of the input follow.
const ROUTES: [(&str, &str); 20] = [
    ("POST", "/?*"),
    ("POST", "/"),
    ("PUT", "/*"),
    ("POST", "/inspect"),
    ("POST", "/inspect?*"),
    ("GET", "/"),
    ("GET", "/recipes?*"),
    ("GET", "/version"),
    ("GET", "/healthz"),
    ("GET", "/openapi.json"),
    ("GET", "/problems/*"),
    ("GET", "/sample.jpg"),
    ("GET", "/metrics"),
    ("POST", "/uploads?*"),
    ("POST", "/uploads?of=0123456789abcdef0123456789abcdef&*"),
    ("GET", "/results/0123456789abcdef0123456789abcdef"),
    ("GET", "/results/*"),
    ("OPTIONS", "/"),
    ("HEAD", "/*"),
    ("DELETE", "/*"),
];

const BOUNDARY: &str = "b0undary";

const TYPES: [&str; 8] = [
    "application/x-www-form-urlencoded",
    "image/jpeg",
    "multipart/form-data; boundary=b0undary",
    "multipart/form-data",
    "multipart/form-data; boundary=\"\"",
    "application/json",
    "text/plain; charset=utf-16",
    "multipart/mixed; boundary=--",
];

/// The statuses of docs/http.md. 500 is a bug.
const STATUSES: [u16; 14] = [
    200, 201, 202, 303, 400, 401, 404, 405, 408, 413, 415, 422, 503, 504,
];

/// The first bytes choose the route, the content type, how the picture is wrapped and what else is in the header;
/// up to the first line break stand the words for the path, and behind it the picture.
pub fn http(data: &[u8]) {
    let Some((&[route, content_type, wrapping, more], rest)) = data.split_first_chunk() else {
        return;
    };
    let end = rest.iter().position(|byte| *byte == b'\n');
    let (words, picture) = rest.split_at(end.unwrap_or(0));
    let picture = picture.strip_prefix(b"\n").unwrap_or(picture);
    let (method, path) = ROUTES[usize::from(route) % ROUTES.len()];
    let path = match path.strip_suffix('*') {
        Some(path) => format!("{path}{}", String::from_utf8_lossy(words)),
        None => path.to_owned(),
    };
    // What is no address does not come this far: hyper answers it.
    let (Ok(method), Ok(uri)) = (method.parse::<Method>(), path.parse::<Uri>()) else {
        return;
    };
    s3::answer_with(s3::Reply {
        status: [200, 404, 403, 500][usize::from(more >> 6)],
        recipe: String::from_utf8_lossy(words).into_owned(),
        body: picture.to_vec(),
    });
    let (body, is_form) = wrapped(wrapping, words, picture);
    let mut request = Request::new(sent(&body, more));
    *request.method_mut() = method.clone();
    *request.uri_mut() = uri;
    let headers = request.headers_mut();
    let content_type = match is_form {
        true => TYPES[2],
        false => TYPES[usize::from(content_type) % TYPES.len()],
    };
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    if more & 2 != 0 {
        headers.insert(header::CONTENT_LENGTH, body.len().into());
    }
    for (bit, name) in [
        (4, "accept"),
        (8, "x-request-id"),
        (16, "authorization"),
        (32, "host"),
    ] {
        if let (true, Ok(value)) = (more & bit != 0, HeaderValue::from_bytes(words)) {
            headers.insert(name, value);
        }
    }
    let answer = ask(request);
    assert_documented(&answer, &method, data);
    let carries = wrapping % 8 < 5 && Format::sniff(picture).is_ok();
    if carries && answer.status() == 200 && answer.headers().contains_key("glitch-recipe") {
        assert_sound(picture, &answer);
    }
}

/// All at once, or in pieces of every length.
fn sent(body: &[u8], more: u8) -> Body {
    match more & 1 {
        0 => Body::from(body.to_vec()),
        _ => {
            let pieces = body.chunks(body.len() / 5 + 1).map(Bytes::copy_from_slice);
            let pieces: Vec<_> = pieces.map(Ok::<_, Infallible>).collect();
            Body::from_stream(futures_util::stream::iter(pieces))
        }
    }
}

/// The body, and whether it is a form.
fn wrapped(wrapping: u8, words: &[u8], picture: &[u8]) -> (Vec<u8>, bool) {
    let plain = |text: String| (text.into_bytes(), false);
    match wrapping % 8 {
        1 => plain(STANDARD.encode(picture)),
        2 => plain(format!(
            "data:image/png;base64,{}",
            URL_SAFE_NO_PAD.encode(picture)
        )),
        3 => (form(&[("image", Some("a/b.png"), picture)]), true),
        4 => (
            form(&[("recipe", None, words), ("file", Some(""), picture)]),
            true,
        ),
        // The picture is then words of a field, of a form, or of a URL in a URL.
        5 => (
            form(&[("seed", None, picture), ("image", None, words)]),
            true,
        ),
        6 => (picture.to_vec(), true),
        7 => plain(format!(
            "data:;base64,{}",
            STANDARD.encode([b"data:;base64,", picture].concat())
        )),
        _ => (picture.to_vec(), false),
    }
}

/// A name, the name of a file, and what is in it.
type Field<'a> = (&'a str, Option<&'a str>, &'a [u8]);

fn form(fields: &[Field<'_>]) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, file, bytes) in fields {
        let file = file.map_or_else(String::new, |file| format!("; filename=\"{file}\""));
        let head = format!(
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n"
        );
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(bytes);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(format!("--{BOUNDARY}--\r\n").as_bytes());
    body
}

/// Everything that a server may have, and small limits.
fn settings() -> Settings {
    let mut settings = Settings::default();
    settings.max_bytes = 1 << 20;
    settings.max_pixels = 1 << 18;
    settings.metrics = Metrics::Prometheus;
    settings.cors_origins = vec![HeaderValue::from_static("https://a.example")];
    settings
        .with_uploads(s3::variable)
        .expect("the variables are right")
}

/// What a router answered, all there.
pub type Answer = Response<Bytes>;

/// Asks the router of [`settings`].
fn ask(request: Request<Body>) -> Answer {
    thread_local! {
        static SERVER: Server = Server::new(settings());
    }
    SERVER.with(|server| server.ask(request))
}

/// A router, and what it runs on.
pub struct Server {
    router: Router,
    runtime: Runtime,
}

impl Server {
    pub fn new(settings: Settings) -> Self {
        let runtime = Builder::new_current_thread().enable_all().build();
        Server {
            router: router(settings),
            runtime: runtime.expect("a thread can be had"),
        }
    }

    pub fn ask(&self, request: Request<Body>) -> Answer {
        self.runtime.block_on(async {
            let answer = self.router.clone().oneshot(request).await;
            let (parts, body) = answer.expect("a router never fails").into_parts();
            let body = body.collect().await.expect("it is all in memory");
            Response::from_parts(parts, body.to_bytes())
        })
    }
}

/// The status is one of docs/http.md, an error is a problem document, and neither tells of the inside. `data` is all
/// that the words in it may come from.
pub fn assert_documented(answer: &Answer, method: &Method, data: &[u8]) {
    let (status, body) = (answer.status().as_u16(), answer.body());
    assert!(STATUSES.contains(&status), "{status}: {body:?}");
    assert!(answer.headers().contains_key("x-request-id"));
    if status < 400 || method == Method::HEAD {
        return;
    }
    assert!(answer.headers()[header::CONTENT_TYPE] == "application/problem+json");
    let problem: serde_json::Value = serde_json::from_slice(body).expect("it is JSON");
    let text = |name: &str| problem[name].as_str().unwrap_or_default().to_owned();
    assert!(problem["status"] == status, "{problem}");
    assert!(text("type").starts_with("/problems/"), "{problem}");
    assert!(
        !text("title").is_empty() && !text("detail").is_empty(),
        "{problem}"
    );
    super::assert_is_for_strangers(&text("detail"), data);
}

/// A glitched picture is of the kind that it is said to be, comes out of its recipe again, and the oracle takes it.
pub fn assert_sound(picture: &[u8], answer: &Answer) {
    let header = |name: &str| {
        let value = answer.headers().get(name);
        let value = value.and_then(|value| value.to_str().ok());
        value.expect("an answer has all of its headers")
    };
    let bytes = answer.body();
    let format = Format::sniff(bytes).expect("a picture was promised");
    assert!(header("content-type") == format.media_type());
    let recipe: Recipe = header("glitch-recipe").parse().expect("it is one");
    assert!(recipe.seed.map(|seed| seed.to_string()).as_deref() == Some(header("glitch-seed")));
    let again = glitch::glitch(picture, &recipe).expect("it was glitched before");
    assert!(again.bytes == bytes[..], "{recipe} gave other bytes");
    if let Err(why) = judge::judge(picture, &Ok(again)) {
        panic!("{recipe}: {why}");
    }
}
