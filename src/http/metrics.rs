//! Counts: for Prometheus to fetch, or as lines in CloudWatch's embedded metric format.

use std::io::Write;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};
use serde_json::json;

use super::observe::{Account, milliseconds};
use super::settings::Metrics;

/// A request that was answered.
pub(super) struct Event<'a> {
    pub(super) route: &'a str,
    pub(super) method: &'a str,
    pub(super) status: u16,
    /// `ok`, or the name of a problem.
    pub(super) outcome: &'a str,
    pub(super) bytes_in: u64,
    pub(super) bytes_out: u64,
    pub(super) took: Duration,
    pub(super) account: Option<&'a Account>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answer {
    route: String,
    method: String,
    status: u16,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Route {
    route: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Media {
    format: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Stage {
    stage: &'static str,
}

type Durations = Family<Route, Histogram, fn() -> Histogram>;

/// Everything that is counted.
#[derive(Debug)]
pub(super) struct Counts {
    kind: Metrics,
    registry: Registry,
    requests: Family<Answer, Counter>,
    durations: Durations,
    in_flight: Gauge,
    bytes_in: Counter,
    bytes_out: Counter,
    pixels: Family<Media, Counter>,
    stages: Family<Stage, Counter<f64, std::sync::atomic::AtomicU64>>,
}

/// Upper bounds of the buckets, in seconds.
const BUCKETS: [f64; 11] = [
    0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
];

impl Counts {
    pub(super) fn new(kind: Metrics) -> Self {
        let mut counts = Counts {
            kind,
            registry: Registry::with_prefix("glitch"),
            requests: Family::default(),
            durations: Family::new_with_constructor(|| Histogram::new(BUCKETS)),
            in_flight: Gauge::default(),
            bytes_in: Counter::default(),
            bytes_out: Counter::default(),
            pixels: Family::default(),
            stages: Family::default(),
        };
        counts.register();
        counts
    }

    fn register(&mut self) {
        let registry = &mut self.registry;
        registry.register("requests", "Requests answered", self.requests.clone());
        registry.register_with_unit(
            "request_duration",
            "From the header of a request to its answer",
            Unit::Seconds,
            self.durations.clone(),
        );
        let in_flight = "Requests that are being answered";
        registry.register("requests_in_flight", in_flight, self.in_flight.clone());
        let (received, sent) = ("Bytes of request bodies", "Bytes of answers");
        registry.register_with_unit("received", received, Unit::Bytes, self.bytes_in.clone());
        registry.register_with_unit("sent", sent, Unit::Bytes, self.bytes_out.clone());
        registry.register("pixels", "Pixels of glitched pictures", self.pixels.clone());
        registry.register_with_unit(
            "stage",
            "Wall time of the stages of a glitch",
            Unit::Seconds,
            self.stages.clone(),
        );
    }

    pub(super) fn begin(&self) {
        self.in_flight.inc();
    }

    pub(super) fn end(&self) {
        self.in_flight.dec();
    }

    pub(super) fn count(&self, event: &Event<'_>) {
        match self.kind {
            Metrics::Off => {}
            Metrics::Prometheus => self.add(event),
            // A line that cannot be written can be told to nobody.
            Metrics::Embedded => drop(writeln!(std::io::stdout().lock(), "{}", embedded(event))),
        }
    }

    fn add(&self, event: &Event<'_>) {
        let answer = Answer {
            route: event.route.to_owned(),
            method: event.method.to_owned(),
            status: event.status,
        };
        let route = Route {
            route: event.route.to_owned(),
        };
        self.requests.get_or_create(&answer).inc();
        let durations = self.durations.get_or_create(&route);
        durations.observe(event.took.as_secs_f64());
        self.bytes_in.inc_by(event.bytes_in);
        self.bytes_out.inc_by(event.bytes_out);
        if let Some(account) = event.account {
            let format = account.format.media_type();
            self.pixels
                .get_or_create(&Media { format })
                .inc_by(account.pixels);
            for (stage, time) in account.stages {
                self.stages
                    .get_or_create(&Stage { stage })
                    .inc_by(time.as_secs_f64());
            }
        }
    }

    /// The counts as Prometheus reads them (OpenMetrics 1.0); `None` where it does not ask.
    pub(super) fn text(&self) -> Option<String> {
        if self.kind != Metrics::Prometheus {
            return None;
        }
        let mut text = String::new();
        encode(&mut text, &self.registry).ok().map(|()| text)
    }
}

/// The same counts of one request as a line of log that CloudWatch makes metrics of.
fn embedded(event: &Event<'_>) -> serde_json::Value {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let metric = |name: &str, unit: &str| json!({ "Name": name, "Unit": unit });
    let mut line = json!({
        "_aws": {
            "Timestamp": now.map_or(0, |now| now.as_millis() as u64),
            "CloudWatchMetrics": [{
                "Namespace": "glitch",
                "Dimensions": [["route", "outcome"]],
                "Metrics": [
                    metric("requests", "Count"),
                    metric("duration", "Milliseconds"),
                    metric("received", "Bytes"),
                    metric("sent", "Bytes"),
                    metric("pixels", "Count"),
                ],
            }],
        },
        "route": event.route,
        "outcome": event.outcome,
        "method": event.method,
        "status": event.status,
        "requests": 1,
        "duration": milliseconds(event.took),
        "received": event.bytes_in,
        "sent": event.bytes_out,
        "pixels": event.account.map_or(0, |account| account.pixels),
    });
    for (stage, time) in event.account.iter().flat_map(|account| account.stages) {
        line[format!("{stage}_ms")] = milliseconds(time).into();
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Format;

    fn account() -> Account {
        Account {
            bytes_in: 1000,
            format: Format::Png,
            pixels: 640,
            stages: [("read", Duration::from_millis(500)); 7],
        }
    }

    fn event(account: &Account) -> Event<'_> {
        Event {
            route: "/",
            method: "POST",
            status: 200,
            outcome: "ok",
            bytes_in: 1000,
            bytes_out: 1100,
            took: Duration::from_millis(30),
            account: Some(account),
        }
    }

    #[test]
    fn prometheus_gets_every_count() {
        let counts = Counts::new(Metrics::Prometheus);
        counts.begin();
        counts.count(&event(&account()));
        counts.count(&event(&account()));
        let text = counts.text().unwrap();
        for line in [
            "glitch_requests_total{route=\"/\",method=\"POST\",status=\"200\"} 2",
            "glitch_request_duration_seconds_bucket{le=\"0.05\",route=\"/\"} 2",
            "glitch_requests_in_flight 1",
            "glitch_received_bytes_total 2000",
            "glitch_sent_bytes_total 2200",
            "glitch_pixels_total{format=\"image/png\"} 1280",
            "glitch_stage_seconds_total{stage=\"read\"} 7.0",
        ] {
            assert!(text.contains(line), "{line}\n{text}");
        }
        assert!(Counts::new(Metrics::Off).text().is_none());
    }

    #[test]
    fn every_embedded_metric_has_its_value() {
        let line = embedded(&event(&account()));
        let directive = &line["_aws"]["CloudWatchMetrics"][0];
        for metric in directive["Metrics"].as_array().unwrap() {
            assert!(line[metric["Name"].as_str().unwrap()].is_number(), "{line}");
        }
        for dimension in directive["Dimensions"][0].as_array().unwrap() {
            assert!(line[dimension.as_str().unwrap()].is_string(), "{line}");
        }
        assert!(line["_aws"]["Timestamp"].as_u64().unwrap() > 1_700_000_000_000);
        assert_eq!(line["sent"], 1100);
        assert_eq!(line["read_ms"], 500.0);
    }
}
