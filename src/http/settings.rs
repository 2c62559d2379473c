//! What the server may be told, with one set of defaults for flags and environment variables.

use std::fmt;
use std::num::NonZeroUsize;
use std::time::Duration;

use axum::http::HeaderValue;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::Limits;
use crate::size;

/// How the router and the server behave. [`SETTINGS`] lists what users may change, and how it is
/// called.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Settings {
    /// Most bytes of a request body.
    pub max_bytes: usize,
    /// Most pixels that the header of a picture may claim.
    pub max_pixels: u64,
    /// Most bytes of an answer. `None`: no limit.
    pub max_answer: Option<usize>,
    /// Most bytes of requests and answers held in memory, all connections together.
    pub max_memory: usize,
    /// How many pictures are worked on at once.
    pub workers: usize,
    /// How many requests may wait for a worker.
    pub queue: usize,
    /// From the last byte of a request to the answer, waiting included.
    pub time_limit: Duration,
    /// For all bytes of the request's header, and between two requests of a connection.
    pub header_timeout: Duration,
    /// For all bytes of the request's body.
    pub body_timeout: Duration,
    /// The longest that a client may neither send a byte of its body nor take one of the answer.
    pub stall_timeout: Duration,
    /// How long requests may go on after the server was told to stop.
    pub drain_time: Duration,
    /// Most TCP connections at once; more wait to be accepted.
    pub connections: usize,
    /// The origins whose pages may use the server; none: those pages may not.
    pub cors_origins: Vec<HeaderValue>,
    /// Where counts go.
    pub metrics: Metrics,
    /// What a client has to show. `None`: nothing.
    pub token: Option<Token>,
    /// How larger pictures come. `None`: not at all.
    #[cfg(feature = "s3")]
    pub(super) uploads: Option<std::sync::Arc<super::uploads::Uploads>>,
}

/// Where the counts of requests, times and bytes go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Metrics {
    /// Nowhere.
    #[default]
    Off,
    /// `GET /metrics`, in the text form of Prometheus.
    Prometheus,
    /// A line of log for each request in the CloudWatch embedded metric format.
    Embedded,
}

impl Default for Settings {
    /// For a server of one's own.
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
        Settings {
            max_bytes: 64 << 20,
            max_pixels: 50_000_000,
            max_answer: None,
            max_memory: 512 << 20,
            workers: cores,
            queue: 32,
            time_limit: Duration::from_secs(25),
            header_timeout: Duration::from_secs(10),
            body_timeout: Duration::from_secs(60),
            stall_timeout: Duration::from_secs(10),
            drain_time: Duration::from_secs(30),
            // With room for what else is open: many systems allow a process 1024 files.
            connections: 1000,
            cors_origins: Vec::new(),
            metrics: Metrics::Off,
            token: None,
            #[cfg(feature = "s3")]
            uploads: None,
        }
    }
}

/// What Lambda takes as the answer to one event, in bytes of JSON, less room for the headers.
const LAMBDA_ANSWER_JSON: usize = (6 << 20) - (64 << 10);

impl Settings {
    /// For AWS Lambda: one request at a time, and as many bytes as fit into an event once they
    /// are base64.
    pub fn lambda() -> Self {
        Settings {
            max_bytes: 4_700_000,
            max_answer: Some(LAMBDA_ANSWER_JSON / 4 * 3),
            workers: 1,
            // The work of an earlier event that ran out of time may still be about to stop.
            queue: 1,
            metrics: Metrics::Embedded,
            ..Settings::default()
        }
    }

    /// Takes over what the environment tells: each of [`SETTINGS`] by its
    /// [`variable`](Setting::variable), and `GLITCH_TOKEN`.
    ///
    /// # Errors
    /// A variable has a value that it cannot have.
    pub fn with_env(mut self, get: impl Fn(&str) -> Option<String>) -> Result<Self, String> {
        for setting in SETTINGS {
            let variable = setting.variable();
            if let Some(value) = get(&variable) {
                (setting.set)(&mut self, &value).map_err(|why| format!("{variable}: {why}"))?;
            }
        }
        self.with_token(get(TOKEN_VARIABLE).as_deref())
    }

