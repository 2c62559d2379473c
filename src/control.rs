//! How much is damaged, and where: the settings of a recipe that both formats heed.

use std::fmt;
use std::ops::{Range, RangeInclusive};
use std::str::FromStr;

use crate::error::Error;
use crate::words::{self, worded};

/// How far a hit spreads downwards.
///
/// A row is a row of MCUs in a JPEG (8 or 16 lines, T.81 A.2) and [`PNG_ROW`] scanlines in a PNG.
/// The text is `all`, `12`, or `5pct` of the picture's height.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reach {
    /// As far as the format lets it: as a rule to the end of the picture.
    #[default]
    All,
    /// Over so many rows, 1 to 10,000, that of the hit included.
    Rows(u32),
    /// Over so much of the height, 1 to 100 percent, but over one row at least.
    Percent(u32),
}

/// Scanlines in a row of a PNG, as [`Reach`] counts.
pub const PNG_ROW: u32 = 16;

impl Reach {
    /// The same in rows, of which the picture has `rows`. `None`: to the end.
    pub(crate) fn rows(self, rows: u32) -> Option<u32> {
        match self {
            Reach::All => None,
            Reach::Rows(count) => Some(count),
            Reach::Percent(share) => {
                let count = (u64::from(rows) * u64::from(share)).div_ceil(100);
                Some(u32::try_from(count).unwrap_or(u32::MAX).max(1))
            }
        }
    }
}

impl Reach {
    /// How many parts of `rows` rows there are that a hit does not reach out of.
    pub(crate) fn parts(self, rows: u32) -> u64 {
        let reach = self.rows(rows);
        reach.map_or(1, |reach| u64::from(rows.div_ceil(reach.max(1))))
    }
}

impl FromStr for Reach {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let wrong = || {
            Error::bad_recipe(format!(
                "`reach` is all, rows from 1 to 10000, or a share of the height from 1pct to 100pct, not `{text}`"
            ))
        };
        if text == "all" {
            return Ok(Reach::All);
        }
        match text.strip_suffix("pct") {
            Some(share) => Ok(Reach::Percent(whole(share, 1..=100).ok_or_else(wrong)?)),
            None => Ok(Reach::Rows(whole(text, 1..=10_000).ok_or_else(wrong)?)),
        }
    }
}

impl fmt::Display for Reach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reach::All => f.write_str("all"),
            Reach::Rows(count) => write!(f, "{count}"),
            Reach::Percent(share) => write!(f, "{share}pct"),
        }
    }
}

/// A rectangle of a picture: `LEFT-TOP-WIDTH-HEIGHT`, each in percent of the picture's side, or in
/// pixels, as in `10-20px-50-200px`. What reaches out of the picture is cut off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rect {
    left: Length,
    top: Length,
    width: Length,
    height: Length,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Length {
    Percent(u32),
    Pixels(u32),
}

impl Length {
    fn parse(text: &str) -> Option<Self> {
        match text.strip_suffix("px") {
            Some(pixels) => whole(pixels, 0..=(1 << 31) - 1).map(Length::Pixels),
            None => whole(text, 0..=100).map(Length::Percent),
        }
    }

    /// In hundredths of a pixel, of a side that is so many pixels long.
    fn of(self, side: u32) -> u64 {
        match self {
            Length::Percent(share) => u64::from(share) * u64::from(side),
            Length::Pixels(pixels) => u64::from(pixels) * 100,
        }
    }

    fn is_zero(self) -> bool {
        matches!(self, Length::Percent(0) | Length::Pixels(0))
    }
}

impl fmt::Display for Length {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Length::Percent(share) => write!(f, "{share}"),
            Length::Pixels(pixels) => write!(f, "{pixels}px"),
        }
    }
}

/// Pixels of a picture, none of them outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Area {
    pub(crate) x: Range<u32>,
    pub(crate) y: Range<u32>,
}

impl Rect {
    /// The pixels of a picture of this size that it touches; `None` where there are none.
    pub(crate) fn area(&self, (width, height): (u32, u32)) -> Option<Area> {
        let span = |start: Length, len: Length, side: u32| {
            let (from, to) = (start.of(side), start.of(side) + len.of(side));
            let pixel = |place: u64| u32::try_from(place).unwrap_or(u32::MAX).min(side);
            pixel(from / 100)..pixel(to.div_ceil(100))
        };
        let area = Area {
            x: span(self.left, self.width, width),
            y: span(self.top, self.height, height),
        };
        (!area.x.is_empty() && !area.y.is_empty()).then_some(area)
    }
}

impl FromStr for Rect {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let lengths: Option<Vec<Length>> = text.split('-').map(Length::parse).collect();
        match lengths.as_deref() {
            Some(&[left, top, width, height]) if !width.is_zero() && !height.is_zero() => {
                Ok(Rect {
                    left,
                    top,
                    width,
                    height,
                })
            }
            _ => Err(Error::bad_recipe(format!(
                "a rectangle is LEFT-TOP-WIDTH-HEIGHT, each in percent (30) or in pixels (200px) and neither side 0, not `{text}`"
            ))),
        }
    }
}

impl fmt::Display for Rect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}-{}-{}-{}",
            self.left, self.top, self.width, self.height
        )
    }
}

