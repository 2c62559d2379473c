//! `glitch loop`.

use std::collections::HashSet;
use std::io::Cursor;

use image::codecs::{gif::GifDecoder, png::PngDecoder};
use image::{AnimationDecoder, RgbaImage};

use crate::{Folder, picture};

/// The frames of a GIF or an APNG, and the time of all in milliseconds.
fn frames(bytes: &[u8]) -> (Vec<RgbaImage>, f64) {
    let frames = match bytes.starts_with(b"GIF89a") {
        true => GifDecoder::new(Cursor::new(bytes)).unwrap().into_frames(),
        false => {
            let decoder = PngDecoder::new(Cursor::new(bytes)).unwrap();
            decoder.apng().unwrap().into_frames()
        }
    };
    let mut time = 0.0;
    let frames = frames.map(|frame| {
        let frame = frame.unwrap();
        let (numerator, denominator) = frame.delay().numer_denom_ms();
        time += f64::from(numerator) / f64::from(denominator);
        frame.into_buffer()
    });
    (frames.collect(), time)
}

fn distinct(frames: &[RgbaImage]) -> usize {
    let all: HashSet<&[u8]> = frames.iter().map(|frame| &**frame.as_raw()).collect();
    all.len()
}

#[test]
fn a_loop_is_a_gif_of_twelve_frames_that_all_differ() {
    let folder = Folder::with_photo();
    let run = folder.run(&["loop", "photo.jpg", "-s", "7"]).fine();
    let said =
        "photo.jpg -> photo.loop.gif: GIF 96x80, 12 frames, 12 a second, recipe classic,seed=7, ";
    assert!(run.out.starts_with(said), "{}", run.out);
    let bytes = folder.read("photo.loop.gif");
    let (all, time) = frames(&bytes);
    assert_eq!((all.len(), distinct(&all), time), (12, 12, 1000.0));
    // It goes round for ever (the NETSCAPE extension, 0 times).
    let forever = b"NETSCAPE2.0\x03\x01\0\0\0";
    assert!(bytes.windows(forever.len()).any(|window| window == forever));
    assert_eq!(folder.files(), ["photo.jpg", "photo.loop.gif"]);
}

#[test]
fn a_png_is_an_apng() {
    let folder = Folder::new();
    folder.picture("shot.png");
    for name in ["a.png", "b.apng"] {
        let args = [
            "loop", "shot.png", "-s", "7", "-o", name, "--frames", "5", "--fps", "20",
        ];
        let told = &folder.run(&[&args[..], &["--json"]].concat()).fine().json()[0];
        let bytes = folder.read(name);
        let (all, time) = frames(&bytes);
        assert_eq!((all.len(), distinct(&all)), (5, 5));
        assert!((time - 250.0).abs() < 1.0, "{time}");
        assert_eq!(
            (&told["format"], &told["alike"]),
            (&"apng".into(), &0.into())
        );
        assert_eq!(told["bytes_out"], bytes.len());
        // acTL: 5 frames, for ever.
        let control = b"acTL\0\0\0\x05\0\0\0\0";
        assert!(bytes.windows(control.len()).any(|window| window == control));
        folder.run(&["verify", name]).fine();
    }
}

#[test]
fn the_size_is_that_of_the_longest_side() {
    let folder = Folder::with_photo();
    folder
        .run(&[
            "loop",
            "photo.jpg",
            "-o",
            "a.gif",
            "--size",
            "48",
            "--frames",
            "2",
        ])
        .fine();
    let (all, _) = frames(&folder.read("a.gif"));
    assert_eq!(all[0].dimensions(), (48, 40));
}

#[test]
fn the_amount_follows_a_ramp_or_a_cycle() {
    let folder = Folder::with_photo();
    let amounts = |args: &[&str]| {
        let fixed = [
            "loop",
            "photo.jpg",
            "-s",
            "7",
            "-o",
            "a.gif",
            "-f",
            "--frames",
            "5",
            "--json",
        ];
        let told = &folder.run(&[&fixed[..], args].concat()).fine().json()[0];
        let recipes = told["frames"].as_array().unwrap().clone();
        let amount = |recipe: &serde_json::Value| {
            let recipe: glitch::Recipe = recipe.as_str().unwrap().parse().unwrap();
            recipe.amount.unwrap()
        };
        recipes.iter().map(amount).collect::<Vec<u8>>()
    };
    assert_eq!(amounts(&["--ramp", "up"]), [0, 15, 30, 45, 60]);
    assert_eq!(
        amounts(&["--ramp", "down", "-r", "classic,amount=40"]),
        [40, 30, 20, 10, 0]
    );
    assert_eq!(amounts(&["--ramp", "there-and-back"]), [0, 30, 60, 30, 0]);
    assert_eq!(amounts(&["--ramp", "10-90"]), [10, 30, 50, 70, 90]);
    assert_eq!(
        amounts(&["--ramp", "10-90", "--seeds", "change"]),
        [10, 30, 50, 70, 90]
    );
    let cycle = amounts(&["--cycle"]);
    assert!(
        cycle[0] < cycle[1] && cycle[1] < cycle[2] && cycle[2] > cycle[3],
        "{cycle:?}"
    );
    assert!(cycle[3] > cycle[4] && cycle[4] < 30, "{cycle:?}");
    let cycle = amounts(&["--cycle=20-80"]);
    assert!(
        cycle.iter().all(|amount| (20..=80).contains(amount)),
        "{cycle:?}"
    );
}

