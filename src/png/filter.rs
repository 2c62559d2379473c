//! The five filter types (PNG clause 9) and their inverses. Loops run over slices of known
//! relation, so that the compiler leaves out the bounds checks and uses vectors where the type
//! allows it: all of them when filtering, None and Up when unfiltering.

use std::ops::Range;

/// PNG table 9.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FilterType {
    None = 0,
    Sub = 1,
    Up = 2,
    Average = 3,
    Paeth = 4,
}

impl FilterType {
    pub(super) const ALL: [FilterType; 5] = [
        FilterType::None,
        FilterType::Sub,
        FilterType::Up,
        FilterType::Average,
        FilterType::Paeth,
    ];

    pub(super) fn from_byte(byte: u8) -> Option<FilterType> {
        FilterType::ALL.get(usize::from(byte)).copied()
    }

    /// Whether a row of this type is unfiltered with the help of the row above.
    pub(super) fn needs_above(self) -> bool {
        !matches!(self, FilterType::None | FilterType::Sub)
    }
}

/// The prediction of Paeth from left, above and upper left (PNG 9.4), without a branch.
///
/// The estimate is `left + above - corner`. Where the corner is so small (or so large) that the
/// estimate is not between `left` and `above`, the larger (or smaller) of them is nearest. Else the
/// corner is between them too, and the estimate is its mirror image: the corner itself is nearest
/// unless one of the two ends is, which again shows in `3 corner - left - above`. Ties go to `left`,
/// then to `above`, and so they do here (tested for all triples).
#[inline(always)]
fn paeth(left: i16, above: i16, corner: i16) -> i16 {
    // In this order `left`, on which the next byte waits, comes last.
    let turn = (3 * corner - above) - left;
    let (low, high) = (left.min(above), left.max(above));
    let inner = if high <= turn { low } else { corner };
    if turn <= low { high } else { inner }
}

/// The prediction of Average (PNG 9.3).
#[inline(always)]
fn average(left: u8, above: u8) -> u8 {
    ((u16::from(left) + u16::from(above)) >> 1) as u8
}

/// The unfiltered rows that a row is filtered from. `above` is all zero for the first row.
#[derive(Clone, Copy)]
pub(super) struct Rows<'a> {
    pub(super) above: &'a [u8],
    pub(super) row: &'a [u8],
}

/// Filters a row into `into`. All three have one length, at least `unit`.
pub(super) fn filter(kind: FilterType, unit: usize, rows: Rows<'_>, into: &mut [u8]) {
    let Rows { above, row } = rows;
    assert!(row.len() == into.len() && above.len() == row.len() && unit <= row.len());
    let (start, rest) = into.split_at_mut(unit);
    // `left` ends a unit early and so lines up with `rest`.
    let left = &row[..rest.len()];
    let corner = &above[..rest.len()];
    let (row_start, row) = row.split_at(unit);
    let (above_start, above) = above.split_at(unit);
    match kind {
        FilterType::None => {
            start.copy_from_slice(row_start);
            rest.copy_from_slice(row);
        }
        FilterType::Sub => {
            start.copy_from_slice(row_start);
            for ((into, byte), left) in rest.iter_mut().zip(row).zip(left) {
                *into = byte.wrapping_sub(*left);
            }
        }
        FilterType::Up => {
            for ((into, byte), above) in start.iter_mut().zip(row_start).zip(above_start) {
                *into = byte.wrapping_sub(*above);
            }
            for ((into, byte), above) in rest.iter_mut().zip(row).zip(above) {
                *into = byte.wrapping_sub(*above);
            }
        }
        FilterType::Average => {
            for ((into, byte), above) in start.iter_mut().zip(row_start).zip(above_start) {
                *into = byte.wrapping_sub(above >> 1);
            }
            for (((into, byte), left), above) in rest.iter_mut().zip(row).zip(left).zip(above) {
                *into = byte.wrapping_sub(average(*left, *above));
            }
        }
        FilterType::Paeth => {
            // With nothing to the left the nearest is always the byte above.
            for ((into, byte), above) in start.iter_mut().zip(row_start).zip(above_start) {
                *into = byte.wrapping_sub(*above);
            }
            let around = left.iter().zip(above).zip(corner);
            for ((into, byte), ((left, above), corner)) in rest.iter_mut().zip(row).zip(around) {
                let nearest = paeth((*left).into(), (*above).into(), (*corner).into());
                *into = byte.wrapping_sub(nearest as u8);
            }
        }
    }
}

