//! What the chunks of a file make up: samples, palette, and the frames with their image data.
//! Refuses what nothing can open; what is mended is told in the module above.

use super::container::{Chunk, Container, Tail, be32, broken, is_ancillary, name};
use super::header::{Header, Palette, colour_key};
use crate::error::Error;
use crate::format::PNG_SIGNATURE;

/// A picture whose image data are compressed still.
#[derive(Debug)]
pub(super) struct Picture<'a> {
    pub(super) container: Container<'a>,
    pub(super) header: Header,
    /// Without colours where there is no PLTE, or where it does not matter.
    pub(super) palette: Palette,
    pub(super) colour_key: Option<[u16; 3]>,
    /// The default image, then the frames of an animation that are not the default image.
    pub(super) frames: Vec<Frame>,
    /// Why an animation is taken for its default image alone.
    pub(super) static_because: Option<Error>,
}

/// One image and the chunks that hold its data.
#[derive(Debug)]
pub(super) struct Frame {
    pub(super) width: u32,
    pub(super) height: u32,
    /// Column and line of the picture where its first pixel lies.
    pub(super) at: (u32, u32),
    /// Offset of the first chunk of this frame: fcTL, or IDAT.
    pub(super) offset: usize,
    /// Indices of its IDAT or fdAT chunks.
    pub(super) chunks: Vec<u32>,
}

/// What fcTL says (PNG 11.3.6.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FrameControl {
    pub(super) sequence_number: u32,
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) x: u32,
    pub(super) y: u32,
    pub(super) delay: (u16, u16),
    pub(super) dispose_op: u8,
    pub(super) blend_op: u8,
}

impl FrameControl {
    pub(super) fn parse(data: &[u8], header: &Header) -> Result<Self, &'static str> {
        let &[_, _, _, _, .., n0, n1, d0, d1, dispose_op, blend_op] = data else {
            return Err("fcTL is not 26 bytes long");
        };
        let field = |index: usize| be32(data, 4 * index).filter(|_| data.len() == 26);
        let [
            Some(sequence_number),
            Some(width),
            Some(height),
            Some(x),
            Some(y),
        ] = [field(0), field(1), field(2), field(3), field(4)]
        else {
            return Err("fcTL is not 26 bytes long");
        };
        if width == 0 || height == 0 {
            return Err("a side of the frame is 0 pixels long");
        }
        let inside = |start: u32, len: u32, whole: u32| {
            start.checked_add(len).is_some_and(|end| end <= whole)
        };
        if !inside(x, width, header.width) || !inside(y, height, header.height) {
            return Err("the frame reaches out of the picture");
        }
        if dispose_op > 2 || blend_op > 1 {
            return Err("there is no such way to dispose of or blend a frame");
        }
        Ok(FrameControl {
            sequence_number,
            width,
            height,
            x,
            y,
            delay: (u16::from_be_bytes([n0, n1]), u16::from_be_bytes([d0, d1])),
            dispose_op,
            blend_op,
        })
    }
}

/// Reads IHDR, which must come first.
pub(super) fn read_header(container: &Container<'_>) -> Result<Header, Error> {
    let first = PNG_SIGNATURE.len();
    let Some(chunk) = container.chunks.first() else {
        return Err(match container.tail {
            Tail::Cut(offset, fault) => broken(offset, fault),
            _ => broken(first, "the file ends after its signature"),
        });
    };
    if chunk.kind != *b"IHDR" {
        return Err(broken(first, "the first chunk is not IHDR"));
    }
    let header =
        Header::parse(container.data(chunk)).map_err(|fault| broken(chunk.offset, fault))?;
    if !container.crc_holds(chunk) {
        return Err(broken(chunk.offset, "the CRC of IHDR is wrong"));
    }
    Ok(header)
}

/// Reads what the chunks say.
pub(super) fn read(container: Container<'_>) -> Result<Picture<'_>, Error> {
    let header = read_header(&container)?;
    let mut reader = Reader {
        picture: Picture {
            container,
            header,
            palette: Palette(Vec::new()),
            colour_key: None,
            frames: Vec::new(),
            static_because: None,
        },
        animation: None,
        in_image_data: false,
    };
    for index in 1..reader.picture.container.chunks.len() {
        let chunk = reader.picture.container.chunks[index];
        reader.chunk(index as u32, &chunk)?;
        reader.in_image_data = chunk.kind == *b"IDAT";
    }
    reader.finish()
}

struct Reader<'a> {
    picture: Picture<'a>,
    /// What acTL began, if it came before the image data.
    animation: Option<Animation>,
    in_image_data: bool,
}

#[derive(Default)]
struct Animation {
    /// fcTL chunks that acTL promises.
    promised: u32,
    controls: u32,
    next_sequence_number: u32,
    /// An fcTL that came before the image data makes the default image the first frame.
    default_image_is_frame: bool,
}

impl<'a> Reader<'a> {
    fn chunk(&mut self, index: u32, chunk: &Chunk) -> Result<(), Error> {
        let has_image = !self.picture.frames.is_empty();
        match &chunk.kind {
            b"IHDR" => Err(broken(chunk.offset, "there is a second IHDR")),
            b"PLTE" if !has_image => self.palette(chunk),
            b"tRNS" if !has_image => {
                self.transparency(chunk);
                Ok(())
            }
            b"IDAT" => {
                self.image_data(index, chunk);
                Ok(())
            }
            b"acTL" if !has_image => {
                let promised = be32(self.picture.container.data(chunk), 0).unwrap_or(0);
                self.animation.get_or_insert_default().promised = promised;
                Ok(())
            }
            b"fcTL" if self.animation.is_some() => {
                let result = self.frame_control(chunk);
                self.stop_animation(result.err());
                Ok(())
            }
            b"fdAT" if self.animation.is_some() => {
                let result = self.frame_data(index, chunk);
                self.stop_animation(result.err());
                Ok(())
            }
            b"PLTE" | b"IEND" => Ok(()),
            kind if is_ancillary(*kind) => Ok(()),
            kind => Err(broken(
                chunk.offset,
                format!("the critical chunk {} is not known", name(*kind)),
            )),
        }
    }

