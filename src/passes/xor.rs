//! `xor`: every byte of a run, drawn evenly, is XORed with one mask.

use super::{Args, Kind, Param};
use crate::lanes::Lanes;
use crate::rng::Stream;

pub(super) static KIND: Kind = Kind {
    name: "xor",
    about: "every byte of a run at a random place is XORed with a mask",
    format: None,
    header: None,
    params: &[
        Param::len(120, 1),
        Param::whole("mask", "the mask; 0: drawn at every step", 0, 0..=255),
    ],
    apply,
};

fn apply(args: &Args, lanes: &mut Lanes<'_>, stream: &mut Stream) -> bool {
    let run = args.run(lanes, stream);
    let mask = match args.get(1) as u8 {
        0 => 1 + stream.below(255) as u8,
        given => given,
    };
    lanes.edit(&run, |bytes| {
        bytes.iter_mut().for_each(|byte| *byte ^= mask)
    })
}

#[cfg(test)]
mod tests {
    use crate::passes::tests::apply_to;

    #[test]
    fn a_run_of_len_is_masked_and_nothing_else() {
        let before: Vec<u8> = (0..200).collect();
        for seed in 0..100 {
            let after = apply_to(&before, "xor:len=7:mask=170", seed);
            let changed: Vec<usize> = (0..200).filter(|&i| after[i] != before[i]).collect();
            assert_eq!(changed.len(), 7, "seed {seed}");
            assert_eq!(changed[6] - changed[0], 6);
            assert!(changed.iter().all(|&i| after[i] == before[i] ^ 170));
        }
    }

    #[test]
    fn every_mask_is_drawn_and_is_one_for_the_run() {
        let mut masks = [false; 256];
        for seed in 0..4000 {
            let after = apply_to(&[0; 8], "xor:len=8", seed);
            assert_eq!(after, [after[0]; 8], "seed {seed}");
            masks[usize::from(after[0])] = true;
        }
        assert!(!masks[0]);
        assert!(masks[1..].iter().all(|&seen| seen));
    }
}
