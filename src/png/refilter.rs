//! Changing the filter types of rows, without loss. It decides the look: a hit on a filtered byte
//! spreads to whatever is predicted from it.
//!
//! A glitched picture is written with the filter types of its input, but for rows to which a pass
//! gave another. They were chosen for its content, and a type that was chosen for the look can make
//! the file twice as large. Not so rows of type None that a hit spreads over: what a hit does to
//! them is a few bytes under the type that spreads it, and noise under None.

use super::FilterChoice;
use super::filter::{FilterType, filter};
use super::geometry::ReducedImage;
use super::pair::Pair;
use super::scanlines::Scanlines;
use crate::cancel::Cancel;
use crate::error::Error;

/// The filter types of all rows, lane by lane.
pub(super) struct FilterTypes(Vec<FilterType>);

impl FilterTypes {
    pub(super) fn of(scanlines: &Scanlines) -> Self {
        let images = scanlines.geometry.images().iter();
        let types =
            images.flat_map(|image| (0..image.rows()).map(|row| scanlines.filter_type(image, row)));
        FilterTypes(types.collect())
    }

    /// Takes on the types by which hits spread, for the rows of type None below them.
    pub(super) fn keep_spread(&mut self, scanlines: &Scanlines) {
        for image in scanlines.geometry.images() {
            let mut is_spread = false;
            for (row, kind) in self.0[image.lanes()].iter_mut().enumerate() {
                let now = scanlines.filter_type(image, row);
                is_spread &= *kind == FilterType::None && now.needs_above();
                is_spread |= scanlines.is_hit(image, row);
                if is_spread && *kind == FilterType::None {
                    *kind = now;
                }
            }
        }
    }

    pub(super) fn set(&mut self, lane: usize, kind: FilterType) {
        self.0[lane] = kind;
    }

    /// The types that a recipe wants in place of these, `None` if they are these already.
    pub(super) fn chosen(&self, scanlines: &Scanlines, choice: FilterChoice) -> Option<Self> {
        let one = match choice {
            FilterChoice::Keep => return None,
            FilterChoice::Auto => None,
            FilterChoice::None => Some(FilterType::None),
            FilterChoice::Sub => Some(FilterType::Sub),
            FilterChoice::Up => Some(FilterType::Up),
            FilterChoice::Average => Some(FilterType::Average),
            FilterChoice::Paeth => Some(FilterType::Paeth),
        };
        let mut chosen = self.0.clone();
        for image in scanlines.geometry.images() {
            let types = &mut chosen[image.lanes()];
            match one {
                Some(one) => types.fill(one),
                None => show_hits(types),
            }
        }
        (chosen != self.0).then_some(FilterTypes(chosen))
    }
}

/// Into so many bands the rows of type None are parted by [`show_hits`].
const BANDS: usize = 5;

/// Gives every row of type None another type: Paeth, under which a hit shatters all that is right
/// of it and below. A row of type Sub, which takes nothing from above, ends that after a fifth of the
/// picture, so that most of it survives. It is also the first of each run of such rows, so that none
/// of the rows above have to be unfiltered.
fn show_hits(types: &mut [FilterType]) {
    let band = (types.len() / BANDS).max(8);
    let mut run = 0;
    for kind in types {
        if *kind != FilterType::None {
            run = 0;
            continue;
        }
        *kind = if run % band == 0 {
            FilterType::Sub
        } else {
            FilterType::Paeth
        };
        run += 1;
    }
}

/// Gives every row the filter type that is wanted; the pixels stay the same.
pub(super) fn refilter(
    scanlines: &mut Scanlines,
    wanted: &FilterTypes,
    cancel: &Cancel,
) -> Result<(), Error> {
    let images = scanlines.geometry.images().to_vec();
    for image in &images {
        refilter_image(scanlines, image, &wanted.0[image.lanes()], cancel)?;
    }
    Ok(())
}

