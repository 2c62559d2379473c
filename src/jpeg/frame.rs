//! The frame header: size, components, and how the picture is cut into blocks (T.81 A.1, A.2 and
//! B.2.2).

use crate::error::{Error, Unsupported};
use crate::format::Format;

use super::marker;

/// The coding processes that are handled (T.81 table B.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Process {
    /// SOF0.
    Baseline,
    /// SOF1 with 8-bit samples.
    Extended,
    /// SOF2 with 8-bit samples.
    Progressive,
}

/// One component of the picture.
#[derive(Clone, Debug)]
pub(super) struct Component {
    /// Its identifier, Ci.
    pub(super) id: u8,
    /// Horizontal and vertical sampling factors, 1 to 4.
    pub(super) h: u32,
    pub(super) v: u32,
    /// Destination of its quantisation table, 0 to 3.
    pub(super) quantiser: usize,
    /// Blocks that hold samples of the picture: what a scan of this component alone codes (A.2.2).
    pub(super) blocks_wide: u32,
    pub(super) blocks_high: u32,
    /// Blocks of whole MCUs: what an interleaved scan codes (A.2.3). At least the two above.
    pub(super) padded_wide: u32,
    pub(super) padded_high: u32,
}

impl Component {
    /// Number of blocks, padding included.
    pub(super) fn padded_blocks(&self) -> usize {
        self.padded_wide as usize * self.padded_high as usize
    }
}

/// A frame header, made sense of.
#[derive(Clone, Debug)]
pub(super) struct Frame {
    pub(super) process: Process,
    /// Samples a line, 1 to 65,535.
    pub(super) width: u32,
    /// Number of lines, 1 to 65,535.
    pub(super) height: u32,
    pub(super) components: Vec<Component>,
    pub(super) mcus_wide: u32,
    pub(super) mcus_high: u32,
}

/// Tells which unsupported coding process a marker announces, if it does.
pub(super) fn unsupported(code: u8) -> Option<Unsupported> {
    match code {
        marker::SOF3 => Some(Unsupported::Lossless),
        marker::SOF5..=marker::SOF7 | marker::DHP | marker::EXP => Some(Unsupported::Hierarchical),
        // DAC among them: decoders differ in whether they pass it over.
        marker::SOF9..=marker::SOF15 => Some(Unsupported::Arithmetic),
        marker::SOF55 => Some(Unsupported::JpegLs),
        _ => None,
    }
}

/// Reads the body of SOF0, SOF1 or SOF2. `offset` is where the body starts in the file; `lines` is
/// what a DNL segment says, for a frame header that leaves the height open (B.2.5).
pub(super) fn parse(
    code: u8,
    body: &[u8],
    offset: usize,
    lines: Option<u32>,
) -> Result<Frame, Error> {
    let fault = |at: usize, what: String| Err(Error::malformed(Format::Jpeg, offset + at, what));
    let &[precision, y1, y0, x1, x0, count, ref rest @ ..] = body else {
        return fault(0, format!("a frame header of {} bytes", body.len()));
    };
    if precision != 8 {
        return match precision {
            12 => Err(Error::unsupported(Unsupported::Precision(precision))),
            _ => fault(0, format!("a sample precision of {precision} bits")),
        };
    }
    let height = u32::from(u16::from_be_bytes([y1, y0]));
    let height = if height == 0 {
        lines.unwrap_or(0)
    } else {
        height
    };
    let width = u32::from(u16::from_be_bytes([x1, x0]));
    if width == 0 {
        return fault(3, "a picture of width 0".into());
    }
    if height == 0 {
        return fault(1, "a picture of height 0".into());
    }
    if !(1..=4).contains(&count) {
        return fault(5, format!("{count} components (1 to 4 can be)"));
    }
    if rest.len() != usize::from(count) * 3 {
        return fault(6, format!("{} bytes for {count} components", rest.len()));
    }
    let mut frame = Frame {
        process: match code {
            marker::SOF0 => Process::Baseline,
            marker::SOF1 => Process::Extended,
            _ => Process::Progressive,
        },
        width,
        height,
        components: Vec::with_capacity(usize::from(count)),
        mcus_wide: 0,
        mcus_high: 0,
    };
    for (index, parameters) in rest.chunks_exact(3).enumerate() {
        let at = 6 + index * 3;
        let (id, h, v) = (
            parameters[0],
            u32::from(parameters[1] >> 4),
            u32::from(parameters[1] & 15),
        );
        if !(1..=4).contains(&h) || !(1..=4).contains(&v) {
            return fault(at + 1, format!("sampling factors {h}x{v} (1 to 4 can be)"));
        }
        if parameters[2] > 3 {
            return fault(
                at + 2,
                format!("quantisation table {} (0 to 3 can be)", parameters[2]),
            );
        }
        if frame.components.iter().any(|other| other.id == id) {
            return fault(at, format!("two components with identifier {id}"));
        }
        let quantiser = usize::from(parameters[2]);
        frame.components.push(Component {
            id,
            h,
            v,
            quantiser,
            blocks_wide: 0,
            blocks_high: 0,
            padded_wide: 0,
            padded_high: 0,
        });
    }
    frame.lay_out();
    Ok(frame)
}

