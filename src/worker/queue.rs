//! Messages of SQS that hold S3 event notifications: pictures that were uploaded.

use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

use super::{Turn, Worker, picture};
use crate::Recipe;
use crate::http::problem::{PROBLEM_JSON, Problem};
use crate::s3::{Bucket, Failure, RECIPE, Stored, result_key};

/// The messages, if the event has any.
pub(super) fn messages(event: &Value) -> Option<&Vec<Value>> {
    let messages = event["Records"].as_array()?;
    let from_sqs = |message: &Value| message["eventSource"] == "aws:sqs";
    messages.iter().all(from_sqs).then_some(messages)
}

/// Does them all, and tells which are to be delivered again (a partial batch response).
pub(super) fn answer(
    worker: &Worker,
    messages: &[Value],
    turn: &mut Turn,
) -> Result<Value, String> {
    let results = worker.results.as_ref();
    let results = results.ok_or("GLITCH_RESULT_BUCKET is not set")?;
    let mut failed = Vec::new();
    for message in messages {
        let id = message["messageId"].as_str().unwrap_or_default();
        let body = message["body"].as_str().unwrap_or_default();
        let uploads = Uploads { worker, results };
        match uploads.notified(body, turn) {
            Ok(()) => tracing::info!(target: "glitch", message = id, "done"),
            Err(Failure(why)) => {
                tracing::error!(target: "glitch", message = id, why, "not done");
                // Without an id all of them come again.
                failed.push(json!({ "itemIdentifier": id }));
            }
        }
    }
    Ok(json!({ "batchItemFailures": failed }))
}

struct Uploads<'a> {
    worker: &'a Worker,
    results: &'a Bucket,
}

impl Uploads<'_> {
    /// What is no notification fails, and so ends where the queue's dead letters do.
    fn notified(&self, body: &str, turn: &mut Turn) -> Result<(), Failure> {
        let unknown = || Failure("the message is no notification of S3".to_owned());
        let body: Value = serde_json::from_str(body).map_err(|_| unknown())?;
        // S3 sends it when it is told where to send others.
        if body["Event"] == "s3:TestEvent" {
            return Ok(());
        }
        for record in body["Records"].as_array().ok_or_else(unknown)? {
            let event = record["eventName"].as_str().unwrap_or_default();
            if !event.starts_with("ObjectCreated:") {
                continue;
            }
            let bucket = record["s3"]["bucket"]["name"].as_str();
            let key = record["s3"]["object"]["key"].as_str();
            let (Some(bucket), Some(key)) = (bucket, key) else {
                return Err(unknown());
            };
            let bucket = self.worker.store.bucket(bucket).map_err(Failure)?;
            self.uploaded(&bucket, &decoded(key)?, turn)?;
        }
        Ok(())
    }

    /// The result gets a key that follows from the upload's; where there is none, a problem document takes its place.
    fn uploaded(&self, bucket: &Bucket, key: &str, turn: &mut Turn) -> Result<(), Failure> {
        let worker = self.worker;
        let (headers, bytes) = match worker.load(bucket, key)? {
            Ok(loaded) => loaded,
            Err(problem) => return self.refuse(key, &problem),
        };
        let told = headers.get(RECIPE).and_then(|value| value.to_str().ok());
        let recipe = match told.unwrap_or_default().parse::<Recipe>() {
            Ok(recipe) => recipe,
            Err(error) => return self.refuse(key, &error.into()),
        };
        // A second delivery is to make the same bytes.
        let seed = recipe.seed.unwrap_or_else(|| picture::seed_of(0, key));
        match worker.make(turn, &bytes, &recipe.with_seed(seed))? {
            Ok(glitched) => worker.store((self.results, &result_key(key)), &glitched),
            Err(problem) => self.refuse(key, &problem),
        }
    }

    fn refuse(&self, key: &str, problem: &Problem) -> Result<(), Failure> {
        let stored = Stored {
            content_type: PROBLEM_JSON,
            metadata: &[],
            bytes: &problem.json(),
        };
        let key = format!("{}.json", result_key(key));
        self.worker.client.put(self.results, &key, &stored)
    }
}

/// In notifications keys are like values of a form: a space is a plus.
fn decoded(key: &str) -> Result<String, Failure> {
    let spaced = key.replace('+', " ");
    let decoded = percent_decode_str(&spaced).decode_utf8();
    let decoded = decoded.map_err(|_| Failure("a key is not UTF-8".to_owned()))?;
    Ok(decoded.into_owned())
}

#[cfg(test)]
mod tests {
    use super::decoded;

    #[test]
    fn keys_are_decoded_as_s3_encodes_them() {
        for (told, key) in [
            ("a+b.jpg", "a b.jpg"),
            ("a%2Bb%2520.jpg", "a+b%20.jpg"),
            ("Gr%C3%BC%C3%9Fe/x.png", "Grüße/x.png"),
            ("100%", "100%"),
        ] {
            assert_eq!(decoded(told).unwrap(), key);
        }
        assert!(decoded("%ff").is_err());
    }
}
