//! `glitch recipes`: every preset, pass and parameter.

use std::fmt::Write;

use glitch::{Allowed, Catalogue, Kind, PRESETS, Param, Pass, TIMES};

use crate::args::Listing;
use crate::exit::Exit;
use crate::report;

pub fn run(args: &Listing) -> Exit {
    match args.json {
        true => report::print_json(&Catalogue::default()),
        false => report::print(&words()),
    }
}

fn params(kind: &Kind) -> impl Iterator<Item = &'static Param> {
    kind.params.iter().chain([&TIMES])
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
                "    :{:<9} {}, {}",
                format!("{}=", param.name),
                param.about,
                allowed(param)
            );
        }
    }
    text + FOOT
}
