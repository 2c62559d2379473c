//! One picture: from S3, through the library, to S3.

use axum::http::HeaderMap;
use sha2::{Digest, Sha256};

use super::{Turn, Worker};
use crate::http::problem::{Kind, Problem};
use crate::s3::{Bucket, CHANGED, Failure, Got, RECIPE, Stored};
use crate::{Glitched, Options, Recipe, glitch_with};

/// A picture that cannot be glitched is done with its problem; where S3 failed, it is not done.
pub(super) type Outcome<T> = Result<Result<T, Problem>, Failure>;

/// The first 8 bytes, read as a big-endian number, of the SHA-256 of `JOB_SEED:KEY`.
pub(super) fn seed_of(job_seed: u64, key: &str) -> u64 {
    let digest = Sha256::digest(format!("{job_seed}:{key}"));
    let first = digest.iter().take(8);
    first.fold(0, |seed, byte| seed << 8 | u64::from(*byte))
}

impl Worker {
    /// The bytes of a picture, and its headers.
    pub(super) fn load(&self, bucket: &Bucket, key: &str) -> Outcome<(HeaderMap, Vec<u8>)> {
        let most = self.limits.bytes;
        Ok(match self.client.get(bucket, key, most)? {
            Got::Object { headers, bytes } => Ok((headers, bytes)),
            Got::Missing => {
                let detail = "the picture is not there any more";
                Err(Problem::new(Kind::NotFound, detail))
            }
            Got::TooLarge => {
                let detail = format!("the picture has more than {most} bytes");
                Err(Problem::new(Kind::TooLarge, detail).with_limit(most as u64))
            }
        })
    }

    /// The glitched picture, verified. What had all the time and was not done never will be; any
    /// other may be done with more.
    pub(super) fn make(&self, turn: &mut Turn, bytes: &[u8], recipe: &Recipe) -> Outcome<Glitched> {
        let had_all = !std::mem::replace(&mut turn.begun, true);
        let options = Options {
            limits: self.limits,
            verify: true,
            cancel: turn.cancel.clone(),
        };
        match glitch_with(bytes, recipe, &options) {
            Ok(glitched) => Ok(Ok(glitched)),
            Err(_) if turn.cancel.is_cancelled() && !had_all => {
                Err(Failure("the time was up".to_owned()))
            }
            Err(error) => Ok(Err(error.into())),
        }
    }

    pub(super) fn store(&self, at: (&Bucket, &str), glitched: &Glitched) -> Result<(), Failure> {
        let mut metadata = vec![(RECIPE, glitched.recipe.to_string())];
        if let Some(changed) = glitched.changed {
            metadata.push((CHANGED, format!("{changed:.4}")));
        }
        let stored = Stored {
            content_type: glitched.format.media_type(),
            metadata: &metadata,
            bytes: &glitched.bytes,
        };
        self.client.put(at.0, at.1, &stored)
    }
}

#[cfg(test)]
mod tests {
    use super::seed_of;

    /// `printf '7:photos/cat.png' | sha256sum` starts with `PINNED` in hexadecimal.
    #[test]
    fn the_seed_of_a_key_is_pinned_for_ever() {
        assert_eq!(seed_of(7, "photos/cat.png"), PINNED);
        assert_ne!(seed_of(8, "photos/cat.png"), PINNED);
        assert_ne!(seed_of(7, "photos/cat.jpg"), PINNED);
    }

    const PINNED: u64 = 0x9499_dd81_8ed1_d9cd;
}
