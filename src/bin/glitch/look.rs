//! The options that say how the glitch looks: a recipe, and every setting of one. The doc comments here
//! are the text of `--help` and of the man page.

use std::str::FromStr;

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use glitch::{
    Alpha, Channels, Effort, Error, FilterChoice, Reach, Recipe, Rect, Scans, Strip, Thumbnail,
};

/// How the glitch looks.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Glitch")]
pub struct Look {
    /// What is done, such as classic or sort:len=40:times=3,replace
    ///
    /// Passes and presets, then settings, with commas between, such as classic or
    /// sort:len=40:times=3,replace,filter=paeth,seed=7. `glitch recipes` lists them. Without it:
    /// classic.
    #[arg(short, long, value_name = "RECIPE")]
    pub recipe: Option<Recipe>,
    /// Where every random draw comes from; the same seed gives the same picture
    ///
    /// A whole number from 0 to 18446744073709551615. Goes before a seed in the recipe. Without
    /// either each picture gets a new one, which is told.
    #[arg(short, long, value_parser = seed, allow_negative_numbers = true)]
    pub seed: Option<u64>,
    /// Make so many pictures of each, with the seeds SEED, SEED+1, ...
    ///
    /// The seed goes into the name: photo.glitched-7.jpg. Without --seed they start at a random
    /// number below a million.
    #[arg(short = 'n', long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub variants: Option<u32>,
    /// PNG: the filter type of the scanlines, which is the look of a hit
    ///
    /// sub streaks to the right, up streaks downwards, average draws soft comets, paeth shatters
    /// planes, none makes dots, keep leaves the rows as they are; auto refilters only rows that
    /// would hide a hit. Goes before a filter in the recipe.
    #[arg(long, value_parser = one_of::<FilterChoice>(FilterChoice::words()))]
    pub filter: Option<FilterChoice>,
    /// PNG: how hard the result is compressed
    #[arg(long, value_parser = one_of::<Effort>(Effort::words()))]
    pub deflate: Option<Effort>,
    /// How much is hit, 0 to 100, whatever the size of the picture
    ///
    /// More of it adds to what less of it does. Without it every pass is done once, and all of them
    /// again until the glitch shows. Goes before the recipe's, as do all options of this group.
    #[arg(long, value_name = "0..100", value_parser = amount, allow_negative_numbers = true)]
    pub amount: Option<u8>,
    /// How far a hit spreads downwards: all, rows such as 3, or a share such as 5pct
    ///
    /// A row is one of MCUs in a JPEG (8 or 16 lines), and 16 scanlines in a PNG. Without it: all,
    /// to the end as a rule.
    #[arg(long, value_name = "ROWS|PCT", allow_negative_numbers = true)]
    pub reach: Option<Reach>,
    /// Where hits may fall, such as 0-50-100-50 for the lower half
    ///
    /// A rectangle: left, top, width and height, each in percent of the picture's side, or in pixels
    /// as in 200px.
    #[arg(long, value_name = "LEFT-TOP-WIDTH-HEIGHT")]
    pub region: Option<Rect>,
    /// Where nothing changes, such as 25-0-50-55 for a face
    ///
    /// A rectangle like that of --region.
    #[arg(long, value_name = "LEFT-TOP-WIDTH-HEIGHT")]
    pub protect: Option<Rect>,
    /// JPEG: the components that change: luma for the shapes, chroma for the colours
    #[arg(long, value_parser = one_of::<Channels>(Channels::words()))]
    pub channels: Option<Channels>,
    /// Progressive JPEG: the scans that are hit: dc for coarse blocks, ac for fine detail
    #[arg(long, value_parser = one_of::<Scans>(Scans::words()))]
    pub scans: Option<Scans>,
    /// PNG: whether the transparency changes
    #[arg(long, value_parser = one_of::<Alpha>(Alpha::words()))]
    pub alpha: Option<Alpha>,
    /// Take out metadata, all but the orientation and the colour profile
    ///
    /// EXIF with place and thumbnail, XMP, IPTC, comments, texts, and what lies behind the end of
    /// the picture.
    #[arg(long, value_parser = one_of::<Strip>(Strip::words()))]
    pub strip: Option<Strip>,
    /// Take out thumbnails, which show the picture as it was
    ///
    /// Other metadata stay, except for what holds pictures too and cannot be told apart from them,
    /// and for what lies behind the end of the picture.
    #[arg(long, value_parser = one_of::<Thumbnail>(Thumbnail::words()))]
    pub thumbnail: Option<Thumbnail>,
}

