//! Items of a Step Functions map: any number of pictures in a bucket, each with a seed of its own
//! that follows from the job's seed and the picture's key.

use axum::http::HeaderMap;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::picture::{Outcome, seed_of};
use super::{Turn, Worker};
use crate::http::problem::{Kind, Problem};
use crate::s3::{Bucket, CHANGED, Failure, RECIPE, RECIPE_BYTES, length};
use crate::{Glitched, Recipe};

/// What is the same for all items.
#[derive(Deserialize)]
struct Input {
    output_bucket: String,
    #[serde(default)]
    output_prefix: String,
    #[serde(default)]
    recipe: String,
    job_seed: Seed,
}

/// As a number, or as text: not every program keeps all digits of a number.
#[derive(Deserialize)]
#[serde(untagged)]
enum Seed {
    Number(u64),
    Text(String),
}

#[derive(Deserialize)]
struct Item {
    bucket: String,
    key: String,
}

/// What became of an item.
#[derive(Serialize)]
struct Line<'a> {
    key: &'a str,
    output: Option<&'a str>,
    seed: String,
    recipe: &'a str,
    /// Whether it was there already.
    skipped: bool,
    changed: Option<f64>,
    bytes: Option<u64>,
    error: Option<Value>,
}

/// A job as the input tells it, checked.
struct Job<'a> {
    worker: &'a Worker,
    output: Bucket,
    input: Input,
    recipe: Recipe,
    seed: u64,
}

/// A line for each item, if all of them are done.
pub(super) fn answer(worker: &Worker, event: &Value, turn: &mut Turn) -> Result<Value, String> {
    let wrong = |why: serde_json::Error| format!("the event is none that is known here: {why}");
    let items: Vec<Item> = match event.get("Items") {
        Some(items) => serde_json::from_value(items.clone()).map_err(wrong)?,
        None => vec![serde_json::from_value(event.clone()).map_err(wrong)?],
    };
    let input = serde_json::from_value(event["BatchInput"].clone());
    let job = Job::new(worker, input.map_err(wrong)?)?;
    let mut lines = Vec::new();
    for item in items {
        let line = job.done(&item, turn);
        lines.push(line.map_err(|Failure(why)| format!("{}: {why}", item.key))?);
    }
    Ok(json!({ "results": lines }))
}

impl<'a> Job<'a> {
    fn new(worker: &'a Worker, input: Input) -> Result<Self, String> {
        let recipe: Recipe = input
            .recipe
            .parse()
            .map_err(|why| format!("recipe: {why}"))?;
        if recipe.seed.is_some() {
            return Err("recipe: each picture has a seed of its own, from job_seed".to_owned());
        }
        // With the longest seed.
        if recipe.clone().with_seed(u64::MAX).to_string().len() > RECIPE_BYTES {
            return Err(format!("recipe: more than {RECIPE_BYTES} bytes as text"));
        }
        let seed = match &input.job_seed {
            Seed::Number(seed) => *seed,
            Seed::Text(text) => text.parse().map_err(|why| format!("job_seed: {why}"))?,
        };
        Ok(Job {
            worker,
            output: worker.store.bucket(&input.output_bucket)?,
            input,
            recipe,
            seed,
        })
    }

    fn done(&self, item: &Item, turn: &mut Turn) -> Result<Value, Failure> {
        let Input {
            output_bucket,
            output_prefix,
            ..
        } = &self.input;
        if item.bucket == *output_bucket && output_prefix.is_empty() {
            return Err(Failure(
                "the result would take the picture's place".to_owned(),
            ));
        }
        let bucket = self.worker.store.bucket(&item.bucket).map_err(Failure)?;
        let output = format!("{output_prefix}{}", item.key);
        let seed = seed_of(self.seed, &item.key);
        let recipe = self.recipe.clone().with_seed(seed);
        let text = recipe.to_string();
        let line = Line {
            key: &item.key,
            output: Some(&output),
            seed: seed.to_string(),
            recipe: &text,
            skipped: false,
            changed: None,
            bytes: None,
            error: None,
        };
        let from = (&bucket, item.key.as_str());
        let to = (&self.output, output.as_str());
        if ![from, to].iter().all(|(bucket, key)| bucket.takes(key)) {
            let detail = "S3 cannot be asked for such a key, or not for one with this prefix";
            let problem = Problem::new(Kind::BadParameter, detail);
            return Ok(refused(line, &problem));
        }
        if let Some(there) = self.there(&output, &text)? {
            return Ok(json!(Line {
                skipped: true,
                changed: told(&there, CHANGED).and_then(|text| text.parse().ok()),
                bytes: length(&there),
                ..line
            }));
        }
        match self.made(from, &recipe, turn)? {
            Ok(glitched) => {
                self.worker.store(to, &glitched)?;
                Ok(json!(Line {
                    changed: glitched.changed,
                    bytes: Some(glitched.bytes.len() as u64),
                    ..line
                }))
            }
            Err(problem) => Ok(refused(line, &problem)),
        }
    }

    fn made(&self, from: (&Bucket, &str), recipe: &Recipe, turn: &mut Turn) -> Outcome<Glitched> {
        match self.worker.load(from.0, from.1)? {
            Ok((_, bytes)) => self.worker.make(turn, &bytes, recipe),
            Err(problem) => Ok(Err(problem)),
        }
    }

    /// The headers of a result of the same recipe: it has the same bytes, for so has the picture.
    fn there(&self, output: &str, recipe: &str) -> Result<Option<HeaderMap>, Failure> {
        let headers = self.worker.client.head(&self.output, output)?;
        Ok(headers.filter(|headers| told(headers, RECIPE) == Some(recipe)))
    }
}

fn told<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

fn refused(line: Line<'_>, problem: &Problem) -> Value {
    json!(Line {
        output: None,
        error: serde_json::from_slice(&problem.json()).ok(),
        ..line
    })
}
