//! The parts of lanes that passes may edit, where hits may not fall everywhere.

/// Bytes of a lane.
#[derive(Clone, Copy, Debug)]
struct Window {
    lane: usize,
    start: usize,
    len: usize,
    /// Bytes in all windows up to this one, itself included.
    total: usize,
}

/// Windows in order; together they are what passes see.
#[derive(Debug, Default)]
pub(super) struct Windows(Vec<Window>);

impl Windows {
    /// Adds the bytes of a lane that lie between two bits with no bit outside.
    pub(super) fn add(&mut self, lane: usize, (from, to): (u64, u64)) {
        let (start, end) = (from.div_ceil(8) as usize, (to / 8) as usize);
        let total = self.total();
        if start < end {
            self.0.push(Window {
                lane,
                start,
                len: end - start,
                total: total + (end - start),
            });
        }
    }

    pub(super) fn total(&self) -> usize {
        self.0.last().map_or(0, |window| window.total)
    }

    /// The window of an editable byte, and its place there.
    pub(super) fn locate(&self, index: usize) -> (usize, usize) {
        let window = self.0.partition_point(|window| window.total <= index);
        let Window { len, total, .. } = self.0[window];
        (window, index + len - total)
    }

    pub(super) fn len(&self, window: usize) -> usize {
        self.0[window].len
    }

    /// The lane and the place there of a byte of a window.
    pub(super) fn place(&self, window: usize, at: usize) -> (usize, usize) {
        let Window { lane, start, .. } = self.0[window];
        (lane, start + at)
    }
}
