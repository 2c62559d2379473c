//! What can be wrong with an input, a recipe or (never, we hope) a result.

use std::borrow::Cow;
use std::fmt;

use crate::format::{Format, LooksLike};
use crate::recipe::Recipe;

/// Why a picture was not glitched. Its text says what is wrong and where; front ends choose
/// their exit code or HTTP status by [`Error::kind`] alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error(Repr);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Repr {
    Empty,
    NotAnImage(LooksLike),
    Malformed(Malformed),
    Unsupported(Unsupported),
    TooLarge {
        what: &'static str,
        is: u64,
        limit: u64,
    },
    BadRecipe(String),
    Undecodable(String),
    Unsound(String),
    Cancelled,
}

/// The kinds of [`Error`], one for each way on from there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// No bytes at all.
    Empty,
    /// Neither a JPEG nor a PNG.
    NotAnImage,
    /// A JPEG or PNG that breaks its own standard so that nothing can open it.
    Malformed,
    /// A JPEG of a coding process that is not handled.
    Unsupported,
    /// Over a limit of [`Limits`](crate::Limits).
    TooLarge,
    /// A recipe that does not parse or asks for something out of range.
    BadRecipe,
    /// A picture that can be glitched, but that the decoder cannot open, so that there are no pixels to
    /// be shown (feature `show`).
    Undecodable,
    /// The result did not decode: a bug of this crate. The picture is not handed out.
    Unsound,
    /// Called off through [`Cancel`](crate::Cancel) before it was done.
    Cancelled,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Malformed {
    format: Format,
    offset: usize,
    fault: Cow<'static, str>,
}

/// The JPEG coding processes that are not handled (T.81 table B.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unsupported {
    /// SOF3: lossless, Huffman coding.
    Lossless,
    /// SOF5 to SOF7, or DHP: hierarchical.
    Hierarchical,
    /// SOF9 to SOF15: arithmetic coding.
    Arithmetic,
    /// Sample precision other than 8 bits; the number of bits.
    Precision(u8),
    /// SOF55: JPEG-LS (T.87).
    JpegLs,
}

impl fmt::Display for Unsupported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unsupported::Lossless => f.write_str("lossless coding (SOF3)"),
            Unsupported::Hierarchical => f.write_str("hierarchical coding"),
            Unsupported::Arithmetic => f.write_str("arithmetic coding"),
            Unsupported::Precision(bits) => write!(f, "{bits}-bit samples"),
            Unsupported::JpegLs => f.write_str("JPEG-LS"),
        }
    }
}

impl Error {
    pub(crate) fn empty() -> Self {
        Error(Repr::Empty)
    }

    pub(crate) fn not_an_image(looks_like: LooksLike) -> Self {
        Error(Repr::NotAnImage(looks_like))
    }

    /// `offset` counts bytes from the start of the input.
    pub(crate) fn malformed(
        format: Format,
        offset: usize,
        fault: impl Into<Cow<'static, str>>,
    ) -> Self {
        let fault = fault.into();
        Error(Repr::Malformed(Malformed {
            format,
            offset,
            fault,
        }))
    }

    pub(crate) fn unsupported(process: Unsupported) -> Self {
        Error(Repr::Unsupported(process))
    }

    pub(crate) fn too_large(what: &'static str, is: u64, limit: u64) -> Self {
        Error(Repr::TooLarge { what, is, limit })
    }

    pub(crate) fn bad_recipe(why: impl Into<String>) -> Self {
        Error(Repr::BadRecipe(why.into()))
    }

    #[cfg_attr(not(feature = "verify"), allow(dead_code))]
    pub(crate) fn unsound(why: impl Into<String>) -> Self {
        Error(Repr::Unsound(why.into()))
    }

    #[cfg_attr(not(feature = "show"), allow(dead_code))]
    pub(crate) fn undecodable(why: impl Into<String>) -> Self {
        Error(Repr::Undecodable(why.into()))
    }

    pub(crate) fn cancelled() -> Self {
        Error(Repr::Cancelled)
    }

    /// The same, told of a result with the recipe that made it.
    pub(crate) fn of_result(self, recipe: &Recipe) -> Self {
        match self.0 {
            Repr::Unsound(why) => Error(Repr::Unsound(format!("{why} (recipe {recipe})"))),
            other => Error(other),
        }
    }

    /// What kind of failure this is.
    pub fn kind(&self) -> ErrorKind {
        match &self.0 {
            Repr::Empty => ErrorKind::Empty,
            Repr::NotAnImage(_) => ErrorKind::NotAnImage,
            Repr::Malformed(_) => ErrorKind::Malformed,
            Repr::Unsupported(_) => ErrorKind::Unsupported,
            Repr::TooLarge { .. } => ErrorKind::TooLarge,
            Repr::BadRecipe(_) => ErrorKind::BadRecipe,
            Repr::Undecodable(_) => ErrorKind::Undecodable,
            Repr::Unsound(_) => ErrorKind::Unsound,
            Repr::Cancelled => ErrorKind::Cancelled,
        }
    }

    /// Where in the input a malformed file breaks its standard, in bytes from its start.
    pub fn offset(&self) -> Option<usize> {
        match &self.0 {
            Repr::Malformed(malformed) => Some(malformed.offset),
            _ => None,
        }
    }

    /// What an input that is neither JPEG nor PNG looks like.
    pub fn looks_like(&self) -> Option<LooksLike> {
        match &self.0 {
            Repr::NotAnImage(looks_like) => Some(*looks_like),
            _ => None,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Repr::Empty => f.write_str("the input is empty"),
            Repr::NotAnImage(looks_like) => {
                write!(
                    f,
                    "not a JPEG or PNG, which are what can be glitched: it looks like {looks_like}"
                )
            }
            Repr::Malformed(Malformed {
                format,
                offset,
                fault,
            }) => {
                write!(f, "broken {format} at byte {offset}: {fault}")
            }
            Repr::Unsupported(process) => write!(
                f,
                "unsupported JPEG coding process: {process} (supported: 8-bit baseline, extended sequential and progressive Huffman coding)"
            ),
            Repr::TooLarge { what, is, limit } => {
                write!(f, "too large: {is} {what}, the limit is {limit}")
            }
            Repr::BadRecipe(why) => write!(f, "bad recipe: {why}"),
            Repr::Undecodable(why) => write!(f, "the decoder cannot show it: {why}"),
            Repr::Unsound(why) => write!(
                f,
                "the glitched picture did not pass its check and is withheld; this is a bug in glitch: {why}"
            ),
            Repr::Cancelled => f.write_str("cancelled"),
        }
    }
}

impl std::error::Error for Error {}
