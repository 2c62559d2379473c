//! `swap`: two runs of one length, each drawn evenly, change places.

use super::{Args, Kind, Param};
use crate::lanes::{Lanes, Run};
use crate::rng::Stream;

pub(super) static KIND: Kind = Kind {
    name: "swap",
    about: "two runs of bytes at random places change places",
    format: None,
    header: None,
    params: &[Param::len(600, 1)],
    apply,
};

fn apply(args: &Args, lanes: &mut Lanes<'_>, stream: &mut Stream) -> bool {
    let total = lanes.total();
    let places = [stream.index(total), stream.index(total)];
    let Some([one, other]) = pair(lanes, places, args.get(0) as usize) else {
        return false;
    };
    let (first, second) = (lanes.read(&one), lanes.read(&other));
    // Both are written, or neither: they differ or are alike.
    let changed = lanes.edit(&one, |bytes| bytes.copy_from_slice(&second));
    lanes.edit(&other, |bytes| bytes.copy_from_slice(&first)) && changed
}

/// Two runs of `len` bytes that do not overlap; shorter where one lane has no room for that, or
/// where the second place lies in the first run. `None` for one and the same place.
fn pair(lanes: &Lanes<'_>, places: [usize; 2], len: usize) -> Option<[Run; 2]> {
    let [one, other] = places.map(|place| lanes.run(place, usize::MAX));
    let len = match one.lane == other.lane {
        true => len.min(one.bytes.len() / 2),
        false => len.min(one.bytes.len()).min(other.bytes.len()),
    };
    let [mut one, mut other] = places.map(|place| lanes.run(place, len));
    let apart = one.bytes.start.abs_diff(other.bytes.start);
    let len = match one.lane == other.lane {
        true => len.min(apart),
        false => len,
    };
    one.bytes.end = one.bytes.start + len;
    other.bytes.end = other.bytes.start + len;
    (len > 0).then_some([one, other])
}

#[cfg(test)]
mod tests {
    use crate::cancel::Cancel;
    use crate::lanes::{Lanes, tests::Plain};
    use crate::passes::{Pass, tests::apply_to};
    use crate::rng::Stream;

    fn sorted(bytes: &[u8]) -> Vec<u8> {
        let mut bytes = bytes.to_vec();
        bytes.sort_unstable();
        bytes
    }

    #[test]
    fn two_runs_of_one_lane_change_places() {
        let before: Vec<u8> = (0..200).collect();
        for seed in 0..200 {
            let after = apply_to(&before, "swap:len=7", seed);
            assert_eq!(sorted(&after), before, "seed {seed}");
            let moved: Vec<usize> = (0..200).filter(|&i| after[i] != before[i]).collect();
            assert!(
                moved.len() <= 14 && moved.len().is_multiple_of(2),
                "{moved:?}"
            );
            let (one, other) = moved.split_at(moved.len() / 2);
            for (&i, &j) in one.iter().zip(other) {
                assert_eq!((after[i], after[j]), (before[j], before[i]));
            }
        }
    }

    #[test]
    fn runs_of_two_lanes_change_places() {
        let mut across = 0;
        for seed in 0..50 {
            let mut store = Plain(vec![vec![1; 30], vec![2; 9]]);
            let mut hits = Vec::new();
            let pass: Pass = "swap:len=20".parse().unwrap();
            let mut lanes = Lanes::new(&mut store, &mut hits, 0);
            let never = Cancel::default();
            pass.apply(1, (&mut lanes, &mut Stream::new(seed, 0, 0)), &never)
                .unwrap();
            // Each lane is of one value: only a change across lanes shows.
            assert_eq!(store.0[1], [1; 9], "seed {seed}");
            let moved = store.0[0].iter().filter(|&&byte| byte == 2).count();
            across += usize::from(moved == 9 && hits.len() == 2);
        }
        assert_eq!(across, 50);
    }

    #[test]
    fn a_lane_without_room_for_two_gives_its_halves() {
        for seed in 0..50 {
            let after = apply_to(&[1, 2, 3, 4], "swap:len=65536", seed);
            assert_eq!(sorted(&after), [1, 2, 3, 4]);
            assert_ne!(after, [1, 2, 3, 4], "seed {seed}");
        }
        assert_eq!(apply_to(&[1], "swap", 1), [1]);
    }
}
