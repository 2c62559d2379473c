//! Small JPEG files. All their Huffman codes have a fixed length, so that they can be checked by eye: DC category n is n in
//! 4 bits, and an AC symbol is its place in the table in 8 bits.

use crate::parts::Parts;

/// Entropy-coded data: bits, and at the end of an interval 1-bits up to the byte boundary.
#[derive(Default)]
pub struct Scan {
    bytes: Vec<u8>,
    bits: Vec<u8>,
}

impl Scan {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn bits(mut self, value: u32, count: u32) -> Self {
        self.bits
            .extend((0..count).rev().map(|place| (value >> place & 1) as u8));
        self
    }

    pub fn dc(self, difference: i32) -> Self {
        let category = category(difference);
        self.bits(category, 4).magnitude(difference, category)
    }

    pub fn ac(self, run: u8, value: i32) -> Self {
        let category = category(value);
        self.symbol(run << 4 | category as u8)
            .magnitude(value, category)
    }

    /// An AC symbol alone.
    pub fn symbol(self, symbol: u8) -> Self {
        let place = progressive_symbols().iter().position(|&s| s == symbol);
        self.bits(place.expect("a symbol of the table") as u32, 8)
    }

    pub fn end_of_block(self) -> Self {
        self.symbol(0x00)
    }

    pub fn zero_run(self) -> Self {
        self.symbol(0xF0)
    }

    /// EOBn for a run of `blocks` blocks.
    pub fn end_of_block_run(self, blocks: u32) -> Self {
        let n = blocks.ilog2();
        self.symbol((n as u8) << 4).bits(blocks - (1 << n), n)
    }

    pub fn restart(mut self, m: u8) -> Self {
        self.pad(1);
        self.bytes.extend([0xFF, 0xD0 + m]);
        self
    }

    pub fn finish(mut self) -> Vec<u8> {
        self.pad(1);
        self.bytes
    }

    pub fn finish_with_zero_bits(mut self) -> Vec<u8> {
        self.pad(0);
        self.bytes
    }

    fn magnitude(self, value: i32, category: u32) -> Self {
        let bits = if value < 0 {
            value + (1 << category) - 1
        } else {
            value
        };
        self.bits(bits as u32, category)
    }

    fn pad(&mut self, with: u8) {
        while !self.bits.len().is_multiple_of(8) {
            self.bits.push(with);
        }
        for bits in self.bits.chunks(8) {
            let byte = bits.iter().fold(0, |byte, &bit| byte << 1 | bit);
            self.bytes.push(byte);
            if byte == 0xFF {
                self.bytes.push(0);
            }
        }
        self.bits.clear();
    }
}

fn category(value: i32) -> u32 {
    32 - value.unsigned_abs().leading_zeros()
}

/// Every AC symbol that exists: those of sequential scans first, then EOB1 to EOB14.
fn progressive_symbols() -> Vec<u8> {
    let mut symbols = sequential_symbols();
    symbols.extend((1..15).map(|n| n << 4));
    symbols
}

fn sequential_symbols() -> Vec<u8> {
    let mut symbols = vec![0x00, 0xF0];
    symbols.extend((0..16u8).flat_map(|run| (1..=10).map(move |category| run << 4 | category)));
    symbols
}

pub fn segment(code: u8, parameters: &[u8]) -> Vec<u8> {
    let length = (parameters.len() as u16 + 2).to_be_bytes();
    [&[0xFF, code], &length[..], parameters].concat()
}

/// A DHT segment with one table, all its codes `length` bits long.
pub fn huffman_table(class_and_destination: u8, length: usize, symbols: &[u8]) -> Vec<u8> {
    let mut counts = [0; 16];
    counts[length - 1] = symbols.len() as u8;
    segment(
        0xC4,
        &[&[class_and_destination], &counts[..], symbols].concat(),
    )
}

