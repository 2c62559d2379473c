//! What both formats offer: the same five verbs. Opening and unpacking are each format's own
//! `open`; editing goes through [`Store`]; repair and pack are here.

use crate::error::Error;
use crate::lanes::Store;

/// An opened picture whose scan data can be edited, repaired and packed again.
pub(crate) trait Document: Store {
    /// How many parts of the picture there are of which a hit in one leaves the others alone, or
    /// nearly so.
    fn parts(&self) -> u64;

    /// Makes the edited scan data legal again, and measures how much of the picture differs
    /// visibly from the input. May be called again after more edits. The measure may stop as soon
    /// as it has [`Share::shows`], so it is a lower bound.
    fn repair(&mut self) -> Result<Share, Error>;

    /// The finished file: everything outside the scan data as in the input.
    fn pack(self: Box<Self>) -> Result<Vec<u8>, Error>;
}

/// A document, and the width and height of its picture in pixels.
pub(crate) struct Opened<'a> {
    pub(crate) document: Box<dyn Document + 'a>,
    pub(crate) size: (u32, u32),
}

/// What a check found: the first fault, and the width and height of the picture in pixels.
pub(crate) struct Checked {
    pub(crate) fault: Option<crate::verify::Fault>,
    pub(crate) size: (u32, u32),
}

/// How much of a picture differs, counted in whatever unit a format measures (blocks, pixels).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Share {
    pub(crate) changed: u64,
    pub(crate) of: u64,
}

impl Share {
    /// The larger of two.
    pub(crate) fn larger(self, other: Self) -> Self {
        let [one, two] = [(self, other), (other, self)]
            .map(|(this, that)| u128::from(this.changed) * u128::from(that.of.max(1)));
        if two > one { other } else { self }
    }

    /// Whether the glitch can be seen: 2 % of the picture or more.
    pub(crate) fn shows(self) -> bool {
        self.changed > 0 && u128::from(self.changed) * 50 >= u128::from(self.of)
    }
}
