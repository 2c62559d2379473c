//! Events as AWS documents them, with what a test wants in them.

use serde_json::{Value, json};

pub fn recorded(name: &str) -> Value {
    let path = format!(
        "{}/tests/uploads/events/{name}.json",
        env!("CARGO_MANIFEST_DIR")
    );
    let text = std::fs::read(&path).unwrap_or_else(|why| panic!("{path}: {why}"));
    serde_json::from_slice(&text).unwrap_or_else(|why| panic!("{path}: {why}"))
}

/// What S3 tells of an object that a form stored; the key as S3 encodes it.
pub fn stored(key: &str) -> Value {
    let mut event = recorded("s3-post");
    event["Records"][0]["s3"]["object"]["key"] = json!(key);
    event
}

/// A delivery of messages, named `message-0` and so on.
pub fn messages(bodies: &[String]) -> Value {
    let mut event = recorded("sqs");
    let message = event["Records"][0].clone();
    let messages = bodies.iter().enumerate().map(|(index, body)| {
        let mut message = message.clone();
        message["messageId"] = json!(format!("message-{index}"));
        message["body"] = json!(body);
        message
    });
    event["Records"] = messages.collect();
    event
}
