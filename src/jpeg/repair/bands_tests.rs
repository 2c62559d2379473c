//! The short way against the long way.

use std::cell::Cell;
use std::rc::Rc;

use proptest::prelude::*;

use super::super::super::huffman::{Spec, Table};
use super::super::super::span::Span;
use super::super::ac_first::AcFirst;
use super::super::ac_refine::AcRefine;
use super::super::band::Band;
use super::super::walk::{Strict, Tap};
use super::super::{DeadEnd, Range};
use super::*;

/// A coder of either kind, by the long way.
trait Coder: Sound {
    fn long(&self, walk: &mut Walk<'_, Tap<Strict>>, block: Block<'_>) -> Result<(), DeadEnd>;
}

impl Coder for AcFirst {
    fn long(&self, walk: &mut Walk<'_, Tap<Strict>>, block: Block<'_>) -> Result<(), DeadEnd> {
        self.long(walk, block)
    }
}

impl Coder for AcRefine {
    fn long(&self, walk: &mut Walk<'_, Tap<Strict>>, block: Block<'_>) -> Result<(), DeadEnd> {
        self.long(walk, block)
    }
}

/// All data are codes of it, and most of them legal in most places: two codes of each length from 2 on,
/// four of the last.
fn table(symbols: &[u8]) -> Rc<Table> {
    let mut counts = [0; 16];
    let last = symbols.len() / 2 - 1;
    counts[1..last].fill(2);
    counts[last] = 4;
    let spec = Spec {
        counts,
        symbols: symbols.to_vec(),
        offset: 0,
    };
    Rc::new(Table::new(&spec).unwrap())
}

const FIRST: [u8; 16] = [
    0x01, 0x00, 0x11, 0x02, 0x21, 0x10, 0x03, 0x12, 0x20, 0x31, 0xF0, 0x04, 0x05, 0x51, 0x0A, 0x0B,
];
const REFINED: [u8; 16] = [
    0x01, 0x11, 0x00, 0x21, 0x31, 0x10, 0x41, 0x20, 0xF0, 0x61, 0x51, 0x91, 0x71, 0x30, 0xE1, 0x02,
];

#[derive(Clone, Debug)]
struct Case {
    bytes: Vec<u8>,
    blocks: Vec<(u64, u16)>,
    band: (usize, usize, u32),
    q: u16,
    changed_from: u64,
    left: u32,
}

impl Case {
    fn band(&self) -> Band {
        let (start, end, point) = self.band;
        Band { start, end, point }
    }
}

fn case() -> impl Strategy<Value = Case> {
    let history = (any::<u64>(), any::<u64>(), 0_u32..3);
    let mask = history.prop_map(|(a, b, dense)| match dense {
        0 => a & b & (b >> 7),
        1 => a & b,
        _ => a | b,
    });
    let load = prop_oneof![3 => 0_u16..9000, 1 => any::<u16>()];
    let changed = prop_oneof![Just(u64::MAX), Just(0), 0_u64..20_000];
    let band = prop_oneof![Just((1, 63)), Just((1, 5)), Just((6, 63)), Just((9, 9))];
    (
        prop::collection::vec(prop_oneof![9 => any::<u8>(), 1 => Just(0x55)], 300..2500),
        prop::collection::vec((mask, load), 200..700),
        (band, 0_u32..3),
        1_u16..40,
        changed,
        0_u32..40,
    )
        .prop_map(
            |(bytes, blocks, ((start, end), point), q, changed_from, more)| Case {
                left: blocks.len() as u32 + more,
                bytes,
                blocks,
                band: (start, end, point),
                q,
                changed_from,
            },
        )
}

/// Reads blocks by the long way up to the first that has to be mended; how many, and what is known then.
fn long(coder: &impl Coder, case: &Case) -> (usize, Vec<(u64, u16)>, u32, u64) {
    let spans = [Span::Plain(&case.bytes)];
    let out = Tap::new(Strict::default());
    let mut walk = Walk::new(Reader::new(&spans), out, case.changed_from);
    let mut blocks = case.blocks.clone();
    let (mut eob_run, mut owed) = (0, 0);
    for index in 0..blocks.len() {
        let before = (blocks[index], eob_run, walk.reader.position());
        let (mask, load) = &mut blocks[index];
        let block = Block {
            mask,
            load,
            eob_run: &mut eob_run,
            owed: &mut owed,
            left: case.left - index as u32,
            is_seam: false,
        };
        let done = coder.long(&mut walk, block);
        if done.is_err() || walk.out.inner.fault.is_some() {
            blocks[index] = before.0;
            return (index, blocks, before.1, before.2);
        }
    }
    (blocks.len(), blocks, eob_run, walk.reader.position())
}

