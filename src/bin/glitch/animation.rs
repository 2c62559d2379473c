//! `glitch loop`: an animation of one picture.

use std::path::Path;
use std::time::Instant;

use glitch::{Animated, Container, Loop, Motion, Options, Recipe, Seeds};
use serde::Serialize;

use crate::args;
use crate::exit::{Exit, Failure};
use crate::glitching::duration;
use crate::plan::name;
use crate::show_args::Animation;
use crate::single::{self, Single};

#[derive(Serialize)]
struct Json {
    input: String,
    output: Option<String>,
    /// `gif` or `apng`.
    format: &'static str,
    width: u32,
    height: u32,
    /// In the palette of a frame, at most; `null` for an APNG.
    colours: Option<u16>,
    fps: u32,
    /// The recipe with the seed.
    recipe: String,
    /// One for each frame; `null` for a calm one.
    frames: Vec<Option<String>>,
    /// Glitched frames that look like another.
    alike: usize,
    bytes_out: usize,
}

pub fn run(args: &Animation) -> Exit {
    let container = container(args.output.as_deref()).unwrap_or_else(|why| args::refuse(why));
    let settings = settings(args, container);
    if settings.seeds == Seeds::Keep && settings.motion == Motion::Steady {
        args::refuse(
            "with one seed and one amount all frames are one: --seeds keep needs --ramp or --cycle",
        );
    }
    let named = name(&args.input, ".loop", None);
    let beside = args.input.with_file_name(named).with_extension("gif");
    let single = Single::new(&args.input, args.output.as_deref(), beside, &args.making);
    let made = make(args, &settings, &single);
    single.tell(&args.making, made)
}

/// The kind of file that the name asks for.
fn container(output: Option<&Path>) -> Result<Container, String> {
    let extension = output.and_then(Path::extension).unwrap_or_default();
    let extension = extension.to_string_lossy();
    match extension.to_ascii_lowercase().as_str() {
        "gif" | "" => Ok(Container::Gif),
        "png" | "apng" => Ok(Container::Apng),
        other => Err(format!(
            "an animation is a .gif, a .png or an .apng, not a .{other}"
        )),
    }
}

fn settings(args: &Animation, container: Container) -> Loop {
    let mut recipe = args.recipe.clone().unwrap_or_default();
    recipe.seed = args.seed.or(recipe.seed);
    let ramp = args.ramp.clone().map(Motion::Ramp);
    let motion = ramp.or(args.cycle.clone()).unwrap_or_default();
    let usual = match motion {
        Motion::Steady => Seeds::Change,
        _ => Seeds::Keep,
    };
    Loop {
        recipe,
        frames: args.frames,
        fps: args.fps,
        size: args.size,
        motion,
        seeds: args.seeds.unwrap_or(usual),
        burst: args.burst,
        calm: args.calm,
        container,
        max_bytes: args.max_bytes,
    }
}

fn make(args: &Animation, settings: &Loop, single: &Single) -> Result<(String, Json), Failure> {
    let start = Instant::now();
    let input = single.read(&args.making)?;
    let options = Options {
        limits: args.making.limits(),
        ..Options::default()
    };
    let frames = args.frames as usize;
    let made = single
        .work(frames, &args.making, |progress| {
            glitch::animate(&input, settings, &options, &|| progress.step())
        })
        .map_err(refused)?;
    single.write(&made.bytes)?;
    let words = format!(
        "{} -> {}: {}, {}",
        single.source.name(),
        single.to(),
        words(&made, settings),
        duration(start.elapsed())
    );
    let json = Json {
        input: single.source.name(),
        output: single::text(&single.target),
        format: match settings.container {
            Container::Gif => "gif",
            Container::Apng => "apng",
        },
        width: made.size.0,
        height: made.size.1,
        colours: made.colours,
        fps: settings.fps,
        recipe: made.recipe.to_string(),
        frames: made
            .recipes
            .iter()
            .map(|recipe| recipe.as_ref().map(Recipe::to_string))
            .collect(),
        alike: made.alike,
        bytes_out: made.bytes.len(),
    };
    Ok((words, json))
}

fn refused(error: glitch::Error) -> Failure {
    Failure::limited(error, "fewer --frames or a smaller --size take less")
}

fn words(made: &Animated, settings: &Loop) -> String {
    let container = match settings.container {
        Container::Gif => "GIF",
        Container::Apng => "APNG",
    };
    let (width, height) = made.size;
    let mut text = format!(
        "{container} {width}x{height}, {} frames, {} a second, recipe {}, {} bytes",
        made.recipes.len(),
        settings.fps,
        made.recipe,
        made.bytes.len()
    );
    if made.size != made.full_size {
        let (width, height) = made.full_size;
        text += &format!(", made smaller than {width}x{height} to fit");
    }
    if let Some(colours) = made.colours.filter(|colours| *colours < 256) {
        text += &format!(", {colours} colours to fit");
    }
    match made.alike {
        0 => {}
        1 => text += ", 1 frame looks like another",
        alike => text += &format!(", {alike} frames look like others"),
    }
    text
}
