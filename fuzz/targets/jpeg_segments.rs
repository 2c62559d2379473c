#![no_main]

#[path = "../bodies/mod.rs"]
#[allow(dead_code)]
mod bodies;

libfuzzer_sys::fuzz_target!(init: bodies::keep_decoders_quiet(), |data: &[u8]| bodies::jpeg_segments(data));
