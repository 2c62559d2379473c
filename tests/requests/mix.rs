//! The requests of the table in a fixed order that looks like chance, and among them pictures with
//! bytes changed, of which the library says what they are to be answered.

use glitch::{ErrorKind, Limits, Options, Recipe};

use super::cases::{self, Case, Manner, Wanted, fixture};
use super::client::{Connection, Reply, request};

/// The table, ready to be drawn from.
pub struct Mix {
    cases: Vec<Case>,
    /// Indices of cases, each as often as its weight says.
    turns: Vec<usize>,
    /// Pictures to change bytes of.
    seeds: Vec<Vec<u8>>,
}

/// One of so many requests is a picture with bytes changed.
const CHANGED: u64 = 8;

/// What came of a request.
pub struct Asked {
    pub manner: Manner,
    /// 0: no answer.
    pub status: u16,
    /// What is wrong about the answer.
    pub fault: Option<String>,
}

impl Mix {
    pub fn new() -> Self {
        let cases = cases::all();
        let turns = cases.iter().enumerate();
        let turns = turns.flat_map(|(index, case)| vec![index; case.weight as usize]);
        let names = [
            "jpeg/sampling-420.jpg",
            "jpeg/progressive-ten-scans.jpg",
            "jpeg/restart-row.jpg",
            "png/rgb-8.png",
            "png/palette-8-adam7.png",
            "png/apng-small-frames.png",
        ];
        Mix {
            turns: turns.collect(),
            seeds: names.map(fixture).into(),
            cases,
        }
    }

    pub fn cases(&self) -> &[Case] {
        &self.cases
    }

    /// A picture with a few bytes changed, and the status that the library says.
    fn changed(&self, mut chance: u64) -> Case {
        let mut picture = self.seeds[chance as usize % self.seeds.len()].clone();
        for _ in 0..=chance % 4 {
            chance = mixed(chance);
            let at = (chance >> 8) as usize % picture.len();
            picture[at] = chance as u8;
        }
        Case {
            name: "a picture with bytes changed",
            manner: Manner::Broken,
            weight: 0,
            status: Wanted::Status(status(&picture)),
            bytes: request("POST", "/?seed=1", &picture),
        }
    }
}

/// What the server answers where the library makes this of a picture.
fn status(picture: &[u8]) -> u16 {
    let recipe = Recipe::default().with_seed(1);
    let options = Options {
        limits: Limits {
            bytes: 64 << 20,
            pixels: 50_000_000,
        },
        ..Options::default()
    };
    match glitch::glitch_with(picture, &recipe, &options).map_err(|error| error.kind()) {
        Ok(_) => 200,
        Err(ErrorKind::NotAnImage) => 415,
        Err(ErrorKind::Malformed | ErrorKind::Unsupported | ErrorKind::TooLarge) => 422,
        // A 500 is never right: what came in is at fault, whatever it is.
        Err(_) => 422,
    }
}

/// A number that looks like chance (SplitMix64).
fn mixed(number: u64) -> u64 {
    let number = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

/// A client that asks for one after the other.
pub struct Asker<'a> {
    mix: &'a Mix,
    address: &'a str,
    connection: Option<Connection>,
}

impl<'a> Asker<'a> {
    pub fn new(mix: &'a Mix, address: &'a str) -> Self {
        Asker {
            mix,
            address,
            connection: None,
        }
    }

    /// The request with this number.
    pub fn ask(&mut self, number: usize) -> Asked {
        let chance = mixed(number as u64);
        if chance.is_multiple_of(CHANGED) {
            return self.put(&self.mix.changed(mixed(chance)));
        }
        let turn = (chance / CHANGED) as usize % self.mix.turns.len();
        self.put(&self.mix.cases[self.mix.turns[turn]])
    }

    /// This request.
    pub fn put(&mut self, case: &Case) -> Asked {
        let reply = self.exchange(case);
        let status = reply.as_ref().map_or(0, |reply| reply.status);
        let right = match case.status {
            Wanted::Status(wanted) => status == wanted,
            Wanted::StatusOrEnd(wanted) => status == wanted || status == 0,
            Wanted::End => status == 0,
            Wanted::Nothing => reply.is_ok(),
        };
        let told = match &reply {
            Ok(reply) if reply.status > 0 => check(reply),
            Ok(_) => None,
            Err(error) => Some(error.to_string()),
        };
        let fault = match (right, case.status, told) {
            (true, Wanted::Status(_), Some(why)) => Some(format!("{}: {why}", case.name)),
            (true, ..) => None,
            (false, wanted, told) => {
                let told = told.unwrap_or_default();
                Some(format!("{}: {status}, not {wanted:?} {told}", case.name))
            }
        };
        Asked {
            manner: case.manner,
            status,
            fault,
        }
    }

    fn exchange(&mut self, case: &Case) -> std::io::Result<Reply> {
        let mut open = match self.connection.take() {
            Some(open) => open,
            None => Connection::open(self.address)?,
        };
        if case.status == Wanted::Nothing {
            open.send(&case.bytes)?;
            return Ok(Reply::nothing());
        }
        let reply = open.exchange(&case.bytes)?;
        // A body that was to come did not: nothing can follow on this connection.
        if !reply.is_last() && case.manner != Manner::Hostile {
            self.connection = Some(open);
        }
        Ok(reply)
    }
}

/// What is wrong with an answer whose status is right.
fn check(reply: &Reply) -> Option<String> {
    let kind = reply.header("content-type").unwrap_or_default();
    let ends =
        |start: &[u8], end: &[u8]| reply.body.starts_with(start) && reply.body.ends_with(end);
    let sound = match (reply.status, kind) {
        (200, "image/jpeg") => reply.body.starts_with(b"\xff\xd8\xff"),
        (200, "image/png") => ends(b"\x89PNG\r\n\x1a\n", b"IEND\xaeB`\x82"),
        (200, _) => !reply.body.is_empty(),
        (_, "application/problem+json") => ends(b"{\"type\":\"/problems/", b"}"),
        // What is no HTTP gets no document.
        (400 | 431, "") => reply.body.is_empty(),
        _ => false,
    };
    (!sound).then(|| format!("{} with a strange body of {kind}", reply.status))
}
