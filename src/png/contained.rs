//! How damage is held in bounds: how far hits reach, which pixels are spared, what stays as
//! transparent as it was.
//!
//! The scanlines hold what the passes left until the file is written; until then the bounds are
//! heeded in the rows at hand only.

use std::ops::Range;

use super::effect::Eye;
use super::geometry::{Geometry, ReducedImage};
use super::pair::Pair;
use super::picture::Picture;
use super::repair::Legal;
use super::scanlines::Scanlines;
use super::transparency::Transparency;
use crate::cancel::Cancel;
use crate::control::{Alpha, Area, Control, PNG_ROW, Reach};
use crate::document::Share;
use crate::error::Error;

/// The bounds of damage in a picture.
pub(super) struct Contained {
    reach: Reach,
    protect: Option<Area>,
    transparency: Option<Transparency>,
}

impl Contained {
    pub(super) fn new(picture: &Picture<'_>, control: &Control) -> Self {
        let size = (picture.header.width, picture.header.height);
        let kept = control.alpha == Alpha::Keep;
        Contained {
            reach: control.reach,
            protect: control.protect(size),
            transparency: kept.then(|| Transparency::new(picture)).flatten(),
        }
    }

    /// Whether there are no bounds.
    pub(super) fn is_free(&self) -> bool {
        self.reach == Reach::All && self.protect.is_none() && self.transparency.is_none()
    }
}

/// The bounds in a reduced image.
struct Bounds<'c> {
    contained: &'c Contained,
    first_line: u64,
    step: u64,
    /// Rows of [`PNG_ROW`] lines that a hit reaches; `None`: to the end.
    reach: Option<u32>,
    spared_rows: Range<usize>,
    spared_bits: Range<usize>,
    /// The first row that no hit so far reaches.
    end: usize,
}

impl<'c> Bounds<'c> {
    fn new(contained: &'c Contained, geometry: &Geometry, image: &ReducedImage) -> Self {
        let (reduced, height) = geometry.lines(image);
        let (mut spared_rows, mut spared_bits) = (0..0, 0..0);
        if let Some(protect) = &contained.protect {
            let part = geometry.part(image, protect);
            let bits = geometry.header.bits_per_pixel();
            spared_bits = part.columns.start * bits..part.columns.end * bits;
            spared_rows = part.rows;
        }
        Bounds {
            contained,
            first_line: u64::from(reduced.y),
            step: u64::from(reduced.dy),
            reach: contained.reach.rows(height.div_ceil(PNG_ROW)),
            spared_rows,
            spared_bits,
            end: 0,
        }
    }

    /// Lets a hit in a row reach as far as it may. Rows are told from top to bottom.
    fn hit(&mut self, row: usize) {
        let Some(reach) = self.reach else {
            self.end = usize::MAX;
            return;
        };
        let group_len = u64::from(PNG_ROW);
        let line = self.first_line + row as u64 * self.step;
        let end_line = (line / group_len + u64::from(reach)) * group_len;
        let end = (end_line - self.first_line).div_ceil(self.step);
        self.end = self.end.max(usize::try_from(end).unwrap_or(usize::MAX));
    }

    /// Brings an unfiltered row back within the bounds. Tells whether it was not.
    fn keep(&self, row: usize, before: &[u8], after: &mut [u8]) -> bool {
        if before == after {
            return false;
        }
        if row >= self.end {
            after.copy_from_slice(before);
            return true;
        }
        let mut restored = false;
        if self.spared_rows.contains(&row) {
            restored |= restore(before, after, &self.spared_bits);
        }
        if let Some(transparency) = &self.contained.transparency {
            restored |= transparency.keep(before, after);
        }
        restored
    }
}

/// Gives bits of a row back their values. Tells whether any had another.
fn restore(before: &[u8], after: &mut [u8], bits: &Range<usize>) -> bool {
    let mut restored = false;
    let bytes = bits.start / 8..bits.end.div_ceil(8);
    for (at, (before, after)) in before
        .iter()
        .zip(after)
        .enumerate()
        .take(bytes.end)
        .skip(bytes.start)
    {
        let mut mask = 0xFF;
        if at == bits.start / 8 {
            mask &= 0xFF >> (bits.start % 8);
        }
        if at == bits.end / 8 {
            mask &= !(0xFF >> (bits.end % 8));
        }
        restored |= (*before ^ *after) & mask != 0;
        *after = *after & !mask | before & mask;
    }
    restored
}

/// What a walk over the rows is for.
enum Task {
    /// To see how much looks different, and no more than needed for that.
    Measure(Share),
    /// To write every row as it is within the bounds. What the passes left is gone then.
    Write,
}

impl Task {
    fn is_done(&self) -> bool {
        matches!(self, Task::Measure(share) if share.shows())
    }
}

/// What the walks over the rows heed.
pub(super) struct Walk<'a> {
    pub(super) contained: &'a Contained,
    pub(super) legal: &'a Legal,
    pub(super) eye: &'a Eye,
    pub(super) cancel: &'a Cancel,
}