/// A row that is being unfiltered; all three have one length.
struct Unfiltered<'r> {
    /// The unfiltered row above, all zero for the first row.
    above: &'r [u8],
    filtered: &'r [u8],
    row: &'r mut [u8],
}

impl Unfiltered<'_> {
    /// What the first pixel of a part is predicted from, besides the one above it: the pixels to the
    /// left and to the upper left, which are zero before the first.
    fn around<const UNIT: usize>(&self, start: usize) -> Chain<UNIT> {
        let before = |bytes: &[u8]| bytes[..start].last_chunk::<UNIT>().copied();
        Chain {
            left: before(self.row).unwrap_or([0; UNIT]).map(i16::from),
            corner: before(self.above).unwrap_or([0; UNIT]).map(i16::from),
        }
    }
}

/// Unfilters a row into `into`. All three have one length; the row above is all zero for the first.
pub(super) fn unfilter(
    kind: FilterType,
    unit: usize,
    (above, filtered): (&[u8], &[u8]),
    into: &mut [u8],
) {
    assert!(above.len() == filtered.len() && filtered.len() == into.len());
    let part = 0..into.len();
    let row = Unfiltered {
        above,
        filtered,
        row: into,
    };
    unfilter_part(kind, unit, row, part);
}

/// Unfilters a part of a row, of which the rest before it is unfiltered. It begins with a pixel.
fn unfilter_part(kind: FilterType, unit: usize, row: Unfiltered<'_>, part: Range<usize>) {
    match unit {
        1 => unfilter_by::<1>(kind, row, part),
        2 => unfilter_by::<2>(kind, row, part),
        3 => unfilter_by::<3>(kind, row, part),
        4 => unfilter_by::<4>(kind, row, part),
        6 => unfilter_by::<6>(kind, row, part),
        8 => unfilter_by::<8>(kind, row, part),
        _ => unreachable!("a pixel is 1, 2, 3, 4, 6 or 8 bytes"),
    }
}

fn unfilter_by<const UNIT: usize>(kind: FilterType, row: Unfiltered<'_>, part: Range<usize>) {
    let chain = row.around::<UNIT>(part.start);
    let above = &row.above[part.clone()];
    let filtered = &row.filtered[part.clone()];
    let row = &mut row.row[part];
    let mut left = chain.left.map(|byte| byte as u8);
    match kind {
        FilterType::None => row.copy_from_slice(filtered),
        FilterType::Sub => {
            let pixels = row.as_chunks_mut::<UNIT>().0.iter_mut();
            for (pixel, filtered) in pixels.zip(filtered.as_chunks::<UNIT>().0) {
                for i in 0..UNIT {
                    left[i] = filtered[i].wrapping_add(left[i]);
                }
                *pixel = left;
            }
        }
        FilterType::Up => {
            for ((byte, filtered), above) in row.iter_mut().zip(filtered).zip(above) {
                *byte = filtered.wrapping_add(*above);
            }
        }
        FilterType::Average => {
            let pixels = row.as_chunks_mut::<UNIT>().0.iter_mut();
            let from = filtered.as_chunks::<UNIT>().0.iter();
            for ((pixel, filtered), above) in pixels.zip(from).zip(above.as_chunks::<UNIT>().0) {
                for i in 0..UNIT {
                    left[i] = filtered[i].wrapping_add(average(left[i], above[i]));
                }
                *pixel = left;
            }
        }
        FilterType::Paeth => unfilter_paeth(chain, (above, filtered), row),
    }
}

