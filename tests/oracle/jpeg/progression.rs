//! Which coefficients each scan may code (T.81 A.2.3 and G.1.1.1), and which tables it needs.

use super::super::{Fault, fault, require};
use super::huffman::Table;
use super::segments::{HuffmanTables, ScanHeader};
use super::{Component, Process};

/// How a scan's blocks are coded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Sequential,
    DcFirst,
    DcRefinement,
    AcFirst,
    AcRefinement,
}

impl Kind {
    pub fn of(header: &ScanHeader, process: Process) -> Self {
        match (process, header.spectral_start, header.approximation_high) {
            (Process::Baseline | Process::ExtendedSequential, ..) => Self::Sequential,
            (Process::Progressive, 0, 0) => Self::DcFirst,
            (Process::Progressive, 0, _) => Self::DcRefinement,
            (Process::Progressive, _, 0) => Self::AcFirst,
            (Process::Progressive, ..) => Self::AcRefinement,
        }
    }

    fn needs_dc_table(self) -> bool {
        matches!(self, Self::Sequential | Self::DcFirst)
    }

    fn needs_ac_table(self) -> bool {
        matches!(self, Self::Sequential | Self::AcFirst | Self::AcRefinement)
    }
}

/// Enters the scan into `component.approximation`, or says why it may not come now.
pub fn enter(header: &ScanHeader, kind: Kind, component: &mut Component) -> Result<(), Fault> {
    let id = component.id;
    if kind == Kind::Sequential {
        require(
            component.approximation[0].is_none(),
            header.offset,
            format_args!("second sequential scan of component {id}"),
        )?;
    }
    // G.1.1.1.1: "the first scan of a component shall be of its DC coefficient".
    require(
        header.spectral_start == 0 || component.approximation[0].is_some(),
        header.offset,
        format_args!("AC scan of component {id} before its DC scan"),
    )?;
    let band = header.spectral_start..=header.spectral_end;
    for (k, approximation) in component.approximation[band].iter_mut().enumerate() {
        let k = k + header.spectral_start;
        match (*approximation, header.approximation_high) {
            (None, 0) => {}
            (Some(before), high) if high > 0 && before == high => {}
            (None, high) => {
                return fault(
                    header.offset + 2,
                    format_args!(
                        "refinement from {high} of coefficient {k} of component {id}, which has had no first scan"
                    ),
                );
            }
            (Some(_), 0) => {
                return fault(
                    header.offset,
                    format_args!("second first scan of coefficient {k} of component {id}"),
                );
            }
            (Some(before), high) => {
                return fault(
                    header.offset + 2,
                    format_args!(
                        "refinement from {high} of coefficient {k} of component {id}, whose last scan ended at {before}"
                    ),
                );
            }
        }
        *approximation = Some(header.approximation_low);
    }
    Ok(())
}

/// The tables that the blocks of one component need in one scan.
pub struct Tables {
    pub dc: Option<Table>,
    pub ac: Option<Table>,
}

/// Takes the tables that the scan's component number `place` refers to.
pub fn tables(
    header: &ScanHeader,
    place: usize,
    kind: Kind,
    defined: &HuffmanTables,
) -> Result<Tables, Fault> {
    let component = &header.components[place];
    let mut tables = Tables { dc: None, ac: None };
    if kind.needs_dc_table() {
        let table = referenced(&defined.dc, component.dc_table, header, "DC")?;
        for symbol in table.symbols() {
            // Table F.1: for 8-bit samples a DC difference has at most 11 bits.
            require(
                symbol <= 11,
                table.offset,
                format_args!("DC table with category {symbol}, above 11"),
            )?;
        }
        tables.dc = Some(table);
    }
    if kind.needs_ac_table() {
        let table = referenced(&defined.ac, component.ac_table, header, "AC")?;
        for symbol in table.symbols() {
            require(
                ac_symbol_exists(symbol, kind),
                table.offset,
                format_args!("AC table with the symbol {symbol:#04x}, which does not exist"),
            )?;
        }
        tables.ac = Some(table);
    }
    Ok(tables)
}

/// Table F.2 (sequential): EOB, ZRL, and runs of 0 to 15 before a category of 1 to 10; Table G.1 adds EOB1 to EOB14.
fn ac_symbol_exists(symbol: u8, kind: Kind) -> bool {
    match (symbol >> 4, symbol & 15) {
        (0 | 15, 0) => true,
        (_, 0) => kind != Kind::Sequential,
        (_, category) => category <= 10,
    }
}

fn referenced(
    tables: &[Option<Table>; 4],
    destination: usize,
    header: &ScanHeader,
    class: &str,
) -> Result<Table, Fault> {
    match &tables[destination] {
        Some(table) => Ok(table.clone()),
        None => fault(
            header.offset,
            format_args!("scan with {class} table {destination}, which has not been defined"),
        ),
    }
}
