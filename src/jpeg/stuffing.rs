//! The zero byte behind each 0xFF of entropy-coded data (T.81 F.1.2.3), taken out and put in. Eight
//! bytes at a time, of which few hold a 0xFF.

/// Bytes that are stuffed at a time.
const STRETCH: usize = 512;

/// Whether one of the eight bytes is 0xFF.
#[inline(always)]
pub(super) fn has_ff(word: u64) -> bool {
    ffs(word) != 0
}

/// The highest bit of the lowest byte that is 0xFF, and none below: the complement of such a byte is
/// zero.
#[inline(always)]
fn ffs(word: u64) -> u64 {
    (!word).wrapping_sub(0x0101_0101_0101_0101) & word & 0x8080_8080_8080_8080
}

/// How many of eight bytes, the lowest first, there are up to a 0xFF, and what those take with their
/// stuffing.
#[inline(always)]
fn run(word: [u8; 8]) -> (usize, usize) {
    match ffs(u64::from_le_bytes(word)) {
        0 => (8, 8),
        found => {
            let count = found.trailing_zeros() as usize / 8 + 1;
            (count, count + 1)
        }
    }
}

/// How many of the stuffed bytes in `data` hold the first `count` bytes, and how many those are
/// (fewer than `count` if the data ends).
pub(super) fn prefix(data: &[u8], count: usize) -> (usize, usize) {
    let (mut raw, mut bytes) = (0, 0);
    while let (Some(rest), true) = (data.get(raw..), bytes + 8 <= count) {
        let Some(word) = rest.first_chunk() else {
            break;
        };
        let (plain, stuffed) = run(*word);
        (raw, bytes) = (raw + stuffed, bytes + plain);
    }
    while bytes < count && raw < data.len() {
        raw += width(data[raw]);
        bytes += 1;
    }
    (raw.min(data.len()), bytes)
}

/// Copies bytes without their stuffing, as many as there is room for. Tells how many were read, and
/// how many are left of them.
pub(super) fn unstuff(data: &[u8], into: &mut [u8]) -> (usize, usize) {
    let (mut raw, mut bytes) = (0, 0);
    while let (Some(rest), Some(into)) = (data.get(raw..), into.get_mut(bytes..)) {
        let (Some(word), Some(to)) = (rest.first_chunk::<8>(), into.first_chunk_mut()) else {
            break;
        };
        *to = *word;
        let (plain, stuffed) = run(*word);
        (raw, bytes) = (raw + stuffed, bytes + plain);
    }
    while bytes < into.len() && raw < data.len() {
        into[bytes] = data[raw];
        raw += width(data[raw]);
        bytes += 1;
    }
    (raw.min(data.len()), bytes)
}

/// What a byte and its stuffing take.
fn width(byte: u8) -> usize {
    if byte == 0xFF { 2 } else { 1 }
}

/// Writes bytes with their stuffing.
pub(super) fn stuff(bytes: &[u8], out: &mut Vec<u8>) {
    for bytes in bytes.chunks(STRETCH) {
        let mut stuffed = [0; 2 * STRETCH];
        let len = stuff_into(bytes, &mut stuffed);
        out.extend_from_slice(&stuffed[..len]);
    }
}

/// Puts the stuffing in; `into` has to be twice as long. Tells how long it is.
fn stuff_into(bytes: &[u8], into: &mut [u8; 2 * STRETCH]) -> usize {
    let (mut read, mut len) = (0, 0);
    while let (Some(word), Some(to)) = (
        bytes[read..].first_chunk::<8>(),
        into[len..].first_chunk_mut(),
    ) {
        *to = *word;
        let (plain, stuffed) = run(*word);
        (read, len) = (read + plain, len + stuffed);
        if stuffed > plain {
            into[len - 1] = 0;
        }
    }
    for &byte in &bytes[read..] {
        into[len..len + 2].copy_from_slice(&[byte, 0]);
        len += width(byte);
    }
    len
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Byte by byte.
    fn stuffed(bytes: &[u8]) -> Vec<u8> {
        let stuffed = bytes.iter().map(|&byte| match byte {
            0xFF => vec![0xFF, 0],
            byte => vec![byte],
        });
        stuffed.collect::<Vec<_>>().concat()
    }

    fn bytes() -> impl Strategy<Value = Vec<u8>> {
        let byte = prop_oneof![8 => any::<u8>(), 1 => Just(0xFF), 1 => Just(0)];
        prop::collection::vec(byte, 0..1200)
    }

    proptest! {
        #[test]
        fn all_that_goes_in_comes_out(bytes in bytes(), room in 0_usize..1300) {
            let mut out = vec![7];
            stuff(&bytes, &mut out);
            prop_assert_eq!(&out[1..], &stuffed(&bytes)[..]);

            let fits = room.min(bytes.len());
            let mut back = vec![0; room];
            let read = stuffed(&bytes[..fits]).len();
            prop_assert_eq!(unstuff(&out[1..], &mut back), (read, fits));
            prop_assert_eq!(&back[..fits], &bytes[..fits]);
            prop_assert_eq!(prefix(&out[1..], room), (read, fits));
        }
    }

    #[test]
    fn a_lone_ff_at_the_end_is_a_byte() {
        assert_eq!(prefix(&[1, 0xFF], 5), (2, 2));
        assert_eq!(unstuff(&[1, 0xFF], &mut [0; 5]), (2, 2));
    }
}
