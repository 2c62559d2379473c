//! The law: a glitched picture is clean wherever its original is clean in the same decoder, and
//! is drawn the same wherever the original is drawn the same.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use glitch::Format;

use crate::controls;
use crate::picture::{Picture, Verdict};
use crate::skip::skip;
use crate::subjects::{self, Subject};
use crate::table::{Decoder, decoder};

/// Mean difference from the reference decoder, in levels of 255, up to which an original counts
/// as drawn the same.
const SAME: f64 = 1.0;
/// The same for what was glitched from such an original: coefficients at the end of their range
/// are rounded a little more apart.
const STILL_SAME: f64 = 3.0;

/// Pictures with a shorter side are not compared. Their pixels are nearly all edge pixels, for
/// which decoders interpolate subsampled chroma from different neighbours (`jpeg-decoder`'s single
/// row of a 17x1 picture, with the luma of the others), and one pixel is levels of the mean.
const SHORTEST_SIDE: u32 = 8;

type Verdicts = HashMap<PathBuf, Verdict>;

/// What came of holding a decoder's verdicts against the law.
#[derive(Default)]
struct Tally {
    clean_originals: usize,
    outputs: usize,
    clean_outputs: usize,
    pictures: usize,
    largest: f64,
    complaints: Vec<String>,
}

/// Holds a decoder to the law, and to its controls. Says so and returns if it is not installed.
pub fn hold(decoder: &Decoder) {
    let subjects = &subjects::get().all;
    let subjects = subjects
        .iter()
        .filter(|each| decoder.reads.contains(&each.format));
    let subjects: Vec<&Subject> = subjects.collect();
    let verdicts = match judge(decoder, &subjects) {
        Ok(verdicts) => verdicts,
        Err(missing) => return skip(&missing),
    };
    check_controls(decoder, &subjects, &verdicts);
    for &format in &decoder.reads {
        let of_format = subjects.iter().filter(|each| each.format == format);
        let of_format: Vec<_> = of_format.copied().collect();
        let tally = tally(&of_format, &verdicts, reference(format));
        println!(
            "{} {format}: {} of {} originals clean, {} of their {} outputs clean, \
             {} pictures compared, at most {:.3} levels apart",
            decoder.name,
            tally.clean_originals,
            of_format.len(),
            tally.clean_outputs,
            tally.outputs,
            tally.pictures,
            tally.largest,
        );
        assert!(tally.clean_originals > 0, "no {format} is clean");
        let draws = verdicts.values().any(|verdict| verdict.picture.is_some());
        assert!(
            !draws || tally.pictures > 0 || reference(format).is_none(),
            "no {format} is drawn like the reference"
        );
        assert!(
            tally.complaints.is_empty(),
            "{} complaints\n{}",
            tally.complaints.len(),
            tally.complaints.join("\n")
        );
    }
}

/// Judges all originals, and then the outputs of those that are clean: the law does not ask
/// about the others.
fn judge(decoder: &Decoder, subjects: &[&Subject]) -> Result<Verdicts, String> {
    let files = subjects.iter().map(|each| each.original.clone());
    let files: Vec<_> = files.collect();
    let said = decoder.judge(&files)?;
    let mut verdicts: Verdicts = files.into_iter().zip(said).collect();
    let clean = subjects
        .iter()
        .filter(|each| verdicts[&each.original].words.is_none());
    let files: Vec<_> = clean
        .flat_map(|each| each.outputs.iter().cloned())
        .collect();
    let said = decoder.judge(&files)?;
    verdicts.extend(files.into_iter().zip(said));
    Ok(verdicts)
}

