//! What is said of each picture, in the order in which they were asked for.

use std::collections::BTreeMap;
use std::io::{self, ErrorKind, Write, stderr, stdout};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::Serialize;

use crate::args::Telling;
use crate::exit::{Exit, Failure, plain};
use crate::interrupt;
use crate::progress::Progress;

/// A path for a message: on one line, whatever is in it.
pub fn shown(path: &Path) -> String {
    let mut text = String::new();
    for letter in path.display().to_string().chars() {
        match letter.is_control() {
            true => text.extend(letter.escape_default()),
            false => text.push(letter),
        }
    }
    text
}

/// Another library's message, which may have line breaks, for ours, which have none.
pub fn one_line(text: &str) -> String {
    let words: Vec<_> = text.split_whitespace().collect();
    words.join(" ")
}

/// Where results are told; what went wrong goes to standard error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Out {
    Stdout,
    /// Standard output carries a picture.
    Stderr,
}

/// How results are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Style {
    Words,
    Json,
}

#[derive(Serialize)]
struct FailureJson<'a> {
    input: &'a str,
    error: &'a str,
    kind: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    offset: Option<usize>,
}

pub struct Reporter {
    results: Out,
    style: Style,
    quiet: bool,
    progress: Progress,
    state: Mutex<State>,
}

struct State {
    /// The index that is told next.
    next: usize,
    /// What was said of later ones.
    waiting: BTreeMap<usize, Option<(Out, String)>>,
    worst: Exit,
    failed: usize,
    /// Whether a result could not be told.
    mute: bool,
}

impl Reporter {
    pub fn new(telling: &Telling, results: Out, progress: Progress) -> Self {
        Reporter {
            results,
            style: if telling.json {
                Style::Json
            } else {
                Style::Words
            },
            quiet: telling.quiet,
            progress,
            state: Mutex::new(State {
                next: 0,
                waiting: BTreeMap::new(),
                worst: Exit::Fine,
                failed: 0,
                mute: false,
            }),
        }
    }

    /// Tells that a picture went well, in words or as JSON.
    pub fn good<T: Serialize>(
        &self,
        index: usize,
        words: impl FnOnce() -> String,
        json: impl FnOnce() -> T,
    ) {
        let text = match (self.quiet, self.style) {
            (true, _) => None,
            (false, Style::Words) => Some(words()),
            (false, Style::Json) => Some(to_json(&json())),
        };
        self.tell(index, Exit::Fine, text.map(|text| (self.results, text)));
    }

    /// Tells something bad that is a result all the same, such as a picture that is not sound.
    pub fn bad<T: Serialize>(
        &self,
        index: usize,
        words: impl FnOnce() -> String,
        json: impl FnOnce() -> T,
    ) {
        let text = match self.style {
            Style::Words => words(),
            Style::Json => to_json(&json()),
        };
        self.tell(index, Exit::BadInput, Some((self.results, text)));
    }

    /// Tells why a picture failed.
    pub fn failure(&self, index: usize, input: &str, failure: &Failure) {
        let said = match self.style {
            Style::Words => {
                let message = one_line(&failure.message);
                (Out::Stderr, format!("glitch: {input}: {message}"))
            }
            Style::Json => {
                let json = FailureJson {
                    input,
                    error: &failure.message,
                    kind: failure.kind,
                    offset: failure.offset,
                };
                (self.results, to_json(&json))
            }
        };
        self.tell(index, failure.exit, Some(said));
    }

    fn tell(&self, index: usize, exit: Exit, said: Option<(Out, String)>) {
        let mut state = self.state();
        state.worst = state.worst.max(exit);
        state.failed += usize::from(exit != Exit::Fine);
        state.waiting.insert(index, said);
        self.progress.step();
        loop {
            let next = state.next;
            let Some(said) = state.waiting.remove(&next) else {
                break;
            };
            state.next += 1;
            if let Some((out, text)) = said {
                self.print(&mut state, out, text);
            }
        }
    }

    fn print(&self, state: &mut State, out: Out, mut text: String) {
        text.push('\n');
        let printed = self.progress.suspend(|| match out {
            Out::Stdout if state.mute => Ok(()),
            Out::Stdout => write_to_stdout(&text),
            Out::Stderr => stderr().lock().write_all(text.as_bytes()),
        });
        // A standard error that is gone leaves nobody to tell.
        if let (Out::Stdout, Err(error)) = (out, printed) {
            state.mute = true;
            state.worst = state.worst.max(stdout_failed(&error));
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends with a summary of what went wrong, if there were several pictures.
    pub fn finish(self, failed: &str) -> Exit {
        self.progress.finish();
        let state = self.state();
        if state.failed > 0 && state.next > 1 && self.style == Style::Words {
            let text = format!(
                "glitch: {} of {} pictures {failed}\n",
                state.failed, state.next
            );
            // As above.
            let _ = stderr().lock().write_all(text.as_bytes());
        }
        state.worst
    }
}

fn to_json(value: &impl Serialize) -> String {
    // Fails for maps without text keys and such, of which there are none.
    serde_json::to_string(value).unwrap_or_default()
}

fn write_to_stdout(text: &str) -> io::Result<()> {
    let mut out = stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}

/// Leaves in silence when nobody reads any more, as a tool does that SIGPIPE ends.
fn stdout_failed(error: &io::Error) -> Exit {
    if error.kind() == ErrorKind::BrokenPipe {
        interrupt::leave(Exit::BrokenPipe);
    }
    let text = format!(
        "glitch: cannot write to standard output: {}\n",
        plain(error)
    );
    let _ = stderr().lock().write_all(text.as_bytes());
    Exit::Io
}

/// Prints a text that is the whole result.
pub fn print(text: &str) -> Exit {
    match write_to_stdout(text) {
        Ok(()) => Exit::Fine,
        Err(error) => stdout_failed(&error),
    }
}

/// Prints a JSON value that is the whole result.
pub fn print_json(value: &impl Serialize) -> Exit {
    print(&(to_json(value) + "\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_stay_on_one_line() {
        assert_eq!(one_line("found 0\n"), "found 0");
        assert_eq!(one_line("two\r\nlines,  one"), "two lines, one");
        assert_eq!(shown(Path::new("a\nb\x1b.jpg")), "a\\nb\\u{1b}.jpg");
    }
}
