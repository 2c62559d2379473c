//! Whether a JPEG is strictly conformant: `docs/conformance.md` lists the rules.

use super::container::Piece;
use super::frame::Process;
use super::marker;
use super::repair;
use super::scan::{Kind, Scan};
use super::{Jpeg, ecs};
use crate::cancel::Cancel;
use crate::document::Checked;
use crate::error::Error;
use crate::limits::Limits;
use crate::verify::Fault;

/// Finds the first fault of a file that opens.
pub(crate) fn check(input: &[u8], limits: &Limits) -> Result<Checked, Error> {
    let jpeg = Jpeg::read(input, limits, &Cancel::default())?;
    let frame = &jpeg.plan.frame;
    let faults = [structure(&jpeg), progression(&jpeg), restarts(&jpeg)];
    let fault = faults
        .into_iter()
        .flatten()
        .min_by_key(|fault| fault.offset);
    let fault = fault.or_else(|| {
        let (offset, what) = repair::first_fault(&jpeg)?;
        Some(Fault {
            offset,
            what: what.into(),
        })
    });
    Ok(Checked {
        fault,
        size: (frame.width, frame.height),
    })
}

/// SOI first, EOI last, and nothing between the pieces (B.2.1).
fn structure(jpeg: &Jpeg<'_>) -> Option<Fault> {
    let astray = jpeg.pieces.iter().find_map(|piece| match piece {
        Piece::Extraneous { bytes } => Some(Fault {
            offset: bytes.start,
            what: format!("{} extraneous bytes", bytes.len()),
        }),
        Piece::Marker { code, bytes } if marker::is_astray(*code) => Some(Fault {
            offset: bytes.start,
            what: match *code {
                marker::TEM => "a TEM marker, which is for arithmetic coding".into(),
                _ => "a restart marker outside a scan".into(),
            },
        }),
        _ => None,
    });
    let unended = (end(jpeg) == jpeg.input.len()).then(|| Fault {
        offset: jpeg.input.len(),
        what: "it ends without EOI".into(),
    });
    astray.or(unended)
}

/// Restart intervals as many as the restart interval and the size ask for (F.1.1.5.2).
fn restarts(jpeg: &Jpeg<'_>) -> Option<Fault> {
    let wrong = |scan: &&Scan| !scan.is_regular(ecs::intervals(&jpeg.pieces, scan));
    jpeg.plan.scans.iter().find(wrong).map(|scan| {
        let intervals = ecs::intervals(&jpeg.pieces, scan);
        let misplaced = intervals.iter().enumerate().find(|(index, interval)| {
            interval
                .restart
                .is_some_and(|number| usize::from(number) != index % 8)
        });
        let end = jpeg
            .pieces
            .get(scan.piece)
            .map_or(0, |piece| piece.bytes().end);
        let offset = misplaced.map_or(end, |(_, interval)| interval.end as usize);
        let what = format!(
            "{} restart intervals, or out of order; {} are due",
            intervals.len(),
            scan.expected_intervals()
        );
        Fault { offset, what }
    })
}

/// Each coefficient first coded once, then refined bit by bit, DC before AC (G.1.1.1.1); each
/// component of a sequential frame in exactly one scan (B.2.1), and none without any.
fn progression(jpeg: &Jpeg<'_>) -> Option<Fault> {
    let progressive = jpeg.plan.frame.process == Process::Progressive;
    // By component and coefficient: the lowest bit coded so far.
    let mut coded = [[None::<u8>; 64]; 4];
    for scan in &jpeg.plan.scans {
        let offset = jpeg
            .pieces
            .get(scan.piece.wrapping_sub(1))
            .map_or(0, |piece| piece.bytes().start);
        let fault = |what: String| Some(Fault { offset, what });
        for part in &scan.parts {
            let id = jpeg.plan.frame.components[part.component].id;
            if matches!(scan.kind, Kind::AcFirst | Kind::AcRefine)
                && coded[part.component][0].is_none()
            {
                return fault(format!(
                    "AC coefficients of component {id} before its DC coefficients"
                ));
            }
            for (k, known) in coded[part.component]
                .iter_mut()
                .enumerate()
                .take(scan.spectral_end + 1)
                .skip(scan.spectral_start)
            {
                let due = known.map_or(0, |low| low);
                let refines = progressive && scan.approximation_high > 0;
                if known.is_some() != refines || scan.approximation_high != due {
                    return fault(format!(
                        "coefficient {k} of component {id} coded out of turn"
                    ));
                }
                *known = Some(scan.approximation_low);
            }
        }
    }
    let components = jpeg.plan.frame.components.iter();
    let missing = components.zip(&coded).find(|(_, known)| known[0].is_none());
    missing.map(|(component, _)| Fault {
        offset: end(jpeg),
        what: format!("no scan has component {}", component.id),
    })
}

/// Where EOI is, or where the file ends without it.
fn end(jpeg: &Jpeg<'_>) -> usize {
    let eoi = jpeg.pieces.iter().find_map(|piece| match piece {
        Piece::Marker {
            code: marker::EOI,
            bytes,
        } => Some(bytes.start),
        _ => None,
    });
    eoi.unwrap_or(jpeg.input.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The chroma of a picture in scans of their own is cut out, scan by scan.
    #[test]
    fn a_component_without_a_scan_is_a_fault() {
        let input = include_bytes!("../../fixtures/jpeg/scans-y-cb-cr.jpg");
        let limits = Limits::default();
        assert_eq!(check(input, &limits).unwrap().fault, None);
        let jpeg = Jpeg::read(input, &limits, &Cancel::default()).unwrap();
        for (id, scan) in (1..).zip(&jpeg.plan.scans) {
            let header = jpeg.pieces[scan.piece - 1].bytes().start;
            let data = jpeg.pieces[scan.piece].bytes().end;
            let cut = [&input[..header], &input[data..]].concat();
            let fault = check(&cut, &limits).unwrap().fault.unwrap();
            let eoi = cut.len() - 2;
            assert_eq!(
                (fault.offset, fault.what.as_str()),
                (eoi, &*format!("no scan has component {id}"))
            );
        }
    }
}
