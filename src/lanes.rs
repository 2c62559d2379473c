//! The bytes a pass may edit: runs in which every value is legal at every place, and which keep
//! their length. Formats implement [`Store`]; passes see [`Lanes`] and nothing else.

use std::ops::Range;

use crate::mosaic::Mosaic;
use crate::rows::FilteredRows;

/// Where the editable bytes of a format live.
pub(crate) trait Store {
    /// Number of editable bytes in all lanes.
    fn total(&self) -> usize;
    /// The lane that holds the `index`th editable byte, counted over all lanes, and the place of
    /// that byte in it; `index` is below [`Store::total`].
    fn locate(&self, index: usize) -> (usize, usize);
    /// Length of a lane in bytes.
    fn lane_len(&self, lane: usize) -> usize;
    /// Copies the bytes of a lane from `at` on into `into`.
    fn read(&self, lane: usize, at: usize, into: &mut [u8]);
    /// Overwrites the bytes of a lane from `at` on.
    fn write(&mut self, lane: usize, at: usize, bytes: &[u8]);
    /// The picture in cells, for a format that has them (JPEG).
    fn mosaic(&mut self) -> Option<&mut dyn Mosaic> {
        None
    }
    /// Where a byte of a lane is in the picture.
    fn spot(&self, lane: usize, at: usize) -> Spot {
        Spot {
            lane: Some(lane),
            at,
            ..Spot::default()
        }
    }
    /// The lanes as filtered rows, where they are such.
    fn filtered_rows(&mut self) -> Option<&mut dyn FilteredRows> {
        None
    }
}

/// Where in a picture a byte is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Spot {
    /// The lane: a JPEG restart interval (counted over all scans), or a PNG scanline (counted
    /// over reduced images and frames), from 0. `None`: in a header, or cells that were moved.
    pub lane: Option<usize>,
    /// The byte, counted from the start of the lane, without stuffing; of a header, from its start.
    pub at: usize,
    /// The byte in the input file. `None` where it is compressed there (PNG).
    pub offset: Option<usize>,
    /// The line of the picture, from 0 at its top. Of a JPEG it is the first line of a row of MCUs,
    /// and only known where a recipe bounds the damage or moves MCUs.
    pub line: Option<u32>,
}

/// One change that a pass made.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Hit {
    /// Index of the pass in the recipe, from 0.
    pub pass: usize,
    /// The first byte changed.
    #[cfg_attr(feature = "serde", serde(flatten))]
    pub spot: Spot,
    /// Number of bytes in the run that was changed, without those between them that no pass may edit;
    /// where cells were moved or coloured, of cells.
    pub len: usize,
}

/// The editable bytes of one picture, lent to a pass.
pub(crate) struct Lanes<'a> {
    store: &'a mut dyn Store,
    hits: &'a mut Vec<Hit>,
    pass: usize,
}

/// A run of bytes inside one lane.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Run {
    pub(crate) lane: usize,
    pub(crate) bytes: Range<usize>,
}

impl<'a> Lanes<'a> {
    pub(crate) fn new(store: &'a mut dyn Store, hits: &'a mut Vec<Hit>, pass: usize) -> Self {
        Lanes { store, hits, pass }
    }

    /// Number of editable bytes.
    pub(crate) fn total(&self) -> usize {
        self.store.total()
    }

    /// The run of `len` bytes that starts at the `index`th editable byte. Where the lane ends
    /// earlier the run starts earlier; where the lane is shorter than `len` the run is the lane.
    pub(crate) fn run(&self, index: usize, len: usize) -> Run {
        let (lane, at) = self.store.locate(index);
        let room = self.store.lane_len(lane);
        let len = len.min(room);
        let start = at.min(room - len);
        Run {
            lane,
            bytes: start..start + len,
        }
    }

    /// Number of editable bytes of a lane.
    pub(crate) fn lane_len(&self, lane: usize) -> usize {
        self.store.lane_len(lane)
    }

    /// The bytes of a run.
    pub(crate) fn read(&self, run: &Run) -> Vec<u8> {
        let mut bytes = vec![0; run.bytes.len()];
        self.store.read(run.lane, run.bytes.start, &mut bytes);
        bytes
    }

