//! What the oracle says about good JPEG files.

use crate::jpeg_writer::*;
use crate::oracle::jpeg::{Component, JpegFacts, Process, samples, zigzag};
use crate::oracle::{Facts, check};
use crate::parts::Parts;
use crate::{assert_every_truncation_rejected, oracle};

fn accepted(parts: &Parts) -> (Facts, JpegFacts) {
    let facts = check(&parts.bytes()).expect("a conformant file");
    let jpeg = facts.jpeg.clone().expect("facts of a JPEG");
    (facts, jpeg)
}

/// A block with these coefficients and else zeros.
fn block(coefficients: &[(usize, i32)]) -> [i32; 64] {
    let mut block = [0; 64];
    for &(k, value) in coefficients {
        block[k] = value;
    }
    block
}

fn dc(component: &Component) -> Vec<i32> {
    component
        .coefficients
        .iter()
        .map(|block| block[0])
        .collect()
}

#[test]
fn baseline_coefficients() {
    let parts = grey();
    let (facts, jpeg) = accepted(&parts);
    assert_eq!((facts.width, facts.height), (12, 9));
    assert_eq!(facts.scan_bytes, [parts.range("scan")]);
    assert_eq!(facts.remarks, []);
    assert_eq!(jpeg.process, Process::Baseline);
    let component = &jpeg.components[0];
    assert_eq!((component.blocks_wide, component.blocks_high), (2, 2));
    let expected = [
        block(&[(0, 5), (1, -3), (4, 700)]),
        block(&[(0, -4), (20, 1)]),
        block(&[(0, -4), (63, -1)]),
        block(&[(0, 996)]),
    ];
    assert_eq!(component.coefficients, expected);
    assert_eq!(component.quantiser, [2; 64]);
    assert_eq!(component.approximation, [Some(0); 64]);
    assert_eq!(component.dequantised_dc, -8..=1992);
    assert!(jpeg.trailer.is_empty());
}

#[test]
fn interleaved_blocks_and_restarts() {
    let parts = colour_with_restarts();
    let (facts, jpeg) = accepted(&parts);
    assert_eq!(facts.scan_bytes, [parts.range("scan")]);
    assert_eq!(jpeg.process, Process::ExtendedSequential);
    let luma = &jpeg.components[0];
    assert_eq!((luma.blocks_wide, luma.blocks_high), (4, 4));
    assert_eq!((luma.picture_blocks_wide, luma.picture_blocks_high), (3, 3));
    let expected = [0, 1, 10, 11, 2, 3, 12, 13, 20, 21, 30, 31, 22, 23, 32, 33];
    assert_eq!(dc(luma), expected);
    assert_eq!(dc(&jpeg.components[1]), [7; 4]);
    assert_eq!(dc(&jpeg.components[2]), [-7; 4]);
    assert_eq!(jpeg.scans[0].restart_intervals, 4);
    assert_eq!(jpeg.scans[0].component_ids, [1, 2, 3]);
}

#[test]
fn a_scan_of_one_component_has_only_blocks_of_the_picture() {
    let parts = colour_in_three_scans();
    let (facts, jpeg) = accepted(&parts);
    let scans = ["scan 1", "scan 2", "scan 3"].map(|name| parts.range(name));
    assert_eq!(facts.scan_bytes, scans);
    let expected = [1, 2, 3, 0, 4, 5, 6, 0, 7, 8, 9, 0, 0, 0, 0, 0];
    assert_eq!(dc(&jpeg.components[0]), expected);
    assert_eq!(dc(&jpeg.components[2]), [3, 6, 9, 12]);
}

#[test]
fn progressive_coefficients() {
    let (facts, jpeg) = accepted(&progressive());
    assert_eq!(jpeg.process, Process::Progressive);
    assert_eq!(facts.scan_bytes.len(), 4);
    for (block, expected) in jpeg.components[0].coefficients.iter().zip(PROGRESSIVE) {
        assert_eq!(block[..6], expected);
        assert_eq!(block[6..], [0; 58]);
    }
    assert_eq!(jpeg.components[0].approximation, [Some(0); 64]);
}

