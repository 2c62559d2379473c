//! Which cells of the input a picture shows where, and in which colours.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::frame::Frame;
use super::grid::{Cells, Grid, InCells};
use super::scan::Scan;
use crate::mosaic::{Cell, Field};

/// A step of colour.
#[derive(Clone, Debug)]
struct Tint {
    cell: Cell,
    /// The first row that it does not reach.
    end: u32,
    component: usize,
    levels: i32,
}

/// What passes did to the cells of a picture.
#[derive(Clone, Debug)]
pub(super) struct Placement {
    pub(super) field: Field,
    /// Rows of cells in all, those at the lower edge that are not whole included.
    rows: u32,
    spared: Option<Cells>,
    /// By row that is not as in the input: the cells that the columns of the field show.
    shown: BTreeMap<u32, Vec<Cell>>,
    tints: Vec<Tint>,
    /// Rows that have to stay as in the input.
    refused: BTreeSet<u32>,
}

/// Levels of 255 by component.
pub(super) type Levels = [i32; 4];

/// Some columns of a row of cells that show what follows each other in the input.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Segment {
    columns: Range<u32>,
    from: Cell,
    tint: Levels,
}

/// Some MCUs of a scan that are written in one go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Piece {
    pub(super) mcus: Range<u32>,
    /// The MCU of the input that the first of them shows; the others follow.
    pub(super) source: u32,
    pub(super) tint: Levels,
    /// Whether it leads back to the input behind what was changed.
    pub(super) is_landing: bool,
}

impl Piece {
    /// Whether it is as in the input.
    pub(super) fn is_plain(&self) -> bool {
        self.source == self.mcus.start && self.tint == Levels::default()
    }
}

impl Piece {
    /// Blocks from its start on that EOB runs cover, if one covers so many that begins before the
    /// piece, and `tail` behind it. There an MCU is a block.
    pub(super) fn covered(&self, run: u32, tail: u32) -> u32 {
        let len = self.mcus.end - self.mcus.start;
        if run >= len { len + tail } else { run }
    }
}

impl Placement {
    /// Everything where it was.
    pub(super) fn new(frame: &Frame, region: Option<Cells>, spared: Option<Cells>) -> Self {
        let grid = Grid::new(frame);
        let (columns, rows) = grid.whole(frame);
        let region = region.unwrap_or(Cells {
            columns: 0..columns,
            rows: 0..rows,
        });
        let inside = |range: Range<u32>, most: u32| range.start.min(most)..range.end.min(most);
        Placement {
            field: Field {
                columns: inside(region.columns, columns),
                rows: inside(region.rows, rows),
            },
            rows: grid.rows(frame.height),
            spared,
            shown: BTreeMap::new(),
            tints: Vec::new(),
            refused: BTreeSet::new(),
        }
    }

    /// The same with everything as in the input.
    pub(super) fn plain(&self) -> Self {
        Placement {
            shown: BTreeMap::new(),
            tints: Vec::new(),
            ..self.clone()
        }
    }

    /// Whether nothing was moved or coloured.
    pub(super) fn is_plain(&self) -> bool {
        self.shown.is_empty() && self.tints.is_empty()
    }

    /// The cells that the field shows in a row.
    pub(super) fn row(&self, row: u32) -> Vec<Cell> {
        let same = || {
            self.field
                .columns
                .clone()
                .map(|column| (column, row))
                .collect()
        };
        self.shown.get(&row).cloned().unwrap_or_else(same)
    }

    pub(super) fn set_row(&mut self, row: u32, cells: &[Cell]) {
        if self.field.rows.contains(&row) && cells.len() == self.field.columns.len() {
            self.shown.insert(row, cells.to_vec());
        }
    }

    /// Colours what follows a cell, so many rows of cells, to the end if `None`.
    pub(super) fn tint(
        &mut self,
        cell: Cell,
        reach: Option<u32>,
        (component, levels): (usize, i32),
    ) {
        let end = reach.map_or(self.rows, |reach| cell.1.saturating_add(reach));
        self.tints.push(Tint {
            cell,
            end,
            component,
            levels,
        });
    }

    /// Leaves a row as it is in the input.
    pub(super) fn refuse(&mut self, row: u32) {
        self.refused.insert(row);
    }

    fn is_refused(&self, row: u32) -> bool {
        self.refused.contains(&row)
    }

