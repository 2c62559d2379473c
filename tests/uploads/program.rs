//! The real program `worker`, with the test's own Runtime API before it.

use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

use super::event::{messages, recorded, stored};
use super::runtime_api::{Invocation, RuntimeApi};
use super::stand_in::StandIn;
use super::{fixture, glitched, result_of, variables};

struct Program {
    api: RuntimeApi,
    child: Child,
}

impl Program {
    fn start(s3: &StandIn) -> Self {
        let api = RuntimeApi::start();
        let child = Command::new(env!("CARGO_BIN_EXE_worker"))
            .env_clear()
            .env("AWS_LAMBDA_RUNTIME_API", api.address.to_string())
            .env("AWS_LAMBDA_FUNCTION_NAME", "worker")
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "1769")
            .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
            .envs(variables(&s3.endpoint))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        api.asked.recv().unwrap();
        Program { api, child }
    }

    fn begin(&self, event: &Value) {
        let id = "8476a536-e9f4-11e8-9739-2dfe598c3fcd".to_owned();
        let event = event.to_string().into_bytes();
        self.api.hand_out(Invocation { id, event });
    }

    /// The end of the path that the program posts to, and what it posts.
    fn send(&self, event: &Value) -> (String, Value) {
        self.begin(event);
        let post = self.api.post().unwrap();
        let error = post.error_type.is_some();
        let end = post.path.rsplit('/').next().unwrap().to_owned();
        assert_eq!(error, end == "error");
        (end, serde_json::from_slice(&post.body).unwrap())
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Killed while it waits for the picture, and while it stores the result: the event comes again, to
/// another instance, as SQS and Step Functions see to.
#[test]
fn an_instance_that_is_killed_loses_nothing() {
    let uploaded = messages(&[stored("0123").to_string()]);
    let item = recorded("map-item");
    let result = format!("results/{}", result_of("0123"));
    let put = format!("PUT {result}");
    for (event, held, result, recipe) in [
        (&uploaded, "GET uploads/0123", &result[..], "seed=7"),
        (&uploaded, &put, &result, "seed=7"),
        (
            &item,
            "GET pictures/portrait.jpg",
            "results/out/portrait.jpg",
            "",
        ),
        (
            &item,
            "PUT results/out/portrait.jpg",
            "results/out/portrait.jpg",
            "",
        ),
    ] {
        let s3 = StandIn::start();
        let picture = fixture("portrait.jpg");
        s3.put("uploads/0123", &[("x-amz-meta-recipe", recipe)], &picture);
        s3.put("pictures/portrait.jpg", &[], &picture);
        s3.hold(Some(held));
        let mut program = Program::start(&s3);
        program.begin(event);
        s3.wait_for_held();
        program.child.kill().unwrap();
        program.child.wait().unwrap();
        assert!(s3.get(result).is_none(), "{held}");

        s3.hold(None);
        let (end, _) = Program::start(&s3).send(event);
        assert_eq!(end, "response", "{held}");
        let there = s3.get(result).unwrap();
        let made = glitched(&picture, &there.headers["x-amz-meta-recipe"]);
        assert_eq!(there.bytes, made.bytes, "{held}");
    }
}

#[test]
fn it_answers_events_of_both_kinds_and_outlives_others() {
    let s3 = StandIn::start();
    s3.put(
        "uploads/0123",
        &[("x-amz-meta-recipe", "seed=7")],
        &fixture("cat.png"),
    );
    s3.put("pictures/portrait.jpg", &[], &fixture("portrait.jpg"));
    let program = Program::start(&s3);
    let bodies = [stored("0123").to_string(), "hello".to_owned()];
    let (end, answer) = program.send(&messages(&bodies));
    assert_eq!(end, "response");
    let failed = json!({ "batchItemFailures": [{ "itemIdentifier": "message-1" }] });
    assert_eq!(answer, failed);
    assert!(s3.get(&format!("results/{}", result_of("0123"))).is_some());

    let (end, answer) = program.send(&json!({ "hello": 1 }));
    assert_eq!(end, "error");
    let message = answer["errorMessage"].as_str().unwrap();
    assert!(message.contains("known here"), "{message}");

    let (end, answer) = program.send(&recorded("map-item"));
    assert_eq!(end, "response");
    assert_eq!(answer["results"][0]["error"], Value::Null);
    s3.fail(Some(500));
    assert_eq!(program.send(&recorded("map-item")).0, "error");
}
