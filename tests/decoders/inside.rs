//! Decoders that are crates.

use std::fs;
use std::io::Cursor;
use std::path::PathBuf;

use jpeg_decoder::PixelFormat;
use zune_core::bytestream::ZCursor;
use zune_core::colorspace::ColorSpace;
use zune_core::options::DecoderOptions;

use crate::parallel;
use crate::picture::{Picture, Verdict};

type Decode = fn(&[u8]) -> Result<Option<Picture>, String>;

pub fn judge(name: &str, files: &[PathBuf]) -> Vec<Verdict> {
    let decode: Decode = match name {
        "jpeg-decoder" => jpeg_decoder,
        "zune-jpeg" => zune_jpeg,
        "png" => png,
        _ => panic!("no decoder `{name}` in here"),
    };
    parallel::map(files, |file| {
        let bytes = fs::read(file).expect("the file was just written");
        match decode(&bytes) {
            Ok(picture) => Verdict {
                words: None,
                picture,
            },
            Err(words) => Verdict::of(words),
        }
    })
}

fn jpeg_decoder(bytes: &[u8]) -> Result<Option<Picture>, String> {
    let mut decoder = jpeg_decoder::Decoder::new(bytes);
    let samples = decoder.decode().map_err(|error| error.to_string())?;
    let info = decoder.info().ok_or("decoded, but no size")?;
    let (width, height) = (u32::from(info.width), u32::from(info.height));
    Ok(match info.pixel_format {
        PixelFormat::L8 | PixelFormat::RGB24 => Picture::from_channels(width, height, &samples),
        // Not drawn: what red, green and blue these are, no two decoders agree upon.
        PixelFormat::L16 | PixelFormat::CMYK32 => None,
    })
}

fn zune_jpeg(bytes: &[u8]) -> Result<Option<Picture>, String> {
    let options = DecoderOptions::default()
        .set_strict_mode(true)
        .set_max_width(usize::from(u16::MAX))
        .set_max_height(usize::from(u16::MAX))
        .jpeg_set_out_colorspace(ColorSpace::RGB);
    let mut decoder = zune_jpeg::JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    let samples = decoder.decode().map_err(|error| error.to_string())?;
    let (width, height) = decoder.dimensions().ok_or("decoded, but no size")?;
    let size = |side| u32::try_from(side).map_err(|_| "a side too long");
    Ok(Picture::from_channels(
        size(width)?,
        size(height)?,
        &samples,
    ))
}

/// Every frame of an animation, and the chunks after the scan data too.
fn png(bytes: &[u8]) -> Result<Option<Picture>, String> {
    let mut decoder = ::png::Decoder::new(Cursor::new(bytes));
    decoder.set_transformations(::png::Transformations::normalize_to_color8());
    decoder.set_ignore_text_chunk(false);
    let mut reader = decoder.read_info().map_err(|error| error.to_string())?;
    let size = reader.output_buffer_size().ok_or("too large")?;
    let mut samples = vec![0; size];
    let mut first = None;
    let animation = reader.info().animation_control().map(|all| all.num_frames);
    let apart = reader.info().frame_control().is_none();
    let frames = animation.map_or(1, |frames| frames + u32::from(apart));
    for _ in 0..frames {
        let frame = reader.next_frame(&mut samples);
        let frame = frame.map_err(|error| error.to_string())?;
        if first.is_none() {
            let drawn = &samples[..frame.buffer_size()];
            first = Some(Picture::from_channels(frame.width, frame.height, drawn));
        }
    }
    reader.finish().map_err(|error| error.to_string())?;
    Ok(first.flatten())
}
