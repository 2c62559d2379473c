//! Events in payload format 2.0, after the shape that AWS publishes for HTTP APIs and Function
//! URLs.

use std::path::Path;

use axum::body::Body;
use axum::http::Request;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

/// An event, and the bytes that are in it.
#[derive(Clone)]
pub struct Event {
    json: Value,
    bytes: Vec<u8>,
}

impl Event {
    /// The event of this name, with what the client sends.
    pub fn recorded(name: &str, body: &[u8]) -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests/lambda/events")
            .join(name)
            .with_extension("json");
        let text = std::fs::read(&path).unwrap_or_else(|why| panic!("{name}: {why}"));
        let mut event = Event {
            json: serde_json::from_slice(&text).unwrap_or_else(|why| panic!("{name}: {why}")),
            bytes: Vec::new(),
        };
        event.fill(body);
        event
    }

    /// Without a body.
    pub fn without_body(method: &str, target: &str) -> Self {
        Event::recorded("home", b"").with_target(method, target)
    }

    /// What `curl --data-binary` sends.
    pub fn post(target: &str, body: &[u8]) -> Self {
        Event::recorded("curl-data-binary", body).with_target("POST", target)
    }

    pub fn with_target(mut self, method: &str, target: &str) -> Self {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        self.json["rawPath"] = json!(path);
        self.json["rawQueryString"] = json!(query);
        self.json["requestContext"]["http"]["method"] = json!(method);
        self.json["requestContext"]["http"]["path"] = json!(path);
        self
    }

    /// Decoded, as API Gateway has it.
    pub fn with_path(mut self, path: &str) -> Self {
        self.json["rawPath"] = json!(path);
        self
    }

    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        self.json["headers"][name] = json!(value);
        self
    }

    /// The gateway decodes as UTF-8 what it takes for text, and does not mind what is lost.
    fn fill(&mut self, body: &[u8]) {
        if self.json.get("body").is_none() {
            assert!(body.is_empty(), "the event has no body");
            return;
        }
        self.json["headers"]["content-length"] = json!(body.len().to_string());
        if self.json["isBase64Encoded"] == true {
            self.bytes = body.to_vec();
            self.json["body"] = json!(STANDARD.encode(body));
        } else {
            let text = String::from_utf8_lossy(body);
            self.bytes = text.as_bytes().to_vec();
            self.json["body"] = json!(text);
        }
    }

    /// As the function gets it.
    pub fn text(&self) -> String {
        self.json.to_string()
    }

    /// The same request as a server of one's own would get it.
    pub fn local(&self) -> Request<Body> {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        // In a rawPath of API Gateway a space is a space.
        let path = text(&self.json["rawPath"]).replace(' ', "%20");
        let uri = match text(&self.json["rawQueryString"]) {
            query if query.is_empty() => path,
            query => format!("{path}?{query}"),
        };
        let method = text(&self.json["requestContext"]["http"]["method"]);
        let mut request = Request::builder().method(method.as_str()).uri(uri);
        for (name, value) in self.json["headers"].as_object().unwrap() {
            request = request.header(name, text(value));
        }
        request.body(Body::from(self.bytes.clone())).unwrap()
    }
}
