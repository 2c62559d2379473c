//! What stands inside the marker segments (T.81 B.2). Each function takes a segment's parameters, the bytes after its length.

use std::ops::Range;

use super::super::{Fault, big_endian_16, byte, fault, require};
use super::huffman::Table;
use super::{Process, Quantiser};

/// A segment's parameters: the range of the file between its length field and its end.
pub struct Parameters<'a> {
    bytes: &'a [u8],
    range: Range<usize>,
}

impl<'a> Parameters<'a> {
    /// T.81 B.1.1.4: the length counts itself, but not the marker.
    pub fn new(bytes: &'a [u8], length_offset: usize) -> Result<Self, Fault> {
        let length = usize::from(big_endian_16(bytes, length_offset)?);
        require(
            length >= 2,
            length_offset,
            format_args!("segment length {length}, less than its own two bytes"),
        )?;
        let end = length_offset + length;
        require(
            end <= bytes.len(),
            length_offset,
            format_args!("segment length {length} runs past the end of the file"),
        )?;
        Ok(Self {
            bytes,
            range: length_offset + 2..end,
        })
    }

    pub fn start(&self) -> usize {
        self.range.start
    }

    pub fn end(&self) -> usize {
        self.range.end
    }

    fn exactly(&self, length: usize, name: &str) -> Result<(), Fault> {
        let got = self.range.len();
        require(
            got == length,
            self.range.start - 2,
            format_args!("{name} with {got} bytes of parameters instead of {length}"),
        )
    }

    /// One byte, never from outside the segment.
    fn byte(&self, offset: usize, name: &str) -> Result<u8, Fault> {
        require(
            self.range.contains(&offset),
            self.range.end,
            format_args!("{name} segment ends inside its parameters"),
        )?;
        byte(self.bytes, offset)
    }
}

/// T.81 B.2.4.1: tables of 64 values of 8 or 16 bits, none of them 0. Returns what to remark, too.
pub fn quantisation_tables(
    parameters: &Parameters,
    tables: &mut [Option<Quantiser>; 4],
) -> Result<Vec<Fault>, Fault> {
    let mut remarks = Vec::new();
    let mut at = parameters.start();
    require(at < parameters.end(), at, "DQT without a table")?;
    while at < parameters.end() {
        let (precision, destination) = nibbles(parameters.byte(at, "DQT")?);
        require(
            precision <= 1,
            at,
            format_args!("DQT precision {precision}, neither 0 nor 1"),
        )?;
        require(
            destination <= 3,
            at,
            format_args!("DQT destination {destination}, above 3"),
        )?;
        if precision == 1 {
            // B.2.4.1: "Pq shall be zero for 8 bit sample precision P". Real encoders write such tables at low
            // qualities, and every decoder reads them.
            remarks.push(Fault {
                offset: at,
                what: "16-bit quantisation table in an 8-bit process".into(),
            });
        }
        at += 1;
        let mut table = [0; 64];
        for value in &mut table {
            for _ in 0..=precision {
                *value = *value << 8 | u16::from(parameters.byte(at, "DQT")?);
                at += 1;
            }
            require(*value > 0, at - 1, "quantisation value 0")?;
        }
        tables[usize::from(destination)] = Some(table);
    }
    Ok(remarks)
}

/// The Huffman tables defined so far.
#[derive(Default)]
pub struct HuffmanTables {
    pub dc: [Option<Table>; 4],
    pub ac: [Option<Table>; 4],
}

