//! How much memory a glitch takes, without verification: all that is allocated at one time, the
//! input included, counted by the allocator. It does not depend on the machine.

#[path = "../benches/support/photograph.rs"]
#[allow(dead_code, reason = "the benches use the rest of it")]
mod photograph;
mod skip;

use std::io::{Cursor, Write};
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};

use glitch::{Options, Recipe};
use image::codecs::jpeg::JpegEncoder;
use peak_alloc::PeakAlloc;
use photograph::Plane;
use skip::skip;

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

const MEGABYTE: usize = 1_000_000;

/// The allocator counts for the whole process: one test at a time.
static ALONE: Mutex<()> = Mutex::new(());

/// What a glitch needed.
struct Need {
    /// Bytes at the same time, the input included.
    peak: usize,
    output: usize,
}

fn need(input: &[u8], recipe: &str) -> Need {
    let recipe: Recipe = recipe.parse().unwrap();
    let options = Options {
        verify: false,
        ..Options::default()
    };
    let before = ALLOCATOR.current_usage();
    ALLOCATOR.reset_peak_usage();
    let glitched = glitch::glitch_with(input, &recipe, &options).unwrap();
    Need {
        peak: input.len() + ALLOCATOR.peak_usage() - before,
        output: glitched.bytes.len(),
    }
}

fn main_test(){}

#[test]
fn explore() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let plane = Plane::new();
    for mp in [0.5, 4.0, 12.0] {
    let (w,h) = photograph::size(mp);
    let jpeg = jpeg(&plane, (w,h));
    let prog = progressive(&jpeg).unwrap();
    let png = { let mut b = Cursor::new(Vec::new()); plane.picture((w,h)).write_to(&mut b, image::ImageFormat::Png).unwrap(); b.into_inner() };
    let blocks = (w.div_ceil(8)*h.div_ceil(8)*3) as usize;
    for recipe in ["classic,seed=1","classic,seed=2","classic,seed=3", "replace:times=20,seed=1","replace:times=9,reach=3,seed=1","slices,seed=1","bars,seed=1","replace:times=9,protect=25-0-50-55,seed=3","replace:times=9,channels=chroma,seed=6","strip=metadata,classic,seed=1", "grit,seed=1", "smear,seed=1","filter=paeth,classic,seed=1"] {
      for (name, bytes) in [("base", &jpeg), ("prog", &prog), ("png", &png)] {
        if let Ok(n) = std::panic::catch_unwind(|| need(bytes, recipe)) {
        let over = n.peak as i64 - (bytes.len() + n.output) as i64;
        let unit = if name == "png" { (w*h*3) as usize } else { blocks };
        eprintln!("{mp} {name:5} {recipe:45} in {:9} out {:9} peak {:9} over {:9} = {:.2} /unit", bytes.len(), n.output, n.peak, over, over as f64/unit as f64); }
      }
    }}
}

/// A baseline JPEG without subsampling.
fn jpeg(plane: &Plane, size: (u32, u32)) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    let encoder = JpegEncoder::new_with_quality(&mut bytes, 90);
    plane.picture(size).write_with_encoder(encoder).unwrap();
    bytes.into_inner()
}

/// The same in the usual ten scans.
fn progressive(jpeg: &[u8]) -> Option<Vec<u8>> {
    let mut command = Command::new("jpegtran");
    command.args(["-copy", "all", "-progressive"]);
    let command = command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().ok()?;
    let mut stdin = child.stdin.take()?;
    std::thread::scope(|scope| {
        scope.spawn(move || stdin.write_all(jpeg));
        let output = child.wait_with_output().ok()?;
        output.status.success().then_some(output.stdout)
    })
}
