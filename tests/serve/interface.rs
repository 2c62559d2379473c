//! The flags and the environment variables of `glitch serve`, and how it fails to start.

use std::net::TcpListener;

use glitch::http::SETTINGS;

use crate::server::{Server, command, refused};

#[test]
fn a_port_in_use_is_told() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let (code, said) = refused(&mut command(&["--addr", &address]));
    let expected = format!("glitch: cannot listen on {address}: address already in use\n");
    assert_eq!((code, said), (4, expected));
}

#[test]
fn an_address_that_is_none_is_told() {
    let (code, said) = refused(command(&[]).env("GLITCH_ADDR", "nonsense"));
    assert_eq!(code, 4);
    assert!(
        said.starts_with("glitch: cannot listen on nonsense: "),
        "{said}"
    );
}

/// For each setting a value that it cannot have, and what is said of it.
const WRONG: [(&str, &str, &str); 13] = [
    ("max-bytes", "lots", "a size is"),
    ("max-pixels", "-1", "a size is"),
    ("max-memory", "1X", "a size is"),
    ("workers", "0", "a whole number from 1 to 1000000"),
    ("queue", "many", "a whole number from 0 to 1000000"),
    ("time-limit", "0", "seconds from 0.001 to 86400"),
    ("header-timeout", "NaN", "seconds from 0.001 to 86400"),
    ("body-timeout", "inf", "seconds from 0.001 to 86400"),
    ("stall-timeout", "soon", "seconds from 0.001 to 86400"),
    ("drain-time", "86401", "seconds from 0.001 to 86400"),
    ("connections", "0", "a whole number from 1 to 1000000"),
    ("cors-origins", "example.org", "an origin is like https://"),
    ("metrics", "on", "off, prometheus or embedded"),
];

#[test]
fn every_setting_tells_what_it_takes() {
    let names: Vec<_> = SETTINGS.iter().map(|setting| setting.name).collect();
    assert_eq!(names, WRONG.map(|(name, ..)| name));
    for (setting, (name, value, allowed)) in SETTINGS.iter().zip(WRONG) {
        let flag = format!("--{name}={value}");
        let by_flag = refused(&mut command(&[&flag]));
        let by_variable = refused(command(&[]).env(setting.variable(), value));
        for (code, said) in [by_flag, by_variable] {
            assert_eq!(code, 2, "{name}: {said}");
            assert!(said.contains(allowed), "{name}: {said}");
            assert!(said.contains(&format!("--{name} <")), "{name}: {said}");
        }
    }
}

#[test]
fn every_setting_is_in_the_help() {
    let output = command(&["--help"]).output().unwrap();
    assert!(output.status.success());
    let help = String::from_utf8(output.stdout).unwrap();
    let words = help.split_whitespace().collect::<Vec<_>>().join(" ");
    for setting in SETTINGS {
        let flag = format!("--{} <{}> {}", setting.name, setting.value, setting.about);
        assert!(words.contains(&flag), "{flag} in {help}");
        let variable = format!("[env: {}]", setting.variable());
        assert!(words.contains(&variable), "{variable} in {help}");
    }
    for more in [
        "--addr <HOST:PORT>",
        "GLITCH_ADDR",
        "127.0.0.1:3000",
        "GLITCH_TOKEN",
        "GLITCH_LOG",
    ] {
        assert!(words.contains(more), "{more} in {help}");
    }
}

#[test]
fn a_flag_goes_before_its_variable() {
    let mut command = command(&["--max-bytes", "2000"]);
    command.env("GLITCH_MAX_BYTES", "1000");
    // The flag for the address is there, too.
    command.env("GLITCH_ADDR", "nonsense");
    let server = Server::launch(command);
    let version = server.get("/version").json();
    assert_eq!(version["limits"]["bytes"], 2000, "{version}");
}
