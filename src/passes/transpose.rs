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
