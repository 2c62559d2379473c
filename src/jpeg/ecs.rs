//! The entropy-coded segments of all scans as lanes: what the passes edit. The input is not
//! copied: edits are kept beside it as patches, and a walk reads the two as one.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};

use memchr::memchr;

use super::container::{Interval, Piece};
use super::plan::Plan;
use super::scan::Scan;
use super::span::Span;
use crate::lanes::Store;

/// Every so many bytes of a lane it is noted where they stand in the file.
const PAGE: usize = 4096;

/// The coded data of all scans, and what the passes made of it. A lane is a restart interval;
/// its bytes are counted without stuffing.
pub(super) struct Coded<'a> {
    input: &'a [u8],
    lanes: Vec<Lane>,
    /// By scan: its first lane.
    first_lane: Vec<usize>,
    /// Bytes that a pass wrote, by lane and place. They do not overlap. Most lanes have none, which is
    /// asked of each of them.
    patches: HashMap<usize, BTreeMap<usize, Vec<u8>>>,
    /// By lane that was looked into: where in the file its pages start.
    pages: RefCell<HashMap<usize, Vec<u32>>>,
}

#[derive(Clone, Copy)]
struct Lane {
    interval: Interval,
    /// Editable bytes in all lanes up to this one, itself included.
    total: u32,
}

impl Interval {
    /// Bytes without the stuffing.
    fn len(&self) -> usize {
        (self.end - self.start - self.stuffing) as usize
    }
}

impl<'a> Coded<'a> {
    pub(super) fn new(input: &'a [u8], pieces: &[Piece], plan: &Plan) -> Self {
        let mut coded = Coded {
            input,
            lanes: Vec::new(),
            first_lane: Vec::with_capacity(plan.scans.len()),
            patches: HashMap::new(),
            pages: RefCell::default(),
        };
        let mut total = 0;
        for scan in &plan.scans {
            coded.first_lane.push(coded.lanes.len());
            let intervals = intervals(pieces, scan);
            coded.lanes.reserve_exact(intervals.len());
            for &interval in intervals {
                total += interval.len() as u32;
                coded.lanes.push(Lane { interval, total });
            }
        }
        coded
    }

    /// The lane of restart interval `index` of a scan.
    pub(super) fn lane(&self, scan: usize, index: usize) -> usize {
        self.first_lane.get(scan).copied().unwrap_or(0) + index
    }

    /// The scan of a lane, and which of its restart intervals the lane is.
    pub(super) fn scan_of(&self, lane: usize) -> (usize, usize) {
        let scan = self.first_lane.partition_point(|&first| first <= lane) - 1;
        (scan, lane - self.first_lane[scan])
    }

    /// The first byte of a lane, from `at` on, that a pass wrote.
    pub(super) fn first_patch(&self, lane: usize, at: usize) -> Option<usize> {
        let patches = self.patches.get(&lane)?;
        if reaching(patches, at).is_some() {
            return Some(at);
        }
        patches.range(at..).next().map(|(start, _)| *start)
    }

    /// The bytes of a lane that passes wrote, as starts and ends in order.
    pub(super) fn patches(&self, lane: usize) -> impl Iterator<Item = (usize, usize)> {
        let patches = self.patches.get(&lane).into_iter().flatten();
        patches.map(|(at, bytes)| (*at, at + bytes.len()))
    }

    /// A lane as it stands in the input.
    pub(super) fn original(&self, lane: usize) -> [Span<'a>; 1] {
        let interval = self.interval(lane);
        [Span::Stuffed(
            &self.input[interval.start as usize..interval.end as usize],
        )]
    }

    /// A lane as it stands in the input, from the byte on that holds bit `position`.
    pub(super) fn original_from(&self, lane: usize, position: u64) -> [Span<'a>; 1] {
        let byte = (position / 8).min(self.lane_bytes(lane) as u64) as usize;
        [Span::Stuffed(
            &self.input[self.raw(lane, byte)..self.interval(lane).end as usize],
        )]
    }

    /// Length of a lane in bytes.
    pub(super) fn lane_bytes(&self, lane: usize) -> usize {
        self.interval(lane).len()
    }

