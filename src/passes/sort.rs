//! `sort`: the bytes of a run, drawn evenly, are put in ascending order.

use super::{Args, Kind, Param};
use crate::lanes::Lanes;
use crate::rng::Stream;

pub(super) static KIND: Kind = Kind {
    name: "sort",
    about: "the bytes of a run at a random place are put in ascending order",
    params: &[Param {
        name: "len",
        about: "length of the run in bytes",
        default: 19,
        range: 2..=65_536,
    }],
    apply,
};

fn apply(args: &Args, lanes: &mut Lanes<'_>, stream: &mut Stream) -> bool {
    let run = lanes.run(stream.index(lanes.total()), args.get(0) as usize);
    lanes.edit(&run, |bytes| bytes.sort_unstable())
}

#[cfg(test)]
mod tests {
    use crate::passes::tests::apply_to;

    #[test]
    fn a_run_of_len_is_sorted_and_nothing_else() {
        let before: Vec<u8> = (0..200).rev().collect();
        for seed in 0..100 {
            let after = apply_to(&before, "sort:len=5", seed);
            let changed: Vec<usize> = (0..200).filter(|&i| after[i] != before[i]).collect();
            let (first, last) = (changed[0], changed[changed.len() - 1]);
            assert_eq!(last - first, 4, "seed {seed}");
            assert!(after[first..=last].is_sorted());
        }
    }

    #[test]
    fn a_sorted_run_is_drawn_again() {
        let mut before = vec![1; 1000];
        before[990] = 9;
        let changed = (0..50)
            .filter(|&seed| apply_to(&before, "sort:len=19", seed) != before)
            .count();
        assert!(
            changed > 20,
            "{changed} of 50 found the one run that is not sorted"
        );
    }
}
