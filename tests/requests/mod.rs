//! Requests of all manners with what they are to be answered, for the soak test and `examples/load`.
#![allow(
    dead_code,
    reason = "a test and an example include this module, and each uses its own part of it"
)]

pub mod cases;
pub mod client;
pub mod hostile;
pub mod mix;
