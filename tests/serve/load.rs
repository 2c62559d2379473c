//! More requests than there are workers.

use std::sync::Barrier;
use std::thread;

use crate::client::{Answer, Client, first_answer, head, head_with, request};
use crate::pictures::{LONG_WORK, NOISE, PORTRAIT};
use crate::server::Server;
use crate::{NEVER, until};

/// Clients whose work takes long, so many more than the server takes as are given; those are
/// refused, and what remains keeps every worker busy and the queue full.
fn fill(server: &Server, taken: usize, more: usize) -> Vec<Client> {
    let picture = request("POST", &format!("/?{}", *LONG_WORK), &NOISE);
    let mut clients: Vec<_> = (0..taken + more)
        .map(|_| {
            let mut client = Client::connect(server);
            client.send(&picture);
            client
        })
        .collect();
    for _ in 0..more {
        first_answer(&mut clients).assert_full();
    }
    clients
}

#[test]
fn two_hundred_at_once_are_answered_or_sent_away() {
    const CLIENTS: usize = 200;
    let (workers, queue) = (2, 4);
    let server = Server::start(&["--workers", "2", "--queue", "4", "--time-limit", NEVER]);
    let start = Barrier::new(CLIENTS);
    let ask = || {
        let mut client = Client::connect(&server);
        start.wait();
        client.send(&request("POST", "/?seed=1", &PORTRAIT));
        client.answer()
    };
    let answers: Vec<Answer> = thread::scope(|scope| {
        let threads: Vec<_> = (0..CLIENTS).map(|_| scope.spawn(ask)).collect();
        threads
            .into_iter()
            .map(|each| each.join().unwrap())
            .collect()
    });
    let (glitched, refused): (Vec<_>, Vec<_>) =
        answers.iter().partition(|answer| answer.status == 200);
    assert!(glitched.len() >= workers + queue, "{}", glitched.len());
    assert!(
        glitched
            .iter()
            .all(|answer| answer.body == glitched[0].body)
    );
    refused.iter().for_each(|answer| answer.assert_full());
    assert_eq!(server.log().len(), CLIENTS);
}

#[test]
fn a_full_server_tells_that_it_lives() {
    let server = Server::with_env(&[
        ("GLITCH_WORKERS", "1"),
        ("GLITCH_QUEUE", "1"),
        ("GLITCH_TIME_LIMIT", NEVER),
    ]);
    let busy = fill(&server, 2, 3);
    for _ in 0..3 {
        server.get("/healthz").fine();
        server.get("/version").fine();
        server.post("", &PORTRAIT).assert_full();
    }
    assert_eq!(busy.len(), 2);
}

/// A picture that would be read in vain is not asked for: the answer comes before its body does.
#[test]
fn a_full_server_says_so_before_the_body_comes() {
    let server = Server::start(&["--workers", "1", "--queue", "1", "--time-limit", NEVER]);
    let _busy = fill(&server, 2, 1);
    for path in ["/", "/inspect", "/photo.jpg"] {
        let method = if path == "/photo.jpg" { "PUT" } else { "POST" };
        let mut client = Client::connect(&server);
        client.send(&head(method, path, PORTRAIT.len()));
        client.send(&PORTRAIT[..1000]);
        client.answer().assert_full();
        // Who sends the rest in spite of it can go on with the connection.
        client.send(&PORTRAIT[1000..]);
        client.send(&request("GET", "/healthz", b""));
        client.answer().fine();
    }
    let mut patient = Client::connect(&server);
    let fields = "Expect: 100-continue\r\nContent-Length: 54000\r\n";
    patient.send(&head_with("POST", "/", fields));
    patient.answer().assert_full();
}

#[test]
fn who_hangs_up_frees_the_worker() {
    let server = Server::start(&["--workers", "1", "--queue", "0", "--time-limit", NEVER]);
    let busy = fill(&server, 1, 1);
    server.post("", &PORTRAIT).assert_full();
    drop(busy);
    until("the worker of one that is gone", || {
        let answer = server.post("", &PORTRAIT);
        (answer.status == 200).then_some(())
    });
    let line = server.wait_for_log("outcome", "client-gone");
    assert_eq!(line["status"], 499, "{line}");
}

#[test]
fn who_hangs_up_in_the_queue_frees_the_place() {
    let server = Server::start(&["--workers", "1", "--queue", "1", "--time-limit", NEVER]);
    for round in 1..=3 {
        // One works and one waits.
        drop(fill(&server, 2, 1));
        until("two that are gone", || {
            let log = server.log();
            let gone = log.iter().filter(|line| line["outcome"] == "client-gone");
            (gone.count() == 2 * round).then_some(())
        });
        until("the worker of one that is gone", || {
            let answer = server.post("", &PORTRAIT);
            (answer.status == 200).then_some(())
        });
    }
}

#[test]
fn work_ends_at_the_time_limit() {
    let server = Server::start(&["--workers", "1", "--queue", "0", "--time-limit", "0.5"]);
    let answer = server.post(&LONG_WORK, &NOISE);
    answer.assert_problem(504, "out-of-time");
    assert!(answer.text().contains("0.5 seconds"), "{}", answer.text());
    until("the worker of what took too long", || {
        let answer = server.post("", &PORTRAIT);
        (answer.status == 200).then_some(())
    });
}
