//! SECURITY.md promises what tests hold, with the limits that the code has.

mod promises;

use axum::body::Body;
use axum::http::Request;
use glitch::Limits;
use glitch::http::{SETTINGS, Settings, router};
use promises::{assert_shown, files, quoted, read, root, rows, test_names};
use tower::ServiceExt;

const PAGE: &str = "SECURITY.md";
const HEAD: &str = "| promise | test | in |";

/// The two tables of promises: those that tests in Rust hold, and those of the CDK app.
fn tables(page: &str) -> [Vec<Vec<&str>>; 2] {
    let (ours, rest) = page.split_once("On AWS").unwrap();
    [ours, rest].map(|part| rows(part, HEAD))
}

#[test]
fn every_promise_has_a_test() {
    let page = read(PAGE);
    let [ours, cdk] = tables(&page);
    let mut exist = test_names("tests");
    exist.extend(test_names("src"));
    assert_shown(&ours, &exist);
    for row in cdk {
        let (name, place) = (quoted(row[1]).next(), quoted(row[2]).next());
        let line = format!("test('{}', ", name.unwrap());
        assert!(read(place.unwrap()).contains(&line), "there is no {line}");
    }
}

#[test]
fn the_limits_are_those_of_the_code() {
    let page = read(PAGE);
    let Limits { bytes, pixels } = Limits::default();
    let told = format!(
        "{} MiB a file and {} million pixels",
        bytes >> 20,
        pixels / 1_000_000
    );
    assert!(page.contains(&told), "{told}");
    let (local, lambda) = (Settings::default(), Settings::lambda());
    let rows = rows(&page, "| setting | server | on Lambda |");
    for row in &rows {
        let name = quoted(row[0]).next().unwrap();
        let setting = SETTINGS.iter().find(|setting| setting.name == name);
        let setting = setting.unwrap_or_else(|| panic!("there is no setting {name}"));
        assert_eq!(row[1], setting.get(&local), "{name}");
        assert!(
            row[2].is_empty() || row[2] == setting.get(&lambda),
            "{name}"
        );
    }
    let bounds = ["max-", "queue", "limit", "timeout", "time", "connections"];
    for setting in SETTINGS {
        let bounds = bounds.iter().any(|part| setting.name.contains(part));
        let told = rows
            .iter()
            .any(|row| row[0] == format!("`{}`", setting.name));
        assert!(!bounds || told, "{} is not told", setting.name);
    }
}

#[test]
fn what_happens_under_load_has_a_test() {
    let exist = test_names("tests");
    for row in rows(&read("docs/load.md"), "| | | test |") {
        let name = quoted(row[2]).next().unwrap_or_default();
        assert!(exist.contains(name), "there is no test {name}");
    }
}

/// The constants that no setting moves.
#[test]
fn the_fixed_limits_are_those_of_the_code() {
    let page = read(PAGE);
    for (file, line, told) in [
        (
            "src/recipe.rs",
            "MAX_STEPS: u64 = 100_000;",
            "100,000 steps",
        ),
        (
            "src/jpeg/container.rs",
            "MAX_PIECES: usize = 1 << 20;",
            "1,048,576 pieces",
        ),
        (
            "src/png/container.rs",
            "MAX_CHUNKS: usize = 1 << 20;",
            "or chunks a file",
        ),
        (
            "src/jpeg/container.rs",
            "MAX_INTERVALS: usize = 1 << 24;",
            "16,777,216 restart intervals",
        ),
        (
            "src/jpeg/plan.rs",
            "MAX_SCANS: usize = 1000;",
            "1,000 scans",
        ),
        (
            "src/http/serve.rs",
            "BUFFER: usize = 64 << 10;",
            "at most 64 KiB",
        ),
        (
            "src/http/upload.rs",
            "MOST_PARTS: usize = 100;",
            "a form 100 parts",
        ),
        (
            "src/http/upload.rs",
            "FIELD: usize = 64 << 10;",
            "no picture 64 KiB",
        ),
    ] {
        assert!(read(file).contains(line), "{file} has no {line}");
        assert!(page.contains(told), "{told}");
    }
}

#[test]
fn none_of_the_code_is_unsafe() {
    for root_file in [
        "src/lib.rs",
        "src/bin/glitch/main.rs",
        "src/bin/bootstrap.rs",
        "src/bin/worker.rs",
    ] {
        assert!(
            read(root_file).contains("#![forbid(unsafe_code)]"),
            "{root_file}"
        );
    }
    for file in files(&root().join("src"), "rs") {
        let source = read(&file);
        let code = source
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"));
        let used = code.flat_map(|line| line.split(|c: char| !c.is_alphanumeric() && c != '_'));
        assert!(
            used.into_iter().all(|word| word != "unsafe"),
            "{}",
            file.display()
        );
    }
}

/// No browser guesses another kind, nor lets another page have this one in a frame.
#[tokio::test]
async fn every_answer_is_taken_for_what_it_says() {
    let server = router(Settings::default());
    for path in [
        "/",
        "/recipes",
        "/sample.jpg",
        "/nowhere",
        "/healthz",
        "/openapi.json",
    ] {
        let request = Request::get(path).header("accept", "text/html");
        let request = request.body(Body::empty()).unwrap();
        let response = server.clone().oneshot(request).await.unwrap();
        let headers = response.headers();
        assert_eq!(headers["x-content-type-options"], "nosniff", "{path}");
        assert!(headers.contains_key("content-type"), "{path}");
        if path == "/" {
            let policy = headers["content-security-policy"].to_str().unwrap();
            for part in [
                "default-src 'none'",
                "base-uri 'none'",
                "frame-ancestors 'none'",
            ] {
                assert!(policy.contains(part), "{policy}");
            }
            assert!(headers.contains_key("referrer-policy"));
        }
    }
}
