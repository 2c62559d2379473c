//! What a decoder made of a file.

/// A decoder's word on a file, and what it drew, if it draws.
#[derive(Clone, Debug, Default)]
pub struct Verdict {
    /// Error or warning; `None` if the file is clean.
    pub words: Option<String>,
    pub picture: Option<Picture>,
}

impl Verdict {
    /// Not clean.
    pub fn of(words: impl Into<String>) -> Self {
        Verdict {
            words: Some(words.into()),
            picture: None,
        }
    }
}

/// Pixels as 8-bit R, G, B, A, colour not multiplied by alpha; of 16-bit samples the high byte.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    pub width: u32,
    pub height: u32,
    pub rgba: Vec<u8>,
}

impl Picture {
    /// `None` if there are not as many samples as width and height say.
    pub fn new(width: u32, height: u32, rgba: Vec<u8>) -> Option<Self> {
        let samples = u64::from(width) * u64::from(height) * 4;
        (rgba.len() as u64 == samples).then_some(Picture {
            width,
            height,
            rgba,
        })
    }

    /// Makes four samples a pixel out of one to four: grey, grey and alpha, colour, colour and
    /// alpha.
    pub fn from_channels(width: u32, height: u32, samples: &[u8]) -> Option<Self> {
        let pixels = usize::try_from(u64::from(width) * u64::from(height)).ok()?;
        let channels = samples.len().checked_div(pixels)?;
        if samples.len() != pixels * channels || !(1..=4).contains(&channels) {
            return None;
        }
        let pixel = |pixel: &[u8]| match *pixel {
            [grey] => [grey, grey, grey, 255],
            [grey, alpha] => [grey, grey, grey, alpha],
            [red, green, blue] => [red, green, blue, 255],
            _ => [pixel[0], pixel[1], pixel[2], pixel[3]],
        };
        let rgba = samples.chunks_exact(channels).flat_map(pixel).collect();
        Picture::new(width, height, rgba)
    }

    /// Reads PGM, PPM or PAM (netpbm's P5, P6, P7) with samples of one byte.
    pub fn from_netpbm(file: &[u8]) -> Option<Self> {
        let header_lines = match file.get(..3)? {
            b"P5\n" | b"P6\n" => 3,
            b"P7\n" => 7,
            _ => return None,
        };
        let mut rest = file;
        let mut numbers = Vec::new();
        for _ in 0..header_lines {
            let end = rest.iter().position(|&byte| byte == b'\n')?;
            let line = std::str::from_utf8(&rest[..end]).ok()?;
            numbers.extend(line.split(' ').filter_map(|word| word.parse::<u32>().ok()));
            rest = &rest[end + 1..];
        }
        // PGM and PPM: width, height, 255; PAM: width, height, depth, 255.
        let (width, height) = (*numbers.first()?, *numbers.get(1)?);
        if *numbers.last()? != 255 {
            return None;
        }
        Picture::from_channels(width, height, rest)
    }

    /// Mean absolute difference of the samples, in levels of 255; `None` if the sizes differ.
    /// Alpha counts among three samples a pixel, as the pictures of most fixtures have none.
    pub fn difference(&self, other: &Picture) -> Option<f64> {
        if (self.width, self.height) != (other.width, other.height) {
            return None;
        }
        let pairs = self.rgba.iter().zip(&other.rgba);
        let sum: u64 = pairs.map(|(a, b)| u64::from(a.abs_diff(*b))).sum();
        let samples = self.rgba.len() / 4 * 3;
        Some(sum as f64 / samples.max(1) as f64)
    }
}

#[test]
fn netpbm_is_read() {
    let grey = Picture::from_netpbm(b"P5\n2 1\n255\n\x07\x09").unwrap();
    assert_eq!(grey.rgba, [7, 7, 7, 255, 9, 9, 9, 255]);
    let color = Picture::from_netpbm(b"P6\n1 1\n255\n\x01\x02\x03").unwrap();
    assert_eq!(color.rgba, [1, 2, 3, 255]);
    assert_eq!(color.difference(&color), Some(0.0));
    assert_eq!(color.difference(&grey), None);
    let pam =
        b"P7\nWIDTH 1\nHEIGHT 1\nDEPTH 2\nMAXVAL 255\nTUPLTYPE GRAYSCALE_ALPHA\nENDHDR\n\x0A\x14";
    let pam = Picture::from_netpbm(pam).unwrap();
    assert_eq!(pam.rgba, [10, 10, 10, 20]);
    assert_eq!(Picture::from_netpbm(b"P5\n2 2\n255\n\x07\x09"), None);
}
