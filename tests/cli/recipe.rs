//! `--recipe`, `--seed`, `--variants`, `--no-verify` and the options for single settings.

use image::ImageFormat::{Jpeg, Png};

use crate::{Folder, assert_opens, picture};

/// The recipe that the line for a picture tells.
fn told(line: &str) -> &str {
    let (_, after) = line.split_once(" recipe ").unwrap();
    after.split_once(", ").unwrap().0
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let folder = Folder::new();
    folder.picture("a.jpg");
    folder.picture("b.png");
    for (input, one, two, other) in [
        ("a.jpg", "1.jpg", "2.jpg", "3.jpg"),
        ("b.png", "1.png", "2.png", "3.png"),
    ] {
        folder.run(&[input, "-o", one, "--seed", "7"]).fine();
        folder.run(&[input, "-o", two, "-s", "7"]).fine();
        folder.run(&[input, "-o", other, "--seed", "8"]).fine();
        assert!(folder.read(one) == folder.read(two));
        assert!(folder.read(one) != folder.read(other));
    }
}

#[test]
fn the_recipe_that_is_told_makes_the_same_bytes_again() {
    let folder = Folder::with_photo();
    let run = folder
        .run(&["photo.jpg", "--recipe", "sort:len=40:times=3,replace"])
        .fine();
    let recipe = told(&run.out);
    assert!(
        recipe.starts_with("sort:len=40:times=3,replace,seed="),
        "{recipe}"
    );
    folder
        .run(&["photo.jpg", "-o", "again.jpg", "-r", recipe])
        .fine();
    assert!(folder.read("photo.glitched.jpg") == folder.read("again.jpg"));
}

#[test]
fn without_a_seed_every_picture_gets_its_own() {
    let folder = Folder::new();
    folder.picture("a.jpg");
    folder.picture("b.jpg");
    let run = folder.run(&["a.jpg", "b.jpg"]).fine();
    let recipes: Vec<_> = run.out.lines().map(told).collect();
    assert!(
        recipes
            .iter()
            .all(|recipe| recipe.starts_with("classic,seed="))
    );
    assert_ne!(recipes[0], recipes[1]);
}

#[test]
fn options_go_before_the_recipe() {
    let folder = Folder::new();
    folder.picture("a.png");
    let recipe = "sort,filter=up,deflate=fast,seed=1";
    let run = folder
        .run(&[
            "a.png",
            "--recipe",
            recipe,
            "--seed",
            "2",
            "--filter",
            "sub",
            "--deflate",
            "small",
        ])
        .fine();
    assert_eq!(told(&run.out), "sort,filter=sub,deflate=small,seed=2");
    let run = folder
        .run(&["a.png", "-o", "b.png", "--recipe", recipe])
        .fine();
    assert_eq!(told(&run.out), "sort,filter=up,seed=1");
}

#[test]
fn every_setting_has_an_option() {
    let folder = Folder::with_photo();
    let options = [
        ["--amount", "40"],
        ["--reach", "5pct"],
        ["--region", "0-20-100-80"],
        ["--protect", "25-0-50-55"],
        ["--channels", "chroma"],
        ["--scans", "ac"],
        ["--alpha", "glitch"],
        ["--strip", "metadata"],
        ["--thumbnail", "drop"],
        ["--seed", "3"],
    ];
    let args = [&["photo.jpg", "--recipe", "replace"], &options.concat()[..]].concat();
    let run = folder.run(&args).fine();
    let recipe = "replace,amount=40,reach=5pct,region=0-20-100-80,protect=25-0-50-55,\
                  channels=chroma,scans=ac,alpha=glitch,strip=metadata,thumbnail=drop,seed=3";
    assert_eq!(told(&run.out), recipe);
    folder
        .run(&["photo.jpg", "-o", "again.jpg", "-r", recipe])
        .fine();
    assert!(folder.read("photo.glitched.jpg") == folder.read("again.jpg"));
}

#[test]
fn metadata_are_taken_out_without_a_glitch_too() {
    let folder = Folder::new();
    let fixture = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/fixtures/jpeg/exif-thumbnail.jpg"
    );
    let picture = std::fs::read(fixture).unwrap();
    folder.write("photo.jpg", &picture);
    let has_exif = |name| {
        let file = folder.read(name);
        file.windows(4).any(|bytes| bytes == b"Exif")
    };
    assert!(has_exif("photo.jpg"));
    for (option, value, kept) in [
        ("--strip", "metadata", false),
        ("--thumbnail", "drop", true),
    ] {
        let args = [
            "photo.jpg",
            "-o",
            "new.jpg",
            "-f",
            "-r",
            "none",
            option,
            value,
        ];
        folder.run(&args).fine();
        assert_eq!(has_exif("new.jpg"), kept, "{option}");
        assert!(folder.read("new.jpg").len() < picture.len());
    }
}

