//! How much is hit in each frame of an animation.

use std::fmt;
use std::str::FromStr;

use crate::control;
use crate::error::Error;

/// How the amount goes through the frames.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Motion {
    /// The recipe's own in every frame.
    #[default]
    Steady,
    /// Along straight lines.
    Ramp(Ramp),
    /// From the first of the two up to the second and back, smoothly, so that the end joins the start.
    /// `None`: from 0 to the peak.
    Cycle(Option<(u8, u8)>),
}

/// Amounts joined by straight lines. The text form is one of the three words, or amounts with `-`
/// between them: `0-60`, `20-80-20`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ramp {
    /// From 0 to the peak.
    Up,
    /// From the peak to 0.
    Down,
    /// From 0 to the peak and back.
    ThereAndBack,
    /// Through these, evenly spaced.
    Through(Vec<u8>),
}

/// Most points of a ramp.
const MOST_POINTS: usize = 64;

impl FromStr for Ramp {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let amount = |text: &str| control::whole(text, 0..=100).map(|amount| amount as u8);
        let points = || text.split('-').map(amount).collect::<Option<Vec<u8>>>();
        let ramp = match text {
            "up" => Some(Ramp::Up),
            "down" => Some(Ramp::Down),
            "there-and-back" => Some(Ramp::ThereAndBack),
            _ => points()
                .filter(|points| (2..=MOST_POINTS).contains(&points.len()))
                .map(Ramp::Through),
        };
        ramp.ok_or_else(|| {
            Error::bad_recipe(format!(
                "a ramp is up, down, there-and-back, or amounts from 0 to 100 such as 0-60, not `{text}`"
            ))
        })
    }
}

impl fmt::Display for Ramp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Ramp::Up => f.write_str("up"),
            Ramp::Down => f.write_str("down"),
            Ramp::ThereAndBack => f.write_str("there-and-back"),
            Ramp::Through(points) => {
                let points: Vec<_> = points.iter().map(u8::to_string).collect();
                f.write_str(&points.join("-"))
            }
        }
    }
}

/// The amount at its peak, where neither the motion nor the recipe tells one.
pub(crate) const PEAK: u8 = 60;

impl Motion {
    /// The amount in a frame, counted from 0, of so many; `None`: the recipe's own.
    pub(crate) fn amount(&self, frame: u32, frames: u32, peak: Option<u8>) -> Option<u8> {
        let peak = peak.unwrap_or(PEAK);
        match self {
            Motion::Steady => None,
            Motion::Ramp(Ramp::Up) => Some(along(&[0, peak], frame, frames)),
            Motion::Ramp(Ramp::Down) => Some(along(&[peak, 0], frame, frames)),
            Motion::Ramp(Ramp::ThereAndBack) => Some(along(&[0, peak, 0], frame, frames)),
            Motion::Ramp(Ramp::Through(points)) => Some(along(points, frame, frames)),
            Motion::Cycle(range) => {
                let (low, high) = range.unwrap_or((0, peak));
                Some(around((low, high), frame, frames))
            }
        }
    }
}

/// The place of a frame on straight lines: the first frame is at their start, the last at their end.
fn along(points: &[u8], frame: u32, frames: u32) -> u8 {
    let last = u64::from(frames.saturating_sub(1)).max(1);
    let place = u64::from(frame) * (points.len().saturating_sub(1)) as u64;
    let (index, rest) = ((place / last) as usize, place % last);
    let at = |index: usize| u64::from(points.get(index).or(points.last()).copied().unwrap_or(0));
    let (low, high) = (at(index), at(index + 1));
    ((low * (last - rest) + high * rest + last / 2) / last) as u8
}

/// The place of a frame on a wave that comes back to where it starts. No two frames are at one
/// height: those of the way up lie between those of the way down.
fn around((low, high): (u8, u8), frame: u32, frames: u32) -> u8 {
    // Quarters of a frame, from 0 up to the half of all and down again.
    let half = u64::from(frames.max(1)) * 2;
    let quarter = u64::from(frame) * 4 + 1;
    let height = quarter.min((half * 2).saturating_sub(quarter));
    // 3h^2 - 2h^3 of a height from 0 to 1, in thousandths.
    let height = (height * 1000 / half).min(1000);
    let smooth = (3 * height * height * 1000 - 2 * height * height * height) / 1_000_000;
    let (low, high) = (u64::from(low), u64::from(high));
    ((low * (1000 - smooth) + high * smooth + 500) / 1000) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    fn amounts(motion: &str, frames: u32, peak: Option<u8>) -> Vec<u8> {
        let motion = Motion::Ramp(motion.parse().unwrap());
        let frame = |frame| motion.amount(frame, frames, peak).unwrap();
        (0..frames).map(frame).collect()
    }

    #[test]
    fn a_ramp_goes_along_straight_lines() {
        assert_eq!(amounts("up", 5, Some(80)), [0, 20, 40, 60, 80]);
        assert_eq!(amounts("down", 5, Some(80)), [80, 60, 40, 20, 0]);
        assert_eq!(amounts("there-and-back", 5, None), [0, 30, 60, 30, 0]);
        assert_eq!(amounts("10-20", 3, Some(80)), [10, 15, 20]);
        assert_eq!(amounts("0-100-50", 5, None), [0, 50, 100, 75, 50]);
        assert_eq!(amounts("7-9", 1, None), [7]);
    }

    #[test]
    fn a_cycle_ends_where_it_starts() {
        for frames in [2, 3, 6, 12, 25] {
            let at = |frame| {
                Motion::Cycle(None)
                    .amount(frame, frames, Some(100))
                    .unwrap()
            };
            assert!(
                at(0) < 20 && (at(frames - 1) < 20 || frames < 6),
                "{frames}"
            );
            let all: Vec<u8> = (0..frames).map(at).collect();
            let highest = *all.iter().max().unwrap();
            assert!(highest >= 70, "{all:?}");
            let mut sorted = all.clone();
            sorted.sort_unstable();
            sorted.dedup();
            assert_eq!(sorted.len(), all.len(), "{all:?}");
        }
        assert_eq!(Motion::Cycle(Some((40, 40))).amount(3, 9, None), Some(40));
        assert_eq!(Motion::Steady.amount(3, 9, Some(5)), None);
    }

    #[test]
    fn text_round_trips() {
        for text in ["up", "down", "there-and-back", "0-60", "100-0-100"] {
            assert_eq!(text.parse::<Ramp>().unwrap().to_string(), text);
        }
        for text in ["", "60", "0-101", "-1-5", "0--5", "sideways", "00-1"] {
            let error = text.parse::<Ramp>().unwrap_err().to_string();
            assert!(error.contains(&format!("not `{text}`")), "{error}");
        }
    }
}