impl Frame {
    /// Works out the numbers of blocks (A.1.1, A.2.4). For 17x9 samples at 4:2:0: two MCUs wide,
    /// one high; luminance has 3x2 blocks, padded to 4x2; chrominance has 9x5 samples, so 2x1.
    fn lay_out(&mut self) {
        let h_max = self
            .components
            .iter()
            .map(|component| component.h)
            .max()
            .unwrap_or(1);
        let v_max = self
            .components
            .iter()
            .map(|component| component.v)
            .max()
            .unwrap_or(1);
        self.mcus_wide = self.width.div_ceil(8 * h_max);
        self.mcus_high = self.height.div_ceil(8 * v_max);
        for component in &mut self.components {
            component.blocks_wide = (self.width * component.h).div_ceil(h_max).div_ceil(8);
            component.blocks_high = (self.height * component.v).div_ceil(v_max).div_ceil(8);
            component.padded_wide = self.mcus_wide * component.h;
            component.padded_high = self.mcus_high * component.v;
        }
    }

    /// The sampling in the usual words where there are any: `4:2:0`, `4:4:4`.
    pub(super) fn sampling(&self) -> String {
        let factors: Vec<(u32, u32)> = self
            .components
            .iter()
            .map(|component| (component.h, component.v))
            .collect();
        match factors.as_slice() {
            [_] => String::new(),
            [first, rest @ ..] if rest.iter().all(|each| each == first) => "4:4:4".into(),
            [(2, 2), (1, 1), (1, 1)] => "4:2:0".into(),
            [(2, 1), (1, 1), (1, 1)] => "4:2:2".into(),
            [(1, 2), (1, 1), (1, 1)] => "4:4:0".into(),
            [(4, 1), (1, 1), (1, 1)] => "4:1:1".into(),
            _ => factors
                .iter()
                .map(|(h, v)| format!("{h}x{v}"))
                .collect::<Vec<_>>()
                .join(","),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_counted_as_in_the_worked_example() {
        let body = [8, 0, 9, 0, 17, 3, 1, 0x22, 0, 2, 0x11, 1, 3, 0x11, 1];
        let frame = parse(marker::SOF0, &body, 0, None).unwrap();
        assert_eq!((frame.mcus_wide, frame.mcus_high), (2, 1));
        let blocks = |i: usize| {
            let component = &frame.components[i];
            (
                component.blocks_wide,
                component.blocks_high,
                component.padded_wide,
                component.padded_high,
            )
        };
        assert_eq!(blocks(0), (3, 2, 4, 2));
        assert_eq!(blocks(1), (2, 1, 2, 1));
        assert_eq!(frame.sampling(), "4:2:0");
    }

    #[test]
    fn faults_are_told_with_their_place() {
        let good = [8, 0, 9, 0, 17, 1, 1, 0x11, 0];
        for (at, value, said) in [
            (3, 0, ""),
            (0, 12, "12-bit"),
            (0, 0, "byte 100: a sample precision of 0"),
            (5, 0, "byte 105: 0 components"),
            (5, 2, "byte 106: 3 bytes for 2"),
            (7, 0x01, "byte 107: sampling factors 0x1"),
            (7, 0x15, "byte 107: sampling factors 1x5"),
            (8, 4, "byte 108: quantisation table 4"),
            (4, 0, "byte 103: a picture of width 0"),
            (2, 0, "byte 101: a picture of height 0"),
        ] {
            let mut body = good;
            body[at] = value;
            let result = parse(marker::SOF0, &body, 100, None);
            let error = result
                .map(|_| String::new())
                .unwrap_or_else(|error| error.to_string());
            assert!(error.contains(said), "{at}={value}: {error}");
            assert_eq!(error.is_empty(), said.is_empty());
        }
    }

    #[test]
    fn a_dnl_segment_gives_the_height() {
        let body = [8, 0, 0, 0, 17, 1, 1, 0x11, 0];
        assert_eq!(parse(marker::SOF0, &body, 0, Some(9)).unwrap().height, 9);
        assert!(parse(marker::SOF0, &body, 0, None).is_err());
    }
}
