//! What is told of each request: its id, a line of log, and counts. Never the picture.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::HttpBody as _;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;

use super::App;
use super::metrics::Event;
use super::problem::Outcome;
use crate::rng::fresh_seed;
use crate::{Format, Glitched};

/// The id of a request, where the front end knows one: an extension of the request.
#[derive(Clone, Debug)]
pub struct RequestId(pub String);

/// What became of a picture: an extension of the answer.
#[derive(Clone, Debug)]
pub(super) struct Account {
    /// Of the request's body.
    pub(super) bytes_in: u64,
    pub(super) format: Format,
    pub(super) pixels: u64,
    /// Each with its name, in the order in which they happened.
    pub(super) stages: [(&'static str, Duration); 7],
}

impl Account {
    /// `bytes_in`: length of the request's body. `before`: how long the body took to arrive, and the wait for a worker.
    pub(super) fn new(glitched: &Glitched, bytes_in: u64, before: (Duration, Duration)) -> Self {
        let timings = glitched.timings;
        Account {
            bytes_in,
            format: glitched.format,
            pixels: u64::from(glitched.size.0) * u64::from(glitched.size.1),
            stages: [
                ("read", before.0),
                ("wait", before.1),
                ("open", timings.open),
                ("edit", timings.edit),
                ("repair", timings.repair),
                ("pack", timings.pack),
                ("verify", timings.verify),
            ],
        }
    }

    /// The value of the header `Server-Timing`, in milliseconds.
    pub(super) fn server_timing(&self) -> String {
        let stages = self.stages.iter();
        let stages: Vec<_> = stages
            .map(|(name, time)| format!("{name};dur={:.1}", milliseconds(*time)))
            .collect();
        stages.join(", ")
    }
}

pub(super) fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const NOSNIFF: HeaderValue = HeaderValue::from_static("nosniff");

/// Sees a request come and its answer go.
pub(super) async fn observe(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let visit = Visit::new(app, &request);
    let id = HeaderValue::from_str(&visit.id);
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert("x-content-type-options", NOSNIFF);
    if let Ok(id) = id {
        headers.insert(X_REQUEST_ID, id);
    }
    visit.end(&response);
    response
}

/// A request that is being answered. Where the client hangs up it is dropped without an answer.
struct Visit {
    app: Arc<App>,
    id: String,
    method: String,
    route: String,
    bytes_in: u64,
    start: Instant,
    ended: bool,
}

impl Visit {
    fn new(app: Arc<App>, request: &Request) -> Self {
        app.metrics.begin();
        let route = request.extensions().get::<MatchedPath>();
        Visit {
            app,
            id: request_id(request),
            method: known_method(request.method().as_str()).to_owned(),
            route: route.map_or("other", MatchedPath::as_str).to_owned(),
            bytes_in: length(request.headers()),
            start: Instant::now(),
            ended: false,
        }
    }

    fn end(mut self, response: &Response) {
        self.ended = true;
        let outcome = response.extensions().get::<Outcome>();
        let outcome = outcome.map_or("ok", |outcome| outcome.0);
        let bytes_out = response.body().size_hint().exact();
        self.tell(&Told {
            status: response.status().as_u16(),
            outcome,
            bytes_out: bytes_out.unwrap_or_default(),
            account: response.extensions().get(),
        });
    }

    fn tell(&self, told: &Told<'_>) {
        let event = Event {
            route: &self.route,
            method: &self.method,
            status: told.status,
            outcome: told.outcome,
            bytes_in: told
                .account
                .map_or(self.bytes_in, |account| account.bytes_in),
            bytes_out: told.bytes_out,
            took: self.start.elapsed(),
            account: told.account,
        };
        self.app.metrics.count(&event);
        log(&self.id, &event);
    }
}

/// What is known of an answer.
struct Told<'a> {
    status: u16,
    outcome: &'static str,
    bytes_out: u64,
    account: Option<&'a Account>,
}

/// What nginx logs where the client closed the connection before the answer.
const CLIENT_CLOSED_REQUEST: u16 = 499;

impl Drop for Visit {
    fn drop(&mut self) {
        if !self.ended {
            self.tell(&Told {
                status: CLIENT_CLOSED_REQUEST,
                outcome: "client-gone",
                bytes_out: 0,
                account: None,
            });
        }
        self.app.metrics.end();
    }
}

/// The front end's, the client's if it is a plain word, or a new one.
fn request_id(request: &Request) -> String {
    if let Some(RequestId(id)) = request.extensions().get() {
        return id.clone();
    }
    let shown = request.headers().get(X_REQUEST_ID);
    let shown = shown.and_then(|value| value.to_str().ok());
    let plain = |id: &&str| {
        let length = (1..=128).contains(&id.len());
        length
            && id
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-_.:/+=".contains(&byte))
    };
    match shown.filter(plain) {
        Some(id) => id.to_owned(),
        None => format!("{:016x}{:016x}", fresh_seed(), fresh_seed()),
    }
}

/// Clients may make up methods, which are not to become labels without end.
fn known_method(method: &str) -> &str {
    match method {
        "GET" | "HEAD" | "POST" | "PUT" | "OPTIONS" => method,
        _ => "other",
    }
}

fn length(headers: &HeaderMap) -> u64 {
    let length = headers.get(axum::http::header::CONTENT_LENGTH);
    let length = length.and_then(|value| value.to_str().ok());
    length
        .and_then(|text| text.parse().ok())
        .unwrap_or_default()
}

/// One line; who only asks whether the server lives is told of at level debug.
fn log(id: &str, event: &Event<'_>) {
    let account = event.account;
    let time = |name: &str| {
        let stage = account?.stages.iter().find(|(each, _)| *each == name);
        stage.map(|(_, time)| tenths(*time))
    };
    macro_rules! line {
        ($level:expr) => {
            tracing::event!(
                target: "glitch",
                $level,
                request_id = id,
                method = event.method,
                route = event.route,
                status = event.status,
                outcome = event.outcome,
                format = account.map(|account| account.format.media_type()),
                pixels = account.map(|account| account.pixels),
                bytes_in = event.bytes_in,
                bytes_out = event.bytes_out,
                read_ms = time("read"),
                wait_ms = time("wait"),
                open_ms = time("open"),
                edit_ms = time("edit"),
                repair_ms = time("repair"),
                pack_ms = time("pack"),
                verify_ms = time("verify"),
                took_ms = tenths(event.took),
                "request"
            )
        };
    }
    match (event.route, event.status) {
        (_, 500) => line!(tracing::Level::ERROR),
        ("/healthz", _) => line!(tracing::Level::DEBUG),
        _ => line!(tracing::Level::INFO),
    }
}

/// Milliseconds, with one digit behind the point.
fn tenths(time: Duration) -> f64 {
    (milliseconds(time) * 10.0).round() / 10.0
}