fn refilter_image(
    scanlines: &mut Scanlines,
    image: &ReducedImage,
    wanted: &[FilterType],
    cancel: &Cancel,
) -> Result<(), Error> {
    cancel.check()?;
    let unit = scanlines.geometry.header.filter_unit();
    let unfiltered_rows = rows_to_unfilter(scanlines, image, wanted);
    cancel.check()?;
    let is_input = scanlines.next_changed(image, 0).is_none();
    let mut pair = Pair::new(image);
    for (row, (&wanted, &unfiltered)) in wanted.iter().zip(&unfiltered_rows).enumerate() {
        if !unfiltered {
            continue;
        }
        cancel.check()?;
        let kind = scanlines.filter_type(image, row);
        if is_input {
            scanlines.know(image, row, cancel)?;
        } else {
            pair.unfilter(scanlines, image, row, cancel)?;
        }
        if kind != wanted {
            let (source, into) = scanlines.source_and_row(image, row);
            match is_input {
                true => filter(wanted, unit, source.rows(image, row), into),
                false => pair.refilter(wanted, unit, into),
            }
            scanlines.set_filter_type(image, row, wanted);
        }
        if !is_input {
            pair.advance(scanlines, image, row);
        }
    }
    Ok(())
}

/// Which rows have to be unfiltered: those that get another type, and those that are needed to
/// unfilter or filter the next one.
fn rows_to_unfilter(
    scanlines: &Scanlines,
    image: &ReducedImage,
    wanted: &[FilterType],
) -> Vec<bool> {
    let mut needed = vec![false; wanted.len()];
    let mut for_next = false;
    for row in (0..wanted.len()).rev() {
        let kind = scanlines.filter_type(image, row);
        let changes = kind != wanted[row];
        needed[row] = changes || for_next;
        for_next = needed[row] && kind.needs_above() || changes && wanted[row].needs_above();
    }
    needed
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::png::repair::tests::{pixels, scanlines};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn refiltering_changes_types_and_no_pixel(
            seed: u64,
            shape in proptest::sample::select(&[(8u8, 2u8), (16, 6), (1, 0), (8, 3), (8, 4)]),
            interlaced: bool,
            wanted in proptest::collection::vec(0u8..5, 60),
        ) {
            let mut scanlines = scanlines(shape, interlaced, seed);
            let before = pixels(&scanlines);
            let types = FilterTypes::of(&scanlines);
            let wanted = wanted.iter().cycle().take(types.0.len());
            let wanted = wanted.map(|&byte| FilterType::from_byte(byte).unwrap()).collect();
            let wanted = FilterTypes(wanted);
            let bytes = scanlines.frame(0).to_vec();
            refilter(&mut scanlines, &wanted, &Cancel::default()).unwrap();
            prop_assert_eq!(&FilterTypes::of(&scanlines).0, &wanted.0);
            prop_assert_eq!(pixels(&scanlines), before);
            refilter(&mut scanlines, &types, &Cancel::default()).unwrap();
            prop_assert_eq!(scanlines.frame(0), &bytes);
        }
    }

    #[test]
    fn by_default_only_rows_of_type_none_change() {
        use FilterType::{Average, None, Paeth, Sub, Up};
        let mut types = [None, None, None, Up, None, Average, Sub, Paeth, None, None];
        show_hits(&mut types);
        let shown = [Sub, Paeth, Paeth, Up, Sub, Average, Sub, Paeth, Sub, Paeth];
        assert_eq!(types, shown);
        let mut types = [None; 50];
        show_hits(&mut types);
        let alone = (0..50).filter(|&row| types[row] == Sub);
        assert_eq!(alone.collect::<Vec<_>>(), [0, 10, 20, 30, 40]);
    }

    #[test]
    fn rows_that_a_hit_spread_over_keep_the_type_by_which_it_spread() {
        use FilterType::{None, Paeth, Sub};
        let mut scanlines = scanlines((8, 2), false, 1);
        let image = scanlines.geometry.images()[0];
        let of = |scanlines: &Scanlines| FilterTypes::of(scanlines).0;
        let spread = [
            Sub, Paeth, Paeth, Paeth, Sub, Paeth, Paeth, Sub, Paeth, Paeth, Paeth,
        ];
        for (row, kind) in spread.into_iter().enumerate() {
            scanlines.set_filter_type(&image, row, kind);
        }
        let mut types = FilterTypes(vec![None; 11]);
        types.0[9] = Sub;
        scanlines.lane_mut(2)[0] ^= 1;
        scanlines.lane_mut(8)[0] ^= 1;
        types.keep_spread(&scanlines);
        // From the hit to the row that takes nothing from above; past a row of another type nothing.
        let kept = [
            None, None, Paeth, Paeth, None, None, None, None, Paeth, Sub, None,
        ];
        assert_eq!(types.0, kept);
        assert_eq!(of(&scanlines), spread);
    }
}
