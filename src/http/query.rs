//! The parameters of a request: a recipe and how it is done.

use super::problem::{Kind, Problem};
use crate::Recipe;
use crate::recipe::SETTINGS;

/// The parameters of a request: the recipe, every setting of one, and one more.
fn parameters(more: &'static str) -> Vec<&'static str> {
    let mut names = vec!["recipe"];
    names.extend(SETTINGS);
    names.push(more);
    names
}

/// What a request asks for.
#[derive(Clone, Debug)]
pub(super) struct Wish {
    pub(super) recipe: Recipe,
    /// Whether the result is decoded before it is sent.
    pub(super) verify: bool,
}

/// The names and values of a query.
pub(super) fn pairs(query: Option<&str>) -> Vec<(String, String)> {
    form_urlencoded::parse(query.unwrap_or_default().as_bytes())
        .into_owned()
        .collect()
}

/// Reads the parameters of `POST /`, in a query and in a form. Those with a name of their own go before the same in `recipe`.
pub(super) fn wish(pairs: &[(String, String)]) -> Result<Wish, Problem> {
    check(pairs, &parameters("verify"))?;
    read(pairs)
}

/// Reads the parameters of `POST /uploads`: the recipe, and the id of an earlier upload. What is
/// done there is always verified.
#[cfg(feature = "s3")]
pub(super) fn upload(pairs: &[(String, String)]) -> Result<(Recipe, Option<&str>), Problem> {
    check(pairs, &parameters("of"))?;
    let of = value(pairs, "of");
    match of.is_none_or(super::uploads::is_id) {
        true => read(pairs).map(|wish| (wish.recipe, of)),
        false => Err(bad(
            "`of` takes the id of an earlier upload: the `id` in the answer to it".to_owned(),
        )),
    }
}

fn check(pairs: &[(String, String)], allowed: &[&str]) -> Result<(), Problem> {
    for (index, (name, _)) in pairs.iter().enumerate() {
        if !allowed.contains(&name.as_str()) {
            return Err(unknown(name, allowed));
        }
        if pairs[..index].iter().any(|(earlier, _)| earlier == name) {
            return Err(bad(format!("the parameter `{name}` is given twice")));
        }
    }
    Ok(())
}

fn read(pairs: &[(String, String)]) -> Result<Wish, Problem> {
    let get = |wanted| value(pairs, wanted);
    let mut recipe: Recipe = get("recipe").unwrap_or_default().parse()?;
    for setting in SETTINGS {
        if let Some(value) = get(setting) {
            recipe.set(setting, value)?;
        }
    }
    let verify = get("verify").map_or(Ok(true), truth)?;
    Ok(Wish { recipe, verify })
}

fn value<'a>(pairs: &'a [(String, String)], wanted: &str) -> Option<&'a str> {
    let pair = pairs.iter().find(|(name, _)| name == wanted);
    pair.map(|(_, value)| value.as_str())
}

/// Refuses any parameter.
pub(super) fn none(pairs: &[(String, String)]) -> Result<(), Problem> {
    match pairs.first() {
        Some((name, _)) => Err(unknown(name, &[])),
        None => Ok(()),
    }
}

fn truth(text: &str) -> Result<bool, Problem> {
    match text {
        "true" | "1" | "" => Ok(true),
        "false" | "0" => Ok(false),
        _ => Err(bad(format!("`verify` is true or false, not `{text}`"))),
    }
}

fn unknown(name: &str, allowed: &[&str]) -> Problem {
    let allowed = match allowed {
        [] => "there are none here".to_owned(),
        allowed => format!("the parameters are {}", allowed.join(", ")),
    };
    bad(format!("there is no parameter `{name}`; {allowed}"))
}

fn bad(detail: String) -> Problem {
    Problem::new(Kind::BadParameter, detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(query: &str) -> Result<(String, bool), String> {
        let wish = wish(&pairs(Some(query))).map_err(|problem| format!("{problem:?}"))?;
        Ok((wish.recipe.to_string(), wish.verify))
    }

    #[test]
    fn parameters_go_before_the_recipe() {
        for (query, recipe, verify) in [
            ("", "classic", true),
            ("seed=7", "classic,seed=7", true),
            (
                "recipe=sort:40,replace&seed=7",
                "sort:len=40,replace,seed=7",
                true,
            ),
            (
                "recipe=sort%3A40%2Cseed%3D1&seed=2",
                "sort:len=40,seed=2",
                true,
            ),
            (
                "filter=paeth&deflate=small&verify=false",
                "classic,filter=paeth,deflate=small",
                false,
            ),
            (
                "amount=40&reach=5pct&region=0-0-50-50&protect=9px-9px-9px-9px",
                "classic,amount=40,reach=5pct,region=0-0-50-50,protect=9px-9px-9px-9px",
                true,
            ),
            (
                "channels=luma&scans=dc&alpha=glitch&strip=metadata&thumbnail=drop",
                "classic,channels=luma,scans=dc,alpha=glitch,strip=metadata,thumbnail=drop",
                true,
            ),
            ("recipe=none,strip=metadata&strip=nothing", "none", true),
            ("verify", "classic", true),
        ] {
            assert_eq!(told(query), Ok((recipe.to_owned(), verify)), "{query}");
        }
    }

    #[test]
    fn anything_else_is_told_what_is_allowed() {
        for (query, said) in [
            (
                "speed=7",
                "the parameters are recipe, filter, deflate, amount, reach",
            ),
            ("seed=7&seed=8", "twice"),
            ("seed=", "from 0 to 18446744073709551615"),
            ("seed=1,filter=up", "from 0 to 18446744073709551615"),
            ("seed=-1", "from 0 to 18446744073709551615"),
            ("recipe=molten", "the passes are replace, sort"),
            ("filter=best", "auto, keep, none, sub, up, average, paeth"),
            ("deflate=9", "fast, small"),
            ("amount=101", "a whole number from 0 to 100, not `101`"),
            ("reach=0", "`reach` is all, rows from 1"),
            ("region=1-2-3", "LEFT-TOP-WIDTH-HEIGHT"),
            ("strip=all", "nothing, metadata"),
            ("thumbnail=yes", "keep, drop"),
            ("verify=maybe", "true or false"),
        ] {
            let error = told(query).unwrap_err();
            assert!(error.contains(said), "{query}: {error}");
        }
        assert!(none(&pairs(Some("seed=7"))).is_err());
        assert!(none(&pairs(Some(""))).is_ok() && none(&pairs(None)).is_ok());
    }
}
