//! `defect`: from a place drawn evenly, bytes of a row are deleted and the rest is pulled up; the
//! same in the rows below.

use super::{Args, Kind, Param, param::LONGEST};
use crate::format::Format;
use crate::lanes::{Lanes, Run};
use crate::rng::Stream;

pub(super) static KIND: Kind = Kind {
    name: "defect",
    about: "bytes are deleted from the rows of a band, and the rest of each row is pulled up",
    format: Some(Format::Png),
    header: None,
    params: &[
        Param::whole(
            "len",
            "bytes that are deleted from each row",
            3,
            1..=LONGEST,
        ),
        Param::whole("rows", "height of the band", 1, 1..=10_000),
    ],
    apply,
};

fn apply(args: &Args, lanes: &mut Lanes<'_>, stream: &mut Stream) -> bool {
    let index = stream.index(lanes.total());
    let Some(band) = lanes.band(index, args.get(1) as usize) else {
        return false;
    };
    let gap = lanes.run(index, args.get(0) as usize).bytes;
    let mut changed = false;
    for lane in band {
        let run = Run {
            lane,
            bytes: gap.start..lanes.lane_len(lane),
        };
        changed |= lanes.edit(&run, |bytes| {
            bytes.copy_within(gap.len().., 0);
            let kept = bytes.len() - gap.len();
            bytes[kept..].fill(0);
        });
    }
    changed
}