    /// Sets the bearer token, as `GLITCH_TOKEN` has it.
    ///
    /// # Errors
    /// It is empty or has bytes that cannot be in a header: nobody could show it.
    pub fn with_token(mut self, token: Option<&str>) -> Result<Self, String> {
        self.token = token.map(Token::new).transpose()?;
        Ok(self)
    }

    /// The path that takes pictures that are too large for a request.
    pub(super) fn uploads_path(&self) -> Option<&'static str> {
        #[cfg(feature = "s3")]
        return self.uploads.as_ref().map(|_| super::uploads::PATH);
        #[cfg(not(feature = "s3"))]
        None
    }

    /// Most bytes of a picture that goes that way.
    pub(super) fn upload_bytes(&self) -> Option<usize> {
        #[cfg(feature = "s3")]
        return self.uploads.as_ref().map(|uploads| uploads.max_bytes);
        #[cfg(not(feature = "s3"))]
        None
    }

    /// Where the page has to get at besides this server, as sources of its policy.
    pub(super) fn page_sources(&self) -> String {
        #[cfg(feature = "s3")]
        return self
            .uploads
            .as_ref()
            .map_or_else(String::new, |uploads| uploads.sources());
        #[cfg(not(feature = "s3"))]
        String::new()
    }

    /// The library's limits.
    pub(super) fn limits(&self) -> Limits {
        Limits {
            bytes: self.max_bytes,
            pixels: self.max_pixels,
        }
    }
}

/// The variable that holds the token. There is no flag for it: every user of a machine sees the
/// flags of its processes.
pub const TOKEN_VARIABLE: &str = "GLITCH_TOKEN";

/// Something users may change, as a flag of `glitch serve` or an environment variable.
#[derive(Debug)]
pub struct Setting {
    /// The flag, without its dashes.
    pub name: &'static str,
    /// What stands for the value in a usage text.
    pub value: &'static str,
    /// What it means.
    pub about: &'static str,
    set: fn(&mut Settings, &str) -> Result<(), String>,
    get: fn(&Settings) -> String,
}

impl Setting {
    /// The name of the environment variable, such as `GLITCH_MAX_BYTES`.
    pub fn variable(&self) -> String {
        format!("GLITCH_{}", self.name.replace('-', "_").to_uppercase())
    }

    /// Its value in `settings`, in a form that [`set`](Setting::set) reads.
    pub fn get(&self, settings: &Settings) -> String {
        (self.get)(settings)
    }

    /// Sets it.
    ///
    /// # Errors
    /// What may be said instead.
    pub fn set(&self, settings: &mut Settings, value: &str) -> Result<(), String> {
        (self.set)(settings, value)
    }
}

