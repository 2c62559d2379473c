//! Whose fault it is that a result does not decode: a bug of this crate's, or a fault of the input that the
//! decoder got past.

use crate::control::Control;
use crate::document::Opened;
use crate::error::{Error, ErrorKind};
use crate::format::Format;
use crate::png::FilterChoice;
use crate::recipe::Recipe;
use crate::{Options, verify};

/// The error to be told of a result that was found unsound.
///
/// One fault can hide another: a decoder that gives up inside a broken scan never misses the tables of the next,
/// and one that takes stray bytes for a segment passes over the segments behind. In a result, which is in
/// order, it meets them. If it does so in the input once that is mended, no glitch is to blame.
pub(crate) fn blame(error: Error, input: &[u8], recipe: &Recipe, options: &Options) -> Error {
    if error.kind() != ErrorKind::Unsound {
        return error;
    }
    match fault_of_input(input, recipe, options) {
        Ok(Some(fault)) => fault,
        Ok(None) => error.of_result(recipe),
        Err(error) => error,
    }
}

/// The first fault of an input that does not decode once it is mended.
fn fault_of_input(
    input: &[u8],
    recipe: &Recipe,
    Options { limits, cancel, .. }: &Options,
) -> Result<Option<Error>, Error> {
    let format = Format::sniff(input)?;
    let Some(fault) = crate::check(input, format, limits)?.fault else {
        return Ok(None);
    };
    let nothing = Recipe {
        control: Control::default(),
        filter: FilterChoice::Keep,
        ..recipe.clone()
    };
    let Opened { mut document, .. } = crate::open(input, format, &nothing, (limits, cancel))?;
    document.repair()?;
    let mended = crate::clean(document.pack()?, format, recipe, cancel)?;
    let undecodable = verify::decode(&mended, format, limits).err();
    Ok(undecodable.map(|why| {
        let what = format!(
            "{}; once that is mended it does not decode: {why}",
            fault.what
        );
        Error::malformed(format, fault.offset, what)
    }))
}
