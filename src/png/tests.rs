//! The format as a whole: pictures built here, taken through open, edit, repair and pack.

use super::container::{Container, name, write_chunk};
use super::*;
use crate::cancel::Cancel;
use crate::document::Document;
use crate::error::ErrorKind;
use crate::format::{Format, PNG_SIGNATURE};
use crate::recipe::{Recipe, Turn};
use crate::rng::Stream;

type Chunks = Vec<([u8; 4], Vec<u8>)>;

fn ihdr(width: u32, height: u32, depth: u8, colour: u8, interlace: u8) -> Vec<u8> {
    let mut data = [width.to_be_bytes(), height.to_be_bytes()].concat();
    data.extend([depth, colour, 0, 0, interlace]);
    data
}

fn zlib(bytes: &[u8]) -> Vec<u8> {
    fdeflate::compress_to_vec(bytes)
}

/// Rows of 8-bit grey, 10 x 6 pixels, with every filter type.
fn grey_rows() -> Vec<u8> {
    let row = |row: u8| std::iter::once(row % 5).chain((0..10).map(move |x| (x * 7) ^ row));
    (0..6).flat_map(row).collect()
}

fn grey() -> Chunks {
    vec![
        (*b"IHDR", ihdr(10, 6, 8, 0, 0)),
        (*b"gAMA", vec![0, 0, 177, 143]),
        (*b"IDAT", zlib(&grey_rows())),
        (*b"tEXt", b"Title\0grey".to_vec()),
        (*b"IEND", vec![]),
    ]
}

fn indexed(colours: usize, rows: &[u8]) -> Chunks {
    vec![
        (*b"IHDR", ihdr(10, 2, 4, 3, 0)),
        (*b"PLTE", vec![40; colours * 3]),
        (*b"IDAT", zlib(rows)),
        (*b"IEND", vec![]),
    ]
}

fn frame_control(number: u32, width: u32, height: u32) -> Vec<u8> {
    let mut data = [number, width, height, 0, 0].map(u32::to_be_bytes).concat();
    data.extend([0, 1, 0, 10, 0, 0]);
    data
}

fn frame_data(number: u32, data: &[u8]) -> Vec<u8> {
    [&number.to_be_bytes(), data].concat()
}

/// A default image, and a second frame of 5 x 6 pixels in three chunks.
fn animation() -> Chunks {
    let second = zlib(&grey_rows()[..36].iter().map(|b| b % 5).collect::<Vec<u8>>());
    let mut chunks = grey();
    chunks.insert(1, (*b"acTL", vec![0, 0, 0, 2, 0, 0, 0, 0]));
    chunks.insert(2, (*b"fcTL", frame_control(0, 10, 6)));
    let frame = vec![
        (*b"fcTL", frame_control(1, 5, 6)),
        (*b"fdAT", frame_data(2, &second[..4])),
        (*b"fdAT", frame_data(3, &second[4..5])),
        (*b"fdAT", frame_data(4, &second[5..])),
    ];
    let at = chunks.len() - 1;
    chunks.splice(at..at, frame);
    chunks
}

fn file(chunks: &Chunks) -> Vec<u8> {
    let mut file = PNG_SIGNATURE.to_vec();
    for (kind, data) in chunks {
        write_chunk(&mut file, *kind, [data, &[]]);
    }
    file
}

fn open_file(bytes: &[u8]) -> Result<Box<dyn Document + '_>, Error> {
    let choice = Default::default();
    Ok(open(
        bytes,
        choice,
        &Default::default(),
        (&Limits::default(), &Cancel::default()),
    )?
    .document)
}

fn repack(bytes: &[u8]) -> Vec<u8> {
    let mut document = open_file(bytes).unwrap();
    let share = document.repair().unwrap();
    assert_eq!(share.changed, 0);
    document.pack().unwrap()
}

