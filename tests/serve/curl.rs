//! The real curl, in the ways in which people call it.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::pictures::{CAT, LARGE_JPEG, PORTRAIT, assert_glitched, by_command_line, fixture};
use crate::server::Server;
use crate::skip::skip;

/// A folder with pictures, in which curl is run, and a server.
struct Place {
    folder: tempfile::TempDir,
    server: Server,
}

/// `None` where there is no curl.
fn place(flags: &[&str]) -> Option<Place> {
    let curl = Command::new("curl").arg("--version").output();
    if !curl.is_ok_and(|output| output.status.success()) {
        skip("curl is not installed");
        return None;
    }
    let folder = tempfile::tempdir().unwrap();
    let files = [("pic.jpg", "portrait.jpg"), ("pic.png", "cat.png")];
    for (name, of) in files {
        fs::copy(fixture(of), folder.path().join(name)).unwrap();
    }
    let server = Server::start(flags);
    Some(Place { folder, server })
}

impl Place {
    /// Runs a line of shell in which `$URL` is the server; what it prints.
    #[track_caller]
    fn run(&self, line: &str) -> String {
        let mut shell = Command::new("sh");
        shell.args(["-c", line]).env("URL", self.server.url());
        // No settings and no proxy of whoever runs the tests.
        shell.env("HOME", self.folder.path()).env("NO_PROXY", "*");
        shell.env_remove("CURL_HOME").env_remove("XDG_CONFIG_HOME");
        shell.current_dir(self.folder.path()).stdin(Stdio::null());
        let output = shell.output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{line}: {said}");
        String::from_utf8(output.stdout).unwrap()
    }

    fn path(&self, name: &str) -> impl AsRef<Path> {
        self.folder.path().join(name)
    }

    fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).unwrap_or_else(|why| panic!("{name}: {why}"))
    }

    /// Runs a line that writes `out.jpg`, which has to be the portrait glitched with seed 7.
    #[track_caller]
    fn glitches_the_portrait(&self, line: &str) {
        self.run(line);
        let expected = by_command_line("portrait.jpg", "classic,seed=7");
        assert!(self.read("out.jpg") == expected, "{line}: other bytes");
    }

    /// Runs a line that sends `large.jpg` and writes `out.jpg` with the seed 7.
    #[track_caller]
    fn glitches_the_large_one(&self, line: &str) {
        fs::write(self.path("large.jpg"), &*LARGE_JPEG).unwrap();
        self.run(line);
        let out = self.read("out.jpg");
        // What is behind the picture stays.
        let expected = by_command_line("portrait.jpg", "classic,seed=7");
        assert!(out.starts_with(&expected), "{line}: other bytes");
        let tail = LARGE_JPEG.len() - PORTRAIT.len();
        assert_eq!(out.len(), expected.len() + tail, "{line}");
        assert!(out[expected.len()..].iter().all(|&byte| byte == b'~'));
    }

    /// Runs a line that sends `large.jpg` to a server that takes less, and prints the status.
    #[track_caller]
    fn is_too_large(&self, line: &str) {
        fs::write(self.path("large.jpg"), &*LARGE_JPEG).unwrap();
        assert_eq!(self.run(line), "413", "{line}");
        let problem: serde_json::Value = serde_json::from_slice(&self.read("out")).unwrap();
        assert_eq!(problem["type"], "/problems/too-large", "{line}");
        assert_eq!(problem["limit"], 2_000_000, "{line}");
    }
}

#[test]
fn the_line_of_the_readme() {
    let Some(place) = place(&[]) else { return };
    place.run("curl -X POST $URL --data-binary @pic.jpg -o glitched.jpg");
    assert_glitched(&place.read("glitched.jpg"), &PORTRAIT);
}

#[test]
fn a_png() {
    let Some(place) = place(&[]) else { return };
    place.run("curl -X POST $URL --data-binary @pic.png -o glitched.png");
    assert_glitched(&place.read("glitched.png"), &CAT);
    place.run(
        "curl -X POST \"$URL/?recipe=sort:400,replace:3&filter=paeth&seed=5\" --data-binary @pic.png -o seeded.png",
    );
    let expected = by_command_line("cat.png", "sort:400,replace:3,filter=paeth,seed=5");
    assert!(place.read("seeded.png") == expected);
}

#[test]
fn a_seed() {
    let Some(place) = place(&[]) else { return };
    let line = "curl -X POST \"$URL/?seed=7\" --data-binary @pic.jpg -o out.jpg";
    place.glitches_the_portrait(line);
}

#[test]
fn a_form() {
    let Some(place) = place(&[]) else { return };
    place.run("curl -F image=@pic.jpg $URL -o out.jpg");
    assert_glitched(&place.read("out.jpg"), &PORTRAIT);
    place.glitches_the_portrait("curl -F image=@pic.jpg -F seed=7 $URL -o out.jpg");
    place.glitches_the_portrait("curl -F seed=7 -F any=@pic.jpg $URL/ -o out.jpg");
    place.glitches_the_portrait("curl -F image=@- -F seed=7 $URL < pic.jpg -o out.jpg");
}