/// Reads on with the short ways, as many blocks at once as can be; where they stop, block by block.
fn short(coder: &impl Sound, case: &Case, wide: u32) -> (usize, Vec<(u64, u16)>, u32, u64) {
    let spans = [Span::Plain(&case.bytes)];
    let mut walk = Walk::new(Reader::new(&spans), Silent, case.changed_from);
    let mut padded = case.blocks.clone();
    padded.resize(padded.len().next_multiple_of(wide as usize), (0, 0));
    let mut blocks = Blocks::of(wide, padded);
    let layout = Layout { component: 0, wide };
    let mut bands = Bands::new(case.changed_from);
    let (mut eob_run, mut owed, mut at, all) = (0, 0, 0, case.blocks.len() as u32);
    while at < all {
        let stretch = Stretch {
            first: at,
            count: all - at,
            left: case.left - at,
        };
        let known = (&mut eob_run, &mut blocks, layout);
        let passed = bands.pass(coder, (&mut walk.reader, u64::MAX), known, stretch);
        at += passed;
        if passed == 0 {
            let (Some(mask), Some(load)) = blocks.get(0, (at % wide, at / wide)) else {
                break;
            };
            let mut block = Block {
                mask,
                load,
                eob_run: &mut eob_run,
                owed: &mut owed,
                left: case.left - at,
                is_seam: false,
            };
            if pass(coder, &mut walk, &mut block).is_none() {
                break;
            }
            at += 1;
        }
    }
    let mut known = Vec::new();
    for at in 0..all {
        let (mask, load) = blocks.get(0, (at % wide, at / wide));
        known.push((*mask.unwrap(), *load.unwrap()));
    }
    (at as usize, known, eob_run, walk.reader.position())
}

/// The short ways get as far as the long one, or less; how far they got.
fn agree(coder: &impl Coder, case: &Case, wide: u32) -> Result<usize, TestCaseError> {
    let (passed, known, eob_run, position) = short(coder, case, wide);
    let mut to_there = case.clone();
    to_there.blocks.truncate(passed);
    let (read, blocks, run, end) = long(coder, &to_there);
    prop_assert_eq!(read, passed);
    prop_assert_eq!(&known[..passed], &blocks[..]);
    prop_assert_eq!(&known[passed..], &case.blocks[passed..]);
    prop_assert_eq!((eob_run, position), (run, end));
    Ok(passed)
}

proptest! {
    #[test]
    fn first_scans_are_passed_over_as_they_are_read(mut case in case(), wide in 1_u32..300) {
        let places = case.band().places();
        for (mask, _) in &mut case.blocks {
            *mask &= !places;
        }
        let q = [case.q; 64];
        let coder = AcFirst::new(table(&FIRST), &q, (case.band(), 5000), Range::Drawn);
        agree(&coder, &case, wide)?;
    }

    #[test]
    fn refinements_are_passed_over_as_they_are_read(case in case(), wide in 1_u32..300) {
        let q = [case.q; 64];
        let coder = AcRefine::new(table(&REFINED), &q, (case.band(), 5000), Range::Drawn);
        agree(&coder, &case, wide)?;
    }
}

/// Else the tests above would not see what is read at once.
#[test]
fn much_is_passed_over() {
    let mut noise = 1_u32;
    let mut byte = || {
        noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (noise >> 24) as u8
    };
    let mut case = Case {
        bytes: (0..6000).map(|_| byte()).collect(),
        blocks: vec![(0, 0); 700],
        band: (1, 63, 0),
        q: 1,
        changed_from: u64::MAX,
        left: 700,
    };
    let first = AcFirst::new(
        table(&FIRST[..8]),
        &[1; 64],
        (case.band(), 5000),
        Range::Drawn,
    );
    let firsts = agree(&first, &case, 50).unwrap();
    case.blocks.fill((0x70F0, 0));
    let refine = AcRefine::new(
        table(&REFINED[..8]),
        &[1; 64],
        (case.band(), 5000),
        Range::Drawn,
    );
    let refined = agree(&refine, &case, 50).unwrap();
    assert!(
        firsts > 300 && refined > 300,
        "{firsts} and {refined} blocks"
    );
}

/// Counts the blocks that are read at once, and lets none of them stay.
struct Refusing(Cell<usize>);

impl Sound for Refusing {
    fn read(&self, _: &mut impl Bits, _: Known, _: &mut impl Output) -> Option<Known> {
        None
    }

    fn may_stay(&self, _: Known, _: Known, _: End) -> bool {
        false
    }

    const READS_MANY: bool = true;

    fn read_many(&self, _: &mut ChunkBits<'_>, many: &mut Many) -> bool {
        self.0.set(self.0.get() + many.count);
        false
    }
}

/// Else a picture that is mended block by block would be read as often as blocks are read at once.
#[test]
fn where_all_is_mended_few_blocks_are_read_in_vain() {
    const ALL: u32 = 1000;
    let bytes = [0x55; 2000];
    let spans = [Span::Plain(&bytes)];
    let mut reader = Reader::new(&spans);
    let mut blocks = Blocks::of(ALL, vec![(0, 0); ALL as usize]);
    let layout = Layout {
        component: 0,
        wide: ALL,
    };
    let coder = Refusing(Cell::new(0));
    let mut bands = Bands::new(u64::MAX);
    for first in 0..ALL {
        let stretch = Stretch {
            first,
            count: ALL - first,
            left: ALL - first,
        };
        let known = (&mut 0, &mut blocks, layout);
        let passed = bands.pass(&coder, (&mut reader, u64::MAX), known, stretch);
        assert_eq!(passed, 0);
    }
    let tried = coder.0.get();
    assert!(tried < 3 * ALL as usize, "{tried} blocks");
}