fn fault(bytes: &[u8]) -> Option<String> {
    let checked = check(bytes, &Limits::default()).unwrap();
    checked.fault.map(|fault| fault.what)
}

/// Names and data of the chunks, those of the image data inflated and put together.
fn contents(bytes: &[u8]) -> Chunks {
    let container = Container::split(bytes).unwrap();
    let mut contents: Chunks = Vec::new();
    for chunk in &container.chunks {
        assert!(container.crc_holds(chunk));
        let data = container.data(chunk);
        let skip = if chunk.kind == *b"fdAT" { 4 } else { 0 };
        match contents.last_mut() {
            Some((kind, last)) if *kind == chunk.kind && [*b"IDAT", *b"fdAT"].contains(kind) => {
                last.extend_from_slice(&data[skip..]);
            }
            _ => contents.push((chunk.kind, data[skip..].to_vec())),
        }
    }
    for (kind, data) in &mut contents {
        if [*b"IDAT", *b"fdAT"].contains(kind)
            && let Ok(inflated) = fdeflate::decompress_to_vec(data)
        {
            *data = inflated;
        }
    }
    contents
}

#[test]
fn without_edits_pixels_and_chunks_come_back() {
    for interlace in [0, 1] {
        for (depth, colour) in [(1, 0), (8, 0), (16, 2), (8, 4), (8, 6), (16, 6)] {
            let mut chunks = grey();
            chunks[0].1 = ihdr(10, 6, depth, colour, interlace);
            let header = header::Header::parse(&chunks[0].1).unwrap();
            let mut geometry = geometry::Geometry::new(header);
            let len = geometry.add_frame(10, 6).unwrap();
            chunks[2].1 = zlib(&vec![0; len]);
            let bytes = file(&chunks);
            assert_eq!(fault(&bytes), None);
            let packed = repack(&bytes);
            assert_eq!(contents(&packed), contents(&bytes));
            assert_eq!(fault(&packed), None);
        }
    }
    let bytes = file(&animation());
    assert_eq!(fault(&bytes), None);
    assert_eq!(contents(&repack(&bytes)), contents(&bytes));
}

#[test]
fn chunks_keep_their_number_or_size() {
    let sizes = |bytes: &[u8], wanted: &[u8; 4]| -> Vec<usize> {
        let container = Container::split(bytes).unwrap();
        let of_kind = container
            .chunks
            .iter()
            .filter(|chunk| chunk.kind == *wanted);
        of_kind.map(|chunk| chunk.data().len()).collect()
    };
    assert_eq!(sizes(&repack(&file(&grey())), b"IDAT").len(), 1);
    let mut chunks = grey();
    let data = chunks[2].1.clone();
    let pieces = [&data[..7], &[], &data[7..14], &data[14..16], &data[16..]];
    chunks.splice(2..3, pieces.map(|piece| (*b"IDAT", piece.to_vec())));
    let longest = data.len() - 16;
    let packed = repack(&file(&chunks));
    let (last, whole) = sizes(&packed, b"IDAT")
        .split_last()
        .map(|(l, w)| (*l, w.to_vec()))
        .unwrap();
    assert!(whole.iter().all(|&len| len == longest) && last <= longest);
    let packed = repack(&file(&animation()));
    assert_eq!(sizes(&packed, b"fdAT").len(), 3);
    assert_eq!(fault(&packed), None);
}

#[test]
fn what_follows_iend_is_kept_and_false_chunks_go() {
    let mut chunks = grey();
    for kind in [b"iDOT", b"caBX", b"dSIG"] {
        chunks.insert(1, (*kind, vec![1, 2, 3]));
    }
    let bytes = [file(&chunks), b"and more".to_vec()].concat();
    let packed = repack(&bytes);
    assert_eq!(contents(&packed), contents(&file(&grey())));
    assert!(packed.ends_with(b"and more"));
}

