//! Replays the committed corpus of every fuzz target: what fuzzing once found stays found.

use std::fs;
use std::path::Path;
use std::sync::Once;

#[path = "../fuzz/bodies/mod.rs"]
mod bodies;

static QUIET: Once = Once::new();

/// Gives every file of the target's corpus to its body. A panic names the file.
fn replay(target: &str, body: fn(&[u8])) {
    QUIET.call_once(bodies::keep_decoders_quiet);
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus");
    let folder = fs::read_dir(corpus.join(target)).expect("every target has a corpus");
    let mut files: Vec<_> = folder.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(!files.is_empty(), "the corpus of {target} is empty");
    for file in files {
        let data = fs::read(&file).unwrap();
        if let Err(panic) = std::panic::catch_unwind(|| body(&data)) {
            eprintln!("{}", file.display());
            std::panic::resume_unwind(panic);
        }
    }
}

#[test]
fn a_picture_over_which_the_decoder_panics_is_told_to_be_unsound() {
    QUIET.call_once(bodies::keep_decoders_quiet);
    let file = include_bytes!("../fuzz/corpus/verify/decoder-panics.jpg");
    let soundness = glitch::verify(file).unwrap();
    let error = soundness.decoder_error.unwrap();
    assert!(error.contains("the decoder panicked"), "{error}");
    assert!(soundness.fault.is_some());
    let recipe = "classic,seed=1".parse().unwrap();
    let glitched = glitch::glitch(file, &recipe).unwrap();
    assert_eq!(glitched.changed, None, "nobody looked at it");
}

#[test]
fn inspect() {
    replay("inspect", bodies::inspect);
}

#[test]
fn glitch() {
    replay("glitch", bodies::glitch);
}

#[test]
fn scan_walk() {
    replay("scan_walk", bodies::scan_walk);
}

#[test]
fn png_scanlines() {
    replay("png_scanlines", bodies::png_scanlines);
}

#[test]
fn recipe() {
    replay("recipe", bodies::recipe);
}

#[test]
fn verify() {
    replay("verify", bodies::verify);
}

#[test]
fn png_chunks() {
    replay("png_chunks", bodies::png_chunks);
}

#[test]
fn jpeg_segments() {
    replay("jpeg_segments", bodies::jpeg_segments);
}

#[test]
fn http() {
    replay("http", bodies::http);
}

#[test]
fn lambda() {
    replay("lambda", bodies::lambda);
}

#[test]
fn worker() {
    replay("worker", bodies::worker);
}

#[test]
fn show() {
    replay("show", bodies::show);
}
