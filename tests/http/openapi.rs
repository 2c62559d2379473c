//! The OpenAPI document tells the truth.

use std::collections::BTreeSet;

use axum::body::Body;
use serde_json::Value;
use tower::ServiceExt;

use super::{Answer, ask, fixture, get, post, request, server, set};
use glitch::http::{Settings, router};

async fn document() -> Value {
    get(&server(), "/openapi.json").await.json()
}

fn keys(value: &Value) -> BTreeSet<String> {
    value.as_object().unwrap().keys().cloned().collect()
}

/// What a `$ref` leads to, or the value itself.
fn resolved<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    match value["$ref"].as_str() {
        Some(path) => document.pointer(&path[1..]).unwrap(),
        None => value,
    }
}

/// That the answer is one that the document has for the operation.
fn check(document: &Value, (method, path): (&str, &str), answer: &Answer) {
    let at = format!("{method} {path} {}", answer.status);
    let operation = &document["paths"][path][method];
    let described = &operation["responses"][answer.status.as_str()];
    assert!(described.is_object(), "{at}");
    let described = resolved(document, described);
    let media_type = answer.header("content-type").split(';').next().unwrap();
    assert!(
        described["content"][media_type].is_object(),
        "{at}: {media_type}"
    );
    for header in keys(&document["components"]["headers"]) {
        let told = described["headers"].get(&header).is_some();
        let there = answer.headers.contains_key(&header);
        // Caching is not told of each error and each text.
        assert!(
            told || !there || header == "Cache-Control",
            "{at}: {header}"
        );
    }
}

#[tokio::test]
async fn it_is_of_this_version_and_every_reference_leads_somewhere() {
    let document = document().await;
    assert_eq!(document["openapi"], "3.1.0");
    assert_eq!(document["info"]["version"], env!("CARGO_PKG_VERSION"));
    let text = document.to_string();
    for reference in text.split("\"$ref\":\"#").skip(1) {
        let path = reference.split('"').next().unwrap();
        assert!(document.pointer(path).is_some(), "{path}");
    }
    // And everything that is defined is used.
    for (kind, entries) in document["components"].as_object().unwrap() {
        for name in keys(entries).iter().filter(|_| kind != "securitySchemes") {
            let reference = format!("\"#/components/{kind}/{name}\"");
            assert!(text.contains(&reference), "{reference}");
        }
    }
}

#[tokio::test]
async fn its_paths_and_methods_are_those_of_the_router() {
    let document = document().await;
    let server = server();
    for (path, operations) in document["paths"].as_object().unwrap() {
        let path = path.replace("{name}", "full");
        let request = request("DELETE", &path).body(Body::empty()).unwrap();
        let answer = ask(&server, request).await;
        answer.problem(405, "method-not-allowed");
        let allowed = answer
            .header("allow")
            .to_lowercase()
            .replace("head,", "")
            .replace(",head", "");
        let allowed: BTreeSet<_> = allowed.split(',').map(str::to_owned).collect();
        assert_eq!(allowed, keys(operations), "{path}");
    }
}

#[tokio::test]
async fn its_parameters_and_their_values_are_those_that_are_taken() {
    let document = document().await;
    let (server, picture) = (server(), fixture("cat.png"));
    let parameters = document["components"]["parameters"].as_object().unwrap();
    let refused = post(&server, "/?x=1", &picture)
        .await
        .problem(400, "bad-parameter");
    let (_, listed) = refused.split_once("the parameters are ").unwrap();
    let listed: BTreeSet<_> = listed.split(", ").map(str::to_owned).collect();
    assert_eq!(keys(&document["components"]["parameters"]), listed);
    for (name, parameter) in parameters {
        let values = parameter["schema"]["enum"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        for value in &values {
            let query = format!("/?{name}={}", value.as_str().unwrap());
            post(&server, &query, &picture).await.fine();
        }
        for example in parameter["examples"].as_object().into_iter().flatten() {
            let query = format!("/?{name}={}", example.1["value"].as_str().unwrap());
            post(&server, &query, &picture).await.fine();
        }
    }
}

#[tokio::test]
async fn every_answer_is_in_it() {
    let document = document().await;
    let server = server();
    let picture = fixture("cat.png");
    for (path, body) in [
        ("/?seed=7", &picture[..]),
        ("/", &picture),
        ("/?verify=0", &picture),
        ("/", b""),
        ("/?x=1", &picture),
        ("/", b"GIF89a"),
        ("/", &picture[..20]),
    ] {
        for method in ["post", "put"] {
            let request = request(&method.to_uppercase(), path).body(Body::from(body.to_vec()));
            let answer = ask(&server, request.unwrap()).await;
            check(&document, (method, "/"), &answer);
        }
        check(
            &document,
            ("post", "/inspect"),
            &post(&server, "/inspect", body).await,
        );
    }
    for path in keys(&document["paths"])
        .iter()
        .filter(|path| *path != "/inspect")
    {
        let concrete = path.replace("{name}", "full");
        check(&document, ("get", path), &get(&server, &concrete).await);
    }
    let stranger = get(&server, "/problems/x").await;
    check(&document, ("get", "/problems/{name}"), &stranger);
    check(
        &document,
        ("get", "/recipes"),
        &get(&server, "/recipes?x=1").await,
    );
    for (settings, status) in [
        (set("max-bytes", "10"), 413),
        (set("time-limit", "0.001"), 504),
        (Settings::default().with_token(Some("s3cret")).unwrap(), 401),
    ] {
        let slow = "/?recipe=sort:65536:times=10000";
        let answer = post(&router(settings), slow, &picture).await;
        assert_eq!(answer.status, status);
        check(&document, ("post", "/"), &answer);
    }
    check(&document, ("post", "/"), &full(&picture).await);
}

/// The answer of a server whose memory is taken by another.
async fn full(picture: &[u8]) -> Answer {
    let server = router(set("max-memory", "150k"));
    let first = request("POST", "/").body(Body::from(picture.to_vec()));
    let unsent = server.clone().oneshot(first.unwrap()).await.unwrap();
    let answer = post(&server, "/", picture).await;
    assert_eq!(
        (unsent.status().as_u16(), answer.status.as_u16()),
        (200, 503)
    );
    answer
}

#[tokio::test]
async fn its_problems_are_those_that_have_a_text() {
    let document = document().await;
    let types = &document["components"]["schemas"]["Problem"]["properties"]["type"]["enum"];
    for kind in types.as_array().unwrap() {
        let told = get(&server(), kind.as_str().unwrap()).await;
        assert_eq!(told.status, 200, "{kind}");
    }
}
