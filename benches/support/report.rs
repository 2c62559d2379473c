//! The tables that the benches print, and put in their place in `docs/performance.md` when they are told `--write`.

use std::fmt::Write as _;
use std::path::Path;

/// One section of the page, in Markdown.
pub struct Report {
    section: &'static str,
    text: String,
}

impl Report {
    pub fn new(section: &'static str) -> Self {
        Report {
            section,
            text: String::new(),
        }
    }

    /// A line of its own.
    pub fn line(&mut self, line: &str) {
        println!("{line}");
        let _ = writeln!(self.text, "{line}");
    }

    /// The head of a table; all columns but the first hold figures.
    pub fn table(&mut self, columns: &[&str]) {
        if !self.text.is_empty() {
            self.line("");
        }
        self.row(columns);
        let rule = ["---"]
            .into_iter()
            .chain(columns.iter().skip(1).map(|_| "--:"));
        let rule: Vec<&str> = rule.collect();
        self.line(&format!("|{}|", rule.join("|")));
    }

    pub fn row<S: AsRef<str>>(&mut self, cells: &[S]) {
        let cells: Vec<&str> = cells.iter().map(AsRef::as_ref).collect();
        self.line(&format!("| {} |", cells.join(" | ")));
    }

    /// Puts it between `<!-- NAME -->` and `<!-- end of NAME -->` in the page, if that was asked for.
    pub fn finish(self) {
        if !writes() {
            return;
        }
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/performance.md");
        let page = std::fs::read_to_string(&path).expect("the page is there");
        let page = replaced(&page, self.section, &self.text);
        std::fs::write(&path, page).expect("the page is written");
        eprintln!("docs/performance.md: {} is new", self.section);
    }
}

/// Whether the page and its pictures are to be written anew.
pub fn writes() -> bool {
    std::env::args().any(|argument| argument == "--write")
}

fn replaced(page: &str, section: &str, text: &str) -> String {
    let start = format!("<!-- {section} -->\n");
    let end = format!("<!-- end of {section} -->");
    let (before, rest) = page.split_once(&start).expect("the page has the section");
    let (_, after) = rest.split_once(&end).expect("the section ends");
    format!("{before}{start}\n{text}\n{end}{after}")
}

/// Milliseconds, with as many digits as tell something.
pub fn ms(time: f64) -> String {
    match time {
        ..10.0 => format!("{time:.2}"),
        10.0..100.0 => format!("{time:.1}"),
        _ => format!("{time:.0}"),
    }
}

pub fn ratio(ratio: f64) -> String {
    match ratio {
        ..10.0 => format!("{ratio:.2}"),
        _ => format!("{ratio:.1}"),
    }
}

pub fn kilobytes(bytes: usize) -> String {
    format!("{} kB", bytes / 1000)
}