/// T.81 B.2.4.2.
pub fn huffman_tables(parameters: &Parameters, tables: &mut HuffmanTables) -> Result<(), Fault> {
    let mut at = parameters.start();
    require(at < parameters.end(), at, "DHT without a table")?;
    while at < parameters.end() {
        let table_offset = at;
        let (class, destination) = nibbles(parameters.byte(at, "DHT")?);
        require(
            class <= 1,
            at,
            format_args!("Huffman table class {class}, neither 0 nor 1"),
        )?;
        require(
            destination <= 3,
            at,
            format_args!("Huffman table destination {destination}, above 3"),
        )?;
        at += 1;
        let mut counts = [0; 16];
        for count in &mut counts {
            *count = parameters.byte(at, "DHT")?;
            at += 1;
        }
        let mut symbols = Vec::new();
        for _ in 0..counts.iter().map(|&count| u32::from(count)).sum() {
            symbols.push(parameters.byte(at, "DHT")?);
            at += 1;
        }
        let table = Table::new(table_offset, &counts, &symbols)?;
        let class = if class == 0 {
            &mut tables.dc
        } else {
            &mut tables.ac
        };
        class[usize::from(destination)] = Some(table);
    }
    Ok(())
}

/// T.81 B.2.4.4. 0 switches restarts off.
pub fn restart_interval(parameters: &Parameters) -> Result<u16, Fault> {
    parameters.exactly(2, "DRI")?;
    big_endian_16(parameters.bytes, parameters.start())
}

/// T.81 B.2.5.
pub fn number_of_lines(parameters: &Parameters) -> Result<u16, Fault> {
    parameters.exactly(2, "DNL")?;
    let lines = big_endian_16(parameters.bytes, parameters.start())?;
    require(lines > 0, parameters.start(), "DNL with 0 lines")?;
    Ok(lines)
}

/// T.81 B.2.2.
pub struct FrameHeader {
    pub process: Process,
    /// 0 when the DNL segment gives it.
    pub height: u16,
    pub width: u16,
    pub components: Vec<FrameComponent>,
}

pub struct FrameComponent {
    pub id: u8,
    pub h: u8,
    pub v: u8,
    pub quantiser: u8,
}

pub fn frame_header(parameters: &Parameters, process: Process) -> Result<FrameHeader, Fault> {
    let start = parameters.start();
    let precision = parameters.byte(start, "SOF")?;
    require(
        precision == 8,
        start,
        format_args!("unsupported coding process: {process:?} with {precision}-bit samples"),
    )?;
    let count = usize::from(parameters.byte(start + 5, "SOF")?);
    parameters.exactly(6 + 3 * count, "SOF")?;
    require(count > 0, start + 5, "frame without components")?;
    require(
        count <= 4 || process != Process::Progressive,
        start + 5,
        format_args!("progressive frame with {count} components"),
    )?;
    let width = big_endian_16(parameters.bytes, start + 3)?;
    require(width > 0, start + 3, "frame with 0 samples a line")?;
    let mut components: Vec<FrameComponent> = Vec::new();
    for at in (start + 6..parameters.end()).step_by(3) {
        let component = frame_component(parameters, at)?;
        require(
            components.iter().all(|other| other.id != component.id),
            at,
            format_args!("component id {} twice in the frame", component.id),
        )?;
        components.push(component);
    }
    Ok(FrameHeader {
        process,
        height: big_endian_16(parameters.bytes, start + 1)?,
        width,
        components,
    })
}

fn frame_component(parameters: &Parameters, at: usize) -> Result<FrameComponent, Fault> {
    let id = parameters.byte(at, "SOF")?;
    let (h, v) = nibbles(parameters.byte(at + 1, "SOF")?);
    require(
        (1..=4).contains(&h) && (1..=4).contains(&v),
        at + 1,
        format_args!("sampling factors {h}x{v}, not 1 to 4"),
    )?;
    let quantiser = parameters.byte(at + 2, "SOF")?;
    require(
        quantiser <= 3,
        at + 2,
        format_args!("quantisation table {quantiser} named in the frame, above 3"),
    )?;
    Ok(FrameComponent {
        id,
        h,
        v,
        quantiser,
    })
}

/// T.81 B.2.3.
pub struct ScanHeader {
    pub offset: usize,
    pub components: Vec<ScanComponent>,
    pub spectral_start: usize,
    pub spectral_end: usize,
    pub approximation_high: u8,
    pub approximation_low: u8,
}

