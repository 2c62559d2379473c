//! What each fuzz target does with its bytes. `tests/corpus_replay.rs` does the same with every
//! file of the committed corpus, so that what fuzzing once found stays found.

mod events;
mod http;
#[path = "../../tests/judge/mod.rs"]
mod judge;
mod made_jpeg;
mod made_png;
#[path = "../../tests/oracle/mod.rs"]
mod oracle;
mod pieces;
#[path = "../../src/bin/glitch/quiet.rs"]
mod quiet;
mod recipe;
mod s3;
mod show;
mod verdict;

pub use events::{lambda, worker};
pub use http::http;
/// A fuzzer would end over them, before the library catches them.
pub use quiet::keep_decoders_quiet;
pub use recipe::recipe;
pub use show::show;
pub use verdict::verify;

use glitch::{ErrorKind, Fault, Format, Limits, Metadata, Options, Recipe};

/// Small pictures only: a large one is no more likely to go wrong, and slow.
const LIMITS: Limits = Limits {
    bytes: 1 << 20,
    pixels: 1 << 18,
};

const RECIPES: [&str; 16] = [
    "classic",
    "replace",
    "replace:times=20",
    "sort:len=200",
    "classic,filter=keep",
    "classic,filter=paeth,deflate=small",
    "replace,filter=none",
    "sort:times=5,filter=average",
    "replace:times=5,reach=1",
    "sort:60,replace:times=3,reach=10pct,protect=30-30-40-40",
    "replace:times=9,protect=40-0-20-100,alpha=glitch",
    "replace:times=5,channels=chroma,reach=2",
    "sort:times=5,channels=luma,region=0-50-100-50",
    "replace:times=5,scans=dc,reach=1",
    "replace:times=5,scans=ac,protect=0-0-50-50",
    "swap,repeat,drift,amount=40,reach=5pct",
];

/// These came later. They have the numbers from `FIRST_MORE` on, which no file of the corpus had.
const MORE: [&str; 9] = [
    "slices:times=3,slices:how=repeat:tall=20,slices:how=swap,graft,replace",
    "smear:times=4,tint:times=4,defect:times=3,reach=2",
    "grit:times=2,grit:part=60:share=80,transpose,protect=30-30-40-40",
    "quant:how=outline,replace,palette",
    "graft:times=3,transpose,slices:how=reverse,smear,channels=chroma,reach=1",
    "tint,grit,defect:times=3,refilter,replace,region=20-20-60-60",
    "palette,defect,quant:how=duotone,alpha=glitch",
    "shatter",
    "random,amount=60",
];
const FIRST_MORE: usize = 143;

/// What is added to the first of them, by the upper bits of the byte that chooses the recipe.
const METADATA: [&str; 4] = ["", "", ",strip=metadata", ",thumbnail=drop"];

/// The parts of a file cover it, in order.
pub fn inspect(data: &[u8]) {
    let Ok(layout) = glitch::inspect(data) else {
        return;
    };
    let mut end = 0;
    for part in &layout.parts {
        assert_eq!(
            part.offset, end,
            "{part:?} does not follow on the part before"
        );
        end += part.len;
    }
    assert_eq!(end, data.len(), "the parts do not cover the file");
    let editable = layout.parts.iter().filter(|part| part.editable);
    assert!(layout.editable_bytes == 0 || editable.count() > 0);
}

/// Any bytes as a file. The recipe and the seed come from the last two bytes, so that a picture
/// as it is can start the corpus.
pub fn glitch(data: &[u8]) {
    if let [.., recipe, seed] = *data {
        glitch_soundly(data, recipe, seed);
    }
}

/// A well-formed JPEG in which one scan's coded data is arbitrary bits.
pub fn scan_walk(data: &[u8]) {
    if let Some((&[fixture, scan, recipe, seed], bits)) = data.split_first_chunk() {
        glitch_soundly(&made_jpeg::with_scan(fixture, scan, bits), recipe, seed);
    }
}

