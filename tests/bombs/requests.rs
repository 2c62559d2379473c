//! Requests and events that are bombs.

use axum::body::Body;
use axum::http::{Request, header};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use glitch::Cancel;
use glitch::http::{Settings, router};
use glitch::worker::Worker;
use http_body_util::BodyExt;
use serde_json::json;
use tower::ServiceExt;

use super::jpeg;
use super::measure::{FIXED, alone, cost};

const MIB: usize = 1 << 20;

/// A request to `POST /`, its body not counted as its cost.
struct Post<'a> {
    name: &'a str,
    query: &'a str,
    headers: &'a [(&'a str, &'a str)],
    body: Vec<u8>,
}

const NO_TYPE: &[(&str, &str)] = &[];
const FORM: &[(&str, &str)] = &[("content-type", "multipart/form-data; boundary=b")];

impl Post<'_> {
    /// Asserts the status and the name of the problem, and the bound of memory: so many times the body.
    fn answers(self, outcome: &str, times: usize) {
        let _alone = alone();
        let mut request = Request::post(format!("/{}", self.query));
        for (name, value) in self.headers {
            request = request.header(*name, *value);
        }
        let length = self.body.len();
        let request = request.header(header::CONTENT_LENGTH, length);
        let request = request.body(Body::from(self.body)).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let router = router(Settings::default());
        let cost = cost(|| {
            runtime.block_on(async {
                let answer = router.oneshot(request).await.unwrap();
                let status = answer.status().as_u16();
                let body = answer.into_body().collect().await.unwrap().to_bytes();
                assert!(
                    status == 200 || body.len() < 4096,
                    "{} bytes of answer",
                    body.len()
                );
                let problem = serde_json::from_slice::<serde_json::Value>(&body).ok();
                let name =
                    problem.map(|problem| problem["type"].as_str().unwrap_or_default().to_owned());
                let name = name.unwrap_or_default().replace("/problems/", "");
                format!("{status} {name}").trim().to_owned()
            })
        });
        cost.tell(self.name, length);
        assert_eq!(cost.outcome, outcome, "{}", self.name);
        let bound = FIXED + times * length;
        assert!(
            cost.peak <= bound,
            "{}: {} bytes, the bound is {bound}",
            self.name,
            cost.peak
        );
    }
}

fn part(head: &str, bytes: &[u8]) -> Vec<u8> {
    let head = format!("--b\r\nContent-Disposition: form-data; {head}\r\n\r\n");
    [head.as_bytes(), bytes, b"\r\n"].concat()
}

fn form(parts: &[Vec<u8>]) -> Vec<u8> {
    [&parts.concat()[..], b"--b--\r\n"].concat()
}

#[test]
fn a_form_of_a_hundred_thousand_parts_is_refused_at_the_first_hundred() {
    let picture = jpeg::baseline((8, 8), b"", &[0; 1]);
    for (name, head) in [
        ("form of 100,000 fields", "name=\"seed\""),
        ("form of 100,000 files", "name=\"a\"; filename=\"a.png\""),
    ] {
        let mut parts = vec![part("name=\"image\"; filename=\"a\"", &picture)];
        parts.resize(100_000, part(head, b""));
        let post = Post {
            name,
            query: "",
            headers: FORM,
            body: form(&parts),
        };
        post.answers("400 bad-form", 2);
    }
}

#[test]
fn a_form_with_a_header_that_does_not_end_is_refused() {
    let body = part(&format!("name=\"{}", "a".repeat(8 * MIB)), b"");
    let post = Post {
        name: "form, 8 MiB of a part's header",
        query: "",
        headers: FORM,
        body,
    };
    post.answers("400 bad-form", 4);
    let body = [&part("name=\"image\"", b"")[..], &b"\r\n--".repeat(2 * MIB)].concat();
    let post = Post {
        name: "form, 8 MiB of what begins like a boundary",
        query: "",
        headers: FORM,
        body,
    };
    post.answers("400 bad-form", 4);
}

#[test]
fn a_body_that_says_it_is_compressed_is_not_inflated() {
    let body = super::png::zeros(256 * MIB);
    let post = Post {
        name: "gzip, 256 MiB inflated",
        query: "",
        headers: &[("content-encoding", "gzip")],
        body,
    };
    post.answers("415 not-an-image", 2);
}

#[test]
fn base64_is_decoded_once() {
    let mut body = jpeg::baseline((8, 8), b"", &[0; 1]);
    for _ in 0..20 {
        body = format!("data:image/png;base64,{}", STANDARD.encode(&body)).into_bytes();
    }
    let post = Post {
        name: "data: URL in a data: URL, 20 times",
        query: "",
        headers: NO_TYPE,
        body,
    };
    post.answers("415 not-an-image", 4);
    let mut body = b"data:image/png;base64,".to_vec();
    body.resize(32 * MIB, b'\n');
    let post = Post {
        name: "data: URL, 32 MiB of line breaks",
        query: "",
        headers: NO_TYPE,
        body,
    };
    post.answers("400 empty", 3);
    let mut body = b"data:".to_vec();
    body.resize(32 * MIB, b'A');
    let post = Post {
        name: "data: URL, 32 MiB without a comma",
        query: "",
        headers: NO_TYPE,
        body,
    };
    post.answers("415 not-an-image", 3);
}

