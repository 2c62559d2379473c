//! Events of AWS Lambda: those that become requests to the router, and those of the worker.

use axum::body::Body;
use glitch::Cancel;
use glitch::http::{Event, Metrics, Settings};
use glitch::worker::Worker;
use lambda_http::Request;
use serde_json::{Value, json};

use super::http::{Server, assert_documented};
use super::s3;

/// From here on the first byte chooses a part of the address.
const ADDRESS: u8 = 0xf0;

/// What API Gateway or a Function URL sends: any JSON, or an event with the words of the input in one of its places.
pub fn lambda(data: &[u8]) {
    let Some((&[place], text)) = data.split_first_chunk() else {
        return;
    };
    let text = String::from_utf8_lossy(text);
    let event = match place {
        ADDRESS.. => gateway(place, &text).to_string(),
        place if place % 8 == 0 => text.into_owned(),
        place => gateway(place % 8, &text).to_string(),
    };
    // What is no event of this kind is an error of the runtime's.
    let Ok(event) = serde_json::from_str::<Event>(&event) else {
        return;
    };
    let request = Request::from(event.into_request());
    thread_local! {
        static SERVER: Server = Server::new(settings());
    }
    let method = request.method().clone();
    let answer = SERVER.with(|server| server.ask(request.map(Body::new)));
    assert_documented(&answer, &method, data);
}

/// Those of the program, but nothing on standard output.
fn settings() -> Settings {
    let mut settings = Settings::lambda();
    settings.max_bytes = 1 << 20;
    settings.max_pixels = 1 << 18;
    settings.metrics = Metrics::Off;
    settings
}

fn gateway(place: u8, text: &str) -> Value {
    let mut event = json!({
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": "/",
        "rawQueryString": "seed=7",
        "headers": { "host": "a.example", "content-type": "image/png" },
        "requestContext": {
            "accountId": "1", "apiId": "a", "domainName": "a.example", "domainPrefix": "a",
            "http": {
                "method": "POST", "path": "/", "protocol": "HTTP/1.1", "sourceIp": "192.0.2.7",
                "userAgent": "curl",
            },
            "requestId": "1", "routeKey": "$default", "stage": "$default",
            "time": "22/Nov/2026:10:00:00 +0000", "timeEpoch": 1_795_341_600_000_u64,
        },
        "body": "",
        "isBase64Encoded": true,
    });
    match place {
        1 => event["body"] = json!(text),
        2 => {
            event["isBase64Encoded"] = json!(false);
            event["body"] = json!(text);
        }
        3 => event["headers"]["content-type"] = json!(text),
        4 => event["requestContext"]["http"]["method"] = json!(text),
        5 => event["headers"]["authorization"] = json!(text),
        6 => event["headers"]["x-request-id"] = json!(text),
        ADDRESS => event["headers"]["host"] = json!(text),
        0xf1 => event["headers"]["x-forwarded-proto"] = json!(text),
        0xf2 => event["rawPath"] = json!(text),
        0xf3 => event["rawQueryString"] = json!(text),
        0xf4 => event["requestContext"]["domainName"] = json!(text),
        0xf5 => event["requestContext"]["stage"] = json!(text),
        _ => event["requestContext"]["time"] = json!(text),
    }
    event
}

/// What SQS, S3 and Step Functions send to the worker. The first bytes choose the kind of event and what the storage
/// answers; up to the first line break stand the words in the event, and behind it what is stored.
pub fn worker(data: &[u8]) {
    let Some((&[kind, status], rest)) = data.split_first_chunk() else {
        return;
    };
    let end = rest.iter().position(|byte| *byte == b'\n');
    let (words, stored) = rest.split_at(end.unwrap_or(rest.len()));
    let words = String::from_utf8_lossy(words);
    let stored = stored.strip_prefix(b"\n").unwrap_or_default();
    let event = match kind % 8 {
        0 => serde_json::from_slice(rest),
        kind => Ok(job(kind, &words)),
    };
    let Ok(event) = event else {
        return;
    };
    s3::answer_with(s3::Reply {
        status: [200, 404, 403, 500][usize::from(status % 4)],
        recipe: words.into_owned(),
        body: stored.to_vec(),
    });
    match worker_of_test().answer(&event, &Cancel::default()) {
        Ok(answer) => assert!(
            answer["batchItemFailures"].is_array() || answer["results"].is_array(),
            "{answer}"
        ),
        // It goes into the log of the owner, who may see addresses.
        Err(why) => assert!(!why.contains("panicked at"), "{why}"),
    }
}

fn worker_of_test() -> Worker {
    let variable = |name: &str| match name {
        "GLITCH_UPLOAD_MAX_BYTES" => Some("1MiB".to_owned()),
        "GLITCH_MAX_PIXELS" => Some("262144".to_owned()),
        name => s3::variable(name),
    };
    Worker::from_env(variable).expect("the variables are right")
}

/// An event of each kind, with the words in one of its places.
fn job(kind: u8, words: &str) -> Value {
    let batch = |bucket: &str, key: &str, recipe: &str, seed: Value| {
        json!({
            "BatchInput": { "output_bucket": "results", "recipe": recipe, "job_seed": seed },
            "Items": [{ "bucket": bucket, "key": key }],
        })
    };
    match kind {
        1 => message(words),
        2 => message(&notification("uploads", words)),
        3 => message(&notification(words, "a.png")),
        4 => batch("uploads", words, "classic", json!(7)),
        5 => batch(words, "a.png", "classic", json!(7)),
        6 => batch("uploads", "a.png", words, json!(7)),
        _ => batch("uploads", "a.png", "classic", json!(words)),
    }
}

fn message(body: &str) -> Value {
    json!({ "Records": [{ "eventSource": "aws:sqs", "messageId": "1", "body": body }] })
}

fn notification(bucket: &str, key: &str) -> String {
    let s3 = json!({ "bucket": { "name": bucket }, "object": { "key": key } });
    json!({ "Records": [{ "eventName": "ObjectCreated:Post", "s3": s3 }] }).to_string()
}
