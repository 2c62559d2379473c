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
            detail: period
                .first()
                .map_or_else(String::new, |part| part.detail.clone()),
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

fn alike(one: &Part, other: &Part) -> bool {
    kind(one) == kind(other) && one.editable == other.editable
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
