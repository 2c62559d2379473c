//! JPEG files whose markers, segments or order of scans break one rule each.

use crate::assert_rejected;
use crate::jpeg_writer::*;
use crate::parts::Parts;

fn grey_with(name: &str, bytes: impl Into<Vec<u8>>) -> Vec<u8> {
    grey().with(name, bytes).bytes()
}

#[test]
fn markers_and_segments() {
    let before = |bytes: &[u8]| grey().before("DQT", bytes).bytes();
    assert_rejected(&[
        ("byte 0x00 between segments", before(&[0])),
        ("0xFF00 between segments", before(&[0xFF, 0])),
        ("segment length 1", before(&[0xFF, 0xE1, 0, 1])),
        (
            "runs past the end of the file",
            before(&[0xFF, 0xE1, 0xFF, 0xFF]),
        ),
        ("second SOI", before(&[0xFF, 0xD8])),
        ("RST3 outside a scan", before(&[0xFF, 0xD3])),
        ("TEM or DAC", before(&[0xFF, 0x01])),
        ("TEM or DAC", before(&segment(0xCC, &[0, 0]))),
        ("reserved marker 0xbf", before(&segment(0xBF, &[]))),
        ("reserved marker 0xc8", before(&segment(0xC8, &[]))),
        ("reserved marker 0xf7", before(&segment(0xF7, &[]))),
        ("without EOI", grey().without("EOI").bytes()),
        ("without EOI", grey_with("EOI", [0xFF])),
        (
            "the file ends without EOI",
            grey_with("EOI", segment(0xFE, b"comment")),
        ),
        (
            "EOI before any scan",
            grey().before("SOS", [0xFF, 0xD9]).bytes(),
        ),
        ("EOI before any frame", before(&[0xFF, 0xD9])),
    ]);
}

#[test]
fn coding_processes() {
    let sof = |code| grey().patch("SOF", 1, code).bytes();
    assert_rejected(&[
        ("unsupported coding process: lossless (Huffman)", sof(0xC3)),
        ("differential sequential (Huffman)", sof(0xC5)),
        ("differential progressive (Huffman)", sof(0xC6)),
        ("differential lossless (Huffman)", sof(0xC7)),
        ("extended sequential (arithmetic)", sof(0xC9)),
        ("progressive (arithmetic)", sof(0xCA)),
        ("lossless (arithmetic)", sof(0xCB)),
        ("differential (arithmetic)", sof(0xCD)),
        (
            "hierarchical (DHP or EXP)",
            grey().before("SOF", segment(0xDE, &[0])).bytes(),
        ),
        ("with 12-bit samples", grey().patch("SOF", 4, 12).bytes()),
    ]);
}

#[test]
fn quantisation_tables() {
    let table = |bytes: &[u8]| grey_with("DQT", segment(0xDB, bytes));
    assert_rejected(&[
        ("DQT without a table", table(&[])),
        ("DQT precision 2", table(&[&[0x20], &[1; 64][..]].concat())),
        (
            "DQT destination 4",
            table(&[&[0x04], &[1; 64][..]].concat()),
        ),
        (
            "DQT segment ends inside",
            table(&[&[0x00], &[1; 63][..]].concat()),
        ),
        (
            "DQT segment ends inside",
            table(&[&[0x00], &[1; 65][..]].concat()),
        ),
        ("quantisation value 0", grey().patch("DQT", 68, 0).bytes()),
        (
            "quantisation table 0, which has not been defined",
            grey().without("DQT").bytes(),
        ),
        (
            "changed between the scans",
            progressive()
                .before("SOS AC first", quantisation_table(7))
                .bytes(),
        ),
    ]);
}

#[test]
fn huffman_tables() {
    let dc = |length, symbols: &[u8]| grey_with("DHT DC", huffman_table(0x00, length, symbols));
    let ac = |symbols: &[u8]| grey_with("DHT AC", huffman_table(0x10, 8, symbols));
    let mut longer = dc_table();
    longer.push(0);
    longer[3] += 1;
    // After one code of 1 bit there are two of 2 bits.
    let over = [&[0x00, 1, 3][..], &[0; 14], &[0, 1, 2, 3]].concat();
    assert_rejected(&[
        (
            "DHT without a table",
            grey_with("DHT DC", segment(0xC4, &[])),
        ),
        (
            "Huffman table class 2",
            grey().patch("DHT DC", 4, 0x20).bytes(),
        ),
        (
            "Huffman table destination 4",
            grey().patch("DHT DC", 4, 0x04).bytes(),
        ),
        (
            "DHT segment ends inside",
            grey_with("DHT DC", segment(0xC4, &[0; 16])),
        ),
        ("DHT segment ends inside", grey_with("DHT DC", longer)),
        ("over-subscribed", dc(1, &[0, 1, 2])),
        ("over-subscribed", grey_with("DHT DC", segment(0xC4, &over))),
        ("all-ones code of 2 bits", dc(2, &[0, 1, 2, 3])),
        ("DC table with category 12", dc(4, &[0, 12])),
        ("AC table with the symbol 0x0b", ac(&[0x00, 0x0B])),
        ("AC table with the symbol 0x10", ac(&[0x00, 0x10])),
        (
            "DC table 0, which has not been defined",
            grey().without("DHT DC").bytes(),
        ),
        (
            "AC table 0, which has not been defined",
            grey().without("DHT AC").bytes(),
        ),
        (
            "AC table 0, which has not been defined",
            progressive().without("DHT AC").bytes(),
        ),
    ]);
}