/// Glitches every frame, and tells that the result is conformant.
#[test]
fn a_glitched_picture_is_conformant_and_only_image_data_differ() {
    let rows: Vec<u8> = [[2, 0, 1, 2, 1, 0], [1, 1, 0, 0, 0, 2]].concat();
    for (chunks, seeds) in [(grey(), 20), (animation(), 20), (indexed(3, &rows), 40)] {
        let bytes = file(&chunks);
        for seed in 0..seeds {
            let mut document = open_file(&bytes).unwrap();
            let mut hits = Vec::new();
            let never = Cancel::default();
            Recipe::default()
                .apply(
                    &Turn::whole(Format::Png, seed, 0),
                    &mut *document,
                    &mut hits,
                    &never,
                )
                .unwrap();
            document.repair().unwrap();
            let packed = document.pack().unwrap();
            assert_eq!(fault(&packed), None, "seed {seed}");
            let keep = |chunks: Chunks| -> Chunks {
                let is_data = |kind: &[u8; 4]| matches!(kind, b"IDAT" | b"fdAT");
                chunks
                    .into_iter()
                    .filter(|(kind, _)| !is_data(kind))
                    .collect()
            };
            assert_eq!(keep(contents(&packed)), keep(contents(&bytes)));
        }
    }
}

#[test]
fn what_can_be_mended_is() {
    let good = file(&grey());
    let whole = contents(&good);
    let place = |kind: &[u8; 4]| good.windows(4).position(|four| four == kind).unwrap();
    let mut bad_crc = good.clone();
    bad_crc[place(b"tEXt") - 5] ^= 1;
    let mut bad_adler = grey();
    *bad_adler[2].1.last_mut().unwrap() ^= 1;
    let mut extra_rows = grey();
    extra_rows[2].1 = zlib(&[grey_rows(), vec![9; 50]].concat());
    let mut extra_bytes = grey();
    extra_bytes[2].1.extend_from_slice(b"extra");
    let mut extra_idat = grey();
    extra_idat.insert(4, (*b"IDAT", vec![1, 2]));
    let mut full_iend = grey();
    full_iend[4].1 = vec![1];
    let no_iend = good[..place(b"IEND") - 4].to_vec();
    let half_iend = good[..good.len() - 2].to_vec();
    for (bytes, said) in [
        (bad_crc, "the CRC of IDAT is wrong"),
        (file(&bad_adler), "Adler-32"),
        (file(&extra_rows), "too long"),
        (file(&extra_bytes), "after the zlib stream"),
        (file(&extra_idat), "does not follow"),
        (file(&full_iend), "IEND"),
        (no_iend, "there is no IEND"),
        (half_iend, "runs past the end"),
    ] {
        let found = fault(&bytes).unwrap();
        assert!(found.contains(said), "{found}");
        let packed = repack(&bytes);
        assert_eq!(fault(&packed), None, "{said}");
        assert_eq!(contents(&packed), whole, "{said}");
    }
}

#[test]
fn indices_and_padding_of_the_input_are_mended() {
    // 10 pixels of 4 bits end in whole bytes; index 15 is not among 3 colours.
    let bytes = file(&indexed(3, &[0, 0xF1, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0]));
    assert!(fault(&bytes).unwrap().contains("index outside"));
    let packed = repack(&bytes);
    assert_eq!(fault(&packed), None);
    let rows = &contents(&packed)[2].1;
    assert_eq!(rows[..], [0, 0x01, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0]);
    let mut padded = grey();
    padded[0].1 = ihdr(3, 2, 1, 0, 0);
    padded[2].1 = zlib(&[0, 0xBF, 2, 0]);
    let bytes = file(&padded);
    assert!(fault(&bytes).is_some());
    let packed = repack(&bytes);
    assert_eq!(contents(&packed)[2].1, [0, 0xA0, 2, 0]);
    assert_eq!(fault(&packed), None);
}

