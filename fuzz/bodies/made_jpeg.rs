//! JPEGs with the segments of a fixture and arbitrary bits in one of its scans: a mutation never
//! breaks a header, so every one of them reaches the scan walk.

use std::ops::Range;

/// One of each kind of scan and scan geometry.
const FIXTURES: [&[u8]; 20] = [
    include_bytes!("../../fixtures/jpeg/sampling-420.jpg"),
    include_bytes!("../../fixtures/jpeg/sampling-2x2-2x1-1x2.jpg"),
    include_bytes!("../../fixtures/jpeg/grey-sampling-2x2.jpg"),
    include_bytes!("../../fixtures/jpeg/cmyk-adobe.jpg"),
    include_bytes!("../../fixtures/jpeg/size-1x1.jpg"),
    include_bytes!("../../fixtures/jpeg/restart-7.jpg"),
    include_bytes!("../../fixtures/jpeg/scans-y-cbcr.jpg"),
    include_bytes!("../../fixtures/jpeg/scans-dri-changed.jpg"),
    include_bytes!("../../fixtures/jpeg/extended-four-tables.jpg"),
    include_bytes!("../../fixtures/jpeg/quantisers-coarse.jpg"),
    include_bytes!("../../fixtures/jpeg/optimised.jpg"),
    include_bytes!("../../fixtures/jpeg/no-eob-no-dc-category-0.jpg"),
    include_bytes!("../../fixtures/jpeg/ac-table-only-eob.jpg"),
    include_bytes!("../../fixtures/jpeg/single-codes.jpg"),
    include_bytes!("../../fixtures/jpeg/dnl.jpg"),
    include_bytes!("../../fixtures/jpeg/progressive-ten-scans.jpg"),
    include_bytes!("../../fixtures/jpeg/progressive-deep-refinement.jpg"),
    include_bytes!("../../fixtures/jpeg/progressive-no-eob.jpg"),
    include_bytes!("../../fixtures/jpeg/progressive-restart-7.jpg"),
    include_bytes!("../../fixtures/jpeg/progressive-sampling-2x2-2x1-1x2.jpg"),
];

/// The fixture with `bits` for the coded data of one scan, stuffed (T.81 B.1.1.5). Both numbers
/// wrap around.
pub fn with_scan(fixture: u8, scan: u8, bits: &[u8]) -> Vec<u8> {
    let file = whole(fixture);
    let scans = scans(file);
    let scan = scans[usize::from(scan) % scans.len()].clone();
    let mut made = file[..scan.start].to_vec();
    for &byte in bits {
        made.push(byte);
        if byte == 0xFF {
            made.push(0);
        }
    }
    made.extend_from_slice(&file[scan.end..]);
    made
}

/// One of the fixtures; the number wraps around.
pub fn whole(fixture: u8) -> &'static [u8] {
    FIXTURES[usize::from(fixture) % FIXTURES.len()]
}

/// The coded data of every scan of a well-formed file.
fn scans(file: &[u8]) -> Vec<Range<usize>> {
    const SOS: u8 = 0xDA;
    const EOI: u8 = 0xD9;
    let mut scans = Vec::new();
    let mut at = 2;
    while file[at + 1] != EOI {
        let marker = file[at + 1];
        let len = u16::from_be_bytes([file[at + 2], file[at + 3]]);
        at += 2 + usize::from(len);
        if marker == SOS {
            let coded = file[at..].windows(2).take_while(|pair| is_coded(pair));
            let end = at + coded.count();
            scans.push(at..end);
            at = end;
        }
    }
    scans
}

/// Whether the scan goes on here: no marker, a stuffed byte, or RST0 to RST7.
fn is_coded(pair: &[u8]) -> bool {
    pair[0] != 0xFF || matches!(pair[1], 0x00 | 0xD0..=0xD7)
}
