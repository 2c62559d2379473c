//! What `verify` says of any bytes, beside what the oracle of the tests says.

use glitch::ErrorKind;

use super::judge::is_in_a_header;
use super::oracle;

/// The pictures have to be small for the oracle, which is slow.
const MOST_PIXELS: u64 = 1 << 18;

/// A verdict names a place in the file, and a picture that is in order is taken by all that looks at one.
pub fn verify(data: &[u8]) {
    let sound = match glitch::verify(data) {
        Ok(sound) => sound,
        Err(error) => return assert_is_of_input(&error, data),
    };
    assert!(sound.width > 0, "{sound:?}");
    if let Some(fault) = &sound.fault {
        assert!(fault.offset <= data.len(), "{fault:?} of {}", data.len());
        super::assert_is_for_strangers(&fault.what, data);
        return;
    }
    glitch::inspect(data).expect("what is in order is laid out");
    if u64::from(sound.width) * u64::from(sound.height) <= MOST_PIXELS {
        // Of headers the oracle asks more: the library leaves them as they are.
        if let Err(fault) = oracle::check(data) {
            if is_blind_to(&fault.what) {
                return;
            }
            assert!(is_in_a_header(&fault), "the library misses it: {fault}");
        }
    }
}

/// The error is one of inputs, and tells a place in this one.
pub(super) fn assert_is_of_input(error: &glitch::Error, input: &[u8]) {
    let kind = error.kind();
    let of_input = [
        ErrorKind::Empty,
        ErrorKind::NotAnImage,
        ErrorKind::Malformed,
        ErrorKind::Unsupported,
        ErrorKind::TooLarge,
    ];
    assert!(of_input.contains(&kind), "{kind:?}: {error}");
    assert!(
        error.offset().is_some() == (kind == ErrorKind::Malformed),
        "{error}"
    );
    assert!(error.offset().is_none_or(|at| at <= input.len()), "{error}");
    super::assert_is_for_strangers(&error.to_string(), input);
}

/// What `fdeflate` leaves out where it is built for fuzzing, so that a fuzzer gets past it.
pub(super) fn is_blind_to(fault: &str) -> bool {
    cfg!(fuzzing) && fault.contains("Adler")
}
