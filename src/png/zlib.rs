//! Inflating to an exact length, and deflating (PNG clause 10, RFC 1950).

use fdeflate::{DecompressionError, Decompressor};
use libdeflater::{CompressionLvl, Compressor};

use super::Effort;
use crate::cancel::Cancel;
use crate::error::Error;

/// Deflate can store 258 bytes in two bits, and no more.
pub(super) const MAX_RATIO: usize = 1032;

/// Why a stream did not inflate, and at which place of its pieces taken together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct InflateFault {
    pub(super) place: usize,
    pub(super) what: &'static str,
}

/// Compressed bytes are fed in steps of this size, so that a fault is narrowed down to one.
const STEP: usize = 1 << 16;

/// So many bytes before the end the feeding goes on byte by byte: the decoder reads ahead by less
/// than that, and the last byte it takes is then the last of the stream.
const READ_AHEAD: usize = 32;

/// A stream on its way into a buffer.
struct Feed<'a> {
    decoder: Decompressor,
    into: &'a mut [u8],
    written: usize,
    /// Compressed bytes taken.
    place: usize,
    cancel: &'a Cancel,
}

impl<'a> Feed<'a> {
    fn new(into: &'a mut [u8], cancel: &'a Cancel) -> Self {
        Feed {
            decoder: Decompressor::new(),
            into,
            written: 0,
            place: 0,
            cancel,
        }
    }

    /// Whether nothing more is to be had: the stream or the buffer is at its end.
    fn is_over(&self) -> bool {
        self.decoder.is_done() || self.written == self.into.len()
    }

    /// Takes pieces, single bytes from the place `fine` on, until it is over or cancelled.
    fn take(&mut self, pieces: &[&[u8]], fine: usize) -> Result<(), DecompressionError> {
        for piece in pieces {
            let mut rest = *piece;
            while !rest.is_empty() && !self.is_over() {
                if self.cancel.is_cancelled() {
                    return Ok(());
                }
                let coarse = fine.saturating_sub(self.place).clamp(1, STEP);
                let step = &rest[..coarse.min(rest.len())];
                let (taken, made) =
                    self.decoder
                        .read(step, self.into, self.written, /* end */ false)?;
                if taken == 0 && made == 0 {
                    return Err(DecompressionError::InsufficientInput);
                }
                rest = &rest[taken..];
                self.place += taken;
                self.written += made;
            }
        }
        Ok(())
    }
}

/// Inflates the pieces of a stream until `into` is full. What comes after that, the checksum
/// included, is not looked at. Cancelled, it tells nothing of the stream.
pub(super) fn inflate(
    pieces: &[&[u8]],
    into: &mut [u8],
    cancel: &Cancel,
) -> Result<Result<(), InflateFault>, Error> {
    let mut feed = Feed::new(into, cancel);
    feed.decoder.ignore_adler32();
    let mut result = feed.take(pieces, usize::MAX);
    if result.is_err() {
        // The step with the fault may still have held all that was missing.
        let fine = feed.place;
        feed = Feed::new(feed.into, cancel);
        feed.decoder.ignore_adler32();
        result = feed.take(pieces, fine);
    }
    // It may have stopped short for this.
    cancel.check()?;
    Ok(match result {
        _ if feed.written == feed.into.len() => Ok(()),
        Ok(()) => Err(InflateFault {
            place: feed.place,
            what: "the image data are too short",
        }),
        Err(error) => Err(InflateFault {
            place: feed.place,
            what: words(&error),
        }),
    })
}

/// Inflates the pieces of a stream that must hold `len` bytes, a right checksum and nothing else.
pub(super) fn inflate_strictly(pieces: &[&[u8]], len: usize) -> Result<Vec<u8>, InflateFault> {
    let total: usize = pieces.iter().map(|piece| piece.len()).sum();
    // One byte more shows a stream that is too long.
    let mut inflated = vec![0; len + 1];
    let never = Cancel::default();
    let mut feed = Feed::new(&mut inflated, &never);
    let mut result = feed.take(pieces, total.saturating_sub(READ_AHEAD));
    if result.is_err() {
        let fine = feed.place;
        feed = Feed::new(feed.into, &never);
        result = feed.take(pieces, fine);
    }
    let (written, place, done) = (feed.written, feed.place, feed.decoder.is_done());
    let what = match result {
        Err(error) => words(&error),
        Ok(()) if written > len => "the image data are too long",
        Ok(()) if !done => "the zlib stream does not end",
        Ok(()) if written < len => "the image data are too short",
        Ok(()) if place < total => "there are bytes after the zlib stream",
        Ok(()) => {
            inflated.truncate(len);
            return Ok(inflated);
        }
    };
    Err(InflateFault { place, what })
}