impl Walk<'_> {
    /// Counts the pixels that look different, until the glitch shows.
    pub(super) fn measure(&self, scanlines: &mut Scanlines) -> Result<Share, Error> {
        let mut task = Task::Measure(Share {
            changed: 0,
            of: scanlines.geometry.pixels(),
        });
        self.images(scanlines, &mut task)?;
        match task {
            Task::Measure(share) => Ok(share),
            Task::Write => Ok(Share::default()),
        }
    }

    /// Makes every row legal and brings it within the bounds.
    pub(super) fn write(&self, scanlines: &mut Scanlines) -> Result<(), Error> {
        self.images(scanlines, &mut Task::Write)
    }

    /// Unfilters rows of a reduced image as they are at present, legal and within the bounds, from
    /// top to bottom, and lends each to `see` with the row above it: it may change the row.
    pub(super) fn see(
        &self,
        scanlines: &mut Scanlines,
        (image, rows): (&ReducedImage, Range<usize>),
        mut see: impl FnMut(&mut Scanlines, usize, &Pair),
    ) -> Result<(), Error> {
        let mut bounds = Bounds::new(self.contained, &scanlines.geometry, image);
        let mut pair = Pair::new(image);
        // The row above the first is seen, too. No damage comes from above the start of a chain, and
        // no hit there reaches farther than one below.
        let start = scanlines.chain_start(image, rows.start.saturating_sub(1), 0);
        for row in start..rows.end {
            self.cancel.check()?;
            if scanlines.is_hit(image, row) {
                bounds.hit(row);
            }
            pair.unfilter(scanlines, image, row, self.cancel)?;
            self.legal.mend(image, &mut pair.after);
            bounds.keep(row, scanlines.source.row(image, row), &mut pair.after);
            if row >= rows.start {
                see(scanlines, row, &pair);
            }
            pair.advance(scanlines, image, row);
        }
        Ok(())
    }

    fn images(&self, scanlines: &mut Scanlines, task: &mut Task) -> Result<(), Error> {
        for index in 0..scanlines.geometry.images().len() {
            if task.is_done() {
                break;
            }
            let image = scanlines.geometry.images()[index];
            self.image(scanlines, &image, task)?;
        }
        Ok(())
    }

    fn image(
        &self,
        scanlines: &mut Scanlines,
        image: &ReducedImage,
        task: &mut Task,
    ) -> Result<(), Error> {
        if scanlines.next_changed(image, 0).is_none() {
            return Ok(());
        }
        let mut bounds = Bounds::new(self.contained, &scanlines.geometry, image);
        let mut pair = Pair::new(image);
        let mut row = 0;
        while let Some(changed) = scanlines.next_changed(image, row) {
            pair.go_to(scanlines, image, row..changed, self.cancel)?;
            row = changed;
            loop {
                self.cancel.check()?;
                if scanlines.is_hit(image, row) {
                    bounds.hit(row);
                }
                self.row(scanlines, (image, row), (&mut pair, &bounds), task)?;
                pair.advance(scanlines, image, row);
                row += 1;
                if row == image.rows() || task.is_done() {
                    return Ok(());
                }
                if pair.is_same() {
                    break;
                }
            }
        }
        Ok(())
    }

    fn row(
        &self,
        scanlines: &mut Scanlines,
        (image, row): (&ReducedImage, usize),
        (pair, bounds): (&mut Pair, &Bounds<'_>),
        task: &mut Task,
    ) -> Result<(), Error> {
        pair.unfilter(scanlines, image, row, self.cancel)?;
        let before = scanlines.source.row(image, row);
        let mended = self.legal.mend(image, &mut pair.after);
        let restored = bounds.keep(row, before, &mut pair.after);
        match task {
            Task::Measure(share) => {
                let width = image.width as usize;
                share.changed += self.eye.count(before, &pair.after, width);
            }
            Task::Write if mended || restored => {
                let kind = scanlines.filter_type(image, row);
                let unit = scanlines.geometry.header.filter_unit();
                pair.refilter(kind, unit, scanlines.row_mut(image, row));
            }
            Task::Write => {}
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::png::header::{ColourType, Header};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_hit_reaches_the_lines_of_so_many_groups(
            height in 1u32..200,
            (interlaced, whole) in any::<(bool, bool)>(),
            rows in 1u32..9,
            hits in proptest::collection::btree_set(0usize..200, 1..4),
        ) {
            let header = Header {
                width: 9,
                height,
                bit_depth: 8,
                colour_type: ColourType::Greyscale,
                interlaced,
            };
            let mut geometry = Geometry::new(header);
            geometry.add_frame(9, height);
            let contained = Contained {
                reach: if whole { Reach::All } else { Reach::Rows(rows) },
                protect: None,
                transparency: None,
            };
            for image in geometry.images() {
                let mut bounds = Bounds::new(&contained, &geometry, image);
                let (reduced, _) = geometry.lines(image);
                let group = |row: usize| (reduced.y + row as u32 * reduced.dy) / PNG_ROW;
                for row in 0..image.rows() {
                    if hits.contains(&row) {
                        bounds.hit(row);
                    }
                    let reached = hits.iter().any(|&hit| {
                        hit <= row && (whole || group(row) < group(hit) + rows)
                    });
                    let mut after = [1];
                    prop_assert_eq!(bounds.keep(row, &[0], &mut after), !reached);
                    prop_assert_eq!(after, [u8::from(reached)]);
                }
            }
        }

        #[test]
        fn bits_are_restored_and_no_others(
            before in proptest::collection::vec(any::<u8>(), 5),
            after in proptest::collection::vec(any::<u8>(), 5),
            (from, to) in (0usize..=40, 0usize..=40),
        ) {
            let bits = from.min(to)..from.max(to);
            let mut restored = after.clone();
            let differed = restore(&before, &mut restored, &bits);
            prop_assert_eq!(differed, restored != after);
            for bit in 0..40 {
                let at = |bytes: &[u8]| bytes[bit / 8] >> (7 - bit % 8) & 1;
                let source = if bits.contains(&bit) { &before } else { &after };
                prop_assert_eq!(at(&restored), at(source));
            }
        }
    }
}
