//! The table: each request by a name, how often it comes, and the status of its answer.

use std::path::Path;

use super::client::{head, request};
use super::hostile;

/// A request of the table.
pub struct Case {
    pub name: &'static str,
    pub manner: Manner,
    /// How often it comes, beside the others.
    pub weight: u32,
    pub bytes: Vec<u8>,
    pub status: Wanted,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Manner {
    Good,
    Broken,
    Hostile,
}

/// What is to come back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// This status.
    Status(u16),
    /// This status, unless the server has closed the connection on what it still was sent.
    StatusOrEnd(u16),
    /// Nothing: the server ends the connection.
    End,
    /// Nothing: the client hangs up.
    Nothing,
}

use Manner::{Broken, Good};
use Wanted::Status;

pub fn fixture(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures")
        .join(name);
    std::fs::read(&path).unwrap_or_else(|why| panic!("{}: {why}", path.display()))
}

/// All of them.
pub fn all() -> Vec<Case> {
    let mut cases = pictures();
    cases.extend(forms());
    cases.extend(pages());
    cases.extend(broken_pictures());
    cases.extend(broken_requests());
    cases.extend(hostile::all());
    cases
}

fn case(name: &'static str, (manner, weight): (Manner, u32), status: u16, bytes: Vec<u8>) -> Case {
    let status = Status(status);
    Case {
        name,
        manner,
        weight,
        bytes,
        status,
    }
}

fn post(query: &str, picture: &[u8]) -> Vec<u8> {
    request("POST", &format!("/?{query}"), picture)
}

/// Pictures to be glitched.
fn pictures() -> Vec<Case> {
    let rows: [(&'static str, u32, &str, &str); 19] = [
        ("a JPEG", 8, "recipe=classic", "jpeg/sampling-420.jpg"),
        ("a JPEG with a seed", 8, "seed=7", "jpeg/size-64x48.jpg"),
        (
            "a progressive JPEG",
            4,
            "recipe=bars",
            "jpeg/progressive-ten-scans.jpg",
        ),
        (
            "a JPEG with restart markers",
            4,
            "recipe=slices",
            "jpeg/restart-row.jpg",
        ),
        ("a CMYK JPEG", 2, "recipe=tint", "jpeg/cmyk-adobe.jpg"),
        (
            "a thumbnail dropped",
            2,
            "thumbnail=drop",
            "jpeg/exif-thumbnail.jpg",
        ),
        ("metadata stripped", 2, "strip=metadata", "jpeg/xmp.jpg"),
        ("a JPEG of one pixel", 2, "recipe=melt", "jpeg/size-1x1.jpg"),
        ("a photograph", 3, "seed=1", "portrait.jpg"),
        (
            "a progressive photograph",
            1,
            "seed=1",
            "portrait-progressive.jpg",
        ),
        ("a PNG", 8, "recipe=shatter", "png/rgb-8.png"),
        ("a PNG with a palette", 4, "seed=3", "png/palette-8.png"),
        ("an interlaced PNG", 4, "filter=up", "png/rgba-16-adam7.png"),
        ("an APNG", 2, "recipe=comets", "png/apng-small-frames.png"),
        ("a PNG not looked at", 2, "verify=false", "png/grey-8.png"),
        ("a large PNG", 1, "seed=2", "cat.png"),
        (
            "a random recipe",
            4,
            "recipe=random",
            "jpeg/sampling-444.jpg",
        ),
        ("a JPEG cut off", 4, "seed=5", "broken/truncated-half.jpg"),
        ("a PNG without end", 2, "seed=5", "broken/no-iend.png"),
    ];
    let picture = |(name, weight, query, file): (&'static str, u32, &str, &str)| {
        case(name, (Good, weight), 200, post(query, &fixture(file)))
    };
    rows.map(picture).into()
}

/// Other ways to send one.
fn forms() -> Vec<Case> {
    use base64::Engine;
    let small = fixture("jpeg/size-64x48.jpg");
    let base64 = base64::engine::general_purpose::STANDARD.encode(&small);
    let url = format!("data:image/jpeg;base64,{base64}");
    let fields = format!(
        "Content-Type: image/png\r\nContent-Length: {}\r\n",
        small.len()
    );
    let mut wrong_type = head("POST", "/", &fields);
    wrong_type.extend_from_slice(&small);
    vec![
        case("a form", (Good, 4), 200, form(&small)),
        case("base64", (Good, 4), 200, post("seed=1", base64.as_bytes())),
        case("a data: URL", (Good, 4), 200, post("", url.as_bytes())),
        case("chunks", (Good, 4), 200, chunked(&small)),
        case(
            "put",
            (Good, 2),
            200,
            request("PUT", "/a/photo.jpg", &small),
        ),
        case(
            "inspected",
            (Good, 4),
            200,
            request("POST", "/inspect", &small),
        ),
        case("called a PNG", (Broken, 2), 200, wrong_type),
    ]
}

const BOUNDARY: &str = "XyZ";

/// A multipart/form-data request with this in its body.
pub fn multipart(body: &[u8]) -> Vec<u8> {
    let fields = format!(
        "Content-Type: multipart/form-data; boundary={BOUNDARY}\r\nContent-Length: {}\r\n",
        body.len()
    );
    let mut bytes = head("POST", "/", &fields);
    bytes.extend_from_slice(body);
    bytes
}

fn form(picture: &[u8]) -> Vec<u8> {
    let mut body = part("recipe", "bars").into_bytes();
    body.extend_from_slice(
        format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"image\"; filename=\"a.jpg\"\r\n\r\n")
            .as_bytes(),
    );
    body.extend_from_slice(picture);
    body.extend_from_slice(format!("\r\n--{BOUNDARY}--\r\n").as_bytes());
    multipart(&body)
}

