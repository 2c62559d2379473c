//! Two pictures, row by row: the input and what became of it.

use std::ops::Range;

use super::filter::{FilterType, Like, Rows, filter, unfilter, unfilter_like};
use super::geometry::ReducedImage;
use super::scanlines::Scanlines;
use crate::cancel::Cancel;
use crate::error::Error;

/// A row of the glitched picture and the row above, unfiltered; those of the input are with the
/// scanlines.
pub(super) struct Pair {
    above_after: Vec<u8>,
    pub(super) after: Vec<u8>,
    /// Whether the row above is the input's.
    is_same: bool,
}

impl Pair {
    /// Nothing is above the first row.
    pub(super) fn new(image: &ReducedImage) -> Self {
        let zero = vec![0; image.row_len];
        Pair {
            above_after: zero.clone(),
            after: zero,
            is_same: true,
        }
    }

    /// Whether the row above is the input's.
    pub(super) fn is_same(&self) -> bool {
        self.is_same
    }

    /// Goes to the end of rows that are the same in both.
    pub(super) fn go_to(
        &mut self,
        scanlines: &mut Scanlines,
        image: &ReducedImage,
        rows: Range<usize>,
        cancel: &Cancel,
    ) -> Result<(), Error> {
        // The row above counts only where one of the two needs it.
        let needed = scanlines.filter_type(image, rows.end).needs_above()
            || scanlines.row_of_input(image, rows.end).0.needs_above();
        if needed && rows.end > 0 {
            scanlines.know(image, rows.end - 1, cancel)?;
            let above = scanlines.source.above(image, rows.end);
            self.above_after.copy_from_slice(above);
        }
        self.is_same = true;
        Ok(())
    }

    /// Unfilters a row below those that the pair holds.
    pub(super) fn unfilter(
        &mut self,
        scanlines: &mut Scanlines,
        image: &ReducedImage,
        row: usize,
        cancel: &Cancel,
    ) -> Result<(), Error> {
        let kind = scanlines.filter_type(image, row);
        if kind.needs_above() && row > 0 {
            scanlines.know(image, row - 1, cancel)?;
        }
        scanlines.know(image, row, cancel)?;
        let unit = scanlines.geometry.header.filter_unit();
        let source = scanlines.source.row(image, row);
        let before = scanlines.row_before(image, row);
        if before.is_none() && (self.is_same || !kind.needs_above()) {
            self.after.copy_from_slice(source);
            return Ok(());
        }
        let rows = (&self.above_after[..], scanlines.row(image, row));
        let after = &mut self.after[..];
        match before {
            Some((kind_before, _)) if kind_before != kind => unfilter(kind, unit, rows, after),
            _ => {
                let like = Like {
                    above: scanlines.source.above(image, row),
                    row: source,
                    filtered: before.map(|(_, filtered)| filtered),
                };
                unfilter_like((kind, unit), &like, rows, after);
            }
        }
        Ok(())
    }

    /// Whether the row, too, is the input's.
    pub(super) fn is_all_same(
        &self,
        scanlines: &Scanlines,
        image: &ReducedImage,
        row: usize,
    ) -> bool {
        self.is_same && self.after == scanlines.source.row(image, row)
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
    pub(super) fn advance(&mut self, scanlines: &Scanlines, image: &ReducedImage, row: usize) {
        std::mem::swap(&mut self.above_after, &mut self.after);
        self.is_same = self.above_after == scanlines.source.row(image, row);
    }
}
