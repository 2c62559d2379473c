//! `glitch recipes`: every preset, pass and parameter.

use std::fmt::Write;

use glitch::{Kind, PRESETS, Param, Pass, TIMES};
use serde::Serialize;

use crate::args::Listing;
use crate::exit::Exit;
use crate::report;

#[derive(Serialize)]
struct Json {
    presets: Vec<PresetJson>,
    passes: Vec<PassJson>,
}

#[derive(Serialize)]
struct PresetJson {
    name: &'static str,
    about: &'static str,
    passes: &'static str,
}

#[derive(Serialize)]
struct PassJson {
    name: &'static str,
    about: &'static str,
    params: Vec<ParamJson>,
}

#[derive(Serialize)]
struct ParamJson {
    name: &'static str,
    about: &'static str,
    default: u32,
    min: u32,
    max: u32,
}

pub fn run(args: &Listing) -> Exit {
    match args.json {
        true => report::print_json(&json()),
        false => report::print(&words()),
    }
}

fn params(kind: &Kind) -> impl Iterator<Item = &'static Param> {
    kind.params.iter().chain([&TIMES])
}

fn json() -> Json {
    let presets = PRESETS.iter().map(|preset| PresetJson {
        name: preset.name,
        about: preset.about,
        passes: preset.passes,
    });
    let param = |param: &'static Param| ParamJson {
        name: param.name,
        about: param.about,
        default: param.default,
        min: *param.range.start(),
        max: *param.range.end(),
    };
    let passes = Pass::kinds().iter().map(|kind| PassJson {
        name: kind.name,
        about: kind.about,
        params: params(kind).map(param).collect(),
    });
    Json {
        presets: presets.collect(),
        passes: passes.collect(),
    }
}

const FOOT: &str = "
Settings:
  filter=auto|keep|none|sub|up|average|paeth   PNG: the filter type of the scanlines
  deflate=fast|small                           PNG: how hard the result is compressed
  seed=NUMBER                                  where every random draw comes from

A recipe is passes and presets, then settings, with commas between them. A value without a name is
that of the first parameter:
  glitch photo.jpg --recipe sort:400,replace:times=3,seed=7
";

fn words() -> String {
    let mut text = String::from("Presets:\n");
    for preset in PRESETS {
        // Writing to a `String` does not fail, here and below.
        let _ = writeln!(text, "  {:<12} {}", preset.name, preset.about);
        if !preset.passes.is_empty() {
            let _ = writeln!(text, "  {:<12} = {}", "", preset.passes);
        }
    }
    text += "\nPasses:\n";
    for kind in Pass::kinds() {
        let _ = writeln!(text, "  {:<12} {}", kind.name, kind.about);
        for param in params(kind) {
            let _ = writeln!(
                text,
                "    :{:<9} {}, {} to {} [default: {}]",
                format!("{}=", param.name),
                param.about,
                param.range.start(),
                param.range.end(),
                param.default
            );
        }
    }
    text + FOOT
}
