//! Photographs over more and more connections, then more than the server can take, then SIGTERM.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{scope, sleep};
use std::time::{Duration, Instant};

use crate::drive::{Pace, Run, Tally};
use crate::health::{self, Health};
use crate::photos::{self, Job};
use crate::requests::client::Connection;
use crate::server::Server;

#[derive(clap::Args)]
pub struct Args {
    /// How many connections, one row of the table each.
    #[arg(long, value_delimiter = ',', default_values_t = [1, 8, 64, 256])]
    connections: Vec<usize>,
    /// How long each row takes.
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// Further flags of `glitch serve`, behind `--`.
    #[arg(last = true)]
    flags: Vec<String>,
}

const HEAD: &str = "\
| connections | pictures/s | p50 | p99 | 200 | 503 | p99 of 503 | other | /healthz p99 | worst | failed | memory, at most | afterwards |
|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|";

/// How much more is asked for than the server can do.
const TOO_MUCH: f64 = 4.0;

pub fn run(binary: &Path, args: &Args) -> Vec<String> {
    let jobs = photos::jobs();
    tell(&jobs);
    println!(
        "Times in milliseconds, memory in MiB. {} s a row.\n\n{HEAD}",
        args.seconds
    );
    let bench = Bench {
        binary,
        args,
        jobs: &jobs,
    };
    let mut faults = Vec::new();
    let mut best: f64 = 0.0;
    for &connections in &args.connections {
        let name = connections.to_string();
        let rate = bench.row(&name, (connections, Pace::Closed), &mut faults);
        best = best.max(rate);
    }
    let most = args.connections.iter().copied().max().unwrap_or(1);
    let asked = best.max(0.5) * TOO_MUCH;
    let name = format!("{most}, {asked:.0} requests/s asked for");
    bench.row(&name, (most, Pace::Open(asked)), &mut faults);
    bench.stop(&mut faults);
    faults
}

/// What is sent.
fn tell(jobs: &[Job]) {
    println!("| photograph | bytes |\n|---|--:|");
    let mut last = "";
    for job in jobs {
        if job.name != last {
            println!("| {} | {} |", job.name, job.bytes);
        }
        last = job.name;
    }
    println!();
}

struct Bench<'a> {
    binary: &'a Path,
    args: &'a Args,
    jobs: &'a [Job],
}

impl Bench<'_> {
    /// A row of the table, of a new server. Returns the pictures a second.
    fn row(&self, name: &str, (connections, pace): (usize, Pace), faults: &mut Vec<String>) -> f64 {
        let mut server = Server::start(self.binary, &self.args.flags);
        let address = server.address.clone();
        let mut run = Run::new(&address, self.jobs, connections);
        run.pace = pace;
        run.time = Duration::from_secs(self.args.seconds);
        let start = Instant::now();
        let (tally, health) = watched(&run);
        let took = start.elapsed();
        let rate = tally.glitched.count() as f64 / took.as_secs_f64();
        sleep(Duration::from_secs(2));
        let memory = (server.peak(), server.resident());
        print_row((name, rate), &tally, &health, memory);
        faults.extend(
            tally
                .wrong
                .iter()
                .map(|(what, count)| format!("{name}: {what}, {count} times")),
        );
        if health.failed > 0 {
            faults.push(format!("{name}: /healthz failed {} times", health.failed));
        }
        if let Some(status) = server.ended() {
            faults.push(format!("{name}: the server ended: {status}"));
        }
        rate
    }

    /// SIGTERM at work: what is out is answered, nobody new is let in.
    fn stop(&self, faults: &mut Vec<String>) {
        let mut server = Server::start(self.binary, &self.args.flags);
        let address = server.address.clone();
        let connections = 8;
        let job = &self.jobs[0];
        let sent = |_| {
            let mut client = Connection::open(&address)?;
            client.send(&job.request).map(|()| client)
        };
        let clients: Vec<_> = (0..connections).filter_map(|at| sent(at).ok()).collect();
        // The first of them are being worked on.
        sleep(Duration::from_millis(50));
        let start = Instant::now();
        server.terminate();
        let answers = clients.into_iter().map(|mut client| client.answer());
        let fine =
            answers.filter(|reply| reply.as_ref().is_ok_and(|reply| reply.body == job.answer));
        let answered = fine.count();
        let refused = Connection::open(&address).is_err();
        let code = server.wait();
        println!(
            "\nSIGTERM with {connections} requests out: {answered} answered, new connections {}, {}, {:.2} s",
            if refused { "refused" } else { "let in" },
            code.map_or("killed".to_owned(), |code| format!("exit code {code}")),
            start.elapsed().as_secs_f64()
        );
        if answered != connections || !refused || code != Some(0) {
            faults.push("SIGTERM did not end it in order".to_owned());
        }
    }
}

/// Drives while `/healthz` is asked.
fn watched(run: &Run<'_>) -> (Tally, Health) {
    let done = AtomicBool::new(false);
    scope(|scope| {
        let health = scope.spawn(|| health::watch(run.address, &done));
        let tally = run.drive();
        done.store(true, Ordering::Relaxed);
        (tally, health.join().expect("no panic"))
    })
}

fn print_row((name, rate): (&str, f64), tally: &Tally, health: &Health, (peak, after): (f64, f64)) {
    let time = |time: Option<f64>| time.map_or("–".to_owned(), |time| format!("{time:.0}"));
    let fine = |time: Option<f64>| time.map_or("–".to_owned(), |time| format!("{time:.1}"));
    println!(
        "| {name} | {rate:.1} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {peak:.0} | {after:.0} |",
        time(tally.glitched.share(0.5)),
        time(tally.glitched.share(0.99)),
        tally.glitched.count(),
        tally.refused.count(),
        time(tally.refused.share(0.99)),
        tally.wrong.values().sum::<u64>(),
        fine(health.times.share(0.99)),
        fine(health.times.share(1.0)),
        health.failed,
    );
}
