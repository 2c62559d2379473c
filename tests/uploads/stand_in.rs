//! As much of S3 as is asked here: objects with their headers, in memory. It believes everything.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::Duration;

/// An object: its headers with small letters, and its bytes.
#[derive(Clone, Debug, Default)]
pub struct Object {
    pub headers: BTreeMap<String, String>,
    pub bytes: Vec<u8>,
}

/// Far more than anything takes: the end of a test that would hang.
const FOR_EVER: Duration = Duration::from_secs(120);

/// S3 on a free port.
#[derive(Clone)]
pub struct StandIn {
    pub endpoint: String,
    shared: Arc<Mutex<Shared>>,
    /// Whenever something was asked, or is not held any more.
    changed: Arc<Condvar>,
}

#[derive(Default)]
struct Shared {
    /// By bucket and key, such as `uploads/0123`.
    objects: BTreeMap<String, Object>,
    /// What requests are answered instead, if anything.
    failing: Option<u16>,
    /// Whether copies fail after their status was sent.
    copies_break: bool,
    /// Every request as method and path, decoded.
    asked: Vec<String>,
    /// The request that is held, if any.
    held: Option<String>,
}

impl StandIn {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let stand_in = StandIn {
            endpoint: format!("http://{}", listener.local_addr().unwrap()),
            shared: Arc::default(),
            changed: Arc::default(),
        };
        let attended = stand_in.clone();
        thread::spawn(move || {
            for stream in listener.incoming() {
                let attended = attended.clone();
                thread::spawn(move || attended.attend(&stream.unwrap()));
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

    /// Holds a request, such as `GET uploads/0123`: nothing is done about it, nor answered, and the
    /// connection ends with the next call.
    pub fn hold(&self, request: Option<&str>) {
        self.shared.lock().unwrap().held = request.map(str::to_owned);
        self.changed.notify_all();
    }

    /// Waits for a request that is held.
    pub fn wait_for_held(&self) {
        let shared = self.shared.lock().unwrap();
        let waiting =
            |shared: &mut Shared| !shared.held.iter().any(|one| shared.asked.contains(one));
        let (_shared, waited) = self
            .changed
            .wait_timeout_while(shared, FOR_EVER, waiting)
            .unwrap();
        assert!(!waited.timed_out(), "what is held is not asked for");
    }

    /// Lets copies fail the way S3's do: with the status 200, and an error for a body.
    pub fn break_copies(&self) {
        self.shared.lock().unwrap().copies_break = true;
    }

    /// What was asked since the last time.
    pub fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.shared.lock().unwrap().asked)
    }
}

type Headers = BTreeMap<String, String>;

/// Those that S3 keeps with an object.
fn kept(headers: Headers) -> Headers {
    let kept = |name: &str| name == "content-type" || name.starts_with("x-amz-meta-");
    headers.into_iter().filter(|(name, _)| kept(name)).collect()
}

impl Shared {
    fn copy(&mut self, to: String, headers: Headers) -> (u16, Option<Object>) {
        let document = |text: &str| Object {
            bytes: text.as_bytes().to_vec(),
            ..Object::default()
        };
        let from = headers["x-amz-copy-source"].trim_start_matches('/');
        let Some(source) = self.objects.get(from).cloned() else {
            return (404, Some(document("<Error><Code>NoSuchKey</Code></Error>")));
        };
        if self.copies_break {
            let error = document("<Error><Code>InternalError</Code></Error>");
            return (200, Some(error));
        }
        assert_eq!(headers["x-amz-metadata-directive"], "REPLACE");
        let (headers, bytes) = (kept(headers), source.bytes);
        self.objects.insert(to, Object { headers, bytes });
        let done = document("<CopyObjectResult><ETag>0</ETag></CopyObjectResult>");
        (200, Some(done))
    }
}

impl StandIn {
    /// Answers one request; the client asks each on a connection of its own.
    fn attend(&self, stream: &TcpStream) {
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
        let request = format!("{method} {path}");
        let mut shared = self.shared.lock().unwrap();
        shared.asked.push(request.clone());
        self.changed.notify_all();
        if shared.held.as_ref() == Some(&request) {
            let held = |shared: &mut Shared| shared.held.is_some();
            drop(self.changed.wait_while(shared, held).unwrap());
            return;
        }
        let (status, object) = match (shared.failing, method) {
            (Some(status), _) => (status, None),
            (None, "PUT") if headers.contains_key("x-amz-copy-source") => {
                shared.copy(path, headers)
            }
            (None, "PUT") => {
                let (headers, bytes) = (kept(headers), body);
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
}