    fn palette(&mut self, chunk: &Chunk) -> Result<(), Error> {
        let picture = &mut self.picture;
        if !picture.header.is_indexed() {
            return Ok(());
        }
        if !picture.palette.0.is_empty() {
            return Err(broken(chunk.offset, "there is a second PLTE"));
        }
        if !picture.container.crc_holds(chunk) {
            return Err(broken(chunk.offset, "the CRC of PLTE is wrong"));
        }
        picture.palette = Palette::parse(&picture.header, picture.container.data(chunk))
            .map_err(|fault| broken(chunk.offset, fault))?;
        Ok(())
    }

    fn transparency(&mut self, chunk: &Chunk) {
        let picture = &mut self.picture;
        let trns = picture.container.data(chunk);
        picture.palette.set_alpha(trns);
        picture.colour_key = colour_key(&picture.header, trns);
    }

    /// Only the first run of IDAT chunks counts.
    fn image_data(&mut self, index: u32, chunk: &Chunk) {
        let header = self.picture.header;
        if self.picture.frames.is_empty() {
            self.picture.frames.push(Frame {
                width: header.width,
                height: header.height,
                at: (0, 0),
                offset: chunk.offset,
                chunks: vec![index],
            });
        } else if self.in_image_data
            && let [default_image] = &mut self.picture.frames[..]
        {
            default_image.chunks.push(index);
        }
    }

    fn frame_control(&mut self, chunk: &Chunk) -> Result<(), Error> {
        let fault = |fault| broken(chunk.offset, fault);
        let (picture, Some(animation)) = (&mut self.picture, &mut self.animation) else {
            return Ok(());
        };
        if !picture.container.crc_holds(chunk) {
            return Err(fault("the CRC of fcTL is wrong"));
        }
        let data = picture.container.data(chunk);
        let control = FrameControl::parse(data, &picture.header).map_err(fault)?;
        animation.follow(control.sequence_number, chunk)?;
        animation.controls += 1;
        if !picture.frames.is_empty() {
            picture.frames.push(Frame {
                width: control.width,
                height: control.height,
                at: (control.x, control.y),
                offset: chunk.offset,
                chunks: Vec::new(),
            });
            return Ok(());
        }
        if animation.default_image_is_frame {
            return Err(fault("there is a second fcTL before the image data"));
        }
        animation.default_image_is_frame = true;
        if (control.width, control.height) != (picture.header.width, picture.header.height) {
            return Err(fault("the first frame is not as large as the picture"));
        }
        Ok(())
    }

    /// Decoders that know animations show the default image of one whose chunks are wrong, as
    /// those do that know none.
    fn stop_animation(&mut self, because: Option<Error>) {
        if because.is_some() {
            self.animation = None;
            self.picture.frames.truncate(1);
            self.picture.static_because = because;
        }
    }

    fn frame_data(&mut self, index: u32, chunk: &Chunk) -> Result<(), Error> {
        let (picture, Some(animation)) = (&mut self.picture, &mut self.animation) else {
            return Ok(());
        };
        let Some(sequence_number) = be32(picture.container.data(chunk), 0) else {
            return Err(broken(chunk.offset, "fdAT has no sequence number"));
        };
        animation.follow(sequence_number, chunk)?;
        match &mut picture.frames[..] {
            [_, .., frame] => frame.chunks.push(index),
            _ => return Err(broken(chunk.offset, "fdAT comes before its fcTL")),
        }
        Ok(())
    }

    fn finish(mut self) -> Result<Picture<'a>, Error> {
        let without_data = |frame: &&Frame| frame.chunks.is_empty();
        if let Some(frame) = self.picture.frames.iter().find(without_data) {
            let because = broken(frame.offset, "the frame has no data");
            self.stop_animation(Some(because));
        }
        let picture = self.picture;
        let end = match picture.container.tail {
            Tail::Cut(offset, fault) if picture.frames.is_empty() => {
                return Err(broken(offset, fault));
            }
            Tail::Cut(offset, _) | Tail::Ended(offset) => offset,
            Tail::Missing => picture.container.input.len(),
        };
        let Some(default_image) = picture.frames.first() else {
            return Err(broken(end, "there is no IDAT"));
        };
        if picture.header.is_indexed() && picture.palette.0.is_empty() {
            return Err(broken(default_image.offset, "there is no PLTE before IDAT"));
        }
        let missing = |animation: &Animation| animation.controls < animation.promised;
        let ended = matches!(picture.container.tail, Tail::Ended(_));
        if !ended && self.animation.as_ref().is_some_and(missing) {
            return Err(broken(end, "the file ends before its last frame"));
        }
        if let (false, Some(because)) = (ended, &picture.static_because) {
            return Err(because.clone());
        }
        Ok(picture)
    }
}

impl Animation {
    fn follow(&mut self, sequence_number: u32, chunk: &Chunk) -> Result<(), Error> {
        if sequence_number != self.next_sequence_number {
            let expected = self.next_sequence_number;
            return Err(broken(
                chunk.offset,
                format!("the sequence number is {sequence_number} where {expected} is due"),
            ));
        }
        self.next_sequence_number += 1;
        Ok(())
    }
}
