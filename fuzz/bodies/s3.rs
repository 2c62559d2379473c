//! A storage on the loopback that answers whatever it was told to: `s3` asks, and has to bear it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Mutex, OnceLock};

/// What every request is answered with.
#[derive(Clone, Debug, Default)]
pub struct Reply {
    pub status: u16,
    /// Value of the header that has a recipe. Only what can stand in a header is sent.
    pub recipe: String,
    pub body: Vec<u8>,
}

static REPLY: Mutex<Reply> = Mutex::new(Reply {
    status: 404,
    recipe: String::new(),
    body: Vec::new(),
});

/// Its address.
pub fn endpoint() -> &'static str {
    static ENDPOINT: OnceLock<String> = OnceLock::new();
    ENDPOINT.get_or_init(|| {
        let listener = TcpListener::bind("127.0.0.1:0").expect("the loopback has a port");
        let address = listener.local_addr().expect("it is bound");
        std::thread::spawn(move || {
            // Who hangs up is not waited for.
            for stream in listener.incoming().flatten() {
                let _ = attend(stream);
            }
        });
        format!("http://{address}")
    })
}

pub fn answer_with(reply: Reply) {
    *REPLY.lock().expect("nothing panics while it is held") = reply;
}

/// The variables of a function with two buckets in it.
pub fn variable(name: &str) -> Option<String> {
    let value = match name {
        "AWS_ACCESS_KEY_ID" | "AWS_SECRET_ACCESS_KEY" => "test",
        "AWS_REGION" => "us-east-1",
        "AWS_ENDPOINT_URL" => endpoint(),
        "GLITCH_UPLOAD_BUCKET" => "uploads",
        "GLITCH_RESULT_BUCKET" => "results",
        _ => return None,
    };
    Some(value.to_owned())
}

/// One request a connection: the client keeps none.
fn attend(stream: TcpStream) -> std::io::Result<()> {
    let mut reader = BufReader::new(&stream);
    let (mut line, mut length) = (String::new(), 0);
    reader.read_line(&mut line)?;
    let is_head = line.starts_with("HEAD");
    loop {
        line.clear();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.split_once(':') else {
            break;
        };
        if name.eq_ignore_ascii_case("content-length") {
            length = value.trim().parse().unwrap_or(0);
        }
    }
    std::io::copy(&mut reader.take(length), &mut std::io::sink())?;
    let reply = REPLY
        .lock()
        .expect("nothing panics while it is held")
        .clone();
    let (status, size) = (reply.status, reply.body.len());
    let can_be_sent = |letter: &char| (' '..='~').contains(letter);
    let recipe: String = reply.recipe.chars().filter(can_be_sent).collect();
    let head = format!(
        "HTTP/1.1 {status} X\r\ncontent-length: {size}\r\nx-amz-meta-recipe: {recipe}\r\nconnection: close\r\n\r\n"
    );
    (&stream).write_all(head.as_bytes())?;
    match is_head {
        true => Ok(()),
        false => (&stream).write_all(&reply.body),
    }
}
