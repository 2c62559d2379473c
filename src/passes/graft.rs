//! `graft`: a band of rows, drawn evenly, says that it has another filter type.

use super::filter_type::{TYPE, wanted};
use super::{Args, Kind, Param};
use crate::format::Format;
use crate::lanes::Lanes;
use crate::rng::Stream;

pub(super) static KIND: Kind = Kind {
    name: "graft",
    about: "the rows of a band are taken for filtered by another filter type",
    format: Some(Format::Png),
    header: None,
    params: &[Param::whole("rows", "height of the band", 12, 2..=30), TYPE],
    apply,
};

fn apply(args: &Args, lanes: &mut Lanes<'_>, stream: &mut Stream) -> bool {
    let index = stream.index(lanes.total());
    let Some(band) = lanes.band(index, args.get(0) as usize) else {
        return false;
    };
    let wanted = wanted(args, lanes.filter_type(band.start), stream);
    let types: Vec<(usize, u8)> = band.map(|row| (row, wanted)).collect();
    lanes.graft(&types)
}
