//! `replace`: one byte, drawn evenly from all, becomes another value.

use super::{Args, Kind};
use crate::lanes::Lanes;
use crate::rng::Stream;

pub(super) static KIND: Kind = Kind {
    name: "replace",
    about: "one byte at a random place becomes another random value",
    format: None,
    header: None,
    params: &[],
    apply,
};

fn apply(_: &Args, lanes: &mut Lanes<'_>, stream: &mut Stream) -> bool {
    let run = lanes.run(stream.index(lanes.total()), 1);
    // Added modulo 256, 1 to 255 reaches every other value evenly.
    let step = 1 + stream.below(255) as u8;
    lanes.edit(&run, |bytes| {
        bytes
            .iter_mut()
            .for_each(|byte| *byte = byte.wrapping_add(step))
    })
}

#[cfg(test)]
mod tests {
    use crate::passes::tests::apply_to;

    #[test]
    fn exactly_one_byte_changes() {
        for seed in 0..200 {
            let after = apply_to(&[7; 50], "replace", seed);
            assert_eq!(
                after.iter().filter(|&&byte| byte != 7).count(),
                1,
                "seed {seed}"
            );
        }
    }

    #[test]
    fn every_place_and_every_other_value_is_drawn() {
        let mut places = [false; 8];
        let mut values = [false; 256];
        for seed in 0..4000 {
            let after = apply_to(&[7; 8], "replace", seed);
            let place = after.iter().position(|&byte| byte != 7).unwrap();
            places[place] = true;
            values[usize::from(after[place])] = true;
        }
        assert!(places.iter().all(|&seen| seen));
        assert_eq!(values.iter().filter(|&&seen| seen).count(), 255);
    }
}
