//! Two pictures, row by row: the input and what became of it.

use std::ops::Range;

use super::filter::{FilterType, Rows, Unfiltered, filter, unfilter, unfilter_both};
use super::scanlines::{ReducedImage, Scanlines};
use crate::cancel::Cancel;
use crate::error::Error;

/// A row and the row above, unfiltered, of the input (`before`) and of the glitched picture.
pub(super) struct Pair {
    above_before: Vec<u8>,
    above_after: Vec<u8>,
    pub(super) before: Vec<u8>,
    pub(super) after: Vec<u8>,
}

impl Pair {
    /// Nothing is above the first row.
    pub(super) fn new(image: &ReducedImage) -> Self {
        let zero = vec![0; image.row_len];
        Pair {
            above_before: zero.clone(),
            above_after: zero.clone(),
            before: zero.clone(),
            after: zero,
        }
    }

    /// Whether the row above is the input's.
    pub(super) fn is_same(&self) -> bool {
        self.above_before == self.above_after
    }

    /// Goes to the end of rows that are the same in both, of which the one above the first is
    /// known. Starts as late as the filter types allow.
    pub(super) fn go_to(
        &mut self,
        scanlines: &Scanlines,
        image: &ReducedImage,
        rows: Range<usize>,
        cancel: &Cancel,
    ) -> Result<(), Error> {
        let unit = scanlines.geometry.header.filter_unit();
        let start = scanlines.chain_start(image, rows.end, rows.start);
        for row in start..rows.end {
            cancel.check()?;
            self.before.copy_from_slice(scanlines.row(image, row));
            let kind = scanlines.filter_type(image, row);
            unfilter(kind, unit, &self.above_before, &mut self.before);
            std::mem::swap(&mut self.above_before, &mut self.before);
        }
        self.above_after.copy_from_slice(&self.above_before);
        Ok(())
    }

    /// Unfilters a row below those that the pair holds.
    pub(super) fn unfilter(&mut self, scanlines: &Scanlines, image: &ReducedImage, row: usize) {
        let unit = scanlines.geometry.header.filter_unit();
        let kind = scanlines.filter_type(image, row);
        let now = scanlines.row(image, row);
        let (kind_before, before) = scanlines.row_before(image, row).unwrap_or((kind, now));
        self.before.copy_from_slice(before);
        self.after.copy_from_slice(now);
        let (before, after) = (&mut self.before[..], &mut self.after[..]);
        if kind_before == kind {
            let mut before = Unfiltered {
                above: &self.above_before,
                row: before,
            };
            let mut after = Unfiltered {
                above: &self.above_after,
                row: after,
            };
            unfilter_both((kind, unit), &mut before, &mut after);
        } else {
            unfilter(kind_before, unit, &self.above_before, before);
            unfilter(kind, unit, &self.above_after, after);
        }
    }

    /// Whether the row, too, is the input's.
    pub(super) fn is_all_same(&self) -> bool {
        self.is_same() && self.before == self.after
    }

    /// Filters what the row is now, and stores it.
    pub(super) fn refilter(&self, kind: FilterType, unit: usize, into: &mut [u8]) {
        let rows = Rows {
            above: &self.above_after,
            row: &self.after,
        };
        filter(kind, unit, rows, into);
    }

    /// Makes the row the one above.
    pub(super) fn advance(&mut self) {
        std::mem::swap(&mut self.above_before, &mut self.before);
        std::mem::swap(&mut self.above_after, &mut self.after);
    }
}