fn tally(subjects: &[&Subject], verdicts: &Verdicts, reference: Option<&Verdicts>) -> Tally {
    let mut tally = Tally::default();
    let drawn = |verdicts: &Verdicts, file: &Path| -> Option<Picture> {
        verdicts.get(file)?.picture.clone()
    };
    for subject in subjects {
        let Some(Verdict { words: None, .. }) = verdicts.get(&subject.original) else {
            continue;
        };
        tally.clean_originals += 1;
        let apart = |file: &Path| {
            let ours = drawn(verdicts, file)?;
            let reference = drawn(reference?, file)?;
            let side = reference.width.min(reference.height);
            let levels = ours.difference(&reference).unwrap_or(f64::INFINITY);
            (side >= SHORTEST_SIDE || levels.is_infinite()).then_some(levels)
        };
        let same = apart(&subject.original).is_some_and(|levels| levels <= SAME);
        for output in &subject.outputs {
            tally.outputs += 1;
            let name = output.file_name().unwrap_or_default().display();
            if let Some(words) = &verdicts[output].words {
                tally.complaints.push(format!("{name}: {words}"));
                continue;
            }
            tally.clean_outputs += 1;
            if let Some(levels) = apart(output).filter(|_| same) {
                tally.pictures += 1;
                tally.largest = tally.largest.max(levels);
                if levels > STILL_SAME {
                    let complaint = format!("{name}: drawn {levels:.2} levels apart");
                    tally.complaints.push(complaint);
                }
            }
        }
    }
    tally
}

/// The verdicts of the reference decoder: libjpeg-turbo for JPEG, libpng for PNG. `None` if it is
/// not installed.
fn reference(format: Format) -> Option<&'static Verdicts> {
    static JPEG: OnceLock<Option<Verdicts>> = OnceLock::new();
    static PNG: OnceLock<Option<Verdicts>> = OnceLock::new();
    let (cell, name) = match format {
        Format::Jpeg => (&JPEG, "djpeg"),
        Format::Png => (&PNG, "graphicsmagick"),
    };
    cell.get_or_init(|| {
        let subjects = &subjects::get().all;
        let of_format: Vec<_> = subjects
            .iter()
            .filter(|each| each.format == format)
            .collect();
        judge(&decoder(name), &of_format).ok()
    })
    .as_ref()
}

/// The broken files are made from an original that the decoder finds clean, so that it is the
/// breakage that it flags.
fn check_controls(decoder: &Decoder, subjects: &[&Subject], verdicts: &Verdicts) {
    let folder = format!("controls-{}-{}", decoder.name, std::process::id());
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(folder);
    std::fs::create_dir_all(&folder).expect("the target folder can be written");
    let mut unseen = Vec::new();
    for &format in &decoder.reads {
        let clean: Vec<_> = subjects
            .iter()
            .filter(|each| each.format == format && verdicts[&each.original].words.is_none())
            .map(|each| &each.original)
            .collect();
        let controls = controls::make(format, &clean, &decoder.must_flag, &folder);
        assert!(!controls.is_empty(), "{format}: nothing that it must flag");
        let (breakages, files): (Vec<_>, Vec<_>) = controls.into_iter().unzip();
        let said = decoder.judge(&files).expect("it ran a moment ago");
        let silent = breakages
            .iter()
            .zip(&said)
            .filter(|(_, said)| said.words.is_none());
        unseen.extend(silent.map(|(breakage, _)| format!("{format} {breakage:?}")));
    }
    let _ = std::fs::remove_dir_all(&folder);
    assert!(
        unseen.is_empty(),
        "this decoder sees nothing: {}",
        unseen.join(", ")
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(level: u8) -> Verdict {
        Verdict {
            words: None,
            picture: Picture::from_channels(8, 8, &[level; 64]),
        }
    }

    fn complaints(original: Verdict, output: Verdict) -> Vec<String> {
        let subject = Subject {
            format: Format::Jpeg,
            original: "original".into(),
            outputs: vec!["output".into()],
        };
        let verdicts = |original, output| -> Verdicts {
            HashMap::from([("original".into(), original), ("output".into(), output)])
        };
        let reference = verdicts(drawn(100), drawn(100));
        tally(&[&subject], &verdicts(original, output), Some(&reference)).complaints
    }

    #[test]
    fn the_law_complains_of_words_and_of_another_picture() {
        let unclean = || Verdict::of("bad Huffman code");
        assert_eq!(complaints(drawn(101), drawn(103)), [""; 0]);
        assert_eq!(
            complaints(drawn(101), unclean()),
            ["output: bad Huffman code"]
        );
        assert_eq!(
            complaints(drawn(101), drawn(104)),
            ["output: drawn 4.00 levels apart"]
        );
        assert_eq!(complaints(unclean(), unclean()), [""; 0]);
        assert_eq!(complaints(drawn(102), drawn(110)), [""; 0]);
    }
}
