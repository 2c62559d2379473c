//! `--output`, `--force`, and files written whole or not at all.

use std::fs;

use image::ImageFormat::{Jpeg, Png};

use crate::{Folder, assert_opens, picture};

#[test]
fn the_result_is_beside_the_input_under_its_own_name() {
    let folder = Folder::new();
    for name in [
        "photo.jpg",
        "PHOTO.JPG",
        "a.b.jpeg",
        "shot.png",
        "sub dir/x.png",
    ] {
        folder.picture(name);
    }
    let before = folder.read("photo.jpg");
    folder
        .run(&[
            "photo.jpg",
            "PHOTO.JPG",
            "a.b.jpeg",
            "shot.png",
            "sub dir/x.png",
        ])
        .fine();
    for (name, format) in [
        ("photo.glitched.jpg", Jpeg),
        ("PHOTO.glitched.JPG", Jpeg),
        ("a.b.glitched.jpeg", Jpeg),
        ("shot.glitched.png", Png),
        ("sub dir/x.glitched.png", Png),
    ] {
        assert_opens(&folder.read(name), format);
    }
    assert_eq!(folder.files().len(), 10);
    assert!(folder.read("photo.jpg") == before);
    assert!(folder.read("photo.glitched.jpg") != before);
}

#[test]
fn an_extension_that_lies_is_kept_and_told() {
    let folder = Folder::new();
    folder.write("photo.jpg", picture(Png));
    let run = folder.run(&["photo.jpg"]).fine();
    assert!(
        run.out.contains("PNG 96x80 in spite of its name (.jpg)"),
        "{}",
        run.out
    );
    assert_opens(&folder.read("photo.glitched.jpg"), Png);
}

#[test]
fn a_name_without_an_extension_gets_one() {
    let folder = Folder::new();
    folder.write("photo", picture(Png));
    folder.run(&["photo"]).fine();
    assert_opens(&folder.read("photo.glitched.png"), Png);
}

#[test]
fn output_is_a_file() {
    let folder = Folder::with_photo();
    let run = folder.run(&["photo.jpg", "-o", "new.jpg"]).fine();
    assert!(
        run.out.starts_with("photo.jpg -> new.jpg: JPEG 96x80"),
        "{}",
        run.out
    );
    assert_opens(&folder.read("new.jpg"), Jpeg);
    assert_eq!(folder.files(), ["new.jpg", "photo.jpg"]);
}

#[test]
fn output_is_a_folder_if_it_is_one_or_ends_in_a_slash_or_takes_several() {
    let folder = Folder::with_photo();
    folder.picture("two.png");
    fs::create_dir(folder.path("there")).unwrap();
    folder.run(&["photo.jpg", "-o", "there"]).fine();
    folder.run(&["photo.jpg", "-o", "made/deep/"]).fine();
    folder
        .run(&["photo.jpg", "two.png", "-o", "several"])
        .fine();
    assert_eq!(
        folder.files(),
        [
            "made/deep/photo.glitched.jpg",
            "photo.jpg",
            "several/photo.glitched.jpg",
            "several/two.glitched.png",
            "there/photo.glitched.jpg",
            "two.png"
        ]
    );
}

#[test]
fn several_pictures_do_not_go_into_one_file() {
    let folder = Folder::with_photo();
    folder.picture("two.jpg");
    folder
        .run(&["photo.jpg", "two.jpg", "-o", "photo.jpg", "--force"])
        .fails(2, "several pictures need a folder");
    folder
        .run(&["photo.jpg", "two.jpg", "-o", "-"])
        .fails(2, "several pictures do not go to standard output");
    assert_eq!(folder.files(), ["photo.jpg", "two.jpg"]);
}

#[test]
fn two_inputs_for_one_output_are_told_before_anything_runs() {
    let folder = Folder::new();
    folder.picture("a/x.jpg");
    folder.picture("b/x.jpg");
    folder.run(&["a/x.jpg", "b/x.jpg", "-o", "out"]).fails(
        2,
        "a/x.jpg and b/x.jpg would both be written to out/x.glitched.jpg",
    );
    assert_eq!(folder.files(), ["a/x.jpg", "b/x.jpg"]);
    folder.run(&["a/x.jpg", "a", "-o", "out"]).fine();
}

#[test]
fn an_existing_file_is_replaced_with_force_only() {
    let folder = Folder::with_photo();
    folder.write("photo.glitched.jpg", "precious");
    folder
        .run(&["photo.jpg"])
        .fails(4, "photo.glitched.jpg exists already: --force replaces it");
    assert_eq!(folder.read("photo.glitched.jpg"), b"precious");
    folder.run(&["photo.jpg", "--force"]).fine();
    assert_opens(&folder.read("photo.glitched.jpg"), Jpeg);
    assert_eq!(folder.files().len(), 2);
}

/// The name is known only when the format is, so nothing but the rename can tell.
#[test]
fn a_file_that_appears_meanwhile_is_kept() {
    let folder = Folder::new();
    folder.write("out/stdin.glitched.png", "precious");
    folder
        .pipe(&picture(Png), &["-", "-o", "out/"])
        .fails(4, "out/stdin.glitched.png exists already");
    assert_eq!(folder.read("out/stdin.glitched.png"), b"precious");
    assert_eq!(folder.files(), ["out/stdin.glitched.png"]);
}

#[test]
fn the_input_itself_is_replaced_with_force_only() {
    let folder = Folder::with_photo();
    let before = folder.read("photo.jpg");
    for same in ["photo.jpg", "./photo.jpg"] {
        folder
            .run(&["photo.jpg", "-o", same])
            .fails(4, "the output is the input itself: --force replaces it");
    }
    assert!(folder.read("photo.jpg") == before);
    folder.run(&["photo.jpg", "-o", "photo.jpg", "-f"]).fine();
    assert!(folder.read("photo.jpg") != before);
    assert_opens(&folder.read("photo.jpg"), Jpeg);
}

