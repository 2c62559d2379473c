//! What the passes for the filter types of a PNG have in common.

use super::{Args, Param};
use crate::rng::Stream;

/// The filter type that rows get. The words after the first are in the order of PNG table 9.1.
pub(super) const TYPE: Param = Param::words(
    "type",
    "the filter type that the rows get; `random`: drawn at every step",
    &["random", "none", "sub", "up", "average", "paeth"],
);

/// The type that the second parameter tells, 0 to 4; if it is `random`, one of the four that the
/// first row has not.
pub(super) fn wanted(args: &Args, first: u8, stream: &mut Stream) -> u8 {
    match args.get(1) as u8 {
        0 => {
            let drawn = stream.below(4) as u8;
            drawn + u8::from(drawn >= first)
        }
        told => told - 1,
    }
}