/// The recipe's own words on what a seed is.
pub fn seed(text: &str) -> Result<u64, String> {
    let recipe: Result<Recipe, _> = format!("seed={text}").parse();
    let seed = recipe.ok().and_then(|recipe| recipe.seed);
    seed.ok_or_else(|| format!("a seed is a whole number from 0 to {}", u64::MAX))
}

/// An amount, or the recipe's own words on what it is.
fn amount(text: &str) -> Result<u8, Error> {
    let mut recipe = Recipe::default();
    recipe.set("amount", text)?;
    Ok(recipe.amount.unwrap_or_default())
}

/// One of a few words, which the help and the completions name.
fn one_of<T>(words: Vec<&'static str>) -> impl TypedValueParser<Value = T>
where
    T: FromStr<Err = Error> + Clone + Send + Sync + 'static,
{
    PossibleValuesParser::new(words).try_map(|word| word.parse::<T>())
}

impl Look {
    /// The recipe with the options that go before it.
    pub fn recipe(&self) -> Recipe {
        let mut recipe = self.recipe.clone().unwrap_or_default();
        recipe.seed = self.seed.or(recipe.seed);
        recipe.filter = self.filter.unwrap_or(recipe.filter);
        recipe.deflate = self.deflate.unwrap_or(recipe.deflate);
        recipe.amount = self.amount.or(recipe.amount);
        let control = &mut recipe.control;
        control.reach = self.reach.unwrap_or(control.reach);
        control.region = self.region.or(control.region);
        control.protect = self.protect.or(control.protect);
        control.channels = self.channels.unwrap_or(control.channels);
        control.scans = self.scans.unwrap_or(control.scans);
        control.alpha = self.alpha.unwrap_or(control.alpha);
        let metadata = &mut recipe.metadata;
        metadata.strip = self.strip.unwrap_or(metadata.strip);
        metadata.thumbnail = self.thumbnail.unwrap_or(metadata.thumbnail);
        recipe
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::args::Cli;

    #[test]
    fn every_word_for_filter_and_deflate_is_the_library_s() {
        for word in FilterChoice::words() {
            let cli = Cli::try_parse_from(["glitch", "a.png", "--filter", word]).unwrap();
            let filter = cli.glitching.look.recipe().filter;
            assert_eq!(filter.to_string(), word);
        }
        for word in Effort::words() {
            let cli = Cli::try_parse_from(["glitch", "a.png", "--deflate", word]).unwrap();
            assert_eq!(cli.glitching.look.recipe().deflate.to_string(), word);
        }
    }

    #[test]
    fn every_setting_has_an_option_that_goes_before_the_recipe() {
        let recipe = "sort,amount=1,reach=1,region=1-1-1-1,protect=1-1-1-1,channels=luma,scans=dc,\
                      alpha=glitch,strip=nothing,thumbnail=keep,filter=up,deflate=small,seed=1";
        let other = [
            ("amount", "40"),
            ("reach", "5pct"),
            ("region", "0-50-100-50"),
            ("protect", "9px-0-9px-9"),
            ("channels", "chroma"),
            ("scans", "ac"),
            ("alpha", "keep"),
            ("strip", "metadata"),
            ("thumbnail", "drop"),
            ("filter", "sub"),
            ("deflate", "fast"),
            ("seed", "2"),
        ];
        for (name, value) in other {
            let option = format!("--{name}={value}");
            let cli = Cli::try_parse_from(["glitch", "a.png", "-r", recipe, &option]).unwrap();
            let mut wanted: Recipe = recipe.parse().unwrap();
            wanted.set(name, value).unwrap();
            assert_ne!(wanted, recipe.parse().unwrap());
            assert_eq!(cli.glitching.look.recipe(), wanted, "{option}");
        }
        let settings = glitch::Catalogue::default();
        let settings = serde_json::to_value(settings).unwrap()["settings"].clone();
        assert_eq!(settings.as_array().unwrap().len(), other.len());
    }

    #[test]
    fn options_go_before_the_recipe() {
        let cli = Cli::try_parse_from([
            "glitch",
            "a.png",
            "--recipe",
            "sort,filter=up,seed=1,deflate=small",
            "--seed",
            "2",
            "--filter",
            "sub",
        ])
        .unwrap();
        assert_eq!(
            cli.glitching.look.recipe().to_string(),
            "sort,filter=sub,deflate=small,seed=2"
        );
    }
}