#[test]
fn calm_frames_stand_between_bursts() {
    let folder = Folder::new();
    folder.picture("shot.png");
    let args = [
        "loop", "shot.png", "-s", "7", "-o", "a.png", "--frames", "8", "--calm", "2", "--burst",
        "2",
    ];
    let told = &folder.run(&[&args[..], &["--json"]].concat()).fine().json()[0];
    let calm: Vec<bool> = told["frames"]
        .as_array()
        .unwrap()
        .iter()
        .map(|frame| frame.is_null())
        .collect();
    assert_eq!(calm, [false, false, true, true, false, false, true, true]);
    let (all, _) = frames(&folder.read("a.png"));
    let original = image::load_from_memory(&folder.read("shot.png"))
        .unwrap()
        .into_rgba8();
    for (frame, calm) in all.iter().zip(calm) {
        assert_eq!(*frame == original, calm);
    }
    assert_eq!(distinct(&all), 5);
}

#[test]
fn a_size_budget_is_met_and_told() {
    let folder = Folder::with_photo();
    let args = ["loop", "photo.jpg", "-s", "7", "-o", "a.gif", "-f"];
    folder.run(&args).fine();
    let free = folder.read("a.gif").len();
    let most = (free / 2).to_string();
    let run = folder
        .run(&[&args[..], &["--max-bytes", &most]].concat())
        .fine();
    assert!(
        run.out.contains(", made smaller than 96x80 to fit"),
        "{}",
        run.out
    );
    let bytes = folder.read("a.gif");
    assert!(bytes.len() <= free / 2);
    let (all, _) = frames(&bytes);
    assert_eq!((all.len(), distinct(&all)), (12, 12));
    folder
        .run(&[&args[..], &["--max-bytes", "100"]].concat())
        .fails(
            1,
            "the limit is 100 (fewer --frames or a smaller --size take less)",
        );
    assert!(folder.read("a.gif") == bytes);
    // One that is met anyway changes nothing.
    folder.run(&args).fine();
    let same = folder.read("a.gif");
    folder
        .run(&[&args[..], &["--max-bytes", "8MB"]].concat())
        .fine();
    assert!(folder.read("a.gif") == same);
}

#[test]
fn a_loop_is_the_same_every_time_and_replaces_nothing() {
    let folder = Folder::with_photo();
    for name in ["a.gif", "a.png"] {
        let args = ["loop", "photo.jpg", "-s", "7", "-o", name];
        folder.run(&[&args[..], &["-j", "1"]].concat()).fine();
        let first = folder.read(name);
        folder
            .run(&args)
            .fails(4, &format!("{name} exists already"));
        folder.run(&[&args[..], &["-f", "-j", "3"]].concat()).fine();
        assert!(folder.read(name) == first);
        let other = ["loop", "photo.jpg", "-s", "99", "-o", name, "-f"];
        folder.run(&other).fine();
        assert!(folder.read(name) != first);
    }
}

#[test]
fn a_loop_goes_through_pipes() {
    let folder = Folder::new();
    let run = folder.pipe(
        &picture(image::ImageFormat::Png),
        &["loop", "-", "-s", "7", "--frames", "2", "-q"],
    );
    assert_eq!((run.code, run.err.as_str()), (0, ""));
    assert_eq!(frames(&run.bytes).0.len(), 2);
    assert!(folder.files().is_empty());
}

#[test]
fn what_makes_no_loop_is_told() {
    let folder = Folder::with_photo();
    for (args, said) in [
        (
            &["-o", "a.webp"][..],
            "an animation is a .gif, a .png or an .apng, not a .webp",
        ),
        (&["--seeds", "keep"], "--seeds keep needs --ramp or --cycle"),
        (
            &["--ramp", "sideways"],
            "a ramp is up, down, there-and-back, or amounts",
        ),
        (&["--cycle=5"], "a cycle is between two amounts"),
        (&["--ramp", "up", "--cycle"], "cannot be used with"),
        (&["--fps", "51"], "--fps"),
        (&["--frames", "0"], "--frames"),
        (&["-o", "."], ". is a folder: name a file"),
    ] {
        folder
            .run(&[&["loop", "photo.jpg"], args].concat())
            .fails(2, said);
    }
    folder.write("bad.jpg", "GIF89a and so on");
    folder
        .run(&["loop", "bad.jpg"])
        .fails(1, "not a JPEG or PNG");
    assert_eq!(folder.files(), ["bad.jpg", "photo.jpg"]);
}
