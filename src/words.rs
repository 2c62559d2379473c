//! Settings and parameters that are one of a few words, or a whole number.

use std::ops::RangeInclusive;

use crate::error::Error;

/// The word for a value.
pub(crate) fn word<T: PartialEq>(table: &[(T, &'static str)], value: &T) -> &'static str {
    let found = table.iter().find(|(each, _)| each == value);
    found.map_or("", |(_, word)| word)
}

/// All words.
pub(crate) fn words<T>(table: &[(T, &'static str)]) -> Vec<&'static str> {
    table.iter().map(|(_, word)| *word).collect()
}

/// The value of a word.
pub(crate) fn value<T: Copy>(
    table: &[(T, &'static str)],
    setting: &str,
    text: &str,
) -> Result<T, Error> {
    let found = table.iter().find(|(_, word)| *word == text);
    found.map(|(value, _)| *value).ok_or_else(|| {
        let allowed = words(table).join(", ");
        Error::bad_recipe(format!("`{setting}` is one of {allowed}, not `{text}`"))
    })
}

/// A number in plain digits, inside a range.
pub(crate) fn whole(text: &str, range: &RangeInclusive<u32>) -> Option<u32> {
    let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let value = text.parse().ok();
    value.filter(|value| plain && range.contains(value))
}

/// Gives an enum its words: `words`, `FromStr` and `Display`.
macro_rules! worded {
    ($type:ty, $setting:literal, $table:ident) => {
        impl $type {
            /// The word for each choice in a recipe.
            pub fn words() -> Vec<&'static str> {
                crate::words::words(&$table)
            }
        }

        impl std::str::FromStr for $type {
            type Err = crate::error::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                crate::words::value(&$table, $setting, text)
            }
        }

        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(crate::words::word(&$table, self))
            }
        }
    };
}
pub(crate) use worded;
