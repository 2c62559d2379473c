//! The table of a picture's parts, with long runs of like parts folded.

use glitch::Part;

/// How many lines the table has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rows {
    /// One for every part.
    All,
    /// One for many like parts that follow each other.
    Folded,
}

/// Fewer like parts than this are shown one by one.
const FEW: usize = 4;

struct Row {
    offset: usize,
    len: usize,
    name: String,
    detail: String,
    editable: bool,
}

/// A table with a line of headings. Bytes that a glitch may touch are marked.
pub fn of(parts: &[Part], rows: Rows) -> String {
    let rows = match rows {
        Rows::All => parts.iter().map(Row::of).collect(),
        Rows::Folded => folded(parts),
    };
    let width = |heading: &str, cell: &dyn Fn(&Row) -> usize| {
        rows.iter().map(cell).max().unwrap_or(0).max(heading.len())
    };
    let digits = |number: usize| number.to_string().len();
    let offsets = width("offset", &|row| digits(row.offset));
    let lengths = width("bytes", &|row| digits(row.len));
    let names = width("part", &|row| row.name.chars().count());
    let mut table = format!(
        "{:>offsets$}  {:>lengths$}  glitch  {:<names$}  holds",
        "offset", "bytes", "part"
    );
    for row in &rows {
        let mark = if row.editable { "yes" } else { "-" };
        let line = format!(
            "\n{:>offsets$}  {:>lengths$}  {mark:<6}  {:<names$}  {}",
            row.offset, row.len, row.name, row.detail
        );
        table += line.trim_end_matches(' ');
    }
    table
}

impl Row {
    fn of(part: &Part) -> Self {
        Row {
            offset: part.offset,
            len: part.len,
            name: part.name.clone(),
            detail: part.detail.clone(),
            editable: part.editable,
        }
    }

    /// A line for `repeats` times `period`, all in `parts`.
    fn of_many(parts: &[Part], period: &[Part], repeats: usize) -> Self {
        let names: Vec<_> = period.iter().map(kind).collect();
        Row {
            offset: parts.first().map_or(0, |part| part.offset),
            len: parts.iter().map(|part| part.len).sum(),
            name: format!("{repeats} x {}", names.join(" + ")),
            detail: details(parts, period),
            editable: period.iter().any(|part| part.editable),
        }
    }
}

/// The name without the number of a restart marker: RST0 to RST7 take turns (T.81 E.1.4).
fn kind(part: &Part) -> &str {
    match part.name.strip_prefix("RST") {
        Some(_) => "RST",
        None => &part.name,
    }
}

/// Sequence numbers and sizes may differ, but a note on one part, such as a wrong CRC, is not lost.
fn alike(one: &Part, other: &Part) -> bool {
    let wording = |part: &Part| {
        part.detail
            .replace(|letter: char| letter.is_ascii_digit(), "")
    };
    kind(one) == kind(other) && one.editable == other.editable && wording(one) == wording(other)
}

/// How large the parts are and what they hold; `period` is the first few of them.
fn details(parts: &[Part], period: &[Part]) -> String {
    let most = parts.iter().map(|part| part.len).max().unwrap_or(0);
    let first = period.first().map_or("", |part| part.detail.as_str());
    let mut repeated = parts.iter().step_by(period.len().max(1));
    let same = repeated.all(|part| part.detail == first);
    match (first, same) {
        ("", _) => format!("up to {most} bytes each"),
        (_, true) => format!("up to {most} bytes each, {first}"),
        (_, false) => format!("up to {most} bytes each, the first: {first}"),
    }
}

/// Folds runs of one kind (IDAT after IDAT) and of two that take turns (an interval and its RST).
fn folded(parts: &[Part]) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut rest = parts;
    while let Some(first) = rest.first() {
        let run = [1, 2].map(|period| (period, repeats(rest, period)));
        match run.into_iter().find(|(_, repeats)| *repeats >= FEW) {
            Some((period, repeats)) => {
                let (run, after) = rest.split_at(period * repeats);
                rows.push(Row::of_many(run, &run[..period], repeats));
                rest = after;
            }
            None => {
                rows.push(Row::of(first));
                rest = &rest[1..];
            }
        }
    }
    rows
}

/// How often the first `period` parts come one after the other.
fn repeats(parts: &[Part], period: usize) -> usize {
    let later = parts.get(period..).unwrap_or_default();
    let same = later
        .iter()
        .zip(parts)
        .take_while(|(later, earlier)| alike(later, earlier))
        .count();
    1 + same / period
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `Part` is made by the library alone, so the folding is tried on what it makes of a file.
    fn png(idats: usize) -> Vec<Part> {
        let chunk = |kind: &[u8; 4], data: &[u8]| {
            let mut chunk = (data.len() as u32).to_be_bytes().to_vec();
            chunk.extend_from_slice(kind);
            chunk.extend_from_slice(data);
            chunk.extend_from_slice(&crc32(&chunk[4..]).to_be_bytes());
            chunk
        };
        // One grey pixel, 0: stored deflate block, Adler-32 of two zero bytes.
        let stream = b"\x78\x01\x01\x02\x00\xfd\xff\x00\x00\x00\x02\x00\x01";
        let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
        file.extend(chunk(b"IHDR", b"\0\0\0\x01\0\0\0\x01\x08\0\0\0\0"));
        file.extend(chunk(b"IDAT", stream));
        for _ in 1..idats {
            file.extend(chunk(b"IDAT", b""));
        }
        file.extend(chunk(b"IEND", b""));
        let mut parts = glitch::inspect(&file).unwrap().parts;
        // Every chunk is described in the same words, whether it is empty or not.
        for part in &mut parts {
            part.detail = format!("{} bytes", part.len);
        }
        parts
    }

    /// CRC-32 (PNG annex D), bit by bit.
    fn crc32(bytes: &[u8]) -> u32 {
        let mut crc = u32::MAX;
        for byte in bytes {
            crc ^= u32::from(*byte);
            for _ in 0..8 {
                crc = (crc >> 1) ^ (0xEDB8_8320 * (crc & 1));
            }
        }
        !crc
    }

    #[test]
    fn many_like_parts_are_one_line_and_few_are_not() {
        assert_eq!(of(&png(3), Rows::Folded).lines().count(), 1 + 6);
        let table = of(&png(3000), Rows::Folded);
        assert_eq!(table.lines().count(), 1 + 4);
        assert!(table.contains("3000 x IDAT"), "{table}");
        assert!(table.contains("up to 25 bytes each"), "{table}");
        assert_eq!(of(&png(3000), Rows::All).lines().count(), 1 + 3003);
    }

    #[test]
    fn two_that_take_turns_are_one_line() {
        let mut parts = png(20);
        for (index, part) in parts.iter_mut().skip(2).take(20).enumerate() {
            part.editable = index % 2 == 0;
            part.name = match part.editable {
                true => "scan data".to_owned(),
                false => format!("RST{}", index / 2 % 8),
            };
        }
        let table = of(&parts, Rows::Folded);
        assert!(table.contains("10 x scan data + RST"), "{table}");
        assert_eq!(table.lines().count(), 1 + 4);
    }

    #[test]
    fn a_note_on_one_of_many_is_not_folded_away() {
        let mut parts = png(40);
        parts[20].detail = "wrong CRC".to_owned();
        let table = of(&parts, Rows::Folded);
        assert!(table.contains("wrong CRC"), "{table}");
        assert_eq!(table.lines().count(), 1 + 6);
    }
}
