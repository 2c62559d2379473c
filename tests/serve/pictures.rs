//! What is sent.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use image::{ImageFormat, RgbImage};

use crate::GLITCH;

/// Of how many bytes a body is that is larger than what sockets buffer.
const LARGE: usize = 21_000_000;

pub fn fixture(name: &str) -> PathBuf {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures");
    PathBuf::from(folder).join(name)
}

/// A JPEG of 54 kB.
pub static PORTRAIT: LazyLock<Vec<u8>> =
    LazyLock::new(|| std::fs::read(fixture("portrait.jpg")).unwrap());

/// A PNG of 113 kB.
pub static CAT: LazyLock<Vec<u8>> = LazyLock::new(|| std::fs::read(fixture("cat.png")).unwrap());

/// A JPEG with a long tail. What stands behind the end of a picture is kept.
pub static LARGE_JPEG: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let mut bytes = PORTRAIT.clone();
    bytes.resize(LARGE, b'~');
    bytes
});

/// A JPEG of noise: with [`LONG_WORK`] it keeps a worker busy for as long as a test needs.
pub static NOISE: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let mut state = 1_u32;
    let noise = RgbImage::from_fn(1200, 1200, |_, _| {
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        };
        image::Rgb([next(), next(), next()])
    });
    let mut bytes = std::io::Cursor::new(Vec::new());
    let encoder = image::codecs::jpeg::JpegEncoder::new_with_quality(&mut bytes, 95);
    noise.write_with_encoder(encoder).unwrap();
    bytes.into_inner()
});

const SORTS: &str = "sort:65536:times=10000";

/// The query of a request for [`NOISE`] that takes far longer than a test waits.
pub static LONG_WORK: LazyLock<String> =
    LazyLock::new(|| format!("recipe={}", [SORTS; 10].join(",")));

/// The query of a request for [`PORTRAIT`] that takes long enough to be seen at work.
pub static SOME_WORK: LazyLock<String> =
    LazyLock::new(|| format!("recipe={},seed=1", [SORTS; 2].join(",")));

/// What the command line makes of a picture.
pub fn by_command_line(name: &str, recipe: &str) -> Vec<u8> {
    let mut command = Command::new(GLITCH);
    command.args([&fixture(name), &"-o".into(), &"-".into()]);
    command.args(["--recipe", recipe]).stdin(Stdio::null());
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    output.stdout
}

/// Asserts that `bytes` are a picture of the kind and the size of `original`, but another one.
#[track_caller]
pub fn assert_glitched(bytes: &[u8], original: &[u8]) {
    assert_ne!(bytes, original);
    let format: ImageFormat = image::guess_format(original).unwrap();
    assert_eq!(image::guess_format(bytes).unwrap(), format);
    let decoded = |bytes: &[u8]| image::load_from_memory(bytes).unwrap().into_rgb8();
    let (after, before) = (decoded(bytes), decoded(original));
    assert_eq!(after.dimensions(), before.dimensions());
    assert_ne!(after, before);
}
