//! `smear`: a run of MCUs at a place drawn evenly is shown again and again to its right, in as many rows
//! and as far as is drawn.

use super::{Args, Kind, Param};
use crate::format::Format;
use crate::lanes::Lanes;
use crate::rng::Stream;

pub(super) static KIND: Kind = Kind {
    name: "smear",
    about: "a run of MCUs is repeated to the right",
    format: Some(Format::Jpeg),
    header: None,
    params: &[
        Param::whole("len", "MCUs in the run", 1, 1..=1000),
        Param::whole(
            "wide",
            "percent of the width that it covers at the most",
            60,
            1..=100,
        ),
        Param::whole(
            "tall",
            "percent of the height that it does so at the most",
            5,
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
    let first = field.rows.start + stream.index(field.rows.len()) as u32;
    let column = stream.index(field.columns.len());
    let len = args.get(0) as usize;
    let wide = 1 + stream.index(field.columns_in(args.get(1)) as usize);
    let tall = 1 + stream.index(field.rows_in(args.get(2)) as usize) as u32;
    let mut changed = 0;
    for row in first..field.rows.end.min(first + tall) {
        let mut cells = mosaic.row(row);
        let end = (column + len + wide).min(cells.len());
        for place in column + len..end {
            changed += usize::from(cells[place] != cells[place - len]);
            cells[place] = cells[place - len];
        }
        mosaic.set_row(row, &cells);
    }
    let line = mosaic.line(first);
    if changed > 0 {
        lanes.hit_cells(line, changed);
    }
    changed > 0
}
