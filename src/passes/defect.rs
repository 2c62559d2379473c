//! `defect`: from a place drawn evenly, bytes of a row are deleted and the rest is pulled up. Each
//! row below loses as many more, so that the tear slants.

use super::{Args, Kind, Param, param::LONGEST};
use crate::format::Format;
use crate::lanes::{Lanes, Run};
use crate::rng::Stream;

pub(super) static KIND: Kind = Kind {
    name: "defect",
    about: "bytes are deleted from the rows of a band, more in each, and what follows is pulled up",
    format: Some(Format::Png),
    header: None,
    params: &[
        Param::whole(
            "len",
            "bytes that the first row loses, and each other more than the one above",
            3,
            1..=LONGEST,
        ),
        Param::whole("rows", "height of the band", 16, 1..=10_000),
    ],
    apply,
};

fn apply(args: &Args, lanes: &mut Lanes<'_>, stream: &mut Stream) -> bool {
    let index = stream.index(lanes.total());
    let Some(band) = lanes.band(index, args.get(1) as usize) else {
        return false;
    };
    let len = args.get(0) as usize;
    let start = lanes.run(index, len).bytes.start;
    let mut changed = false;
    for (row, lane) in band.enumerate() {
        let end = lanes.lane_len(lane);
        let run = Run {
            lane,
            bytes: start..end,
        };
        let gap = len.saturating_mul(row + 1).min(end - start);
        changed |= lanes.edit(&run, |bytes| {
            bytes.copy_within(gap.., 0);
            bytes[end - start - gap..].fill(0);
        });
    }
    changed
}

#[cfg(test)]
mod tests {
    use crate::rows::tests::Filtered;

    #[test]
    fn each_row_loses_more_than_the_one_above() {
        for seed in 0..100 {
            let mut store = Filtered::new(&[(9, 20)], 0);
            let before = store.rows.0.clone();
            let hits = store.apply("defect:len=2:rows=3", seed);
            let first = hits[0].spot.lane.unwrap();
            let start = hits[0].spot.at;
            assert!(start <= 18 && first <= 6, "seed {seed}");
            for (row, (before, after)) in before.iter().zip(&store.rows.0).enumerate() {
                let mut expected = before.clone();
                if (first..first + 3).contains(&row) {
                    let gap = (2 * (row - first + 1)).min(20 - start);
                    expected.drain(start..start + gap);
                    expected.resize(20, 0);
                }
                assert_eq!(*after, expected, "seed {seed}, row {row}");
            }
        }
    }

    #[test]
    fn a_row_that_is_shorter_becomes_zero() {
        let mut store = Filtered::new(&[(2, 3)], 0);
        store.apply("defect:len=9:rows=1", 4);
        let zero = store.rows.0.iter().filter(|row| **row == [0; 3]);
        assert_eq!(zero.count(), 1);
    }
}