fn unfilter_paeth<const UNIT: usize>(
    mut chain: Chain<UNIT>,
    (above, filtered): (&[u8], &[u8]),
    row: &mut [u8],
) {
    let runs = row.as_chunks_mut::<UNIT>().0.chunks_mut(RUN);
    let filtered = filtered.as_chunks::<UNIT>().0.chunks(RUN);
    let above = above.as_chunks::<UNIT>().0.chunks(RUN);
    for ((pixels, filtered), above) in runs.zip(filtered).zip(above) {
        if chain.repeats_above(filtered) {
            pixels.copy_from_slice(above);
            chain = Chain::at_end_of(above);
            continue;
        }
        for ((pixel, filtered), above) in pixels.iter_mut().zip(filtered).zip(above) {
            *pixel = chain.paeth(filtered, above);
        }
    }
}

/// Pixels that are looked at together for being those of the row above.
const RUN: usize = 16;

/// Pixels of a part in which a row is looked at for being like another.
const PART: usize = 64;

/// A row that another may be like, of the same type, and what it is unfiltered.
pub(super) struct Like<'a> {
    /// The unfiltered row above.
    pub(super) above: &'a [u8],
    pub(super) row: &'a [u8],
    /// The filtered bytes, where they are not those of the other.
    pub(super) filtered: Option<&'a [u8]>,
}

impl Like<'_> {
    /// Whether a part of a row, which is unfiltered before it, comes out as that of this one.
    fn is_like(
        &self,
        (kind, unit): (FilterType, usize),
        other: &Unfiltered<'_>,
        part: Range<usize>,
    ) -> bool {
        let left = part.start.saturating_sub(unit)..part.start;
        let needs_left = !matches!(kind, FilterType::None | FilterType::Up);
        let with_left = left.start..part.end;
        (!needs_left || self.row[left.clone()] == other.row[left])
            && (!kind.needs_above() || self.above[with_left.clone()] == other.above[with_left])
            && (self.filtered).is_none_or(|filtered| filtered[part.clone()] == other.filtered[part])
    }
}

/// Unfilters a row as [`unfilter`] does. Parts that are as in a row that is known are taken from there.
pub(super) fn unfilter_like(
    (kind, unit): (FilterType, usize),
    like: &Like<'_>,
    (above, filtered): (&[u8], &[u8]),
    into: &mut [u8],
) {
    let len = into.len();
    assert!(above.len() == len && filtered.len() == len);
    assert!(like.above.len() == len && like.row.len() == len);
    if matches!(kind, FilterType::None | FilterType::Up) {
        // As fast as comparing.
        return unfilter(kind, unit, (above, filtered), into);
    }
    for start in (0..len).step_by(PART * unit) {
        let part = start..len.min(start + PART * unit);
        let row = Unfiltered {
            above,
            filtered,
            row: into,
        };
        if like.is_like((kind, unit), &row, part.clone()) {
            into[part.clone()].copy_from_slice(&like.row[part]);
        } else {
            unfilter_part(kind, unit, row, part);
        }
    }
}

/// What the next pixel of a row is predicted from, besides the one above it. As 16-bit numbers, of
/// which the compiler makes vectors.
struct Chain<const UNIT: usize> {
    left: [i16; UNIT],
    corner: [i16; UNIT],
}

impl<const UNIT: usize> Chain<UNIT> {
    /// Whether a part is that of the row above: what is left of it is, and then Paeth predicts the
    /// byte above, from which nothing differs. Most parts of screenshots are like that.
    #[inline(always)]
    fn repeats_above(&self, filtered: &[[u8; UNIT]]) -> bool {
        let bytes = filtered.as_flattened().iter();
        self.left == self.corner && bytes.fold(0, |any, byte| any | byte) == 0
    }

    /// Behind pixels that are those of the row above.
    fn at_end_of(above: &[[u8; UNIT]]) -> Self {
        let last = above.last().copied().unwrap_or([0; UNIT]).map(i16::from);
        Chain {
            left: last,
            corner: last,
        }
    }