/// A field of a form.
pub fn part(name: &str, value: &str) -> String {
    let disposition = format!("Content-Disposition: form-data; name=\"{name}\"");
    format!("--{BOUNDARY}\r\n{disposition}\r\n\r\n{value}\r\n")
}

fn chunked(picture: &[u8]) -> Vec<u8> {
    let mut bytes = head("POST", "/?seed=1", "Transfer-Encoding: chunked\r\n");
    for piece in picture.chunks(500) {
        bytes.extend_from_slice(format!("{:x}\r\n", piece.len()).as_bytes());
        bytes.extend_from_slice(piece);
        bytes.extend_from_slice(b"\r\n");
    }
    bytes.extend_from_slice(b"0\r\n\r\n");
    bytes
}

/// What is asked for without a picture.
fn pages() -> Vec<Case> {
    let get = |path| request("GET", path, b"");
    vec![
        case("usage", (Good, 2), 200, get("/")),
        case(
            "the page",
            (Good, 2),
            200,
            head("GET", "/", "Accept: text/html\r\n"),
        ),
        case("health", (Good, 2), 200, get("/healthz")),
        case("recipes", (Good, 2), 200, get("/recipes")),
        case("the version", (Good, 2), 200, get("/version")),
        case("the interface", (Good, 2), 200, get("/openapi.json")),
        case("the sample", (Good, 2), 200, get("/sample.jpg")),
        case("a problem", (Good, 2), 200, get("/problems/full")),
    ]
}

/// What is no picture, or a broken one.
fn broken_pictures() -> Vec<Case> {
    let mangled = String::from_utf8_lossy(&fixture("jpeg/sampling-420.jpg")).into_owned();
    let noise: Vec<u8> = (0..5000_u32)
        .map(|at| (at.wrapping_mul(2_654_435_761) >> 24) as u8)
        .collect();
    let broken = |name, status, bytes: &[u8]| case(name, (Broken, 4), status, post("", bytes));
    vec![
        broken("noise", 415, &noise),
        broken("text", 415, b"hello there, this is no picture"),
        broken("a GIF", 415, &fixture("other/gif.gif")),
        broken("a JPEG decoded as text", 415, mangled.as_bytes()),
        broken("base64 of nothing", 415, b"data:image/jpeg,nothing"),
        broken(
            "a PNG of a header",
            422,
            &fixture("broken/bad-only-header.png"),
        ),
        broken(
            "a PNG without data",
            422,
            &fixture("broken/bad-no-idat.png"),
        ),
        broken("half a PNG", 422, &fixture("broken/bad-not-zlib.png")),
        broken(
            "a JPEG without a scan",
            422,
            &fixture("broken/bad-no-sos.jpg"),
        ),
        broken(
            "a JPEG of no width",
            422,
            &fixture("broken/bad-width-0.jpg"),
        ),
        broken(
            "an arithmetic JPEG",
            422,
            &fixture("unsupported/arithmetic-sequential.jpg"),
        ),
        broken("a lossless JPEG", 422, &fixture("unsupported/lossless.jpg")),
    ]
}

/// Requests that ask for what there is not.
fn broken_requests() -> Vec<Case> {
    let small = fixture("jpeg/size-64x48.jpg");
    let broken = |name, status, bytes| case(name, (Broken, 3), status, bytes);
    vec![
        broken("no body", 400, post("", b"")),
        broken("no length", 400, head("POST", "/", "")),
        broken(
            "a pass that there is not",
            400,
            post("recipe=molten", &small),
        ),
        broken("a setting out of range", 400, post("amount=101", &small)),
        broken(
            "a parameter that there is not",
            400,
            post("speed=7", &small),
        ),
        broken("a seed twice", 400, post("seed=1&seed=2", &small)),
        broken("a pass for PNGs", 400, post("recipe=graft", &small)),
        broken(
            "a form of no file",
            400,
            multipart(part("seed", "1").as_bytes()),
        ),
        broken(
            "a form that breaks off",
            400,
            multipart(b"--XyZ\r\nContent-Disp"),
        ),
        broken("a form without its boundary", 400, multipart(&small[2..])),
        broken("no such path", 404, request("POST", "/nowhere", &small)),
        broken("no such method", 405, request("DELETE", "/", b"")),
        broken("posted to a page", 405, request("POST", "/recipes", &small)),
    ]
}
