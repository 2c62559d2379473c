//! The band of an AC scan.

/// The band of coefficients of an AC scan, and its point transform.
#[derive(Clone, Copy)]
pub(super) struct Band {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) point: u32,
}

impl Band {
    /// The bits of all of it.
    #[inline(always)]
    pub(super) fn places(self) -> u64 {
        self.bits(self.start, self.end + 1)
    }

    /// The bits of the coefficients from `from` up to before `to`, at most 64.
    #[inline(always)]
    pub(super) fn bits(self, from: usize, to: usize) -> u64 {
        let below = |k: usize| if k >= 64 { u64::MAX } else { (1 << k) - 1 };
        below(to) & !below(from)
    }
}
