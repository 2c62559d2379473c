//! The valid fixtures, and what glitching makes of them: done once for all tests.

use std::fs::{self, File};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use glitch::{Format, Options, Recipe};

use crate::table::root;
use crate::{JPEG_RECIPES, PNG_RECIPES, RECIPES, SEEDS, parallel};

/// A valid fixture.
pub struct Subject {
    pub format: Format,
    pub original: PathBuf,
    /// Each made with another recipe or seed.
    pub outputs: Vec<PathBuf>,
}

/// All of them.
pub struct Subjects {
    pub all: Vec<Subject>,
    /// The fixtures that could not be glitched, and why.
    pub refused: Vec<String>,
}

pub fn get() -> &'static Subjects {
    static SUBJECTS: OnceLock<Subjects> = OnceLock::new();
    SUBJECTS.get_or_init(|| {
        let fixtures = valid_fixtures();
        let folder = folder(&fixtures);
        let made = parallel::map(&fixtures, |fixture| subject(fixture, &folder));
        let mut subjects = Subjects {
            all: Vec::new(),
            refused: Vec::new(),
        };
        for each in made {
            match each {
                Ok(subject) => subjects.all.push(subject),
                Err(why) => subjects.refused.push(why),
            }
        }
        subjects
    })
}

/// The paths below `fixtures/` that `fixtures/list.txt` calls valid.
fn valid_fixtures() -> Vec<String> {
    let list = root().join("fixtures/list.txt");
    let list = fs::read_to_string(list).expect("fixtures/list.txt");
    let valid = |line: &str| {
        let mut cells = line.split_whitespace();
        let path = cells.next()?;
        (cells.next()? == "valid").then(|| path.to_owned())
    };
    let lines = list.lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(valid).collect()
}

/// Glitches a fixture in every way, or says why that cannot be done.
fn subject(fixture: &str, folder: &Path) -> Result<Subject, String> {
    let original = root().join("fixtures").join(fixture);
    let input = fs::read(&original).map_err(|error| format!("{fixture}: {error}"))?;
    let format = Format::sniff(&input).map_err(|error| format!("{fixture}: {error}"))?;
    let mut outputs = Vec::new();
    let own: &[&str] = match format {
        Format::Png => &PNG_RECIPES,
        Format::Jpeg => &JPEG_RECIPES,
    };
    for recipe in RECIPES.iter().chain(own) {
        for seed in SEEDS {
            let name = format!("{},{recipe},seed={seed}", fixture.replace('/', "_"));
            let path = folder.join(format!("{name}.{}", format.extension()));
            if !path.exists() {
                let glitched = glitch(&input, recipe, seed);
                let bytes = glitched.map_err(|error| format!("{name}: {error}"))?;
                write_whole(&path, &bytes);
            }
            outputs.push(path);
        }
    }
    Ok(Subject {
        format,
        original,
        outputs,
    })
}

fn glitch(input: &[u8], recipe: &str, seed: u64) -> Result<Vec<u8>, glitch::Error> {
    let recipe: Recipe = recipe.parse()?;
    // The decoders asked here are to judge, and not only what passed another one.
    let options = Options {
        verify: false,
        ..Options::default()
    };
    Ok(glitch::glitch_with(input, &recipe.with_seed(seed), &options)?.bytes)
}

/// Another process may look for the file at any time (a runner that gives each test a process).
fn write_whole(path: &Path, bytes: &[u8]) {
    let part = path.with_extension(format!("part{}", std::process::id()));
    fs::write(&part, bytes).expect("the target folder can be written");
    fs::rename(&part, path).expect("the target folder can be written");
}

/// A folder that belongs to this build of the tests and these fixtures. The ones of earlier
/// builds are removed.
fn folder(fixtures: &[String]) -> PathBuf {
    let mut hasher = DefaultHasher::new();
    let fixture_files = fixtures
        .iter()
        .map(|path| root().join("fixtures").join(path));
    for file in std::env::current_exe().into_iter().chain(fixture_files) {
        let about = fs::metadata(&file).map(|about| (about.len(), about.modified().ok()));
        (file, about.ok()).hash(&mut hasher);
    }
    let name = format!("{:016x}", hasher.finish());
    let all = Path::new(env!("CARGO_TARGET_TMPDIR")).join("glitched");
    fs::create_dir_all(all.join(&name)).expect("the target folder can be written");
    let lock = File::create(all.join("lock")).expect("the target folder can be written");
    lock.lock().expect("the target folder can be locked");
    for entry in fs::read_dir(&all).into_iter().flatten().flatten() {
        if entry.file_name() != *name && entry.file_name() != "lock" {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
    all.join(name)
}
