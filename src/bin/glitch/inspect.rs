//! `glitch inspect`: where the headers and the scan data of a picture lie.

use glitch::{Format, Layout};
use serde::Serialize;

use crate::args::{Inspect, Telling};
use crate::exit::{Exit, Failure};
use crate::input::{self, Input, Search};
use crate::progress::Progress;
use crate::report::{Out, Reporter, shown};
use crate::table::{self, Rows};

#[derive(Serialize)]
struct Json<'a> {
    input: &'a str,
    #[serde(flatten)]
    layout: &'a Layout,
}

pub fn run(args: &Inspect) -> Exit {
    let gathered = input::gather(&args.inputs, Search::Pictures);
    let telling = Telling {
        json: args.json,
        quiet: false,
    };
    let reporter = Reporter::new(&telling, Out::Stdout, Progress::none());
    for (index, (path, failure)) in gathered.failures.iter().enumerate() {
        reporter.failure(index, &shown(path), failure);
    }
    let rows = if args.all { Rows::All } else { Rows::Folded };
    for (index, input) in (gathered.failures.len()..).zip(&gathered.inputs) {
        let name = input.source.name();
        match layout(input, args.reading.max_bytes()) {
            Ok(layout) => reporter.good(
                index,
                || words(&name, &layout, rows),
                || Json {
                    input: &name,
                    layout: &layout,
                },
            ),
            Err(failure) => reporter.failure(index, &name, &failure),
        }
    }
    reporter.finish("could not be inspected")
}

fn layout(input: &Input, max_bytes: usize) -> Result<Layout, Failure> {
    let bytes = input.source.read(max_bytes)?;
    Ok(glitch::inspect(&bytes)?)
}

fn words(name: &str, layout: &Layout, rows: Rows) -> String {
    let editable = match layout.format {
        Format::Jpeg => "bytes of scan data",
        Format::Png => "bytes of inflated scanlines",
    };
    let mut text = format!(
        "{name}: {} {}x{}, {}\n{} bytes; a glitch may touch {} {editable}",
        layout.format,
        layout.width,
        layout.height,
        layout.coding,
        layout.bytes,
        layout.editable_bytes,
    );
    for (what, length) in [("ICC profile", layout.icc_profile), ("EXIF", layout.exif)] {
        if let Some(length) = length {
            text += &format!(", {what} of {length} bytes");
        }
    }
    text.push('\n');
    text + &table::of(&layout.parts, rows)
}
