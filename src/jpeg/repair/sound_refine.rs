//! The short way through refinements in which nothing is to be replaced.

use super::super::chunk::{Bits, ChunkBits};
use super::Range;
use super::ac_refine::AcRefine;
use super::bands::{End, Known, Many, Sound};
use super::refine_look::END;
use super::rules::{LOAD, ZRL};
use super::walk::Output;

/// Places of which [`NEAR`] knows.
const SIGHT: usize = 8;

/// By the next eight places, those with history as ones, and by a number: where that zero is, from 0;
/// 8 where it is further.
const NEAR: [[u8; SIGHT]; 1 << SIGHT] = near();

const fn near() -> [[u8; SIGHT]; 1 << SIGHT] {
    let mut near = [[SIGHT as u8; SIGHT]; 1 << SIGHT];
    let mut ahead = 0;
    while ahead < 1 << SIGHT {
        let (mut place, mut zeros) = (0, 0);
        while place < SIGHT {
            if ahead >> place & 1 == 0 {
                near[ahead][zeros] = place as u8;
                zeros += 1;
            }
            place += 1;
        }
        ahead += 1;
    }
    near
}

/// By eight places: how many of them are zeros.
const ZEROS: [u8; 1 << SIGHT] = zeros();

const fn zeros() -> [u8; 1 << SIGHT] {
    let mut zeros = [0; 1 << SIGHT];
    let mut places = 0;
    while places < 1 << SIGHT {
        zeros[places] = (places as u8).count_zeros() as u8;
        places += 1;
    }
    zeros
}

/// Where the `count`th zero is, both from 0; 64 or more where there is none.
#[inline(always)]
fn zero(ahead: u64, count: usize) -> usize {
    let place = usize::from(NEAR[ahead as usize & 0xFF][count & 7]);
    match place < SIGHT && count < SIGHT {
        true => place,
        false => far_zero(ahead, count),
    }
}

#[cold]
#[inline(never)]
fn far_zero(mut ahead: u64, mut count: usize) -> usize {
    let mut place = 0;
    while place < 64 {
        let zeros = usize::from(ZEROS[ahead as usize & 0xFF]);
        if count < zeros {
            return place + usize::from(NEAR[ahead as usize & 0xFF][count]);
        }
        (ahead, count, place) = (ahead >> 8, count - zeros, place + 8);
    }
    place
}

/// What is read of a block.
struct Reading {
    /// The next place.
    k: usize,
    /// New coefficients.
    new: u64,
    /// Whether the last symbol was a run of zeros, which may not be the end.
    is_open: bool,
}

/// How a block goes on behind a symbol.
enum Next {
    Symbol,
    End,
    /// So many blocks end here.
    Run(u32),
}

impl Sound for AcRefine {
    #[inline(always)]
    fn read(&self, bits: &mut impl Bits, mut block: Known, out: &mut impl Output) -> Option<Known> {
        let history = block.mask & self.places;
        if block.eob_run > 0 {
            self.pass_corrections(bits, history, out);
            block.eob_run -= 1;
            return Some(block);
        }
        let mut reading = Reading {
            k: self.band.start,
            new: 0,
            is_open: false,
        };
        let blocks = self.pass_symbols(bits, history, (&mut reading, out))?;
        block.eob_run = blocks.saturating_sub(1);
        block.mask |= reading.new;
        if reading.new != 0 {
            block.load += self.sums.of(reading.new);
        }
        Some(block)
    }

    #[inline(always)]
    fn may_stay(&self, before: Known, after: Known, end: End) -> bool {
        if before.eob_run > 0 {
            return true;
        }
        let is_held = end.is_changed || before.mask & 1 == 1;
        let is_more = after.load > LOAD && after.mask != before.mask;
        let Some(left) = end.left.checked_sub(after.eob_run + 1) else {
            return false;
        };
        !(is_held && is_more && self.range == Range::Drawn)
            && (!end.is_changed || self.runs.cover(left))
    }

    const READS_MANY: bool = false;

    fn read_many(&self, _: &mut ChunkBits<'_>, _: &mut Many) -> bool {
        false
    }
}