/// A well-formed PNG whose filtered scanlines are arbitrary bytes.
pub fn png_scanlines(data: &[u8]) {
    if let Some((&[kind, width, height, entries, recipe, seed], filtered)) =
        data.split_first_chunk()
    {
        let header = made_png::Header {
            kind,
            width,
            height,
            entries,
        };
        glitch_soundly(&header.with_scanlines(filtered), recipe, seed);
    }
}

/// A PNG of arbitrary chunks: zlib streams, animations, metadata, all of it.
pub fn png_chunks(data: &[u8]) {
    if let Some((&[kind, width, height, entries, recipe, seed], pieces)) = data.split_first_chunk()
    {
        let header = made_png::Header {
            kind,
            width,
            height,
            entries,
        };
        treat(&pieces::png(&header, pieces), recipe, seed);
    }
}

/// A JPEG of arbitrary segments before or in place of its own: tables, headers, metadata, all of it.
pub fn jpeg_segments(data: &[u8]) {
    if let Some((&[fixture, recipe, seed], pieces)) = data.split_first_chunk() {
        treat(
            &pieces::jpeg(made_jpeg::whole(fixture), pieces),
            recipe,
            seed,
        );
    }
}

/// All that can be done with a file.
fn treat(file: &[u8], recipe: u8, seed: u8) {
    inspect(file);
    verify(file);
    glitch_soundly(file, recipe, seed);
    for text in ["none,strip=metadata", "none,thumbnail=drop"] {
        clean_twice(file, text);
    }
}

/// What is taken out is gone, and does not come back or take more with it.
fn clean_twice(file: &[u8], recipe: &str) {
    let recipe: Recipe = recipe.parse().expect("the recipes are right");
    let recipe = recipe.with_seed(7);
    let options = Options {
        limits: LIMITS,
        verify: false,
        ..Options::default()
    };
    let clean = |file: &[u8]| glitch::glitch_with(file, &recipe, &options);
    let Ok(once) = clean(file) else {
        return;
    };
    let twice = clean(&once.bytes).expect("what is handed out can be taken in");
    assert!(
        twice.bytes == once.bytes,
        "{recipe} took more the second time"
    );
    let is_sound = |file: &[u8]| glitch::verify(file).is_ok_and(|sound| sound.fault.is_none());
    assert!(
        !is_sound(file) || is_sound(&once.bytes),
        "{recipe} broke it"
    );
}

/// What strangers read tells nothing of the machine or of the inside of the program, but for what is quoted from the
/// input.
fn assert_is_for_strangers(text: &str, input: &[u8]) {
    // As it stands there, in an address, or in JSON.
    let decoded: Vec<u8> = percent_encoding::percent_decode(input).collect();
    let sent = [input, &decoded].map(|bytes| String::from_utf8_lossy(bytes).replace('\\', ""));
    for word in [
        "panicked at",
        "/root",
        "/home",
        "src/",
        ".rs:",
        "RUST_BACKTRACE",
    ] {
        let is_quoted = || sent.iter().any(|sent| sent.contains(word));
        assert!(!text.contains(word) || is_quoted(), "{text}");
    }
    // What is quoted from the input may be as long as that.
    assert!(!text.is_empty());
}

/// One of the recipes.
fn recipe_of(number: u8) -> Recipe {
    let number = usize::from(number);
    let more = number.checked_sub(FIRST_MORE);
    let (text, metadata) = match more.and_then(|index| MORE.get(index)) {
        Some(more) => (*more, ""),
        None => (
            RECIPES[number % RECIPES.len()],
            METADATA[number / RECIPES.len() % METADATA.len()],
        ),
    };
    let text = format!("{text}{metadata}");
    text.parse().expect("the recipes above parse")
}