/// Which part of the colour of a JPEG is damaged. A PNG has no such parts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Channels {
    /// All components.
    #[default]
    All,
    /// The first component, as a rule Y: shapes, and no foreign colours.
    Luma,
    /// All others: foreign colours, and the shapes stay.
    Chroma,
}

/// Which scans of a progressive JPEG are damaged (T.81 G.1.1). Other pictures have no such parts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scans {
    /// All of them.
    #[default]
    All,
    /// Those of DC coefficients: blocks of wrong colour.
    Dc,
    /// Those of AC coefficients: wrong detail in the right colours.
    Ac,
}

/// What becomes of the transparency of a PNG.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Alpha {
    /// It stays as it is.
    #[default]
    Keep,
    /// It is glitched like the colours.
    Glitch,
}

const CHANNELS: [(Channels, &str); 3] = [
    (Channels::All, "all"),
    (Channels::Luma, "luma"),
    (Channels::Chroma, "chroma"),
];
const SCANS: [(Scans, &str); 3] = [(Scans::All, "all"), (Scans::Dc, "dc"), (Scans::Ac, "ac")];
const ALPHA: [(Alpha, &str); 2] = [(Alpha::Keep, "keep"), (Alpha::Glitch, "glitch")];

worded!(Channels, "channels", CHANNELS);
worded!(Scans, "scans", SCANS);
worded!(Alpha, "alpha", ALPHA);

/// Where the damage may be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Control {
    /// How far a hit spreads.
    pub reach: Reach,
    /// Where hits may fall; `None` is everywhere. They spread from there as far as they reach.
    pub region: Option<Rect>,
    /// Where nothing changes, whatever is hit.
    pub protect: Option<Rect>,
    /// Which components of a JPEG change.
    pub channels: Channels,
    /// Which scans of a progressive JPEG are hit.
    pub scans: Scans,
    /// Whether the transparency of a PNG changes.
    pub alpha: Alpha,
}

impl Control {
    /// Where hits may fall in a picture of this size; `None`: everywhere.
    pub(crate) fn region(&self, size: (u32, u32)) -> Result<Option<Area>, Error> {
        let Some(region) = self.region else {
            return Ok(None);
        };
        let area = region.area(size).ok_or_else(|| {
            let (width, height) = size;
            Error::bad_recipe(format!(
                "`region` {region} lies outside of the picture of {width}x{height} pixels"
            ))
        })?;
        Ok(Some(area))
    }

    /// What is spared in a picture of this size.
    pub(crate) fn protect(&self, size: (u32, u32)) -> Option<Area> {
        self.protect?.area(size)
    }
}

impl Channels {
    /// Whether the component with this index, from 0, is one of them.
    pub(crate) fn has(self, component: usize) -> bool {
        match self {
            Channels::All => true,
            Channels::Luma => component == 0,
            Channels::Chroma => component > 0,
        }
    }
}

/// A whole number inside a range, without zeros before it: one value has one text.
pub(crate) fn whole(text: &str, range: RangeInclusive<u32>) -> Option<u32> {
    let canonical = text == "0" || !text.starts_with('0');
    words::whole(text, &range).filter(|_| canonical)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_round_trips() {
        for text in ["all", "1", "12", "10000", "5pct", "100pct"] {
            assert_eq!(text.parse::<Reach>().unwrap().to_string(), text);
        }
        for text in ["0-0-100-100", "10-20px-50-200px"] {
            assert_eq!(text.parse::<Rect>().unwrap().to_string(), text);
        }
        for text in ["", "0", "10001", "0pct", "101pct", "1%", "+1", "01"] {
            assert!(text.parse::<Reach>().is_err(), "{text}");
        }
        for text in [
            "",
            "1-2-3",
            "1-2-0-4",
            "1-2-3-0px",
            "1-2-3-101",
            "1-2-3-4-5",
            "-1-2-3-4",
        ] {
            assert!(text.parse::<Rect>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_share_of_the_height_is_a_row_at_least() {
        assert_eq!(Reach::Percent(5).rows(60), Some(3));
        assert_eq!(Reach::Percent(5).rows(61), Some(4));
        assert_eq!(Reach::Percent(1).rows(1), Some(1));
        assert_eq!(Reach::All.rows(9), None);
    }

    #[test]
    fn a_rectangle_is_cut_off_at_the_picture() {
        let area = |text: &str| text.parse::<Rect>().unwrap().area((200, 50));
        let is = |x, y| Some(Area { x, y });
        assert_eq!(area("25-50-50-25"), is(50..150, 25..38));
        assert_eq!(area("10px-0px-20px-5px"), is(10..30, 0..5));
        assert_eq!(area("90-90-100-100"), is(180..200, 45..50));
        assert_eq!(area("200px-0-1-1"), None);
        assert_eq!(area("100-0-1-1"), None);
    }

    #[test]
    fn a_region_outside_of_the_picture_is_told() {
        let control = |text: &str| Control {
            region: Some(text.parse().unwrap()),
            ..Control::default()
        };
        assert_eq!(Control::default().region((9, 9)), Ok(None));
        let (x, y) = (2..4, 0..1);
        assert_eq!(
            control("2px-0-2px-1").region((9, 9)),
            Ok(Some(Area { x, y }))
        );
        let error = control("9px-0-2px-1").region((9, 7)).unwrap_err();
        assert_eq!(
            error.to_string(),
            "bad recipe: `region` 9px-0-2px-1 lies outside of the picture of 9x7 pixels"
        );
    }
}
