//! A running `glitch serve` for tests that only need one.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

/// The server on a free port; killed at the end.
pub struct Server {
    process: Child,
    /// Such as `http://127.0.0.1:49152`.
    pub address: String,
}

impl Server {
    pub fn start() -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_glitch"))
            .args(["serve", "--addr", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the server starts");
        let stdout = process.stdout.take().expect("standard output is piped");
        let mut line = String::new();
        let read = BufReader::new(stdout).read_line(&mut line);
        let mut server = Server {
            process,
            address: String::new(),
        };
        let address = line.trim_end().strip_prefix("listening on ");
        server.address = address
            .unwrap_or_else(|| panic!("{read:?}: no address in {line:?}"))
            .to_owned();
        server
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
