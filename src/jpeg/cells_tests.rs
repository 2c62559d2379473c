//! Cells that are moved and coloured, on all fixtures: every block is held against the one that it
//! has to show.

use std::collections::BTreeMap;

use super::contained::Bounds;
use super::grid::InCells;
use super::repair::tests::{Coded, coded_blocks};
use super::{Jpeg, check};
use crate::cancel::Cancel;
use crate::document::Document;
use crate::format::tests::valid_fixtures;
use crate::lanes::Store;
use crate::limits::Limits;
use crate::mosaic::Cell;
use crate::rng::Stream;

fn read<'a>(input: &'a [u8], recipe: &str) -> Jpeg<'a> {
    let recipe: crate::Recipe = recipe.parse().unwrap();
    let mut jpeg = Jpeg::read(input, &Limits::default(), &Cancel::default()).unwrap();
    let bounds = Bounds::new(&jpeg, &recipe.control).unwrap();
    jpeg.bind(bounds);
    jpeg
}

/// Puts some rows of cells elsewhere, and parts of rows into others.
fn scatter(jpeg: &mut Jpeg<'_>, stream: &mut Stream) {
    let mosaic = jpeg.mosaic().unwrap();
    let field = mosaic.field();
    if field.is_empty() {
        return;
    }
    let draw = |stream: &mut Stream| field.rows.start + stream.index(field.rows.len()) as u32;
    for _ in 0..4 {
        let (row, from) = (draw(stream), draw(stream));
        let mut cells = mosaic.row(from);
        let by = stream.index(cells.len());
        cells.rotate_left(by);
        mosaic.set_row(row, &cells);
        let mut cells = mosaic.row(draw(stream));
        let place = stream.index(cells.len());
        let copy = cells[place];
        cells[place..].fill(copy);
        mosaic.set_row(draw(stream), &cells);
    }
}

fn by_place(blocks: &[Coded]) -> BTreeMap<(usize, u32, u32), [i32; 64]> {
    blocks.iter().copied().collect()
}

/// How many blocks are not what they have to show, of how many that were moved; none may be of
/// those that were not.
fn misplaced(name: &str, input: &[u8], recipe: &str, stream: &mut Stream) -> (usize, usize) {
    let mut jpeg = read(input, recipe);
    scatter(&mut jpeg, stream);
    jpeg.repair().unwrap();
    let written = jpeg.rewritten.clone().unwrap();
    let fault = check(&written, &Limits::default()).unwrap().fault;
    assert_eq!(fault, None, "{name} {recipe}");
    let after = read(&written, "none");
    let placement = jpeg.placement.clone();
    let frame = &jpeg.plan.frame;
    let pairs = coded_blocks(&jpeg).into_iter().zip(coded_blocks(&after));
    let (mut wrong, mut moved) = (0, 0);
    for (index, (before, after)) in pairs.enumerate() {
        let scan = &jpeg.plan.scans[index];
        let pieces = placement.pieces(frame, scan);
        let in_cells = InCells::new(frame, scan);
        let is_moved: BTreeMap<Cell, bool> = pieces
            .iter()
            .flat_map(|piece| {
                piece
                    .mcus
                    .clone()
                    .map(|mcu| (in_cells.cell(mcu), !piece.is_plain()))
            })
            .collect();
        let (before, after) = (by_place(&before), by_place(&after));
        for (&(component, x, y), block) in &after {
            let Some(of) = frame.components.get(component) else {
                continue;
            };
            let cell = (x / of.h, y / of.v);
            let shown = placement.row(cell.1);
            let place = cell.0.checked_sub(placement.field.columns.start);
            let source = place
                .and_then(|place| shown.get(place as usize))
                .copied()
                .unwrap_or(cell);
            let is_hit = jpeg.bounds.channels.has(component) && jpeg.bounds.hits_scan(index);
            if !is_hit || !is_moved.get(&cell).copied().unwrap_or(false) {
                assert_eq!(
                    block,
                    &before[&(component, x, y)],
                    "{name} {recipe} {index} {cell:?}"
                );
                continue;
            }
            let home = (
                component,
                source.0 * of.h + x % of.h,
                source.1 * of.v + y % of.v,
            );
            moved += 1;
            wrong += usize::from(block != &before[&home]);
        }
    }
    (wrong, moved)
}

#[test]
fn moved_cells_show_what_the_input_has_where_they_come_from() {
    let mut stream = Stream::new(5, 0, 0);
    let (mut wrong, mut moved) = (0, 0);
    for (name, input) in valid_fixtures("jpg") {
        for recipe in [
            "none",
            "none,region=20-30-60-50",
            "none,protect=30-20-30-60",
            "none,channels=chroma",
            "none,channels=luma,protect=0-40-50-20",
            "none,scans=dc",
            "none,scans=ac,region=0-0-50-100",
        ] {
            let (bad, all) = misplaced(&name, &input, recipe, &mut stream);
            wrong += bad;
            moved += all;
        }
    }
    // Some fixtures have tables of a few codes, with which hardly anything can stand elsewhere.
    assert!(moved > 100_000 && wrong * 25 < moved, "{wrong} of {moved}");
}
