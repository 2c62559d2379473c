//! How much of a picture a glitch changed.

use glitch::{Format, Glitched};

/// Share of pixels in which a sample differs by more than 8 of 255, as an independent decoder
/// draws the two; `None` where it does not know the kind of file.
pub fn changed(before: &[u8], glitched: &Glitched) -> Option<f64> {
    if glitched.format == Format::Png {
        return glitched.changed;
    }
    let draw = |bytes: &[u8]| {
        let mut decoder = jpeg_decoder::Decoder::new(bytes);
        let pixels = decoder.decode().ok()?;
        Some((pixels, decoder.info()?.pixel_format.pixel_bytes()))
    };
    let ((old, size), (new, _)) = (draw(before)?, draw(&glitched.bytes)?);
    let differs = |(a, b): &(&[u8], &[u8])| a.iter().zip(*b).any(|(a, b)| a.abs_diff(*b) > 8);
    let count = old
        .chunks(size)
        .zip(new.chunks(size))
        .filter(differs)
        .count();
    Some(count as f64 / (old.len() / size) as f64)
}

/// Palettes of one colour, and those in which each has an opacity of its own: that is kept.
pub fn has_nothing_to_show(name: &str) -> bool {
    let palettes = ["entries-1", "entries-2-trns", "entries-3-trns"];
    palettes.iter().any(|palette| name.contains(palette))
}