/// Whatever is handed out is strictly conformant, passed the decoder, and comes out again.
fn glitch_soundly(input: &[u8], recipe: u8, seed: u8) {
    let recipe = recipe_of(recipe).with_seed(seed.into());
    let mut options = Options {
        limits: LIMITS,
        ..Options::default()
    };
    let glitched = match glitch::glitch_with(input, &recipe, &options) {
        Ok(glitched) => glitched,
        Err(error) => {
            assert!(error.kind() != ErrorKind::Unsound, "{error}");
            return;
        }
    };
    options.verify = false;
    let again = glitch::glitch_with(input, &recipe, &options).expect("it was glitched before");
    assert!(again.bytes == glitched.bytes, "{recipe} gave other bytes");
    if let Err(why) = judge::judge(input, &Ok(glitched.clone())) {
        assert!(verdict::is_blind_to(&why), "{recipe}: {why}");
    }
    // A JPEG that was not in order is mended, hit or not.
    let in_order = || glitch::verify(input).is_ok_and(|before| before.fault.is_none());
    if glitched.hits.is_empty() && (glitched.format == Format::Png || in_order()) {
        let same = glitched.bytes == input || recipe.metadata != Metadata::default();
        assert!(same, "changed without a hit");
        return;
    }
    let sound = glitch::verify(&glitched.bytes).expect("what is handed out can be checked");
    if let Some(fault) = sound.fault {
        assert!(
            is_inherited(&fault, &glitched.bytes) || is_left_as_it_is(&fault, input),
            "{recipe} gave {fault:?} with {} hits",
            glitched.hits.len()
        );
    }
}

/// Bytes outside the scan data are the input's, and so are their faults: whether this one, of a
/// glitched file, lies there.
fn is_inherited(fault: &Fault, file: &[u8]) -> bool {
    /// Faults of the SOS segment, whose first byte may be the end of the scan before, and of its lack,
    /// told where EOI is.
    const OF_SOS: [&str; 3] = [
        "coded out of turn",
        "before its DC coefficients",
        "no scan has component",
    ];
    // Of an animation frame they are told where its fcTL stands.
    if fault.what.starts_with("row ") {
        return false;
    }
    let layout = glitch::inspect(file).expect("what was checked has a layout");
    // Data that end early are told at their end, which in a PNG is before the CRC of their chunk.
    let past_end = usize::from(layout.format == Format::Jpeg);
    let mut editable = layout.parts.iter().filter(|part| part.editable);
    let at_scan_data = editable
        .any(|part| (part.offset..part.offset + part.len + past_end).contains(&fault.offset));
    !at_scan_data || OF_SOS.iter().any(|text| fault.what.contains(text))
}

/// Blocks that no glitch reached are left as they are, whatever they hold: whether this fault of a
/// glitched file can be one of those, which only an input can have that breaks the rules itself.
fn is_left_as_it_is(fault: &Fault, input: &[u8]) -> bool {
    const OF_RANGE: [&str; 2] = [
        "a DC coefficient outside the range of 8-bit samples",
        "an AC coefficient of more than 10 bits",
    ];
    let is_sound = glitch::verify(input).is_ok_and(|sound| sound.fault.is_none());
    OF_RANGE.contains(&&*fault.what) && !is_sound
}

/// Only what the made files are: the bodies above take any file.
#[cfg(test)]
mod tests {
    use super::*;

    /// The fixtures the files are made from have scans, and the files are what they claim to be.
    #[test]
    fn made_files_are_pictures() {
        for index in 0..=u8::MAX {
            let jpeg = made_jpeg::with_scan(index, index, b"any bits");
            assert_eq!(Format::sniff(&jpeg), Ok(Format::Jpeg));
            assert!(glitch::inspect(&jpeg).is_ok(), "{index}");
            let header = made_png::Header {
                kind: index,
                width: index,
                height: 3,
                entries: index,
            };
            let png = header.with_scanlines(&[0; 4096]);
            assert_eq!(Format::sniff(&png), Ok(Format::Png));
            assert!(glitch::inspect(&png).is_ok(), "{index}");
        }
    }
}
