//! Many connections that ask and look at every answer.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{scope, sleep};
use std::time::{Duration, Instant};

use crate::photos::Job;
use crate::requests::client::{Connection, Reply};

/// Times of answers, in the order in which they came.
#[derive(Default)]
pub struct Times(Vec<Duration>);

impl Times {
    pub fn add(&mut self, time: Duration) {
        self.0.push(time);
    }

    pub fn merge(&mut self, other: Times) {
        self.0.extend(other.0);
    }

    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// The time that this share of the answers took at most, in milliseconds; the nearest rank.
    pub fn share(&self, share: f64) -> Option<f64> {
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        let rank = (share * sorted.len() as f64).ceil() as usize;
        let time = sorted.get(rank.max(1) - 1)?;
        Some(time.as_secs_f64() * 1000.0)
    }
}

/// What came of the requests.
#[derive(Default)]
pub struct Tally {
    /// Glitched, byte for byte what the library makes.
    pub glitched: Times,
    /// 503 with `Retry-After`.
    pub refused: Times,
    /// Anything else, with how often.
    pub wrong: BTreeMap<String, u64>,
}

impl Tally {
    fn wrong(&mut self, what: String) {
        *self.wrong.entry(what).or_default() += 1;
    }

    fn merge(mut self, other: Tally) -> Tally {
        self.glitched.merge(other.glitched);
        self.refused.merge(other.refused);
        for (what, count) in other.wrong {
            *self.wrong.entry(what).or_default() += count;
        }
        self
    }
}

/// When the next request goes out.
#[derive(Clone, Copy)]
pub enum Pace {
    /// When the answer to the last one is there; after a 503 when it says.
    Closed,
    /// At so many a second, whatever becomes of the others. Time is taken from when it was due.
    Open(f64),
}

/// A run against one server.
pub struct Run<'a> {
    pub address: &'a str,
    pub jobs: &'a [Job],
    pub connections: usize,
    pub pace: Pace,
    pub time: Duration,
    next: AtomicUsize,
}

impl<'a> Run<'a> {
    pub fn new(address: &'a str, jobs: &'a [Job], connections: usize) -> Self {
        Run {
            address,
            jobs,
            connections,
            pace: Pace::Closed,
            time: Duration::ZERO,
            next: AtomicUsize::new(0),
        }
    }

    pub fn drive(&self) -> Tally {
        let start = Instant::now();
        scope(|scope| {
            let threads: Vec<_> = (0..self.connections)
                .map(|_| scope.spawn(|| self.ask(start)))
                .collect();
            let tallies = threads
                .into_iter()
                .map(|each| each.join().expect("no panic"));
            tallies.fold(Tally::default(), Tally::merge)
        })
    }

    /// One connection, again and again.
    fn ask(&self, start: Instant) -> Tally {
        let mut tally = Tally::default();
        let mut connection = None;
        loop {
            let index = self.next.fetch_add(1, Ordering::Relaxed);
            let due = match self.pace {
                Pace::Closed => Instant::now(),
                Pace::Open(rate) => start + Duration::from_secs_f64(index as f64 / rate),
            };
            if due.duration_since(start) >= self.time {
                return tally;
            }
            sleep(due.saturating_duration_since(Instant::now()));
            let job = &self.jobs[index % self.jobs.len()];
            let reply = self.exchange(&mut connection, &job.request);
            let wait = note(&mut tally, reply, (job, due.elapsed()));
            if matches!(self.pace, Pace::Closed) {
                sleep(wait);
            }
        }
    }

    fn exchange(
        &self,
        connection: &mut Option<Connection>,
        request: &[u8],
    ) -> std::io::Result<Reply> {
        let mut open = match connection.take() {
            Some(open) => open,
            None => Connection::open(self.address)?,
        };
        let reply = open.exchange(request);
        if reply.as_ref().is_ok_and(|reply| !reply.is_last()) {
            *connection = Some(open);
        }
        reply
    }
}

/// Looks at an answer; how long to wait before the next request.
fn note(
    tally: &mut Tally,
    reply: std::io::Result<Reply>,
    (job, took): (&Job, Duration),
) -> Duration {
    let reply = match reply {
        Ok(reply) => reply,
        Err(error) => {
            tally.wrong(format!("no answer: {error}"));
            return Duration::from_millis(100);
        }
    };
    let retry = reply
        .header("retry-after")
        .and_then(|text| text.parse().ok());
    match (reply.status, retry) {
        (200, _) if reply.header("content-type") != Some(job.media_type) => {
            tally.wrong(format!("200 with another media type for {}", job.name));
        }
        (200, _) if reply.body != job.answer => {
            tally.wrong(format!("200 with another picture for {}", job.name));
        }
        (200, _) => tally.glitched.add(took),
        (503, Some(seconds)) => {
            tally.refused.add(took);
            return Duration::from_secs(seconds);
        }
        (503, None) => tally.wrong("503 without Retry-After".to_owned()),
        (status, _) => tally.wrong(format!("status {status}")),
    }
    Duration::ZERO
}