#[test]
fn an_animation_with_wrong_chunks_is_a_still_picture() {
    for (chunk, byte) in [(2, 3), (5 + 1, 3), (6, 7), (7, 3)] {
        let mut chunks = animation();
        chunks[chunk].1[byte] ^= 0x40;
        let bytes = file(&chunks);
        assert!(fault(&bytes).is_some());
        let document = open_file(&bytes).unwrap();
        assert_eq!(document.total(), 60);
        let packed = repack(&bytes);
        assert_eq!(contents(&packed), contents(&bytes));
    }
    assert_eq!(open_file(&file(&animation())).unwrap().total(), 90);
}

/// An IDAT where an fcTL should be ends the frame before; without it the decoder stumbles inside that frame, over the
/// number of the fdAT that follows.
#[cfg(feature = "verify")]
#[test]
fn an_animation_that_breaks_off_may_do_so_a_frame_sooner() {
    let mut chunks = animation();
    // Frames that acTL promises.
    chunks[1].1[3] = 3;
    let stray = vec![
        (*b"IDAT", frame_control(5, 5, 6)),
        (*b"fdAT", frame_data(6, b"no frame")),
    ];
    let at = chunks.len() - 1;
    chunks.splice(at..at, stray);
    let input = file(&chunks);
    let recipe: Recipe = "replace,seed=1".parse().unwrap();
    let glitched = crate::glitch(&input, &recipe).unwrap();
    assert_eq!(glitched.changed, None);
    assert!(!glitched.hits.is_empty());
    let whole = crate::glitch(&file(&animation()), &recipe).unwrap();
    assert!(whole.changed.is_some());
}

#[test]
fn what_nothing_opens_is_refused_with_its_offset() {
    let good = file(&grey());
    let with = |change: &dyn Fn(&mut Chunks)| {
        let mut chunks = grey();
        change(&mut chunks);
        file(&chunks)
    };
    let mut bad_crc = good.clone();
    bad_crc[30] ^= 1;
    let cases: [(Vec<u8>, usize, &str); 14] = [
        (good[..8].to_vec(), 8, "ends after its signature"),
        (good[..20].to_vec(), 8, "past the end"),
        (good[..40].to_vec(), 33, "ends inside a chunk header"),
        (good[..33].to_vec(), 33, "no IDAT"),
        (bad_crc, 8, "CRC of IHDR"),
        (with(&|c| c[0].1[3] = 0), 8, "0 pixels"),
        (with(&|c| c[0].1[8] = 3), 8, "bit depth"),
        (with(&|c| c.swap(0, 1)), 8, "first chunk is not IHDR"),
        (with(&|c| c[1].0 = *b"CgBI"), 33, "CgBI is not known"),
        (with(&|c| c[0].1[9] = 3), 49, "no PLTE"),
        (with(&|c| c[2].1 = zlib(&grey_rows()[..65])), 0, "too short"),
        (with(&|c| c[2].1[0] = 0), 58, "zlib header"),
        (
            with(&|c| c[2].1 = zlib(&[5; 66])),
            49,
            "row 0 has a filter type",
        ),
        (with(&|c| c[0].1[1] = 0x10), 49, "too short"),
    ];
    for (bytes, offset, said) in cases {
        let error = open_file(&bytes).err().expect(said);
        assert_eq!(error.kind(), ErrorKind::Malformed, "{said}");
        assert!(error.to_string().contains(said), "{error}");
        if offset > 0 {
            assert_eq!(error.offset(), Some(offset), "{error}");
        }
    }
    for (plte, said) in [(vec![], "1 to 256"), (vec![1; 4], "1 to 256")] {
        let mut chunks = indexed(3, &[0; 12]);
        chunks[1].1 = plte;
        let error = open_file(&file(&chunks)).err().expect(said);
        assert!(error.to_string().contains(said), "{error}");
    }
}

