//! What a recipe may choose about a PNG.

use std::fmt;
use std::str::FromStr;

use crate::error::Error;

/// Which filter types (PNG clause 9) the scanlines get before they are glitched. Refiltering is
/// lossless; the filter type decides how far and in which direction a hit spreads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FilterChoice {
    /// Rows that would hide a hit are refiltered, the others are kept.
    #[default]
    Auto,
    /// Every row keeps its filter type.
    Keep,
    /// Type 0 for every row: a hit is a dot.
    None,
    /// Type 1 for every row: streaks to the right.
    Sub,
    /// Type 2 for every row: streaks downwards.
    Up,
    /// Type 3 for every row: soft diagonal comets.
    Average,
    /// Type 4 for every row: shattered planes.
    Paeth,
}

/// How hard a glitched PNG is compressed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Effort {
    /// Quick, and a little larger.
    #[default]
    Fast,
    /// Slow, and as small as it gets.
    Small,
}

const FILTERS: [(FilterChoice, &str); 7] = [
    (FilterChoice::Auto, "auto"),
    (FilterChoice::Keep, "keep"),
    (FilterChoice::None, "none"),
    (FilterChoice::Sub, "sub"),
    (FilterChoice::Up, "up"),
    (FilterChoice::Average, "average"),
    (FilterChoice::Paeth, "paeth"),
];

const EFFORTS: [(Effort, &str); 2] = [(Effort::Fast, "fast"), (Effort::Small, "small")];

impl FilterChoice {
    /// The word for each choice in a recipe.
    pub fn words() -> Vec<&'static str> {
        FILTERS.iter().map(|(_, word)| *word).collect()
    }
}

impl Effort {
    /// The word for each choice in a recipe.
    pub fn words() -> Vec<&'static str> {
        EFFORTS.iter().map(|(_, word)| *word).collect()
    }
}

fn word<T: PartialEq>(table: &[(T, &'static str)], value: &T) -> &'static str {
    table
        .iter()
        .find(|(each, _)| each == value)
        .map_or("", |(_, word)| word)
}

fn value<T: Copy>(table: &[(T, &'static str)], setting: &str, text: &str) -> Result<T, Error> {
    let found = table.iter().find(|(_, word)| *word == text);
    found.map(|(value, _)| *value).ok_or_else(|| {
        let allowed: Vec<_> = table.iter().map(|(_, word)| *word).collect();
        Error::bad_recipe(format!(
            "`{setting}` is one of {}, not `{text}`",
            allowed.join(", ")
        ))
    })
}

impl FromStr for FilterChoice {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        value(&FILTERS, "filter", text)
    }
}

impl fmt::Display for FilterChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(word(&FILTERS, self))
    }
}

impl FromStr for Effort {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        value(&EFFORTS, "deflate", text)
    }
}

impl fmt::Display for Effort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(word(&EFFORTS, self))
    }
}
