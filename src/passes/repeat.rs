//! `repeat`: a short piece, drawn evenly, is written again and again over what follows it.

use super::{Args, Kind, Param, param::LONGEST};
use crate::lanes::Lanes;
use crate::rng::Stream;

pub(super) static KIND: Kind = Kind {
    name: "repeat",
    about: "a piece at a random place is written again and again over what follows it",
    format: None,
    header: None,
    params: &[
        Param::whole("len", "length of the piece in bytes", 60, 1..=LONGEST / 2),
        Param::whole(
            "count",
            "how often it is written again, within 65536 bytes in all",
            12,
            1..=LONGEST - 1,
        ),
    ],
    apply,
};

fn apply(args: &Args, lanes: &mut Lanes<'_>, stream: &mut Stream) -> bool {
    let [len, count] = [0, 1].map(|index| u64::from(args.get(index)));
    let all = (len * (count + 1)).min(u64::from(LONGEST)) as usize;
    let run = lanes.run(stream.index(lanes.total()), all);
    lanes.edit(&run, |bytes| {
        // Half of a lane that has no room for two.
        let len = (len as usize).min(bytes.len() / 2).max(1);
        for at in len..bytes.len() {
            bytes[at] = bytes[at - len];
        }
    })
}

#[cfg(test)]
mod tests {
    use crate::passes::tests::apply_to;

    #[test]
    fn the_piece_is_written_count_times_over_what_follows() {
        let before: Vec<u8> = (0..200).collect();
        for seed in 0..100 {
            let after = apply_to(&before, "repeat:len=5:count=3", seed);
            let first = (0..200).position(|i| after[i] != before[i]).unwrap();
            for i in 0..15 {
                assert_eq!(after[first + i], before[first - 5 + i % 5]);
            }
            assert_eq!(after[first + 15..], before[first + 15..]);
        }
    }

    #[test]
    fn the_end_of_the_lane_cuts_the_last_one_off() {
        assert_eq!(
            apply_to(&[1, 2, 3, 4, 5], "repeat:len=2:count=9", 1),
            [1, 2, 1, 2, 1]
        );
    }

    #[test]
    fn of_a_lane_without_room_for_two_the_piece_is_half() {
        assert_eq!(
            apply_to(&[1, 2, 3, 4, 5], "repeat:len=4", 1),
            [1, 2, 1, 2, 1]
        );
        assert_eq!(apply_to(&[1, 2, 3], "repeat", 1), [1, 1, 1]);
        assert_eq!(apply_to(&[1], "repeat", 1), [1]);
    }

    #[test]
    fn all_of_it_is_no_longer_than_the_longest_run() {
        let mut before = vec![1; 200_000];
        before.iter_mut().step_by(2).for_each(|byte| *byte = 2);
        let after = apply_to(&before, "repeat:len=1:count=65535", 1);
        let changed = (0..before.len()).filter(|&i| after[i] != before[i]).count();
        assert_eq!(changed, 32_768);
    }
}
