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

#[cfg(all(test, feature = "verify"))]
mod tests {
    use super::*;

    const PICTURE: &[u8] = include_bytes!("../fixtures/jpeg/sampling-420.jpg");
    const MISSED: &[u8] =
        include_bytes!("../fuzz/corpus/glitch/table-missing-behind-broken-scan.jpg");

    /// The error that comes of an input that the check decodes.
    fn refused(input: &[u8]) -> Error {
        assert!(verify::decode(input, Format::Jpeg, &crate::Limits::default()).is_ok());
        let error = crate::glitch(input, &"replace,seed=3".parse().unwrap()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Malformed, "{error}");
        error
    }

    /// The decoder takes a segment to follow RST0, and in it lies DNL, which it takes nowhere.
    #[test]
    fn what_a_stray_marker_hides_is_the_inputs_fault() {
        let hidden = [0xFF, 0xD0, 0, 8, 0xFF, 0xDC, 0, 4, 0, 59];
        let input = [&PICTURE[..2], &hidden, &PICTURE[2..]].concat();
        let error = refused(&input);
        assert_eq!(error.offset(), Some(2), "{error}");
        let words = error.to_string();
        assert!(words.contains("a restart marker outside a scan"), "{words}");
    }

    /// The decoder gives up inside the scan before.
    #[test]
    fn a_table_missed_behind_a_broken_scan_is_the_inputs_fault() {
        let error = refused(MISSED);
        let words = error.to_string();
        assert!(words.contains("table not found"), "{words}");
    }

    /// It is mended and decodes, so that what became of it was our doing.
    #[test]
    fn what_opens_is_not_blamed() {
        let recipe = Recipe::default().with_seed(1);
        for input in [PICTURE, &PICTURE[..PICTURE.len() - 2]] {
            let error = Error::unsound("no picture");
            let error = blame(error, input, &recipe, &Options::default());
            assert_eq!(error.kind(), ErrorKind::Unsound, "{error}");
        }
    }
}
