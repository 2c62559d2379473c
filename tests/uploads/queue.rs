//! Uploads that a queue tells of.

use glitch::Cancel;
use serde_json::{Value, json};

use super::event::{messages, recorded, stored};
use super::stand_in::StandIn;
use super::{fixture, get, glitched, result_of, server, variables, worker};

const ID: &str = "0123456789abcdef0123456789abcdef";

/// Delivers these messages, and returns which are to come again.
fn deliver(s3: &StandIn, bodies: &[String]) -> Vec<String> {
    let worker = worker(&variables(&s3.endpoint));
    let answer = worker.answer(&messages(bodies), &Cancel::default());
    failures(&answer.unwrap())
}

fn failures(answer: &Value) -> Vec<String> {
    let failures = answer["batchItemFailures"].as_array().unwrap().iter();
    let id = |failure: &Value| failure["itemIdentifier"].as_str().unwrap().to_owned();
    failures.map(id).collect()
}

fn upload(s3: &StandIn, key: &str, recipe: &str, bytes: &[u8]) {
    let headers = [("x-amz-meta-recipe", recipe)];
    s3.put(&format!("uploads/{key}"), &headers, bytes);
}

const NONE: [String; 0] = [];

#[tokio::test]
async fn an_upload_becomes_a_result_under_a_key_of_its_own() {
    let s3 = StandIn::start();
    for (name, media_type, recipe) in [
        ("portrait.jpg", "image/jpeg", "sort:len=400,replace,seed=7"),
        ("cat.png", "image/png", "classic,filter=up,seed=8"),
    ] {
        let picture = fixture(name);
        upload(&s3, ID, recipe, &picture);
        let expected = glitched(&picture, recipe);
        // A queue may deliver a message twice.
        for _ in 0..2 {
            assert_eq!(deliver(&s3, &[stored(ID).to_string()]), NONE);
            let result = s3.get(&format!("results/{}", result_of(ID))).unwrap();
            assert_eq!(result.bytes, expected.bytes);
            assert_eq!(result.headers["content-type"], media_type);
            assert_eq!(result.headers["x-amz-meta-recipe"], recipe);
            let changed = format!("{:.4}", expected.changed.unwrap());
            assert_eq!(result.headers["x-amz-meta-changed"], changed);
        }
        let answer = get(
            &server(&s3.endpoint),
            &format!("/results/{}", result_of(ID)),
        )
        .await;
        assert_eq!(answer.status, 303, "{answer:?}");
        assert_eq!(answer.header("glitch-recipe"), recipe);
    }
}

#[test]
fn without_a_seed_every_delivery_makes_the_same() {
    let s3 = StandIn::start();
    let picture = fixture("portrait.jpg");
    s3.put("uploads/a b+ü.jpg", &[], &picture);
    assert_eq!(
        deliver(&s3, &[stored("a+b%2B%C3%BC.jpg").to_string()]),
        NONE
    );
    let first = s3
        .get(&format!("results/{}", result_of("a b+ü.jpg")))
        .unwrap();
    assert_eq!(
        deliver(&s3, &[stored("a+b%2B%C3%BC.jpg").to_string()]),
        NONE
    );
    assert_eq!(
        s3.get(&format!("results/{}", result_of("a b+ü.jpg")))
            .unwrap()
            .bytes,
        first.bytes
    );
    let recipe = &first.headers["x-amz-meta-recipe"];
    assert_eq!(first.bytes, glitched(&picture, recipe).bytes);
}

#[tokio::test]
async fn a_picture_that_cannot_be_glitched_is_done_with_a_problem() {
    let broken = fixture("cat.png")[..20].to_vec();
    for (recipe, bytes, status, name) in [
        (
            "seed=7",
            b"GIF89a\x01\0\x01\0".to_vec(),
            415,
            "not-an-image",
        ),
        ("seed=7", broken, 422, "malformed"),
        ("molten", fixture("cat.png"), 400, "bad-parameter"),
        ("seed=7", vec![7; 300_001], 413, "too-large"),
    ] {
        let s3 = StandIn::start();
        upload(&s3, ID, recipe, &bytes);
        assert_eq!(deliver(&s3, &[stored(ID).to_string()]), NONE, "{name}");
        assert!(s3.get(&format!("results/{}", result_of(ID))).is_none());
        let left = s3.get(&format!("results/{}.json", result_of(ID))).unwrap();
        assert_eq!(left.headers["content-type"], "application/problem+json");
        let answer = get(
            &server(&s3.endpoint),
            &format!("/results/{}", result_of(ID)),
        )
        .await;
        let problem = answer.problem(status, name);
        assert_eq!(problem["status"], status);
        assert_eq!(
            serde_json::from_slice::<Value>(&left.bytes).unwrap(),
            problem
        );
    }
    let s3 = StandIn::start();
    assert_eq!(deliver(&s3, &[stored(ID).to_string()]), NONE);
    let answer = get(
        &server(&s3.endpoint),
        &format!("/results/{}", result_of(ID)),
    )
    .await;
    answer.problem(404, "not-found");
}

#[test]
fn only_what_failed_is_delivered_again() {
    let s3 = StandIn::start();
    upload(&s3, ID, "seed=7", &fixture("cat.png"));
    let (good, unknown) = (stored(ID).to_string(), json!({ "hello": 1 }).to_string());
    let no_key = stored("a/../b").to_string();
    let bodies = [unknown, good.clone(), "hello".to_owned(), no_key];
    let failed = deliver(&s3, &bodies);
    assert_eq!(failed, ["message-0", "message-2", "message-3"]);
    assert!(s3.get(&format!("results/{}", result_of(ID))).is_some());
    for status in [403, 500, 503] {
        s3.fail(Some(status));
        assert_eq!(deliver(&s3, std::slice::from_ref(&good)), ["message-0"]);
    }
    s3.fail(None);
    assert_eq!(deliver(&s3, &[good]), NONE);
}

#[test]
fn what_stored_nothing_is_passed_over() {
    let s3 = StandIn::start();
    let mut removed = stored(ID);
    removed["Records"][0]["eventName"] = json!("ObjectRemoved:Delete");
    let bodies = [recorded("s3-test").to_string(), removed.to_string()];
    assert_eq!(deliver(&s3, &bodies), NONE);
    assert_eq!(s3.asked(), NONE);
}

#[test]
fn what_had_no_time_is_delivered_again_and_what_had_all_is_done() {
    let s3 = StandIn::start();
    let picture = fixture("portrait.jpg");
    upload(&s3, "first", "seed=7", &picture);
    upload(&s3, "second", "seed=7", &picture);
    let bodies = ["first", "second"].map(|key| stored(key).to_string());
    let cancel = Cancel::default();
    cancel.cancel();
    let answer = worker(&variables(&s3.endpoint)).answer(&messages(&bodies), &cancel);
    assert_eq!(failures(&answer.unwrap()), ["message-1"]);
    let left = s3
        .get(&format!("results/{}.json", result_of("first")))
        .unwrap();
    let left: Value = serde_json::from_slice(&left.bytes).unwrap();
    assert_eq!(left["type"], "/problems/out-of-time");
    assert!(
        s3.get(&format!("results/{}.json", result_of("second")))
            .is_none()
    );
}
