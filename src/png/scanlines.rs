//! The filtered scanlines of all frames, and what the changed ones were.

use std::collections::BTreeMap;

use super::filter::FilterType;
use super::geometry::{Geometry, ReducedImage};
use super::source::Source;

/// What a row was before it was first changed.
struct Before {
    filter_type: FilterType,
    bytes: Box<[u8]>,
    /// Whether a pass hit the row; if not it was filtered anew only.
    hit: bool,
}

/// The filtered bytes, and of the changed rows what they were.
pub(super) struct Scanlines {
    pub(super) geometry: Geometry,
    filtered: Vec<u8>,
    /// What a lane was before it was first written to. A copy of each changed row costs
    /// next to nothing for the few rows a recipe hits, where a copy of everything would cost as
    /// much memory again; and it never grows past that, where a log of writes would.
    before: BTreeMap<usize, Before>,
    pub(super) source: Source,
}

impl Scanlines {
    /// `filtered` is as long as the geometry says, and every filter type in it legal.
    pub(super) fn new(geometry: Geometry, filtered: Vec<u8>) -> Self {
        assert_eq!(filtered.len(), geometry.filtered_len());
        Scanlines {
            geometry,
            filtered,
            before: BTreeMap::new(),
            source: Source::default(),
        }
    }

    pub(super) fn allocate_source(&mut self) {
        let len = self.filtered.len();
        self.source.allocate(self.geometry.images(), len);
    }

    /// The unfiltered rows of the input, and the filter type and bytes that a row had there.
    pub(super) fn source_and_input(
        &mut self,
        image: &ReducedImage,
        row: usize,
    ) -> (&mut Source, (FilterType, &[u8])) {
        let input = match self.before.get(&(image.first_lane + row)) {
            Some(before) => (before.filter_type, &before.bytes[..]),
            None => {
                let byte = self.filtered[image.row_start(row)];
                let kind = FilterType::from_byte(byte).unwrap_or(FilterType::None);
                (kind, &self.filtered[image.row_range(row)])
            }
        };
        (&mut self.source, input)
    }

    /// The unfiltered rows of the input, and a row to write to without a trace.
    pub(super) fn source_and_row(
        &mut self,
        image: &ReducedImage,
        row: usize,
    ) -> (&Source, &mut [u8]) {
        (&self.source, &mut self.filtered[image.row_range(row)])
    }

    /// The filtered bytes of a frame.
    pub(super) fn frame(&self, index: usize) -> &[u8] {
        let frame = self.geometry.frames().get(index);
        frame.map_or(&[], |frame| &self.filtered[frame.clone()])
    }

    pub(super) fn lane(&self, lane: usize) -> &[u8] {
        &self.filtered[self.geometry.lane_range(lane)]
    }

    /// A lane to write to; what it holds now is kept if it is the first time.
    pub(super) fn lane_mut(&mut self, lane: usize) -> &mut [u8] {
        self.keep(lane).hit = true;
        &mut self.filtered[self.geometry.lane_range(lane)]
    }

    /// What a lane was before it was first changed: what it is now, if it never was.
    fn keep(&mut self, lane: usize) -> &mut Before {
        let range = self.geometry.lane_range(lane);
        let (row, kind) = (
            &self.filtered[range.clone()],
            self.filtered[range.start - 1],
        );
        self.before.entry(lane).or_insert_with(|| Before {
            filter_type: FilterType::from_byte(kind).unwrap_or(FilterType::None),
            bytes: row.into(),
            hit: false,
        })
    }

    /// Remembers what a row is, which will be filtered anew: it is no hit.
    pub(super) fn keep_row(&mut self, image: &ReducedImage, row: usize) {
        self.keep(image.first_lane + row);
    }

    #[cfg(test)]
    pub(super) fn write(&mut self, lane: usize, at: usize, bytes: &[u8]) {
        self.lane_mut(lane)[at..at + bytes.len()].copy_from_slice(bytes);
    }

    /// The first changed row of a reduced image, from a row on.
    pub(super) fn next_changed(&self, image: &ReducedImage, row: usize) -> Option<usize> {
        let lanes = image.first_lane + row..image.first_lane + image.rows();
        let (lane, _) = self.before.range(lanes).next()?;
        Some(lane - image.first_lane)
    }

