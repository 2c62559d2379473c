//! `slices`: a slice of the picture, rows of MCUs at a place and of a height that are drawn, is moved: to
//! the side, to another place, below itself, or upside down row by row.

use super::{Args, Kind, Param};
use crate::format::Format;
use crate::lanes::Lanes;
use crate::mosaic::{Cell, Mosaic};
use crate::rng::Stream;

pub(super) static KIND: Kind = Kind {
    name: "slices",
    about: "rows of MCUs are moved sideways, swapped, shown twice or put in reverse order",
    format: Some(Format::Jpeg),
    header: None,
    params: &[
        Param::whole(
            "tall",
            "percent of the height that a slice is at the most",
            6,
            1..=100,
        ),
        Param::words(
            "how",
            "what becomes of a slice",
            &["shift", "swap", "repeat", "reverse"],
        ),
        Param::whole(
            "by",
            "shift: percent of the width that it moves at the most",
            15,
            1..=100,
        ),
    ],
    apply,
};

fn apply(args: &Args, lanes: &mut Lanes<'_>, stream: &mut Stream) -> bool {
    let Some(mosaic) = lanes.mosaic() else {
        return false;
    };
    let field = mosaic.field();
    if field.is_empty() {
        return false;
    }
    let rows = 1 + stream.index(field.rows_in(args.get(0)) as usize) as u32;
    let moved = match args.get(1) {
        0 => shift(mosaic, rows, (field.columns_in(args.get(2)), stream)),
        1 => swap(mosaic, rows, stream),
        2 => repeat(mosaic, rows, stream),
        _ => reverse(mosaic, rows, stream),
    };
    let Some((row, cells)) = moved.filter(|(_, cells)| *cells > 0) else {
        return false;
    };
    let line = mosaic.line(row);
    lanes.hit_cells(line, cells);
    true
}

/// The first row of a slice of `rows` rows, drawn evenly from where `room` rows fit below it.
fn draw(mosaic: &dyn Mosaic, room: u32, stream: &mut Stream) -> Option<u32> {
    let rows = mosaic.field().rows;
    let places = (rows.end - rows.start + 1).checked_sub(room)?;
    (places > 0).then(|| rows.start + stream.below(u64::from(places)) as u32)
}

/// Two slices, one behind the other: the first row of the first, and the height of each. It is
/// `rows`, or half of the field.
fn draw_two(mosaic: &dyn Mosaic, rows: u32, stream: &mut Stream) -> Option<(u32, u32)> {
    let rows = rows.min(mosaic.field().rows.len() as u32 / 2);
    let first = draw(mosaic, rows * 2, stream)?;
    (rows > 0).then_some((first, rows))
}

/// Lets a row show these cells; tells how many it did not show before.
fn set(mosaic: &mut dyn Mosaic, row: u32, cells: &[Cell]) -> usize {
    let before = mosaic.row(row);
    mosaic.set_row(row, cells);
    before.iter().zip(cells).filter(|(a, b)| a != b).count()
}

fn shift(
    mosaic: &mut dyn Mosaic,
    rows: u32,
    (by, stream): (u32, &mut Stream),
) -> Option<(u32, usize)> {
    let first = draw(mosaic, rows, stream)?;
    let by = 1 + stream.index(by as usize);
    let left = stream.below(2) == 1;
    let mut changed = 0;
    for row in first..first + rows {
        let mut cells = mosaic.row(row);
        let by = by % cells.len();
        match left {
            true => cells.rotate_left(by),
            false => cells.rotate_right(by),
        }
        changed += set(mosaic, row, &cells);
    }
    Some((first, changed))
}

fn swap(mosaic: &mut dyn Mosaic, rows: u32, stream: &mut Stream) -> Option<(u32, usize)> {
    let (first, rows) = draw_two(mosaic, rows, stream)?;
    let behind = mosaic.field().rows.end - rows - (first + rows) + 1;
    let second = first + rows + stream.below(u64::from(behind)) as u32;
    let mut changed = 0;
    for row in 0..rows {
        let [one, other] = [first, second].map(|start| mosaic.row(start + row));
        changed += set(mosaic, first + row, &other);
        changed += set(mosaic, second + row, &one);
    }
    Some((first, changed))
}

fn repeat(mosaic: &mut dyn Mosaic, rows: u32, stream: &mut Stream) -> Option<(u32, usize)> {
    let (first, rows) = draw_two(mosaic, rows, stream)?;
    let mut changed = 0;
    for row in first..first + rows {
        let cells = mosaic.row(row);
        changed += set(mosaic, row + rows, &cells);
    }
    Some((first + rows, changed))
}

fn reverse(mosaic: &mut dyn Mosaic, rows: u32, stream: &mut Stream) -> Option<(u32, usize)> {
    let rows = rows.max(2);
    let first = draw(mosaic, rows, stream)?;
    let all: Vec<_> = (first..first + rows).map(|row| mosaic.row(row)).collect();
    let mut changed = 0;
    for (row, cells) in (first..first + rows).zip(all.iter().rev()) {
        changed += set(mosaic, row, cells);
    }
    Some((first, changed))
}
