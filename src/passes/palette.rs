//! `palette`: entries of the palette change places. The only pass that edits a header: PLTE.

use super::{Args, Kind, Param};
use crate::format::Format;
use crate::lanes::Lanes;
use crate::rng::Stream;

pub(super) static KIND: Kind = Kind {
    name: "palette",
    about: "colours of the palette are put in random order (edits the header PLTE)",
    format: Some(Format::Png),
    header: Some("PLTE"),
    params: &[Param::whole(
        "len",
        "how many neighbouring colours change places",
        256,
        2..=256,
    )],
    apply,
};

fn apply(args: &Args, lanes: &mut Lanes<'_>, stream: &mut Stream) -> bool {
    lanes.edit_palette(|colours, movable| {
        let len = movable.len().min(args.get(0) as usize);
        let start = stream.index(movable.len()).min(movable.len() - len);
        let movable = &movable[start..start + len];
        // Fisher and Yates, from the end; the draws are part of the promise.
        for last in (1..len).rev() {
            colours.swap(movable[last], movable[stream.index(last + 1)]);
        }
    })
}
