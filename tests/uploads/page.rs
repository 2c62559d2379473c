//! The page with larger pictures, all of the way: from Chromium into the S3 of MiniStack, by its
//! notification and queue to the worker, and back. What is needed for it is told in
//! `tests/page/main.rs` and `ministack.rs`.

use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use glitch::Cancel;
use glitch::http::{Settings, router, serve};
use serde_json::{Value, json};

use super::event::messages;
use super::ministack::MiniStack;
use super::skip::skip;
use super::tools::Tools;
use super::{settings, worker};

#[test]
fn the_page_sends_larger_pictures_through_s3_by_itself() {
    let tools = match Tools::find() {
        Ok(tools) => tools,
        Err(missing) => return skip(&format!("the page is not tested: {missing}")),
    };
    let Some(s3) = MiniStack::start() else { return };
    let mut variables = s3.variables();
    variables.retain(|(name, _)| *name != "GLITCH_UPLOAD_MAX_BYTES");
    // Some fixtures fit, some do not.
    variables.push(("GLITCH_MAX_BYTES", "60k".to_owned()));
    variables.push(("GLITCH_UPLOAD_MAX_BYTES", "32M".to_owned()));
    let page = listen(settings(&variables).unwrap());
    allow(&s3, &page);
    let queue = Queue::new(&s3);
    let over = Arc::new(AtomicBool::new(false));
    let work = {
        let (worker, over) = (worker(&variables), Arc::clone(&over));
        thread::spawn(move || {
            while !over.load(Ordering::Relaxed) {
                queue.deliver(|event| worker.answer(event, &Cancel::default()).unwrap());
            }
        })
    };
    let environment = [
        ("GLITCH_PAGE_URL", page.as_str()),
        ("GLITCH_S3_URL", &s3.endpoint),
        ("GLITCH_BIN", env!("CARGO_BIN_EXE_glitch")),
    ];
    tools.run(&["uploads.test.mjs"], &environment);
    over.store(true, Ordering::Relaxed);
    work.join().unwrap();
}

/// The server on a free port, until the process ends; its origin.
fn listen(settings: Settings) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    listener.set_nonblocking(true).unwrap();
    thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        runtime.unwrap().block_on(async {
            let listener = tokio::net::TcpListener::from_std(listener).unwrap();
            serve(
                listener,
                router(settings.clone()),
                &settings,
                std::future::pending(),
            )
            .await
        })
    });
    address
}

/// All that the page needs of S3, and no more (docs/http.md).
fn allow(s3: &MiniStack, page: &str) {
    for (bucket, method) in [("uploads", "POST"), ("results", "GET")] {
        let rules = format!(
            "<CORSConfiguration><CORSRule><AllowedOrigin>{page}</AllowedOrigin>\
             <AllowedMethod>{method}</AllowedMethod></CORSRule></CORSConfiguration>"
        );
        put(&format!("{}/{bucket}?cors", s3.endpoint), &rules);
    }
}

fn put(url: &str, body: &str) {
    let answer = ureq::put(url).send(body).unwrap();
    assert_eq!(answer.status(), 200, "{url}");
}

/// The queue that S3 tells of uploads.
struct Queue {
    endpoint: String,
    url: String,
}

impl Queue {
    fn new(s3: &MiniStack) -> Self {
        let mut queue = Queue {
            endpoint: s3.endpoint.clone(),
            url: String::new(),
        };
        let made = queue.ask("CreateQueue", &json!({ "QueueName": "uploads" }));
        queue.url = made["QueueUrl"].as_str().unwrap().to_owned();
        put(
            &format!("{}/uploads?notification", s3.endpoint),
            "<NotificationConfiguration><QueueConfiguration>\
             <Queue>arn:aws:sqs:us-east-1:000000000000:uploads</Queue>\
             <Event>s3:ObjectCreated:*</Event>\
             </QueueConfiguration></NotificationConfiguration>",
        );
        queue
    }

    fn ask(&self, action: &str, wish: &Value) -> Value {
        let request = ureq::post(&self.endpoint)
            .header("x-amz-target", format!("AmazonSQS.{action}"))
            .header("content-type", "application/x-amz-json-1.0");
        let mut answer = request.send(wish.to_string()).unwrap();
        let answer = answer.body_mut().read_to_string().unwrap();
        serde_json::from_str(&answer).unwrap_or_default()
    }

    /// Hands out what there is, as Lambda does, and removes what was done.
    fn deliver(&self, answer: impl Fn(&Value) -> Value) {
        let wish = json!({ "QueueUrl": self.url, "WaitTimeSeconds": 1, "MaxNumberOfMessages": 10 });
        let told = self.ask("ReceiveMessage", &wish);
        for message in told["Messages"].as_array().into_iter().flatten() {
            let body = message["Body"].as_str().unwrap().to_owned();
            let failed = answer(&messages(&[body]));
            assert_eq!(failed["batchItemFailures"], json!([]));
            let receipt = &message["ReceiptHandle"];
            let wish = json!({ "QueueUrl": self.url, "ReceiptHandle": receipt });
            self.ask("DeleteMessage", &wish);
        }
    }
}
