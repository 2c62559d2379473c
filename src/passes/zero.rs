//! `zero`: every byte of a run, drawn evenly, becomes 0.

use super::{Args, Kind, Param};
use crate::lanes::Lanes;
use crate::rng::Stream;

pub(super) static KIND: Kind = Kind {
    name: "zero",
    about: "the bytes of a run at a random place become 0",
    format: None,
    header: None,
    params: &[Param::len(200, 1)],
    apply,
};

fn apply(args: &Args, lanes: &mut Lanes<'_>, stream: &mut Stream) -> bool {
    let run = args.run(lanes, stream);
    lanes.edit(&run, |bytes| bytes.fill(0))
}

#[cfg(test)]
mod tests {
    use crate::passes::tests::apply_to;

    #[test]
    fn a_run_of_len_becomes_0_and_nothing_else() {
        for seed in 0..100 {
            let after = apply_to(&[7; 200], "zero:len=9", seed);
            let zeros: Vec<usize> = (0..200).filter(|&i| after[i] == 0).collect();
            assert_eq!(zeros.len(), 9, "seed {seed}");
            assert_eq!(zeros[8] - zeros[0], 8);
            assert_eq!(after.iter().filter(|&&byte| byte == 7).count(), 191);
        }
    }

    #[test]
    fn a_run_of_0_is_drawn_again() {
        let mut before = vec![0; 100];
        before[50..70].fill(3);
        for seed in 0..50 {
            assert_ne!(apply_to(&before, "zero:len=5", seed), before, "seed {seed}");
        }
        assert_eq!(apply_to(&[0; 9], "zero:times=10000", 1), [0; 9]);
    }
}
