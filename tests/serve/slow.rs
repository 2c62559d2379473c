//! Clients that are slow, silent, or gone.

use std::thread::sleep;
use std::time::Duration;

use crate::client::{Client, head, request};
use crate::pictures::{LARGE_JPEG, PORTRAIT};
use crate::server::Server;
use crate::{NEVER, until};

/// A server in which only this time limit can end a connection.
fn server(variable: &str, seconds: &str) -> Server {
    let mut variables = vec![
        ("GLITCH_HEADER_TIMEOUT", NEVER),
        ("GLITCH_BODY_TIMEOUT", NEVER),
        ("GLITCH_STALL_TIMEOUT", NEVER),
        ("GLITCH_METRICS", "prometheus"),
    ];
    variables.retain(|(name, _)| *name != variable);
    variables.push((variable, seconds));
    Server::with_env(&variables)
}

/// A client that sent the head of its request and half of the picture.
fn half_sent(server: &Server) -> Client {
    let mut client = Client::connect(server);
    client.send(&head("POST", "/", PORTRAIT.len()));
    client.send(&PORTRAIT[..PORTRAIT.len() / 2]);
    client
}

#[test]
fn half_a_header_ends_at_the_header_timeout() {
    let server = server("GLITCH_HEADER_TIMEOUT", "0.3");
    for half in ["", "POST / HTT", "POST / HTTP/1.1\r\nHost: localhost\r\n"] {
        let mut client = Client::connect(&server);
        client.send(half.as_bytes());
        client.rest();
    }
    server.get("/healthz").fine();
}

#[test]
fn an_idle_connection_ends_at_the_header_timeout() {
    let server = server("GLITCH_HEADER_TIMEOUT", "0.3");
    let mut client = Client::connect(&server);
    client.send(&request("GET", "/healthz", b""));
    client.answer().fine();
    assert!(client.rest().is_empty());
}

#[test]
fn a_connection_is_kept_for_the_next_request() {
    let server = server("GLITCH_HEADER_TIMEOUT", NEVER);
    let mut client = Client::connect(&server);
    for _ in 0..3 {
        client.send(&request("POST", "/?seed=1", &PORTRAIT));
        client.answer().fine();
    }
}

#[test]
fn silence_in_a_body_ends_at_the_stall_timeout() {
    let server = server("GLITCH_STALL_TIMEOUT", "0.3");
    let mut client = half_sent(&server);
    client.answer().assert_problem(408, "incomplete");
    assert!(client.rest().is_empty());
    server.wait_for_running(0);
    server.post("", &PORTRAIT).fine();
}

#[test]
fn a_body_that_drips_ends_at_the_body_timeout() {
    let server = server("GLITCH_BODY_TIMEOUT", "0.5");
    let mut client = half_sent(&server);
    // Far fewer bytes than the picture has.
    let drip = until("the end of a body that drips", || {
        sleep(Duration::from_millis(20));
        client.try_send(b"~").err()
    });
    drop(drip);
    let answer = server.wait_for_log("outcome", "incomplete");
    assert_eq!(answer["status"], 408, "{answer}");
    server.wait_for_running(0);
    server.post("", &PORTRAIT).fine();
}

#[test]
fn who_hangs_up_in_a_body_leaves_nothing_behind() {
    // Memory for one picture at a time.
    let server = Server::start(&["--max-memory", "60000", "--metrics", "prometheus"]);
    for _ in 0..20 {
        drop(half_sent(&server));
    }
    until("the memory of those that are gone", || {
        (server.post("", &PORTRAIT).status == 200).then_some(())
    });
    server.wait_for_running(0);
}

#[test]
fn who_never_reads_the_answer_is_given_up() {
    let memory = (LARGE_JPEG.len() + 1_000_000).to_string();
    let server = Server::with_env(&[
        ("GLITCH_STALL_TIMEOUT", "1"),
        ("GLITCH_MAX_MEMORY", &memory),
    ]);
    let mut deaf = Client::connect(&server);
    deaf.send(&request("POST", "/?seed=1", &LARGE_JPEG));
    server.wait_for_log("outcome", "ok");
    // This one gets through when the other is given up.
    let small = &LARGE_JPEG[..2_000_000];
    until("the memory of an answer that nobody reads", || {
        (server.post("", small).status == 200).then_some(())
    });
    let read = deaf.rest().len();
    assert!(read < LARGE_JPEG.len(), "all {read} bytes were sent");
}

#[test]
fn connections_beyond_the_most_wait() {
    let server = Server::with_env(&[("GLITCH_CONNECTIONS", "1")]);
    let mut first = Client::connect(&server);
    first.send(&request("GET", "/healthz", b""));
    first.answer().fine();
    let mut second = Client::connect(&server);
    second.send(&request("GET", "/version", b""));
    // While the first has the only place, it is the one that is answered.
    for _ in 0..3 {
        first.send(&request("GET", "/version", b""));
        first.answer().fine();
    }
    assert_eq!(server.log().len(), 3);
    drop(first);
    second.answer().fine();
}