    #[inline(always)]
    fn paeth(&mut self, filtered: &[u8; UNIT], above: &[u8; UNIT]) -> [u8; UNIT] {
        let above = above.map(i16::from);
        for i in 0..UNIT {
            let nearest = paeth(self.left[i], above[i], self.corner[i]);
            self.left[i] = (i16::from(filtered[i]) + nearest) & 0xFF;
        }
        self.corner = above;
        self.left.map(|byte| byte as u8)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// PNG 9.2 to 9.4 as they are written, one byte at a time.
    fn naive(kind: FilterType, unit: usize, rows: Rows<'_>) -> Vec<u8> {
        let at = |bytes: &[u8], index: Option<usize>| index.map_or(0, |i| i32::from(bytes[i]));
        let filtered = (0..rows.row.len()).map(|i| {
            let a = at(rows.row, i.checked_sub(unit));
            let b = at(rows.above, Some(i));
            let c = at(rows.above, i.checked_sub(unit));
            let p = a + b - c;
            let (pa, pb, pc) = ((p - a).abs(), (p - b).abs(), (p - c).abs());
            let prediction = match kind {
                FilterType::None => 0,
                FilterType::Sub => a,
                FilterType::Up => b,
                FilterType::Average => (a + b) / 2,
                FilterType::Paeth if pa <= pb && pa <= pc => a,
                FilterType::Paeth if pb <= pc => b,
                FilterType::Paeth => c,
            };
            (i32::from(rows.row[i]) - prediction).rem_euclid(256) as u8
        });
        filtered.collect()
    }

    proptest! {
        #[test]
        fn filtering_is_as_written_and_unfiltering_its_inverse(
            rows in proptest::collection::vec(any::<(u8, u8)>(), 1..1500),
            // What is changed of another row, and of the row above it.
            changes in proptest::array::uniform2(proptest::collection::vec(0_usize..1500, 0..3)),
            unit in proptest::sample::select(&[1usize, 2, 3, 4, 6, 8]),
            // Screenshots are like that: a row repeats the one above but for some places.
            (repeats, differing) in any::<(bool, [usize; 4])>(),
        ) {
            let whole = rows.len().next_multiple_of(unit);
            let (mut above, mut row): (Vec<u8>, Vec<u8>) = rows.into_iter().unzip();
            above.resize(whole, 77);
            row.resize(whole, 200);
            if repeats {
                row.clone_from(&above);
                differing.iter().for_each(|at| row[at % whole] ^= 9);
            }
            let rows = Rows { above: &above, row: &row };
            for kind in FilterType::ALL {
                let mut filtered = vec![0; whole];
                filter(kind, unit, rows, &mut filtered);
                prop_assert_eq!(&filtered, &naive(kind, unit, rows));
                let (mut other, mut other_above) = (filtered.clone(), above.clone());
                for (row, changes) in [&mut other, &mut other_above].into_iter().zip(&changes) {
                    changes.iter().for_each(|at| row[at % whole] ^= 40);
                }
                let (mut alone, mut together) = (vec![0; whole], vec![0; whole]);
                unfilter(kind, unit, (&other_above, &other), &mut alone);
                let like = Like {
                    above: &above,
                    row: &row,
                    filtered: (other != filtered).then_some(&filtered),
                };
                unfilter_like((kind, unit), &like, (&other_above, &other), &mut together);
                prop_assert_eq!(&together, &alone);
                unfilter(kind, unit, (&above, &filtered), &mut alone);
                prop_assert_eq!(&alone, &row);
            }
        }
    }

    #[test]
    fn paeth_is_as_written_for_every_triple() {
        for left in 0..=255u8 {
            for above in 0..=255u8 {
                for corner in (0..=255u8).step_by(3) {
                    let rows = Rows {
                        above: &[corner, above],
                        row: &[left, 0],
                    };
                    let prediction = naive(FilterType::Paeth, 1, rows)[1].wrapping_neg();
                    let nearest = paeth(i16::from(left), i16::from(above), i16::from(corner));
                    assert_eq!(nearest, i16::from(prediction));
                }
            }
        }
    }
}
