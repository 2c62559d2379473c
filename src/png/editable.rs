//! Which bytes of the scanlines the passes may edit. All of them, as a rule; no alpha where that is
//! kept, and in a region only those of its pixels.
//!
//! A unit is what filters call a pixel: a pixel, or a byte that holds several.

use std::ops::Range;

use super::geometry::{Geometry, Part, ReducedImage};
use crate::control::{Alpha, Area};

pub(super) struct Editable {
    /// Bytes of a unit, and how many of them, from the first on, may be edited.
    unit: usize,
    colour: usize,
    /// Units of 8 bits or more are one pixel each.
    pixels_per_unit: usize,
    region: Option<Area>,
    protect: Option<Area>,
    /// Editable bytes of all reduced images before each; empty where neither area is given.
    firsts: Vec<usize>,
    total: usize,
}

/// The editable units of a reduced image.
struct Field {
    rows: Range<usize>,
    units: Range<usize>,
    /// Those of them that are spared.
    hole_rows: Range<usize>,
    hole: Range<usize>,
}

impl Field {
    fn units_of(&self, row: usize) -> usize {
        if !self.rows.contains(&row) {
            0
        } else if self.hole_rows.contains(&row) {
            self.units.len() - self.hole.len()
        } else {
            self.units.len()
        }
    }

    /// The rows around one that have the same units.
    fn stretch(&self, row: usize) -> Range<usize> {
        let hole = match self.hole.is_empty() || self.hole_rows.is_empty() {
            true => self.rows.start..self.rows.start,
            false => self.hole_rows.clone(),
        };
        if hole.contains(&row) {
            hole
        } else if row < hole.start {
            self.rows.start..hole.start
        } else {
            hole.end..self.rows.end
        }
    }

    fn len(&self) -> usize {
        self.rows.len() * self.units.len() - self.hole_rows.len() * self.hole.len()
    }

    /// The row of a unit, counted over all rows, and its place among the units of the row.
    fn locate(&self, unit: usize) -> (usize, usize) {
        let whole = self.units.len();
        let before = (self.hole_rows.start - self.rows.start) * whole;
        let beside = self.hole_rows.len() * (whole - self.hole.len());
        if unit < before {
            return (self.rows.start + unit / whole, unit % whole);
        }
        let unit = unit - before;
        if unit < beside {
            let rest = whole - self.hole.len();
            return (self.hole_rows.start + unit / rest, unit % rest);
        }
        let unit = unit - beside;
        (self.hole_rows.end + unit / whole, unit % whole)
    }

    /// Where in its row the unit lies that is the `index`th editable one there, and how many there
    /// are from it on without a gap.
    fn place(&self, row: usize, index: usize) -> (usize, usize) {
        let place = self.units.start + index;
        if !self.hole_rows.contains(&row) {
            (place, self.units.end - place)
        } else if place < self.hole.start {
            (place, self.hole.start - place)
        } else {
            let place = place + self.hole.len();
            (place, self.units.end - place)
        }
    }
}

impl Editable {
    /// Hits fall in `region` only, and not in `protect`.
    pub(super) fn new(
        geometry: &Geometry,
        alpha: Alpha,
        (region, protect): (Option<Area>, Option<Area>),
    ) -> Self {
        let header = &geometry.header;
        let unit = header.filter_unit();
        let has_alpha = header.colour_type.has_alpha() && alpha == Alpha::Keep;
        let alpha = if has_alpha {
            unit / header.colour_type.channels()
        } else {
            0
        };
        let mut editable = Editable {
            unit,
            colour: unit - alpha,
            pixels_per_unit: (8 / header.bits_per_pixel()).max(1),
            region,
            protect,
            firsts: Vec::new(),
            total: geometry.editable_len() / unit * (unit - alpha),
        };
        if editable.region.is_some() || editable.protect.is_some() {
            editable.total = 0;
            for image in geometry.images() {
                editable.firsts.push(editable.total);
                editable.total += editable.field(geometry, image).len() * editable.colour;
            }
        }
        editable
    }

    fn field(&self, geometry: &Geometry, image: &ReducedImage) -> Field {
        let units = |columns: Range<usize>| {
            let start = columns.start / self.pixels_per_unit;
            match columns.is_empty() {
                true => start..start,
                false => start..columns.end.div_ceil(self.pixels_per_unit),
            }
        };
        let whole = Part {
            rows: 0..image.rows(),
            columns: 0..image.width as usize,
        };
        let part = |area: &Area| geometry.part(image, area);
        let region = self.region.as_ref().map_or(whole, part);
        let (rows, region) = (region.rows, units(region.columns));
        let inside = |part: Range<usize>, of: &Range<usize>| {
            let start = part.start.clamp(of.start, of.end);
            start..part.end.clamp(start, of.end)
        };
        let nothing = (rows.start..rows.start, region.start..region.start);
        let hole = self.protect.as_ref().map(part).map(|spared| {
            let columns = inside(units(spared.columns), &region);
            (inside(spared.rows, &rows), columns)
        });
        let (hole_rows, hole) = hole.unwrap_or(nothing);
        Field {
            rows,
            units: region,
            hole_rows,
            hole,
        }
    }

    pub(super) fn total(&self) -> usize {
        self.total
    }

    /// The lane of an editable byte, and its place among the editable bytes there.
    pub(super) fn locate(&self, geometry: &Geometry, index: usize) -> (usize, usize) {
        if self.firsts.is_empty() {
            let (unit, byte) = (index / self.colour, index % self.colour);
            // All rows are whole units.
            let (lane, at) = geometry.locate(unit * self.unit);
            return (lane, at / self.unit * self.colour + byte);
        }
        let image = self.firsts.partition_point(|&first| first <= index) - 1;
        let inside = index - self.firsts[image];
        let image = &geometry.images()[image];
        let field = self.field(geometry, image);
        let (row, unit) = field.locate(inside / self.colour);
        let at = unit * self.colour + inside % self.colour;
        (image.lanes().start + row, at)
    }

