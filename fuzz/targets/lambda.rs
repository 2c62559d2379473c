#![no_main]

#[path = "../bodies/mod.rs"]
#[allow(dead_code)]
mod bodies;

libfuzzer_sys::fuzz_target!(init: bodies::let_decoders_panic(), |data: &[u8]| bodies::lambda(data));
