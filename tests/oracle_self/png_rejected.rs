//! PNG files that break one rule each.

use crate::assert_rejected;
use crate::oracle::check;
use crate::png_writer::*;

fn colour_with(name: &str, bytes: impl Into<Vec<u8>>) -> Vec<u8> {
    colour().with(name, bytes).bytes()
}

#[test]
fn chunk_layout() {
    let before = |bytes: Vec<u8>| colour().before("IDAT", bytes).bytes();
    let mut wrong_crc = chunk(b"tEXt", b"Comment\0x");
    wrong_crc[9] ^= 1;
    assert_rejected(&[
        (
            "chunk length 2147483648",
            before(b"\x80\0\0\0tEXt".to_vec()),
        ),
        (
            "the file ends inside the tEXt chunk",
            before(b"\x7F\xFF\xFF\xFFtEXt".to_vec()),
        ),
        ("not four letters", before(chunk(b"tE3t", &[]))),
        ("third letter", before(chunk(b"tEst", &[]))),
        ("wrong CRC of the tEXt chunk", before(wrong_crc)),
        ("unknown critical chunk TEST", before(chunk(b"TEST", &[]))),
        (
            "the file ends without IEND",
            colour().without("IEND").bytes(),
        ),
        ("IEND with data", colour_with("IEND", chunk(b"IEND", &[0]))),
    ]);
}

#[test]
fn chunk_order() {
    let before_data = |kind| colour().before("IDAT", chunk(kind, &[0; 6])).bytes();
    let after_data = |kind| colour().before("IEND", chunk(kind, &[0; 6])).bytes();
    let after_palette = |kind| palette().before("IDAT", chunk(kind, &[0])).bytes();
    let twice = |kind| {
        colour()
            .before("IDAT", [chunk(kind, &[0]), chunk(kind, &[0])].concat())
            .bytes()
    };
    let text = chunk(b"tEXt", b"Comment\0x");
    assert!(check(&before_data(b"pHYs")).is_ok());
    assert_rejected(&[
        (
            "first chunk is not IHDR",
            colour().before("IHDR", text.clone()).bytes(),
        ),
        ("first chunk is not IHDR", colour().without("IHDR").bytes()),
        (
            "second IHDR",
            colour().before("IDAT", header((2, 5), [8, 2, 0])).bytes(),
        ),
        ("no IDAT chunk", colour().without("IDAT").bytes()),
        (
            "not consecutive",
            colour()
                .before("IEND", [text, image_data(&[])].concat())
                .bytes(),
        ),
        ("PLTE chunk out of place", after_data(b"PLTE")),
        ("pHYs chunk out of place", after_data(b"pHYs")),
        ("tRNS chunk out of place", after_data(b"tRNS")),
        ("gAMA chunk out of place", after_palette(b"gAMA")),
        ("sRGB chunk out of place", after_data(b"sRGB")),
        ("acTL chunk out of place", after_data(b"acTL")),
        ("fdAT chunk out of place", before_data(b"fdAT")),
        ("bKGD chunk out of place", palette_with_early_background()),
        ("second gAMA chunk", twice(b"gAMA")),
        ("second tIME chunk", twice(b"tIME")),
        ("second PLTE chunk", twice(b"PLTE")),
    ]);
}

fn palette_with_early_background() -> Vec<u8> {
    let parts = png(header((5, 2), [2, 3, 0]), &INDICES);
    let early = [chunk(b"bKGD", &[0]), chunk(b"PLTE", &[7; 9])].concat();
    parts.before("IDAT", early).bytes()
}

#[test]
fn headers() {
    let form = |form| colour_with("IHDR", header((2, 5), form));
    let size = |size| colour_with("IHDR", header(size, [8, 2, 0]));
    let raw = |bytes: &[u8]| colour_with("IHDR", chunk(b"IHDR", bytes));
    assert_rejected(&[
        ("IHDR with 12 bytes", raw(&[0; 12])),
        ("IHDR with 14 bytes", raw(&[0; 14])),
        ("width or height 0", size((0, 5))),
        ("width or height 0", size((2, 0))),
        ("width or height 2147483648", size((1 << 31, 5))),
        ("colour type 1", form([8, 1, 0])),
        ("colour type 7", form([8, 7, 0])),
        ("bit depth 4 with colour type 2", form([4, 2, 0])),
        ("bit depth 16 with colour type 3", form([16, 3, 0])),
        ("bit depth 3 with colour type 0", form([3, 0, 0])),
        ("bit depth 2 with colour type 4", form([2, 4, 0])),
        (
            "compression method",
            raw(&[0, 0, 0, 2, 0, 0, 0, 5, 8, 2, 1, 0, 0]),
        ),
        (
            "filter method",
            raw(&[0, 0, 0, 2, 0, 0, 0, 5, 8, 2, 0, 1, 0]),
        ),
        ("interlace method 2", form([8, 2, 2])),
    ]);
}

