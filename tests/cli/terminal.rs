//! What is different on a terminal, which `script` of util-linux plays.
#![cfg(target_os = "linux")]

use std::fs;
use std::process::{Command, Stdio};

use crate::{Folder, GLITCH, Run};

fn on_terminal(folder: &Folder, command: &str) -> Run {
    let mut script = Command::new("script");
    script.args(["-qec", command, "/dev/null"]);
    script.env("GLITCH", GLITCH).env("TERM", "xterm");
    script.current_dir(folder.path("")).stdin(Stdio::null());
    Run::of(script.output().unwrap())
}

#[test]
fn without_arguments_the_usage_is_shown() {
    let run = on_terminal(&Folder::new(), "$GLITCH");
    assert_eq!(run.code, 2);
    assert!(
        run.out.contains("there is no picture to glitch"),
        "{}",
        run.out
    );
    assert!(
        run.out.contains("glitch photo.jpg  ") && run.out.contains("Usage:"),
        "{}",
        run.out
    );
}

#[test]
fn no_picture_is_read_from_a_terminal() {
    let run = on_terminal(&Folder::new(), "$GLITCH - -o a.jpg");
    assert_eq!(run.code, 2);
    assert!(
        run.out.contains("standard input is a terminal"),
        "{}",
        run.out
    );
}

#[test]
fn no_picture_is_written_to_a_terminal() {
    let folder = Folder::with_photo();
    for command in ["$GLITCH photo.jpg -o -", "$GLITCH - < photo.jpg"] {
        let run = on_terminal(&folder, command);
        assert_eq!(run.code, 2, "{command}");
        assert!(
            run.out.contains("a picture is not written to a terminal"),
            "{}",
            run.out
        );
    }
}

#[test]
fn several_pictures_show_a_progress_bar_and_one_does_not() {
    let folder = Folder::with_photo();
    for index in 0..4 {
        fs::copy(
            folder.path("photo.jpg"),
            folder.path(format!("{index}.jpg")),
        )
        .unwrap();
    }
    let one = on_terminal(&folder, "$GLITCH photo.jpg");
    assert_eq!(one.code, 0);
    assert!(!one.out.contains('\x1b'), "{}", one.out);
    let many = on_terminal(&folder, "$GLITCH 0.jpg 1.jpg 2.jpg 3.jpg");
    assert!(many.out.contains(" of 4"), "{}", many.out);
    assert_eq!(many.out.matches(" -> ").count(), 4);
    let quiet = on_terminal(&folder, "$GLITCH -qf 0.jpg 1.jpg 2.jpg 3.jpg");
    assert_eq!(quiet.out, "");
}

#[test]
fn colours_are_not_forced_on_those_who_want_none() {
    let folder = Folder::new();
    assert!(on_terminal(&folder, "$GLITCH --help").out.contains('\x1b'));
    assert!(
        !on_terminal(&folder, "NO_COLOR=1 $GLITCH --help")
            .out
            .contains('\x1b')
    );
}

#[test]
fn an_animation_shows_a_progress_bar() {
    let folder = Folder::with_photo();
    let run = on_terminal(&folder, "$GLITCH loop photo.jpg --frames 30");
    assert!(run.out.contains("of 30, "), "{}", run.out);
    let quiet = on_terminal(&folder, "$GLITCH loop photo.jpg -q -o a.gif");
    assert!(!quiet.out.contains(" of 12, "), "{}", quiet.out);
}
