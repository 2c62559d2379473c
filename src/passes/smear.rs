//! `smear`: a run of MCUs at a place drawn evenly is shown again and again to its right, in so many
//! rows.

use super::{Args, Kind, Param};
use crate::format::Format;
use crate::lanes::{Lanes, Spot};
use crate::mosaic::Field;
use crate::rng::Stream;

pub(super) static KIND: Kind = Kind {
    name: "smear",
    about: "a run of MCUs is repeated to the right",
    format: Some(Format::Jpeg),
    header: None,
    params: &[
        Param::whole("len", "MCUs in the run", 1, 1..=1000),
        Param::whole("copies", "how often it is repeated", 24, 1..=1000),
        Param::whole("rows", "rows of MCUs in which that is done", 3, 1..=1000),
    ],
    apply,
};

fn apply(args: &Args, lanes: &mut Lanes<'_>, stream: &mut Stream) -> bool {
    let Some(mosaic) = lanes.mosaic() else {
        return false;
    };
    let Field { columns, rows } = mosaic.field();
    let (wide, high) = (columns.end - columns.start, rows.end - rows.start);
    let first = rows.start + stream.below(u64::from(high)) as u32;
    let column = stream.below(u64::from(wide)) as usize;
    let (len, copies) = (args.get(0) as usize, args.get(1) as usize);
    let mut changed = 0;
    for row in first..rows.end.min(first.saturating_add(args.get(2))) {
        let mut cells = mosaic.row(row);
        let end = (column + len * (copies + 1)).min(cells.len());
        for place in column + len..end {
            changed += usize::from(cells[place] != cells[place - len]);
            cells[place] = cells[place - len];
        }
        mosaic.set_row(row, &cells);
    }
    let line = Some(mosaic.line(first));
    if changed > 0 {
        let spot = Spot {
            line,
            ..Spot::default()
        };
        lanes.hit(spot, changed);
    }
    changed > 0
}
