//! The random stream of a pass. Every number here is part of the promise that a seed gives the
//! same bytes for ever: a change is a breaking change.

use rand::rand_core::{Rng, SeedableRng};
use rand::rngs::ChaCha8Rng;

/// The key of ChaCha8 is the seed, little endian, and these 24 bytes.
const KEY_TAIL: &[u8; 24] = b"glitch pass stream, v1\0\0";

/// ChaCha8 keyed by the seed, on a stream of its own for each pass and round, so that a pass
/// added at the end leaves the draws of the earlier ones where they were.
pub(crate) struct Stream(ChaCha8Rng);

impl Stream {
    pub(crate) fn new(seed: u64, pass: u32, round: u32) -> Self {
        let mut key = [0; 32];
        key[..8].copy_from_slice(&seed.to_le_bytes());
        key[8..].copy_from_slice(KEY_TAIL);
        let mut chacha = ChaCha8Rng::from_seed(key);
        chacha.set_stream(u64::from(round) << 32 | u64::from(pass));
        Stream(chacha)
    }

    /// A number drawn evenly from `0..bound`, by the multiply-and-reject method of Lemire
    /// (arXiv:1805.10941): the high word of `draw * bound`, drawn again where the low word falls
    /// in the short last stretch that would favour some numbers. 0 for a bound of 0.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        if bound == 0 {
            return 0;
        }
        let unfair = bound.wrapping_neg() % bound;
        loop {
            let product = u128::from(self.0.next_u64()) * u128::from(bound);
            if product as u64 >= unfair {
                return (product >> 64) as u64;
            }
        }
    }

    /// As [`Stream::below`], for sizes and indices.
    pub(crate) fn index(&mut self, bound: usize) -> usize {
        self.below(bound as u64) as usize
    }
}

/// A seed from the operating system's random source.
pub(crate) fn fresh_seed() -> u64 {
    use rand::rand_core::TryRng;
    let mut source = rand::rngs::SysRng;
    // Without a random source (no /dev/urandom in a bare sandbox) the clock is the best there is.
    source.try_next_u64().unwrap_or_else(|_| {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        now.map_or(0, |elapsed| elapsed.as_nanos() as u64)
    })
}

/// 128 random bits that nobody can foresee; `None` without a random source.
#[cfg(feature = "s3")]
pub(crate) fn unguessable() -> Option<u128> {
    use rand::rand_core::TryRng;
    let mut source = rand::rngs::SysRng;
    let mut half = || source.try_next_u64().ok().map(u128::from);
    Some(half()? << 64 | half()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_are_pinned_for_ever() {
        let mut first = Stream::new(7, 0, 0);
        let mut second = Stream::new(7, 1, 0);
        let mut later = Stream::new(7, 0, 1);
        let draws = [
            first.below(1 << 32),
            first.below(1000),
            second.below(1000),
            later.below(1000),
        ];
        assert_eq!(draws, PINNED);
    }

    const PINNED: [u64; 4] = [2_979_862_495, 596, 976, 93];

    #[test]
    fn draws_stay_below_the_bound_and_reach_every_number() {
        let mut stream = Stream::new(1, 0, 0);
        let mut seen = [false; 7];
        for _ in 0..500 {
            seen[stream.index(7)] = true;
        }
        assert_eq!(seen, [true; 7]);
        assert_eq!(stream.below(0), 0);
        assert_eq!(stream.below(1), 0);
        assert!(stream.below(u64::MAX) < u64::MAX);
    }
}
