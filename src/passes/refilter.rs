//! `refilter`: a band of rows, drawn evenly, is filtered anew. It looks as before; what hits it
//! later spreads in another way.

use super::filter_type::{TYPE, draw};
use super::{Args, Kind, Param};
use crate::format::Format;
use crate::lanes::Lanes;
use crate::rng::Stream;

pub(super) static KIND: Kind = Kind {
    name: "refilter",
    about: "the rows of a band get another filter type without loss: later passes spread in another way there",
    format: Some(Format::Png),
    header: None,
    params: &[
        Param::whole("rows", "height of the band", 64, 1..=10_000),
        TYPE,
    ],
    apply,
};

fn apply(args: &Args, lanes: &mut Lanes<'_>, stream: &mut Stream) -> bool {
    let Some((band, wanted)) = draw(args, lanes, stream) else {
        return false;
    };
    lanes.refilter(band, wanted)
}

#[cfg(test)]
mod tests {
    use crate::rows::tests::Filtered;

    #[test]
    fn a_band_of_rows_gets_the_type() {
        for (text, kind) in [
            ("none", 0),
            ("sub", 1),
            ("up", 2),
            ("average", 3),
            ("paeth", 4),
        ] {
            for seed in 0..20 {
                let mut store = Filtered::new(&[(30, 6)], (kind + 1) % 5);
                let hits = store.apply(&format!("refilter:rows=7:type={text}"), seed);
                let of_type = store.types.iter().filter(|&&other| other == kind);
                assert_eq!((of_type.count(), hits.len()), (7, 7), "{text}, seed {seed}");
            }
        }
    }

    #[test]
    fn a_stretch_that_is_shorter_is_filtered_as_a_whole() {
        let mut store = Filtered::new(&[(3, 6)], 1);
        store.apply("refilter:type=up", 1);
        assert_eq!(store.types, [2; 3]);
    }
}
