//! Very many requests, most of them small, of all manners, with an eye on the server's memory.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{scope, sleep};
use std::time::{Duration, Instant};

use crate::health::{self, Health};
use crate::requests::cases::{Manner, fixture};
use crate::requests::client::{Connection, head};
use crate::requests::mix::{Asked, Asker, Mix};
use crate::server::Server;
use crate::soak_report;

#[derive(clap::Args)]
pub struct Args {
    /// How many requests.
    #[arg(long, default_value_t = 100_000)]
    requests: usize,
    /// Over how many connections.
    #[arg(long, default_value_t = 8)]
    connections: usize,
    /// How many clients send half a request and no more, all the while.
    #[arg(long, default_value_t = 16)]
    slow: usize,
    /// Further flags of `glitch serve`, behind `--`.
    #[arg(last = true)]
    flags: Vec<String>,
}

/// So many requests lie between two looks at the memory.
pub const EVERY: usize = 1000;

/// What is written down while it runs.
#[derive(Default)]
pub struct Seen {
    pub manners: BTreeMap<Manner, usize>,
    /// How many answers had each status; 0 for none.
    pub statuses: BTreeMap<u16, usize>,
    pub faults: Vec<String>,
    /// Resident memory in MiB, after every [`EVERY`] requests.
    pub resident: Vec<f64>,
    /// The same after [`REST`], behind the first tenth and at the end.
    pub rested: Vec<f64>,
    /// Slow clients that the server got rid of.
    pub cut_off: usize,
    pub took: Duration,
    pub health: Health,
}

impl Seen {
    fn note(&mut self, asked: Asked) {
        *self.manners.entry(asked.manner).or_default() += 1;
        *self.statuses.entry(asked.status).or_default() += 1;
        self.faults.extend(asked.fault);
    }
}

/// A time limit that slow clients run into more often; the others are the defaults.
const FLAGS: [&str; 2] = ["--stall-timeout", "5"];

/// After so long without requests the allocator has given back what it kept for the next one.
pub const REST: Duration = Duration::from_secs(15);

pub fn run(binary: &Path, args: &Args) -> Vec<String> {
    let flags = FLAGS.map(str::to_owned).into_iter();
    let flags: Vec<_> = flags.chain(args.flags.clone()).collect();
    let mut server = Server::start(binary, &flags);
    let mix = Mix::new();
    let mut seen = Seen::default();
    // The first tenth is for warming up.
    for numbers in [0..args.requests / 10, args.requests / 10..args.requests] {
        part(&server, (&mix, numbers), args, &mut seen);
        sleep(REST);
        seen.rested.push(server.resident());
    }
    if let Some(status) = server.ended() {
        seen.faults.push(format!("the server ended: {status}"));
    }
    soak_report::print(&mut seen, &server);
    server.terminate();
    match server.wait() {
        Some(0) => {}
        code => seen
            .faults
            .push(format!("exit code {code:?} after SIGTERM")),
    }
    seen.faults
}

/// The requests with these numbers, while slow clients and `/healthz` are attended.
fn part(server: &Server, (mix, numbers): (&Mix, Range<usize>), args: &Args, seen: &mut Seen) {
    let address = &server.address;
    let (next, done) = (AtomicUsize::new(numbers.start), AtomicBool::new(false));
    let shared = Mutex::new(std::mem::take(seen));
    let ask = || {
        let mut asker = Asker::new(mix, address);
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= numbers.end {
                return;
            }
            let asked = asker.ask(number);
            let mut seen = shared.lock().expect("no panic");
            seen.note(asked);
            if number % EVERY == EVERY - 1 {
                seen.resident.push(server.resident());
            }
        }
    };
    let start = Instant::now();
    let (took, health, slow) = scope(|scope| {
        let health = scope.spawn(|| health::watch(address, &done));
        let dawdle = |index| dawdle(address, index, &done);
        let slow: Vec<_> = (0..args.slow)
            .map(|index| scope.spawn(move || dawdle(index)))
            .collect();
        let askers: Vec<_> = (0..args.connections).map(|_| scope.spawn(ask)).collect();
        for asker in askers {
            asker.join().expect("no panic");
        }
        let took = start.elapsed();
        done.store(true, Ordering::Relaxed);
        let slow = slow.into_iter().map(|each| each.join().expect("no panic"));
        let slow: Vec<_> = slow.collect();
        (took, health.join().expect("no panic"), slow)
    });
    *seen = shared.into_inner().expect("no panic");
    seen.took += took;
    seen.health.merge(health);
    for slow in slow {
        match slow {
            Ok(count) => seen.cut_off += count,
            Err(error) => seen
                .faults
                .push(format!("a slow client was not cut off: {error}")),
        }
    }
}

/// Sends half a header or half a body and waits to be cut off, again and again.
fn dawdle(address: &str, index: usize, done: &AtomicBool) -> std::io::Result<usize> {
    let mut half = b"POST / HTTP/1.1\r\nHost: loc".to_vec();
    if index.is_multiple_of(2) {
        half = head("POST", "/", "Content-Length: 54000\r\n");
        half.extend_from_slice(&fixture("portrait.jpg")[..20_000]);
    }
    let mut count = 0;
    while !done.load(Ordering::Relaxed) {
        let mut client = Connection::open(address)?;
        client.send(&half)?;
        client.wait_for_end()?;
        count += 1;
    }
    Ok(count)
}