#[test]
fn an_upload() {
    let Some(place) = place(&[]) else { return };
    for url in ["$URL", "$URL/"] {
        place.run(&format!("curl -T pic.jpg {url} -o out.jpg"));
        assert_glitched(&place.read("out.jpg"), &PORTRAIT);
    }
    place.glitches_the_portrait("curl -T pic.jpg \"$URL/?seed=7\" -o out.jpg");
    place.glitches_the_portrait("curl -T pic.jpg \"$URL/pic.jpg?seed=7\" -o out.jpg");
}

#[test]
fn standard_input() {
    let Some(place) = place(&[]) else { return };
    let url = "\"$URL/?seed=7\"";
    place.glitches_the_portrait(&format!("curl --data-binary @- {url} < pic.jpg -o out.jpg"));
    place.glitches_the_portrait(&format!(
        "cat pic.jpg | curl --data-binary @- {url} > out.jpg"
    ));
    // In chunks: curl does not know the length.
    place.glitches_the_portrait(&format!("curl -T - {url} < pic.jpg -o out.jpg"));
    place.glitches_the_portrait(&format!("cat pic.jpg | curl -T - {url} > out.jpg"));
}

#[test]
fn base64() {
    let Some(place) = place(&[]) else { return };
    let url = "\"$URL/?seed=7\"";
    place.glitches_the_portrait(&format!("base64 pic.jpg | curl -d @- {url} -o out.jpg"));
    place.glitches_the_portrait(&format!(
        "base64 pic.jpg | curl --data-binary @- {url} -o out.jpg"
    ));
    place.glitches_the_portrait(&format!(
        "(printf data:image/jpeg\\;base64,; base64 pic.jpg) | curl -T - {url} -o out.jpg"
    ));
}

#[test]
fn a_large_picture_after_leave() {
    let Some(place) = place(&[]) else { return };
    place.glitches_the_large_one(
        "curl -H 'Expect: 100-continue' --data-binary @large.jpg \"$URL/?seed=7\" -o out.jpg",
    );
}

#[test]
fn a_large_picture_without_asking() {
    let Some(place) = place(&[]) else { return };
    place.glitches_the_large_one(
        "curl -H Expect: --data-binary @large.jpg \"$URL/?seed=7\" -o out.jpg",
    );
}

#[test]
fn a_large_picture_in_chunks() {
    let Some(place) = place(&[]) else { return };
    place.glitches_the_large_one("curl -T - \"$URL/?seed=7\" < large.jpg -o out.jpg");
}

#[test]
fn too_large_a_picture_after_leave() {
    let Some(place) = place(&["--max-bytes", "2M"]) else {
        return;
    };
    place.is_too_large(
        "curl -H 'Expect: 100-continue' --data-binary @large.jpg $URL -o out -w '%{http_code}'",
    );
}

#[test]
fn too_large_a_picture_without_asking() {
    let Some(place) = place(&["--max-bytes", "2M"]) else {
        return;
    };
    place.is_too_large("curl -H Expect: --data-binary @large.jpg $URL -o out -w '%{http_code}'");
}

#[test]
fn too_large_a_picture_in_chunks() {
    let Some(place) = place(&["--max-bytes", "2M"]) else {
        return;
    };
    let line = "curl -H Expect: -T - $URL < large.jpg -o out -w '%{http_code}'";
    place.is_too_large(line);
}

#[test]
fn the_address_alone_tells_how() {
    let Some(place) = place(&[]) else { return };
    let usage = place.run("curl $URL");
    let line = format!(
        "curl -X POST {}/ --data-binary @photo.jpg",
        place.server.url()
    );
    assert!(usage.contains(&line), "{usage}");
    assert!(!usage.contains('<'), "{usage}");
}

#[test]
fn the_headers_tell_how_to_have_it_again() {
    let Some(place) = place(&[]) else { return };
    let headers = place.run("curl -sD - $URL --data-binary @pic.jpg -o once.jpg");
    let field = |name: &str| {
        let mut lines = headers.lines();
        let value = lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
        value
            .unwrap_or_else(|| panic!("no {name} in {headers}"))
            .to_owned()
    };
    assert!(headers.starts_with("HTTP/1.1 200 OK\r\n"), "{headers}");
    assert_eq!(field("content-type"), "image/jpeg");
    let (seed, recipe) = (field("glitch-seed"), field("glitch-recipe"));
    assert_eq!(recipe, format!("classic,seed={seed}"));
    let name = format!("inline; filename=\"glitched-{seed}.jpg\"");
    assert_eq!(field("content-disposition"), name);
    place.run(&format!(
        "curl \"$URL/?recipe={recipe}\" --data-binary @pic.jpg -o again.jpg"
    ));
    assert!(place.read("again.jpg") == place.read("once.jpg"));
}

#[test]
fn the_head_alone() {
    let Some(place) = place(&[]) else { return };
    for path in ["/", "/healthz", "/sample.jpg", "/openapi.json"] {
        let head = place.run(&format!("curl -sI $URL{path}"));
        assert!(head.starts_with("HTTP/1.1 200 OK\r\n"), "{head}");
        let length = place.run(&format!(
            "curl -s $URL{path} -o body -w '%{{size_download}}'"
        ));
        assert!(
            head.contains(&format!("content-length: {length}\r\n")),
            "{head}"
        );
    }
}

#[test]
fn a_name_for_the_file() {
    let Some(place) = place(&[]) else { return };
    place.run("curl -sOJT pic.jpg $URL/");
    assert_glitched(&place.read("pic.glitched.jpg"), &PORTRAIT);
}