#[test]
fn a_bad_recipe_is_told_what_is_allowed() {
    let folder = Folder::with_photo();
    for (args, said) in [
        (
            ["--recipe", "molten"],
            "there is no pass `molten`; the passes are replace, sort",
        ),
        (["--recipe", "sort:width=3"], "it takes len, order, times"),
        (["--seed", "-1"], "a seed is a whole number from 0"),
        (
            ["--seed", "pi"],
            "a seed is a whole number from 0 to 18446744073709551615",
        ),
        (
            ["--filter", "best"],
            "auto, keep, none, sub, up, average, paeth",
        ),
        (["--deflate", "9"], "fast, small"),
        (
            ["--amount", "101"],
            "a whole number from 0 to 100, not `101`",
        ),
        (["--amount", "-1"], "a whole number from 0 to 100, not `-1`"),
        (["--reach", "0"], "`reach` is all, rows from 1 to 10000"),
        (
            ["--region", "1-2-3"],
            "a rectangle is LEFT-TOP-WIDTH-HEIGHT",
        ),
        (
            ["--protect", "face"],
            "a rectangle is LEFT-TOP-WIDTH-HEIGHT",
        ),
        (["--channels", "red"], "all, luma, chroma"),
        (["--scans", "1"], "all, dc, ac"),
        (["--alpha", "0"], "keep, glitch"),
        (["--strip", "gps"], "nothing, metadata"),
        (["--thumbnail", "no"], "keep, drop"),
        (["--variants", "0"], "--variants"),
    ] {
        folder.run(&["photo.jpg", args[0], args[1]]).fails(2, said);
    }
    assert_eq!(folder.files(), ["photo.jpg"]);
}

#[test]
fn the_recipe_none_gives_the_input_back() {
    let folder = Folder::with_photo();
    let run = folder.run(&["photo.jpg", "--recipe", "none"]).fine();
    assert!(run.out.contains("nothing visible changed"), "{}", run.out);
    assert!(folder.read("photo.glitched.jpg") == folder.read("photo.jpg"));
}

#[test]
fn variants_have_seeds_that_follow_each_other() {
    let folder = Folder::with_photo();
    folder
        .run(&["photo.jpg", "--variants", "3", "--seed", "7"])
        .fine();
    assert_eq!(
        folder.files(),
        [
            "photo.glitched-7.jpg",
            "photo.glitched-8.jpg",
            "photo.glitched-9.jpg",
            "photo.jpg"
        ]
    );
    let made: Vec<_> = folder.files()[..3]
        .iter()
        .map(|name| folder.read(name))
        .collect();
    made.iter().for_each(|bytes| assert_opens(bytes, Jpeg));
    assert!(made[0] != made[1] && made[1] != made[2] && made[0] != made[2]);
    folder
        .run(&["photo.jpg", "-o", "8.jpg", "--seed", "8"])
        .fine();
    assert!(folder.read("8.jpg") == made[1]);
}

#[test]
fn variants_of_several_pictures_go_to_files_and_folders() {
    let folder = Folder::with_photo();
    folder.picture("two.png");
    let run = folder
        .run(&["photo.jpg", "two.png", "-n", "2", "-o", "out"])
        .fine();
    let seeds: Vec<u64> = run
        .out
        .lines()
        .map(|line| told(line).rsplit_once('=').unwrap().1.parse().unwrap())
        .collect();
    assert!(seeds[0] < 1_000_000);
    assert_eq!(seeds, [seeds[0], seeds[0] + 1, seeds[0], seeds[0] + 1]);
    assert_opens(
        &folder.read(&format!("out/two.glitched-{}.png", seeds[0])),
        Png,
    );
    folder
        .run(&["photo.jpg", "-n", "2", "-s", "4", "-o", "new.jpg"])
        .fine();
    assert_opens(&folder.read("new-5.jpg"), Jpeg);
    folder
        .pipe(&picture(Png), &["-", "-n", "2", "-s", "4", "-o", "std/"])
        .fine();
    assert!(folder.read("std/stdin.glitched-4.png") != folder.read("std/stdin.glitched-5.png"));
    folder
        .run(&["photo.jpg", "-n", "2", "-o", "-"])
        .fails(2, "name a folder with -o");
}

#[test]
fn the_largest_seed_is_followed_by_the_smallest() {
    let folder = Folder::with_photo();
    folder
        .run(&["photo.jpg", "-n", "2", "-s", "18446744073709551615"])
        .fine();
    assert_opens(
        &folder.read("photo.glitched-18446744073709551615.jpg"),
        Jpeg,
    );
    assert_opens(&folder.read("photo.glitched-0.jpg"), Jpeg);
}

#[test]
fn filter_and_deflate_change_a_png() {
    let folder = Folder::new();
    folder.picture("a.png");
    for (name, option, value) in [
        ("up.png", "--filter", "up"),
        ("paeth.png", "--filter", "paeth"),
        ("small.png", "--deflate", "small"),
    ] {
        let args = [
            "a.png",
            "-o",
            name,
            option,
            value,
            "-s",
            "3",
            "-r",
            "replace:times=30",
        ];
        folder.run(&args).fine();
        assert_opens(&folder.read(name), Png);
    }
    assert!(folder.read("up.png") != folder.read("paeth.png"));
}

#[test]
fn no_verify_decodes_nothing() {
    let folder = Folder::with_photo();
    let run = folder.run(&["photo.jpg", "--no-verify", "-s", "1"]).fine();
    assert!(run.out.contains(", not checked, "), "{}", run.out);
    let run = folder
        .run(&["photo.jpg", "--no-verify", "-s", "1", "--json", "-f"])
        .fine();
    assert!(run.json()[0]["changed"].is_null());
    folder
        .run(&["photo.jpg", "-s", "1", "-o", "checked.jpg"])
        .fine();
    assert!(folder.read("checked.jpg") == folder.read("photo.glitched.jpg"));
}
