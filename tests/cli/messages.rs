//! The line for a picture, `--json`, `--quiet`, `--help` and `--version`.

use crate::Folder;

#[test]
fn one_line_tells_what_recipe_seed_share_and_time() {
    let folder = Folder::with_photo();
    let run = folder.run(&["photo.jpg", "--seed", "7"]).fine();
    assert_eq!(run.out.lines().count(), 1);
    let rest = run
        .out
        .strip_prefix("photo.jpg -> photo.glitched.jpg: JPEG 96x80, recipe classic,seed=7, ")
        .unwrap_or_else(|| panic!("{}", run.out));
    let (share, time) = rest.split_once(" % of the picture changed, ").unwrap();
    assert!(
        (0.1..=100.0).contains(&share.parse::<f64>().unwrap()),
        "{share}"
    );
    assert!(time.ends_with(" ms\n") || time.ends_with(" s\n"), "{time}");
}

#[test]
fn a_name_with_a_line_break_stays_on_one_line() {
    let folder = Folder::new();
    folder.picture("a\nb\x1b[1m.jpg");
    let run = folder.run(&["a\nb\x1b[1m.jpg"]).fine();
    assert_eq!(run.out.lines().count(), 1);
    assert!(
        run.out.starts_with("a\\nb\\u{1b}[1m.jpg -> "),
        "{}",
        run.out
    );
}

#[test]
fn json_is_one_object_a_picture() {
    let folder = Folder::with_photo();
    folder.picture("two.png");
    folder.write("bad.jpg", "GIF89a");
    let run = folder.run(&[
        "photo.jpg",
        "bad.jpg",
        "two.png",
        "gone.jpg",
        "--json",
        "-s",
        "7",
    ]);
    assert_eq!((run.code, run.err.as_str()), (4, ""));
    let [photo, bad, two, gone] = &run.json()[..] else {
        panic!("{}", run.out);
    };
    assert_eq!(photo["input"], "photo.jpg");
    assert_eq!(photo["output"], "photo.glitched.jpg");
    assert_eq!(photo["format"], "jpeg");
    assert_eq!(
        (photo["width"].as_u64(), photo["height"].as_u64()),
        (Some(96), Some(80))
    );
    assert_eq!(photo["recipe"], "classic,seed=7");
    assert_eq!(photo["seed"], "7");
    assert!(photo["changed"].as_f64().unwrap() > 0.0);
    assert!(photo["rounds"].as_u64().unwrap() >= 1);
    assert_eq!(photo["bytes_in"], folder.read("photo.jpg").len());
    assert_eq!(photo["bytes_out"], folder.read("photo.glitched.jpg").len());
    assert!(photo["milliseconds"]["total"].as_f64().unwrap() > 0.0);
    assert_eq!(two["format"], "png");
    assert_eq!(
        (&bad["input"], &bad["kind"]),
        (&"bad.jpg".into(), &"not_an_image".into())
    );
    assert!(bad["error"].as_str().unwrap().contains("a GIF"));
    assert_eq!(
        (&gone["input"], &gone["kind"]),
        (&"gone.jpg".into(), &"unreadable".into())
    );
}

#[test]
fn json_tells_where_a_picture_is_broken() {
    let folder = Folder::with_photo();
    folder.write("cut.jpg", &folder.read("photo.jpg")[..50]);
    let run = folder.run(&["cut.jpg", "--json"]);
    assert_eq!(run.code, 1);
    let told = &run.json()[0];
    assert_eq!(told["kind"], "malformed");
    assert!(told["offset"].as_u64().unwrap() <= 50);
}

#[test]
fn a_panic_of_a_decoder_is_told_in_one_line() {
    let folder = Folder::new();
    let picture = include_bytes!("../../fuzz/corpus/verify/decoder-panics.jpg");
    folder.write("a.jpg", picture);
    let run = folder.run(&["verify", "a.jpg"]);
    assert_eq!((run.code, run.err.as_str()), (1, ""));
    assert!(run.out.contains("the decoder panicked"), "{}", run.out);
    // Nothing can be told of the result either: it does not open in that decoder, as the picture did not.
    let run = folder.run(&["a.jpg"]).fine();
    assert!(run.out.contains(", not checked, "), "{}", run.out);
}

#[test]
fn quiet_tells_only_what_went_wrong() {
    let folder = Folder::with_photo();
    folder.write("bad.jpg", "GIF89a");
    let run = folder.run(&["photo.jpg", "--quiet"]).fine();
    assert_eq!(run.out, "");
    let run = folder
        .run(&["photo.jpg", "bad.jpg", "-q", "-f"])
        .fails(1, "bad.jpg: not a JPEG");
    assert_eq!(run.out, "");
    let run = folder.run(&["photo.jpg", "bad.jpg", "-q", "-f", "--json"]);
    assert_eq!((run.code, run.json().len()), (1, 1));
}

#[test]
fn help_explains_every_option_and_exit_code() {
    let folder = Folder::new();
    let help = folder.run(&["--help"]).fine().out;
    for option in [
        "--recipe",
        "--seed",
        "--variants",
        "--filter",
        "--deflate",
        "--output",
        "--force",
        "--no-verify",
        "--max-pixels",
        "--max-bytes",
        "--jobs",
        "--json",
        "--quiet",
    ] {
        let line = help
            .lines()
            .find(|line| line.trim_start_matches([' ', '-']).contains(&option[2..]));
        assert!(line.is_some(), "{option}");
    }
    for line in [
        "Exit codes:",
        "  0    all went well",
        "  1    a picture could not be glitched",
        "  2    the command line is wrong",
        "  3    a result failed its check",
        "  4    an input could not be read or an output could not be written",
        "  130  interrupted",
        "Examples:",
    ] {
        assert!(help.contains(line), "{line}");
    }
    assert!(folder.run(&["-h"]).fine().out.len() < help.len());
    assert!(!folder.run(&["--help"]).out.contains('\x1b'));
}

#[test]
fn every_option_is_in_the_documentation() {
    let page = include_str!("../../docs/command-line.md");
    let folder = Folder::new();
    for command in [
        &["--help"][..],
        &["inspect", "--help"],
        &["verify", "--help"],
        &["sheet", "--help"],
        &["loop", "--help"],
    ] {
        let help = folder.run(command).fine().out;
        let options = help
            .lines()
            .filter_map(|line| line.trim_start().strip_prefix('-'))
            .filter_map(|line| {
                line.split_once("--")
                    .map(|(_, rest)| rest)
                    .or(line.strip_prefix('-'))
            })
            .map(|rest| rest.split([' ', ',', '[']).next().unwrap());
        let mut seen = 0;
        for option in options {
            assert!(page.contains(&format!("--{option}")), "--{option}");
            seen += 1;
        }
        assert!(seen >= 3, "{help}");
    }
}

#[test]
fn the_version_is_the_crate_s() {
    let run = Folder::new().run(&["--version"]).fine();
    assert_eq!(run.out, format!("glitch {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn an_unknown_option_is_wrong_usage() {
    Folder::new()
        .run(&["photo.jpg", "--sed", "7"])
        .fails(2, "--seed");
}
