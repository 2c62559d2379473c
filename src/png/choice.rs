//! What a recipe may choose about a PNG.

use crate::words::worded;

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

worded!(FilterChoice, "filter", FILTERS);
worded!(Effort, "deflate", EFFORTS);