fn words(error: &DecompressionError) -> &'static str {
    use DecompressionError as E;
    match error {
        E::BadZlibHeader => "the zlib header is wrong",
        E::InsufficientInput => "the zlib stream does not end",
        E::InvalidBlockType => "there is no such deflate block type",
        E::InvalidUncompressedBlockLength => "the two lengths of a stored block disagree",
        E::InvalidHlit | E::InvalidHdist => "a deflate block has too many codes",
        E::InvalidCodeLengthRepeat => "a deflate block repeats a code length before the first",
        E::BadCodeLengthHuffmanTree
        | E::BadLiteralLengthHuffmanTree
        | E::BadDistanceHuffmanTree => "the code lengths of a deflate block make no Huffman code",
        E::InvalidLiteralLengthCode => "there is no such literal or length code",
        E::InvalidDistanceCode => "there is no such distance code",
        E::InputStartsWithRun | E::DistanceTooFarBack => "a distance goes back before the start",
        E::WrongChecksum => "the Adler-32 checksum is wrong",
        E::ExtraInput => "there are bytes after the zlib stream",
    }
}

/// Deflates filtered scanlines. `input_len` is what they took up in the input: it tells which
/// library and level fit. Every choice made here shows in the bytes of the result for ever.
///
/// - Photographs hardly compress (less than 4:1), and their filtered bytes are small numbers.
///   `fdeflate` is made for just that: twice as fast as level 1 of libdeflate and as small. Where it
///   does badly all the same (rows without a filter, indices) it is not used.
/// - Screenshots and drawings compress well. A higher level of libdeflate costs little there, and
///   a lower one loses much.
///
/// Neither library can be cancelled once it has begun: it is asked before and after.
pub(super) fn deflate(
    filtered: &[u8],
    effort: Effort,
    input_len: usize,
    cancel: &Cancel,
) -> Result<Vec<u8>, Error> {
    cancel.check()?;
    let ratio = filtered.len() / input_len.max(1);
    let level = match effort {
        Effort::Small => 12,
        Effort::Fast if ratio < 4 => {
            let most = input_len + input_len / 6;
            if looks_fit(filtered, most) {
                let deflated = fdeflate::compress_to_vec(filtered);
                cancel.check()?;
                if deflated.len() <= most {
                    return Ok(deflated);
                }
            }
            3
        }
        Effort::Fast if ratio < 12 => 4,
        Effort::Fast => 6,
    };
    let deflated = libdeflate(filtered, level);
    cancel.check()?;
    Ok(deflated)
}

/// Samples of so many bytes, so many of them, tell whether `fdeflate` does badly.
const SAMPLE: (usize, usize) = (1 << 14, 8);

/// Whether `fdeflate` may get by with `most` bytes. What is short is not looked at: it is tried.
fn looks_fit(filtered: &[u8], most: usize) -> bool {
    let (len, count) = SAMPLE;
    if filtered.len() < len * count * 8 {
        return true;
    }
    let starts = (0..count).map(|index| (filtered.len() - len) / (count - 1) * index);
    let sample: Vec<u8> = starts
        .flat_map(|start| &filtered[start..start + len])
        .copied()
        .collect();
    let deflated = fdeflate::compress_to_vec(&sample).len();
    // A few in a hundred more: where it is close it is tried.
    let expected = deflated as u128 * filtered.len() as u128 / sample.len() as u128;
    expected <= most as u128 + most as u128 / 32
}

