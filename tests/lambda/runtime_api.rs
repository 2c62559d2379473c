//! The Lambda Runtime API, as far as a custom runtime asks it: hands out events one by one, and
//! takes what comes of them.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

/// An event with the id of its invocation.
pub struct Invocation {
    pub id: String,
    pub event: Vec<u8>,
}

/// Something that the runtime tells.
pub struct Post {
    pub path: String,
    /// The header `Lambda-Runtime-Function-Error-Type`.
    pub error_type: Option<String>,
    pub body: Vec<u8>,
}

pub struct RuntimeApi {
    pub address: SocketAddr,
    /// When the runtime asked for its first event.
    pub asked: Receiver<Instant>,
    events: Sender<Invocation>,
    posts: Receiver<Post>,
}

/// The ends of the channels that the connections share.
struct Shared {
    events: Mutex<Receiver<Invocation>>,
    asked: Sender<Instant>,
    posts: Sender<Post>,
}

/// Far more than anything takes: the end of a test that would hang.
const FOR_EVER: Duration = Duration::from_secs(120);

impl RuntimeApi {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (events, to_hand_out) = channel();
        let (asked, first_asked) = channel();
        let (posts, received) = channel();
        let shared = Arc::new(Shared {
            events: Mutex::new(to_hand_out),
            asked,
            posts,
        });
        thread::spawn(move || {
            for stream in listener.incoming() {
                let shared = Arc::clone(&shared);
                thread::spawn(move || shared.attend(&stream.unwrap()));
            }
        });
        RuntimeApi {
            address,
            asked: first_asked,
            events,
            posts: received,
        }
    }

    pub fn hand_out(&self, invocation: Invocation) {
        self.events.send(invocation).unwrap();
    }

    /// What the runtime tells next; `None` if it stays silent.
    pub fn post(&self) -> Option<Post> {
        self.posts.recv_timeout(FOR_EVER).ok()
    }
}

/// The head of an HTTP/1.1 request.
struct Head {
    method: String,
    path: String,
    headers: Vec<(String, String)>,
}

impl Head {
    /// `None` at the end of the connection.
    fn read(from: &mut impl BufRead) -> Option<Self> {
        let mut lines = Vec::new();
        loop {
            let mut line = String::new();
            if from.read_line(&mut line).ok()? == 0 {
                return None;
            }
            match line.trim_end() {
                "" => break,
                line => lines.push(line.to_owned()),
            }
        }
        let mut first = lines.first()?.split(' ').map(str::to_owned);
        let header = |line: &String| {
            let (name, value) = line.split_once(':').unwrap();
            (name.to_ascii_lowercase(), value.trim().to_owned())
        };
        Some(Head {
            method: first.next()?,
            path: first.next()?,
            headers: lines[1..].iter().map(header).collect(),
        })
    }

    fn header(&self, name: &str) -> Option<&str> {
        let header = self.headers.iter().find(|(each, _)| each == name);
        header.map(|(_, value)| value.as_str())
    }
}

impl Shared {
    /// Answers one connection's requests until its end. Errors are those of a runtime that ends.
    fn attend(&self, stream: &TcpStream) {
        let mut reader = BufReader::new(stream);
        while let Some(head) = Head::read(&mut reader) {
            let answer = match head.method.as_str() {
                "GET" => {
                    assert_eq!(head.path, "/2018-06-01/runtime/invocation/next");
                    self.next()
                }
                _ => self.take(&head, &mut reader),
            };
            let Some(answer) = answer else { return };
            let mut stream = stream;
            if stream.write_all(&answer).is_err() {
                return;
            }
        }
    }

    fn next(&self) -> Option<Vec<u8>> {
        // Nobody asks when the test is over.
        let _ = self.asked.send(Instant::now());
        let Invocation { id, event } = self.events.lock().unwrap().recv().ok()?;
        let deadline = std::time::UNIX_EPOCH.elapsed().unwrap() + Duration::from_secs(28);
        let mut answer = format!(
            "HTTP/1.1 200 OK\r\n\
             Content-Type: application/json\r\n\
             Lambda-Runtime-Aws-Request-Id: {id}\r\n\
             Lambda-Runtime-Deadline-Ms: {}\r\n\
             Lambda-Runtime-Invoked-Function-Arn: arn:aws:lambda:eu-central-1:123456789012:function:glitch\r\n\
             Lambda-Runtime-Trace-Id: Root=1-6922ad5c-0123456789abcdef01234567;Parent=0123456789abcdef;Sampled=0\r\n\
             Content-Length: {}\r\n\r\n",
            deadline.as_millis(),
            event.len(),
        )
        .into_bytes();
        answer.extend(event);
        Some(answer)
    }

    fn take(&self, head: &Head, reader: &mut impl Read) -> Option<Vec<u8>> {
        let length = head.header("content-length").unwrap().parse().unwrap();
        let mut body = vec![0; length];
        reader.read_exact(&mut body).ok()?;
        let error_type = head.header("lambda-runtime-function-error-type");
        let post = Post {
            path: head.path.clone(),
            error_type: error_type.map(str::to_owned),
            body,
        };
        self.posts.send(post).ok()?;
        Some(b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n".to_vec())
    }
}
