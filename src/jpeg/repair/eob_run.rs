//! Runs of ended blocks in progressive AC scans (T.81 G.1.2.2): EOBn covers 2^n blocks and up to
//! 2^n - 1 more by its additional bits.

use super::super::huffman::Table;
use super::DeadEnd;
use super::blocks::Block;
use super::walk::{Code, Output, Walk};

/// The EOBn symbols of a table.
#[derive(Clone, Copy)]
pub(super) struct EobRuns {
    /// Bit n: the table has EOBn, 0 to 14.
    present: u16,
}

impl EobRuns {
    pub(super) fn new(table: &Table) -> Self {
        let present = (0..=14_u16).filter(|&n| table.has((n as u8) << 4));
        EobRuns {
            present: present.fold(0, |bits, n| bits | 1 << n),
        }
    }

    /// The shortest run there is a code for; 0 if there is none.
    fn shortest(self) -> u32 {
        if self.present == 0 {
            0
        } else {
            1 << self.present.trailing_zeros()
        }
    }

    /// How many blocks have to be added to `blocks` for runs to cover them: 5 to 3 where EOB3 is
    /// the shortest there is.
    pub(super) fn lack(self, blocks: u32) -> u32 {
        match blocks {
            0 => 0,
            _ => self.shortest().saturating_sub(blocks),
        }
    }

    /// Whether `blocks` blocks can be ended by runs alone.
    pub(super) fn cover(self, blocks: u32) -> bool {
        blocks == 0 || (self.present != 0 && self.shortest() <= blocks)
    }

    /// A run that is as near to `wanted` blocks as can be, of the `left` that there are, so that
    /// the others can be ended too. With EOB3 alone, 17 blocks are 9 and 8.
    pub(super) fn choose(self, wanted: u32, left: u32) -> Option<u32> {
        if !self.cover(left) || left == 0 {
            return None;
        }
        let shortest = self.shortest();
        let target = wanted.clamp(shortest, left);
        let exponent = (0..=14)
            .rev()
            .find(|&n| self.present >> n & 1 == 1 && 1 << n <= target)?;
        let run = target.min((2 << exponent) - 1);
        let rest = left - run;
        if rest > 0 && rest < shortest {
            let given = shortest - rest;
            // Given up here they are ended with the next run, or the run takes in the rest.
            if run - given >= 1 << exponent {
                return Some(run - given);
            }
            return (left < 2 << exponent).then_some(left);
        }
        Some(run)
    }

    /// Writes the code of a run that is owed, if one is due at this block.
    #[inline(always)]
    pub(super) fn pay<O: Output>(
        self,
        table: &Table,
        walk: &mut Walk<'_, O>,
        block: &mut Block<'_>,
    ) -> Result<(), DeadEnd> {
        match *block.eob_run == 0 && *block.owed > 0 {
            true => self.pay_now(table, walk, block),
            false => Ok(()),
        }
    }

    #[cold]
    fn pay_now<O: Output>(
        self,
        table: &Table,
        walk: &mut Walk<'_, O>,
        block: &mut Block<'_>,
    ) -> Result<(), DeadEnd> {
        let run = self.choose(*block.owed, *block.owed).ok_or(DeadEnd)?;
        let code = self.code(table, run).ok_or(DeadEnd)?;
        walk.replace_last(0, code, "an EOB run that begins before this stretch");
        *block.eob_run = run;
        *block.owed -= run;
        Ok(())
    }

    /// The code of a run of `blocks` blocks, of which [`EobRuns::choose`] has told that it exists.
    pub(super) fn code(self, table: &Table, blocks: u32) -> Option<Code> {
        let exponent = blocks.checked_ilog2()?;
        let code = table.code(u8::try_from(exponent).ok()? << 4)?;
        Some(Code::new(code, blocks - (1 << exponent), exponent))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_cover_all_blocks() {
        for present in [1_u16, 0b1000, 0b1001, 0b100_0100, 0b11, 0x7FFF] {
            let runs = EobRuns { present };
            for all in 1..300_u32 {
                for wanted in [1, 5, all] {
                    let mut left = all;
                    while left > 0 && runs.cover(left) {
                        let run = runs
                            .choose(wanted, left)
                            .unwrap_or_else(|| panic!("{present:b}: {wanted} of {left} of {all}"));
                        assert!(
                            run <= left && present >> run.ilog2() & 1 == 1,
                            "{present:b}: {run} of {left}"
                        );
                        left -= run;
                    }
                    assert_eq!(left == 0, runs.cover(all), "{present:b} {all}");
                }
            }
        }
        assert!(!EobRuns { present: 0 }.cover(3));
    }
}
