//! The worker: glitches pictures that lie in S3, on AWS Lambda.
//!
//! It takes two kinds of events. `queue`: messages of SQS about pictures that were uploaded for
//! `POST /uploads`. `batch`: items of a Step Functions map over a whole bucket. `picture` is what
//! both do with one picture.

mod batch;
mod picture;
mod queue;

use std::time::Duration;

use serde_json::Value;

use crate::http::uploads;
use crate::s3::{Bucket, Client, Store};
use crate::{Cancel, Limits, size};

/// What the worker knows before any event.
#[derive(Debug)]
pub struct Worker {
    store: Store,
    client: Client,
    /// Where the results of uploads go; a batch has a bucket of its own.
    results: Option<Bucket>,
    limits: Limits,
}

/// One event's time.
#[derive(Debug, Default)]
struct Turn {
    cancel: Cancel,
    /// Whether a picture was worked on already: the next one did not have all of the time.
    begun: bool,
}

/// For an object of the largest size.
const S3_TIME_LIMIT: Duration = Duration::from_secs(60);

/// As many as the server takes.
const MAX_PIXELS: u64 = 50_000_000;

impl Worker {
    /// Reads `GLITCH_RESULT_BUCKET`, `GLITCH_UPLOAD_MAX_BYTES`, `GLITCH_MAX_PIXELS`, and what Lambda
    /// sets.
    ///
    /// # Errors
    /// A variable is missing, or has a value that it cannot have.
    pub fn from_env(get: impl Fn(&str) -> Option<String>) -> Result<Self, String> {
        const PIXELS: &str = "GLITCH_MAX_PIXELS";
        let store = Store::from_env(&get)?;
        let results = get("GLITCH_RESULT_BUCKET").map(|name| store.bucket(&name));
        let pixels = get(PIXELS).map(|text| size::parse_size(&text));
        let pixels = pixels.transpose().map_err(|why| format!("{PIXELS}: {why}"));
        Ok(Worker {
            results: results.transpose()?,
            store,
            client: Client::new(S3_TIME_LIMIT),
            limits: Limits {
                bytes: uploads::max_bytes(&get)?,
                pixels: pixels?.unwrap_or(MAX_PIXELS),
            },
        })
    }

    /// Does what the event asks for, and answers as Lambda or Step Functions wants it. `cancel`
    /// ends it early. Waits for S3, so it belongs on a thread that may wait.
    ///
    /// # Errors
    /// The event is none that the worker knows, or S3 failed in the middle of a batch: all of the
    /// event may be done again.
    pub fn answer(&self, event: &Value, cancel: &Cancel) -> Result<Value, String> {
        let mut turn = Turn {
            cancel: cancel.clone(),
            begun: false,
        };
        match queue::messages(event) {
            Some(messages) => queue::answer(self, messages, &mut turn),
            None => batch::answer(self, event, &mut turn),
        }
    }
}
