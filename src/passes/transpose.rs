//! `transpose`: two groups of rows, drawn evenly, change places, their filter types with them.

use std::ops::Range;

use super::{Args, Kind, Param};
use crate::format::Format;
use crate::lanes::{Lanes, Run};
use crate::rng::Stream;

pub(super) static KIND: Kind = Kind {
    name: "transpose",
    about: "two groups of rows change places, filter types and all",
    format: Some(Format::Png),
    header: None,
    params: &[Param::whole("rows", "height of each group", 24, 1..=10_000)],
    apply,
};

fn apply(args: &Args, lanes: &mut Lanes<'_>, stream: &mut Stream) -> bool {
    let index = stream.index(lanes.total());
    let rows = args.get(0) as usize;
    let Some(stretch) = lanes.band(index, usize::MAX) else {
        return false;
    };
    let first = lanes.run(index, 1).lane;
    let second = stretch.start + stream.index(stretch.len());
    let Some([one, other]) = groups(stretch, [first, second], rows) else {
        return false;
    };
    swap(lanes, one, other)
}

/// Two groups of so many rows that do not overlap, the upper one first; smaller where the stretch
/// has no room for that, or where the second begins inside the first. `None` for one and the same row.
fn groups(stretch: Range<usize>, rows: [usize; 2], len: usize) -> Option<[Range<usize>; 2]> {
    let len = len.min(stretch.len() / 2);
    let [one, other] = rows.map(|row| row.min(stretch.end - len));
    let len = len.min(one.abs_diff(other));
    let (upper, lower) = (one.min(other), one.max(other));
    (len > 0).then_some([upper..upper + len, lower..lower + len])
}

fn swap(lanes: &mut Lanes<'_>, upper: Range<usize>, lower: Range<usize>) -> bool {
    let whole = |lanes: &Lanes<'_>, lane| Run {
        lane,
        bytes: 0..lanes.lane_len(lane),
    };
    let rows: Vec<usize> = upper.clone().chain(lower.clone()).collect();
    let sources = lower.chain(upper);
    let new: Vec<(u8, Vec<u8>)> = sources
        .map(|row| (lanes.filter_type(row), lanes.read(&whole(lanes, row))))
        .collect();
    let types: Vec<(usize, u8)> = rows
        .iter()
        .copied()
        .zip(new.iter().map(|(kind, _)| *kind))
        .collect();
    let mut changed = lanes.graft(&types);
    for (row, (_, bytes)) in rows.into_iter().zip(&new) {
        let run = whole(lanes, row);
        changed |= lanes.edit(&run, |to| to.copy_from_slice(bytes));
    }
    changed
}

#[cfg(test)]
mod tests {
    use super::groups;
    use crate::rows::tests::Filtered;

    #[test]
    fn two_groups_of_one_stretch_change_places_with_their_types() {
        for seed in 0..100 {
            let mut store = Filtered::new(&[(8, 2), (16, 4)], 0);
            store.types = (0..24).map(|row| row % 5).collect();
            let (rows, types) = (store.rows.0.clone(), store.types.clone());
            store.apply("transpose:rows=3", seed);
            let moved: Vec<usize> = (0..24).filter(|&i| store.rows.0[i] != rows[i]).collect();
            let (one, other) = moved.split_at(moved.len() / 2);
            assert!((1..=3).contains(&one.len()) && one.len() == other.len());
            assert!(moved.iter().all(|&i| i < 8) || moved.iter().all(|&i| i >= 8));
            for (&i, &j) in one.iter().zip(other) {
                assert_eq!((&store.rows.0[i], &store.rows.0[j]), (&rows[j], &rows[i]));
                assert_eq!((store.types[i], store.types[j]), (types[j], types[i]));
            }
        }
    }

    #[test]
    fn groups_do_not_overlap() {
        assert_eq!(groups(0..10, [2, 6], 3), Some([2..5, 6..9]));
        assert_eq!(groups(0..10, [6, 2], 3), Some([2..5, 6..9]));
        assert_eq!(groups(0..10, [6, 5], 3), Some([5..6, 6..7]));
        assert_eq!(groups(4..10, [4, 9], 100), Some([4..7, 7..10]));
        assert_eq!(groups(0..10, [9, 8], 3), None);
        assert_eq!(groups(0..1, [0, 0], 3), None);
    }
}
