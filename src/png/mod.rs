//! PNG (third edition) and APNG: from bytes to filtered scanlines and back.
//!
//! The scan data are the filtered scanlines without their filter-type bytes, of the default image
//! and of all frames of an animation. Everything else stays, byte for byte and in its place, but for the
//! colours of a palette where a pass edits those. Of pixels with alpha only the colour is edited where
//! a recipe keeps the alpha.
//!
//! Mended, since pictures like that are about and open in many places:
//! - a wrong CRC of IDAT, fdAT or IEND, data in IEND, a missing IEND;
//! - a wrong or missing Adler-32 after complete image data, anything else after complete image
//!   data: in the zlib stream, after it, in chunks of their own, IDAT chunks apart from the first run;
//! - after complete image data, a file that is cut off inside a chunk: what is no whole chunk goes;
//! - an animation whose fcTL and fdAT chunks have wrong contents, sequence numbers or order: its
//!   default image is glitched, as what decoders show of it, and the other frames are kept;
//! - bits that are not zero where a row ends inside a byte, indices outside the palette.
//!
//! Kept as it is, since it lies outside the scan data and decoders do without it: ancillary chunks
//! with a wrong CRC, at a wrong place or with wrong contents; an acTL with another number of frames.
//! Left out: chunks that are true of the old image data only (`iDOT`, `caBX`, `dSIG`).
//!
//! Refused, with the byte offset, since next to nothing opens it: a wrong signature, no IHDR at the
//! start or one with wrong contents or CRC, a chunk that is not whole before the image data, an
//! unknown critical chunk, a PLTE that is missing, late, repeated or wrong for indexed colour, no
//! IDAT, image data that end early or break deflate's rules before they are complete, a filter
//! type above 4, an animation whose last frames are cut off, sides of 0 pixels.

mod adam7;
mod check;
mod choice;
mod colours;
mod contained;
#[cfg(test)]
mod contained_tests;
mod container;
mod editable;
mod effect;
mod file;
mod filter;
mod geometry;
mod header;
mod inspect;
mod metadata;
mod pair;
mod picture;
mod refilter;
mod repair;
mod rows;
#[cfg(test)]
mod rows_tests;
mod scanlines;
mod source;
#[cfg(test)]
mod tests;
mod transparency;
mod zlib;

pub use choice::{Effort, FilterChoice};
pub(crate) use metadata::clean;

use crate::cancel::Cancel;
use crate::control::Control;
use crate::document::{Checked, Opened};
use crate::error::Error;
use crate::layout::Layout;
use crate::limits::Limits;
use container::Container;
use file::File;

pub(crate) fn open<'a>(
    input: &'a [u8],
    choice: (FilterChoice, Effort),
    control: &Control,
    (limits, cancel): (&Limits, &Cancel),
) -> Result<Opened<'a>, Error> {
    let picture = picture::read(Container::split(input)?)?;
    cancel.check()?;
    let size = (picture.header.width, picture.header.height);
    Ok(Opened {
        document: Box::new(File::open(picture, choice, control, (limits, cancel))?),
        size,
    })
}

/// Refuses what can be glitched by nothing, and decoded by nothing either. Decoders allocate what the
/// header claims before they look at the data.
pub(crate) fn check_readable(input: &[u8], limits: &Limits) -> Result<(), Error> {
    let picture = picture::read(Container::split(input)?)?;
    file::geometry(&picture, limits).map(drop)
}

/// The pixels that the header claims: IHDR is the first chunk of what can be decoded.
#[cfg(feature = "verify")]
pub(crate) fn claimed_pixels(input: &[u8]) -> u64 {
    let side = |at| container::be32(input, at).map_or(0, u64::from);
    side(16).saturating_mul(side(20))
}

pub(crate) fn inspect(input: &[u8]) -> Result<Layout, Error> {
    inspect::inspect(input)
}

pub(crate) fn check(input: &[u8], limits: &Limits) -> Result<Checked, Error> {
    check::check(input, limits)
}
