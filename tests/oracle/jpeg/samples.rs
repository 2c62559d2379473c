//! The inverse DCT in floating point, to tell which samples a block asks for before they are clamped.

use std::f64::consts::PI;

use super::{Component, JpegFacts, Quantiser};

/// The least and the greatest sample of a block as the inverse DCT gives it (T.81 A.3.3): not clamped, and before 128 is
/// added, so that a picture's own samples lie in -128 to 127.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SampleRange {
    pub min: f64,
    pub max: f64,
}

/// For each component the range of each block, in the order of `Component::coefficients`.
pub fn samples(facts: &JpegFacts) -> Vec<Vec<SampleRange>> {
    let basis = basis();
    let zigzag = zigzag();
    let ranges = |component: &Component| {
        let blocks = component.coefficients.iter();
        blocks
            .map(|block| {
                range(&inverse_dct(
                    &dequantise(block, &component.quantiser, &zigzag),
                    &basis,
                ))
            })
            .collect()
    };
    facts.components.iter().map(ranges).collect()
}

type Block = [[f64; 8]; 8];

/// T.81 Figure A.6: for each place in zigzag order its row and column.
pub fn zigzag() -> Vec<(usize, usize)> {
    let mut places = Vec::new();
    for diagonal in 0..15usize {
        let on_it = (0..8usize).filter_map(|i| diagonal.checked_sub(i).map(|j| (i, j)));
        let mut on_it: Vec<(usize, usize)> = on_it.filter(|&(_, j)| j < 8).collect();
        // Even diagonals run upwards: (0,0), then (0,1) (1,0), then (2,0) (1,1) (0,2).
        if diagonal % 2 == 0 {
            on_it.reverse();
        }
        places.extend(on_it);
    }
    places
}

/// `basis[x][u]` = C(u) / 2 * cos((2x + 1) u pi / 16) (T.81 A.3.3).
fn basis() -> Block {
    let mut basis = [[0.0; 8]; 8];
    for (x, row) in basis.iter_mut().enumerate() {
        for (u, value) in row.iter_mut().enumerate() {
            let c = if u == 0 { 0.5f64.sqrt() } else { 1.0 };
            *value = c / 2.0 * ((2 * x + 1) as f64 * u as f64 * PI / 16.0).cos();
        }
    }
    basis
}

fn dequantise(block: &[i32; 64], quantiser: &Quantiser, zigzag: &[(usize, usize)]) -> Block {
    let mut out = [[0.0; 8]; 8];
    for ((&value, &step), &(row, column)) in block.iter().zip(quantiser).zip(zigzag) {
        out[row][column] = f64::from(value) * f64::from(step);
    }
    out
}

/// The two-dimensional transform is the one-dimensional one over the rows, then over the columns.
fn inverse_dct(coefficients: &Block, basis: &Block) -> Block {
    let mut rows = [[0.0; 8]; 8];
    for v in 0..8 {
        for x in 0..8 {
            rows[v][x] = (0..8).map(|u| coefficients[v][u] * basis[x][u]).sum();
        }
    }
    let mut samples = [[0.0; 8]; 8];
    for y in 0..8 {
        for x in 0..8 {
            samples[y][x] = (0..8).map(|v| rows[v][x] * basis[y][v]).sum();
        }
    }
    samples
}

fn range(samples: &Block) -> SampleRange {
    let start = SampleRange {
        min: f64::INFINITY,
        max: f64::NEG_INFINITY,
    };
    samples
        .iter()
        .flatten()
        .fold(start, |range, &sample| SampleRange {
            min: range.min.min(sample),
            max: range.max.max(sample),
        })
}
