//! What `strip=metadata` and `thumbnail=drop` take out, and that they take out nothing else. EXIF is
//! read by the crate `kamadak-exif`, which shares no code with the library.

#[path = "../fixtures/mod.rs"]
mod fixtures;
mod jpeg;
mod laws;
#[path = "../oracle/mod.rs"]
mod oracle;
mod png;
mod samples;

use glitch::Glitched;

const SETTINGS: [&str; 2] = ["strip=metadata", "thumbnail=drop"];

/// With passes, with none, and with passes that do nothing.
const PASSES: [&str; 3] = ["replace:times=9,seed=4", "none,seed=4", "amount=0,seed=4"];

fn glitched(picture: &[u8], recipe: &str) -> Glitched {
    let recipe: glitch::Recipe = recipe.parse().unwrap();
    glitch::glitch(picture, &recipe).unwrap_or_else(|error| panic!("{recipe}: {error}"))
}

/// Without the check that the result decodes: for files that no decoder need take.
fn unchecked(picture: &[u8], recipe: &str) -> Result<Vec<u8>, glitch::Error> {
    let options = glitch::Options {
        verify: false,
        ..glitch::Options::default()
    };
    glitch::glitch_with(picture, &recipe.parse()?, &options).map(|glitched| glitched.bytes)
}

fn holds(file: &[u8], what: &[u8]) -> bool {
    file.windows(what.len()).any(|window| window == what)
}

fn exif(tiff: Vec<u8>) -> exif::Exif {
    exif::Reader::new().read_raw(tiff).unwrap()
}

fn orientation(exif: &exif::Exif) -> Option<u32> {
    let field = exif.get_field(exif::Tag::Orientation, exif::In::PRIMARY)?;
    field.value.get_uint(0)
}

fn has_place(exif: &exif::Exif) -> bool {
    let place = exif::Tag::GPSLatitude;
    exif.get_field(place, exif::In::PRIMARY).is_some()
}

fn has_thumbnail(exif: &exif::Exif) -> bool {
    exif.fields()
        .any(|field| field.ifd_num != exif::In::PRIMARY)
}

/// That two files decode to the same pixels.
fn assert_same_pixels(a: &[u8], b: &[u8]) {
    let draw = |file| image::load_from_memory(file).unwrap().into_rgba16();
    assert!(draw(a) == draw(b));
}
