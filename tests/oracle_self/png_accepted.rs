//! What the oracle says about good PNG files.

use crate::assert_every_truncation_rejected;
use crate::oracle::png::{Interlace, PngFacts};
use crate::oracle::{Facts, check};
use crate::parts::Parts;
use crate::png_writer::*;

fn accepted(parts: &Parts) -> (Facts, PngFacts) {
    let facts = check(&parts.bytes()).expect("a conformant file");
    let png = facts.png.clone().expect("facts of a PNG");
    (facts, png)
}

#[test]
fn every_filter_type() {
    let parts = colour();
    let (facts, png) = accepted(&parts);
    assert_eq!((facts.width, facts.height), (2, 5));
    assert_eq!(facts.scan_bytes, [parts.range("IDAT")]);
    let image = &png.default_image.reduced_images[0];
    assert_eq!(image.filter_types, [0, 1, 2, 3, 4]);
    assert_eq!(image.scanline_bytes, 6);
    let expected = [
        [10, 20, 30, 40, 50, 60],
        [1, 2, 3, 5, 7, 9],
        [2, 3, 4, 6, 8, 8],
        // Half of what is above, then half of the sum of above and left.
        [10, 10, 11, 17, 18, 18],
        // Above is nearest to above at first; then left 11 + above 17 - 10 is nearest to 17, and so on.
        [11, 10, 11, 19, 18, 18],
    ];
    assert_eq!(image.samples, expected.concat());
    let kinds: Vec<_> = png.chunks.iter().map(|chunk| chunk.kind).collect();
    assert_eq!(kinds, [*b"IHDR", *b"IDAT", *b"IEND"]);
    assert_eq!(png.chunks[1].range, parts.range("IDAT"));
    assert!(png.trailer.is_empty());
}

#[test]
fn palette_indices() {
    let (_, png) = accepted(&palette());
    assert_eq!(png.palette, Some(vec![[7; 3]; 3]));
    assert_eq!((png.header.colour_type, png.header.bit_depth), (3, 2));
    let image = &png.default_image.reduced_images[0];
    assert_eq!(
        image.samples,
        [INDICES[1], INDICES[2], INDICES[4], INDICES[5]]
    );
}

#[test]
fn reduced_images() {
    let (_, small) = accepted(&interlaced());
    assert_eq!(small.header.interlace, Interlace::Adam7);
    let reduced = small.default_image.reduced_images.iter();
    let sizes: Vec<_> = reduced
        .map(|r| (r.width, r.height, r.samples.len()))
        .collect();
    assert_eq!(
        sizes,
        [(1, 1, 2), (1, 1, 2), (2, 1, 4), (1, 2, 4), (3, 1, 6)]
    );
    // All seven, from 8 x 8 on: 1, 1, 2, 4, 8, 16 and 32 pixels.
    let filtered = [
        vec![0, 1],
        vec![0, 1],
        vec![0, 1, 1],
        [0, 1, 1].repeat(2),
        [0, 1, 1, 1, 1].repeat(2),
    ];
    let rest = [
        [0, 1, 1, 1, 1].repeat(4),
        [0, 1, 1, 1, 1, 1, 1, 1, 1].repeat(4),
    ];
    let filtered = [filtered.concat(), rest.concat()].concat();
    let (_, whole) = accepted(&png(header((8, 8), [8, 0, 1]), &filtered));
    let reduced = whole.default_image.reduced_images.iter();
    assert_eq!(
        reduced.map(|r| r.samples.len()).collect::<Vec<_>>(),
        [1, 1, 2, 4, 8, 16, 32]
    );
}

#[test]
fn every_colour_type_and_depth() {
    let forms = [
        (0, &[1, 2, 4, 8, 16][..]),
        (2, &[8, 16]),
        (3, &[1, 2, 4, 8]),
        (4, &[8, 16]),
        (6, &[8, 16]),
    ];
    for (colour_type, depths) in forms {
        let samples = [1, 0, 3, 1, 2, 0, 4][colour_type as usize];
        for &depth in depths {
            let scanline = (3 * samples * usize::from(depth)).div_ceil(8);
            let mut parts = png(
                header((3, 1), [depth, colour_type, 0]),
                &vec![0; 1 + scanline],
            );
            if colour_type == 3 {
                parts = parts.before("IDAT", chunk(b"PLTE", &[7; 3]));
            }
            let (_, png) = accepted(&parts);
            assert_eq!(
                png.default_image.reduced_images[0].samples,
                vec![0; scanline]
            );
        }
    }
}