    /// The filter type and bytes of a row before it was changed, where it was.
    pub(super) fn row_before(
        &self,
        image: &ReducedImage,
        row: usize,
    ) -> Option<(FilterType, &[u8])> {
        let before = self.before.get(&(image.first_lane + row))?;
        Some((before.filter_type, &before.bytes))
    }

    /// Whether a pass hit a row.
    pub(super) fn is_hit(&self, image: &ReducedImage, row: usize) -> bool {
        let before = self.before.get(&(image.first_lane + row));
        before.is_some_and(|before| before.hit)
    }

    pub(super) fn row(&self, image: &ReducedImage, row: usize) -> &[u8] {
        &self.filtered[image.row_range(row)]
    }

    /// As [`Scanlines::row`], to change without a trace: what it holds then counts as the input.
    pub(super) fn row_mut(&mut self, image: &ReducedImage, row: usize) -> &mut [u8] {
        &mut self.filtered[image.row_range(row)]
    }

    pub(super) fn filter_type(&self, image: &ReducedImage, row: usize) -> FilterType {
        let byte = self.filtered[image.row_start(row)];
        FilterType::from_byte(byte).unwrap_or(FilterType::None)
    }

    pub(super) fn set_filter_type(&mut self, image: &ReducedImage, row: usize, kind: FilterType) {
        self.filtered[image.row_start(row)] = kind as u8;
    }

    /// How many rows are unfiltered without the row above: a hit spreads from one of them to the
    /// next at most.
    pub(super) fn chains(&self) -> u64 {
        let images = self.geometry.images().iter();
        let chains = images.map(|image| {
            let alone = |row: &usize| *row == 0 || !self.filter_type(image, *row).needs_above();
            (0..image.rows()).filter(alone).count() as u64
        });
        chains.sum()
    }

    /// The last row, from `least` to `row`, that is unfiltered without the row above, and was so
    /// before it was changed.
    pub(super) fn chain_start(&self, image: &ReducedImage, row: usize, least: usize) -> usize {
        let alone = |row: &usize| {
            let before = self.row_before(image, *row);
            !self.filter_type(image, *row).needs_above()
                && before.is_none_or(|(kind, _)| !kind.needs_above())
        };
        (least..=row).rev().find(alone).unwrap_or(least)
    }
}

/// The first place in filtered bytes where a filter type is out of range, counted from the start
/// of the frame.
pub(super) fn bad_filter_type(geometry: &Geometry, filtered: &[u8]) -> Option<(usize, usize)> {
    geometry.images().iter().find_map(|image| {
        let rows = filtered.get(image.start..image.end())?;
        let rows = rows.chunks_exact(image.row_len + 1);
        let row = rows.map(|row| row[0]).position(|kind| kind > 4)?;
        let place = image.row_start(row);
        let frame = geometry
            .frames()
            .partition_point(|frame| frame.end <= place);
        Some((frame, row))
    })
}

#[cfg(test)]
mod tests {
    use super::super::header::{ColourType, Header};
    use super::*;

    #[test]
    fn the_first_write_keeps_what_was_there() {
        let mut geometry = Geometry::new(Header {
            width: 1,
            height: 1,
            bit_depth: 8,
            colour_type: ColourType::Greyscale,
            interlaced: false,
        });
        geometry.add_frame(4, 3);
        let image = geometry.images()[0];
        let mut scanlines = Scanlines::new(geometry, (0..15).collect());
        assert_eq!(scanlines.next_changed(&image, 0), None);
        scanlines.write(1, 1, &[90]);
        scanlines.write(1, 0, &[91, 92]);
        assert_eq!(scanlines.row(&image, 1), [91, 92, 8, 9]);
        let before = (FilterType::None, &[6, 7, 8, 9][..]);
        assert_eq!(scanlines.row_before(&image, 1), Some(before));
        assert_eq!(scanlines.next_changed(&image, 0), Some(1));
        assert_eq!(scanlines.next_changed(&image, 2), None);
        assert_eq!(scanlines.lane(2), [11, 12, 13, 14]);
    }
}
