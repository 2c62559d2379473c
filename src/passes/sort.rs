//! `sort`: the bytes of a run, drawn evenly, are put in order.

use super::{Args, Kind, Param};
use crate::lanes::Lanes;
use crate::rng::Stream;

pub(super) static KIND: Kind = Kind {
    name: "sort",
    about: "the bytes of a run at a random place are put in order",
    format: None,
    header: None,
    params: &[
        Param::len(19, 2),
        Param::words(
            "order",
            "the smallest byte first, or the largest",
            &["asc", "desc"],
        ),
    ],
    apply,
};

const DESC: u32 = 1;

fn apply(args: &Args, lanes: &mut Lanes<'_>, stream: &mut Stream) -> bool {
    let run = args.run(lanes, stream);
    lanes.edit(&run, |bytes| {
        bytes.sort_unstable();
        if args.get(1) == DESC {
            bytes.reverse();
        }
    })
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
    fn the_order_can_be_turned_round() {
        let before: Vec<u8> = (0..200).collect();
        for seed in 0..100 {
            let mut after = apply_to(&before, "sort:len=5:order=desc", seed);
            let first = (0..200).position(|i| after[i] != before[i]).unwrap();
            let run = &mut after[first..first + 5];
            assert!(run.iter().rev().is_sorted());
            run.reverse();
            assert_eq!(after, before, "seed {seed}");
        }
        // The same place, whatever the order.
        let asc = apply_to(&[3, 1, 2], "sort:len=3:order=asc", 1);
        assert_eq!(asc, apply_to(&[3, 1, 2], "sort:len=3", 1));
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