#[test]
fn palettes_and_transparency() {
    let bare = || png(header((5, 2), [2, 3, 0]), &INDICES);
    let with_palette = |entries| bare().before("IDAT", chunk(b"PLTE", entries)).bytes();
    let grey = |extra| {
        png(header((1, 1), [8, 0, 0]), &[0, 0])
            .before("IDAT", extra)
            .bytes()
    };
    let grey_alpha = png(header((1, 1), [8, 4, 0]), &[0, 0, 0]);
    let transparent = |length| {
        palette()
            .before("IDAT", chunk(b"tRNS", &vec![0; length]))
            .bytes()
    };
    assert!(check(&transparent(3)).is_ok() && check(&transparent(1)).is_ok());
    assert!(check(&grey(chunk(b"tRNS", &[0, 0]))).is_ok());
    assert_rejected(&[
        ("no PLTE chunk", bare().bytes()),
        ("not a multiple of 3", with_palette(&[0; 10])),
        ("PLTE with 0 entries", with_palette(&[])),
        ("PLTE with 5 entries, not 1 to 4", with_palette(&[0; 15])),
        (
            "PLTE with 257 entries",
            colour().before("IDAT", chunk(b"PLTE", &[0; 771])).bytes(),
        ),
        (
            "PLTE chunk with colour type 0",
            grey(chunk(b"PLTE", &[0; 3])),
        ),
        (
            "palette index 2 of pixel 2, scanline 0: PLTE has 2",
            with_palette(&[0; 6]),
        ),
        ("tRNS with 4 bytes and colour type 3", transparent(4)),
        ("tRNS with 0 bytes and colour type 3", transparent(0)),
        (
            "tRNS with 3 bytes and colour type 0",
            grey(chunk(b"tRNS", &[0; 3])),
        ),
        (
            "tRNS with 2 bytes and colour type 2",
            colour().before("IDAT", chunk(b"tRNS", &[0; 2])).bytes(),
        ),
        (
            "colour type 4",
            grey_alpha.before("IDAT", chunk(b"tRNS", &[0; 2])).bytes(),
        ),
    ]);
}

#[test]
fn streams() {
    let stream = |bytes: &[u8]| colour_with("IDAT", chunk(b"IDAT", bytes));
    let good = zlib(&COLOUR);
    let end = good.len();
    let patched = |place: usize, byte: u8| {
        let mut bytes = good.clone();
        bytes[place] = byte;
        stream(&bytes)
    };
    let header = |header: [u8; 2]| stream(&[&header, &good[2..]].concat());
    let longer = [&COLOUR[..], &[0]].concat();
    assert_rejected(&[
        ("zlib stream without its two header bytes", stream(&[])),
        ("zlib stream without its two header bytes", stream(&[0x78])),
        (
            "compression method other than deflate",
            header([0x77, 0x85]),
        ),
        ("window above 32768", header([0x88, 0x1C])),
        ("wrong check bits", patched(1, good[1] ^ 1)),
        ("preset dictionary", header([0x78, 0x20])),
        (
            "broken deflate stream",
            stream(&[&good[..2], &[0x07; 30]].concat()),
        ),
        ("cut off after", stream(&good[..end - 6])),
        ("without its whole Adler-32", stream(&good[..end - 1])),
        ("wrong Adler-32", patched(end - 1, good[end - 1] ^ 1)),
        (
            "1 bytes after the end of the zlib stream",
            stream(&[&good[..], &[0]].concat()),
        ),
        (
            "too little image data: 34 bytes instead of 35",
            colour_with("IDAT", image_data(&COLOUR[..34])),
        ),
        (
            "too much image data: more than 35 bytes",
            colour_with("IDAT", image_data(&longer)),
        ),
        (
            "too much image data",
            colour_with("IDAT", image_data(&vec![0; 10_000_000])),
        ),
    ]);
}

