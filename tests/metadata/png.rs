use img_parts::ImageEXIF;
use img_parts::png::Png;

use crate::samples::{self, FACE, PROFILE, SECRET};
use crate::{
    PASSES, assert_same_pixels, exif, glitched, has_place, has_thumbnail, holds, oracle,
    orientation,
};

fn kinds(file: &[u8]) -> Vec<String> {
    let png = Png::from_bytes(file.to_vec().into()).unwrap();
    let kinds = png.chunks().iter().map(|chunk| chunk.kind());
    let mut kinds: Vec<String> = kinds
        .map(|kind| String::from_utf8(kind.to_vec()).unwrap())
        .collect();
    kinds.dedup();
    kinds
}

fn tiff(file: &[u8]) -> Option<Vec<u8>> {
    let png = Png::from_bytes(file.to_vec().into()).unwrap();
    png.exif().map(|bytes| bytes.to_vec())
}

#[test]
fn stripping_leaves_the_orientation_and_the_profile_alone() {
    for passes in PASSES {
        let input = samples::png(6);
        assert!(holds(&input, SECRET) && holds(&input, FACE));
        let plain = glitched(&input, passes).bytes;
        let made = glitched(&input, &format!("{passes},strip=metadata")).bytes;
        assert!(!holds(&made, SECRET) && !holds(&made, FACE), "{passes}");
        assert!(holds(&made, PROFILE));
        let exif = exif(tiff(&made).unwrap());
        assert_eq!(orientation(&exif), Some(6));
        assert_eq!(exif.fields().count(), 1);
        let kept = ["IHDR", "iCCP", "pHYs", "eXIf", "IDAT", "IEND"];
        assert_eq!(kinds(&made), kept, "{passes}");
        assert!(made.ends_with(b"IEND\xAE\x42\x60\x82"));
        oracle::check(&made).unwrap();
        assert_same_pixels(&plain, &made);
    }
}

#[test]
fn an_upright_picture_keeps_no_exif_at_all() {
    let made = glitched(&samples::png(1), "none,strip=metadata").bytes;
    assert_eq!(tiff(&made), None);
}

#[test]
fn dropping_thumbnails_leaves_all_other_metadata() {
    for passes in PASSES {
        let input = samples::png(6);
        let plain = glitched(&input, passes).bytes;
        let made = glitched(&input, &format!("{passes},thumbnail=drop")).bytes;
        assert!(!holds(&made, FACE), "{passes}");
        let exif = exif(tiff(&made).unwrap());
        assert_eq!(orientation(&exif), Some(6));
        assert!(has_place(&exif) && !has_thumbnail(&exif));
        let kept = [
            "IHDR", "iCCP", "pHYs", "eXIf", "tEXt", "iTXt", "tIME", "seCr", "IDAT", "IEND",
        ];
        assert_eq!(kinds(&made), kept, "{passes}");
        oracle::check(&made).unwrap();
        assert_same_pixels(&plain, &made);
    }
}

#[test]
fn broken_exif_is_dropped() {
    let input = samples::png(6);
    let at = input
        .windows(4)
        .position(|bytes| bytes == b"II*\0")
        .unwrap();
    // One whose checksum does not hold, and one that is no TIFF.
    let mut changed = input.clone();
    changed[at + 20] ^= 1;
    let mut other = input.clone();
    let whole = samples::chunk(b"eXIf", &samples::tiff(6));
    other.splice(at - 8..at - 8 + whole.len(), samples::chunk(b"eXIf", b"??"));
    for file in [changed, other] {
        for setting in crate::SETTINGS {
            let made = glitched(&file, &format!("none,{setting}")).bytes;
            assert_eq!(tiff(&made), None, "{setting}");
        }
    }
}

#[test]
fn a_text_that_the_end_of_the_file_cuts_off_goes() {
    let mut input = samples::png(6);
    let end = input.windows(4).position(|bytes| bytes == b"IEND").unwrap() - 4;
    input.truncate(end);
    let text = samples::chunk(b"tEXt", b"Comment\0secret");
    input.extend_from_slice(&text[..text.len() - 2]);
    let made = glitched(&input, "none,strip=metadata").bytes;
    assert!(!holds(&made, SECRET));
    oracle::check(&made).unwrap();
}
