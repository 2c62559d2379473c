//! What is drawn of pictures: heat maps, contact sheets and animations.

use glitch::{Container, ErrorKind, Loop, Options, Recipe, Sheet};

use super::LIMITS;
use super::verdict::assert_is_of_input;

/// The first bytes choose what is drawn, and where the second picture begins.
pub fn show(data: &[u8]) {
    let Some((&[what, recipe, high, low], rest)) = data.split_first_chunk() else {
        return;
    };
    let place = usize::from(u16::from_be_bytes([high, low])).min(rest.len());
    let (first, second) = rest.split_at(place);
    let recipe = &super::recipe_of(recipe).with_seed(u64::from(low));
    let options = &Options {
        limits: LIMITS,
        ..Options::default()
    };
    let (file, kind) = match what % 4 {
        0 => (heat_map(first, second, options), Kind::Still),
        1 => (heat_map_of_glitch(rest, recipe, options), Kind::Still),
        2 => (sheet(rest, recipe, options), Kind::Still),
        _ => (animation(rest, recipe, (what, options)), Kind::Moving),
    };
    match file {
        Ok(file) => assert_opens(&file, kind),
        // Such as a recipe for the other kind of picture.
        Err(error) if matches!(error.kind(), ErrorKind::Undecodable | ErrorKind::BadRecipe) => {
            super::assert_is_for_strangers(&error.to_string(), data);
        }
        // Which of the two pictures it is of is not told: the longer one has every place.
        Err(error) => assert_is_of_input(&error, rest),
    }
}

enum Kind {
    Still,
    Moving,
}

type Drawn = Result<Vec<u8>, glitch::Error>;

fn heat_map(before: &[u8], after: &[u8], options: &Options) -> Drawn {
    let map = glitch::diff(before, after, options)?;
    assert!((0.0..=1.0).contains(&map.changed), "{}", map.changed);
    Ok(map.png)
}

fn heat_map_of_glitch(picture: &[u8], recipe: &Recipe, options: &Options) -> Drawn {
    let glitched = glitch::glitch_with(picture, recipe, options)?;
    heat_map(picture, &glitched.bytes, options)
}

fn sheet(picture: &[u8], recipe: &Recipe, options: &Options) -> Drawn {
    let mut sheet = Sheet::of_seeds(recipe, 2);
    sheet.width = 40;
    Ok(glitch::sheet(picture, &sheet, options, &|| ())?.bytes)
}

fn animation(picture: &[u8], recipe: &Recipe, (what, options): (u8, &Options)) -> Drawn {
    let settings = Loop {
        recipe: recipe.clone(),
        frames: 2,
        size: 24,
        container: [Container::Gif, Container::Apng][usize::from(what / 4 % 2)],
        ..Loop::default()
    };
    Ok(glitch::animate(picture, &settings, options, &|| ())?.bytes)
}

fn assert_opens(file: &[u8], kind: Kind) {
    match kind {
        Kind::Still => {
            let sound = glitch::verify(file).expect("what is drawn can be checked");
            assert!(sound.is_sound(), "{sound:?}");
        }
        Kind::Moving => assert!(
            file.starts_with(b"GIF89a") || glitch::verify(file).is_ok_and(|sound| sound.is_sound())
        ),
    }
}