pub fn dc_table() -> Vec<u8> {
    huffman_table(0x00, 4, &(0..=11).collect::<Vec<_>>())
}

pub fn sequential_ac_table() -> Vec<u8> {
    huffman_table(0x10, 8, &sequential_symbols())
}

pub fn progressive_ac_table() -> Vec<u8> {
    huffman_table(0x10, 8, &progressive_symbols())
}

/// Table 0, all steps alike.
pub fn quantisation_table(step: u8) -> Vec<u8> {
    segment(0xDB, &[&[0x00], &[step; 64][..]].concat())
}

/// Each component: id, sampling factors.
pub fn frame(code: u8, (width, height): (u16, u16), components: &[(u8, u8)]) -> Vec<u8> {
    let mut parameters = vec![8];
    parameters.extend(height.to_be_bytes());
    parameters.extend(width.to_be_bytes());
    parameters.push(components.len() as u8);
    for (id, factors) in components {
        parameters.extend([*id, *factors, 0]);
    }
    segment(code, &parameters)
}

/// All components with tables 0; `selection` is Ss, Se, and Ah and Al in one byte.
pub fn scan_header(ids: &[u8], selection: [u8; 3]) -> Vec<u8> {
    let mut parameters = vec![ids.len() as u8];
    parameters.extend(ids.iter().flat_map(|&id| [id, 0x00]));
    parameters.extend(selection);
    segment(0xDA, &parameters)
}

pub const SEQUENTIAL: [u8; 3] = [0, 63, 0x00];

pub fn restart_interval(mcus: u16) -> Vec<u8> {
    segment(0xDD, &mcus.to_be_bytes())
}

/// 12 x 9, one component, baseline: 2 x 2 blocks.
pub fn grey() -> Parts {
    let scan = Scan::new();
    let scan = scan.dc(5).ac(0, -3).ac(2, 700).end_of_block();
    let scan = scan.dc(-9).zero_run().ac(3, 1).end_of_block();
    let scan = scan.dc(0).zero_run().zero_run().zero_run().ac(14, -1);
    let scan = scan.dc(1000).end_of_block();
    Parts::new(vec![
        ("SOI", vec![0xFF, 0xD8]),
        ("APP0", segment(0xE0, b"anything")),
        ("DQT", quantisation_table(2)),
        ("SOF", frame(0xC0, (12, 9), &[(1, 0x11)])),
        ("DHT DC", dc_table()),
        ("DHT AC", sequential_ac_table()),
        ("SOS", scan_header(&[1], SEQUENTIAL)),
        ("scan", scan.finish()),
        ("EOI", vec![0xFF, 0xD9]),
    ])
}

/// One block of value `dc` against the prediction.
fn flat(scan: Scan, differences: &[i32]) -> Scan {
    differences
        .iter()
        .fold(scan, |scan, &dc| scan.dc(dc).end_of_block())
}

/// 20 x 18, 4:2:0, one interleaved scan of 2 x 2 MCUs, a restart after each.
pub fn colour_with_restarts() -> Parts {
    let mut scan = Scan::new();
    for mcu in 0..4u8 {
        let luma = i32::from(mcu) * 10;
        scan = flat(scan, &[luma, 1, 1, 1, 7, -7]);
        if mcu < 3 {
            scan = scan.restart(mcu);
        }
    }
    Parts::new(vec![
        ("SOI", vec![0xFF, 0xD8]),
        ("DQT", quantisation_table(1)),
        ("DHT DC", dc_table()),
        ("DHT AC", sequential_ac_table()),
        (
            "SOF",
            frame(0xC1, (20, 18), &[(1, 0x22), (2, 0x11), (3, 0x11)]),
        ),
        ("DRI", restart_interval(1)),
        ("SOS", scan_header(&[1, 2, 3], SEQUENTIAL)),
        ("scan", scan.finish()),
        ("EOI", vec![0xFF, 0xD9]),
    ])
}

