//! A `glitch serve` of its own process.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};

pub struct Server {
    child: Child,
    /// Host and port.
    pub address: String,
}

/// The program that cargo put beside this one.
pub fn beside() -> PathBuf {
    let own = std::env::current_exe().expect("a program knows where it is");
    let folder = own.parent().and_then(Path::parent);
    folder.expect("examples have a folder").join("glitch")
}

impl Server {
    /// On a free port, with these flags. What it logs is thrown away.
    pub fn start(binary: &Path, flags: &[String]) -> Self {
        let mut command = Command::new(binary);
        command.args(["serve", "--addr", "127.0.0.1:0"]).args(flags);
        command.stdin(Stdio::null()).stderr(Stdio::null());
        command.stdout(Stdio::piped());
        let spawned = command.spawn();
        let mut child = spawned.unwrap_or_else(|why| panic!("{}: {why}", binary.display()));
        let out = child.stdout.take().expect("standard output is piped");
        let mut line = String::new();
        let read = BufReader::new(out).read_line(&mut line);
        let address = line.trim_end().strip_prefix("listening on http://");
        let address = address.unwrap_or_else(|| panic!("{read:?}: no address in {line:?}"));
        Server {
            address: address.to_owned(),
            child,
        }
    }

    /// A figure of `/proc/PID/status` in KiB, such as `VmRSS`; `None` where there is no such file.
    fn kib(&self, name: &str) -> Option<u64> {
        let path = format!("/proc/{}/status", self.child.id());
        let text = fs::read_to_string(path).ok()?;
        let line = text.lines().find(|line| line.starts_with(name))?;
        line.split_whitespace().nth(1)?.parse().ok()
    }

    /// Resident memory in MiB.
    pub fn resident(&self) -> f64 {
        self.kib("VmRSS:").unwrap_or_default() as f64 / 1024.0
    }

    /// The most that there was of it.
    pub fn peak(&self) -> f64 {
        self.kib("VmHWM:").unwrap_or_default() as f64 / 1024.0
    }

    pub fn open_files(&self) -> usize {
        let path = format!("/proc/{}/fd", self.child.id());
        fs::read_dir(path).map_or(0, Iterator::count)
    }

    /// How it ended, if it did.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().ok().flatten()
    }

    /// Asks it to end.
    pub fn terminate(&self) {
        let pid = self.child.id().to_string();
        let sent = Command::new("kill").args(["-TERM", &pid]).status();
        assert!(sent.is_ok_and(|status| status.success()), "no signal");
    }

    pub fn wait(&mut self) -> Option<i32> {
        self.child.wait().ok().and_then(|status| status.code())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
