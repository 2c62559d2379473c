//! Lanes that are filtered rows with a filter type each (PNG clause 9), and the palette: what the
//! passes for such pictures see beside bytes.

use std::ops::Range;

use crate::lanes::{Lanes, Spot};

/// The lanes of a format as filtered rows: a lane is a row.
pub(crate) trait FilteredRows {
    /// The rows around one that has editable bytes which lie in the same reduced image, and of which
    /// the same bytes may be edited.
    fn stretch(&self, row: usize) -> Range<usize>;

    /// The filter type of a row, 0 to 4 (PNG table 9.1).
    fn filter_type(&self, row: usize) -> u8;

    /// Declares other filter types for some rows of one stretch, which are told from top to bottom.
    /// Their editable bytes stay, and so mean something else; the others are filtered anew, and
    /// show what they did. False if it was called off.
    fn graft(&mut self, types: &[(usize, u8)]) -> bool;

    /// Filters some rows of one stretch anew by one filter type: all of them show what they did.
    /// False if it was called off.
    fn refilter(&mut self, rows: Range<usize>, filter_type: u8) -> bool;

    /// The palette, where pixels are indices into one. `None` also if it was called off.
    fn palette(&mut self) -> Option<Palette<'_>>;
}

/// The colours that the pixels of a picture are indices into.
pub(crate) struct Palette<'a> {
    /// Red, green and blue.
    pub(crate) colours: &'a mut [[u8; 3]],
    /// Those that may change places, as indices, the smallest first.
    pub(crate) movable: &'a [usize],
    /// The place of the first colour in the file.
    pub(crate) offset: usize,
}

