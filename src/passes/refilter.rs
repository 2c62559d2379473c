//! `refilter`: a band of rows, drawn evenly, is filtered anew. It looks as before; what hits it
//! later spreads in another way.

use super::filter_type::{TYPE, wanted};
use super::{Args, Kind, Param};
use crate::format::Format;
use crate::lanes::Lanes;
use crate::rng::Stream;

pub(super) static KIND: Kind = Kind {
    name: "refilter",
    about: "the rows of a band get another filter type without loss: later passes spread in another way there",
    format: Some(Format::Png),
    header: None,
    params: &[
        Param::whole("rows", "height of the band", 64, 1..=10_000),
        TYPE,
    ],
    apply,
};

fn apply(args: &Args, lanes: &mut Lanes<'_>, stream: &mut Stream) -> bool {
    let index = stream.index(lanes.total());
    let Some(band) = lanes.band(index, args.get(0) as usize) else {
        return false;
    };
    let wanted = wanted(args, lanes.filter_type(band.start), stream);
    lanes.refilter(band, wanted)
}
