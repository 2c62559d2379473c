//! As much of S3 as is asked here: objects with their headers, in memory. It believes everything.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// An object: its headers with small letters, and its bytes.
#[derive(Clone, Debug, Default)]
pub struct Object {
    pub headers: BTreeMap<String, String>,
    pub bytes: Vec<u8>,
}

/// S3 on a free port.
#[derive(Clone)]
pub struct StandIn {
    pub endpoint: String,
    shared: Arc<Mutex<Shared>>,
}

#[derive(Default)]
struct Shared {
    /// By bucket and key, such as `uploads/0123`.
    objects: BTreeMap<String, Object>,
    /// What requests are answered instead, if anything.
    failing: Option<u16>,
    /// Every request as method and path, decoded.
    asked: Vec<String>,
}

impl StandIn {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let stand_in = StandIn {
            endpoint: format!("http://{}", listener.local_addr().unwrap()),
            shared: Arc::default(),
        };
        let shared = Arc::clone(&stand_in.shared);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let shared = Arc::clone(&shared);
                thread::spawn(move || attend(&stream.unwrap(), &shared));
            }
        });
        stand_in
    }

    /// Stores an object with these headers.
    pub fn put(&self, path: &str, headers: &[(&str, &str)], bytes: &[u8]) {
        let headers = headers.iter();
        let object = Object {
            headers: headers
                .map(|(n, v)| (n.to_string(), v.to_string()))
                .collect(),
            bytes: bytes.to_vec(),
        };
        let mut shared = self.shared.lock().unwrap();
        shared.objects.insert(path.to_owned(), object);
    }

    /// What is stored there.
    pub fn get(&self, path: &str) -> Option<Object> {
        self.shared.lock().unwrap().objects.get(path).cloned()
    }

    /// Lets every request be answered with this status.
    pub fn fail(&self, status: Option<u16>) {
        self.shared.lock().unwrap().failing = status;
    }

    /// What was asked since the last time.
    pub fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.shared.lock().unwrap().asked)
    }
}

/// Answers one request; the client asks each on a connection of its own.
fn attend(stream: &TcpStream, shared: &Mutex<Shared>) {
    let mut reader = BufReader::new(stream);
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) == 0 {
            return;
        }
        match line.trim_end() {
            "" => break,
            line => lines.push(line.to_owned()),
        }
    }
    let headers: BTreeMap<_, _> = lines[1..]
        .iter()
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_lowercase(), value.trim().to_owned()))
        .collect();
    let length = headers.get("content-length").map(|text| text.parse());
    let mut body = vec![0; length.map_or(0, Result::unwrap)];
    reader.read_exact(&mut body).unwrap();
    let mut first = lines[0].split(' ');
    let (method, target) = (first.next().unwrap(), first.next().unwrap());
    let path = target.split('?').next().unwrap().trim_start_matches('/');
    let path = percent_encoding::percent_decode_str(path);
    let path = path.decode_utf8().unwrap().into_owned();
    let mut shared = shared.lock().unwrap();
    shared.asked.push(format!("{method} {path}"));
    let (status, object) = match (shared.failing, method) {
        (Some(status), _) => (status, None),
        (None, "PUT") => {
            let kept = |name: &String| name == "content-type" || name.starts_with("x-amz-meta-");
            let headers = headers.into_iter().filter(|(name, _)| kept(name)).collect();
            let bytes = body;
            shared.objects.insert(path, Object { headers, bytes });
            (200, None)
        }
        _ => match shared.objects.get(&path) {
            Some(object) => (200, Some(object.clone())),
            None => (404, None),
        },
    };
    drop(shared);
    let object = object.unwrap_or_default();
    let mut answer = format!(
        "HTTP/1.1 {status} Told\r\nConnection: close\r\nContent-Length: {}\r\n",
        object.bytes.len()
    );
    for (name, value) in &object.headers {
        answer += &format!("{name}: {value}\r\n");
    }
    let mut answer = (answer + "\r\n").into_bytes();
    if method != "HEAD" {
        answer.extend(&object.bytes);
    }
    // Who asked may have given up.
    let _ = (&*stream).write_all(&answer);
}