pub struct ScanComponent {
    /// Place in the frame header.
    pub index: usize,
    pub dc_table: usize,
    pub ac_table: usize,
}

pub fn scan_header(parameters: &Parameters, frame: &FrameHeader) -> Result<ScanHeader, Fault> {
    let start = parameters.start();
    let count = usize::from(parameters.byte(start, "SOS")?);
    parameters.exactly(4 + 2 * count, "SOS")?;
    require(
        (1..=4).contains(&count),
        start,
        format_args!("scan with {count} components, not 1 to 4"),
    )?;
    let mut components: Vec<ScanComponent> = Vec::new();
    for at in (start + 1..start + 1 + 2 * count).step_by(2) {
        let component = scan_component(parameters, at, frame)?;
        // B.2.3: "the ordering ... shall follow the ordering in the frame header", which also means: none twice.
        require(
            components.iter().all(|other| other.index < component.index),
            at,
            "scan components not in the order of the frame",
        )?;
        components.push(component);
    }
    let units: u32 = components
        .iter()
        .filter_map(|c| frame.components.get(c.index))
        .map(|c| u32::from(c.h) * u32::from(c.v))
        .sum();
    require(
        count == 1 || units <= 10,
        start,
        format_args!("interleaved scan with {units} blocks an MCU, above 10"),
    )?;
    let last = parameters.end() - 3;
    let (approximation_high, approximation_low) = nibbles(parameters.byte(last + 2, "SOS")?);
    let header = ScanHeader {
        offset: last,
        components,
        spectral_start: parameters.byte(last, "SOS")?.into(),
        spectral_end: parameters.byte(last + 1, "SOS")?.into(),
        approximation_high,
        approximation_low,
    };
    progression_parameters(&header, frame.process)?;
    Ok(header)
}

fn scan_component(
    parameters: &Parameters,
    at: usize,
    frame: &FrameHeader,
) -> Result<ScanComponent, Fault> {
    let id = parameters.byte(at, "SOS")?;
    let Some(index) = frame.components.iter().position(|c| c.id == id) else {
        return fault(
            at,
            format_args!("scan of component {id}, which the frame does not have"),
        );
    };
    let (dc_table, ac_table) = nibbles(parameters.byte(at + 1, "SOS")?);
    require(
        dc_table <= 3 && ac_table <= 3,
        at + 1,
        format_args!("Huffman tables {dc_table} and {ac_table} named in the scan, above 3"),
    )?;
    Ok(ScanComponent {
        index,
        dc_table: dc_table.into(),
        ac_table: ac_table.into(),
    })
}

/// T.81 Table B.3: what Ss, Se, Ah and Al may be. Their order from scan to scan is held elsewhere.
fn progression_parameters(header: &ScanHeader, process: Process) -> Result<(), Fault> {
    let (ss, se) = (header.spectral_start, header.spectral_end);
    let (ah, al) = (header.approximation_high, header.approximation_low);
    if process != Process::Progressive {
        return require(
            (ss, se, ah, al) == (0, 63, 0, 0),
            header.offset,
            format_args!(
                "sequential scan with Ss {ss}, Se {se}, Ah {ah}, Al {al} instead of 0, 63, 0, 0"
            ),
        );
    }
    require(
        ss <= se && se <= 63,
        header.offset,
        format_args!("spectral selection {ss} to {se}"),
    )?;
    require(
        ss > 0 || se == 0,
        header.offset,
        format_args!("progressive scan with DC and AC coefficients: Ss 0, Se {se}"),
    )?;
    require(
        ss == 0 || header.components.len() == 1,
        header.offset,
        "AC scan of several components",
    )?;
    require(
        al <= 13 && (ah == 0 || ah == al + 1),
        header.offset + 2,
        format_args!("successive approximation from {ah} to {al}"),
    )
}

fn nibbles(byte: u8) -> (u8, u8) {
    (byte >> 4, byte & 15)
}