#[test]
fn sizes_over_the_limits_are_refused_before_they_are_allocated() {
    let mut chunks = grey();
    chunks[0].1 = ihdr(65_500, 65_500, 8, 0, 0);
    let error = open_file(&file(&chunks)).err().unwrap();
    assert_eq!(error.kind(), ErrorKind::TooLarge);
    // 2^31 - 1 pixels a side and no limit: the data cannot be that long.
    chunks[0].1 = ihdr(0x7FFF_FFFF, 0x7FFF_FFFF, 16, 6, 0);
    let bytes = file(&chunks);
    let limits = Limits {
        pixels: u64::MAX,
        ..Limits::default()
    };
    let error = open(
        &bytes,
        Default::default(),
        &Default::default(),
        (&limits, &Cancel::default()),
    )
    .err()
    .unwrap();
    assert_eq!(error.offset(), Some(49));
    let bytes = file(&animation());
    let limits = Limits {
        pixels: 89,
        ..Limits::default()
    };
    let error = open(
        &bytes,
        Default::default(),
        &Default::default(),
        (&limits, &Cancel::default()),
    )
    .err();
    assert_eq!(error.unwrap().kind(), ErrorKind::TooLarge);
}

#[test]
fn cut_or_flipped_anywhere_nothing_panics_and_what_opens_packs() {
    for good in [file(&animation()), file(&indexed(3, &[0; 12]))] {
        let mut stream = Stream::new(1, 0, 0);
        for place in 0..good.len() * 3 {
            let mut bytes = good.clone();
            if place < good.len() {
                bytes.truncate(place);
            } else {
                bytes[place % good.len()] ^= 1 << stream.below(8);
            }
            let _ = inspect(&bytes);
            let _ = check(&bytes, &Limits::default());
            let Ok(mut document) = open_file(&bytes) else {
                continue;
            };
            let (mut hits, never) = (Vec::new(), Cancel::default());
            Recipe::default()
                .apply(
                    &Turn::whole(Format::Png, place as u64, 0),
                    &mut *document,
                    &mut hits,
                    &never,
                )
                .unwrap();
            document.repair().unwrap();
            let packed = document.pack().unwrap();
            assert!(open_file(&packed).is_ok(), "{place}");
        }
    }
}

#[test]
fn the_parts_cover_the_file() {
    let animated = file(&animation());
    let trailed = [&animated[..], b"more"].concat();
    for bytes in [&animated[..], &trailed, &animated[..200]] {
        let layout = inspect(bytes).unwrap();
        let mut end = 0;
        for part in &layout.parts {
            assert_eq!(part.offset, end, "{part:?}");
            end += part.len;
        }
        assert_eq!(end, bytes.len());
    }
    let layout = inspect(&trailed).unwrap();
    let told = |name: &str| layout.parts.iter().find(|part| part.name == name).unwrap();
    assert_eq!(told("IHDR").detail, "10 x 6 pixels, 8-bit greyscale");
    assert_eq!(told("gAMA").detail, "gamma 0.45455");
    assert_eq!(told("tEXt").detail, "keyword \"Title\"");
    assert!(
        told("fcTL")
            .detail
            .contains("frame of 10 x 6 pixels at 0, 0")
    );
    assert_eq!(told("trailer").len, 4);
    assert_eq!(layout.editable_bytes, 90);
    let editable = layout.parts.iter().filter(|part| part.editable);
    let names: Vec<&str> = editable.map(|part| &*part.name).collect();
    assert_eq!(names, ["IDAT", "fdAT", "fdAT", "fdAT"]);
}

#[test]
fn a_hundred_thousand_chunks_take_no_time() {
    let mut chunks = grey();
    let data = chunks[2].1.clone();
    let idats =
        (0..100_000).map(|index| (*b"IDAT", data.get(index..=index).unwrap_or(&[]).to_vec()));
    chunks.splice(2..3, idats.collect::<Chunks>());
    let texts = (0..100_000).map(|_| (*b"tEXt", b"a\0b".to_vec()));
    chunks.splice(1..1, texts.collect::<Chunks>());
    let bytes = file(&chunks);
    let start = std::time::Instant::now();
    assert_eq!(fault(&bytes), None);
    assert_eq!(contents(&repack(&bytes)), contents(&bytes));
    assert_eq!(inspect(&bytes).unwrap().parts.len(), chunks.len() + 1);
    assert!(start.elapsed().as_secs() < 20);
}