    /// The segments of a row of cells; of one that is as in the input: none.
    fn segments(&self, row: u32) -> Vec<Segment> {
        let reaches = |tint: &&Tint| tint.cell.1 <= row && row < tint.end;
        let tints: Vec<&Tint> = self.tints.iter().filter(reaches).collect();
        let shown = self.shown.get(&row);
        if self.is_refused(row) || shown.is_none() && tints.is_empty() {
            return Vec::new();
        }
        let mut edges = vec![0, self.field.columns.start, self.field.columns.end];
        edges.extend(
            tints
                .iter()
                .filter(|tint| tint.cell.1 == row)
                .map(|tint| tint.cell.0),
        );
        if let Some(spared) = &self.spared {
            edges.extend([spared.columns.start, spared.columns.end]);
        }
        let follows = |pair: &[Cell]| pair[1] == (pair[0].0 + 1, pair[0].1);
        let breaks = |cells: &Vec<Cell>| {
            let breaks = cells
                .windows(2)
                .enumerate()
                .filter(|(_, pair)| !follows(pair));
            breaks
                .map(|(index, _)| self.field.columns.start + index as u32 + 1)
                .collect::<Vec<_>>()
        };
        edges.extend(shown.map(breaks).unwrap_or_default());
        edges.sort_unstable();
        edges.dedup();
        let ends = edges.iter().skip(1).copied().chain([u32::MAX]);
        let columns = edges.iter().zip(ends).map(|(&start, end)| start..end);
        columns
            .map(|columns| self.segment(row, columns, (shown, &tints)))
            .collect()
    }

    /// One segment, between edges.
    fn segment(
        &self,
        row: u32,
        columns: Range<u32>,
        (shown, tints): (Option<&Vec<Cell>>, &[&Tint]),
    ) -> Segment {
        let cell = (columns.start, row);
        let mut segment = Segment {
            columns,
            from: cell,
            tint: Levels::default(),
        };
        if self.spared.as_ref().is_some_and(|spared| spared.has(cell)) {
            return segment;
        }
        if let (Some(shown), Some(index)) = (shown, cell.0.checked_sub(self.field.columns.start)) {
            segment.from = shown.get(index as usize).copied().unwrap_or(cell);
        }
        for tint in tints
            .iter()
            .filter(|tint| tint.cell.1 < row || tint.cell.0 <= cell.0)
        {
            if let Some(levels) = segment.tint.get_mut(tint.component) {
                *levels = (*levels + tint.levels).clamp(-255, 255);
            }
        }
        segment
    }

    /// The pieces of a scan, in order.
    pub(super) fn pieces(&self, frame: &Frame, scan: &Scan) -> Vec<Piece> {
        let in_cells = InCells::new(frame, scan);
        let mut pieces = Pieces {
            interval: scan.restart_interval,
            all: Vec::new(),
        };
        for row in 0..self.rows {
            let segments = self.segments(row);
            for line in in_cells.lines(row, scan.mcus) {
                if segments.is_empty() {
                    pieces.add(line.clone(), line.start, Levels::default());
                }
                for segment in &segments {
                    let mcus = in_cells.columns(&line, &segment.columns);
                    let source =
                        in_cells.moved(mcus.start, (segment.columns.start, row), segment.from);
                    pieces.add(mcus, source, segment.tint);
                }
            }
        }
        pieces.with_landings(scan.codes_dc())
    }
}

/// The pieces of a scan, as they are put together.
struct Pieces {
    /// MCUs in a restart interval; 0 for none.
    interval: u32,
    all: Vec<Piece>,
}

impl Pieces {
    /// MCUs from one on to the end of its restart interval.
    fn left(&self, mcu: u32) -> u32 {
        match self.interval {
            0 => u32::MAX,
            each => each - mcu % each,
        }
    }

    fn starts_interval(&self, mcu: u32) -> bool {
        self.interval > 0 && mcu.is_multiple_of(self.interval)
    }

    /// Adds MCUs, in pieces that lie in one restart interval each, here and in the input.
    fn add(&mut self, mut mcus: Range<u32>, mut source: u32, tint: Levels) {
        while !mcus.is_empty() {
            let len = (mcus.end - mcus.start)
                .min(self.left(mcus.start))
                .min(self.left(source));
            let cut = self.starts_interval(mcus.start) || self.starts_interval(source);
            let end = mcus.start + len;
            match self.all.last_mut() {
                Some(last)
                    if !cut
                        && last.tint == tint
                        && last.source + (last.mcus.end - last.mcus.start) == source =>
                {
                    last.mcus.end = end;
                }
                _ => self.all.push(Piece {
                    mcus: mcus.start..end,
                    source,
                    tint,
                    is_landing: false,
                }),
            }
            (mcus.start, source) = (end, source + len);
        }
    }

    /// Parts off the first MCU of each piece that follows on something changed, where it has to
    /// lead back to the DC coefficients of the input.
    fn with_landings(self, codes_dc: bool) -> Vec<Piece> {
        let mut all = Vec::with_capacity(self.all.len());
        let mut was_plain = true;
        for piece in &self.all {
            let lands = codes_dc
                && piece.is_plain()
                && !was_plain
                && !self.starts_interval(piece.mcus.start);
            was_plain = piece.is_plain();
            let first = piece.mcus.start..piece.mcus.start + u32::from(lands);
            let rest = first.end..piece.mcus.end;
            for (mcus, is_landing) in [(first, true), (rest, false)] {
                if !mcus.is_empty() {
                    all.push(Piece {
                        source: piece.source + (mcus.start - piece.mcus.start),
                        tint: piece.tint,
                        mcus,
                        is_landing,
                    });
                }
            }
        }
        all
    }
}
