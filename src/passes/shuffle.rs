//! `shuffle`: the bytes of a run, drawn evenly, are put in an order drawn evenly from all.

use super::{Args, Kind, Param};
use crate::lanes::Lanes;
use crate::rng::Stream;

pub(super) static KIND: Kind = Kind {
    name: "shuffle",
    about: "the bytes of a run at a random place are put in random order",
    format: None,
    header: None,
    params: &[Param::len(200, 2)],
    apply,
};

fn apply(args: &Args, lanes: &mut Lanes<'_>, stream: &mut Stream) -> bool {
    let run = args.run(lanes, stream);
    lanes.edit(&run, |bytes| {
        // Fisher and Yates, from the end; the draws are part of the promise.
        for last in (1..bytes.len()).rev() {
            bytes.swap(last, stream.index(last + 1));
        }
    })
}

#[cfg(test)]
mod tests {
    use crate::passes::tests::apply_to;

    #[test]
    fn a_run_of_len_keeps_its_bytes_and_nothing_else_changes() {
        let before: Vec<u8> = (0..200).collect();
        for seed in 0..100 {
            let mut after = apply_to(&before, "shuffle:len=9", seed);
            let changed: Vec<usize> = (0..200).filter(|&i| after[i] != before[i]).collect();
            let (first, last) = (changed[0], changed[changed.len() - 1]);
            assert!(last - first < 9, "seed {seed}");
            after[first..=last].sort_unstable();
            assert_eq!(after, before, "seed {seed}");
        }
    }

    #[test]
    fn every_other_order_is_drawn() {
        let mut seen = std::collections::BTreeMap::new();
        for seed in 0..1000 {
            *seen
                .entry(apply_to(&[1, 2, 3], "shuffle", seed))
                .or_insert(0) += 1;
        }
        assert!(!seen.contains_key([1, 2, 3].as_slice()));
        assert_eq!(seen.len(), 5);
        assert!(seen.values().all(|&count| count > 140), "{seen:?}");
    }
}