#[test]
fn a_progressive_file_may_stop_before_all_coefficients_came() {
    let (_, jpeg) = accepted(&progressive_colour());
    assert_eq!(dc(&jpeg.components[1]), [4]);
    assert_eq!(jpeg.components[1].approximation[0], Some(0));
    assert_eq!(jpeg.components[1].approximation[1..], [None; 63]);
}

#[test]
fn fill_bytes_and_a_trailer() {
    let parts = grey()
        .before("DQT", [0xFF; 3])
        .with("EOI", [0xFF, 0xFF, 0xFF, 0xD9, 1, 2, 3]);
    let (facts, jpeg) = accepted(&parts);
    assert_eq!(facts.scan_bytes, [parts.range("scan")]);
    assert_eq!(jpeg.trailer.len(), 3);
    assert_eq!(jpeg.trailer.end, parts.bytes().len());
}

#[test]
fn fill_bytes_before_a_restart_marker() {
    let parts = colour_with_restarts();
    let (plain, _) = accepted(&parts);
    let mut bytes = parts.bytes();
    let scan = parts.range("scan");
    let restart = bytes[scan.clone()]
        .windows(2)
        .position(|pair| pair == [0xFF, 0xD1]);
    bytes.insert(scan.start + restart.expect("RST1"), 0xFF);
    let filled = check(&bytes).expect("a conformant file");
    let components = |facts: &Facts| facts.jpeg.as_ref().map(|jpeg| jpeg.components.clone());
    assert_eq!(components(&filled), components(&plain));
}

#[test]
fn dnl_gives_the_number_of_lines() {
    let parts = grey()
        .with("SOF", frame(0xC0, (12, 0), &[(1, 0x11)]))
        .before("EOI", segment(0xDC, &[0, 9]));
    let (facts, jpeg) = accepted(&parts);
    assert_eq!(facts.height, 9);
    assert_eq!(jpeg.components, accepted(&grey()).1.components);
    assert_eq!(facts.remarks, []);
    let changed = grey()
        .with("SOF", frame(0xC0, (12, 99), &[(1, 0x11)]))
        .before("EOI", segment(0xDC, &[0, 9]));
    let (facts, _) = accepted(&changed);
    assert_eq!(facts.height, 9);
    assert!(
        facts.remarks[0]
            .what
            .contains("DNL changes the number of lines from 99 to 9")
    );
}

#[test]
fn tables_and_restart_intervals_may_change_between_scans() {
    let restarts = Scan::new()
        .dc(2)
        .end_of_block()
        .dc(4)
        .end_of_block()
        .restart(0);
    let restarts = restarts.dc(6).end_of_block().dc(2).end_of_block();
    // The new DC table has category 2 alone, as the code 0.
    let one_category = Scan::new()
        .bits(0b011, 3)
        .end_of_block()
        .bits(0b011, 3)
        .end_of_block();
    let one_category = one_category
        .bits(0b011, 3)
        .end_of_block()
        .bits(0b011, 3)
        .end_of_block();
    let parts = colour_in_three_scans()
        .before("SOS 2", restart_interval(2))
        .with("scan 2", restarts.finish())
        .before("SOS 3", restart_interval(0))
        .before("SOS 3", huffman_table(0x00, 1, &[2]))
        .with("scan 3", one_category.finish());
    let (_, jpeg) = accepted(&parts);
    assert_eq!(dc(&jpeg.components[1]), [2, 6, 6, 8]);
    assert_eq!(dc(&jpeg.components[2]), [3, 6, 9, 12]);
    let intervals = jpeg
        .scans
        .iter()
        .map(|scan| (scan.restart_interval, scan.restart_intervals));
    assert_eq!(intervals.collect::<Vec<_>>(), [(0, 1), (2, 2), (0, 1)]);
}

