//! How much memory a glitch takes: all that is allocated at one time, the input included. tests/memory.rs
//! holds it to bounds.
//!
//!     cargo bench --bench memory [-- --write]

mod support;

use peak_alloc::PeakAlloc;
use png::{Compression, Filter};
use support::photograph::{Plane, size};
use support::png_file::photograph;
use support::report::{Report, kilobytes};
use support::tools::{baseline, has_jpeg_tools, progressive};
use support::{RECIPE, SEEDS, glitched};

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

fn main() {
    if !has_jpeg_tools() {
        return;
    }
    let plane = Plane::new();
    let mut report = Report::new("memory");
    report.table(&[
        "`classic`",
        "input",
        "output",
        "peak",
        "more than both",
        "of that, by unit",
    ]);
    for megapixels in [0.5, 4.0, 24.0] {
        let size = size(megapixels);
        let camera = baseline(&plane, size, (0, 0), 90);
        // 4:2:0: six blocks an MCU of 16 x 16 pixels.
        let blocks = size.0.div_ceil(16) as usize * size.1.div_ceil(16) as usize * 6;
        report.row(&row(
            &format!("{megapixels} MP baseline"),
            &camera,
            (blocks, "a block"),
        ));
        let name = format!("{megapixels} MP progressive");
        report.row(&row(&name, &progressive(&camera), (blocks, "a block")));
        let inflated = size.1 as usize * (1 + 3 * size.0 as usize);
        let name = format!("{megapixels} MP PNG");
        report.row(&row(
            &name,
            &photograph(&plane, size, Filter::Adaptive, Compression::Balanced),
            (inflated, "an inflated byte"),
        ));
    }
    report.finish();
}

/// The seed that needs most.
fn row(name: &str, input: &[u8], (units, unit): (usize, &str)) -> [String; 6] {
    let needs = SEEDS.map(|seed| {
        let before = ALLOCATOR.current_usage();
        ALLOCATOR.reset_peak_usage();
        let output = glitched(input, RECIPE, seed).len();
        let peak = input.len() + ALLOCATOR.peak_usage() - before;
        (peak - input.len() - output, peak, output)
    });
    let (more, peak, output) = needs.max().unwrap_or_default();
    [
        name.into(),
        kilobytes(input.len()),
        kilobytes(output),
        kilobytes(peak),
        kilobytes(more),
        format!("{:.1} bytes {unit}", more as f64 / units as f64),
    ]
}
