//! `drift`: the bytes of a long run, drawn evenly, or every so many-th of them, lose the bits that
//! one mask lacks and get those that another has.
//!
//! Each is pushed by little, and all to one side. Where a byte stands for a difference, as in a PNG,
//! the colours move away the more the farther the run goes on.

use super::{Args, Kind, Param, param::LONGEST};
use crate::lanes::Lanes;
use crate::rng::Stream;

pub(super) static KIND: Kind = Kind {
    name: "drift",
    about: "bytes of a run at a random place are ANDed with one mask, then ORed with another",
    format: None,
    header: None,
    params: &[
        Param::len(4096, 1),
        Param::whole("and", "bits that may stay", 254, 0..=255),
        Param::whole("or", "bits that are set", 0, 0..=255),
        Param::whole(
            "every",
            "only every so many-th byte, the first of them drawn",
            3,
            1..=LONGEST,
        ),
    ],
    apply,
};

fn apply(args: &Args, lanes: &mut Lanes<'_>, stream: &mut Stream) -> bool {
    let run = args.run(lanes, stream);
    let [and, or] = [1, 2].map(|index| args.get(index) as u8);
    let every = args.get(3) as usize;
    let first = stream.index(every.min(run.bytes.len()));
    lanes.edit(&run, |bytes| {
        let hit = bytes.iter_mut().skip(first).step_by(every);
        hit.for_each(|byte| *byte = *byte & and | or);
    })
}

#[cfg(test)]
mod tests {
    use crate::passes::tests::apply_to;

    #[test]
    fn bits_are_cleared_and_set_in_a_run_of_len() {
        for seed in 0..100 {
            let after = apply_to(&[0x5b; 200], "drift:len=9:and=240:or=1:every=1", seed);
            let changed: Vec<usize> = (0..200).filter(|&i| after[i] != 0x5b).collect();
            assert_eq!(changed.len(), 9, "seed {seed}");
            assert_eq!(changed[8] - changed[0], 8);
            assert!(changed.iter().all(|&i| after[i] == 0x51));
        }
    }

    #[test]
    fn only_every_so_many_th_byte_changes_from_a_drawn_one_on() {
        let mut firsts = [false; 4];
        for seed in 0..100 {
            let after = apply_to(&[7; 40], "drift:len=40:every=4", seed);
            let first = after.iter().position(|&byte| byte == 6).unwrap();
            firsts[first] = true;
            for (i, &byte) in after.iter().enumerate() {
                assert_eq!(byte == 6, i % 4 == first, "seed {seed}");
            }
        }
        assert_eq!(firsts, [true; 4]);
        let one = apply_to(&[7; 40], "drift:len=40:every=65536", 1);
        assert_eq!(one.iter().filter(|&&byte| byte == 6).count(), 1);
    }

    #[test]
    fn masks_that_change_nothing_do_no_harm() {
        assert_eq!(apply_to(&[7; 40], "drift:and=255:times=10000", 1), [7; 40]);
        assert_eq!(apply_to(&[6; 40], "drift", 1), [6; 40]);
    }
}
