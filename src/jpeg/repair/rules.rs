//! How far a changed block may go so that all decoders draw it alike. The limits are explained in
//! `docs/conformance.md`.

/// Bound on the load of a changed block: the sum of its coefficients' magnitudes, each times its
/// [`weights`] element.
///
/// A weight is 128 times the most by which one unit of a coefficient moves a sample (A.3.3), so at
/// 64,000 no sample is more than 500 away from the middle. Beyond about 512 the 16-bit arithmetic
/// and the clamping tables of decoders differ.
pub(super) const LOAD: u64 = 64_000;

/// No sample of a changed block is further from the middle than this, where it is worked out.
const SAMPLE: i64 = 500;

/// By horizontal or vertical frequency: 1024 times the most that a basis function of unit
/// amplitude reaches, C(u) / 2 * max |cos((2x + 1) u pi / 16)|, rounded up.
const REACH: [u64; 8] = [363, 503, 474, 503, 363, 503, 474, 503];

/// Zigzag order (figure A.6): for each place the horizontal frequency and the vertical one.
const ZIGZAG: [(usize, usize); 64] = zigzag();

const fn zigzag() -> [(usize, usize); 64] {
    let mut order = [(0, 0); 64];
    let (mut u, mut v, mut k) = (0, 0, 0);
    while k < 64 {
        order[k] = (u, v);
        let rising = (u + v) % 2 == 0;
        if rising && u == 7 || !rising && v < 7 && u == 0 {
            v += 1;
        } else if rising && v == 0 || !rising && v == 7 {
            u += 1;
        } else if rising {
            (u, v) = (u + 1, v - 1);
        } else {
            (u, v) = (u - 1, v + 1);
        }
        k += 1;
    }
    order
}

/// What one unit of each coefficient adds to the load of a block. For DC at q = 16 it is 258.
pub(super) fn weights(q: &[u16; 64]) -> [u32; 64] {
    std::array::from_fn(|k| {
        let (u, v) = ZIGZAG[k];
        (REACH[u] * REACH[v] * 128 * u64::from(q[k])).div_ceil(1 << 20) as u32
    })
}

/// Whether all decoders draw the block alike: its samples, worked out exactly enough, stay in
/// range. `block` holds quantised coefficients in zigzag order.
pub(super) fn draws_alike(block: &[i32; 64], q: &[u16; 64]) -> bool {
    let mut rows = [[0_i64; 8]; 8];
    for (k, &value) in block.iter().enumerate().filter(|(_, value)| **value != 0) {
        let (u, v) = ZIGZAG[k];
        for (x, slot) in rows[v].iter_mut().enumerate() {
            *slot += i64::from(value) * i64::from(q[k]) * basis(u, x);
        }
    }
    (0..8).all(|x| {
        (0..8).all(|y| {
            let sample: i64 = (0..8).map(|v| rows[v][x] * basis(v, y)).sum();
            sample.abs() <= SAMPLE << 26
        })
    })
}

/// 8192 * C(u) / 2 * cos((2x + 1) u pi / 16), from the eight values that there are.
fn basis(u: usize, x: usize) -> i64 {
    // 4096 * cos(n pi / 16); for u = 0 the same as for 4 at x = 0.
    const COSINES: [i64; 8] = [4096, 4017, 3784, 3406, 2896, 2276, 1567, 799];
    if u == 0 {
        return COSINES[4];
    }
    let angle = (2 * x + 1) * u % 32;
    match angle {
        0..8 => COSINES[angle],
        8 | 24 => 0,
        9..=16 => -COSINES[16 - angle],
        17..24 => -COSINES[angle - 16],
        _ => COSINES[32 - angle],
    }
}

/// End of block: run 0, size 0.
pub(super) const EOB: u8 = 0x00;
/// Sixteen zeros: run 15, size 0.
pub(super) const ZRL: u8 = 0xF0;

/// Largest size category of an AC coefficient (F.1.2.2.1, 8-bit samples).
pub(super) const AC_SIZE: u32 = 10;

/// Largest size category of a DC difference (F.1.2.1.1, 8-bit samples).
pub(super) const DC_SIZE: u32 = 11;