#[test]
fn a_recipe_of_any_length_is_read_no_further_than_its_limits() {
    let picture = jpeg::baseline((8, 8), b"", &[0; 1]);
    let settings = |count: u32| -> String { (0..count).map(|n| format!("a{n}=1,")).collect() };
    let query = format!("?recipe=sort{}", ",sort".repeat(9_999));
    // A field of a form is read up to 64 KiB.
    for (name, recipe, outcome) in [
        (
            "recipe of 4,000,000 passes",
            "sort,".repeat(4_000_000),
            "400 bad-form",
        ),
        (
            "recipe of 500,000 settings",
            settings(500_000),
            "400 bad-form",
        ),
        (
            "recipe of one word of 16 MiB",
            "x".repeat(16 * MIB),
            "400 bad-form",
        ),
        (
            "recipe of 6,000 settings",
            settings(6_000),
            "400 bad-parameter",
        ),
        (
            "recipe of one word of 60 KiB",
            "x".repeat(60 << 10),
            "400 bad-parameter",
        ),
        (
            "recipe of a number of 60 KiB",
            format!("sort:{}", "9".repeat(60 << 10)),
            "400 bad-parameter",
        ),
    ] {
        // What a program hands to the library has no such end.
        let read = cost(|| {
            format!(
                "{:?}",
                recipe.parse::<glitch::Recipe>().map_err(|e| e.kind())
            )
        });
        assert_eq!(read.outcome, "Err(BadRecipe)", "{name}");
        assert!(
            read.peak <= 64 * MIB + recipe.len(),
            "{name}: {} bytes",
            read.peak
        );
        let fields = [
            part("name=\"image\"; filename=\"a\"", &picture),
            part("name=\"recipe\"", recipe.as_bytes()),
        ];
        let post = Post {
            name,
            query: "",
            headers: FORM,
            body: form(&fields),
        };
        post.answers(outcome, 12);
    }
    let post = Post {
        name: "recipe of 10,000 passes",
        query: &query,
        headers: NO_TYPE,
        body: picture,
    };
    post.answers("200", 2);
}

#[test]
fn a_query_of_a_hundred_thousand_parameters_is_refused() {
    // hyper takes addresses of less than 64 KiB.
    let query = format!("?{}", "a=1&".repeat(16_000));
    let body = jpeg::baseline((8, 8), b"", &[0; 1]);
    let post = Post {
        name: "query of 16,000 parameters",
        query: &query,
        headers: NO_TYPE,
        body,
    };
    post.answers("400 bad-parameter", 2);
}

/// 64 MiB are more than any front end sends; what is measured is what a byte costs.
#[test]
fn a_body_of_the_largest_size_costs_what_its_bytes_do() {
    let body = vec![0xFF; 64 * MIB];
    let post = Post {
        name: "64 MiB of 0xFF",
        query: "",
        headers: NO_TYPE,
        body,
    };
    post.answers("415 not-an-image", 2);
    let mut body = jpeg::segment(0xE1, b"").repeat(16 * MIB);
    body.splice(..0, [0xFF, 0xD8]);
    body.truncate(64 * MIB);
    let post = Post {
        name: "64 MiB of empty segments",
        query: "",
        headers: NO_TYPE,
        body,
    };
    post.answers("422 too-many-pixels", 2);
}

/// As the runtime reads it: an event that is not JSON never gets to the program.
#[test]
fn events_that_are_nested_deeply_are_refused() {
    let _alone = alone();
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let gateway = format!(r#"{{"version":"2.0","requestContext":{deep}}}"#);
    assert!(lambda_http::request::from_str(&gateway).is_err());
    assert!(serde_json::from_str::<serde_json::Value>(&deep).is_err());
    let variable = |name: &str| match name {
        "AWS_ACCESS_KEY_ID" | "AWS_SECRET_ACCESS_KEY" => Some("test".to_owned()),
        "AWS_REGION" => Some("us-east-1".to_owned()),
        "GLITCH_RESULT_BUCKET" => Some("results".to_owned()),
        _ => None,
    };
    let worker = Worker::from_env(variable).unwrap();
    let event =
        json!({ "Records": [{ "eventSource": "aws:sqs", "messageId": "1", "body": deep }] });
    let cost = cost(|| {
        let answer = worker.answer(&event, &Cancel::default()).unwrap();
        // It is delivered again, and ends where dead letters do.
        assert!(answer.to_string().contains("itemIdentifier"), "{answer}");
        "delivered again".to_owned()
    });
    cost.tell("message nested 100,000 times", deep.len());
    assert!(cost.peak < FIXED);
}
