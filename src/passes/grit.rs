//! `grit`: in a run of MCUs at a place and of a length that are drawn, the additional bits of AC coefficients become
//! others: amplitudes and signs change, no code does, and the data stay as long as they were.

use super::{Args, Kind, Param};
use crate::format::Format;
use crate::lanes::{Lanes, Spot};
use crate::mosaic::Field;
use crate::rng::Stream;

pub(super) static KIND: Kind = Kind {
    name: "grit",
    about: "amplitudes and signs of coefficients change in a run of MCUs: texture",
    format: Some(Format::Jpeg),
    header: None,
    params: &[
        Param::whole(
            "part",
            "percent of the picture that the run is at the most",
            20,
            1..=100,
        ),
        Param::whole(
            "share",
            "percent of the coefficients that change",
            40,
            1..=100,
        ),
    ],
    apply,
};

fn apply(args: &Args, lanes: &mut Lanes<'_>, stream: &mut Stream) -> bool {
    let Some(mosaic) = lanes.mosaic() else {
        return false;
    };
    let Field { columns, rows } = mosaic.field();
    let wide = u64::from(columns.end - columns.start);
    let total = wide * u64::from(rows.end - rows.start);
    let first = stream.below(total);
    let most = (total * u64::from(args.get(0)) / 100).max(1);
    let end = total.min(first + 1 + stream.below(most));
    let mut hit: Option<(Spot, usize)> = None;
    let mut at = first;
    while at < end {
        let (row, from) = (at / wide, at % wide);
        let to = wide.min(from + (end - at));
        let row = rows.start + row as u32;
        let inside = columns.start + from as u32..columns.start + to as u32;
        let mut flips = Vec::new();
        for amplitude in mosaic.amplitudes(row, inside) {
            if stream.below(100) < u64::from(args.get(1)) {
                let mask = 1 + stream.below((1 << amplitude.len) - 1) as u32;
                flips.push((amplitude, mask));
            }
        }
        // Row by row: all at once they would be many times the picture.
        if let Some((spot, len)) = mosaic.flip(&flips) {
            hit = Some(hit.map_or((spot, len), |(first, before)| (first, before + len)));
        }
        at += to - from;
    }
    let Some((spot, len)) = hit else {
        return false;
    };
    lanes.hit(spot, len);
    true
}
