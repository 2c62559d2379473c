//! Addresses as no client should send them, and no gateway pass them on.

use glitch::Recipe;

use super::bootstrap::Bootstrap;
use super::event::Event;
use super::photo;

#[test]
fn any_address_is_answered() {
    let mut bootstrap = Bootstrap::start(&[]);
    let hosts = [
        "",
        " ",
        "a b",
        "a:99999",
        "a:b",
        "[::1",
        "1.2.3.256",
        "xn--a",
        "a/b",
        "a?b",
        "a@b",
        "é",
        "a\tb",
        "\\",
        "%",
        "localhost:3000",
        "[::1]:80",
    ];
    let hosts = hosts.map(|host| Event::post("/?seed=7", &photo()).with_header("host", host));
    let protocols = ["https, http", "", "://", "http:", "ftp", "é"];
    let protocols = protocols.map(|protocol| {
        Event::post("/?seed=7", &photo()).with_header("x-forwarded-proto", protocol)
    });
    let recipe: Recipe = "seed=7".parse().unwrap();
    let glitched = glitch::glitch(&photo(), &recipe).unwrap().bytes;
    for event in hosts.into_iter().chain(protocols) {
        let answer = bootstrap.invoke(&event);
        assert_eq!(answer.status, 200, "{answer:?}");
        assert!(answer.body == glitched);
    }
    for target in [
        "?seed=7",
        "a.jpg?seed=7",
        ":99999?seed=7",
        "@b/a.jpg?seed=7",
        "//a.jpg?seed=7",
        "/a#b.jpg?seed=7",
        "/a\\b.jpg?seed=7",
        "/{`<é\">}.jpg?seed=7",
        "/%zz.jpg?seed=7",
        "/a\nb.jpg?seed=7",
    ] {
        let event = Event::recorded("curl-upload-file", &photo());
        let answer = bootstrap.invoke(&event.with_target("PUT", target));
        assert!([200, 404].contains(&answer.status), "{target}: {answer:?}");
        assert!(answer.status == 404 || answer.body == glitched, "{target}");
    }
    bootstrap.end();
}

#[test]
fn a_question_mark_in_the_name_of_a_file_begins_no_query() {
    let mut bootstrap = Bootstrap::start(&[]);
    let event = Event::recorded("curl-upload-file", &photo()).with_path("/why?.jpg");
    let answer = bootstrap.invoke(&event);
    assert_eq!(answer.status, 200, "{answer:?}");
    bootstrap.end();
}

#[test]
fn a_query_that_is_not_encoded_is_read_as_it_is_meant() {
    let mut bootstrap = Bootstrap::start(&[]);
    let answer = bootstrap.invoke(&Event::post("/?seed= 7", &photo()));
    answer.is_problem(400, "bad-parameter");
    for query in ["a=<b>", "a b", "\"", "é=1", "a=#", "recipe=<"] {
        let answer = bootstrap.invoke(&Event::post(&format!("/?{query}"), &photo()));
        answer.is_problem(400, "bad-parameter");
    }
    bootstrap.end();
}
