//! `inspect`, `verify`, `recipes`, `completions` and `man`.

use std::process::Command;

use image::ImageFormat::Png;

use crate::{Folder, picture};

#[test]
fn inspect_shows_a_table_of_parts() {
    let folder = Folder::with_photo();
    folder.picture("two.png");
    let run = folder.run(&["inspect", "photo.jpg", "two.png"]).fine();
    let line = |words: &[&str]| {
        let found = run.out.lines().any(|line| {
            let cells: Vec<_> = line.split_whitespace().collect();
            words.iter().all(|word| cells.contains(word))
        });
        assert!(found, "no line with {words:?} in\n{}", run.out);
    };
    assert!(
        run.out.starts_with("photo.jpg: JPEG 96x80, "),
        "{}",
        run.out
    );
    line(&["offset", "bytes", "glitch", "part"]);
    line(&["0", "2", "-", "SOI"]);
    line(&["yes", "scan", "data"]);
    line(&["-", "EOI"]);
    line(&["two.png:", "PNG", "96x80,"]);
    line(&["8", "25", "-", "IHDR"]);
    line(&["yes", "IDAT"]);
}

#[test]
fn inspect_as_json_covers_the_file() {
    let folder = Folder::with_photo();
    folder.picture("two.png");
    let told = folder
        .run(&["inspect", "--json", "photo.jpg", "two.png"])
        .fine()
        .json();
    for (told, name) in told.iter().zip(["photo.jpg", "two.png"]) {
        assert_eq!(told["input"], name);
        assert_eq!(told["bytes"], folder.read(name).len());
        let mut end = 0;
        for part in told["parts"].as_array().unwrap() {
            assert_eq!(part["offset"].as_u64(), Some(end), "{part}");
            end += part["len"].as_u64().unwrap();
        }
        assert_eq!(end, folder.read(name).len() as u64);
        let editable = |part: &&serde_json::Value| part["editable"] == true;
        assert!(
            told["parts"]
                .as_array()
                .unwrap()
                .iter()
                .any(|part| editable(&part))
        );
    }
    assert_eq!(told.len(), 2);
}

/// A PNG whose image data is cut into chunks of one byte.
fn shredded() -> (Vec<u8>, usize) {
    let whole = picture(Png);
    let mut shreds = whole[..8].to_vec();
    let (mut at, mut count) = (8, 0);
    while at < whole.len() {
        let length = u32::from_be_bytes(whole[at..at + 4].try_into().unwrap()) as usize;
        let end = at + 12 + length;
        if &whole[at + 4..at + 8] == b"IDAT" {
            for byte in &whole[at + 8..at + 8 + length] {
                let body = [b'I', b'D', b'A', b'T', *byte];
                shreds.extend_from_slice(&1u32.to_be_bytes());
                shreds.extend_from_slice(&body);
                shreds.extend_from_slice(&crc32(&body).to_be_bytes());
                count += 1;
            }
        } else {
            shreds.extend_from_slice(&whole[at..end]);
        }
        at = end;
    }
    (shreds, count)
}

/// CRC-32 (PNG annex D), bit by bit.
fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = (crc >> 1) ^ (0xEDB8_8320 * (crc & 1));
        }
    }
    !crc
}

#[test]
fn inspect_folds_what_is_alike_unless_asked_for_all() {
    let folder = Folder::new();
    let (bytes, count) = shredded();
    assert!(count > 100);
    folder.write("shreds.png", &bytes);
    let short = folder.run(&["inspect", "shreds.png"]).fine().out;
    assert!(short.contains(&format!("{count} x IDAT")), "{short}");
    assert!(short.lines().count() < 12, "{short}");
    let long = folder.run(&["inspect", "--all", "shreds.png"]).fine().out;
    assert_eq!(
        long.lines().filter(|line| line.contains(" IDAT")).count(),
        count
    );
    let json = folder
        .run(&["inspect", "--json", "shreds.png"])
        .fine()
        .json();
    assert!(json[0]["parts"].as_array().unwrap().len() > count);
    // It is a legal file all the same.
    folder.run(&["verify", "shreds.png"]).fine();
    folder.run(&["shreds.png"]).fine();
}

#[test]
fn inspect_goes_on_past_a_bad_file() {
    let folder = Folder::with_photo();
    folder.write("bad.jpg", "GIF89a");
    let run = folder
        .run(&["inspect", "bad.jpg", "photo.jpg"])
        .fails(1, "glitch: 1 of 2 pictures could not be inspected");
    assert!(run.out.starts_with("photo.jpg: JPEG"));
    folder
        .run(&["inspect", "gone.jpg"])
        .fails(4, "no such file");
    folder.run(&["inspect"]).fails(2, "PICTURE");
    let piped = folder.pipe(&picture(Png), &["inspect", "-"]).fine();
    assert!(
        piped.out.starts_with("standard input: PNG 96x80"),
        "{}",
        piped.out
    );
}

