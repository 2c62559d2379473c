//! What the passes for the filter types of a PNG have in common.

use std::ops::Range;

use super::{Args, Param};
use crate::lanes::Lanes;
use crate::rng::Stream;

/// The filter type that rows get. The words after the first are in the order of PNG table 9.1.
pub(super) const TYPE: Param = Param::words(
    "type",
    "the filter type that the rows get; `random`: drawn at every step",
    &["random", "none", "sub", "up", "average", "paeth"],
);

/// A band, drawn evenly, as high as the first parameter tells, and the type that its rows get.
pub(super) fn draw(
    args: &Args,
    lanes: &mut Lanes<'_>,
    stream: &mut Stream,
) -> Option<(Range<usize>, u8)> {
    let index = stream.index(lanes.total());
    let band = lanes.band(index, args.get(0) as usize)?;
    let wanted = wanted(args, lanes.filter_type(band.start), stream);
    Some((band, wanted))
}

/// The type that the second parameter tells, 0 to 4; if it is `random`, one of the four that the
/// first row has not.
fn wanted(args: &Args, first: u8, stream: &mut Stream) -> u8 {
    match args.get(1) as u8 {
        0 => {
            let drawn = stream.below(4) as u8;
            drawn + u8::from(drawn >= first)
        }
        told => told - 1,
    }
}
