//! `palette`: entries of the palette change places. The only pass that edits a header: PLTE.

use super::{Args, Kind, Param};
use crate::format::Format;
use crate::lanes::Lanes;
use crate::rng::Stream;

pub(super) static KIND: Kind = Kind {
    name: "palette",
    about: "colours of the palette are put in random order",
    format: Some(Format::Png),
    header: Some("PLTE"),
    params: &[Param::whole(
        "len",
        "how many neighbouring colours change places",
        256,
        2..=256,
    )],
    apply,
};

fn apply(args: &Args, lanes: &mut Lanes<'_>, stream: &mut Stream) -> bool {
    lanes.edit_palette(|colours, movable| {
        let len = movable.len().min(args.get(0) as usize);
        let start = stream.index(movable.len()).min(movable.len() - len);
        let movable = &movable[start..start + len];
        // Fisher and Yates, from the end; the draws are part of the promise.
        for last in (1..len).rev() {
            colours.swap(movable[last], movable[stream.index(last + 1)]);
        }
    })
}

#[cfg(test)]
mod tests {
    use crate::rows::tests::Filtered;

    fn store(movable: Vec<usize>) -> Filtered {
        let mut store = Filtered::new(&[(1, 1)], 0);
        store.colours = (0..16).map(|index| [index, 7, 9]).collect();
        store.movable = movable;
        store
    }

    #[test]
    fn movable_colours_change_places_and_no_others() {
        for seed in 0..50 {
            let mut store = store((4..12).collect());
            let before = store.colours.clone();
            let hits = store.apply("palette", seed);
            let first = (0..16).find(|&i| store.colours[i] != before[i]).unwrap();
            let spot = &hits[0].spot;
            assert_eq!((spot.lane, spot.at), (None, 3 * first));
            assert_eq!(spot.offset, Some(100 + 3 * first));
            assert_eq!(store.colours[..4], before[..4]);
            assert_eq!(store.colours[12..], before[12..]);
            store.colours.sort_unstable();
            assert_eq!(store.colours, before);
        }
    }

    #[test]
    fn no_more_than_len_neighbours_change_places() {
        let mut places = [0; 16];
        for seed in 0..200 {
            let mut store = store((0..16).step_by(2).collect());
            let before = store.colours.clone();
            store.apply("palette:len=2", seed);
            let moved: Vec<usize> = (0..16).filter(|&i| store.colours[i] != before[i]).collect();
            assert!(moved.len() == 2 && moved[1] - moved[0] == 2, "{moved:?}");
            places[moved[0]] += 1;
        }
        assert!(
            places[..14].iter().step_by(2).all(|&count| count > 10),
            "{places:?}"
        );
    }

    #[test]
    fn a_palette_of_one_colour_stays() {
        assert_eq!(store(vec![3]).apply("palette", 1), []);
        assert_eq!(store(Vec::new()).apply("palette", 1), []);
    }
}
