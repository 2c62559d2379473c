//! Animated PNG: acTL (PNG 11.3.6.1), fcTL (11.3.6.2), fdAT (11.3.6.3), and their order (4.9).

use std::ops::Range;

use super::super::{Fault, big_endian_32, byte, fault, require};
use super::Chunk;
use super::header::Header;

#[derive(Default)]
pub struct Animation {
    /// The frames that come from fdAT chunks.
    pub frames: Vec<FrameData>,
    /// Frame control chunks so far.
    count: u32,
    next_sequence_number: u32,
    state: State,
}

pub struct FrameData {
    pub width: u32,
    pub height: u32,
    pub x: u32,
    pub y: u32,
    /// The data of the fdAT chunks, without their sequence numbers.
    pub data: Vec<Range<usize>>,
    control_offset: usize,
}

#[derive(Default, Clone, Copy, PartialEq, Eq)]
enum State {
    #[default]
    BeforeImageData,
    AfterImageData,
}

impl Animation {
    pub fn read(bytes: &[u8], chunks: &[Chunk], header: &Header) -> Result<Self, Fault> {
        let mut animation = Self::default();
        let control = chunks.iter().find(|chunk| &chunk.kind == b"acTL");
        for chunk in chunks {
            match &chunk.kind {
                b"IDAT" => animation.state = State::AfterImageData,
                b"fcTL" => {
                    require(control.is_some(), chunk.range.start, "fcTL without acTL")?;
                    animation.frame_control(bytes, chunk, header)?;
                }
                b"fdAT" => {
                    require(control.is_some(), chunk.range.start, "fdAT without acTL")?;
                    animation.frame_data(bytes, chunk)?;
                }
                _ => {}
            }
        }
        for frame in &animation.frames {
            require(
                !frame.data.is_empty(),
                frame.control_offset,
                "fcTL without fdAT",
            )?;
        }
        if let Some(chunk) = control {
            animation.animation_control(bytes, chunk)?;
        }
        Ok(animation)
    }

    /// num_frames is the number of fcTL chunks, and is not 0; num_plays may be anything.
    fn animation_control(&self, bytes: &[u8], chunk: &Chunk) -> Result<(), Fault> {
        let at = chunk.range.start;
        require(chunk.data().len() == 8, at, "acTL without exactly 8 bytes")?;
        let due = big_endian_32(bytes, chunk.data().start)?;
        require(due > 0, at, "acTL that counts no frames")?;
        require(
            due == self.count,
            at,
            format_args!("acTL with {due} frames, and there are {}", self.count),
        )
    }

    fn sequence_number(&mut self, bytes: &[u8], chunk: &Chunk) -> Result<(), Fault> {
        let got = big_endian_32(bytes, chunk.data().start)?;
        let due = self.next_sequence_number;
        self.next_sequence_number += 1;
        require(
            got == due,
            chunk.data().start,
            format_args!("sequence number {got} where {due} is due"),
        )
    }

    fn frame_control(&mut self, bytes: &[u8], chunk: &Chunk, header: &Header) -> Result<(), Fault> {
        let (start, at) = (chunk.range.start, chunk.data().start);
        require(
            chunk.data().len() == 26,
            start,
            "fcTL without exactly 26 bytes",
        )?;
        self.sequence_number(bytes, chunk)?;
        let (width, height) = (big_endian_32(bytes, at + 4)?, big_endian_32(bytes, at + 8)?);
        let (x, y) = (
            big_endian_32(bytes, at + 12)?,
            big_endian_32(bytes, at + 16)?,
        );
        let fits = |size: u32, offset: u32, whole: u32| {
            size > 0 && u64::from(size) + u64::from(offset) <= u64::from(whole)
        };
        require(
            fits(width, x, header.width) && fits(height, y, header.height),
            at + 4,
            format_args!("frame of {width}x{height} at {x},{y} is not inside the canvas"),
        )?;
        require(byte(bytes, at + 24)? <= 2, at + 24, "dispose_op above 2")?;
        require(byte(bytes, at + 25)? <= 1, at + 25, "blend_op above 1")?;
        self.count += 1;
        if self.state == State::BeforeImageData {
            require(self.count == 1, start, "second fcTL before IDAT")?;
            return require(
                (width, height, x, y) == (header.width, header.height, 0, 0),
                at + 4,
                "the default image's frame is not the whole canvas",
            );
        }
        self.frames.push(FrameData {
            width,
            height,
            x,
            y,
            data: Vec::new(),
            control_offset: start,
        });
        Ok(())
    }

    fn frame_data(&mut self, bytes: &[u8], chunk: &Chunk) -> Result<(), Fault> {
        let start = chunk.range.start;
        require(
            chunk.data().len() >= 4,
            start,
            "fdAT without a sequence number",
        )?;
        self.sequence_number(bytes, chunk)?;
        let Some(frame) = self.frames.last_mut() else {
            return fault(start, "fdAT before its fcTL");
        };
        frame.data.push(chunk.data().start + 4..chunk.data().end);
        Ok(())
    }
}
