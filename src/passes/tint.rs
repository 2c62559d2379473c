//! `tint`: one DC difference of a component, drawn evenly, is raised or lowered: the picture steps
//! to another brightness or colour from there on, as far as hits reach.

use super::{Args, Kind, Param};
use crate::format::Format;
use crate::lanes::Lanes;
use crate::rng::Stream;

pub(super) static KIND: Kind = Kind {
    name: "tint",
    about: "the brightness or a colour steps up or down from an MCU on",
    format: Some(Format::Jpeg),
    header: None,
    params: &[
        Param::whole("by", "levels of 255 by which it steps", 40, 1..=255),
        Param::words(
            "component",
            "what steps; `any` is drawn",
            &["any", "y", "cb", "cr"],
        ),
    ],
    apply,
};

fn apply(args: &Args, lanes: &mut Lanes<'_>, stream: &mut Stream) -> bool {
    let Some(mosaic) = lanes.mosaic() else {
        return false;
    };
    let field = mosaic.field();
    let row = field.rows.start + stream.index(field.rows.len()) as u32;
    let column = field.columns.start + stream.index(field.columns.len()) as u32;
    let all = mosaic.components();
    let drawn = all.get(stream.index(all.len())).copied();
    let up = stream.below(2) == 1;
    let component = match args.get(1) {
        0 => drawn,
        component => all.into_iter().find(|&one| one + 1 == component as usize),
    };
    let Some(component) = component.filter(|_| !field.is_empty()) else {
        return false;
    };
    let levels = args.get(0) as i32;
    mosaic.tint((column, row), component, if up { levels } else { -levels });
    let line = mosaic.line(row);
    lanes.hit_cells(line, 1);
    true
}
