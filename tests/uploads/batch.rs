//! Items of a map over a bucket.

use glitch::Cancel;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::event::recorded;
use super::stand_in::StandIn;
use super::{fixture, glitched, variables, worker};

fn pictures() -> StandIn {
    let s3 = StandIn::start();
    s3.put("pictures/cats/cat one.png", &[], &fixture("cat.png"));
    s3.put("pictures/portrait.jpg", &[], &fixture("portrait.jpg"));
    s3.put("pictures/notes+1.txt", &[], b"hello there");
    s3
}

fn answer(s3: &StandIn, event: &Value) -> Result<Vec<Value>, String> {
    let worker = worker(&variables(&s3.endpoint));
    let answer = worker.answer(event, &Cancel::default())?;
    Ok(answer["results"].as_array().unwrap().clone())
}

/// As it is documented.
fn seed(job: u64, key: &str) -> u64 {
    let digest = Sha256::digest(format!("{job}:{key}"));
    u64::from_be_bytes(digest[..8].try_into().unwrap())
}

#[test]
fn every_picture_gets_a_seed_of_its_own_and_a_line() {
    let s3 = pictures();
    let lines = answer(&s3, &recorded("map-batch")).unwrap();
    let keys = ["cats/cat one.png", "portrait.jpg", "notes+1.txt"];
    for ((key, line), name) in keys.iter().zip(&lines).zip(["cat.png", "portrait.jpg"]) {
        let recipe = format!("sort:len=400,replace,seed={}", seed(7, key));
        let expected = glitched(&fixture(name), &recipe);
        let stored = s3.get(&format!("results/out/{key}")).unwrap();
        assert_eq!(stored.bytes, expected.bytes);
        assert_eq!(stored.headers["x-amz-meta-recipe"], recipe);
        assert_eq!(
            *line,
            json!({
                "key": key,
                "output": format!("out/{key}"),
                "seed": seed(7, key).to_string(),
                "recipe": recipe,
                "skipped": false,
                "changed": expected.changed,
                "bytes": expected.bytes.len(),
                "error": null,
            })
        );
    }
    assert_eq!(lines.len(), 3);
    assert_eq!(lines[2]["error"]["type"], "/problems/not-an-image");
    assert_eq!(lines[2]["output"], Value::Null);
    assert!(s3.get("results/out/notes+1.txt").is_none());
}

#[test]
fn what_is_there_is_not_done_again_unless_the_recipe_is_another() {
    let s3 = pictures();
    let mut event = recorded("map-batch");
    let first = answer(&s3, &event).unwrap();
    s3.asked();
    let again = answer(&s3, &event).unwrap();
    for (line, before) in again[..2].iter().zip(&first) {
        assert_eq!(line["skipped"], true);
        for name in ["key", "output", "seed", "recipe", "bytes", "error"] {
            assert_eq!(line[name], before[name], "{name}");
        }
        let changed = |line: &Value| line["changed"].as_f64().unwrap();
        assert!((changed(line) - changed(before)).abs() < 0.0001);
    }
    let asked = s3.asked();
    assert!(
        !asked.iter().any(|line| line.starts_with("PUT")),
        "{asked:?}"
    );

    event["BatchInput"]["recipe"] = json!("classic");
    let other = answer(&s3, &event).unwrap();
    assert_eq!(other[0]["skipped"], false);
    assert_ne!(other[0]["recipe"], first[0]["recipe"]);
    let stored = s3.get("results/out/portrait.jpg").unwrap();
    assert_eq!(
        stored.headers["x-amz-meta-recipe"],
        other[1]["recipe"].as_str().unwrap()
    );
}

#[test]
fn a_key_that_cannot_be_asked_for_holds_up_nobody() {
    let s3 = pictures();
    let mut event = recorded("map-batch");
    event["Items"][0]["key"] = json!("a/../b");
    event["Items"][2]["key"] = json!("x".repeat(1022));
    let lines = answer(&s3, &event).unwrap();
    for line in [&lines[0], &lines[2]] {
        assert_eq!(line["error"]["type"], "/problems/bad-parameter", "{line}");
    }
    assert_eq!(lines[1]["error"], Value::Null);
}

/// Consoles show folders where objects of no bytes have such keys; a listing has them too.
#[test]
fn a_folder_is_a_line_with_an_error() {
    let s3 = pictures();
    s3.put("pictures/cats/", &[], b"");
    let mut event = recorded("map-batch");
    event["Items"][2]["key"] = json!("cats/");
    let lines = answer(&s3, &event).unwrap();
    assert_eq!(lines[2]["error"]["type"], "/problems/empty");
    assert_eq!(lines[2]["output"], Value::Null);
    assert_eq!(lines[1]["error"], Value::Null);
    assert!(s3.get("results/out/cats/").is_none());
}

/// So a job is checked before there are batches.
#[test]
fn a_batch_of_nothing_checks_the_job() {
    let s3 = pictures();
    let mut event = recorded("map-batch");
    event["Items"] = json!([]);
    assert_eq!(answer(&s3, &event).unwrap(), [] as [Value; 0]);
    assert_eq!(s3.asked(), [] as [String; 0]);
    event["BatchInput"]["recipe"] = json!("molten");
    let error = answer(&s3, &event).unwrap_err();
    assert!(error.contains("there is no pass `molten`"), "{error}");
}

#[test]
fn one_item_is_a_batch_too() {
    let s3 = pictures();
    let lines = answer(&s3, &recorded("map-item")).unwrap();
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0]["seed"], seed(u64::MAX, "portrait.jpg").to_string());
    assert!(s3.get("results/out/portrait.jpg").is_some());
}

#[test]
fn where_s3_fails_all_of_it_fails() {
    let s3 = pictures();
    s3.fail(Some(503));
    let error = answer(&s3, &recorded("map-batch")).unwrap_err();
    assert!(error.contains("cats/cat one.png: "), "{error}");
    assert!(error.contains("503"), "{error}");
}

#[test]
fn a_job_that_is_wrong_is_told_so() {
    let s3 = pictures();
    for (path, value, said) in [
        (
            "/BatchInput/recipe",
            json!("molten"),
            "there is no pass `molten`",
        ),
        ("/BatchInput/recipe", json!("seed=7"), "a seed of its own"),
        (
            "/BatchInput/recipe",
            json!(vec!["sort:65536"; 200].join(",")),
            "more than 1900 bytes",
        ),
        ("/BatchInput/job_seed", json!("seven"), "job_seed"),
        ("/BatchInput/job_seed", json!(-7), "known here"),
        ("/BatchInput/output_bucket", json!("no/name"), "`no/name`"),
        ("/BatchInput", json!(null), "known here"),
        (
            "/Items/0",
            json!({ "bucket": "pictures" }),
            "missing field `key`",
        ),
        ("/Items", json!({}), "known here"),
    ] {
        let mut event = recorded("map-batch");
        *event.pointer_mut(path).unwrap() = value;
        let error = answer(&s3, &event).unwrap_err();
        assert!(error.contains(said), "{path}: {error}");
    }
    let mut event = recorded("map-batch");
    event["BatchInput"]["output_bucket"] = json!("pictures");
    event["BatchInput"]["output_prefix"] = json!("");
    let error = answer(&s3, &event).unwrap_err();
    assert!(error.contains("take the picture's place"), "{error}");
    for event in [json!({}), json!([]), json!(null), recorded("s3-post")] {
        assert!(answer(&s3, &event).is_err(), "{event}");
    }
}
