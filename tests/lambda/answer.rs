//! Answers, whichever way they came.

use std::collections::BTreeMap;

use axum::body::Body;
use axum::http::Response;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http_body_util::BodyExt;
use serde_json::Value;

#[derive(Clone, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    pub headers: BTreeMap<String, String>,
    pub body: Vec<u8>,
}

impl Answer {
    pub async fn received(response: Response<Body>) -> Self {
        let (parts, body) = response.into_parts();
        let mut headers = BTreeMap::new();
        for name in parts.headers.keys() {
            let values = parts.headers.get_all(name).iter();
            let values: Vec<_> = values.map(|value| value.to_str().unwrap()).collect();
            headers.insert(name.to_string(), values.join(", "));
        }
        Answer {
            status: parts.status.as_u16(),
            headers,
            body: body.collect().await.unwrap().to_bytes().into(),
        }
    }

    /// The answer as the gateway reads it from what the function hands over.
    #[track_caller]
    pub fn posted(json: &[u8]) -> Self {
        let json: Value = serde_json::from_slice(json).unwrap();
        let headers = json["headers"].as_object().unwrap().iter();
        let headers = headers.map(|(name, value)| (name.clone(), value.as_str().unwrap().into()));
        let body = json["body"].as_str().unwrap_or_default();
        let encoded = json["isBase64Encoded"].as_bool().unwrap();
        let answer = Answer {
            status: json["statusCode"].as_u64().unwrap().try_into().unwrap(),
            headers: headers.collect(),
            body: match encoded {
                true => STANDARD.decode(body).unwrap(),
                false => body.into(),
            },
        };
        // Base64 is for pictures alone: text in it would reach the client all the same, but a
        // third larger.
        let picture = answer.media_type().starts_with("image/");
        assert_eq!(encoded, picture, "{answer:?}");
        answer
    }

    /// What the client would see, less what differs from one request to the next.
    pub fn lasting(mut self) -> Self {
        for name in ["x-request-id", "server-timing"] {
            self.headers.remove(name);
        }
        self
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    pub fn media_type(&self) -> &str {
        self.header("content-type")
    }

    /// Asserts that it is a problem document, and which.
    #[track_caller]
    pub fn is_problem(&self, status: u16, name: &str) -> Value {
        assert_eq!(self.status, status, "{self:?}");
        assert_eq!(self.media_type(), "application/problem+json");
        let document: Value = serde_json::from_slice(&self.body).unwrap();
        assert_eq!(document["type"], format!("/problems/{name}"), "{document}");
        assert_eq!(document["status"], status);
        document
    }
}

/// Without megabytes of picture.
impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let shown = String::from_utf8_lossy(&self.body[..self.body.len().min(600)]);
        write!(
            f,
            "{} {:#?}\n{} bytes: {shown}",
            self.status,
            self.headers,
            self.body.len()
        )
    }
}
