//! What is not HTTP, or hardly.

use crate::client::{Client, head_with, request};
use crate::pictures::PORTRAIT;
use crate::server::Server;

/// Sends these bytes, and asserts that the connection ends, with one of these answers or without
/// any, and that the server lives.
#[track_caller]
fn assert_ends(server: &Server, bytes: &[u8], statuses: &[&str]) {
    let start = String::from_utf8_lossy(&bytes[..bytes.len().min(60)]).into_owned();
    let mut client = Client::connect(server);
    // The server may be fed up before the end.
    let _ = client.try_send(bytes);
    let rest = client.rest();
    let answer = String::from_utf8_lossy(&rest);
    let status = answer.split(' ').nth(1);
    let known = status.is_none_or(|status| statuses.contains(&status));
    assert!(known, "{start}: {answer}");
    server.get("/healthz").fine();
}

fn post(fields: &str) -> Vec<u8> {
    let mut request = head_with("POST", "/", fields);
    request.extend_from_slice(b"abc");
    request
}

#[test]
fn a_request_line_that_is_none() {
    let server = Server::start(&[]);
    for bytes in [
        b"nonsense\r\n\r\n".as_slice(),
        b"\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET /\xff HTTP/1.1\r\n\r\n",
        b"\0\0\0\0\0\0\0\0\r\n\r\n",
        &PORTRAIT,
    ] {
        assert_ends(&server, bytes, &["400"]);
    }
}

#[test]
fn a_header_without_end() {
    let server = Server::start(&[]);
    let field = format!("X-Long: {}\r\n", "x".repeat(1 << 20));
    assert_ends(&server, &head_with("GET", "/", &field), &["431"]);
    let fields = "X-Short: x\r\n".repeat(1 << 16);
    assert_ends(&server, &head_with("GET", "/", &fields), &["431"]);
    let path = format!("/{}", "x".repeat(1 << 20));
    assert_ends(&server, &request("GET", &path, b""), &["414", "431"]);
}

#[test]
fn a_length_that_cannot_be() {
    let server = Server::start(&[]);
    for fields in [
        "Content-Length: 3\r\nContent-Length: 4\r\n",
        "Content-Length: 3, 4\r\n",
        "Content-Length: -3\r\n",
        "Content-Length: +3\r\n",
        "Content-Length: 0x3\r\n",
        "Content-Length: three\r\n",
        "Content-Length: 18446744073709551615\r\n",
        "Content-Length: 99999999999999999999999\r\n",
    ] {
        assert_ends(&server, &post(fields), &["400", "431"]);
    }
}

#[test]
fn a_length_that_is_claimed_costs_nothing() {
    let server = Server::start(&[]);
    let answer = server.ask(&post(
        "Content-Length: 9223372036854775807\r\nExpect: 100-continue\r\n",
    ));
    answer.assert_problem(413, "too-large");
}

#[test]
fn a_coding_that_there_is_not() {
    let server = Server::start(&[]);
    for fields in [
        "Transfer-Encoding: nonsense\r\n",
        "Transfer-Encoding: gzip\r\n",
        "Transfer-Encoding: chunked, gzip\r\n",
        "Transfer-Encoding:\r\n",
    ] {
        assert_ends(&server, &post(fields), &["400"]);
    }
    // The first chunk has no length.
    let chunked = post("Transfer-Encoding: chunked\r\n");
    let answer = server.ask(&chunked);
    assert!(answer.status == 400 || answer.status == 408, "{answer:?}");
}

/// Who sends the whole body before reading has to get the answer, too.
#[test]
fn a_body_that_nobody_wants_is_taken_before_the_answer() {
    let server = Server::start(&[]);
    let body = vec![b'~'; 8 << 20];
    for (method, path, status, name) in [
        ("POST", "/nowhere", 404, "not-found"),
        ("POST", "/recipes", 405, "method-not-allowed"),
        ("DELETE", "/", 405, "method-not-allowed"),
    ] {
        let answer = server.ask(&request(method, path, &body));
        answer.assert_problem(status, name);
    }
    let path = "/problems/%ff";
    server.get(path).assert_problem(404, "not-found");
}
