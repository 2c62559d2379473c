//! A connection that sends whatever bytes it is given, and reads one answer at a time.

use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// Longer than the server takes for anything.
const PATIENCE: Duration = Duration::from_secs(120);

pub struct Connection(TcpStream);

/// What came back.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    /// Status line and fields.
    pub head: String,
    pub body: Vec<u8>,
}

impl Reply {
    pub fn header(&self, name: &str) -> Option<&str> {
        let fields = self.head.lines().filter_map(|line| line.split_once(": "));
        let mut named = fields.filter(|(field, _)| field.eq_ignore_ascii_case(name));
        named.next().map(|(_, value)| value)
    }

    /// Of a request whose client did not wait for one.
    pub fn nothing() -> Self {
        Reply {
            status: 0,
            head: String::new(),
            body: Vec::new(),
        }
    }

    /// Whether the server closes the connection behind it.
    pub fn is_last(&self) -> bool {
        self.header("connection") == Some("close")
    }
}

/// A whole request.
pub fn request(method: &str, path: &str, body: &[u8]) -> Vec<u8> {
    let mut request = head(method, path, &format!("Content-Length: {}\r\n", body.len()));
    request.extend_from_slice(body);
    request
}

/// The head of a request with these fields.
pub fn head(method: &str, path: &str, fields: &str) -> Vec<u8> {
    format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n").into_bytes()
}

impl Connection {
    /// To a server by its host and port.
    pub fn open(address: &str) -> io::Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        Ok(Connection(stream))
    }

    pub fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.write_all(bytes)
    }

    /// Sends a request and reads its answer.
    pub fn exchange(&mut self, request: &[u8]) -> io::Result<Reply> {
        // The server may have answered before it had all of it.
        let sent = self.send(request);
        self.answer().map_err(|error| sent.err().unwrap_or(error))
    }

    pub fn answer(&mut self) -> io::Result<Reply> {
        let mut read = Vec::new();
        let end = loop {
            if let Some(end) = read.windows(4).position(|four| four == b"\r\n\r\n") {
                break end + 4;
            }
            self.more(&mut read)?;
        };
        let body = read.split_off(end);
        let head = String::from_utf8(read).map_err(|_| strange("a header that is no text"))?;
        let status = head.split(' ').nth(1).and_then(|text| text.parse().ok());
        let mut reply = Reply {
            status: status.ok_or_else(|| strange("no status"))?,
            head,
            body,
        };
        let length = reply
            .header("content-length")
            .and_then(|text| text.parse().ok());
        let length: usize = length.ok_or_else(|| strange("no length"))?;
        reply
            .body
            .reserve_exact(length.saturating_sub(reply.body.len()));
        while reply.body.len() < length {
            self.more(&mut reply.body)?;
        }
        match reply.body.len() == length {
            true => Ok(reply),
            false => Err(strange("more bytes than the length")),
        }
    }

    fn more(&mut self, bytes: &mut Vec<u8>) -> io::Result<()> {
        let mut piece = [0; 1 << 16];
        match read_some(&mut self.0, &mut piece)? {
            0 => Err(ErrorKind::UnexpectedEof.into()),
            read => {
                bytes.extend_from_slice(&piece[..read]);
                Ok(())
            }
        }
    }

    /// Waits until the server ends the connection.
    pub fn wait_for_end(&mut self) -> io::Result<()> {
        loop {
            match read_some(&mut self.0, &mut [0; 1 << 10]) {
                Ok(0) => return Ok(()),
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::ConnectionReset => return Ok(()),
                Err(error) => return Err(error),
            }
        }
    }
}

/// Reads what has come. A process that was paused goes on with an interrupted read if that has a
/// timeout.
pub fn read_some(stream: &mut TcpStream, bytes: &mut [u8]) -> io::Result<usize> {
    loop {
        match stream.read(bytes) {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            read => return read,
        }
    }
}

fn strange(what: &str) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, what)
}
