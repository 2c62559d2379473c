//! How far a changed block may go so that all decoders draw it alike. The limits are explained in
//! `docs/conformance.md`.

/// Bound on `|DC q| + 2 * sum |AC q|` of a changed block, q the quantiser element.
///
/// A sample is at most |DC q| / 8 + sum |AC q| / 4 away from the middle (A.3.3), so at 4000 no
/// sample leaves about [-500, 500]. Beyond that the 16-bit arithmetic and the clamping tables of
/// decoders differ.
pub(super) const LOAD: u64 = 4000;

/// Largest size category of an AC coefficient (F.1.2.2.1, 8-bit samples).
pub(super) const AC_SIZE: u32 = 10;

/// Largest size category of a DC difference (F.1.2.1.1, 8-bit samples).
pub(super) const DC_SIZE: u32 = 11;

/// Quantised DC coefficients of unchanged data are let be up to here, whatever they mean.
pub(super) const DC_ANY: i32 = 32_767;

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
    let bits = bits as i32;
    if size == 0 || bits >> (size - 1) != 0 {
        bits
    } else {
        bits - (1 << size) + 1
    }
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