impl AcRefine {
    /// Passes over the symbols of a block and all its corrections; tells how many blocks end here.
    #[inline(always)]
    fn pass_symbols<O: Output>(
        &self,
        bits: &mut impl Bits,
        history: u64,
        (reading, out): (&mut Reading, &mut O),
    ) -> Option<u32> {
        let look = self.look.as_ref().filter(|_| !O::TAPPED);
        while look.is_none() || history >> reading.k != 0 {
            match self.pass_symbol(bits, history, (reading, out))? {
                Next::Symbol => {}
                Next::End => return Some(0),
                Next::Run(blocks) => {
                    self.pass_corrections(bits, history >> reading.k << reading.k, out);
                    return Some(blocks);
                }
            }
        }
        let look = look?;
        loop {
            bits.fill();
            // There are four to a filling.
            for _ in 0..4 {
                let steps = look.steps(bits);
                let k = reading.k + steps.places();
                if k > self.band.end {
                    let k = k.wrapping_sub(END as usize);
                    let ends =
                        k <= self.band.end && !(reading.is_open && steps.coefficients() == 0);
                    if ends {
                        bits.consume(steps.bits());
                        reading.new |= steps.coefficients() << reading.k;
                        return Some(1);
                    }
                    match self.pass_symbol(bits, 0, (reading, out))? {
                        Next::Symbol => break,
                        Next::End => return Some(0),
                        Next::Run(blocks) => return Some(blocks),
                    }
                }
                bits.consume(steps.bits());
                reading.new |= steps.coefficients() << reading.k;
                reading.k = k;
                reading.is_open = false;
            }
        }
    }

    /// Passes over a symbol, and the corrections up to where it leads; `ahead` is the history from
    /// there on.
    #[inline(always)]
    fn pass_symbol<O: Output>(
        &self,
        bits: &mut impl Bits,
        history: u64,
        (reading, out): (&mut Reading, &mut O),
    ) -> Option<Next> {
        bits.fill();
        let (symbol, len) = self.table.decode(bits.peek(16))?;
        let (run, size) = (u32::from(symbol >> 4), u32::from(symbol & 15));
        if size == 0 && symbol != ZRL {
            let more = bits.peek(len + run) & ((1 << run) - 1);
            bits.consume(len + run);
            return (!reading.is_open).then_some(Next::Run((1 << run) + more));
        }
        let ahead = zero(history >> reading.k, run as usize);
        let place = reading.k + ahead;
        if place > self.band.end || size > 1 {
            return None;
        }
        let corrections = ahead as u32 - run;
        if O::TAPPED || corrections > 39 {
            if size == 1 {
                let value = 1 << self.band.point;
                let is_positive = bits.peek(len + 1) & 1 == 1;
                out.coefficient(place, if is_positive { value } else { -value });
            }
            bits.consume(len + size);
            let places = history >> reading.k << reading.k;
            self.pass_corrections(bits, places & ((1 << place) - 1), out);
        } else {
            bits.consume(len + size + corrections);
        }
        reading.new |= u64::from(size) << place;
        reading.is_open = size == 0;
        reading.k = place + 1;
        if place < self.band.end {
            return Some(Next::Symbol);
        }
        (size == 1).then_some(Next::End)
    }
}

impl AcRefine {
    /// Passes over the correction bits of some places.
    #[inline(always)]
    fn pass_corrections<O: Output>(&self, bits: &mut impl Bits, places: u64, out: &mut O) {
        if !O::TAPPED {
            return skip(bits, places.count_ones());
        }
        let mut rest = places;
        while rest != 0 {
            bits.fill();
            if bits.peek(1) == 1 {
                out.coefficient(rest.trailing_zeros() as usize, 1 << self.band.point);
            }
            bits.consume(1);
            rest &= rest - 1;
        }
    }
}

/// Passes over so many bits, at most 64.
#[inline(always)]
fn skip(bits: &mut impl Bits, count: u32) {
    bits.fill();
    if count > 32 {
        bits.consume(32);
        bits.fill();
        bits.consume(count - 32);
    } else {
        bits.consume(count);
    }
}
