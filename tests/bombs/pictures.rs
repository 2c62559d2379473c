//! Pictures that are bombs.

use super::measure::{Bomb, alone};
use super::png::{
    GREY, RGBA, animation, black, chunk, file, iccp, itxt, small, split, start, ztxt,
};
use super::{jpeg, png};

const MIB: usize = 1 << 20;

fn bomb<'a>(name: &'a str, file: &'a [u8], picture: usize) -> Bomb<'a> {
    Bomb::new(name, file, picture)
}

#[test]
fn a_png_that_inflates_a_thousandfold_costs_what_its_pixels_do() {
    let _alone = alone();
    let size = (5000, 5000);
    let stream = black(size, 4);
    let whole = file(size, (RGBA, 8), &[chunk(b"IDAT", &stream)]);
    let pieces = file(size, (RGBA, 8), &split(b"IDAT", &stream, 1));
    let inflated = 5000 * 5000 * 4;
    for (name, file) in [
        ("zlib 1000:1", whole),
        ("zlib 1000:1, an IDAT a byte", pieces),
    ] {
        let bomb = bomb(name, &file, inflated);
        assert!(bomb.glitch("classic") == "glitched");
        assert_eq!(bomb.verify(), "sound");
    }
}

#[test]
fn what_a_stream_holds_beyond_its_picture_is_not_inflated() {
    let _alone = alone();
    let stream = png::zeros(256 * MIB);
    let file = file((8, 8), (GREY, 8), &[chunk(b"IDAT", &stream)]);
    let bomb = bomb("256 MiB in a picture of 8 x 8", &file, 64);
    assert!(bomb.glitch("classic") == "glitched");
    bomb.verify();
}

#[test]
fn metadata_of_a_png_are_not_inflated() {
    let _alone = alone();
    for (name, chunk) in [
        ("zTXt of 256 MiB", ztxt(256 * MIB)),
        ("iTXt of 256 MiB", itxt(256 * MIB)),
        ("iCCP of 256 MiB", iccp(256 * MIB)),
    ] {
        let file = small(&[chunk]);
        let bomb = bomb(name, &file, 64);
        for recipe in [
            "classic",
            "classic,strip=metadata",
            "classic,thumbnail=drop",
        ] {
            assert!(bomb.glitch(recipe) == "glitched");
        }
        bomb.inspect();
        bomb.verify();
    }
}

#[test]
fn a_picture_of_65500_by_65500_is_refused_by_its_header() {
    let _alone = alone();
    let png = file(
        (65_500, 65_500),
        (RGBA, 16),
        &[chunk(b"IDAT", &png::zeros(MIB))],
    );
    let jpeg = jpeg::baseline((65_500, 65_500), b"", b"\0\0\0");
    for (name, file) in [("65,500 x 65,500 PNG", png), ("65,500 x 65,500 JPEG", jpeg)] {
        let bomb = bomb(name, &file, 0);
        assert_eq!(bomb.glitch("classic"), "refused: too large");
        assert_eq!(bomb.verify(), "refused: too large");
        bomb.inspect();
    }
}

#[test]
fn a_png_that_cannot_hold_its_pixels_is_refused_before_they_are_allocated() {
    let _alone = alone();
    let file = file(
        (7000, 7000),
        (RGBA, 16),
        &[chunk(b"IDAT", &png::zeros(MIB))],
    );
    let bomb = bomb("7000 x 7000 PNG with a thousandth of its data", &file, 0);
    assert_eq!(bomb.glitch("classic"), "refused: Malformed at byte 33");
    bomb.verify();
}

#[test]
fn a_jpeg_that_lacks_its_pixels_costs_no_more_than_one_that_has_them() {
    let _alone = alone();
    let file = jpeg::baseline((7000, 7000), b"", b"\0\0\0");
    let bomb = bomb("7000 x 7000 JPEG with 3 bytes of data", &file, 7000 * 7000);
    bomb.glitch("classic");
    bomb.verify();
}

#[test]
fn a_hundred_thousand_chunks_or_segments_cost_no_more_than_their_bytes() {
    let _alone = alone();
    let many = 100_000;
    let chunks = small(&vec![chunk(b"teXt", b""); many]);
    let app = jpeg::baseline((64, 64), &jpeg::segment(0xE1, b"").repeat(many), &[0; 16]);
    let exif = jpeg::segment(
        0xE1,
        b"Exif\0\0II*\0\x08\0\0\0\x01\0\x01\x02\x04\0\x01\0\0\0\0\0\0\0\0\0\0\0",
    );
    let exif = jpeg::baseline((64, 64), &exif.repeat(many), &[0; 16]);
    let dht = jpeg::table(0x00, [0, 11]).repeat(many);
    let dht = jpeg::baseline((64, 64), &dht, &[0; 16]);
    let restarts = jpeg::baseline(
        (64, 64),
        &jpeg::segment(0xDD, b"\0\x01"),
        &b"\0\xFF\xD0".repeat(many),
    );
    for (name, file) in [
        ("100,000 chunks", chunks),
        ("100,000 APP1 segments", app),
        ("100,000 EXIF segments", exif),
        ("100,000 DHT segments", dht),
        ("100,000 restart markers", restarts),
    ] {
        let bomb = bomb(name, &file, 64 * 64);
        for recipe in [
            "classic",
            "replace,reach=1",
            "classic,strip=metadata",
            "classic,thumbnail=drop",
        ] {
            bomb.glitch(recipe);
        }
        bomb.inspect();
        bomb.verify();
    }
}

