//! Animations as APNG.

use image::{RgbaImage, imageops};
use png::{BitDepth, BlendOp, ColorType, Compression, DisposeOp, Encoder, EncodingError};

use crate::cancel::Cancel;
use crate::error::Error;
use crate::frames::{self, Part};

/// Writes frames of one size as an APNG that goes round for ever. Of each frame only the part that
/// changes is written.
pub(crate) fn write(frames: &[RgbaImage], fps: u32, cancel: &Cancel) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    let unwritten = |error: EncodingError| Error::unsound(error.to_string());
    let Some(first) = frames.first() else {
        return Ok(bytes);
    };
    let opaque = |frame: &RgbaImage| frame.pixels().all(|pixel| pixel.0[3] == u8::MAX);
    let color = match frames.iter().all(opaque) {
        true => ColorType::Rgb,
        false => ColorType::Rgba,
    };
    let mut encoder = Encoder::new(&mut bytes, first.width(), first.height());
    encoder.set_color(color);
    encoder.set_depth(BitDepth::Eight);
    encoder.set_compression(Compression::Balanced);
    let start = |mut encoder: Encoder<'static, _>| {
        encoder.set_animated(frames.len() as u32, 0)?;
        encoder.set_frame_delay(1, fps.clamp(1, u16::MAX.into()) as u16)?;
        encoder.set_blend_op(BlendOp::Source)?;
        encoder.set_dispose_op(DisposeOp::None)?;
        encoder.write_header()
    };
    let mut writer = start(encoder).map_err(unwritten)?;
    let mut before: Option<&RgbaImage> = None;
    for frame in frames {
        cancel.check()?;
        let mut next = || match before {
            None => writer.write_image_data(&samples(frame, color)),
            Some(before) => {
                let Part {
                    left,
                    top,
                    width,
                    height,
                } = frames::changed(before, frame);
                writer.reset_frame_position()?;
                writer.set_frame_dimension(width, height)?;
                writer.set_frame_position(left, top)?;
                let part = imageops::crop_imm(frame, left, top, width, height).to_image();
                writer.write_image_data(&samples(&part, color))
            }
        };
        next().map_err(unwritten)?;
        before = Some(frame);
    }
    writer.finish().map_err(unwritten)?;
    Ok(bytes)
}

fn samples(picture: &RgbaImage, color: ColorType) -> Vec<u8> {
    match color {
        ColorType::Rgb => picture
            .pixels()
            .flat_map(|pixel| [pixel.0[0], pixel.0[1], pixel.0[2]])
            .collect(),
        _ => picture.as_raw().clone(),
    }
}
