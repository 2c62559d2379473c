//! What clients can make the server hold: connections, files, memory.

use std::process::{Command, Stdio};

use crate::client::{Client, head, request};
use crate::pictures::PORTRAIT;
use crate::server::Server;
use crate::{GLITCH, NEVER, until};

/// A server that may have no more than so many files open.
fn with_files(most: usize, variables: &[(&str, &str)]) -> Server {
    let mut command = Command::new("sh");
    let limited = format!("ulimit -n {most} && exec \"$0\" \"$@\"");
    command.args(["-c", &limited, GLITCH, "serve"]);
    command.envs(variables.iter().copied()).stdin(Stdio::null());
    Server::launch(command)
}

#[test]
fn connections_for_which_there_is_no_file_wait() {
    let server = with_files(64, &[("GLITCH_HEADER_TIMEOUT", "1")]);
    let mut idle: Vec<_> = (0..120).map(|_| Client::connect(&server)).collect();
    // It tries again now and then, not all the time.
    let line = server.wait_for_log("level", "ERROR");
    assert_eq!(line["message"], "cannot accept connections");
    let tried = server.log().len();
    server.get("/healthz").fine();
    assert!(tried < 50, "{tried} lines of log");
    for client in &mut idle {
        assert!(client.rest().is_empty());
    }
    server.post("", &PORTRAIT).fine();
}

/// What the server has open besides connections.
const OTHER_FILES: usize = 24;

#[test]
fn as_many_connections_as_there_may_be_have_files() {
    let most = glitch::http::Settings::default().connections;
    assert!(most + OTHER_FILES <= 1024, "what many systems allow");
    let some = 100;
    let server = with_files(
        some + OTHER_FILES,
        &[
            ("GLITCH_CONNECTIONS", &some.to_string()),
            ("GLITCH_HEADER_TIMEOUT", "1"),
        ],
    );
    let mut idle: Vec<_> = (0..some).map(|_| Client::connect(&server)).collect();
    // It waits for one of them to end, and never for a file.
    server.get("/healthz").fine();
    assert!(idle[0].rest().is_empty());
    let log = server.log();
    assert!(log.iter().all(|line| line["level"] != "ERROR"), "{log:?}");
}

#[test]
fn a_header_that_drips_ends_at_the_header_timeout() {
    let server = Server::with_env(&[("GLITCH_HEADER_TIMEOUT", "0.5")]);
    let mut client = Client::connect(&server);
    client.send(b"GET / HTTP/1.1\r\nX-Drip: ");
    until("the end of a header that drips", || {
        std::thread::sleep(std::time::Duration::from_millis(20));
        client.try_send(b"~").err()
    });
}

/// It may be gone without a word: then nothing is ever read, and nothing more sent.
#[test]
fn who_sends_a_request_and_vanishes_loses_the_place() {
    let server = Server::with_env(&[
        ("GLITCH_HEADER_TIMEOUT", "0.3"),
        ("GLITCH_CONNECTIONS", "1"),
    ]);
    let mut vanished = Client::connect(&server);
    vanished.send(&request("POST", "/?seed=1", &PORTRAIT));
    server.get("/healthz").fine();
}

/// Of the process, in MiB.
#[cfg(target_os = "linux")]
fn peak(server: &Server) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.id())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.unwrap().trim().trim_end_matches(" kB");
    kib.parse::<u64>().unwrap() / 1024
}

#[cfg(target_os = "linux")]
#[test]
fn memory_is_bounded_however_many_send() {
    const CLIENTS: usize = 60;
    let server = Server::with_env(&[
        ("GLITCH_MAX_MEMORY", "16MiB"),
        ("GLITCH_STALL_TIMEOUT", NEVER),
        ("GLITCH_BODY_TIMEOUT", NEVER),
    ]);
    server.get("/healthz").fine();
    let before = peak(&server);
    // All of them together would be 240 MiB.
    let most = 4 << 20;
    let half = vec![b'~'; most];
    let clients: Vec<_> = (0..CLIENTS)
        .map(|_| {
            let mut client = Client::connect(&server);
            client.send(&head("POST", "/", 2 * most));
            // It is refused on the way, and may be reset.
            let _ = client.try_send(&half);
            client
        })
        .collect();
    let mut told = 0;
    until("most of them are sent away", || {
        told = clients.iter().filter(|client| client.hears()).count();
        (told >= CLIENTS - 4).then_some(())
    });
    let more = peak(&server) - before;
    println!("{told} of {CLIENTS} were sent away, {more} MiB more");
    assert!(more < 16 + 40, "{more} MiB more");
    server.get("/healthz").fine();
}
