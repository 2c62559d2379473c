//! Files, folders, standard input, `--jobs`, `--max-bytes` and `--max-pixels`.

use image::ImageFormat::{Jpeg, Png};

use crate::{Folder, assert_opens, parse_lines, picture};

#[test]
fn standard_input_goes_to_standard_output() {
    let folder = Folder::new();
    for (args, format) in [
        (&["-"][..], Jpeg),
        (&[], Jpeg),
        (&["-", "-o", "-"], Png),
        (&["/dev/stdin", "-o", "/dev/stdout"], Png),
    ] {
        let run = folder.pipe(&picture(format), args);
        assert_eq!(run.code, 0, "{}", run.err);
        assert_opens(&run.bytes, format);
        let said = format!(
            "standard input -> standard output: {}",
            ["JPEG", "PNG"][usize::from(format == Png)]
        );
        assert!(run.err.starts_with(&said), "{}", run.err);
        assert_eq!(run.err.lines().count(), 1);
    }
    assert!(folder.files().is_empty());
}

#[test]
fn standard_input_and_output_go_with_files_too() {
    let folder = Folder::with_photo();
    let run = folder.run(&["photo.jpg", "-o", "-", "--json"]);
    assert_opens(&run.bytes, Jpeg);
    let told = parse_lines(&run.err);
    assert_eq!(told[0]["input"], "photo.jpg");
    assert_eq!(told[0]["output"], serde_json::Value::Null);
    folder.pipe(&picture(Png), &["-", "-o", "new.png"]).fine();
    assert_opens(&folder.read("new.png"), Png);
    folder
        .pipe(&picture(Png), &["-", "photo.jpg", "-o", "out"])
        .fine();
    assert_opens(&folder.read("out/stdin.glitched.png"), Png);
    assert_opens(&folder.read("out/photo.glitched.jpg"), Jpeg);
    folder
        .pipe(&picture(Png), &["-", "photo.jpg"])
        .fails(2, "name one with -o");
}

#[test]
fn standard_input_may_hold_nothing() {
    let run = Folder::new()
        .pipe(b"", &["-"])
        .fails(1, "standard input: the input is empty");
    assert!(run.bytes.is_empty());
}

#[test]
fn quiet_and_a_picture_on_standard_output() {
    let run = Folder::new().pipe(&picture(Jpeg), &["-", "-q"]).fine();
    assert_opens(&run.bytes, Jpeg);
}

/// Pictures, things that are none, and what an earlier run made.
fn holiday() -> Folder {
    let folder = Folder::new();
    for name in [
        "pics/b.jpg",
        "pics/a.PNG",
        "pics/sub/c.jpeg",
        "pics/sub/deep/d.jfif",
        "pics/old.glitched.jpg",
        "pics/old.glitched-7.jpg",
        "pics/.hidden.jpg",
        "pics/.thumbs/t.jpg",
    ] {
        folder.picture(name);
    }
    folder.write("pics/notes.txt", "no picture");
    folder
}

#[test]
fn folders_are_searched_and_keep_their_structure() {
    let folder = holiday();
    let run = folder.run(&["pics", "-o", "out", "--jobs", "2"]).fine();
    let made: Vec<_> = folder
        .files()
        .into_iter()
        .filter(|name| name.starts_with("out"))
        .collect();
    assert_eq!(
        made,
        [
            "out/a.glitched.PNG",
            "out/b.glitched.jpg",
            "out/sub/c.glitched.jpeg",
            "out/sub/deep/d.glitched.jfif"
        ]
    );
    let told: Vec<_> = run
        .out
        .lines()
        .map(|line| line.split(" ->").next().unwrap())
        .collect();
    assert_eq!(
        told,
        [
            "pics/a.PNG",
            "pics/b.jpg",
            "pics/sub/c.jpeg",
            "pics/sub/deep/d.jfif"
        ],
        "told in the order of names, whoever was done first"
    );
}

#[test]
fn a_folder_without_output_gets_the_results_beside_the_pictures() {
    let folder = holiday();
    folder.run(&["pics"]).fine();
    assert_opens(&folder.read("pics/sub/c.glitched.jpeg"), Jpeg);
    // What is there now is not glitched again, but not replaced either.
    let again = folder
        .run(&["pics"])
        .fails(4, "glitch: 4 of 4 pictures could not be glitched");
    assert_eq!(again.err.matches("exists already").count(), 4);
}

#[test]
fn a_folder_without_pictures_is_told() {
    let folder = Folder::new();
    folder.write("docs/a.txt", "words");
    folder
        .run(&["docs"])
        .fails(1, "glitch: docs: no pictures in this folder (jpg, jpeg");
}

