//! What a pass takes: numbers, and words of which there are a few.

use std::borrow::Cow;
use std::ops::RangeInclusive;

use crate::error::Error;
use crate::words::whole;

/// Longest run of bytes that a step changes.
pub(super) const LONGEST: u32 = 65_536;

/// A value that a pass takes.
#[derive(Debug)]
pub struct Param {
    /// The word for it in a recipe.
    pub name: &'static str,
    /// What it means, with its unit.
    pub about: &'static str,
    /// What it may be, and what it is when not given.
    pub allowed: Allowed,
}

/// What a parameter may be.
#[derive(Debug)]
pub enum Allowed {
    /// A whole number.
    Whole {
        /// What it is when not given.
        default: u32,
        /// What it may be.
        range: RangeInclusive<u32>,
    },
    /// One of these words; the first when not given.
    Words(&'static [&'static str]),
}

impl Param {
    pub(super) const fn whole(
        name: &'static str,
        about: &'static str,
        default: u32,
        range: RangeInclusive<u32>,
    ) -> Self {
        Param {
            name,
            about,
            allowed: Allowed::Whole { default, range },
        }
    }

    /// The length of the run that a step changes.
    pub(super) const fn len(default: u32, least: u32) -> Self {
        let about = "length of the run in bytes";
        Param::whole("len", about, default, least..=LONGEST)
    }

    pub(super) const fn words(
        name: &'static str,
        about: &'static str,
        words: &'static [&'static str],
    ) -> Self {
        Param {
            name,
            about,
            allowed: Allowed::Words(words),
        }
    }

    /// What it is when not given; of a word, its place among the words.
    pub(super) fn default(&self) -> u32 {
        match self.allowed {
            Allowed::Whole { default, .. } => default,
            Allowed::Words(_) => 0,
        }
    }

    /// The text of a value.
    pub(super) fn text(&self, value: u32) -> Cow<'static, str> {
        match self.allowed {
            Allowed::Whole { .. } => value.to_string().into(),
            Allowed::Words(words) => words
                .get(value as usize)
                .copied()
                .unwrap_or_default()
                .into(),
        }
    }

    pub(super) fn parse(&self, pass: &str, text: &str) -> Result<u32, Error> {
        match &self.allowed {
            Allowed::Whole { range, .. } => whole(text, range).ok_or_else(|| {
                let (low, high) = (range.start(), range.end());
                Error::bad_recipe(format!(
                    "`{pass}:{}` takes a whole number from {low} to {high}, not `{text}`",
                    self.name
                ))
            }),
            Allowed::Words(words) => {
                let place = words.iter().position(|word| *word == text);
                place.map(|place| place as u32).ok_or_else(|| {
                    Error::bad_recipe(format!(
                        "`{pass}:{}` is one of {}, not `{text}`",
                        self.name,
                        words.join(", ")
                    ))
                })
            }
        }
    }
}
