//! `glitch recipes`: every preset, pass and parameter.

use std::fmt::Write;

use glitch::{Allowed, COMMON, Catalogue, Kind, PRESETS, Param, Pass};

use crate::args::Listing;
use crate::exit::Exit;
use crate::report;

pub fn run(args: &Listing) -> Exit {
    match args.json {
        true => report::print_json(&Catalogue::default()),
        false => report::print(&words()),
    }
}

fn allowed(param: &Param) -> String {
    match &param.allowed {
        Allowed::Whole { default, range } => {
            let (low, high) = (range.start(), range.end());
            format!("{low} to {high} [default: {default}]")
        }
        Allowed::Words(words) => {
            let default = words.first().copied().unwrap_or_default();
            format!("{} [default: {default}]", words.join("|"))
        }
    }
}

const FOOT: &str = "
Settings:
  filter=auto|keep|none|sub|up|average|paeth   PNG: the filter type of the scanlines
  deflate=fast|small                           PNG: how hard the result is compressed
  amount=0..100                                how much is hit, whatever the size of the picture
  reach=all|ROWS|5pct                          how far a hit spreads downwards: rows of MCUs, or of
                                               16 scanlines, or a share of the height
  region=LEFT-TOP-WIDTH-HEIGHT                 where hits may fall, in percent or in pixels (200px)
  protect=LEFT-TOP-WIDTH-HEIGHT                where nothing changes
  channels=all|luma|chroma                     JPEG: the components that change
  scans=all|dc|ac                              progressive JPEG: the scans that are hit
  alpha=keep|glitch                            PNG: whether the transparency changes
  strip=nothing|metadata                       metadata stay, or go: all but the orientation and
                                               the colour profile
  thumbnail=keep|drop                          thumbnails, which show the picture as it was
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
        let parts = [preset.passes, preset.settings];
        let parts: Vec<_> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        if !parts.is_empty() && preset.passes != preset.name {
            let _ = writeln!(text, "  {:<12} = {}", "", parts.join(","));
        }
    }
    text += "\nPasses:\n";
    for kind in Pass::kinds() {
        let only = only(kind);
        let _ = writeln!(text, "  {:<12} {only}{}", kind.name, kind.about);
        tell(&mut text, kind.params);
    }
    text += "  Every pass takes:\n";
    tell(&mut text, COMMON);
    text + FOOT
}

/// The format that a pass is for, and the header that it edits.
fn only(kind: &Kind) -> String {
    match (kind.format, kind.header) {
        (Some(format), Some(header)) => format!("{format}, edits the header {header}: "),
        (Some(format), None) => format!("{format}: "),
        (None, _) => String::new(),
    }
}

fn tell<'p>(text: &mut String, params: impl IntoIterator<Item = &'p Param>) {
    for param in params {
        let name = format!("{}=", param.name);
        let _ = writeln!(text, "    :{name:<11} {}, {}", param.about, allowed(param));
    }
}