#[test]
fn nothing_is_left_of_a_picture_that_fails() {
    let folder = Folder::new();
    folder.write("bad.jpg", "GIF89a and so on");
    folder
        .run(&["bad.jpg"])
        .fails(1, "glitch: bad.jpg: not a JPEG or PNG");
    folder.run(&["bad.jpg", "-o", "out/"]).fails(1, "a GIF");
    assert_eq!(folder.files(), ["bad.jpg"]);
    assert!(!folder.path("out").exists());
}

#[test]
fn a_missing_folder_is_told() {
    let folder = Folder::with_photo();
    folder
        .run(&["photo.jpg", "-o", "missing/new.jpg"])
        .fails(4, "cannot write missing/new.jpg: no such file or directory");
    assert_eq!(folder.files(), ["photo.jpg"]);
}

#[cfg(unix)]
mod unix {
    use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
    use std::process::{Command, Stdio};

    use super::*;

    fn mode(folder: &Folder, name: &str) -> u32 {
        fs::metadata(folder.path(name)).unwrap().mode() & 0o777
    }

    fn set_mode(folder: &Folder, name: &str, mode: u32) {
        fs::set_permissions(folder.path(name), fs::Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn a_new_file_has_the_permissions_of_any_new_file() {
        let folder = Folder::with_photo();
        folder.shell("umask 027; $GLITCH photo.jpg -o a.jpg").fine();
        folder.shell("umask 002; $GLITCH photo.jpg -o b.jpg").fine();
        assert_eq!(mode(&folder, "a.jpg"), 0o640);
        assert_eq!(mode(&folder, "b.jpg"), 0o664);
    }

    #[test]
    fn a_replaced_file_keeps_its_permissions() {
        let folder = Folder::with_photo();
        set_mode(&folder, "photo.jpg", 0o604);
        folder
            .run(&["photo.jpg", "-o", "photo.jpg", "--force"])
            .fine();
        assert_eq!(mode(&folder, "photo.jpg"), 0o604);
    }

    #[test]
    fn a_link_stays_and_what_it_leads_to_is_replaced() {
        let folder = Folder::with_photo();
        folder.write("real/there.jpg", "old");
        symlink("real/there.jpg", folder.path("link.jpg")).unwrap();
        symlink("real/new.jpg", folder.path("dangling.jpg")).unwrap();
        for link in ["link.jpg", "dangling.jpg"] {
            folder
                .run(&["photo.jpg", "-o", link])
                .fails(4, "exists already");
            folder.run(&["photo.jpg", "-o", link, "--force"]).fine();
            assert!(folder.path(link).is_symlink(), "{link}");
        }
        assert_opens(&folder.read("real/there.jpg"), Jpeg);
        assert_opens(&folder.read("real/new.jpg"), Jpeg);
    }

    #[test]
    fn a_pipe_and_a_device_are_written_straight() {
        let folder = Folder::with_photo();
        assert!(
            Command::new("mkfifo")
                .arg(folder.path("pipe"))
                .status()
                .unwrap()
                .success()
        );
        let reader = Command::new("cat")
            .arg(folder.path("pipe"))
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        folder.run(&["photo.jpg", "-o", "pipe"]).fine();
        assert_opens(&reader.wait_with_output().unwrap().stdout, Jpeg);
        folder.picture("two.jpg");
        folder
            .run(&["photo.jpg", "two.jpg", "-o", "/dev/null"])
            .fine();
        assert_eq!(folder.files(), ["photo.jpg", "pipe", "two.jpg"]);
    }

    #[test]
    fn a_folder_that_takes_no_files_is_told() {
        let folder = Folder::with_photo();
        folder.picture("closed/photo.jpg");
        let root = fs::metadata(folder.path("closed")).unwrap().uid() == 0;
        set_mode(&folder, "closed", 0o555);
        // Permissions do not bind root; the kernel's own folders do.
        let (input, output) = match root {
            true => ("photo.jpg", "/sys/photo.glitched.jpg"),
            false => ("closed/photo.jpg", "closed/photo.glitched.jpg"),
        };
        folder
            .run(&[input, "-o", output])
            .fails(4, &format!("cannot write {output}: permission denied"));
        set_mode(&folder, "closed", 0o755);
        assert_eq!(folder.files(), ["closed/photo.jpg", "photo.jpg"]);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_device_is_told() {
        let folder = Folder::with_photo();
        folder
            .run(&["photo.jpg", "-o", "/dev/full"])
            .fails(4, "cannot write /dev/full: no space left on device");
        let picture = "$GLITCH - < photo.jpg > /dev/full";
        folder.shell(picture).fails(4, "no space left on device");
        let words = "$GLITCH photo.jpg > /dev/full";
        folder.shell(words).fails(
            4,
            "cannot write to standard output: no space left on device",
        );
        assert_opens(&folder.read("photo.glitched.jpg"), Jpeg);
    }

    #[test]
    fn a_reader_that_has_gone_ends_the_run_in_silence() {
        let folder = Folder::with_photo();
        for command in [
            "recipes",
            "man",
            "inspect photo.jpg",
            "- < photo.jpg",
            "photo.jpg",
        ] {
            let script = format!("(sleep 0.3; $GLITCH {command}; echo $? > code) | true");
            let run = folder.shell(&script);
            // Words for a picture on standard output come after it.
            assert_eq!(run.err, "", "{command}");
            assert_eq!(folder.read("code"), b"141\n", "{command}");
        }
    }
}
