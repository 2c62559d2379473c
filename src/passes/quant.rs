//! `quant`: the quantisation tables in the header (DQT) get other numbers, so that the same
//! coefficients mean something else all over the picture. Nothing is drawn at random.

use super::{Args, Kind, Param};
use crate::format::Format;
use crate::lanes::Lanes;
use crate::mosaic::Plane;
use crate::rng::Stream;

pub(super) static KIND: Kind = Kind {
    name: "quant",
    about: "the quantisation tables change: posterise, outline, mosaic or duotone, all over the picture",
    format: Some(Format::Jpeg),
    header: Some("DQT"),
    params: &[
        Param::words(
            "how",
            "what becomes of the tables",
            &["posterise", "outline", "mosaic", "duotone"],
        ),
        Param::whole("by", "how strongly", 4, 2..=64),
    ],
    apply,
};

fn apply(args: &Args, lanes: &mut Lanes<'_>, _: &mut Stream) -> bool {
    let Some(mosaic) = lanes.mosaic() else {
        return false;
    };
    let by = args.get(1) as u16;
    let times = |element: &mut u16| *element = element.saturating_mul(by);
    let over = |element: &mut u16| *element = (*element / by).max(1);
    let change = |plane: Plane, table: &mut [u16; 64]| match args.get(0) {
        // Dark and bright, with what lies between them gone.
        0 => times(&mut table[0]),
        // Areas turn grey, edges are left.
        1 => {
            over(&mut table[0]);
            table[1..].iter_mut().for_each(times);
        }
        // One colour a block.
        2 => table[1..].iter_mut().for_each(over),
        // Few colours, but strong ones.
        _ if plane == Plane::Chroma => table[..3].iter_mut().for_each(times),
        _ => {}
    };
    let Some((spot, len)) = mosaic.requantise(&change) else {
        return false;
    };
    lanes.hit(spot, len);
    true
}
