//! Ctrl-C leaves no half-written file.
#![cfg(unix)]

use std::fs;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use image::ImageFormat::{Jpeg, Png};

use crate::{Folder, assert_opens};

const PICTURES: usize = 1500;

/// A folder of many pictures, all the same.
fn many() -> Folder {
    let folder = Folder::new();
    folder.picture("first.png");
    fs::create_dir(folder.path("pics")).unwrap();
    for index in 0..PICTURES {
        let link = folder.path(format!("pics/{index}.png"));
        fs::hard_link(folder.path("first.png"), link).unwrap();
    }
    folder
}

/// Starts a run that heeds signals, even if the tests themselves run under nohup or in the
/// background of a shell, where some are ignored and a child would inherit that.
fn start(folder: &Folder) -> Child {
    let direct = folder.command(&["pics", "-o", "out", "--jobs", "2"]);
    let heeds = "--default-signal=HUP,INT,TERM";
    let probe = Command::new("env")
        .args([heeds, "true"])
        .stderr(Stdio::null())
        .status();
    let mut command = direct;
    if probe.is_ok_and(|status| status.success()) {
        let mut through = Command::new("env");
        through
            .arg(heeds)
            .arg(command.get_program())
            .args(command.get_args());
        through.current_dir(command.get_current_dir().unwrap());
        command = through;
    }
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command.spawn().unwrap()
}

fn send(signal: &str, child: &Child) {
    let pid = child.id().to_string();
    assert!(
        Command::new("kill")
            .args([signal, &pid])
            .status()
            .unwrap()
            .success()
    );
}

/// Waits until the first results are there.
fn wait_for_results(folder: &Folder) {
    let start = Instant::now();
    while !fs::read_dir(folder.path("out")).is_ok_and(|mut entries| entries.next().is_some()) {
        assert!(
            start.elapsed() < Duration::from_secs(60),
            "nothing was written"
        );
        std::thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn an_interrupted_run_leaves_whole_files_only() {
    let folder = many();
    for signal in ["-INT", "-TERM", "-HUP"] {
        let mut child = start(&folder);
        wait_for_results(&folder);
        send(signal, &child);
        assert_eq!(child.wait().unwrap().code(), Some(130), "{signal}");
        let made: Vec<_> = fs::read_dir(folder.path("out"))
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        assert!(made.len() < PICTURES, "{signal} came too late");
        for path in made {
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            assert!(name.ends_with(".glitched.png"), "{name} is left");
            assert_opens(&fs::read(path).unwrap(), Png);
        }
        fs::remove_dir_all(folder.path("out")).unwrap();
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_run_under_nohup_outlives_its_terminal() {
    let folder = Folder::with_photo();
    let script = "trap '' HUP; mkfifo pipe; $GLITCH - -o out.jpg < pipe & exec 9> pipe
        sleep 0.3; kill -HUP $!; cat photo.jpg >&9; exec 9>&-; wait $!";
    let run = folder.shell(script).fine();
    assert!(
        run.out.starts_with("standard input -> out.jpg"),
        "{}",
        run.out
    );
    assert_opens(&folder.read("out.jpg"), Jpeg);
}
