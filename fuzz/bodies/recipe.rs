//! The text form of a recipe, and of what stands in one.

use glitch::{ErrorKind, Recipe, Rect, parse_size};

/// What is read prints as text that is read as the same, and what is not read is told in words.
pub fn recipe(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    match text.parse::<Recipe>() {
        Ok(recipe) => {
            let printed = recipe.to_string();
            let again: Recipe = printed.parse().expect("what is printed is read");
            assert!(again == recipe, "{text} became {printed}, another recipe");
            assert!(
                again.to_string() == printed,
                "{printed} is not printed as it was"
            );
        }
        Err(error) => {
            assert!(error.kind() == ErrorKind::BadRecipe, "{error:?}");
            super::assert_is_for_strangers(&error.to_string(), data);
        }
    }
    if let Ok(rect) = text.parse::<Rect>() {
        assert!(rect.to_string().parse().as_ref() == Ok(&rect), "{rect}");
    }
    // Any number will do; that it does not panic is all.
    let _ = parse_size(&text);
}
