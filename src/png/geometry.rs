//! Where the filtered scanlines of all frames lie. A lane is one scanline without its filter-type byte, counted over frames,
//! then reduced images, then rows.

use std::ops::Range;

use super::adam7::{self, Reduced};
use super::header::Header;
use crate::control::Area;

/// Where the scanlines of a reduced image lie. A picture that is not interlaced is one.
#[derive(Clone, Copy, Debug)]
pub(super) struct ReducedImage {
    /// Pixels of a row.
    pub(super) width: u32,
    /// Rows; neither this nor `width` is 0.
    pub(super) height: u32,
    /// Bytes of a row without its filter-type byte.
    pub(super) row_len: usize,
    /// First byte, in the filtered bytes of all frames.
    pub(super) start: usize,
    pub(super) first_lane: usize,
    /// Editable bytes of all reduced images before this one.
    first_editable: usize,
    frame: u32,
    /// Which of the reduced images of its frame.
    pass: u8,
}

/// Rows and columns of a reduced image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) rows: Range<usize>,
    pub(super) columns: Range<usize>,
}

/// Where a frame lies in the picture.
#[derive(Clone, Copy, Debug)]
struct Place {
    x: u32,
    y: u32,
    height: u32,
}

impl ReducedImage {
    pub(super) fn rows(&self) -> usize {
        self.height as usize
    }

    pub(super) fn lanes(&self) -> Range<usize> {
        self.first_lane..self.first_lane + self.rows()
    }

    fn editable(&self) -> usize {
        self.rows() * self.row_len
    }

    pub(super) fn end(&self) -> usize {
        self.start + self.rows() * (self.row_len + 1)
    }

    /// The place of a row's filter-type byte; its own bytes follow.
    pub(super) fn row_start(&self, row: usize) -> usize {
        self.start + row * (self.row_len + 1)
    }

    /// The place of a row's own bytes.
    pub(super) fn row_range(&self, row: usize) -> Range<usize> {
        let start = self.row_start(row) + 1;
        start..start + self.row_len
    }
}

/// Where all scanlines lie; nothing is allocated for them yet.
#[derive(Clone, Debug)]
pub(super) struct Geometry {
    pub(super) header: Header,
    images: Vec<ReducedImage>,
    /// Filtered bytes of each frame.
    frames: Vec<Range<usize>>,
    places: Vec<Place>,
}

impl Geometry {
    pub(super) fn new(header: Header) -> Self {
        Geometry {
            header,
            images: Vec::new(),
            frames: Vec::new(),
            places: Vec::new(),
        }
    }

    /// Adds a frame at the top left of the picture and tells its filtered length. `None` where that
    /// does not fit in memory.
    pub(super) fn add_frame(&mut self, width: u32, height: u32) -> Option<usize> {
        self.add_frame_at((0, 0), (width, height))
    }

    /// As [`Geometry::add_frame`], with the first pixel at this column and line.
    pub(super) fn add_frame_at(
        &mut self,
        (x, y): (u32, u32),
        (width, height): (u32, u32),
    ) -> Option<usize> {
        let frame_start = self.frames.last().map_or(0, |frame| frame.end);
        let frame = u32::try_from(self.frames.len()).ok()?;
        self.places.push(Place { x, y, height });
        let mut start = frame_start;
        for (pass, reduced) in (0..).zip(self.passes()) {
            let (width, height) = reduced.size(width, height);
            if width == 0 || height == 0 {
                continue;
            }
            let bits = (width as usize).checked_mul(self.header.bits_per_pixel())?;
            let row_len = bits.div_ceil(8);
            let end = (row_len + 1)
                .checked_mul(height as usize)
                .and_then(|len| start.checked_add(len))
                .filter(|&end| isize::try_from(end).is_ok())?;
            let last = self.images.last();
            self.images.push(ReducedImage {
                width,
                height,
                row_len,
                start,
                first_lane: last.map_or(0, |last| last.lanes().end),
                first_editable: last.map_or(0, |last| last.first_editable + last.editable()),
                frame,
                pass,
            });
            start = end;
        }
        self.frames.push(frame_start..start);
        Some(start - frame_start)
    }