/// The same size and sampling in three scans: luma has 3 x 3 blocks, chroma 2 x 2.
pub fn colour_in_three_scans() -> Parts {
    Parts::new(vec![
        ("SOI", vec![0xFF, 0xD8]),
        ("DQT", quantisation_table(1)),
        ("DHT DC", dc_table()),
        ("DHT AC", sequential_ac_table()),
        (
            "SOF",
            frame(0xC0, (20, 18), &[(1, 0x22), (2, 0x11), (3, 0x11)]),
        ),
        ("SOS 1", scan_header(&[1], SEQUENTIAL)),
        ("scan 1", flat(Scan::new(), &[1; 9]).finish()),
        ("SOS 2", scan_header(&[2], SEQUENTIAL)),
        ("scan 2", flat(Scan::new(), &[2; 4]).finish()),
        ("SOS 3", scan_header(&[3], SEQUENTIAL)),
        ("scan 3", flat(Scan::new(), &[3; 4]).finish()),
        ("EOI", vec![0xFF, 0xD9]),
    ])
}

/// The coefficients of `progressive`, by block: DC, then the first AC ones in zigzag order.
pub const PROGRESSIVE: [[i32; 6]; 2] = [[5, 3, 0, -2, 1, 0], [-3, 0, 1, 0, 0, 0]];

/// 16 x 8, one component: both scans of DC and of the whole AC band, from Al = 1.
pub fn progressive() -> Parts {
    // 5 and -3 without their lowest bits are 2 and -2.
    let dc_first = Scan::new().dc(2).dc(-4);
    // 3 and -2 halved are 1 and -1; then nothing to the end of this block and of the next.
    let ac_first = Scan::new().ac(0, 1).ac(1, -1).end_of_block_run(2);
    // In two's complement, 5 and -3 both end in 1.
    let dc_refinement = Scan::new().bits(1, 1).bits(1, 1);
    // Coefficient 4 is new: the run to it passes over 1, 2 and 3, of which only 2 counts, and brings the correction bits of
    // 1 (from 2 to 3) and 3 (stays -2). In the second block, coefficient 2 is new.
    let ac_refinement = Scan::new().symbol(0x11).bits(1, 1).bits(0b10, 2);
    let ac_refinement = ac_refinement
        .end_of_block()
        .symbol(0x11)
        .bits(1, 1)
        .end_of_block();
    Parts::new(vec![
        ("SOI", vec![0xFF, 0xD8]),
        ("DQT", quantisation_table(1)),
        ("SOF", frame(0xC2, (16, 8), &[(1, 0x11)])),
        ("DHT DC", dc_table()),
        ("SOS DC first", scan_header(&[1], [0, 0, 0x01])),
        ("DC first", dc_first.finish()),
        ("DHT AC", progressive_ac_table()),
        ("SOS AC first", scan_header(&[1], [1, 63, 0x01])),
        ("AC first", ac_first.finish()),
        ("SOS DC refinement", scan_header(&[1], [0, 0, 0x10])),
        ("DC refinement", dc_refinement.finish()),
        ("SOS AC refinement", scan_header(&[1], [1, 63, 0x10])),
        ("AC refinement", ac_refinement.finish()),
        ("EOI", vec![0xFF, 0xD9]),
    ])
}

/// Two components, 8 x 8: both DC in one scan, AC in none.
pub fn progressive_colour() -> Parts {
    Parts::new(vec![
        ("SOI", vec![0xFF, 0xD8]),
        ("DQT", quantisation_table(1)),
        ("SOF", frame(0xC2, (8, 8), &[(1, 0x11), (2, 0x11)])),
        ("DHT DC", dc_table()),
        ("DHT AC", progressive_ac_table()),
        ("SOS DC", scan_header(&[1, 2], [0, 0, 0x00])),
        ("DC", Scan::new().dc(3).dc(4).finish()),
        ("EOI", vec![0xFF, 0xD9]),
    ])
}
