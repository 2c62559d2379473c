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
    let Some(s3) = MiniStack::strict() else {
        return;
    };
    let mut variables = s3.variables();
    variables.retain(|(name, _)| *name != "GLITCH_UPLOAD_MAX_BYTES");
    // Some fixtures fit, some do not.
    variables.push(("GLITCH_MAX_BYTES", "60k".to_owned()));
    variables.push(("GLITCH_UPLOAD_MAX_BYTES", "32M".to_owned()));
    let page = listen(settings(&as_documented(&s3, &variables)).unwrap());
    allow(&s3, &page);
    let s3 = Arc::new(s3);
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
        s3.owner(
            "s3",
            &["-X", "PUT", "-d", &rules, &format!("/{bucket}?cors")],
        );
    }
}

type Variables = Vec<(&'static str, String)>;

/// The variables with a user who may do what the server needs, and no more (docs/http.md).
fn as_documented(s3: &MiniStack, variables: &Variables) -> Variables {
    let allow = |action: Value, resource: Value| json!({ "Effect": "Allow", "Action": action, "Resource": resource });
    let policy = json!({
        "Version": "2012-10-17",
        "Statement": [
            allow(json!(["s3:PutObject", "s3:GetObject"]), json!("arn:aws:s3:::uploads/*")),
            allow(json!("s3:GetObject"), json!("arn:aws:s3:::results/*")),
            allow(json!("s3:ListBucket"), json!(["arn:aws:s3:::uploads", "arn:aws:s3:::results"])),
        ],
    });
    let iam = |action: &str, more: &str| {
        let call = format!("Action={action}&Version=2010-05-08&UserName=server");
        s3.owner("iam", &["-d", &call, "--data-urlencode", more, "/"])
    };
    iam("CreateUser", "Path=/");
    let policy = format!("PolicyDocument={policy}");
    iam("PutUserPolicy&PolicyName=server", &policy);
    let key = iam("CreateAccessKey", "Path=/");
    let told = |name: &str| {
        let (_, rest) = key.split_once(&format!("<{name}>")).unwrap();
        rest.split('<').next().unwrap().to_owned()
    };
    let mut variables = variables.clone();
    variables.retain(|(name, _)| {
        !name.starts_with("AWS_") || name.contains("URL") || name.contains("REGION")
    });
    variables.push(("AWS_ACCESS_KEY_ID", told("AccessKeyId")));
    variables.push(("AWS_SECRET_ACCESS_KEY", told("SecretAccessKey")));
    variables
}

/// The queue that S3 tells of uploads.
struct Queue {
    s3: Arc<MiniStack>,
    url: String,
}

const QUEUE: &str = "arn:aws:sqs:us-east-1:000000000000:uploads";

impl Queue {
    fn new(s3: &Arc<MiniStack>) -> Self {
        let mut queue = Queue {
            s3: Arc::clone(s3),
            url: String::new(),
        };
        let policy = json!({
            "Version": "2012-10-17",
            "Statement": [{
                "Effect": "Allow",
                "Principal": { "Service": "s3.amazonaws.com" },
                "Action": "sqs:SendMessage",
                "Resource": QUEUE,
            }],
        });
        let attributes = json!({ "Policy": policy.to_string() });
        let wish = json!({ "QueueName": "uploads", "Attributes": attributes });
        let made = queue.ask("CreateQueue", &wish);
        queue.url = made["QueueUrl"].as_str().unwrap().to_owned();
        let notification = format!(
            "<NotificationConfiguration><QueueConfiguration><Queue>{QUEUE}</Queue>\
             <Event>s3:ObjectCreated:*</Event>\
             </QueueConfiguration></NotificationConfiguration>"
        );
        s3.owner(
            "s3",
            &["-X", "PUT", "-d", &notification, "/uploads?notification"],
        );
        queue
    }

    fn ask(&self, action: &str, wish: &Value) -> Value {
        let target = format!("x-amz-target: AmazonSQS.{action}");
        let json = "content-type: application/x-amz-json-1.0";
        let wish = wish.to_string();
        let answer = self
            .s3
            .owner("sqs", &["-H", &target, "-H", json, "-d", &wish, "/"]);
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