#[test]
fn a_file_of_empty_chunks_alone_is_refused() {
    let signature = crate::format::PNG_SIGNATURE.to_vec();
    let chunks = b"\0\0\0\0teXt\0\0\0\0".repeat((1 << 20) + 1);
    let error = inspect(&[signature, chunks].concat()).unwrap_err();
    assert!(error.to_string().contains("chunks"), "{error}");
}

#[test]
fn chunk_rules_are_checked() {
    let changed = |change: &dyn Fn(&mut Chunks)| {
        let mut chunks = grey();
        change(&mut chunks);
        fault(&file(&chunks)).unwrap_or_default()
    };
    for (found, said) in [
        (changed(&|c| c.swap(1, 2)), "gAMA comes after IDAT"),
        (changed(&|c| c.insert(1, c[1].clone())), "gAMA occurs twice"),
        (changed(&|c| c[1].0 = *b"gamA"), "reserved bit"),
        (
            changed(&|c| c[1] = (*b"PLTE", vec![0; 3])),
            "greyscale has no palette",
        ),
        (
            changed(&|c| c[1] = (*b"tRNS", vec![0; 3])),
            "tRNS: the length",
        ),
        (changed(&|c| c[1] = (*b"acTL", vec![0; 8])), "acTL"),
        (
            changed(&|c| c[1] = (*b"fcTL", frame_control(0, 10, 6))),
            "without acTL",
        ),
    ] {
        let reserved = said == "reserved bit";
        assert!(found.contains(said) || reserved, "{found:?}: {said}");
    }
    let mut early = indexed(3, &[0; 12]);
    early.insert(1, (*b"tRNS", vec![0; 1]));
    assert!(fault(&file(&early)).is_some());
    assert_eq!(name(*b"tEXt"), "tEXt");
}

#[test]
fn at_each_row_it_may_be_cancelled() {
    let rows = |count: u32| -> Vec<u8> {
        // Of type Sub, which they are written with again.
        let row = |row: u32| std::iter::once(1).chain((0..10).map(move |x| (x ^ row) as u8));
        (0..count).flat_map(row).collect()
    };
    // How often it is asked while opening, repairing and packing.
    let asked = |count: u32| {
        let mut chunks = grey();
        chunks[0].1 = ihdr(10, count, 8, 0, 0);
        let image = chunks.iter_mut().find(|(kind, _)| kind == b"IDAT").unwrap();
        image.1 = zlib(&rows(count));
        let bytes = file(&chunks);
        let cancel = Cancel::default();
        let choice = (FilterChoice::Up, Effort::Fast);
        let mut document = open(
            &bytes,
            choice,
            &Default::default(),
            (&Limits::default(), &cancel),
        )
        .unwrap()
        .document;
        let opened = cancel.asked();
        document.write(0, 0, &[1]);
        document.repair().unwrap();
        let repaired = cancel.asked();
        document.pack().unwrap();
        [opened, repaired - opened, cancel.asked() - repaired]
    };
    let (few, many) = (asked(100), asked(300));
    for (few, many) in few.into_iter().zip(many) {
        assert!(many >= few + 190, "{many} {few}");
    }
}

/// The decoder that is asked panics on it.
#[test]
#[cfg(feature = "verify")]
fn a_palette_that_is_no_palette_is_told_and_not_decoded() {
    let picture = include_bytes!("../../fixtures/broken/palette-length-7.png");
    let soundness = crate::verify(picture).unwrap();
    let error = soundness.decoder_error.unwrap();
    assert!(error.contains("PLTE"), "{error}");
}
