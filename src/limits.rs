//! Bounds on what is taken in, checked before anything is allocated for it.

use crate::error::Error;

/// Bounds on the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Most bytes of a file. Default: 256 MiB.
    pub bytes: usize,
    /// Most pixels (width times height; all frames of an APNG together) that the header may claim.
    /// Default: 250 million.
    pub pixels: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            bytes: 256 << 20,
            pixels: 250_000_000,
        }
    }
}

impl Limits {
    pub(crate) fn check_bytes(&self, bytes: usize) -> Result<(), Error> {
        if bytes > self.bytes {
            return Err(Error::too_large("bytes", bytes as u64, self.bytes as u64));
        }
        Ok(())
    }

    pub(crate) fn check_pixels(&self, pixels: u64) -> Result<(), Error> {
        if pixels > self.pixels {
            return Err(Error::too_large("pixels", pixels, self.pixels));
        }
        Ok(())
    }
}
