//! Where each hit of a glitch fell.

use std::fmt::Write;

use glitch::{Glitched, Hit, Pass, Spot};
use serde::Serialize;

/// Whether the hits are told one by one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hits {
    Counted,
    Listed,
}

/// One hit, for programs.
#[derive(Serialize)]
pub struct Place<'a> {
    pass: &'static str,
    #[serde(flatten)]
    spot: &'a Spot,
    len: usize,
}

impl Hits {
    /// A line for each, with a line break before it.
    pub fn words(self, glitched: &Glitched) -> String {
        let mut text = String::new();
        if self == Hits::Listed {
            for hit in &glitched.hits {
                // Writing to a `String` does not fail.
                let _ = write!(text, "\n  {}: {}", pass(glitched, hit), words(hit));
            }
        }
        text
    }

    pub fn places(self, glitched: &Glitched) -> Option<Vec<Place<'_>>> {
        let places = glitched.hits.iter().map(|hit| Place {
            pass: pass(glitched, hit),
            spot: &hit.spot,
            len: hit.len,
        });
        (self == Hits::Listed).then(|| places.collect())
    }
}

fn pass(glitched: &Glitched, hit: &Hit) -> &'static str {
    let pass = glitched.recipe.passes.get(hit.pass);
    pass.map_or("", |pass: &Pass| pass.kind().name)
}

fn words(hit: &Hit) -> String {
    let Spot {
        lane,
        at,
        offset,
        line,
        ..
    } = &hit.spot;
    let bytes = match hit.len {
        1 => "1 byte".to_owned(),
        len => format!("{len} bytes"),
    };
    let line = line.map(|line| format!("line {line}"));
    match (offset, line, lane) {
        // Whole MCUs that were moved, or coloured from one on.
        (None, Some(line), None) => match hit.len {
            1 => format!("1 MCU, {line}"),
            len => format!("{len} MCUs, from {line} on"),
        },
        (Some(offset), Some(line), _) => format!("{bytes} at {offset}, {line}"),
        (Some(offset), None, _) => format!("{bytes} at {offset}"),
        (None, Some(line), _) => format!("{bytes} in {line}, from its byte {at} on"),
        (None, None, Some(lane)) => format!("{bytes} in lane {lane}, from its byte {at} on"),
        (None, None, None) => format!("{bytes} in a header, from its byte {at} on"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hit_is_told_by_the_best_that_is_known_of_it() {
        let told = |lane, offset, line, len| {
            let spot = Spot {
                lane,
                at: 5,
                offset,
                line,
            };
            words(&Hit { pass: 0, spot, len })
        };
        assert_eq!(told(Some(2), Some(1234), None, 1), "1 byte at 1234");
        assert_eq!(told(Some(2), Some(9), Some(16), 3), "3 bytes at 9, line 16");
        assert_eq!(
            told(Some(2), None, Some(310), 19),
            "19 bytes in line 310, from its byte 5 on"
        );
        assert_eq!(told(None, None, Some(96), 1), "1 MCU, line 96");
        assert_eq!(told(None, None, Some(96), 32), "32 MCUs, from line 96 on");
        assert_eq!(
            told(Some(2), None, None, 2),
            "2 bytes in lane 2, from its byte 5 on"
        );
        assert_eq!(
            told(None, None, None, 2),
            "2 bytes in a header, from its byte 5 on"
        );
    }
}
