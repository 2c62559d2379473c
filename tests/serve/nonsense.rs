//! What is not HTTP, or hardly.

use crate::client::{Client, head, head_with, request};
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
}

#[test]
fn chunks_that_are_none() {
    let server = Server::start(&[]);
    let large = format!("ffffffffffffffffff\r\n{}", "x".repeat(100));
    for chunks in [
        "xyz\r\n",
        "no length\r\n\r\n",
        "5\r\nabc\r\n0\r\n\r\n",
        "3\r\nabcdefgh",
        "-3\r\nabc\r\n",
        &large,
    ] {
        let mut request = head_with("POST", "/", "Transfer-Encoding: chunked\r\n");
        request.extend_from_slice(chunks.as_bytes());
        server.ask(&request).assert_problem(400, "bad-body");
    }
    // A picture that comes in chunks is taken.
    let mut request = head_with("POST", "/?seed=1", "Transfer-Encoding: chunked\r\n");
    for piece in PORTRAIT.chunks(10_000) {
        request.extend_from_slice(format!("{:x};a=b\r\n", piece.len()).as_bytes());
        request.extend_from_slice(piece);
        request.extend_from_slice(b"\r\n");
    }
    request.extend_from_slice(b"0\r\nTrailer: x\r\n\r\n");
    let answer = server.ask(&request).fine();
    assert_eq!(answer.body, server.post("seed=1", &PORTRAIT).body);
}

/// Who sends the whole body before reading has to get the answer, too, on a connection that is kept
/// or not.
#[test]
fn a_body_that_nobody_wants_does_not_keep_the_answer_from_arriving() {
    let server = Server::start(&[]);
    let body = vec![b'~'; 8 << 20];
    for (method, path, status, name) in [
        ("POST", "/nowhere", 404, "not-found"),
        ("POST", "/recipes", 405, "method-not-allowed"),
        ("DELETE", "/", 405, "method-not-allowed"),
    ] {
        for fields in ["", "Connection: close\r\n"] {
            let length = format!("{fields}Content-Length: {}\r\n", body.len());
            let mut client = Client::connect(&server);
            client.send(&head_with(method, path, &length));
            client.send(&body);
            client.answer().assert_problem(status, name);
            if fields.is_empty() {
                client.send(&request("GET", "/healthz", b""));
                client.answer().fine();
            }
        }
    }
    let path = "/problems/%ff";
    server.get(path).assert_problem(404, "not-found");
}

/// The answer does not wait for the body: who looks need not send the rest.
#[test]
fn a_body_that_nobody_wants_need_not_be_sent() {
    let server = Server::with_env(&[("GLITCH_MAX_BYTES", "1000000")]);
    for (method, path, status, name) in [
        ("POST", "/nowhere", 404, "not-found"),
        ("DELETE", "/", 405, "method-not-allowed"),
        ("POST", "/", 413, "too-large"),
    ] {
        let mut client = Client::connect(&server);
        client.send(&head(method, path, 8 << 20));
        client.send(&[b'~'; 1000]);
        client.answer().assert_problem(status, name);
    }
}