#[test]
fn a_stream_in_several_chunks_and_a_trailer() {
    let whole = zlib(&COLOUR);
    let split: Vec<u8> = whole
        .chunks(3)
        .flat_map(|part| chunk(b"IDAT", part))
        .collect();
    let parts = colour()
        .with("IDAT", [chunk(b"IDAT", &[]), split].concat())
        .before("IEND", chunk(b"tEXt", b"Comment\0x"))
        .with("IEND", [chunk(b"IEND", &[]), b"trailer".to_vec()].concat());
    let (facts, png) = accepted(&parts);
    assert_eq!(facts.scan_bytes.len(), 1 + whole.len().div_ceil(3));
    assert_eq!(facts.scan_bytes[0].start, parts.range("IDAT").start);
    assert_eq!(
        facts.scan_bytes[facts.scan_bytes.len() - 1].end,
        parts.range("IDAT").end
    );
    assert_eq!(png.default_image, accepted(&colour()).1.default_image);
    assert_eq!(png.trailer.len(), 7);
}

#[test]
fn animation_frames() {
    let parts = animation();
    let (facts, png) = accepted(&parts);
    let scan_bytes = ["IDAT", "fdAT 2", "fdAT 3"].map(|name| parts.range(name));
    assert_eq!(facts.scan_bytes, scan_bytes);
    assert_eq!(
        png.default_image.reduced_images[0].samples,
        [1, 2, 3, 4, 1, 2, 3, 4]
    );
    assert_eq!(png.frames.len(), 1);
    let frame = &png.frames[0];
    assert_eq!(
        (frame.x, frame.y, frame.image.width, frame.image.height),
        (3, 0, 1, 2)
    );
    assert_eq!(frame.image.reduced_images[0].samples, [77, 78]);
}

#[test]
fn a_late_exif_chunk_is_remarked() {
    let (facts, _) = accepted(&colour().before("IEND", chunk(b"eXIf", b"II")));
    assert!(
        facts.remarks[0]
            .what
            .contains("eXIf chunk after the image data")
    );
    let (facts, _) = accepted(&colour().before("IDAT", chunk(b"eXIf", b"II")));
    assert_eq!(facts.remarks, []);
}

#[test]
fn every_flipped_bit_breaks_a_crc() {
    for parts in [colour(), palette(), interlaced(), animation()] {
        let mut bytes = parts.bytes();
        for at in 8..bytes.len() {
            for bit in 0..8 {
                bytes[at] ^= 1 << bit;
                assert!(check(&bytes).is_err(), "bit {bit} of byte {at}");
                bytes[at] ^= 1 << bit;
            }
        }
    }
}

/// With a new CRC, only the bits between the last deflate code and the Adler-32 may change: RFC 1951 gives them no meaning.
#[test]
fn every_flipped_bit_of_a_zlib_stream_is_a_fault() {
    for parts in [colour(), palette(), interlaced(), animation()] {
        let data = parts.range("IDAT");
        let mut stream = parts.bytes()[data.start + 8..data.end - 4].to_vec();
        let before_checksum = stream.len() - 5;
        let mut without_meaning = 0;
        for at in 0..stream.len() {
            for bit in 0..8 {
                stream[at] ^= 1 << bit;
                let flipped = parts.clone().with("IDAT", chunk(b"IDAT", &stream));
                if check(&flipped.bytes()).is_ok() {
                    assert_eq!(at, before_checksum, "bit {bit} of byte {at} of the stream");
                    without_meaning += 1;
                }
                stream[at] ^= 1 << bit;
            }
        }
        assert!(without_meaning < 8);
    }
}

#[test]
fn truncations() {
    for parts in [colour(), palette(), animation()] {
        assert_every_truncation_rejected(&parts.bytes());
    }
}
