//! JPEG files whose coded data breaks one rule each.

use crate::assert_rejected;
use crate::jpeg_writer::*;
use crate::oracle::check;

fn grey_with(name: &str, bytes: impl Into<Vec<u8>>) -> Vec<u8> {
    grey().with(name, bytes).bytes()
}

fn grey_scan(scan: Scan) -> Vec<u8> {
    grey_with("scan", scan.finish())
}

#[test]
fn restarts_and_lines() {
    let rst = colour_with_restarts();
    let scan = rst.bytes()[rst.range("scan")].to_vec();
    let first = scan
        .windows(2)
        .position(|pair| pair == [0xFF, 0xD0])
        .expect("RST0");
    let with = |scan: Vec<u8>| rst.clone().with("scan", scan).bytes();
    let no_lines = || grey().with("SOF", frame(0xC0, (12, 0), &[(1, 0x11)]));
    let dnl = segment(0xDC, &[0, 9]);
    assert_rejected(&[
        (
            "DRI with 1 bytes",
            rst.clone().with("DRI", segment(0xDD, &[0])).bytes(),
        ),
        (
            "RST5 where RST0 is due",
            with([&scan[..first], &[0xFF, 0xD5], &scan[first + 2..]].concat()),
        ),
        (
            "RST1 where RST0 is due",
            with([&scan[..first], &scan[first + 2..]].concat()),
        ),
        ("instead of 4: RSTn missing", with(scan[..first].to_vec())),
        (
            "instead of 4: RSTn too many",
            with([&scan[..], &[0xFF, 0xD3]].concat()),
        ),
        (
            "4 restart intervals instead of 1",
            rst.clone().without("DRI").bytes(),
        ),
        (
            "2 restart intervals instead of 1",
            grey_with("scan", Scan::new().restart(0).finish()),
        ),
        ("no DNL after the first scan", no_lines().bytes()),
        (
            "DNL that does not come right after",
            no_lines().before("SOS", dnl.clone()).bytes(),
        ),
        (
            "DNL that does not come right after",
            colour_in_three_scans().before("EOI", dnl).bytes(),
        ),
        (
            "DNL with 0 lines",
            no_lines().before("EOI", segment(0xDC, &[0, 0])).bytes(),
        ),
        (
            "DNL with 1 bytes",
            no_lines().before("EOI", segment(0xDC, &[9])).bytes(),
        ),
        (
            "missing data",
            no_lines().before("EOI", segment(0xDC, &[0, 17])).bytes(),
        ),
    ]);
}

#[test]
fn sequential_data() {
    let flat = |scan: Scan| scan.dc(0).end_of_block();
    let three = |scan: Scan| flat(flat(flat(scan)));
    let fifty = Scan::new().dc(0).zero_run().zero_run().zero_run();
    assert_rejected(&[
        (
            "unknown Huffman code 1111",
            grey_scan(Scan::new().bits(0xFFFF, 16)),
        ),
        (
            "unknown Huffman code 1100",
            grey_scan(Scan::new().bits(0xC000, 16)),
        ),
        (
            "run of zeros past Se: to coefficient 64",
            grey_scan(three(fifty.ac(15, 1))),
        ),
        (
            "run of zeros past Se",
            grey_scan(three(
                Scan::new()
                    .dc(0)
                    .ac(0, 1)
                    .zero_run()
                    .zero_run()
                    .zero_run()
                    .zero_run(),
            )),
        ),
        (
            "DC value 2048",
            grey_scan(Scan::new().dc(2047).end_of_block().dc(1).end_of_block()),
        ),
        (
            "DC value -2048",
            grey_scan(Scan::new().dc(-2047).end_of_block().dc(-1).end_of_block()),
        ),
    ]);
}