#[test]
fn a_file_named_by_hand_is_glitched_whatever_its_name() {
    let folder = Folder::new();
    folder.write("photo.glitched.jpg", picture(Jpeg));
    folder.write("inspect", picture(Jpeg));
    folder.write("noise.dat", picture(Jpeg));
    folder
        .run(&["photo.glitched.jpg", "./inspect", "noise.dat"])
        .fine();
    for name in [
        "photo.glitched.glitched.jpg",
        "inspect.glitched.jpg",
        "noise.glitched.dat",
    ] {
        assert_opens(&folder.read(name), Jpeg);
    }
}

#[test]
fn a_bad_file_does_not_stop_the_others() {
    let folder = Folder::new();
    for name in ["a.jpg", "c.png", "e.jpg"] {
        folder.picture(name);
    }
    folder.write("b.jpg", "RIFF\0\0\0\0WEBPVP8 ");
    let run = folder.run(&["a.jpg", "b.jpg", "c.png", "missing.jpg", "e.jpg"]).fails(
        4,
        "glitch: b.jpg: not a JPEG or PNG, which are what can be glitched: it looks like a WebP picture",
    );
    assert!(
        run.err
            .contains("glitch: missing.jpg: cannot be read: no such file or directory")
    );
    assert!(
        run.err
            .ends_with("glitch: 2 of 5 pictures could not be glitched\n"),
        "{}",
        run.err
    );
    assert_eq!(run.out.lines().count(), 3);
    assert_opens(&folder.read("e.glitched.jpg"), Jpeg);
    folder
        .run(&["-f", "a.jpg", "b.jpg"])
        .fails(1, "1 of 2 pictures");
}

#[test]
fn what_cannot_be_read_is_told() {
    let folder = Folder::new();
    folder.write("closed.jpg", picture(Jpeg));
    #[cfg(target_os = "linux")]
    folder
        // Its first bytes belong to no memory.
        .run(&["/proc/self/mem", "-o", "out.jpg"])
        .fails(
            4,
            "glitch: /proc/self/mem: cannot be read: input/output error",
        );
    folder
        .run(&["https://example.org/a.jpg"])
        .fails(4, "glitch reads files, not addresses");
    folder
        .run(&["closed.jpg/x.jpg"])
        .fails(4, "cannot be read: not a directory");
    assert_eq!(folder.files(), ["closed.jpg"]);
}

#[test]
fn max_bytes_bounds_files_and_standard_input() {
    let folder = Folder::with_photo();
    let size = folder.read("photo.jpg").len();
    folder.run(&["photo.jpg", "--max-bytes", "1k"]).fails(
        1,
        &format!("photo.jpg: too large: {size} bytes, the limit is 1000 (--max-bytes raises it)"),
    );
    let photo = folder.read("photo.jpg");
    folder
        .pipe(&photo, &["-", "--max-bytes", "1KiB"])
        .fails(1, "standard input: too large: more than 1024 bytes");
    let exactly = size.to_string();
    folder.run(&["photo.jpg", "--max-bytes", &exactly]).fine();
    folder
        .run(&["photo.jpg", "--max-bytes", "64MiB", "-f"])
        .fine();
    folder
        .run(&["photo.jpg", "--max-bytes", "many"])
        .fails(2, "such as 500000, 50M, 64MiB or 2G");
}

#[test]
fn max_pixels_bounds_what_a_header_may_claim() {
    let folder = Folder::with_photo();
    folder.run(&["photo.jpg", "--max-pixels", "7679"]).fails(
        1,
        "too large: 7680 pixels, the limit is 7679 (--max-pixels raises it)",
    );
    folder.run(&["photo.jpg", "--max-pixels", "7680"]).fine();
    folder
        .run(&["photo.jpg", "-f", "--max-pixels", "50M"])
        .fine();
}

#[test]
fn jobs_change_nothing_but_the_time() {
    let folder = holiday();
    for jobs in ["1", "2", "9"] {
        folder
            .run(&["pics", "-o", jobs, "-j", jobs, "--seed", "5"])
            .fine();
    }
    for name in ["a.glitched.PNG", "sub/c.glitched.jpeg"] {
        let one = folder.read(&format!("1/{name}"));
        assert!(one == folder.read(&format!("2/{name}")));
        assert!(one == folder.read(&format!("9/{name}")));
    }
    folder.run(&["pics", "--jobs", "0"]).fails(2, "--jobs");
}
