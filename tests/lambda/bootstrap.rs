//! The real program, with the test's own Runtime API before it.

use std::io::Read;
use std::process::{Child, Command, Stdio};
use std::thread::{self, JoinHandle};
use std::time::Instant;

use serde_json::Value;

use super::answer::Answer;
use super::event::Event;
use super::runtime_api::{Invocation, Post, RuntimeApi};

const BOOTSTRAP: &str = env!("CARGO_BIN_EXE_bootstrap");

/// What Lambda takes as an answer, in bytes of JSON.
const MOST: usize = 6 << 20;

pub struct Bootstrap {
    api: RuntimeApi,
    child: Child,
    started: Instant,
    out: Option<JoinHandle<String>>,
    err: Option<JoinHandle<String>>,
    invocations: usize,
}

/// The program with what Lambda tells it, and these variables.
pub fn command(variables: &[(&str, &str)]) -> Command {
    let mut command = Command::new(BOOTSTRAP);
    command
        .env_clear()
        .env("AWS_LAMBDA_FUNCTION_NAME", "glitch")
        .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "1769")
        .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
        .envs(variables.iter().copied())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// Reads all of it on a thread: a pipe that is full would stop the program.
fn collect(mut from: impl Read + Send + 'static) -> Option<JoinHandle<String>> {
    let read = move || {
        let mut text = String::new();
        from.read_to_string(&mut text).unwrap();
        text
    };
    Some(thread::spawn(read))
}

impl Bootstrap {
    pub fn start(variables: &[(&str, &str)]) -> Self {
        let api = RuntimeApi::start();
        let started = Instant::now();
        let mut child = command(variables)
            .env("AWS_LAMBDA_RUNTIME_API", api.address.to_string())
            .spawn()
            .unwrap();
        Bootstrap {
            out: child.stdout.take().and_then(collect),
            err: child.stderr.take().and_then(collect),
            api,
            child,
            started,
            invocations: 0,
        }
    }

    /// Sends any bytes as an event, and takes what comes of it.
    #[track_caller]
    pub fn send(&mut self, event: impl Into<Vec<u8>>) -> Post {
        self.invocations += 1;
        let id = self.id();
        let event = event.into();
        self.api.hand_out(Invocation { id, event });
        let Some(post) = self.api.post() else {
            let (out, err) = self.said();
            panic!("no answer\n{out}\n{err}");
        };
        let path = format!("/2018-06-01/runtime/invocation/{}/", self.id());
        assert!(post.path.starts_with(&path), "{} for {path}", post.path);
        post
    }

    /// The id of the latest invocation.
    pub fn id(&self) -> String {
        format!("8476a536-e9f4-11e8-9739-{:012}", self.invocations)
    }

    #[track_caller]
    pub fn invoke(&mut self, event: &Event) -> Answer {
        let post = self.send(event.text());
        assert!(post.path.ends_with("/response"), "{}", post.path);
        assert!(post.body.len() < MOST, "{} bytes", post.body.len());
        let answer = Answer::posted(&post.body);
        assert_eq!(answer.header("x-request-id"), self.id());
        answer
    }

    /// From the start of the program to its first question for an event, in milliseconds.
    pub fn init_time(&self) -> f64 {
        let asked = self.api.asked.recv().unwrap();
        (asked - self.started).as_secs_f64() * 1000.0
    }

    /// What the system tells of its memory, such as `VmRSS`. Only Linux has it.
    pub fn memory(&self, name: &str) -> Option<String> {
        let status = format!("/proc/{}/status", self.child.id());
        let status = std::fs::read_to_string(status).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix(name))?;
        Some(line.trim_start_matches(':').trim().to_owned())
    }

    /// Ends it. Every line of its standard output is JSON; what it said on standard error is text.
    #[track_caller]
    pub fn end(mut self) -> (Vec<Value>, String) {
        assert!(self.child.try_wait().unwrap().is_none(), "it has ended");
        let (out, err) = self.said();
        let line = |line| serde_json::from_str(line).unwrap_or_else(|why| panic!("{why}: {line}"));
        (out.lines().map(line).collect(), err)
    }

    /// Everything it said until its end, which is now.
    fn said(&mut self) -> (String, String) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        let text = |thread: Option<JoinHandle<String>>| thread.unwrap().join().unwrap();
        (text(self.out.take()), text(self.err.take()))
    }
}

impl Drop for Bootstrap {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
