//! Starts the real server on a free port, and stops it.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStdout, Command, Output, Stdio};
use std::sync::OnceLock;

use glitch::http::{SETTINGS, TOKEN_VARIABLE};
use serde_json::Value;

use crate::client::{Answer, Client, request};
use crate::{GLITCH, until};

/// A running `glitch serve`, killed when dropped.
pub struct Server {
    child: Child,
    /// Host and port.
    pub address: String,
    out: BufReader<ChildStdout>,
    folder: tempfile::TempDir,
}

impl Server {
    /// Started with these flags.
    pub fn start(flags: &[&str]) -> Self {
        Server::launch(command(flags))
    }

    /// Started with these environment variables, by the names of the settings.
    pub fn with_env(variables: &[(&str, &str)]) -> Self {
        let mut command = command(&[]);
        command.envs(variables.iter().copied());
        Server::launch(command)
    }

    /// Started by this command.
    pub fn launch(mut command: Command) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let log = File::create(folder.path().join("log")).unwrap();
        command.stderr(log);
        Server::run(command, folder)
    }

    /// With a standard error of its own, from which nothing is read here.
    pub fn logging_elsewhere(command: Command) -> Self {
        let folder = tempfile::tempdir().unwrap();
        File::create(folder.path().join("log")).unwrap();
        Server::run(command, folder)
    }

    fn run(mut command: Command, folder: tempfile::TempDir) -> Self {
        command.args(["--addr", "127.0.0.1:0"]);
        command.stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        out.read_line(&mut line).unwrap();
        let mut server = Server {
            child,
            address: String::new(),
            out,
            folder,
        };
        let address = line.trim_end().strip_prefix("listening on http://");
        let address = address.unwrap_or_else(|| panic!("{line:?}, {}", server.log_text()));
        assert!(address.starts_with("127.0.0.1:"), "{address}");
        server.address = address.to_owned();
        server
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The answer to a request on a connection of its own.
    pub fn ask(&self, request: &[u8]) -> Answer {
        let mut client = Client::connect(self);
        client.send(request);
        client.answer()
    }

    pub fn get(&self, path: &str) -> Answer {
        self.ask(&request("GET", path, b""))
    }

    /// Posts a picture; `query` is without its question mark.
    pub fn post(&self, query: &str, picture: &[u8]) -> Answer {
        self.ask(&request("POST", &format!("/?{query}"), picture))
    }

    /// Waits until so many requests are being answered; for servers with `--metrics prometheus`.
    pub fn wait_for_running(&self, count: usize) {
        until(&format!("{count} requests at once"), || {
            (self.running() == count).then_some(())
        });
    }

    /// How many requests are being answered besides this question.
    pub fn running(&self) -> usize {
        let metrics = self.get("/metrics").fine();
        let mut lines = metrics.text().lines();
        let count = lines.find_map(|line| line.strip_prefix("glitch_requests_in_flight "));
        let count: usize = count.expect("the gauge is there").parse().unwrap();
        count - 1
    }

    pub fn log_text(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap()
    }

    /// Every line of the log so far.
    pub fn log(&self) -> Vec<Value> {
        let text = self.log_text();
        let whole = text.rfind('\n').map_or(0, |end| end + 1);
        let lines = text[..whole].lines();
        lines
            .map(|line| serde_json::from_str(line).unwrap_or_else(|why| panic!("{why}: {line}")))
            .collect()
    }

    /// Waits for a line of the log in which a member has this value.
    #[track_caller]
    pub fn wait_for_log(&self, key: &str, value: &str) -> Value {
        until(&format!("a line of the log with {key} {value}"), || {
            self.log().into_iter().find(|line| line[key] == value)
        })
    }

    /// Of its process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends a signal, such as `-TERM`.
    pub fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        let sent = Command::new("kill").args([name, &pid]).status().unwrap();
        assert!(sent.success());
    }

    /// Waits for its end: the exit code.
    #[track_caller]
    pub fn wait(&mut self) -> i32 {
        let status = until("the end of the server", || self.child.try_wait().unwrap());
        status.code().expect("ended by a signal")
    }

    /// What it printed after its first line. It has to have ended.
    pub fn printed(&mut self) -> String {
        let mut text = String::new();
        self.out.read_to_string(&mut text).unwrap();
        text
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// `glitch serve` with these flags, without any settings of the environment of the tests.
pub fn command(flags: &[&str]) -> Command {
    let mut command = heeding();
    command.arg("serve").args(flags).stdin(Stdio::null());
    for setting in SETTINGS {
        command.env_remove(setting.variable());
    }
    for variable in [TOKEN_VARIABLE, "GLITCH_ADDR", "GLITCH_LOG"] {
        command.env_remove(variable);
    }
    command
}

/// A program that heeds signals, even if the tests themselves run under nohup or in the
/// background of a shell, where some are ignored and a child would inherit that.
fn heeding() -> Command {
    static CAN: OnceLock<bool> = OnceLock::new();
    let heeds = "--default-signal=HUP,INT,TERM";
    let can = CAN.get_or_init(|| {
        let mut probe = Command::new("env");
        let probe = probe.args([heeds, "true"]).stderr(Stdio::null()).status();
        probe.is_ok_and(|status| status.success())
    });
    if !can {
        return Command::new(GLITCH);
    }
    let mut command = Command::new("env");
    command.args([heeds, GLITCH]);
    command
}

/// Runs a server that is expected not to start; its exit code, and what it said on standard
/// error.
pub fn refused(command: &mut Command) -> (i32, String) {
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let ended = || child.try_wait().unwrap();
    until("the end of a server that cannot start", ended);
    let Output { status, stderr, .. } = child.wait_with_output().unwrap();
    let said = String::from_utf8(stderr).unwrap();
    (status.code().expect("ended by a signal"), said)
}
