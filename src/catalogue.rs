//! Everything a recipe may hold, as data to be written as JSON.

use serde::Serialize;

use crate::control::{Alpha, Channels, Scans};
use crate::format::Format;
use crate::metadata::{Strip, Thumbnail};
use crate::passes::{self, COMMON, Kind, Param, Pass};
use crate::png::{Effort, FilterChoice};
use crate::presets::{PRESETS, Preset};

/// Every preset, pass and setting, as `glitch recipes --json` and `GET /recipes` tell them.
#[derive(Debug, Serialize)]
pub struct Catalogue {
    presets: Vec<PresetEntry>,
    passes: Vec<PassEntry>,
    settings: Vec<SettingEntry>,
}

#[derive(Debug, Serialize)]
struct PresetEntry {
    name: &'static str,
    about: &'static str,
    passes: &'static str,
    settings: &'static str,
}

#[derive(Debug, Serialize)]
struct PassEntry {
    name: &'static str,
    about: &'static str,
    /// The one format that it works on; all if `null`.
    format: Option<Format>,
    /// The header that it edits, if it does.
    header: Option<&'static str>,
    params: Vec<ParamEntry>,
}

#[derive(Debug, Serialize)]
struct ParamEntry {
    name: &'static str,
    about: &'static str,
    #[serde(flatten)]
    allowed: Allowed,
}

#[derive(Debug, Serialize)]
struct SettingEntry {
    name: &'static str,
    about: &'static str,
    #[serde(flatten)]
    allowed: Allowed,
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Allowed {
    Words {
        default: String,
        values: Vec<&'static str>,
    },
    /// In words.
    Form {
        default: &'static str,
        form: &'static str,
    },
    Number {
        default: u32,
        min: u32,
        max: u32,
    },
    /// `max` is text: JavaScript's numbers cannot hold it.
    Whole {
        min: u32,
        max: String,
    },
}

impl Default for Catalogue {
    fn default() -> Self {
        Catalogue {
            presets: PRESETS.iter().map(preset).collect(),
            passes: Pass::kinds().iter().map(|kind| pass(kind)).collect(),
            settings: settings(),
        }
    }
}

fn preset(preset: &Preset) -> PresetEntry {
    PresetEntry {
        name: preset.name,
        about: preset.about,
        passes: preset.passes,
        settings: preset.settings,
    }
}

fn pass(kind: &Kind) -> PassEntry {
    PassEntry {
        name: kind.name,
        about: kind.about,
        format: kind.format,
        header: kind.header,
        params: kind.params.iter().chain(COMMON).map(param).collect(),
    }
}

fn param(param: &Param) -> ParamEntry {
    let allowed = match &param.allowed {
        passes::Allowed::Whole { default, range } => Allowed::Number {
            default: *default,
            min: *range.start(),
            max: *range.end(),
        },
        passes::Allowed::Words(words) => Allowed::Words {
            default: words.first().copied().unwrap_or_default().to_owned(),
            values: words.to_vec(),
        },
    };
    ParamEntry {
        name: param.name,
        about: param.about,
        allowed,
    }
}

const RECTANGLE: &str = "LEFT-TOP-WIDTH-HEIGHT, each in percent (30) or pixels (200px)";

fn settings() -> Vec<SettingEntry> {
    let form = |default, form| Allowed::Form { default, form };
    let words = |default: String, values| Allowed::Words { default, values };
    vec![
        SettingEntry {
            name: "filter",
            about: "PNG: the filter type of the scanlines, which is the look of a hit",
            allowed: words(FilterChoice::default().to_string(), FilterChoice::words()),
        },
        SettingEntry {
            name: "deflate",
            about: "PNG: how hard the result is compressed",
            allowed: words(Effort::default().to_string(), Effort::words()),
        },
        SettingEntry {
            name: "amount",
            about: "how much is hit, whatever the size of the picture",
            allowed: form("", "0 to 100"),
        },
        SettingEntry {
            name: "reach",
            about: "how far a hit spreads downwards: rows of MCUs, or of 16 scanlines",
            allowed: form("all", "all, 1 to 10000, or 1pct to 100pct of the height"),
        },
        SettingEntry {
            name: "region",
            about: "where hits may fall",
            allowed: form("", RECTANGLE),
        },
        SettingEntry {
            name: "protect",
            about: "where nothing changes",
            allowed: form("", RECTANGLE),
        },
        SettingEntry {
            name: "channels",
            about: "JPEG: the components that change",
            allowed: words(Channels::default().to_string(), Channels::words()),
        },
        SettingEntry {
            name: "scans",
            about: "progressive JPEG: the scans that are hit",
            allowed: words(Scans::default().to_string(), Scans::words()),
        },
        SettingEntry {
            name: "alpha",
            about: "PNG: whether the transparency changes",
            allowed: words(Alpha::default().to_string(), Alpha::words()),
        },
        SettingEntry {
            name: "strip",
            about: "whether metadata are taken out, all but the orientation and the colour profile",
            allowed: words(Strip::default().to_string(), Strip::words()),
        },
        SettingEntry {
            name: "thumbnail",
            about: "whether thumbnails are taken out, which show the picture as it was",
            allowed: words(Thumbnail::default().to_string(), Thumbnail::words()),
        },
        SettingEntry {
            name: "seed",
            about: "where every random draw comes from",
            allowed: Allowed::Whole {
                min: 0,
                max: u64::MAX.to_string(),
            },
        },
    ]
}