#[test]
fn frame_headers() {
    let patch = |place, byte| grey().patch("SOF", place, byte).bytes();
    let size = (8, 8);
    let five = [(1, 0x11), (2, 0x11), (3, 0x11), (4, 0x11), (5, 0x11)];
    assert_rejected(&[
        ("SOF with 9 bytes of parameters instead of 12", patch(9, 2)),
        (
            "SOF segment ends inside",
            grey_with("SOF", segment(0xC0, &[8, 0, 9])),
        ),
        (
            "frame without components",
            grey_with("SOF", frame(0xC0, size, &[])),
        ),
        (
            "progressive frame with 5",
            grey_with("SOF", frame(0xC2, size, &five)),
        ),
        ("0 samples a line", patch(8, 0)),
        (
            "component id 1 twice",
            grey_with("SOF", frame(0xC0, size, &[(1, 0x11), (1, 0x11)])),
        ),
        ("sampling factors 0x1", patch(11, 0x01)),
        ("sampling factors 1x5", patch(11, 0x15)),
        ("quantisation table 4", patch(12, 4)),
        (
            "second frame header",
            grey()
                .before("SOS", frame(0xC0, size, &[(1, 0x11)]))
                .bytes(),
        ),
        (
            "scan before the frame header",
            grey().without("SOF").bytes(),
        ),
        (
            "missing data: 67108864 blocks",
            grey_with("SOF", frame(0xC0, (65535, 65535), &[(1, 0x11)])),
        ),
    ]);
}

#[test]
fn scan_headers() {
    let sos = |bytes| grey_with("SOS", bytes);
    let large = frame(0xC0, (8, 8), &[(1, 0x42), (2, 0x21), (3, 0x11)]);
    let colour = |parameters| colour_with_restarts().with("SOS", parameters).bytes();
    assert_rejected(&[
        ("scan with 0 components", sos(scan_header(&[], SEQUENTIAL))),
        (
            "scan with 5 components",
            sos(scan_header(&[1; 5], SEQUENTIAL)),
        ),
        (
            "SOS with 6 bytes of parameters instead of 8",
            grey().patch("SOS", 4, 2).bytes(),
        ),
        (
            "component 2, which the frame does not have",
            sos(scan_header(&[2], SEQUENTIAL)),
        ),
        (
            "not in the order of the frame",
            colour(scan_header(&[2, 1, 3], SEQUENTIAL)),
        ),
        (
            "not in the order of the frame",
            colour(scan_header(&[1, 1, 3], SEQUENTIAL)),
        ),
        (
            "Huffman tables 4 and 0",
            grey().patch("SOS", 6, 0x40).bytes(),
        ),
        (
            "Huffman tables 0 and 15",
            grey().patch("SOS", 6, 0x0F).bytes(),
        ),
        (
            "11 blocks an MCU",
            colour_with_restarts().with("SOF", large).bytes(),
        ),
        ("Ss 1, Se 63", sos(scan_header(&[1], [1, 63, 0x00]))),
        ("Ss 0, Se 62", sos(scan_header(&[1], [0, 62, 0x00]))),
        ("Ah 1, Al 0", sos(scan_header(&[1], [0, 63, 0x10]))),
        ("no scan held component 3", without_last_scan().bytes()),
        (
            "second sequential scan of component 2",
            colour_in_three_scans()
                .with("SOS 3", scan_header(&[2], SEQUENTIAL))
                .bytes(),
        ),
    ]);
}

fn without_last_scan() -> Parts {
    colour_in_three_scans().without("SOS 3").without("scan 3")
}

#[test]
fn progressions() {
    let dc = |selection| {
        progressive()
            .with("SOS DC first", scan_header(&[1], selection))
            .bytes()
    };
    let ac = |selection| {
        progressive()
            .with("SOS AC first", scan_header(&[1], selection))
            .bytes()
    };
    let last = |selection| {
        progressive()
            .with("SOS AC refinement", scan_header(&[1], selection))
            .bytes()
    };
    let colour = |ids: &[u8], selection| {
        let more = [
            scan_header(ids, selection),
            Scan::new().end_of_block().finish(),
        ]
        .concat();
        progressive_colour().before("EOI", more).bytes()
    };
    assert_rejected(&[
        ("spectral selection 5 to 4", ac([5, 4, 0x01])),
        ("spectral selection 1 to 64", ac([1, 64, 0x01])),
        ("Ss 0, Se 5", dc([0, 5, 0x01])),
        (
            "AC scan of several components",
            colour(&[1, 2], [1, 63, 0x00]),
        ),
        ("successive approximation from 3 to 1", last([1, 63, 0x31])),
        ("successive approximation from 0 to 14", dc([0, 0, 0x0E])),
        (
            "AC scan of component 1 before its DC scan",
            dc([1, 63, 0x00]),
        ),
        ("which has had no first scan", dc([0, 0, 0x10])),
        (
            "second first scan of coefficient 0",
            colour(&[1], [0, 0, 0x00]),
        ),
        ("second first scan of coefficient 1", last([1, 63, 0x00])),
        (
            "refinement from 2 of coefficient 1 of component 1, whose last scan ended at 1",
            last([1, 63, 0x21]),
        ),
        (
            "refinement from 1 of coefficient 1 of component 2, which has had no first scan",
            colour(&[2], [1, 63, 0x10]),
        ),
    ]);
}