fn libdeflate(bytes: &[u8], level: i32) -> Vec<u8> {
    let level = CompressionLvl::new(level).unwrap_or_default();
    let mut compressor = Compressor::new(level);
    let mut deflated = vec![0; compressor.zlib_compress_bound(bytes.len())];
    let len = compressor
        .zlib_compress(bytes, &mut deflated)
        .expect("the bound is enough");
    deflated.truncate(len);
    deflated
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn fill(pieces: &[&[u8]], into: &mut [u8]) -> Result<(), InflateFault> {
        inflate(pieces, into, &Cancel::default()).unwrap()
    }

    fn pack(bytes: &[u8], effort: Effort, input_len: usize) -> Vec<u8> {
        deflate(bytes, effort, input_len, &Cancel::default()).unwrap()
    }

    fn picture(len: usize) -> Vec<u8> {
        (0..len).map(|i| (i * i / 97 % 251) as u8).collect()
    }

    proptest! {
        #[test]
        fn deflating_and_inflating_are_inverse_whatever_the_pieces(
            bytes in proptest::collection::vec(0..20u8, 1..3000),
            piece in 1usize..200,
            input_len in 1usize..2000,
        ) {
            for effort in [Effort::Fast, Effort::Small] {
                let deflated = pack(&bytes, effort, input_len);
                let pieces: Vec<&[u8]> = deflated.chunks(piece).collect();
                let mut inflated = vec![0; bytes.len()];
                prop_assert_eq!(fill(&pieces, &mut inflated), Ok(()));
                prop_assert_eq!(&inflated, &bytes);
                prop_assert_eq!(inflate_strictly(&pieces, bytes.len()), Ok(inflated));
            }
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300), len in 0usize..500) {
            let stream = [&[0x78, 1][..], &bytes].concat();
            let mut inflated = vec![0; len];
            let _ = fill(&[&bytes], &mut inflated);
            let _ = fill(&[&stream], &mut inflated);
            let _ = inflate_strictly(&[&stream], len);
        }
    }

    #[test]
    fn a_stream_with_faults_past_its_data_still_fills_the_buffer() {
        let bytes = picture(100_000);
        let good = pack(&bytes, Effort::Fast, 40_000);
        let mut wrong_sum = good.clone();
        *wrong_sum.last_mut().unwrap() ^= 1;
        let extra = [&good[..], b"extra"].concat();
        let no_sum = good[..good.len() - 4].to_vec();
        for (stream, said) in [
            (wrong_sum, "Adler-32"),
            (extra, "after the zlib stream"),
            (no_sum, "does not end"),
        ] {
            let mut inflated = vec![0; bytes.len()];
            assert_eq!(fill(&[&stream], &mut inflated), Ok(()));
            assert_eq!(inflated, bytes);
            let fault = inflate_strictly(&[&stream], bytes.len()).unwrap_err();
            assert!(fault.what.contains(said), "{fault:?}");
        }
    }

    #[test]
    fn the_exact_end_is_found() {
        let bytes = picture(1000);
        let good = pack(&bytes, Effort::Fast, 400);
        for extra in [1, 3, 40, 1000] {
            let stream = [&good[..], &vec![0; extra]].concat();
            let fault = inflate_strictly(&[&stream], 1000).unwrap_err();
            assert_eq!(fault.what, "there are bytes after the zlib stream");
            if extra < READ_AHEAD {
                assert_eq!(fault.place, good.len());
            }
        }
    }

    #[test]
    fn too_short_and_too_long_are_told() {
        let bytes = picture(1000);
        let stream = pack(&bytes, Effort::Fast, 400);
        let mut inflated = vec![0; 1001];
        let fault = fill(&[&stream], &mut inflated).unwrap_err();
        assert_eq!(fault.what, "the image data are too short");
        assert_eq!(fill(&[&stream], &mut inflated[..999]), Ok(()));
        let fault = inflate_strictly(&[&stream], 1001).unwrap_err();
        assert_eq!(fault.what, "the image data are too short");
        let fault = inflate_strictly(&[&stream], 999).unwrap_err();
        assert_eq!(fault.what, "the image data are too long");
    }

    #[test]
    fn a_fault_is_found_where_it_is() {
        // A stored block whose two lengths disagree, after one that is right.
        let stream = [
            &[0x78, 0x01, 0, 3, 0, 0xFC, 0xFF, 1, 2, 3][..],
            &[1, 9, 0, 9, 9, 5],
        ]
        .concat();
        let mut inflated = vec![0; 12];
        let fault = fill(&[&stream[..4], &stream[4..]], &mut inflated).unwrap_err();
        assert_eq!(fault.what, "the two lengths of a stored block disagree");
        assert!((10..=15).contains(&fault.place), "{fault:?}");
        assert_eq!(fill(&[&stream], &mut inflated[..3]), Ok(()));
        assert_eq!(inflated[..3], [1, 2, 3]);
    }

    #[test]
    fn between_steps_it_may_be_cancelled() {
        let mut noise = crate::rng::Stream::new(1, 0, 0);
        let bytes: Vec<u8> = (0..8 * STEP).map(|_| noise.below(256) as u8).collect();
        let stream = pack(&bytes, Effort::Fast, bytes.len());
        let steps = stream.len() / STEP;
        assert!(steps > 5);
        let mut inflated = vec![0; bytes.len()];
        let cancel = Cancel::after(steps);
        assert!(inflate(&[&stream], &mut inflated, &cancel).is_err());
        let enough = Cancel::after(usize::MAX);
        inflate(&[&stream], &mut inflated, &enough)
            .unwrap()
            .unwrap();
        assert!((steps..steps + 5).contains(&enough.asked()));
        for (effort, questions) in [(Effort::Small, 2), (Effort::Fast, 3)] {
            // Noise is too long for `fdeflate`: both libraries are tried.
            for count in 0..questions {
                let deflated = deflate(&bytes, effort, bytes.len() / 2, &Cancel::after(count));
                assert_eq!(deflated, Err(Error::cancelled()), "{effort} {count}");
            }
            let enough = Cancel::after(questions);
            assert!(deflate(&bytes, effort, bytes.len() / 2, &enough).is_ok());
        }
    }
}