/// Quantised DC coefficients of 8-bit samples are within this (F.1.2.1.1: differences have 11 bits).
pub(super) const DC_MOST: i32 = 2047;

/// The largest quantised DC coefficient of a changed block: that of the lightest or darkest 8-bit
/// samples, 1024 after dequantisation, rounded. For q = 16 it is 64; for q = 3 it is 341.
pub(super) fn dc_limit(q: u16) -> i32 {
    let q = i32::from(q.max(1));
    (1024 + q / 2) / q
}

/// The value of `bits`, the additional bits of size category `size` (F.2.2.1, EXTEND).
#[inline(always)]
pub(super) fn extend(bits: u32, size: u32) -> i32 {
    // Without a branch, for it would be taken every other time.
    let (bits, span) = (bits as i32, 1 << size);
    let is_negative = (bits - (span >> 1)) >> 31;
    bits + (is_negative & (1 - span))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_as_in_the_examples() {
        assert_eq!(
            [
                dc_limit(1),
                dc_limit(3),
                dc_limit(16),
                dc_limit(0),
                dc_limit(65_535)
            ],
            [1024, 341, 64, 1024, 0]
        );
    }

    #[test]
    fn zigzag_is_figure_a_6() {
        assert_eq!(
            ZIGZAG[..10],
            [
                (0, 0),
                (1, 0),
                (0, 1),
                (0, 2),
                (1, 1),
                (2, 0),
                (3, 0),
                (2, 1),
                (1, 2),
                (0, 3)
            ]
        );
        assert_eq!(
            ZIGZAG[28..38],
            [
                (7, 0),
                (6, 1),
                (5, 2),
                (4, 3),
                (3, 4),
                (2, 5),
                (1, 6),
                (0, 7),
                (1, 7),
                (2, 6)
            ]
        );
        assert_eq!(ZIGZAG[63], (7, 7));
    }

    #[test]
    fn weights_bound_the_samples() {
        let q = [1; 64];
        for (k, (u, v)) in ZIGZAG.into_iter().enumerate() {
            let most = (0..64)
                .map(|i| (basis(u, i % 8) * basis(v, i / 8)).abs())
                .max()
                .unwrap();
            let bound = i64::from(weights(&q)[k]) << 19;
            assert!(
                most <= bound + (1 << 18) && bound - (2 << 19) <= most,
                "{k}: {most} {bound}"
            );
        }
        assert_eq!(weights(&[16; 64])[0], 258);
    }

    #[test]
    fn the_worked_out_range_is_that_of_a_float_transform() {
        let q = [2; 64];
        for seed in 0..200_u32 {
            let block: [i32; 64] = std::array::from_fn(|k| {
                let noise = (seed * 64 + k as u32).wrapping_mul(2_654_435_761) >> 20;
                if noise.is_multiple_of(5) {
                    (noise as i32 % 512 - 256) / (1 + k as i32 / 4)
                } else {
                    0
                }
            });
            let mut most = 0.0_f64;
            for (x, y) in (0..64).map(|i| (i % 8, i / 8)) {
                let term = |k: usize| {
                    let (u, v) = ZIGZAG[k];
                    let scale = |f: usize| if f == 0 { 0.5_f64.sqrt() } else { 1.0 };
                    let wave = |f: usize, at: i32| {
                        (f64::from(2 * at + 1) * f as f64 * std::f64::consts::PI / 16.0).cos()
                    };
                    f64::from(block[k] * 2) * scale(u) * scale(v) * wave(u, x) * wave(v, y) / 4.0
                };
                most = most.max((0..64).map(term).sum::<f64>().abs());
            }
            assert!(
                draws_alike(&block, &q) == (most <= 500.0) || (most - 500.0).abs() < 0.5,
                "{seed}: {most}"
            );
        }
    }

    #[test]
    fn extend_is_figure_f_12() {
        assert_eq!(
            [
                extend(0, 0),
                extend(0, 1),
                extend(1, 1),
                extend(0, 3),
                extend(3, 3),
                extend(4, 3),
                extend(7, 3)
            ],
            [0, -1, 1, -7, -4, 4, 7]
        );
    }
}
