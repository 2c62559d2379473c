//! The same against the S3 of MiniStack, which checks what it is sent: `pip install -r
//! tests/uploads/requirements.txt`.

use std::net::{TcpListener, TcpStream};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use axum::Router;

use glitch::Cancel;

use super::event::{messages, stored};
use super::skip::skip;
use super::{ask, fixture, get, glitched, result_of, settings, variables, worker};

/// MiniStack on a free port, in a group of its own: it leaves children behind.
pub struct MiniStack {
    process: Child,
    pub endpoint: String,
    _home: tempfile::TempDir,
}

/// The Python of `GLITCH_PYTHON` (a virtual environment, say) or else `python3`, if it has
/// MiniStack.
fn python() -> Option<PathBuf> {
    let python = std::env::var_os("GLITCH_PYTHON").map(PathBuf::from);
    let python = python.unwrap_or_else(|| "python3".into());
    let mut probe = Command::new(&python);
    let probe = probe.args(["-c", "import ministack"]).output();
    if !probe.is_ok_and(|output| output.status.success()) {
        skip(&format!("{} has no ministack", python.display()));
        return None;
    }
    if Command::new("curl").arg("--version").output().is_err() {
        skip("curl is missing");
        return None;
    }
    Some(python)
}

/// Far more than anything takes: the end of a test that would hang.
const FOR_EVER: Duration = Duration::from_secs(120);

impl MiniStack {
    /// `None` where it is not installed.
    pub fn start() -> Option<Self> {
        MiniStack::launch("false")
    }

    /// One that asks for permissions, and heeds the CORS rules of buckets: else it has none for
    /// anybody, and lets all pages in.
    pub fn strict() -> Option<Self> {
        MiniStack::launch("true")
    }

