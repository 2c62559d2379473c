//! JPEG: sequential (SOF0, SOF1) and progressive (SOF2) Huffman processes with 8-bit samples (T.81).

mod blocks;
mod huffman;
mod progression;
mod samples;
mod scan;
mod segments;

use std::ops::{Range, RangeInclusive};

use super::{Facts, Fault, fault, require};
use progression::Kind;
use segments::{FrameHeader, HuffmanTables, Parameters, ScanHeader};

pub use samples::{SampleRange, samples, zigzag};

/// Quantisation steps in zigzag order.
pub type Quantiser = [u16; 64];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Process {
    Baseline,
    ExtendedSequential,
    Progressive,
}

#[derive(Debug, Clone, PartialEq)]
pub struct JpegFacts {
    pub process: Process,
    /// In the order of the frame header.
    pub components: Vec<Component>,
    /// In the order of the file.
    pub scans: Vec<ScanFacts>,
    pub zero_runs: ZeroRuns,
    /// The bytes after EOI.
    pub trailer: Range<usize>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Component {
    pub id: u8,
    pub h: u8,
    pub v: u8,
    /// The blocks of whole MCUs (T.81 A.2.4): those outside the picture are coded in interleaved scans and otherwise stay 0.
    pub blocks_wide: usize,
    pub blocks_high: usize,
    /// The blocks that touch the picture, the only ones in scans of this component alone (T.81 A.2.2).
    pub picture_blocks_wide: usize,
    pub picture_blocks_high: usize,
    /// The quantised coefficients of each block, row after row of blocks; inside a block in zigzag order, DC first.
    pub coefficients: Vec<[i32; 64]>,
    /// In zigzag order, as it was when the component's first scan began.
    pub quantiser: Quantiser,
    /// For each coefficient the Al of its last scan: 0 when it is exact, None when no scan held it.
    pub approximation: [Option<u8>; 64],
    /// The least and the greatest DC value, times the quantisation step.
    pub dequantised_dc: RangeInclusive<i32>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScanFacts {
    pub component_ids: Vec<u8>,
    pub spectral_selection: RangeInclusive<usize>,
    pub approximation_high: u8,
    pub approximation_low: u8,
    /// In MCUs; 0: no restarts.
    pub restart_interval: u16,
    pub restart_intervals: usize,
    pub bytes: Range<usize>,
}

/// Runs of 16 zeros (ZRL) that are legal and that a careful encoder does not write.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ZeroRuns {
    /// ZRL whose last zero is the last coefficient of the band.
    pub at_end_of_band: u64,
    /// ZRL with an EOB after it.
    pub before_end_of_block: u64,
}

pub fn check(bytes: &[u8]) -> Result<Facts, Fault> {
    let mut reader = Reader {
        bytes,
        position: 2,
        quantisers: [None; 4],
        huffman: HuffmanTables::default(),
        restart_interval: 0,
        frame: None,
        components: Vec::new(),
        scans: Vec::new(),
        zero_runs: ZeroRuns::default(),
        remarks: Vec::new(),
    };
    // T.81 B.2.1: SOI, then segments, the frame header among them, scans, EOI.
    loop {
        let (offset, code) = reader.marker()?;
        if code == 0xD9 {
            return reader.end_of_image(offset);
        }
        reader.segment(offset, code)?;
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
    position: usize,
    quantisers: [Option<Quantiser>; 4],
    huffman: HuffmanTables,
    restart_interval: u16,
    frame: Option<FrameHeader>,
    components: Vec<Component>,
    scans: Vec<ScanFacts>,
    zero_runs: ZeroRuns,
    remarks: Vec<Fault>,
}

impl Reader<'_> {
    /// T.81 B.1.1.2: 0xFF, as often as one likes, then the marker's code. Returns where the last 0xFF stands, and the code.
    fn marker(&mut self) -> Result<(usize, u8), Fault> {
        let start = self.position;
        let Some(&first) = self.bytes.get(start) else {
            return fault(start, "the file ends without EOI");
        };
        require(
            first == 0xFF,
            start,
            format_args!("byte {first:#04x} between segments, where a marker is due"),
        )?;
        while self.bytes.get(self.position) == Some(&0xFF) {
            self.position += 1;
        }
        let Some(&code) = self.bytes.get(self.position) else {
            return fault(self.position, "the file ends without EOI");
        };
        require(
            code != 0,
            start,
            "0xFF00 between segments, where a marker is due",
        )?;
        self.position += 1;
        Ok((self.position - 2, code))
    }

    fn segment(&mut self, offset: usize, code: u8) -> Result<(), Fault> {
        match code {
            0xD8 => return fault(offset, "second SOI"),
            0xD0..=0xD7 => return fault(offset, format_args!("RST{} outside a scan", code - 0xD0)),
            0x01 | 0xCC => return fault(offset, "TEM or DAC, which belong to arithmetic coding"),
            0xDE | 0xDF => {
                return fault(
                    offset,
                    "unsupported coding process: hierarchical (DHP or EXP)",
                );
            }
            0x02..=0xBF | 0xC8 | 0xF0..=0xFD => {
                return fault(offset, format_args!("reserved marker {code:#04x}"));
            }
            _ => {}
        }
        let parameters = Parameters::new(self.bytes, self.position)?;
        self.position = parameters.end();
        match code {
            0xDB => {
                let remarks = segments::quantisation_tables(&parameters, &mut self.quantisers)?;
                self.remarks.extend(remarks);
                Ok(())
            }
            0xC4 => segments::huffman_tables(&parameters, &mut self.huffman),
            0xDD => {
                self.restart_interval = segments::restart_interval(&parameters)?;
                Ok(())
            }
            // Read where the first scan ended; anywhere else it is out of place.
            0xDC => fault(offset, "DNL that does not come right after the first scan"),
            0xDA => self.scan(&parameters),
            0xC0..=0xCF => self.frame(&parameters, offset, code),
            // APPn and COM: their contents are the application's.
            _ => Ok(()),
        }
    }

    fn frame(&mut self, parameters: &Parameters, offset: usize, code: u8) -> Result<(), Fault> {
        let process = process(code).map_err(|what| Fault { offset, what })?;
        require(self.frame.is_none(), offset, "second frame header")?;
        self.frame = Some(segments::frame_header(parameters, process)?);
        Ok(())
    }

    fn scan(&mut self, parameters: &Parameters) -> Result<(), Fault> {
        let start = parameters.start();
        let Some(mut frame) = self.frame.take() else {
            return fault(start, "scan before the frame header");
        };
        let header = segments::scan_header(parameters, &frame)?;
        self.remark_baseline(&header, &frame);
        let entropy = scan::split(self.bytes, self.position)?;
        self.position = entropy.range.end;
        if self.scans.is_empty() {
            self.number_of_lines(&mut frame, start)?;
            self.components = components(&frame, self.bytes.len(), start)?;
        }
        self.latch_quantisers(&header, &frame)?;
        let kind = Kind::of(&header, frame.process);
        let mut tables = Vec::new();
        for (place, component) in header.components.iter().enumerate() {
            progression::enter(&header, kind, &mut self.components[component.index])?;
            tables.push(progression::tables(&header, place, kind, &self.huffman)?);
        }
        let scan = scan::Scan {
            bytes: self.bytes,
            header: &header,
            kind,
            tables,
            entropy: &entropy,
            restart_interval: self.restart_interval,
        };
        let zero_runs = scan.decode(&mut self.components)?;
        self.zero_runs.at_end_of_band += zero_runs.at_end_of_band;
        self.zero_runs.before_end_of_block += zero_runs.before_end_of_block;
        self.enter_scan(&header, &entropy);
        self.frame = Some(frame);
        Ok(())
    }

    /// T.81 B.2.5: a DNL segment right after the first scan gives the number of lines, and must be there if the frame
    /// header has 0 lines. The scan cannot be decoded without it, so it is read before.
    fn number_of_lines(&mut self, frame: &mut FrameHeader, start: usize) -> Result<(), Fault> {
        let scan_end = self.position;
        let (offset, code) = self.marker()?;
        if code != 0xDC {
            self.position = scan_end;
            return require(
                frame.height > 0,
                start,
                "frame with 0 lines, and no DNL after the first scan",
            );
        }
        let parameters = Parameters::new(self.bytes, self.position)?;
        self.position = parameters.end();
        let lines = segments::number_of_lines(&parameters)?;
        if frame.height != 0 && frame.height != lines {
            self.remarks.push(Fault {
                offset,
                what: format!(
                    "DNL changes the number of lines from {} to {lines}",
                    frame.height
                ),
            });
        }
        frame.height = lines;
        Ok(())
    }

    /// T.81 Table B.5 and F.1.3: a baseline scan has two tables of each class to choose from.
    fn remark_baseline(&mut self, header: &ScanHeader, frame: &FrameHeader) {
        let above = |c: &segments::ScanComponent| c.dc_table > 1 || c.ac_table > 1;
        if frame.process == Process::Baseline && header.components.iter().any(above) {
            self.remarks.push(Fault {
                offset: header.offset,
                what: "baseline scan with a Huffman table above 1".into(),
            });
        }
    }

    /// T.81 B.2.4.1: the quantiser that its destination holds when the component's first scan begins, and to the last.
    fn latch_quantisers(&mut self, header: &ScanHeader, frame: &FrameHeader) -> Result<(), Fault> {
        for component in &header.components {
            let destination = frame.components[component.index].quantiser;
            let component = &mut self.components[component.index];
            let Some(quantiser) = self.quantisers[usize::from(destination)] else {
                return fault(
                    header.offset,
                    format_args!(
                        "scan with quantisation table {destination}, which has not been defined"
                    ),
                );
            };
            if component.approximation[0].is_none() {
                component.quantiser = quantiser;
            }
            require(
                component.quantiser == quantiser,
                header.offset,
                format_args!(
                    "quantisation table {destination} changed between the scans of component {}",
                    component.id
                ),
            )?;
        }
        Ok(())
    }

    fn enter_scan(&mut self, header: &ScanHeader, entropy: &scan::Entropy) {
        let ids = header
            .components
            .iter()
            .map(|c| self.components[c.index].id);
        self.scans.push(ScanFacts {
            component_ids: ids.collect(),
            spectral_selection: header.spectral_start..=header.spectral_end,
            approximation_high: header.approximation_high,
            approximation_low: header.approximation_low,
            restart_interval: self.restart_interval,
            restart_intervals: entropy.intervals.len(),
            bytes: entropy.range.clone(),
        });
    }

    fn end_of_image(mut self, offset: usize) -> Result<Facts, Fault> {
        let Some(frame) = self.frame else {
            return fault(offset, "EOI before any frame header");
        };
        require(!self.scans.is_empty(), offset, "EOI before any scan")?;
        for component in &mut self.components {
            require(
                component.approximation[0].is_some(),
                offset,
                format_args!("EOI, and no scan held component {}", component.id),
            )?;
            let values = component.coefficients.iter();
            let dc = values.map(|block| block[0] * i32::from(component.quantiser[0]));
            let (min, max) = dc.fold((i32::MAX, i32::MIN), |(min, max), v| {
                (min.min(v), max.max(v))
            });
            component.dequantised_dc = min..=max;
        }
        Ok(Facts {
            width: frame.width.into(),
            height: frame.height.into(),
            scan_bytes: self.scans.iter().map(|scan| scan.bytes.clone()).collect(),
            jpeg: Some(JpegFacts {
                process: frame.process,
                components: self.components,
                scans: self.scans,
                zero_runs: self.zero_runs,
                trailer: self.position..self.bytes.len(),
            }),
            png: None,
            remarks: self.remarks,
        })
    }
}

/// T.81 Table B.1.
fn process(sof: u8) -> Result<Process, String> {
    let name = match sof {
        0xC0 => return Ok(Process::Baseline),
        0xC1 => return Ok(Process::ExtendedSequential),
        0xC2 => return Ok(Process::Progressive),
        0xC3 => "lossless (Huffman)",
        0xC5 => "hierarchical, differential sequential (Huffman)",
        0xC6 => "hierarchical, differential progressive (Huffman)",
        0xC7 => "hierarchical, differential lossless (Huffman)",
        0xC9 => "extended sequential (arithmetic)",
        0xCA => "progressive (arithmetic)",
        0xCB => "lossless (arithmetic)",
        _ => "hierarchical, differential (arithmetic)",
    };
    Err(format!("unsupported coding process: {name}"))
}

/// T.81 A.1.1 and A.2.4: the size of each component in blocks.
fn components(
    frame: &FrameHeader,
    file_length: usize,
    offset: usize,
) -> Result<Vec<Component>, Fault> {
    let h_max = frame.components.iter().map(|c| c.h).max().unwrap_or(1);
    let v_max = frame.components.iter().map(|c| c.v).max().unwrap_or(1);
    let mut components = Vec::new();
    let mut blocks = 0;
    for c in &frame.components {
        let (wide, padded_wide) = blocks_along(frame.width, c.h, h_max);
        let (high, padded_high) = blocks_along(frame.height, c.v, v_max);
        // Each block takes at least one bit, for its DC code. This keeps memory in proportion to the file.
        blocks += wide * high;
        require(
            blocks / 8 <= file_length,
            offset,
            format_args!("missing data: {blocks} blocks in a file of {file_length} bytes"),
        )?;
        components.push(Component {
            id: c.id,
            h: c.h,
            v: c.v,
            blocks_wide: padded_wide,
            blocks_high: padded_high,
            picture_blocks_wide: wide,
            picture_blocks_high: high,
            coefficients: vec![[0; 64]; padded_wide * padded_high],
            quantiser: [0; 64],
            approximation: [None; 64],
            dequantised_dc: 0..=0,
        });
    }
    Ok(components)
}

/// The blocks that a component has along one side: those that touch the picture, and those of whole MCUs.
fn blocks_along(samples: u16, factor: u8, factor_max: u8) -> (usize, usize) {
    let (samples, factor, factor_max) = (
        usize::from(samples),
        usize::from(factor),
        usize::from(factor_max),
    );
    // A.1.1: a component has ceil(X * H / Hmax) samples a line.
    let of_picture = (samples * factor).div_ceil(factor_max).div_ceil(8);
    (of_picture, samples.div_ceil(8 * factor_max) * factor)
}
