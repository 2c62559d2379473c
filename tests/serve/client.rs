//! A client without manners: sends what it is given and reads what comes.

use std::io::{ErrorKind, Write};
use std::net::TcpStream;

use serde_json::Value;

use crate::requests::client::read_some;
use crate::server::Server;
use crate::{DEADLINE, until};

pub struct Client(TcpStream);

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    /// Status line and fields.
    head: String,
    pub body: Vec<u8>,
}

/// A whole request.
pub fn request(method: &str, path: &str, body: &[u8]) -> Vec<u8> {
    let mut request = head(method, path, body.len());
    request.extend_from_slice(body);
    request
}

/// The head of a request whose body is to have so many bytes.
pub fn head(method: &str, path: &str, length: usize) -> Vec<u8> {
    head_with(method, path, &format!("Content-Length: {length}\r\n"))
}

/// The head of a request with these fields.
pub fn head_with(method: &str, path: &str, fields: &str) -> Vec<u8> {
    format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n").into_bytes()
}

impl Client {
    pub fn connect(server: &Server) -> Self {
        Client::try_connect(server).unwrap()
    }

    pub fn try_connect(server: &Server) -> std::io::Result<Self> {
        let stream = TcpStream::connect(&server.address)?;
        stream.set_read_timeout(Some(DEADLINE))?;
        stream.set_write_timeout(Some(DEADLINE))?;
        Ok(Client(stream))
    }

    #[track_caller]
    pub fn send(&mut self, bytes: &[u8]) {
        self.0.write_all(bytes).unwrap();
    }

    /// Sends to a server that may have closed the connection.
    pub fn try_send(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.0.write_all(bytes)
    }

    /// Reads one answer.
    #[track_caller]
    pub fn answer(&mut self) -> Answer {
        let mut read = Vec::new();
        let end = loop {
            if let Some(end) = find(&read, b"\r\n\r\n") {
                break end + 4;
            }
            self.read_more(&mut read);
        };
        let head = String::from_utf8(read[..end].to_vec()).unwrap();
        let status = head.split(' ').nth(1).and_then(|text| text.parse().ok());
        let mut answer = Answer {
            status: status.unwrap_or_else(|| panic!("{head}")),
            head,
            body: read.split_off(end),
        };
        let length = answer.header("content-length").map(str::parse);
        let length: usize = length.unwrap_or_else(|| panic!("{answer:?}")).unwrap();
        while answer.body.len() < length {
            self.read_more(&mut answer.body);
        }
        assert_eq!(answer.body.len(), length);
        answer
    }

    #[track_caller]
    fn read_more(&mut self, bytes: &mut Vec<u8>) {
        let mut piece = [0; 1 << 16];
        let read = read_some(&mut self.0, &mut piece).unwrap();
        assert!(read > 0, "the connection ended in an answer");
        bytes.extend_from_slice(&piece[..read]);
    }

    /// Waits for the end of the connection, an orderly one or not; all that came before it.
    #[track_caller]
    pub fn rest(&mut self) -> Vec<u8> {
        let mut rest = Vec::new();
        let mut piece = [0; 1 << 16];
        loop {
            match read_some(&mut self.0, &mut piece) {
                Ok(0) => return rest,
                Ok(read) => rest.extend_from_slice(&piece[..read]),
                Err(error) if is_gone(&error) => return rest,
                Err(error) => panic!("the connection did not end: {error}"),
            }
        }
    }

    /// Whether there is something to read.
    pub fn hears(&self) -> bool {
        self.0.set_nonblocking(true).unwrap();
        let heard = self.0.peek(&mut [0]);
        self.0.set_nonblocking(false).unwrap();
        !heard.is_err_and(|error| error.kind() == ErrorKind::WouldBlock)
    }
}

fn is_gone(error: &std::io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted | ErrorKind::BrokenPipe
    )
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes
        .windows(wanted.len())
        .position(|window| window == wanted)
}

/// Waits for the first of these clients to be answered, and takes it out.
#[track_caller]
pub fn first_answer(clients: &mut Vec<Client>) -> Answer {
    let index = until("an answer", || clients.iter().position(Client::hears));
    clients.remove(index).answer()
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        let fields = self.head.lines().skip(1);
        let mut fields = fields.filter_map(|line| line.split_once(": "));
        let field = fields.find(|(field, _)| field.eq_ignore_ascii_case(name));
        field.map(|(_, value)| value)
    }

    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    /// The body, which has to be JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|why| panic!("{why}: {self:?}"))
    }

    /// Asserts that all went well.
    #[track_caller]
    pub fn fine(self) -> Self {
        assert_eq!(
            self.status,
            200,
            "{:?}",
            String::from_utf8_lossy(&self.body)
        );
        self
    }

    /// Asserts that it is this problem, as a document.
    #[track_caller]
    pub fn assert_problem(&self, status: u16, name: &str) {
        assert_eq!(self.status, status, "{}", self.head);
        let kind = self.header("content-type");
        assert_eq!(kind, Some("application/problem+json"), "{}", self.head);
        let document = self.json();
        assert_eq!(document["status"], status, "{document}");
        assert_eq!(document["type"], format!("/problems/{name}"), "{document}");
        assert!(
            document["detail"]
                .as_str()
                .is_some_and(|detail| detail.len() > 10)
        );
    }

    /// Asserts that it sends the client away for a second.
    #[track_caller]
    pub fn assert_full(&self) {
        self.assert_problem(503, "full");
        assert_eq!(self.header("retry-after"), Some("1"));
    }
}