    fn passes(&self) -> &'static [Reduced] {
        if self.header.interlaced {
            &adam7::REDUCED_IMAGES
        } else {
            &adam7::WHOLE
        }
    }

    /// Which lines of its frame the rows of a reduced image are, and how many the frame has.
    pub(super) fn lines(&self, image: &ReducedImage) -> (Reduced, u32) {
        let height = self.places[image.frame as usize].height;
        (self.passes()[usize::from(image.pass)], height)
    }

    /// The rows and columns of a reduced image whose pixels lie in an area of the picture.
    pub(super) fn part(&self, image: &ReducedImage, area: &Area) -> Part {
        let place = self.places[image.frame as usize];
        let (reduced, _) = self.lines(image);
        let along = |area: &Range<u32>, (first, step): (u32, u32), count: u32| {
            let reached = |edge: u32| edge.saturating_sub(first).div_ceil(step).min(count) as usize;
            reached(area.start)..reached(area.end)
        };
        Part {
            rows: along(&area.y, (place.y + reduced.y, reduced.dy), image.height),
            columns: along(&area.x, (place.x + reduced.x, reduced.dx), image.width),
        }
    }

    pub(super) fn images(&self) -> &[ReducedImage] {
        &self.images
    }

    pub(super) fn frames(&self) -> &[Range<usize>] {
        &self.frames
    }

    /// Filtered bytes, filter-type bytes counted.
    pub(super) fn filtered_len(&self) -> usize {
        self.frames.last().map_or(0, |frame| frame.end)
    }

    /// The editable bytes.
    pub(super) fn editable_len(&self) -> usize {
        let last = self.images.last();
        last.map_or(0, |last| last.first_editable + last.editable())
    }

    /// Pixels of all frames.
    pub(super) fn pixels(&self) -> u64 {
        let pixels = |image: &ReducedImage| u64::from(image.width) * u64::from(image.height);
        self.images.iter().map(pixels).sum()
    }

    /// The lane of an editable byte, and its place there.
    pub(super) fn locate(&self, index: usize) -> (usize, usize) {
        let after = self
            .images
            .partition_point(|image| image.first_editable <= index);
        let image = &self.images[after - 1];
        let inside = index - image.first_editable;
        (
            image.first_lane + inside / image.row_len,
            inside % image.row_len,
        )
    }

    pub(super) fn image_of(&self, lane: usize) -> &ReducedImage {
        let after = self
            .images
            .partition_point(|image| image.first_lane <= lane);
        &self.images[after - 1]
    }

    /// The line of the picture that a lane is.
    pub(super) fn line(&self, lane: usize) -> u32 {
        let image = self.image_of(lane);
        let (reduced, _) = self.lines(image);
        let row = (lane - image.first_lane) as u32;
        self.places[image.frame as usize].y + reduced.y + row * reduced.dy
    }

    pub(super) fn lane_range(&self, lane: usize) -> Range<usize> {
        let image = self.image_of(lane);
        image.row_range(lane - image.first_lane)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::png::header::ColourType;
    use proptest::prelude::*;

    fn geometry(bit_depth: u8, colour_type: ColourType, interlaced: bool) -> Geometry {
        Geometry::new(Header {
            width: 1,
            height: 1,
            bit_depth,
            colour_type,
            interlaced,
        })
    }

    proptest! {
        #[test]
        fn locate_finds_what_counting_finds(
            sizes in proptest::collection::vec((1u32..20, 1u32..20), 1..4),
            interlaced: bool,
            depth in proptest::sample::select(&[1u8, 2, 4, 8, 16]),
        ) {
            let mut geometry = geometry(depth, ColourType::Greyscale, interlaced);
            let mut total = 0;
            for (width, height) in sizes {
                total += geometry.add_frame(width, height).unwrap();
            }
            prop_assert_eq!(total, geometry.filtered_len());
            let counted: Vec<(usize, usize)> = (0..geometry.images.iter().map(|i| i.rows()).sum())
                .flat_map(|lane| (0..geometry.image_of(lane).row_len).map(move |at| (lane, at)))
                .collect();
            prop_assert_eq!(counted.len(), geometry.editable_len());
            let mut places = vec![false; total];
            for (index, &(lane, at)) in counted.iter().enumerate() {
                prop_assert_eq!(geometry.locate(index), (lane, at));
                let place = geometry.lane_range(lane).start + at;
                prop_assert!(!std::mem::replace(&mut places[place], true));
            }
            let spared = places.iter().filter(|&&editable| !editable).count();
            prop_assert_eq!(spared, geometry.images.iter().map(|i| i.rows()).sum::<usize>());
        }
    }

    proptest! {
        #[test]
        fn a_part_of_a_frame_is_what_looking_at_each_pixel_finds(
            (x, y, width, height) in (0u32..9, 0u32..9, 1u32..20, 1u32..20),
            (left, right, top, bottom) in (0u32..30, 0u32..30, 0u32..30, 0u32..30),
            interlaced: bool,
        ) {
            let mut geometry = geometry(8, ColourType::Greyscale, interlaced);
            geometry.add_frame(30, 30);
            geometry.add_frame_at((x, y), (width, height));
            let area = Area { x: left..right.max(left), y: top..bottom.max(top) };
            let mut found = 0;
            for image in geometry.images().iter().filter(|image| image.frame == 1) {
                let (reduced, _) = geometry.lines(image);
                let part = geometry.part(image, &area);
                for row in 0..image.height {
                    let inside = area.y.contains(&(y + reduced.y + row * reduced.dy));
                    prop_assert_eq!(part.rows.contains(&(row as usize)), inside);
                }
                for column in 0..image.width {
                    let inside = area.x.contains(&(x + reduced.x + column * reduced.dx));
                    prop_assert_eq!(part.columns.contains(&(column as usize)), inside);
                }
                found += part.rows.len() * part.columns.len();
            }
            let common = |a: &Range<u32>, b: Range<u32>| {
                (a.start.max(b.start)..a.end.min(b.end)).len()
            };
            prop_assert_eq!(found, common(&area.x, x..x + width) * common(&area.y, y..y + height));
        }
    }
}
