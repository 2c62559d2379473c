//! `--diff` and `--hits`.

use image::ImageFormat::Png;

use crate::{Folder, picture};

#[test]
fn a_heat_map_shows_where_the_picture_changed() {
    let folder = Folder::with_photo();
    let args = ["photo.jpg", "-s", "7", "--diff", "map.png", "--json"];
    let told = &folder.run(&args).fine().json()[0];
    assert_eq!(told["diff"], "map.png");
    let map = folder.read("map.png");
    assert_eq!(image::guess_format(&map).unwrap(), Png);
    let map = image::load_from_memory(&map).unwrap().into_rgb8();
    assert_eq!(map.dimensions(), (96, 80));
    let coloured = map
        .pixels()
        .filter(|pixel| pixel.0[0] != pixel.0[1])
        .count();
    let share = coloured as f64 / (96.0 * 80.0);
    let apart = told["changed"].as_f64().unwrap() - share;
    assert!(apart.abs() < 1e-9 && share > 0.0, "{apart} {share}");
    // The heat is where the two pictures differ most.
    let pixels = |name: &str| {
        image::load_from_memory(&folder.read(name))
            .unwrap()
            .into_rgb8()
    };
    let (before, after) = (pixels("photo.jpg"), pixels("photo.glitched.jpg"));
    for ((before, after), heat) in before.pixels().zip(after.pixels()).zip(map.pixels()) {
        let samples = before.0.iter().zip(&after.0);
        let distance = samples.map(|(a, b)| a.abs_diff(*b)).max().unwrap();
        assert_eq!(distance > 8, heat.0[0] != heat.0[1]);
    }
    let run = folder
        .run(&["photo.jpg", "-s", "7", "--diff", "map.png", "-f"])
        .fine();
    assert!(run.out.contains(" (heat map: map.png)"), "{}", run.out);
}

#[test]
fn several_heat_maps_need_a_folder() {
    let folder = Folder::with_photo();
    folder.picture("two.png");
    for args in [
        &["photo.jpg", "two.png"][..],
        &["photo.jpg", "-n", "2"],
        &["."],
    ] {
        folder.run(&[args, &["--diff", "map.png"]].concat()).fails(
            2,
            "several heat maps do not go into one file: name a folder with --diff map.png/",
        );
    }
    assert_eq!(folder.files(), ["photo.jpg", "two.png"]);
    folder
        .run(&["photo.jpg", "two.png", "--diff", "maps/"])
        .fine();
    folder
        .run(&["photo.jpg", "-n", "2", "-s", "7", "--diff", "maps"])
        .fine();
    assert_eq!(
        folder.files(),
        [
            "maps/photo.diff-7.png",
            "maps/photo.diff-8.png",
            "maps/photo.diff.png",
            "maps/two.diff.png",
            "photo.glitched-7.jpg",
            "photo.glitched-8.jpg",
            "photo.glitched.jpg",
            "photo.jpg",
            "two.glitched.png",
            "two.png",
        ]
    );
}

#[test]
fn a_heat_map_replaces_nothing() {
    let folder = Folder::with_photo();
    folder.picture("photo.png");
    folder.write("map.png", "precious");
    folder
        .run(&["photo.jpg", "--diff", "map.png"])
        .fails(4, "map.png exists already: --force replaces it");
    folder
        .run(&["photo.png", "--diff", "photo.png"])
        .fails(4, "the output is the input itself");
    folder
        .run(&["photo.png", "-o", "x.png", "--diff", "x.png"])
        .fails(2, "two files would both be written to x.png");
    folder
        .run(&["photo.jpg", "photo.png", "--diff", "maps/"])
        .fails(2, "two files would both be written to maps/photo.diff.png");
    folder
        .run(&["photo.jpg", "--diff", "-"])
        .fails(2, "a heat map does not go to standard output");
    assert_eq!(folder.read("map.png"), b"precious");
    assert_eq!(folder.files(), ["map.png", "photo.jpg", "photo.png"]);
}

#[test]
fn a_heat_map_of_a_picture_from_a_pipe_is_a_file() {
    let folder = Folder::new();
    let run = folder.pipe(&picture(Png), &["-", "-s", "7", "--diff", "maps/", "-q"]);
    assert_eq!((run.code, run.err.as_str()), (0, ""));
    assert_eq!(image::guess_format(&run.bytes).unwrap(), Png);
    assert_eq!(folder.files(), ["maps/stdin.diff.png"]);
}

#[test]
fn hits_are_told_one_by_one_if_asked_for() {
    let folder = Folder::with_photo();
    folder.picture("two.png");
    let args = [
        "photo.jpg",
        "-r",
        "replace:times=3,seed=7",
        "-o",
        "/dev/null",
    ];
    assert_eq!(folder.run(&args).fine().out.lines().count(), 1);
    let said = folder.run(&[&args[..], &["--hits"]].concat()).fine().out;
    let hits: Vec<&str> = said.lines().skip(1).collect();
    let told = folder
        .run(&[&args[..], &["--hits", "--json"]].concat())
        .fine()
        .json();
    let told = &told[0];
    let places = told["where"].as_array().unwrap();
    assert_eq!(told["hits"], places.len());
    assert!(places.len() >= 3);
    assert_eq!(hits.len(), places.len());
    for (hit, place) in hits.iter().zip(places) {
        assert_eq!(
            (&place["pass"], &place["len"]),
            (&"replace".into(), &1.into())
        );
        let offset = place["offset"].as_u64().unwrap();
        assert_eq!(*hit, format!("  replace: 1 byte at {offset}"));
        assert!(offset < folder.read("photo.jpg").len() as u64);
    }
    // Without the option there are as many, and no list.
    let told = folder.run(&[&args[..], &["--json"]].concat()).fine().json();
    assert_eq!(told[0]["hits"], places.len());
    assert!(told[0].get("where").is_none() && told[0].get("diff").is_none());
}

#[test]
fn hits_tell_the_line_where_it_is_known() {
    let folder = Folder::with_photo();
    folder.picture("two.png");
    let args = [
        "two.png",
        "photo.jpg",
        "-r",
        "sort:len=40,reach=1,seed=7",
        "-o",
        "out",
    ];
    let told = folder
        .run(&[&args[..], &["--hits", "--json"]].concat())
        .fine()
        .json();
    for told in &told {
        for place in told["where"].as_array().unwrap() {
            assert!(place["line"].as_u64().unwrap() < 80, "{place}");
            assert!(place["lane"].is_u64() && place["at"].is_u64(), "{place}");
            assert_eq!(
                place["offset"].is_u64(),
                told["format"] == "jpeg",
                "{place}"
            );
        }
    }
    let said = folder
        .run(&[&args[..], &["--hits", "-f"]].concat())
        .fine()
        .out;
    let place = &told[0]["where"][0];
    let words = format!("  sort: {} bytes in line {}, ", place["len"], place["line"]);
    assert!(said.contains(&words), "{words}: {said}");
    let place = &told[1]["where"][0];
    let (len, offset, line) = (&place["len"], &place["offset"], &place["line"]);
    let words = format!("  sort: {len} bytes at {offset}, line {line}\n");
    assert!(said.contains(&words), "{words}: {said}");
}
