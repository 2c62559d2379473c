//! Asks `/healthz` all the time, on a new connection each time, as a supervisor does.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::drive::Times;
use crate::requests::client::{Connection, request};

const PAUSE: Duration = Duration::from_millis(20);

/// How long the answers took, and how many there were not.
#[derive(Default)]
pub struct Health {
    pub times: Times,
    pub failed: u64,
}

impl Health {
    pub fn merge(&mut self, other: Health) {
        self.times.merge(other.times);
        self.failed += other.failed;
    }
}

/// Asks until `done`.
pub fn watch(address: &str, done: &AtomicBool) -> Health {
    let mut health = Health::default();
    let question = request("GET", "/healthz", b"");
    while !done.load(Ordering::Relaxed) {
        let start = Instant::now();
        let reply = Connection::open(address).and_then(|mut client| client.exchange(&question));
        match reply {
            Ok(reply) if reply.status == 200 => health.times.add(start.elapsed()),
            _ => health.failed += 1,
        }
        sleep(PAUSE);
    }
    health
}
