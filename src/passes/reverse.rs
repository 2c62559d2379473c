//! `reverse`: a run, drawn evenly, is turned back to front.

use super::{Args, Kind, Param};
use crate::lanes::Lanes;
use crate::rng::Stream;

pub(super) static KIND: Kind = Kind {
    name: "reverse",
    about: "a run of bytes at a random place is turned back to front",
    format: None,
    header: None,
    params: &[Param::len(400, 2)],
    apply,
};

fn apply(args: &Args, lanes: &mut Lanes<'_>, stream: &mut Stream) -> bool {
    let run = args.run(lanes, stream);
    lanes.edit(&run, <[u8]>::reverse)
}

#[cfg(test)]
mod tests {
    use crate::passes::tests::apply_to;

    #[test]
    fn a_run_of_len_is_turned_and_nothing_else() {
        let before: Vec<u8> = (0..200).collect();
        for seed in 0..100 {
            let mut after = apply_to(&before, "reverse:len=6", seed);
            let first = (0..200).position(|i| after[i] != before[i]).unwrap();
            after[first..first + 6].reverse();
            assert_eq!(after, before, "seed {seed}");
        }
    }

    #[test]
    fn a_run_that_reads_the_same_both_ways_is_drawn_again() {
        let mut before = vec![1; 100];
        before[40] = 9;
        for seed in 0..50 {
            let after = apply_to(&before, "reverse:len=20", seed);
            assert_eq!(after.iter().filter(|&&byte| byte == 9).count(), 1);
            assert_ne!(after, before, "seed {seed}");
        }
        assert_eq!(apply_to(&[5; 90], "reverse", 1), [5; 90]);
    }

    #[test]
    fn a_lane_that_is_shorter_is_turned_as_a_whole() {
        assert_eq!(apply_to(&[1, 2, 3], "reverse:len=9", 1), [3, 2, 1]);
    }
}
