//! `GLITCH_TOKEN`.

use crate::client::{Answer, head_with, request};
use crate::pictures::PORTRAIT;
use crate::server::{Server, command, refused};

const TOKEN: &str = "correct-horse-battery-staple";

fn server() -> Server {
    Server::with_env(&[
        ("GLITCH_TOKEN", TOKEN),
        ("GLITCH_METRICS", "prometheus"),
        ("GLITCH_LOG", "debug"),
    ])
}

fn post_as(server: &Server, authorization: &str) -> Answer {
    let fields = format!(
        "Authorization: {authorization}\r\nContent-Length: {}\r\n",
        PORTRAIT.len()
    );
    let mut request = head_with("POST", "/", &fields);
    request.extend_from_slice(&PORTRAIT);
    server.ask(&request)
}

#[test]
fn only_who_shows_it_is_let_in() {
    let server = server();
    post_as(&server, &format!("Bearer {TOKEN}")).fine();
    post_as(&server, &format!("bearer {TOKEN}")).fine();
    let wrong = [
        "Bearer wrong",
        "Bearer ",
        "Bearer",
        TOKEN,
        &format!("Basic {TOKEN}"),
        &format!("Bearer {TOKEN}x"),
        &format!("Bearer {}", &TOKEN[1..]),
    ];
    for authorization in wrong {
        let answer = post_as(&server, authorization);
        answer.assert_problem(401, "unauthorized");
        assert_eq!(
            answer.header("www-authenticate"),
            Some("Bearer"),
            "{authorization}"
        );
    }
}

#[test]
fn all_paths_ask_for_it_but_one() {
    let server = server();
    server.get("/healthz").fine();
    for path in [
        "/",
        "/recipes",
        "/version",
        "/openapi.json",
        "/sample.jpg",
        "/metrics",
        "/nowhere",
    ] {
        server.get(path).assert_problem(401, "unauthorized");
    }
    for path in ["/", "/inspect", "/healthz/"] {
        let answer = server.ask(&request("POST", path, &PORTRAIT));
        answer.assert_problem(401, "unauthorized");
    }
    // Who asks for leave first need not send it for nothing.
    let fields = "Expect: 100-continue\r\nContent-Length: 54000\r\n";
    let answer = server.ask(&head_with("POST", "/", fields));
    answer.assert_problem(401, "unauthorized");
}

#[test]
fn it_is_told_to_nobody() {
    let mut server = server();
    post_as(&server, &format!("Bearer {TOKEN}")).fine();
    post_as(&server, &format!("Bearer x{TOKEN}")).assert_problem(401, "unauthorized");
    server.signal("-TERM");
    assert_eq!(server.wait(), 0);
    assert!(server.log().len() >= 2);
    assert!(!server.log_text().contains(TOKEN));
    assert!(!server.printed().contains(TOKEN));
    let help = command(&["--help"])
        .env("GLITCH_TOKEN", TOKEN)
        .output()
        .unwrap();
    assert!(help.status.success());
    assert!(!String::from_utf8_lossy(&help.stdout).contains(TOKEN));
}

#[test]
fn one_that_nobody_can_show_is_refused() {
    for token in ["", " ", "two words", "umläut", "line\nbreak"] {
        let (code, said) = refused(command(&[]).env("GLITCH_TOKEN", token));
        assert_eq!(code, 2, "{said}");
        assert!(
            said.contains("GLITCH_TOKEN has to be printable ASCII"),
            "{said}"
        );
        assert!(token.len() < 2 || !said.contains(token), "{said}");
    }
}
