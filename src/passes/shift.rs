//! `shift`: the bytes of a run, drawn evenly, move towards its end, and those that leave it there
//! come in again at its start.

use super::{Args, Kind, Param, param::LONGEST};
use crate::lanes::Lanes;
use crate::rng::Stream;

pub(super) static KIND: Kind = Kind {
    name: "shift",
    about: "the bytes of a run at a random place move on, and come in again at its start",
    format: None,
    header: None,
    params: &[
        Param::len(1000, 2),
        Param::whole(
            "by",
            "bytes that each moves on; 0: drawn at every step",
            0,
            0..=LONGEST - 1,
        ),
    ],
    apply,
};

fn apply(args: &Args, lanes: &mut Lanes<'_>, stream: &mut Stream) -> bool {
    let run = args.run(lanes, stream);
    let len = run.bytes.len();
    let by = match args.get(1) as usize {
        // From 1 to `len` - 1: round the whole run would be no step.
        0 => 1 + stream.index(len - 1),
        given => given,
    };
    // A lane of one byte has no other place for it: there 1 is drawn, and is round the whole run.
    lanes.edit(&run, |bytes| bytes.rotate_right(by % len))
}

#[cfg(test)]
mod tests {
    use crate::passes::tests::apply_to;

    #[test]
    fn a_run_moves_on_by_the_given_count() {
        assert_eq!(
            apply_to(&[1, 2, 3, 4, 5], "shift:len=5:by=2", 1),
            [4, 5, 1, 2, 3]
        );
        let before: Vec<u8> = (0..200).collect();
        for seed in 0..100 {
            let mut after = apply_to(&before, "shift:len=10:by=3", seed);
            let first = (0..200).position(|i| after[i] != before[i]).unwrap();
            after[first..first + 10].rotate_left(3);
            assert_eq!(after, before, "seed {seed}");
        }
    }

    #[test]
    fn every_count_that_moves_the_run_is_drawn() {
        let before: Vec<u8> = (0..8).collect();
        let mut counts = [0; 8];
        for seed in 0..700 {
            let after = apply_to(&before, "shift:len=8", seed);
            counts[after.iter().position(|&byte| byte == 0).unwrap()] += 1;
        }
        assert_eq!(counts[0], 0);
        assert!(
            counts[1..].iter().all(|&count| count > 60),
            "{counts:?} are not even"
        );
    }

    #[test]
    fn round_the_whole_run_is_no_step() {
        assert_eq!(apply_to(&[1, 2, 3], "shift:len=3:by=6", 1), [1, 2, 3]);
        assert_eq!(apply_to(&[1], "shift", 1), [1]);
    }
}
