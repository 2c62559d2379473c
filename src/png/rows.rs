//! The scanlines as filtered rows, for the passes that change filter types or the palette.

use std::ops::Range;

use super::file::File;
use super::filter::FilterType;
use super::geometry::ReducedImage;
use super::pair::Pair;
use super::scanlines::Scanlines;
use crate::lanes::Store;
use crate::rows::{FilteredRows, Palette};

impl File<'_> {
    /// The reduced image of some lanes, and which of its rows they are.
    fn rows_of(&self, lanes: &Range<usize>) -> (ReducedImage, Range<usize>) {
        let image = *self.scanlines.geometry.image_of(lanes.start);
        let first = image.lanes().start;
        (image, lanes.start - first..lanes.end - first)
    }

    /// A row to which a pass gave a filter type is written with it.
    fn write_with(&mut self, lane: usize, kind: FilterType) {
        if let Some(types) = &mut self.written_types {
            types.set(lane, kind);
        }
    }

    /// Filters the rows anew, by their new types; then gives the bytes that may be edited
    /// back their old values.
    fn graft_in_parts(&mut self, types: &[(usize, FilterType)]) -> bool {
        let (Some(first), Some(last)) = (types.first(), types.last()) else {
            return true;
        };
        let (image, rows) = self.rows_of(&(first.0..last.0 + 1));
        let (lane_len, unit) = (self.lane_len(first.0), self.unit());
        let mut types = types.iter().peekable();
        let mut filtered = vec![0; image.row_len];
        let (editable, walk) = (&self.editable, self.rules.walk(&self.cancel));
        let graft = |scanlines: &mut Scanlines, row: usize, pair: &Pair| {
            let lane = image.lanes().start + row;
            let Some((_, kind)) = types.next_if(|(next, _)| *next == lane) else {
                return;
            };
            pair.refilter(*kind, unit, &mut filtered);
            for piece in editable.pieces(&scanlines.geometry, lane, 0..lane_len) {
                filtered[piece.clone()].copy_from_slice(&scanlines.lane(lane)[piece]);
            }
            scanlines.lane_mut(lane).copy_from_slice(&filtered);
            scanlines.set_filter_type(&image, row, *kind);
        };
        walk.see(&mut self.scanlines, (&image, rows), graft).is_ok()
    }

    fn unit(&self) -> usize {
        self.scanlines.geometry.header.filter_unit()
    }
}

impl FilteredRows for File<'_> {
    fn stretch(&self, row: usize) -> Range<usize> {
        self.editable.stretch(&self.scanlines.geometry, row)
    }

    fn filter_type(&self, row: usize) -> u8 {
        let (image, rows) = self.rows_of(&(row..row + 1));
        self.scanlines.filter_type(&image, rows.start) as u8
    }

    fn graft(&mut self, types: &[(usize, u8)]) -> bool {
        let kind = |&(row, kind)| Some((row, FilterType::from_byte(kind)?));
        let types: Vec<(usize, FilterType)> = types.iter().filter_map(kind).collect();
        for &(row, kind) in &types {
            self.write_with(row, kind);
        }
        let whole = |&(row, _): &(usize, _)| self.lane_len(row) == self.scanlines.lane(row).len();
        if !types.iter().all(whole) {
            return self.graft_in_parts(&types);
        }
        for (lane, kind) in types {
            let (image, rows) = self.rows_of(&(lane..lane + 1));
            self.scanlines.lane_mut(lane);
            self.scanlines.set_filter_type(&image, rows.start, kind);
        }
        true
    }

    fn refilter(&mut self, rows: Range<usize>, filter_type: u8) -> bool {
        let Some(kind) = FilterType::from_byte(filter_type) else {
            return false;
        };
        for row in rows.clone() {
            self.write_with(row, kind);
        }
        let (image, rows) = self.rows_of(&rows);
        let unit = self.unit();
        let refilter = |scanlines: &mut Scanlines, row: usize, pair: &Pair| {
            // Where nothing was changed so far this is nothing to be undone, either.
            if !pair.is_all_same(scanlines, &image, row) {
                scanlines.keep_row(&image, row);
            }
            pair.refilter(kind, unit, scanlines.row_mut(&image, row));
            scanlines.set_filter_type(&image, row, kind);
        };
        let walk = self.rules.walk(&self.cancel);
        walk.see(&mut self.scanlines, (&image, rows), refilter)
            .is_ok()
    }

    fn palette(&mut self) -> Option<Palette<'_>> {
        let colours = self.colours.as_mut()?;
        colours.lend(&self.scanlines, &self.cancel).ok()
    }
}
