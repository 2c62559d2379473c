use img_parts::jpeg::Jpeg;
use img_parts::{ImageEXIF, ImageICC};

use crate::samples::{self, FACE, PROFILE, SECRET};
use crate::{
    PASSES, assert_same_pixels, exif, glitched, has_place, has_thumbnail, holds, oracle,
    orientation, unchecked,
};

fn read(file: &[u8]) -> Jpeg {
    Jpeg::from_bytes(file.to_vec().into()).unwrap()
}

fn tiff(file: &[u8]) -> Option<Vec<u8>> {
    read(file).exif().map(|bytes| bytes.to_vec())
}

fn profile(file: &[u8]) -> Vec<u8> {
    read(file).icc_profile().unwrap().to_vec()
}

#[test]
fn stripping_leaves_the_orientation_and_the_profile_alone() {
    for passes in PASSES {
        let input = samples::jpeg(6);
        assert!(holds(&input, SECRET) && holds(&input, FACE));
        let plain = glitched(&input, passes).bytes;
        let made = glitched(&input, &format!("{passes},strip=metadata")).bytes;
        assert!(!holds(&made, SECRET) && !holds(&made, FACE), "{passes}");
        assert_eq!(profile(&made), PROFILE);
        let exif = exif(tiff(&made).unwrap());
        assert_eq!(orientation(&exif), Some(6));
        assert_eq!(exif.fields().count(), 1);
        let segments = read(&made).segments().clone();
        let codes = segments.iter().map(|segment| segment.marker());
        let codes: Vec<u8> = codes.filter(|code| (0xE0..=0xFE).contains(code)).collect();
        assert_eq!(codes, [0xE0, 0xE1, 0xE2, 0xEE], "{passes}");
        let jfif = segments[0].contents();
        assert!(jfif.ends_with(&[0, 0]) && jfif.len() == 14);
        assert!(made.ends_with(&[0xFF, 0xD9]));
        oracle::check(&made).unwrap();
        assert_same_pixels(&plain, &made);
    }
}

#[test]
fn an_upright_picture_keeps_no_exif_at_all() {
    for upright in [0, 1, 9] {
        let made = glitched(&samples::jpeg(upright), "none,strip=metadata").bytes;
        assert_eq!(tiff(&made), None);
    }
}

#[test]
fn dropping_thumbnails_leaves_all_other_metadata() {
    for passes in PASSES {
        let input = samples::jpeg(6);
        let plain = glitched(&input, passes).bytes;
        let made = glitched(&input, &format!("{passes},thumbnail=drop")).bytes;
        assert!(!holds(&made, FACE), "{passes}");
        let exif = exif(tiff(&made).unwrap());
        assert_eq!(orientation(&exif), Some(6));
        assert!(has_place(&exif) && !has_thumbnail(&exif));
        assert_eq!(profile(&made), PROFILE);
        let kept = samples::segments();
        // XMP without a picture, what a maker wrote, and the comment.
        for segment in [&kept[1], &kept[6], &kept[9]] {
            assert!(holds(&made, segment), "{passes}");
        }
        // Photoshop's text, without its thumbnail.
        assert!(holds(&made, b"\x04\x04\0\0\0\0\0\x06secret"), "{passes}");
        assert!(!holds(&made, b"MPF\0"));
        oracle::check(&made).unwrap();
        assert_same_pixels(&plain, &made);
    }
}

#[test]
fn resources_that_run_over_a_segment_go_as_a_whole() {
    let mut input = samples::jpeg(6);
    let whole = samples::segments().remove(8);
    let at = input.windows(whole.len()).position(|bytes| bytes == whole);
    let at = at.unwrap();
    let half = samples::segment(0xED, &whole[4..whole.len() - 9]);
    let rest = [b"Photoshop 3.0\0", &whole[whole.len() - 9..]].concat();
    let halves = [half, samples::segment(0xED, &rest)].concat();
    input.splice(at..at + whole.len(), halves);
    let made = glitched(&input, "none,thumbnail=drop").bytes;
    assert!(!holds(&made, b"Photoshop 3.0"));
}

#[test]
fn metadata_between_scans_go_too() {
    let mut input =
        std::fs::read(crate::fixtures::folder().join("portrait-progressive.jpg")).unwrap();
    let facts = oracle::check(&input).unwrap();
    let at = facts.scan_bytes[1].end;
    input.splice(at..at, samples::segments().concat());
    for setting in ["strip=metadata", "thumbnail=drop"] {
        let made = glitched(&input, &format!("none,{setting}")).bytes;
        assert!(!holds(&made, FACE));
        assert_eq!(holds(&made, SECRET), setting == "thumbnail=drop");
    }
}

#[test]
fn broken_exif_is_dropped() {
    let mut input = samples::jpeg(6);
    let at = input
        .windows(4)
        .position(|bytes| bytes == b"II*\0")
        .unwrap();
    input[at] = b'?';
    for setting in ["strip=metadata", "thumbnail=drop"] {
        let made = glitched(&input, &format!("none,{setting}")).bytes;
        assert!(!holds(&made, b"Exif\0"), "{setting}");
    }
}

/// Metadata as they come are of any kind, so the file is written even where a decoder would not
/// take it: it is enough that nothing is left to be seen.
#[test]
fn nothing_is_seen_of_exif_with_a_byte_changed_or_cut_off() {
    let tiff = samples::tiff(6);
    let picture = |tiff: &[u8]| {
        let plain = crate::fixtures::folder().join("jpeg/size-1x1.jpg");
        let mut file = std::fs::read(plain).unwrap();
        let body = [b"Exif\0\0", tiff].concat();
        file.splice(2..2, samples::segment(0xE1, &body));
        file
    };
    let judge = |tiff: &[u8], what: String| {
        for setting in crate::SETTINGS {
            let made = unchecked(&picture(tiff), &format!("none,{setting}")).unwrap();
            let shown = holds(&made, b"\xFF\xD8\xFF\xE0unglitched");
            assert!(!shown, "{what}, {setting}");
            if setting == "strip=metadata" {
                assert!(!holds(&made, SECRET) && !holds(&made, FACE), "{what}");
            }
        }
    };
    for end in 0..tiff.len() {
        judge(&tiff[..end], format!("cut at {end}"));
    }
    for bit in 0..tiff.len() * 8 {
        let mut flipped = tiff.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        judge(&flipped, format!("bit {bit}"));
    }
}
