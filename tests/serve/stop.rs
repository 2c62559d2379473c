//! SIGTERM and Ctrl-C.

use std::io::ErrorKind;
use std::process::{Command, Stdio};

use crate::client::{Client, head, request};
use crate::pictures::{LONG_WORK, NOISE, PORTRAIT, SOME_WORK, assert_glitched};
use crate::server::Server;
use crate::{NEVER, until};

/// A server that is stopped by nothing but signals.
fn server(drain_time: &str) -> Server {
    Server::with_env(&[
        ("GLITCH_DRAIN_TIME", drain_time),
        ("GLITCH_TIME_LIMIT", NEVER),
        ("GLITCH_HEADER_TIMEOUT", NEVER),
        ("GLITCH_BODY_TIMEOUT", NEVER),
        ("GLITCH_STALL_TIMEOUT", NEVER),
        ("GLITCH_METRICS", "prometheus"),
        ("GLITCH_WORKERS", "2"),
    ])
}

fn wait_until_nobody_listens(server: &Server) {
    until("a connection that is refused", || {
        let error = Client::try_connect(server).err()?;
        (error.kind() == ErrorKind::ConnectionRefused).then_some(())
    });
}

/// An upload that has begun and waits for its second half.
fn half_an_upload(server: &Server) -> Client {
    let mut client = Client::connect(server);
    client.send(&head("POST", "/", PORTRAIT.len()));
    client.send(&PORTRAIT[..PORTRAIT.len() / 2]);
    server.wait_for_running(1);
    client
}

#[test]
fn running_requests_are_answered_before_the_end() {
    for signal in ["-TERM", "-INT"] {
        // The work may be done before the signal arrives.
        let seen = (0..5).any(|_| works_on_after(signal));
        assert!(seen, "no request was running at {signal}");
    }
}

/// Stops a server at work; whether it answered a request after the signal.
fn works_on_after(signal: &str) -> bool {
    let mut server = server(NEVER);
    // Two are worked on, and one waits.
    let mut clients: Vec<_> = (0..3).map(|_| Client::connect(&server)).collect();
    let picture = request("POST", &format!("/?{}", *SOME_WORK), &PORTRAIT);
    clients.iter_mut().for_each(|client| client.send(&picture));
    until("three requests at once", || {
        let running = server.running() == clients.len();
        (running || clients.iter().any(Client::hears)).then_some(())
    });
    server.signal(signal);
    wait_until_nobody_listens(&server);
    for mut client in clients {
        assert_glitched(&client.answer().fine().body, &PORTRAIT);
        assert!(client.rest().is_empty());
    }
    assert_eq!(server.wait(), 0, "{signal}");
    let log = server.log();
    let stopping = log.iter().position(|line| line["message"] == "stopping");
    let last = log.iter().rposition(|line| line["method"] == "POST");
    stopping.expect("it told that it stops") < last.expect("it told of the requests")
}

#[test]
fn an_upload_in_flight_is_taken_and_answered() {
    let mut server = server(NEVER);
    let mut client = half_an_upload(&server);
    server.signal("-TERM");
    wait_until_nobody_listens(&server);
    client.send(&PORTRAIT[PORTRAIT.len() / 2..]);
    assert_glitched(&client.answer().fine().body, &PORTRAIT);
    assert_eq!(server.wait(), 0);
    assert_eq!(server.printed(), "");
}

#[test]
fn connections_without_a_request_do_not_hold_up_the_end() {
    let mut server = server(NEVER);
    let _fresh = Client::connect(&server);
    let mut idle = Client::connect(&server);
    idle.send(&request("GET", "/healthz", b""));
    idle.answer().fine();
    server.signal("-TERM");
    assert_eq!(server.wait(), 0);
}

#[test]
fn an_upload_that_is_stuck_is_cut_off_at_the_drain_time() {
    let mut server = server("0.3");
    let mut stuck = half_an_upload(&server);
    server.signal("-TERM");
    assert_eq!(server.wait(), 130);
    stuck.rest();
    let line = server.wait_for_log("level", "ERROR");
    assert_eq!(line["message"], "stopped before all requests were answered");
}

#[test]
fn work_that_takes_too_long_is_cut_off_at_the_drain_time() {
    let mut server = server("0.3");
    let mut client = Client::connect(&server);
    client.send(&request("POST", &format!("/?{}", *LONG_WORK), &NOISE));
    server.wait_for_running(1);
    server.signal("-TERM");
    assert_eq!(server.wait(), 130);
    client.rest();
}

#[test]
fn a_second_signal_ends_it_at_once() {
    for (first, second) in [("-TERM", "-TERM"), ("-INT", "-INT"), ("-TERM", "-INT")] {
        let mut server = server(NEVER);
        let _stuck = half_an_upload(&server);
        server.signal(first);
        server.wait_for_log("message", "stopping");
        server.signal(second);
        assert_eq!(server.wait(), 130, "{first} {second}");
    }
}

/// The log goes to a pipe that nobody reads any more.
#[test]
fn a_log_that_cannot_be_written_stops_nothing() {
    let mut command = crate::server::command(&[]);
    let mut reader = Command::new("true")
        .stdin(Stdio::piped())
        .spawn()
        .expect("it starts");
    let pipe = reader.stdin.take().expect("standard input is piped");
    reader.wait().unwrap();
    command.stderr(pipe);
    let mut server = Server::logging_elsewhere(command);
    for _ in 0..3 {
        server.post("", &PORTRAIT).fine();
    }
    server.signal("-TERM");
    assert_eq!(server.wait(), 0);
}