    /// Lends the bytes of a run to `change`, and stores them where they differ afterwards.
    /// Returns whether they do.
    pub(crate) fn edit(&mut self, run: &Run, change: impl FnOnce(&mut [u8])) -> bool {
        let before = self.read(run);
        let mut after = before.clone();
        change(&mut after);
        let Some(first) = (0..after.len()).find(|&i| after[i] != before[i]) else {
            return false;
        };
        let end = (0..after.len())
            .rfind(|&i| after[i] != before[i])
            .map_or(first, |last| last + 1);
        let at = run.bytes.start + first;
        self.store.write(run.lane, at, &after[first..end]);
        let spot = self.store.spot(run.lane, at);
        self.hit(spot, end - first);
        true
    }

    /// The picture in cells, for a format that has them.
    pub(crate) fn mosaic(&mut self) -> Option<&mut dyn Mosaic> {
        self.store.mosaic()
    }

    /// The lanes as filtered rows, where they are such.
    pub(crate) fn filtered_rows(&mut self) -> Option<&mut dyn FilteredRows> {
        self.store.filtered_rows()
    }

    /// Notes a change of all bytes of a lane.
    pub(crate) fn hit_lane(&mut self, lane: usize) {
        let spot = self.store.spot(lane, 0);
        let len = self.store.lane_len(lane);
        self.hit(spot, len);
    }

    /// Notes a change of so many cells, from a line on.
    pub(crate) fn hit_cells(&mut self, line: u32, count: usize) {
        let spot = Spot {
            line: Some(line),
            ..Spot::default()
        };
        self.hit(spot, count);
    }

    /// Notes a change of so many bytes.
    pub(crate) fn hit(&mut self, spot: Spot, len: usize) {
        let pass = self.pass;
        self.hits.push(Hit { pass, spot, len });
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Lanes over plain vectors.
    pub(crate) struct Plain(pub(crate) Vec<Vec<u8>>);

    impl Store for Plain {
        fn total(&self) -> usize {
            self.0.iter().map(Vec::len).sum()
        }
        fn locate(&self, mut index: usize) -> (usize, usize) {
            for (lane, bytes) in self.0.iter().enumerate() {
                if index < bytes.len() {
                    return (lane, index);
                }
                index -= bytes.len();
            }
            panic!("index past the last lane")
        }
        fn lane_len(&self, lane: usize) -> usize {
            self.0[lane].len()
        }
        fn read(&self, lane: usize, at: usize, into: &mut [u8]) {
            into.copy_from_slice(&self.0[lane][at..at + into.len()]);
        }
        fn write(&mut self, lane: usize, at: usize, bytes: &[u8]) {
            self.0[lane][at..at + bytes.len()].copy_from_slice(bytes);
        }
    }

    #[test]
    fn a_run_stays_in_its_lane() {
        let mut store = Plain(vec![vec![0; 4], vec![0; 10], vec![0; 2]]);
        let mut hits = Vec::new();
        let lanes = Lanes::new(&mut store, &mut hits, 0);
        assert_eq!(
            lanes.run(0, 3),
            Run {
                lane: 0,
                bytes: 0..3
            }
        );
        assert_eq!(
            lanes.run(3, 3),
            Run {
                lane: 0,
                bytes: 1..4
            }
        );
        assert_eq!(
            lanes.run(4, 19),
            Run {
                lane: 1,
                bytes: 0..10
            }
        );
        assert_eq!(
            lanes.run(15, 1),
            Run {
                lane: 2,
                bytes: 1..2
            }
        );
    }

    #[test]
    fn an_edit_records_just_what_changed() {
        let mut store = Plain(vec![vec![1, 2, 3, 4, 5]]);
        let mut hits = Vec::new();
        let mut lanes = Lanes::new(&mut store, &mut hits, 3);
        let run = lanes.run(0, 5);
        assert!(!lanes.edit(&run, |bytes| bytes.sort_unstable()));
        assert!(lanes.edit(&run, |bytes| bytes[1..4].reverse()));
        assert_eq!(
            hits,
            [Hit {
                pass: 3,
                spot: Spot {
                    lane: Some(0),
                    at: 1,
                    ..Spot::default()
                },
                len: 3
            }]
        );
        assert_eq!(store.0[0], [1, 4, 3, 2, 5]);
    }
}