#[test]
fn verify_tells_sound_pictures() {
    let folder = Folder::with_photo();
    folder.picture("more/two.png");
    folder.run(&["photo.jpg", "-s", "3"]).fine();
    let run = folder
        .run(&["verify", "photo.jpg", "photo.glitched.jpg", "more"])
        .fine();
    let verdicts: Vec<_> = run.out.lines().collect();
    assert_eq!(
        verdicts,
        [
            "photo.jpg: sound: JPEG 96x80, opens, strictly conformant",
            "photo.glitched.jpg: sound: JPEG 96x80, opens, strictly conformant",
            "more/two.png: sound: PNG 96x80, opens, strictly conformant",
        ]
    );
    assert_eq!(folder.run(&["verify", "-q", "photo.jpg"]).fine().out, "");
    let told = folder.run(&["verify", "--json", "photo.jpg"]).fine().json();
    assert_eq!(
        (&told[0]["input"], &told[0]["sound"]),
        (&"photo.jpg".into(), &true.into())
    );
    folder.pipe(&picture(Png), &["verify", "-"]).fine();
}

#[test]
fn verify_ends_with_1_if_any_picture_is_not_sound() {
    let folder = Folder::new();
    folder.picture("good.png");
    let mut bytes = folder.read("good.png");
    // The CRC of IDAT, before the 12 bytes of IEND.
    let at = bytes.len() - 13;
    bytes[at] ^= 1;
    folder.write("bad.png", &bytes);
    let run = folder.run(&["verify", "bad.png", "good.png"]);
    assert_eq!(run.code, 1);
    let said = run.out.clone() + &run.err;
    assert!(
        said.contains("bad.png: ") && said.contains(" at byte "),
        "{said}"
    );
    assert!(run.out.contains("good.png: sound"), "{}", run.out);
    let told = folder.run(&["verify", "--json", "bad.png"]);
    assert_eq!(told.code, 1);
    assert_ne!(told.json()[0]["sound"], true);
    folder
        .run(&["verify", "gone.png", "bad.png"])
        .fails(4, "no such file");
}

#[test]
fn recipes_lists_every_preset_pass_and_range() {
    let folder = Folder::with_photo();
    let words = folder.run(&["recipes"]).fine().out;
    let told = &folder.run(&["recipes", "--json"]).fine().json()[0];
    let presets = told["presets"].as_array().unwrap();
    assert_eq!(presets.len(), glitch::PRESETS.len());
    for preset in presets {
        let name = preset["name"].as_str().unwrap();
        assert!(words.contains(&format!("\n  {name} ")), "{name}");
        folder
            .run(&["photo.jpg", "-o", "/dev/null", "-r", name])
            .fine();
    }
    let passes = told["passes"].as_array().unwrap();
    assert_eq!(passes.len(), glitch::Pass::kinds().len());
    for pass in passes {
        let name = pass["name"].as_str().unwrap();
        assert!(words.contains(&format!("\n  {name} ")), "{name}");
        for param in pass["params"].as_array().unwrap() {
            let param_name = param["name"].as_str().unwrap();
            assert!(
                words.contains(&format!("    :{param_name}=")),
                "{param_name}"
            );
            // What is told is what the parser takes.
            let parse =
                |value: &str| format!("{name}:{param_name}={value}").parse::<glitch::Pass>();
            if let Some(max) = param["max"].as_u64() {
                parse(&max.to_string()).unwrap();
                parse(&(max + 1).to_string()).unwrap_err();
                continue;
            }
            let values = param["values"].as_array().unwrap();
            assert!(values.contains(&param["default"]));
            for value in values {
                parse(value.as_str().unwrap()).unwrap();
            }
            parse("other").unwrap_err();
        }
    }
}

/// Runs a program on a file, if this machine has it.
fn accepts(program: &str, args: &[&str]) -> Option<bool> {
    let output = Command::new(program).args(args).output().ok()?;
    Some(output.status.success() && output.stderr.is_empty())
}

#[test]
fn completions_parse_in_their_shells() {
    let folder = Folder::new();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = folder.run(&["completions", shell]).fine().out;
        for word in ["variants", "inspect", "max-pixels"] {
            assert!(script.contains(word), "{shell}: {word}");
        }
        folder.write(shell, &script);
        let file = folder.path(shell);
        let file = file.to_str().unwrap();
        let parse = format!("[ScriptBlock]::Create((Get-Content -Raw '{file}'))");
        let accepted = match shell {
            "powershell" => accepts("pwsh", &["-NoProfile", "-Command", &parse]),
            "elvish" => accepts("elvish", &["-compileonly", file]),
            _ => accepts(shell, &["-n", file]),
        };
        assert_ne!(accepted, Some(false), "{shell}");
    }
    folder.run(&["completions", "tcsh"]).fails(2, "bash");
}

#[test]
fn the_man_pages_render() {
    let folder = Folder::new();
    for (page, has) in [
        (None, "--variants"),
        (Some("inspect"), "--all"),
        (Some("verify"), "--json"),
        (Some("sheet"), "--columns"),
        (Some("loop"), "--max-bytes"),
    ] {
        let args: Vec<&str> = ["man"].into_iter().chain(page).collect();
        let source = folder.run(&args).fine().out;
        assert!(source.contains(".TH glitch"), "{source}");
        folder.write("page.1", &source);
        let rendered = Command::new("man")
            .args(["--warnings", "-l", folder.path("page.1").to_str().unwrap()])
            .env("MANPAGER", "cat")
            .env("MANWIDTH", "100")
            .output();
        // Not every machine has man.
        if let Ok(rendered) = rendered {
            let text = String::from_utf8_lossy(&rendered.stdout);
            assert!(text.contains(has), "{text}");
            assert_eq!(String::from_utf8_lossy(&rendered.stderr), "");
        }
    }
    assert!(folder.run(&["man"]).out.contains("Exit codes"));
    folder
        .run(&["man", "dance"])
        .fails(2, "there is no command dance");
}
