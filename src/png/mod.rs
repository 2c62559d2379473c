//! PNG (third edition) and APNG: from bytes to filtered scanlines and back.

mod choice;

pub use choice::{Effort, FilterChoice};

use crate::document::{Checked, Opened};
use crate::error::Error;
use crate::format::Format;
use crate::layout::Layout;
use crate::limits::Limits;
use crate::recipe::Recipe;

pub(crate) fn open<'a>(
    _input: &'a [u8],
    _recipe: &Recipe,
    _limits: &Limits,
) -> Result<Opened<'a>, Error> {
    Err(Error::malformed(Format::Png, 0, "not built yet"))
}

pub(crate) fn inspect(_input: &[u8]) -> Result<Layout, Error> {
    Err(Error::malformed(Format::Png, 0, "not built yet"))
}

pub(crate) fn check(_input: &[u8], _limits: &Limits) -> Result<Checked, Error> {
    Err(Error::malformed(Format::Png, 0, "not built yet"))
}