    /// A lane as the passes left it, from the byte on that holds bit `position`.
    pub(super) fn patched_from(&self, lane: usize, position: u64) -> Vec<Span<'_>> {
        let first = (position / 8).min(self.lane_bytes(lane) as u64) as usize;
        let end = self.interval(lane).end as usize;
        let mut spans = Vec::new();
        let mut from = self.raw(lane, first);
        for (at, bytes) in self.patches.get(&lane).into_iter().flatten() {
            let Some(bytes) = bytes.get(first.saturating_sub(*at)..) else {
                continue;
            };
            let at = (*at).max(first);
            spans.push(Span::Stuffed(&self.input[from..self.raw(lane, at)]));
            spans.push(Span::Plain(bytes));
            from = self.raw(lane, at + bytes.len());
        }
        spans.push(Span::Stuffed(&self.input[from..end]));
        spans
    }

    fn interval(&self, lane: usize) -> Interval {
        self.lanes[lane].interval
    }

    /// Where byte `at` of a lane stands in the file; for the length of the lane: its end.
    pub(super) fn raw(&self, lane: usize, at: usize) -> usize {
        let interval = self.interval(lane);
        if interval.stuffing == 0 {
            return interval.start as usize + at;
        }
        let mut pages = self.pages.borrow_mut();
        let pages = pages.entry(lane).or_insert_with(|| self.index(interval));
        let mut raw = pages.get(at / PAGE).map_or(interval.start, |page| *page) as usize;
        let mut rest = at - at / PAGE * PAGE;
        while rest > 0 {
            let data = &self.input[raw..interval.end as usize];
            let plain = memchr(0xFF, data).unwrap_or(data.len()).min(rest);
            raw += plain;
            rest -= plain;
            if rest > 0 {
                raw += 2;
                rest -= 1;
            }
        }
        raw
    }

    fn index(&self, interval: Interval) -> Vec<u32> {
        let mut pages = vec![interval.start];
        let (mut raw, mut at) = (interval.start as usize, 0);
        while raw < interval.end as usize {
            let data = &self.input[raw..interval.end as usize];
            let plain = memchr(0xFF, data).unwrap_or(data.len());
            while pages.len() * PAGE <= at + plain {
                pages.push((raw + pages.len() * PAGE - at) as u32);
            }
            raw = (raw + plain + 2).min(interval.end as usize);
            at += plain + 1;
        }
        pages
    }
}

/// The one patch that may reach over `at` from before.
fn reaching(patches: &BTreeMap<usize, Vec<u8>>, at: usize) -> Option<(&usize, &Vec<u8>)> {
    let before = patches.range(..at).next_back();
    before.filter(|(start, bytes)| *start + bytes.len() > at)
}

/// The restart intervals of a scan as the file has them.
pub(super) fn intervals<'p>(pieces: &'p [Piece], scan: &Scan) -> &'p [Interval] {
    match pieces.get(scan.piece) {
        Some(Piece::Coded { intervals, .. }) => intervals,
        _ => &[],
    }
}

/// Which of the intervals of the file stands for each restart interval that a scan has to have.
/// A restart marker that is one or two numbers ahead tells that intervals were lost, as decoders
/// take it; any other number is passed over.
pub(super) fn assign(scan: &Scan, intervals: &[Interval]) -> Vec<Option<usize>> {
    let expected = scan.expected_intervals() as usize;
    let mut assigned = Vec::with_capacity(expected);
    for (index, interval) in intervals.iter().enumerate() {
        if assigned.len() >= expected {
            break;
        }
        assigned.push(Some(index));
        if let Some(number) = interval.restart {
            let ahead = (usize::from(number) + 8 - (assigned.len() - 1) % 8) % 8;
            if ahead <= 2 {
                assigned.extend(std::iter::repeat_n(None, ahead));
            }
        }
    }
    assigned.resize(expected, None);
    assigned
}

impl Store for Coded<'_> {
    fn total(&self) -> usize {
        self.lanes.last().map_or(0, |lane| lane.total as usize)
    }

    fn locate(&self, index: usize) -> (usize, usize) {
        let lane = self
            .lanes
            .partition_point(|lane| lane.total as usize <= index);
        let before = lane
            .checked_sub(1)
            .map_or(0, |lane| self.lanes[lane].total as usize);
        (lane, index - before)
    }

    fn lane_len(&self, lane: usize) -> usize {
        self.lane_bytes(lane)
    }

    fn read(&self, lane: usize, at: usize, into: &mut [u8]) {
        let mut raw = self.raw(lane, at);
        for byte in into.iter_mut() {
            *byte = self.input[raw];
            raw += if *byte == 0xFF { 2 } else { 1 };
        }
        let end = at + into.len();
        let Some(patches) = self.patches.get(&lane) else {
            return;
        };
        let inside = patches.range(at..end);
        for (start, bytes) in reaching(patches, at).into_iter().chain(inside) {
            let (from, to) = ((*start).max(at), (start + bytes.len()).min(end));
            if from < to {
                into[from - at..to - at].copy_from_slice(&bytes[from - start..to - start]);
            }
        }
    }

    fn write(&mut self, lane: usize, at: usize, bytes: &[u8]) {
        let end = at + bytes.len();
        let patches = self.patches.entry(lane).or_default();
        let first = reaching(patches, at).map_or(at, |(start, _)| *start);
        let overlapping: Vec<usize> = patches.range(first..end).map(|(start, _)| *start).collect();
        let last = overlapping
            .last()
            .and_then(|start| Some(start + patches.get(start)?.len()));
        let mut union = vec![0; last.unwrap_or(end).max(end) - first];
        self.read(lane, first, &mut union);
        union[at - first..end - first].copy_from_slice(bytes);
        let patches = self.patches.entry(lane).or_default();
        for start in overlapping {
            patches.remove(&start);
        }
        patches.insert(first, union);
    }
}
