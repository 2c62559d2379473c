//! `graft`: a band of rows, drawn evenly, says that it has another filter type.

use super::filter_type::{TYPE, draw};
use super::{Args, Kind, Param};
use crate::format::Format;
use crate::lanes::Lanes;
use crate::rng::Stream;

pub(super) static KIND: Kind = Kind {
    name: "graft",
    about: "the rows of a band are taken for filtered by another filter type",
    format: Some(Format::Png),
    header: None,
    params: &[Param::whole("rows", "height of the band", 12, 2..=30), TYPE],
    apply,
};

fn apply(args: &Args, lanes: &mut Lanes<'_>, stream: &mut Stream) -> bool {
    let Some((band, wanted)) = draw(args, lanes, stream) else {
        return false;
    };
    let types: Vec<(usize, u8)> = band.map(|row| (row, wanted)).collect();
    lanes.graft(&types)
}

#[cfg(test)]
mod tests {
    use crate::rows::tests::Filtered;

    #[test]
    fn a_band_of_rows_gets_the_type_and_no_byte_changes() {
        for seed in 0..100 {
            let mut store = Filtered::new(&[(20, 6)], 1);
            let before = store.rows.0.clone();
            let hits = store.apply("graft:rows=3:type=up", seed);
            assert_eq!(store.rows.0, before);
            let first = store.types.iter().position(|&kind| kind == 2).unwrap();
            let told: Vec<_> = hits.iter().map(|hit| (hit.spot.lane, hit.len)).collect();
            assert_eq!(told, [0, 1, 2].map(|row| (Some(first + row), 6)));
            let others = store.types.iter().filter(|&&kind| kind != 1);
            assert_eq!(others.count(), 3, "seed {seed}");
        }
    }

    #[test]
    fn every_other_type_is_drawn() {
        let mut counts = [0; 5];
        for seed in 0..400 {
            let mut store = Filtered::new(&[(2, 6)], 3);
            store.apply("graft:rows=2", seed);
            assert_eq!(store.types[0], store.types[1]);
            counts[usize::from(store.types[0])] += 1;
        }
        assert_eq!(counts[3], 0);
        let even = [0, 1, 2, 4].iter().all(|&kind| counts[kind] > 70);
        assert!(even, "{counts:?}");
    }

    #[test]
    fn a_band_that_has_the_type_is_drawn_again() {
        for seed in 0..50 {
            let mut store = Filtered::new(&[(40, 3), (4, 9)], 4);
            store.types[43] = 1;
            store.apply("graft:rows=2:type=paeth", seed);
            assert_eq!(store.types, [4; 44], "seed {seed}");
        }
        let mut store = Filtered::new(&[(9, 3)], 4);
        assert_eq!(store.apply("graft:type=paeth:times=10000", 1), []);
    }
}