#[test]
fn an_animation_costs_what_its_frames_hold_and_not_what_it_claims() {
    let _alone = alone();
    let claims = animation((64, 64), u32::MAX, 1);
    let many = animation((64, 64), 100_000, 100_000);
    // Each of them is drawn on the whole canvas.
    let wide = animation((4000, 4000), 2000, 2000);
    for (name, file, picture) in [
        ("APNG that claims 4,294,967,295 frames", claims, 64 * 64 * 4),
        ("APNG of 100,000 frames", many, 64 * 64 * 4),
        ("APNG of 2000 pixels on 4000 x 4000", wide, 4000 * 4000 * 4),
    ] {
        let bomb = bomb(name, &file, picture);
        bomb.glitch("classic");
        bomb.verify();
    }
}

#[test]
fn rows_of_one_pixel_cost_what_their_bytes_do() {
    let _alone = alone();
    let size = (1, 25_000_000);
    let file = file(size, (GREY, 8), &[chunk(b"IDAT", &black(size, 1))]);
    let bomb = Bomb::new("1 x 25,000,000 PNG", &file, 2 * 25_000_000);
    bomb.glitch("replace,reach=1");
    let mut adam7 = start((1, 25_000_000), GREY, 8);
    adam7.truncate(8);
    let mut header = [1_u32.to_be_bytes(), 25_000_000_u32.to_be_bytes()].concat();
    header.extend([8, GREY, 0, 0, 1]);
    adam7.extend(chunk(b"IHDR", &header));
    adam7.extend(chunk(b"IDAT", &black(size, 1)));
    adam7.extend(chunk(b"IEND", b""));
    let bomb = super::measure::Bomb::new("the same, interlaced", &adam7, 2 * 25_000_000);
    bomb.glitch("replace,reach=1");
}

#[test]
fn scans_cost_what_their_blocks_do_and_a_thousand_are_the_most() {
    let _alone = alone();
    let run = jpeg::eob_runs(1);
    for (name, scans) in [
        ("progressive JPEG of 63 scans", 63),
        ("progressive JPEG of 999 scans", 998),
        ("progressive JPEG of 10,000 scans", 9999),
    ] {
        let file = jpeg::progressive(jpeg::RUN_SIZE, scans, &run);
        let bomb = bomb(name, &file, jpeg::RUN * 64);
        let outcome = bomb.glitch("classic");
        bomb.glitch("replace,reach=1");
        bomb.verify();
        assert_eq!(outcome.contains("Malformed"), scans > 1000, "{outcome}");
    }
}

#[test]
fn endless_eob_runs_are_cut_at_the_end_of_the_picture() {
    let _alone = alone();
    let file = jpeg::progressive((64, 64), 63, &jpeg::eob_runs(2000));
    let bomb = bomb(
        "EOB runs, 2000 times the picture in each of 63 scans",
        &file,
        64 * 64,
    );
    bomb.glitch("classic");
    bomb.verify();
}

#[test]
fn noise_in_place_of_coded_data_costs_what_its_bytes_do() {
    let _alone = alone();
    for (name, bytes) in [
        ("1 MiB of noise in a scan", MIB),
        ("4 MiB of noise in a scan", 4 * MIB),
    ] {
        let file = jpeg::baseline((4096, 4096), b"", &jpeg::noise(bytes));
        let bomb = bomb(name, &file, 4096 * 4096);
        for recipe in [
            "classic",
            "replace:times=20,reach=1",
            "slices,replace,protect=30-30-40-40",
        ] {
            bomb.glitch(recipe);
        }
    }
}

/// What fuzzing found worth keeping, and what it is slow at.
#[test]
fn files_that_fuzzing_found_cost_what_their_bytes_and_pixels_do() {
    let _alone = alone();
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus/glitch");
    let files = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let files: Vec<_> = files.collect();
    assert!(files.len() > 50, "{}", files.len());
    let mut costs = Vec::new();
    for path in files {
        let file = std::fs::read(&path).unwrap();
        let Ok(layout) = glitch::inspect(&file) else {
            continue;
        };
        let pixels = layout.width as usize * layout.height as usize;
        let name = path.file_name().unwrap().to_string_lossy();
        let name = format!("{name} of fuzzing, {pixels} pixels");
        let picture = if pixels > 50_000_000 { 0 } else { pixels * 8 };
        let cost = bomb(&name, &file, picture).cost("replace,reach=1");
        costs.push((cost, name, file.len()));
    }
    costs.sort_by_key(|(cost, ..)| std::cmp::Reverse(cost.time));
    for (cost, name, bytes) in costs.iter().take(3) {
        cost.tell(name, *bytes);
    }
}