#[test]
fn scanlines() {
    let mut filter = COLOUR;
    filter[14] = 5;
    let mut padding = INDICES;
    padding[2] = 0b00_00_00_01;
    let interlaced = |bytes: &[u8]| png(header((3, 3), [16, 0, 1]), bytes).bytes();
    let huge = png(header((0x7FFF_FFFF, 0x7FFF_FFFF), [16, 6, 0]), &[0; 100]);
    assert_rejected(&[
        (
            "filter type 5 of scanline 2",
            colour_with("IDAT", image_data(&filter)),
        ),
        (
            "padding bits of scanline 0",
            palette().with("IDAT", image_data(&padding)).bytes(),
        ),
        (
            "too little image data: 23 bytes instead of 24",
            interlaced(&[0; 23]),
        ),
        (
            "too much image data: more than 24 bytes",
            interlaced(&[0; 25]),
        ),
        ("too little image data: 100 bytes", huge.bytes()),
    ]);
}

#[test]
fn animations() {
    let with = |name: &str, bytes: Vec<u8>| animation().with(name, bytes).bytes();
    let control = |data: &[u8]| with("acTL", chunk(b"acTL", data));
    let data = zlib(&[0, 77, 2, 1]);
    let rest = animation().without("fdAT 3");
    assert_rejected(&[
        ("fcTL without acTL", animation().without("acTL").bytes()),
        ("acTL without exactly 8 bytes", control(&[0, 0, 0, 2])),
        ("acTL that counts no frames", control(&[0; 8])),
        (
            "fdAT without acTL",
            colour().before("IEND", frame_data(0, &data)).bytes(),
        ),
        (
            "acTL with 3 frames, and there are 2",
            control(&[0, 0, 0, 3, 0, 0, 0, 0]),
        ),
        (
            "sequence number 2 where 1 is due",
            with("fcTL 1", frame_control(2, [1, 2, 3, 0])),
        ),
        (
            "sequence number 4 where 3 is due",
            with("fdAT 3", frame_data(4, &data)),
        ),
        (
            "fcTL without exactly 26 bytes",
            with("fcTL 1", chunk(b"fcTL", &[0; 25])),
        ),
        (
            "fdAT before its fcTL",
            animation()
                .without("fcTL 1")
                .with("fdAT 2", frame_data(1, &data))
                .bytes(),
        ),
        (
            "fdAT without a sequence number",
            with("fdAT 2", chunk(b"fdAT", &[0; 3])),
        ),
        (
            "fcTL without fdAT",
            animation().without("fdAT 3").without("fdAT 2").bytes(),
        ),
        ("cut off", rest.bytes()),
    ]);
}

#[test]
fn frame_controls() {
    let with = |name: &str, bytes: Vec<u8>| animation().with(name, bytes).bytes();
    let frame = |rectangle| with("fcTL 1", frame_control(1, rectangle));
    let mut operations = frame_control(1, [1, 2, 3, 0])[8..34].to_vec();
    operations[24] = 3;
    let dispose = with("fcTL 1", chunk(b"fcTL", &operations));
    operations[24] = 0;
    operations[25] = 2;
    let blend = with("fcTL 1", chunk(b"fcTL", &operations));
    assert_rejected(&[
        ("not inside the canvas", frame([1, 3, 3, 0])),
        ("not inside the canvas", frame([2, 2, 3, 0])),
        ("not inside the canvas", frame([0, 2, 3, 0])),
        ("not inside the canvas", frame([1, 2, u32::MAX, 0])),
        ("dispose_op above 2", dispose),
        ("blend_op above 1", blend),
        (
            "not the whole canvas",
            with("fcTL 0", frame_control(0, [1, 2, 3, 0])),
        ),
        (
            "second fcTL before IDAT",
            animation()
                .before("IDAT", frame_control(1, [4, 2, 0, 0]))
                .bytes(),
        ),
        (
            "too little image data: 4 bytes instead of 6",
            frame([2, 2, 2, 0]),
        ),
    ]);
}

#[test]
fn offsets() {
    let offset = |bytes: Vec<u8>| check(&bytes).expect_err("a broken file").offset;
    let data = colour().range("IDAT");
    let mut wrong_crc = colour().bytes();
    wrong_crc[data.end - 1] ^= 1;
    assert_eq!(offset(wrong_crc), data.end - 4);
    // The Adler-32 is split over two chunks here, and its first byte is the last of the first chunk.
    let mut stream = zlib(&COLOUR);
    let last = stream.len() - 1;
    stream[last] ^= 1;
    let (first, second) = stream.split_at(last - 2);
    let split = [chunk(b"IDAT", first), chunk(b"IDAT", second)].concat();
    assert_eq!(
        offset(colour_with("IDAT", split)),
        data.start + 8 + last - 3
    );
}