#[test]
fn ends_of_restart_intervals() {
    let flat = |scan: Scan| scan.dc(0).end_of_block();
    let three = |scan: Scan| flat(flat(flat(scan)));
    let good = || flat(three(Scan::new()));
    let zeros = [good().finish(), vec![0x55; 3]].concat();
    let padded = three(Scan::new().dc(1).end_of_block());
    assert_rejected(&[
        (
            "padding bits that are not all ones",
            grey_with("scan", padded.finish_with_zero_bits()),
        ),
        ("3 bytes after the last block", grey_with("scan", zeros)),
        (
            "2 bytes after the last block",
            grey_scan(good().bits(0xFF, 8)),
        ),
        (
            "missing data: the restart interval ends too soon",
            grey_scan(three(Scan::new())),
        ),
        (
            "missing data: the restart interval ends too soon",
            grey_with("scan", vec![]),
        ),
        (
            "zero byte after more than one 0xFF",
            grey_with("scan", [0x00, 0xFF, 0xFF, 0x00]),
        ),
        ("the file ends inside a scan", grey_with("EOI", vec![])),
        ("missing data", grey_with("scan", [0x10, 0xFF, 0xC4])),
    ]);
}

#[test]
fn progressive_data() {
    let with = |name: &str, scan: Scan| progressive().with(name, scan.finish()).bytes();
    let late = scan_header(&[1], [1, 63, 0x01]);
    let halved = |first: Scan| {
        progressive()
            .with("SOS AC first", late.clone())
            .with("AC first", first.finish())
            .bytes()
    };
    assert_rejected(&[
        (
            "EOB run that goes on for 1 blocks",
            with("AC first", Scan::new().end_of_block_run(3)),
        ),
        (
            "EOB run that goes on for 2 blocks",
            with("AC first", Scan::new().end_of_block().end_of_block_run(3)),
        ),
        ("missing data", with("AC first", Scan::new().end_of_block())),
        (
            "AC value 2046 of more than 10 bits",
            halved(Scan::new().ac(0, 1023)),
        ),
        (
            "AC value -1024 of more than 10 bits",
            halved(Scan::new().ac(0, -512)),
        ),
        (
            "DC value 2048",
            with("DC first", Scan::new().dc(1024).dc(0)),
        ),
        ("missing data", with("DC refinement", Scan::new())),
        (
            "4 bytes after the last block",
            with("DC refinement", Scan::new().bits(0xFF_FFFF, 24)),
        ),
        (
            "new coefficient of 2 bits",
            with("AC refinement", Scan::new().ac(0, 3)),
        ),
        // 61 coefficients of the first block have no history: a fourth run of 16 does not fit.
        (
            "run of zeros past Se",
            with("AC refinement", zero_runs_over_the_band()),
        ),
        (
            "EOB run that goes on for 1 blocks",
            with(
                "AC refinement",
                Scan::new().end_of_block_run(3).bits(0b10, 2),
            ),
        ),
        (
            "missing data",
            with("AC refinement", Scan::new().end_of_block()),
        ),
        // The run passes over both coefficients with a history and brings their correction bits.
        (
            "run of sixteen zeros without a new coefficient after it",
            with(
                "AC refinement",
                Scan::new()
                    .zero_run()
                    .bits(0b10, 2)
                    .end_of_block()
                    .end_of_block(),
            ),
        ),
    ]);
}

fn zero_runs_over_the_band() -> Scan {
    // The first run passes over both coefficients with a history and brings their correction bits.
    let scan = Scan::new().zero_run().bits(0b10, 2);
    scan.zero_run().zero_run().zero_run().bits(0, 8)
}

/// The offset is that of the byte that holds the first wrong bit.
#[test]
fn offsets() {
    let offset = |bytes: Vec<u8>| check(&bytes).expect_err("a broken file").offset;
    let start = grey().range("scan").start;
    // 4 + 3 bits of DC and 8 of EOB end one bit before the third byte.
    let unknown = Scan::new().dc(5).end_of_block().bits(0xFFFF, 16);
    assert_eq!(offset(grey_scan(unknown)), start + 1);
    let unknown = Scan::new().dc(5).end_of_block().dc(1).bits(0xFFFF, 16);
    assert_eq!(offset(grey_scan(unknown)), start + 2);
    assert_eq!(
        offset(grey().patch("DQT", 68, 0).bytes()),
        grey().range("DQT").start + 68
    );
    assert_eq!(
        offset(grey().patch("SOF", 11, 0).bytes()),
        grey().range("SOF").start + 11
    );
    assert_eq!(
        offset(grey().without("EOI").bytes()),
        grey().bytes().len() - 2
    );
}