    pub(super) fn lane_len(&self, geometry: &Geometry, lane: usize) -> usize {
        let image = geometry.image_of(lane);
        let field = self.field(geometry, image);
        field.units_of(lane - image.lanes().start) * self.colour
    }

    /// The lanes around one with editable bytes that are rows of the same reduced image, with
    /// their editable bytes at the same places.
    pub(super) fn stretch(&self, geometry: &Geometry, lane: usize) -> Range<usize> {
        let image = geometry.image_of(lane);
        let first = image.lanes().start;
        let rows = self.field(geometry, image).stretch(lane - first);
        first + rows.start..first + rows.end
    }

    /// Where in a lane some of its editable bytes lie, piece by piece.
    pub(super) fn pieces(
        &self,
        geometry: &Geometry,
        lane: usize,
        bytes: Range<usize>,
    ) -> impl Iterator<Item = Range<usize>> + use<> {
        let image = geometry.image_of(lane);
        let row = lane - image.lanes().start;
        let field = self.field(geometry, image);
        let (unit, colour) = (self.unit, self.colour);
        let mut at = bytes.start;
        std::iter::from_fn(move || {
            let left = bytes.end - at;
            if left == 0 {
                return None;
            }
            let (place, together) = field.place(row, at / colour);
            let byte = at % colour;
            let together = if colour == unit { together } else { 1 };
            let len = left.min(together * colour - byte);
            at += len;
            let start = place * unit + byte;
            Some(start..start + len)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::png::header::{ColourType, Header};
    use proptest::prelude::*;

    fn area((left, right): (u32, u32), (top, bottom): (u32, u32)) -> Area {
        Area {
            x: left.min(right)..left.max(right),
            y: top.min(bottom)..top.max(bottom),
        }
    }

    /// The editable bytes of each lane, found by looking at each pixel.
    fn by_pixel(geometry: &Geometry, editable: &Editable) -> Vec<Vec<usize>> {
        let bits = geometry.header.bits_per_pixel();
        let mut lanes = Vec::new();
        for image in geometry.images() {
            let holds = |area: &Option<Area>, row: usize, column: usize| {
                let part = area.as_ref().map(|area| geometry.part(image, area));
                part.map(|part| part.rows.contains(&row) && part.columns.contains(&column))
            };
            for row in 0..image.rows() {
                let byte = |byte: &usize| {
                    let pixels = (0..image.width as usize).filter(|pixel| {
                        (pixel * bits / 8..(pixel * bits + bits).div_ceil(8)).contains(byte)
                    });
                    let pixels: Vec<usize> = pixels.collect();
                    let any = |area| {
                        pixels
                            .iter()
                            .any(|&pixel| holds(area, row, pixel) == Some(true))
                    };
                    let hit = editable.region.is_none() || any(&editable.region);
                    hit && !any(&editable.protect) && byte % editable.unit < editable.colour
                };
                lanes.push((0..image.row_len).filter(byte).collect());
            }
        }
        lanes
    }

    proptest! {
        #[test]
        fn every_byte_is_found_as_looking_at_each_pixel_finds_it(
            (bit_depth, colour_type) in proptest::sample::select(&[
                (1u8, ColourType::Greyscale), (4, ColourType::IndexedColour),
                (8, ColourType::Truecolour), (8, ColourType::TruecolourAlpha),
                (16, ColourType::GreyscaleAlpha),
            ]),
            (interlaced, keep) in any::<(bool, bool)>(),
            sides in proptest::collection::vec(0u32..26, 8),
            (has_region, has_protect) in any::<(bool, bool)>(),
        ) {
            let header = Header { width: 25, height: 14, bit_depth, colour_type, interlaced };
            let mut geometry = Geometry::new(header);
            geometry.add_frame(25, 14);
            geometry.add_frame_at((5, 3), (11, 9));
            let region = area((sides[0], sides[1]), (sides[2], sides[3]));
            let protect = area((sides[4], sides[5]), (sides[6], sides[7]));
            let areas = (has_region.then_some(region), has_protect.then_some(protect));
            let alpha = if keep { Alpha::Keep } else { Alpha::Glitch };
            let editable = Editable::new(&geometry, alpha, areas);
            let lanes = by_pixel(&geometry, &editable);
            let mut index = 0;
            for (lane, bytes) in lanes.iter().enumerate() {
                prop_assert_eq!(editable.lane_len(&geometry, lane), bytes.len());
                for at in 0..bytes.len() {
                    prop_assert_eq!(editable.locate(&geometry, index), (lane, at));
                    index += 1;
                }
                for (from, to) in [(0, bytes.len()), (bytes.len() / 3, bytes.len() / 2)] {
                    let pieces = editable.pieces(&geometry, lane, from..to);
                    let places: Vec<usize> = pieces.flatten().collect();
                    prop_assert_eq!(&places[..], &bytes[from..to]);
                }
            }
            prop_assert_eq!(editable.total(), index);
            for image in geometry.images() {
                let alike = |lane: usize| lanes[lane].clone();
                for lane in image.lanes().filter(|lane| !lanes[*lane].is_empty()) {
                    let stretch = editable.stretch(&geometry, lane);
                    prop_assert!(stretch.contains(&lane));
                    prop_assert!(stretch.clone().all(|other| alike(other) == alike(lane)));
                    for beside in [stretch.start.wrapping_sub(1), stretch.end] {
                        let differs = || alike(beside) != alike(lane);
                        prop_assert!(!image.lanes().contains(&beside) || differs());
                    }
                }
            }
        }
    }
}