    fn launch(auth: &str) -> Option<Self> {
        let python = python()?;
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = free.local_addr().unwrap().port();
        drop(free);
        let home = tempfile::tempdir().unwrap();
        let process = Command::new(python)
            .args(["-c", "from ministack.app import main; main()"])
            .env_clear()
            .envs(std::env::vars_os().filter(|(name, _)| name == "PATH"))
            .env("HOME", home.path())
            .env("BIND_HOST", "127.0.0.1")
            .env("GATEWAY_PORT", port.to_string())
            .env("IOT_MTLS_ENABLED", "0")
            .env("AUTH", auth)
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .current_dir(home.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .unwrap();
        let mut started = MiniStack {
            process,
            endpoint: format!("http://127.0.0.1:{port}"),
            _home: home,
        };
        started.wait(port);
        for bucket in ["uploads", "results"] {
            started.owner("s3", &["-X", "PUT", &format!("/{bucket}")]);
        }
        Some(started)
    }

    /// What curl gets at the path, the last argument, with the signature of the account's owner.
    pub fn owner(&self, service: &str, arguments: &[&str]) -> String {
        let (path, options) = arguments.split_last().unwrap();
        let output = Command::new("curl")
            .args(["-sS", "--fail-with-body", "--noproxy", "*"])
            .args(["--user", "test:test", "--aws-sigv4"])
            .arg(format!("aws:amz:us-east-1:{service}"))
            .args(options)
            .arg(format!("{}{path}", self.endpoint))
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// The variables of a function; no session, for MiniStack knows its own alone.
    pub fn variables(&self) -> Vec<(&'static str, String)> {
        let mut variables = variables(&self.endpoint);
        variables.retain(|(name, _)| *name != "AWS_SESSION_TOKEN");
        variables
    }

    fn server(&self) -> Router {
        glitch::http::router(settings(&self.variables()).unwrap())
    }

    fn wait(&mut self, port: u16) {
        let start = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(start.elapsed() < FOR_EVER, "MiniStack does not listen");
            assert!(self.process.try_wait().unwrap().is_none(), "it has ended");
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for MiniStack {
    fn drop(&mut self) {
        let group = format!("-{}", self.process.id());
        let _ = Command::new("kill").args(["-9", "--", &group]).status();
        let _ = self.process.wait();
    }
}

/// Runs the command of an answer beside a `photo.jpg`.
fn run(command: &str, photo: &[u8]) -> Output {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("photo.jpg"), photo).unwrap();
    let command = command.replacen("curl ", "curl -s --noproxy '*' -i ", 1);
    let mut shell = Command::new("sh");
    let shell = shell.args(["-c", &command]).current_dir(folder.path());
    shell.output().unwrap()
}

/// The headers, in small letters, and the bytes that curl gets there.
fn follow(url: &str) -> (String, Vec<u8>) {
    let folder = tempfile::tempdir().unwrap();
    let shown = folder.path().join("shown");
    let output = Command::new("curl")
        .args(["-s", "--noproxy", "*", "-D", "-", url, "-o"])
        .arg(&shown)
        .output()
        .unwrap();
    let headers = String::from_utf8(output.stdout).unwrap().to_lowercase();
    (headers, std::fs::read(&shown).unwrap())
}

#[tokio::test]
async fn the_command_of_the_form_leads_to_a_result_and_its_rules_hold() {
    let Some(s3) = MiniStack::start() else { return };
    let server = s3.server();
    let photo = fixture("portrait.jpg");
    let told = ask(&server, "POST", "/uploads?seed=7", b"").await.json();
    let command = told["curl"].as_str().unwrap();
    let said = run(command, &photo).stdout;
    let said = String::from_utf8_lossy(&said).into_owned();
    assert!(said.starts_with("HTTP/1.1 204"), "{said}");

    let result = told["result"].as_str().unwrap();
    assert_eq!(get(&server, result).await.status, 202);
    let key = told["upload"]["fields"]["key"].as_str().unwrap();
    let event = messages(&[stored(key).to_string()]);
    let worker = worker(&s3.variables());
    let answer = tokio::task::spawn_blocking(move || worker.answer(&event, &Cancel::default()));
    let failed = &answer.await.unwrap().unwrap()["batchItemFailures"];
    assert_eq!(*failed, serde_json::json!([]));

    let answer = get(&server, result).await;
    assert_eq!(answer.status, 303, "{answer:?}");
    assert_eq!(answer.header("glitch-recipe"), "classic,seed=7");
    let (headers, shown) = follow(answer.header("location"));
    assert_eq!(shown, glitched(&photo, "seed=7").bytes, "{headers}");
    assert!(headers.contains("content-type: image/jpeg"), "{headers}");
    assert!(headers.contains("filename=\"glitched-7.jpg\""), "{headers}");

    for (wrong, with) in [
        (
            command.replace("classic,seed=7", "classic,seed=8"),
            &photo[..],
        ),
        (command.to_owned(), &[7; 300_001]),
    ] {
        let said = run(&wrong, with).stdout;
        let said = String::from_utf8_lossy(&said).into_owned();
        assert!(said.starts_with("HTTP/1.1 4"), "{said}");
    }
}

#[tokio::test]
async fn an_upload_is_copied_with_another_recipe() {
    let Some(s3) = MiniStack::start() else { return };
    let server = s3.server();
    let photo = fixture("portrait.jpg");
    let told = ask(&server, "POST", "/uploads?seed=7", b"").await.json();
    run(told["curl"].as_str().unwrap(), &photo);
    let key = told["upload"]["fields"]["key"].as_str().unwrap();

    let path = format!("/uploads?of={key}&recipe=sort:400&seed=8");
    let copied = ask(&server, "POST", &path, b"").await;
    assert_eq!(copied.status, 202, "{copied:?}");
    let result = copied.header("location");
    let listed = Command::new("curl")
        .args(["-s", "--noproxy", "*", &format!("{}/uploads", s3.endpoint)])
        .output()
        .unwrap();
    let listed = String::from_utf8(listed.stdout).unwrap();
    let keys = listed.split("<Key>").skip(1);
    let mut keys = keys.map(|rest| rest.split('<').next().unwrap());
    let copy = keys.find(|listed| *listed != key).unwrap();
    assert_eq!(result, format!("/results/{}", result_of(copy)));
    let event = messages(&[stored(copy).to_string()]);
    let worker = worker(&s3.variables());
    let answer = tokio::task::spawn_blocking(move || worker.answer(&event, &Cancel::default()));
    let failed = &answer.await.unwrap().unwrap()["batchItemFailures"];
    assert_eq!(*failed, serde_json::json!([]));
    let answer = get(&server, result).await;
    assert_eq!(answer.header("glitch-recipe"), "sort:len=400,seed=8");
    let (_, shown) = follow(answer.header("location"));
    assert_eq!(shown, glitched(&photo, "sort:400,seed=8").bytes);

    let missing = path.replace(key, &"0".repeat(32));
    let missing = ask(&server, "POST", &missing, b"").await;
    missing.problem(404, "not-found");
}