/// Everything users may change, in the order in which it is listed.
pub static SETTINGS: &[Setting] = &[
    Setting {
        name: "max-bytes",
        value: "SIZE",
        about: "Most bytes of a request body, such as 20M or 64MiB",
        set: |settings, text| bytes(text).map(|size| settings.max_bytes = size),
        get: |settings| shown(settings.max_bytes),
    },
    Setting {
        name: "max-pixels",
        value: "SIZE",
        about: "Most pixels that a picture may claim to have, such as 50M",
        set: |settings, text| size::parse_size(text).map(|size| settings.max_pixels = size),
        get: |settings| settings.max_pixels.to_string(),
    },
    Setting {
        name: "max-memory",
        value: "SIZE",
        about: "Most bytes of requests and answers held at once, all connections together",
        set: |settings, text| bytes(text).map(|size| settings.max_memory = size),
        get: |settings| shown(settings.max_memory),
    },
    Setting {
        name: "workers",
        value: "N",
        about: "How many pictures are worked on at once",
        set: |settings, text| count(text, 1).map(|count| settings.workers = count),
        get: |settings| settings.workers.to_string(),
    },
    Setting {
        name: "queue",
        value: "N",
        about: "How many requests may wait for a worker; more are answered 503 at once",
        set: |settings, text| count(text, 0).map(|count| settings.queue = count),
        get: |settings| settings.queue.to_string(),
    },
    Setting {
        name: "time-limit",
        value: "SECONDS",
        about: "From the last byte of a request to its answer, waiting included",
        set: |settings, text| seconds(text).map(|time| settings.time_limit = time),
        get: |settings| settings.time_limit.as_secs_f64().to_string(),
    },
    Setting {
        name: "header-timeout",
        value: "SECONDS",
        about: "For a client to send a request's header, and between two requests of a connection",
        set: |settings, text| seconds(text).map(|time| settings.header_timeout = time),
        get: |settings| settings.header_timeout.as_secs_f64().to_string(),
    },
    Setting {
        name: "body-timeout",
        value: "SECONDS",
        about: "For a client to send a request's whole body",
        set: |settings, text| seconds(text).map(|time| settings.body_timeout = time),
        get: |settings| settings.body_timeout.as_secs_f64().to_string(),
    },
    Setting {
        name: "stall-timeout",
        value: "SECONDS",
        about: "The longest that a client may neither send nor take a byte",
        set: |settings, text| seconds(text).map(|time| settings.stall_timeout = time),
        get: |settings| settings.stall_timeout.as_secs_f64().to_string(),
    },
    Setting {
        name: "drain-time",
        value: "SECONDS",
        about: "How long running requests may go on after SIGTERM or Ctrl-C",
        set: |settings, text| seconds(text).map(|time| settings.drain_time = time),
        get: |settings| settings.drain_time.as_secs_f64().to_string(),
    },
    Setting {
        name: "connections",
        value: "N",
        about: "Most connections at once; more wait to be accepted",
        set: |settings, text| count(text, 1).map(|count| settings.connections = count),
        get: |settings| settings.connections.to_string(),
    },
    Setting {
        name: "cors-origins",
        value: "ORIGINS",
        about: "Origins whose pages may use the server, with commas between, or * for all",
        set: |settings, text| origins(text).map(|origins| settings.cors_origins = origins),
        get: |settings| {
            let origins = settings.cors_origins.iter();
            let origins: Vec<_> = origins.filter_map(|origin| origin.to_str().ok()).collect();
            origins.join(",")
        },
    },
    Setting {
        name: "metrics",
        value: "KIND",
        about: "off, prometheus (GET /metrics) or embedded (CloudWatch's format in the log)",
        set: |settings, text| metrics(text).map(|metrics| settings.metrics = metrics),
        get: |settings| settings.metrics.to_string(),
    },
];

pub(super) fn bytes(text: &str) -> Result<usize, String> {
    let size = size::parse_size(text)?;
    usize::try_from(size).map_err(|_| format!("{size} bytes are more than this machine can count"))
}

/// In MiB where that is exact.
fn shown(bytes: usize) -> String {
    match bytes.is_multiple_of(1 << 20) {
        true => format!("{}MiB", bytes >> 20),
        false => bytes.to_string(),
    }
}

/// More places than tokio's semaphore has would make it panic.
const MOST: usize = 1_000_000;

fn count(text: &str, least: usize) -> Result<usize, String> {
    let count = text.parse().ok();
    count
        .filter(|count| (least..=MOST).contains(count))
        .ok_or_else(|| format!("a whole number from {least} to {MOST} is wanted, not `{text}`"))
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds = text.parse::<f64>().ok();
    seconds
        .filter(|seconds| (0.001..=86_400.0).contains(seconds))
        .map(Duration::from_secs_f64)
        .ok_or_else(|| format!("seconds from 0.001 to 86400 are wanted, not `{text}`"))
}

fn origins(text: &str) -> Result<Vec<HeaderValue>, String> {
    let origins = text
        .split(',')
        .map(str::trim)
        .filter(|text| !text.is_empty());
    origins.map(origin).collect()
}

