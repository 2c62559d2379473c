//! JPEGs that are small as files and large, long or many when read.

const SOI: [u8; 2] = [0xFF, 0xD8];
const EOI: [u8; 2] = [0xFF, 0xD9];

/// A segment with its length.
pub fn segment(marker: u8, body: &[u8]) -> Vec<u8> {
    let length = u16::try_from(body.len() + 2).unwrap().to_be_bytes();
    [&[0xFF, marker], &length[..], body].concat()
}

/// All quantisers 1.
fn quantisers() -> Vec<u8> {
    segment(0xDB, &[&[0][..], &[1; 64]].concat())
}

/// A Huffman table with codes of two lengths: 1 bit for the first symbol, 2 for the second.
pub fn table(class_and_place: u8, symbols: [u8; 2]) -> Vec<u8> {
    let mut counts = [0; 16];
    counts[..2].copy_from_slice(&[1, 1]);
    segment(0xC4, &[&[class_and_place][..], &counts, &symbols].concat())
}

/// The frame header of a grey picture; 0xC0 is baseline, 0xC2 progressive.
fn frame(sof: u8, (width, height): (u16, u16)) -> Vec<u8> {
    let [h, w] = [height, width].map(u16::to_be_bytes);
    segment(sof, &[8, h[0], h[1], w[0], w[1], 1, 1, 0x11, 0])
}

/// A scan header: first and last coefficient, and the two bit positions.
fn scan(band: (u8, u8), bits: u8) -> Vec<u8> {
    segment(0xDA, &[1, 1, 0, band.0, band.1, bits])
}

/// A baseline picture with these segments before its frame, and these coded data.
pub fn baseline(size: (u16, u16), segments: &[u8], coded: &[u8]) -> Vec<u8> {
    [
        &SOI[..],
        &quantisers(),
        // DC: no difference, or one of 11 bits; AC: the end of a block, or a coefficient of 10 bits.
        &table(0x00, [0, 11]),
        &table(0x10, [0, 10]),
        segments,
        &frame(0xC0, size),
        &scan((0, 63), 0),
        coded,
        &EOI,
    ]
    .concat()
}

/// A progressive picture whose DC coefficients are all 0, and so many scans behind them, each of these data.
pub fn progressive(size: (u16, u16), scans: usize, coded: &[u8]) -> Vec<u8> {
    let blocks = size.0.div_ceil(8) as usize * size.1.div_ceil(8) as usize;
    let mut file = [&SOI[..], &quantisers(), &table(0x00, [0, 1])].concat();
    // AC: the end of 2048 blocks and as many more as 11 bits tell, or of one.
    file.extend(table(0x10, [0xB0, 0x00]));
    file.extend(frame(0xC2, size));
    file.extend(scan((0, 0), 0));
    file.extend(vec![0; blocks.div_ceil(8)]);
    for number in 0..scans {
        let coefficient = (number % 63 + 1) as u8;
        file.extend(scan((coefficient, coefficient), 0));
        file.extend(coded);
    }
    file.extend(EOI);
    file
}

/// Blocks that one EOB run covers, and a picture of as many.
pub const RUN: usize = 4095;
pub const RUN_SIZE: (u16, u16) = (63 * 8, 65 * 8);

/// So many EOB runs of 4095 blocks: the code, 0, and 11 bits that are set; the padding is ones.
pub fn eob_runs(count: usize) -> Vec<u8> {
    let bits: Vec<bool> = (0..count * 12).map(|bit| bit % 12 != 0).collect();
    let mut coded = Vec::new();
    for eight in bits.chunks(8) {
        let bit = |place: usize| eight.get(place).is_none_or(|bit| *bit);
        let byte = (0..8).fold(0, |byte, place| byte << 1 | u8::from(bit(place)));
        coded.push(byte);
        if byte == 0xFF {
            coded.push(0);
        }
    }
    coded
}

/// Bytes that nothing can foresee, stuffed.
pub fn noise(count: usize) -> Vec<u8> {
    let mut state = 1_u32;
    let mut coded = Vec::with_capacity(count + count / 128);
    for _ in 0..count {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        let byte = state.to_le_bytes()[1];
        coded.push(byte);
        if byte == 0xFF {
            coded.push(0);
        }
    }
    coded
}