#[test]
fn odd_zero_runs_are_counted() {
    let scan = Scan::new().dc(0).zero_run().end_of_block().dc(0).ac(14, 1);
    let scan = scan.zero_run().zero_run().zero_run();
    let scan = scan.dc(0).end_of_block().dc(0).end_of_block();
    let (_, jpeg) = accepted(&grey().with("scan", scan.finish()));
    assert_eq!(jpeg.zero_runs.before_end_of_block, 1);
    assert_eq!(jpeg.zero_runs.at_end_of_band, 1);
    assert_eq!(
        accepted(&grey()).1.zero_runs,
        oracle::jpeg::ZeroRuns::default()
    );
}

#[test]
fn deviations_of_the_headers_are_remarked() {
    let wide: Vec<u8> = [vec![0x10], [1, 2].repeat(64)].concat();
    let (facts, jpeg) = accepted(&grey().with("DQT", segment(0xDB, &wide)));
    assert_eq!(jpeg.components[0].quantiser, [0x0102; 64]);
    assert!(facts.remarks[0].what.contains("16-bit quantisation table"));
    let third = grey().patch("DHT DC", 4, 0x02).patch("SOS", 6, 0x20);
    let (facts, _) = accepted(&third);
    assert!(facts.remarks[0].what.contains("Huffman table above 1"));
}

#[test]
fn zigzag_order() {
    let zigzag = zigzag();
    assert_eq!(zigzag.len(), 64);
    let start = [
        (0, 0),
        (0, 1),
        (1, 0),
        (2, 0),
        (1, 1),
        (0, 2),
        (0, 3),
        (1, 2),
        (2, 1),
        (3, 0),
    ];
    assert_eq!(zigzag[..10], start);
    assert_eq!(zigzag[28..30], [(0, 7), (1, 6)]);
    assert_eq!(zigzag[35..37], [(7, 0), (7, 1)]);
    assert_eq!(zigzag[60..], [(5, 7), (6, 7), (7, 6), (7, 7)][..]);
}

#[test]
fn sample_ranges() {
    let (_, jpeg) = accepted(&grey());
    let ranges = samples(&jpeg);
    // A DC coefficient alone gives a flat block: 996 * 2 / 8.
    assert!((ranges[0][3].min - 249.0).abs() < 1e-9 && (ranges[0][3].max - 249.0).abs() < 1e-9);
    // 1/8 of DC, and from (7, 7) at most 1/4 * cos(pi/16)^2: samples of -4 * 2 / 8 +- 2 / 4 * 0.96.
    let reach = 0.5 * (std::f64::consts::PI / 16.0).cos().powi(2);
    assert!((ranges[0][2].min - (-1.0 - reach)).abs() < 1e-9);
    assert!((ranges[0][2].max - (-1.0 + reach)).abs() < 1e-9);
}

/// Each bit of the coded data means something: no flip goes unnoticed.
#[test]
fn every_flipped_bit_is_a_fault_or_another_picture() {
    for parts in [
        grey(),
        colour_with_restarts(),
        colour_in_three_scans(),
        progressive(),
    ] {
        let (facts, before) = accepted(&parts);
        let mut bytes = parts.bytes();
        for at in facts.scan_bytes.iter().cloned().flatten() {
            for bit in 0..8 {
                bytes[at] ^= 1 << bit;
                if let Ok(facts) = check(&bytes) {
                    let components = facts.jpeg.map(|jpeg| jpeg.components);
                    assert!(
                        components != Some(before.components.clone()),
                        "bit {bit} of byte {at}"
                    );
                }
                bytes[at] ^= 1 << bit;
            }
        }
    }
}

#[test]
fn truncations() {
    for parts in [grey(), colour_with_restarts(), progressive()] {
        assert_every_truncation_rejected(&parts.bytes());
    }
}
