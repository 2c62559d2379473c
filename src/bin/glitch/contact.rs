//! `glitch sheet`: many glitches of one picture on one sheet.

use std::path::Path;
use std::time::Instant;

use glitch::{ContactSheet, Format, Options, Sheet};
use serde::Serialize;

use crate::args;
use crate::exit::{Exit, Failure};
use crate::glitching::duration;
use crate::plan::name;
use crate::show_args::Contact;
use crate::single::{self, Single};

#[derive(Serialize)]
struct Json {
    input: String,
    output: Option<String>,
    format: Format,
    width: u32,
    height: u32,
    /// One for each tile behind the first.
    recipes: Vec<String>,
    bytes_out: usize,
}

pub fn run(args: &Contact) -> Exit {
    let told = args.output.as_deref().map(format_of);
    if let Some(Err(why)) = told {
        args::refuse(why);
    }
    let beside = args.input.with_file_name(name(&args.input, ".sheet", None));
    let single = Single::new(&args.input, args.output.as_deref(), beside, &args.making);
    let made = make(args, &single);
    single.tell(&args.making, made)
}

/// The kind of file that a name asks for, if it asks for one.
fn format_of(path: &Path) -> Result<Option<Format>, String> {
    let extension = path.extension().unwrap_or_default().to_string_lossy();
    match extension.to_ascii_lowercase().as_str() {
        "png" => Ok(Some(Format::Png)),
        "jpg" | "jpeg" | "jpe" | "jfif" => Ok(Some(Format::Jpeg)),
        "" => Ok(None),
        other => Err(format!("a sheet is a .png or a .jpg, not a .{other}")),
    }
}

fn make(args: &Contact, single: &Single) -> Result<(String, Json), Failure> {
    let start = Instant::now();
    let input = single.read(&args.making)?;
    let format = Format::sniff(&input)?;
    let mut sheet = plan(args, format);
    let asked = single.target.named();
    let asked = asked.and_then(|path| format_of(&path).ok().flatten());
    sheet.format = asked.unwrap_or(format);
    let options = Options {
        limits: args.making.limits(),
        ..Options::default()
    };
    let tiles = sheet.recipes.len();
    let made = single.work(tiles, &args.making, |progress| {
        glitch::sheet(&input, &sheet, &options, &|| progress.step())
    })?;
    single.write(&made.bytes)?;
    let ContactSheet {
        size,
        bytes,
        labels,
        ..
    } = made;
    let words = format!(
        "{} -> {}: {} {}x{}, {tiles} glitches, {} to {}, {}",
        single.source.name(),
        single.to(),
        sheet.format,
        size.0,
        size.1,
        labels.first().map_or("", String::as_str),
        labels.last().map_or("", String::as_str),
        duration(start.elapsed()),
    );
    let json = Json {
        input: single.source.name(),
        output: single::text(&single.target),
        format: sheet.format,
        width: size.0,
        height: size.1,
        recipes: labels,
        bytes_out: bytes.len(),
    };
    Ok((words, json))
}

fn plan(args: &Contact, format: Format) -> Sheet {
    let sheet = match args.presets {
        true => Sheet::of_presets(format, args.seed),
        false => {
            let mut recipe = args.recipe.clone().unwrap_or_default();
            recipe.seed = args.seed.or(recipe.seed);
            Sheet::of_seeds(&recipe, args.seeds.unwrap_or(9))
        }
    };
    Sheet {
        columns: args.columns,
        width: args.width,
        ..sheet
    }
}