/// Scheme and authority, as browsers send them (RFC 6454, 6.2), or `*`.
fn origin(text: &str) -> Result<HeaderValue, String> {
    let authority = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"));
    let plain = |authority: &str| {
        !authority.is_empty()
            && authority
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-.:[]".contains(&byte))
    };
    if text != "*" && !authority.is_some_and(plain) {
        return Err(format!(
            "an origin is like https://example.org, with nothing behind the host and port, not `{text}`"
        ));
    }
    HeaderValue::from_str(text).map_err(|error| error.to_string())
}

fn metrics(text: &str) -> Result<Metrics, String> {
    match text {
        "off" => Ok(Metrics::Off),
        "prometheus" => Ok(Metrics::Prometheus),
        "embedded" => Ok(Metrics::Embedded),
        _ => Err(format!(
            "off, prometheus or embedded is wanted, not `{text}`"
        )),
    }
}

impl fmt::Display for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Metrics::Off => "off",
            Metrics::Prometheus => "prometheus",
            Metrics::Embedded => "embedded",
        })
    }
}

/// A bearer token (RFC 6750), kept as its digest: digests have one length, so that comparing them
/// tells nothing, not even how long the token is.
#[derive(Clone)]
pub struct Token([u8; 32]);

impl Token {
    fn new(text: &str) -> Result<Self, String> {
        match !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic()) {
            true => Ok(Token(Sha256::digest(text).into())),
            false => Err(format!(
                "{TOKEN_VARIABLE} has to be printable ASCII without spaces, and not empty"
            )),
        }
    }

    /// Whether it is this one; takes as long whatever the answer.
    pub(super) fn is(&self, shown: &[u8]) -> bool {
        let shown: [u8; 32] = Sha256::digest(shown).into();
        self.0.ct_eq(&shown).into()
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_default_is_a_value_that_may_be_set() {
        for defaults in [Settings::default(), Settings::lambda()] {
            for setting in SETTINGS {
                let text = setting.get(&defaults);
                let mut settings = defaults.clone();
                setting.set(&mut settings, &text).unwrap();
                assert_eq!(
                    format!("{settings:?}"),
                    format!("{defaults:?}"),
                    "{}",
                    setting.name
                );
            }
        }
    }

    #[test]
    fn the_environment_is_heeded() {
        let settings = Settings::default()
            .with_env(|name| match name {
                "GLITCH_MAX_BYTES" => Some("3M".to_owned()),
                "GLITCH_TIME_LIMIT" => Some("0.5".to_owned()),
                "GLITCH_CORS_ORIGINS" => {
                    Some("https://a.example, http://localhost:8000".to_owned())
                }
                "GLITCH_TOKEN" => Some("s3cret".to_owned()),
                _ => None,
            })
            .unwrap();
        assert_eq!(settings.max_bytes, 3_000_000);
        assert_eq!(settings.time_limit, Duration::from_millis(500));
        assert_eq!(settings.cors_origins.len(), 2);
        let token = settings.token.unwrap();
        assert!(token.is(b"s3cret") && !token.is(b"s3cre") && !token.is(b""));
        assert_eq!(format!("{token:?}"), "Token(..)");
    }

    #[test]
    fn a_wrong_value_is_told_with_its_variable() {
        for (variable, value, said) in [
            ("GLITCH_MAX_BYTES", "lots", "GLITCH_MAX_BYTES: a size is"),
            ("GLITCH_WORKERS", "0", "from 1 to"),
            ("GLITCH_QUEUE", "99999999999", "from 0 to"),
            ("GLITCH_TIME_LIMIT", "NaN", "seconds from"),
            (
                "GLITCH_CORS_ORIGINS",
                "example.org",
                "like https://example.org",
            ),
            (
                "GLITCH_CORS_ORIGINS",
                "https://a.example/path",
                "nothing behind",
            ),
            ("GLITCH_METRICS", "on", "off, prometheus or embedded"),
            ("GLITCH_TOKEN", "", "not empty"),
            ("GLITCH_TOKEN", "two words", "without spaces"),
        ] {
            let get = |name: &str| (name == variable).then(|| value.to_owned());
            let error = Settings::default().with_env(get).unwrap_err();
            assert!(error.contains(said), "{variable}={value}: {error}");
        }
    }
}
