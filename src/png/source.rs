//! The rows of the input, unfiltered. What was unfiltered once is kept until the file is written:
//! to mend the input, to see how much changed, and to write the rows that did not.

use super::filter::{FilterType, Rows, unfilter};
use super::geometry::ReducedImage;
use super::scanlines::Scanlines;
use crate::cancel::Cancel;
use crate::error::Error;

/// Memory is taken when a row is first unfiltered.
#[derive(Default)]
pub(super) struct Source {
    /// Rows where the filtered ones lie, for those that are known.
    bytes: Vec<u8>,
    /// Lane by lane.
    known: Vec<bool>,
    /// What is above a first row.
    zero: Vec<u8>,
}

impl Source {
    fn knows(&self, image: &ReducedImage, row: usize) -> bool {
        self.known[image.lanes().start + row]
    }

    /// An unfiltered row, which is known.
    pub(super) fn row(&self, image: &ReducedImage, row: usize) -> &[u8] {
        &self.bytes[image.row_range(row)]
    }

    /// The unfiltered row above one, which is known.
    pub(super) fn above(&self, image: &ReducedImage, row: usize) -> &[u8] {
        match row.checked_sub(1) {
            Some(above) => self.row(image, above),
            None => &self.zero[..image.row_len],
        }
    }

    /// What a row is filtered from, which is known.
    pub(super) fn rows(&self, image: &ReducedImage, row: usize) -> Rows<'_> {
        Rows {
            above: self.above(image, row),
            row: self.row(image, row),
        }
    }

    /// A row to be worked out, and the one above it.
    pub(super) fn row_mut(&mut self, image: &ReducedImage, row: usize) -> (&[u8], &mut [u8]) {
        self.known[image.lanes().start + row] = true;
        let range = image.row_range(row);
        let (before, rest) = self.bytes.split_at_mut(range.start);
        let above = match row.checked_sub(1) {
            Some(above) => &before[image.row_range(above)],
            None => &self.zero[..image.row_len],
        };
        (above, &mut rest[..range.len()])
    }

    pub(super) fn allocate(&mut self, images: &[ReducedImage], len: usize) {
        if self.bytes.is_empty() {
            self.bytes = vec![0; len];
            self.known = vec![false; images.last().map_or(0, |image| image.lanes().end)];
            let longest = images.iter().map(|image| image.row_len).max();
            self.zero = vec![0; longest.unwrap_or(0)];
        }
    }
}

impl Scanlines {
    /// Gives the memory of unfiltered rows back.
    pub(super) fn forget_source(&mut self) {
        self.source = Source::default();
    }

    /// Unfilters a row of the input where that was not done yet, and those above that it needs.
    pub(super) fn know(
        &mut self,
        image: &ReducedImage,
        row: usize,
        cancel: &Cancel,
    ) -> Result<(), Error> {
        self.allocate_source();
        let mut start = row;
        while !self.source.knows(image, start) && self.row_of_input(image, start).0.needs_above() {
            let Some(above) = start.checked_sub(1) else {
                break;
            };
            start = above;
        }
        let unit = self.geometry.header.filter_unit();
        for row in start..=row {
            if self.source.knows(image, row) {
                continue;
            }
            cancel.check()?;
            let (source, (kind, filtered)) = self.source_and_input(image, row);
            let (above, row) = source.row_mut(image, row);
            unfilter(kind, unit, (above, filtered), row);
        }
        Ok(())
    }

    /// The filter type and bytes that a row had in the input.
    pub(super) fn row_of_input(&self, image: &ReducedImage, row: usize) -> (FilterType, &[u8]) {
        let before = self.row_before(image, row);
        before.unwrap_or_else(|| (self.filter_type(image, row), self.row(image, row)))
    }
}