impl Lanes<'_> {
    /// So many rows of a stretch, the first of them the row of the `index`th editable byte. Where
    /// the stretch ends too early they start earlier; one that is shorter is taken as a whole. `None`
    /// where lanes are no rows.
    pub(crate) fn band(&mut self, index: usize, rows: usize) -> Option<Range<usize>> {
        let row = self.run(index, 1).lane;
        let stretch = self.filtered_rows()?.stretch(row);
        let len = rows.min(stretch.len());
        let start = row.min(stretch.end - len);
        Some(start..start + len)
    }

    /// The filter type of a row, 0 to 4 (PNG table 9.1).
    pub(crate) fn filter_type(&mut self, row: usize) -> u8 {
        let rows = self.filtered_rows();
        rows.map_or(0, |rows| rows.filter_type(row))
    }

    /// Declares other filter types for rows of one stretch, told from top to bottom, and notes
    /// each that had another before. Returns whether any had.
    pub(crate) fn graft(&mut self, types: &[(usize, u8)]) -> bool {
        let Some(rows) = self.filtered_rows() else {
            return false;
        };
        let differs = |&(row, kind): &(usize, u8)| rows.filter_type(row) != kind;
        let types: Vec<_> = types.iter().copied().filter(differs).collect();
        if types.is_empty() || !rows.graft(&types) {
            return false;
        }
        for (row, _) in types {
            self.hit_lane(row);
        }
        true
    }

    /// Filters rows of one stretch anew, and notes each that had another filter type. Returns
    /// whether any had.
    pub(crate) fn refilter(&mut self, band: Range<usize>, filter_type: u8) -> bool {
        let Some(rows) = self.filtered_rows() else {
            return false;
        };
        let differs = |row: &usize| rows.filter_type(*row) != filter_type;
        let changed: Vec<usize> = band.clone().filter(differs).collect();
        if changed.is_empty() || !rows.refilter(band, filter_type) {
            return false;
        }
        for row in changed {
            self.hit_lane(row);
        }
        true
    }

    /// Lends the palette and the indices of its movable colours to `change`. Returns whether it
    /// differs afterwards.
    pub(crate) fn edit_palette(&mut self, change: impl FnOnce(&mut [[u8; 3]], &[usize])) -> bool {
        let Some(palette) = self.filtered_rows().and_then(|rows| rows.palette()) else {
            return false;
        };
        let before = palette.colours.to_vec();
        change(palette.colours, palette.movable);
        let differs = |index: &usize| palette.colours[*index] != before[*index];
        let Some(first) = (0..before.len()).find(differs) else {
            return false;
        };
        let end = (0..before.len())
            .rfind(differs)
            .map_or(first, |last| last + 1);
        let spot = Spot {
            lane: None,
            at: 3 * first,
            offset: Some(palette.offset + 3 * first),
            line: None,
        };
        self.hit(spot, 3 * (end - first));
        true
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::cancel::Cancel;
    use crate::lanes::{Hit, Store, tests::Plain};
    use crate::passes::Pass;
    use crate::rng::Stream;

    /// Rows over plain vectors; those of a stretch are of one length.
    pub(crate) struct Filtered {
        pub(crate) rows: Plain,
        pub(crate) types: Vec<u8>,
        pub(crate) stretches: Vec<Range<usize>>,
        pub(crate) colours: Vec<[u8; 3]>,
        pub(crate) movable: Vec<usize>,
    }

    impl Filtered {
        /// Stretches of so many rows of as many bytes, all different, every row of one type.
        pub(crate) fn new(stretches: &[(usize, usize)], filter_type: u8) -> Self {
            let lens = stretches.iter().flat_map(|&(rows, len)| vec![len; rows]);
            let mut next = 0;
            let rows: Vec<Vec<u8>> = lens
                .map(|len| {
                    next += len;
                    (next - len..next).map(|byte| byte as u8).collect()
                })
                .collect();
            let mut start = 0;
            let stretches = stretches.iter().map(|&(rows, _)| {
                start += rows;
                start - rows..start
            });
            Filtered {
                types: vec![filter_type; rows.len()],
                stretches: stretches.collect(),
                rows: Plain(rows),
                colours: Vec::new(),
                movable: Vec::new(),
            }
        }

        /// Applies a pass and tells its hits.
        pub(crate) fn apply(&mut self, pass: &str, seed: u64) -> Vec<Hit> {
            let mut hits = Vec::new();
            let pass: Pass = pass.parse().unwrap();
            let mut lanes = Lanes::new(self, &mut hits, 0);
            let mut stream = Stream::new(seed, 0, 0);
            pass.apply(pass.times(), (&mut lanes, &mut stream), &Cancel::default())
                .unwrap();
            hits
        }
    }

    impl Store for Filtered {
        fn total(&self) -> usize {
            self.rows.total()
        }
        fn locate(&self, index: usize) -> (usize, usize) {
            self.rows.locate(index)
        }
        fn lane_len(&self, lane: usize) -> usize {
            self.rows.lane_len(lane)
        }
        fn read(&self, lane: usize, at: usize, into: &mut [u8]) {
            self.rows.read(lane, at, into);
        }
        fn write(&mut self, lane: usize, at: usize, bytes: &[u8]) {
            self.rows.write(lane, at, bytes);
        }
        fn filtered_rows(&mut self) -> Option<&mut dyn FilteredRows> {
            Some(self)
        }
    }

    impl FilteredRows for Filtered {
        fn stretch(&self, row: usize) -> Range<usize> {
            let mut stretches = self.stretches.iter();
            stretches.find(|rows| rows.contains(&row)).unwrap().clone()
        }
        fn filter_type(&self, row: usize) -> u8 {
            self.types[row]
        }
        fn graft(&mut self, types: &[(usize, u8)]) -> bool {
            types.iter().for_each(|&(row, kind)| self.types[row] = kind);
            true
        }
        fn refilter(&mut self, rows: Range<usize>, filter_type: u8) -> bool {
            self.types[rows].fill(filter_type);
            true
        }
        fn palette(&mut self) -> Option<Palette<'_>> {
            Some(Palette {
                colours: &mut self.colours,
                movable: &self.movable,
                offset: 100,
            })
        }
    }

    #[test]
    fn a_band_stays_in_its_stretch() {
        let mut store = Filtered::new(&[(5, 10), (3, 4)], 0);
        let mut hits = Vec::new();
        let mut lanes = Lanes::new(&mut store, &mut hits, 0);
        assert_eq!(lanes.band(0, 2), Some(0..2));
        assert_eq!(lanes.band(49, 2), Some(3..5));
        assert_eq!(lanes.band(50, 2), Some(5..7));
        assert_eq!(lanes.band(61, 30), Some(5..8));
        let mut plain = Plain(vec![vec![0; 9]]);
        assert_eq!(Lanes::new(&mut plain, &mut hits, 0).band(0, 2), None);
    }
}
