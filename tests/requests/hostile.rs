//! What is meant to hurt.

use std::io::Write;

use super::cases::{Case, Manner, Wanted, fixture, multipart, part};
use super::client::{head, request};
use Wanted::{End, Nothing, Status, StatusOrEnd};

fn case(name: &'static str, weight: u32, status: Wanted, bytes: Vec<u8>) -> Case {
    Case {
        name,
        manner: Manner::Hostile,
        weight,
        bytes,
        status,
    }
}

pub fn all() -> Vec<Case> {
    let mut cases = pictures();
    cases.extend(headers());
    cases.extend(bodies());
    cases.extend(paths());
    cases
}

fn chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let length = u32::try_from(data.len()).expect("a chunk is short");
    let mut crc = flate2::Crc::new();
    crc.update(kind);
    crc.update(data);
    let length = length.to_be_bytes();
    [&length[..], kind, data, &crc.sum().to_be_bytes()].concat()
}

/// A grey PNG that says it has these sides, and whose data are so many zeros.
fn zeros((width, height): (u32, u32), count: usize) -> Vec<u8> {
    let mut header = [width.to_be_bytes(), height.to_be_bytes()].concat();
    header.extend_from_slice(&[8, 0, 0, 0, 0]);
    let mut data = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    let zeros = vec![0; 1 << 16];
    let mut left = count;
    while left > 0 {
        let some = left.min(zeros.len());
        data.write_all(&zeros[..some]).expect("memory takes it");
        left -= some;
    }
    let data = data.finish().expect("memory takes it");
    let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
    png.extend(chunk(b"IHDR", &header));
    png.extend(chunk(b"IDAT", &data));
    png.extend(chunk(b"IEND", b""));
    png
}

fn pictures() -> Vec<Case> {
    let post = |query: &str, picture: &[u8]| request("POST", &format!("/?{query}"), picture);
    let jpeg = fixture("jpeg/size-64x48.jpg");
    let many = vec!["sort:65536:times=10000"; 1000].join(",");
    vec![
        case(
            "a JPEG of 65500x65500",
            8,
            Status(422),
            post("", &fixture("broken/bad-65500x65500.jpg")),
        ),
        case(
            "a PNG of 65500x65500",
            8,
            Status(422),
            post("", &fixture("broken/bad-65500x65500.png")),
        ),
        case(
            "a PNG of 2^31 columns",
            8,
            Status(422),
            post("", &fixture("broken/bad-size-2-to-31.png")),
        ),
        case(
            "a zlib bomb",
            4,
            Status(200),
            post("seed=1", &fixture("broken/zlib-bomb.png")),
        ),
        case(
            "64 MiB in a PNG of 8x8",
            2,
            Status(200),
            post("seed=1", &zeros((8, 8), 64 << 20)),
        ),
        case(
            "4 million pixels in 4 kB",
            1,
            Status(200),
            post("seed=1", &zeros((2000, 2000), 2001 * 2000)),
        ),
        case(
            "a recipe of 1000 steps",
            4,
            Status(400),
            post(&format!("recipe={many}"), &jpeg),
        ),
    ]
}

fn headers() -> Vec<Case> {
    let long = format!("X-Long: {}\r\n", "x".repeat(1 << 20));
    let get = |fields: &str| head("GET", "/version", fields);
    vec![
        case(
            "200 header fields",
            4,
            Status(431),
            get(&"X-Many: x\r\n".repeat(200)),
        ),
        case("a header of 1 MiB", 1, StatusOrEnd(431), get(&long)),
        case(
            "a header of 50 kB",
            4,
            Status(200),
            get(&format!("X-Long: {}\r\n", "x".repeat(50_000))),
        ),
        case("a NUL in a header", 4, Status(400), get("X-Nul: a\0b\r\n")),
        case(
            "a header folded",
            4,
            Status(400),
            get("X-Fold: a\r\n b\r\n"),
        ),
        case("no HTTP", 4, Status(400), b"nonsense\r\n\r\n".to_vec()),
        case(
            "TLS",
            2,
            Status(400),
            b"\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03\r\n\r\n".to_vec(),
        ),
        case(
            "HTTP/2",
            2,
            End,
            b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec(),
        ),
    ]
}

fn bodies() -> Vec<Case> {
    let post = |fields: &str| head("POST", "/", fields);
    let with = |fields: &str, body: &[u8]| [&post(fields)[..], body].concat();
    let chunked = "Transfer-Encoding: chunked\r\n";
    let fields = part("seed", "1").repeat(20_000) + "--XyZ--\r\n";
    let both = "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n";
    vec![
        case(
            "a length of 9 EB",
            4,
            Status(413),
            post("Content-Length: 9223372036854775807\r\nExpect: 100-continue\r\n"),
        ),
        case(
            "a length too long",
            4,
            Status(400),
            post("Content-Length: 99999999999999999999999\r\n"),
        ),
        case(
            "a length below 0",
            4,
            Status(400),
            post("Content-Length: -3\r\n"),
        ),
        case(
            "two lengths",
            4,
            Status(400),
            with("Content-Length: 3\r\nContent-Length: 4\r\n", b"abc"),
        ),
        case(
            "a coding that there is not",
            4,
            Status(400),
            post("Transfer-Encoding: gzip\r\n"),
        ),
        case(
            "chunks that are none",
            4,
            Status(400),
            with(chunked, b"rubbish\r\n\r\n"),
        ),
        case(
            "a chunk of 2^72 bytes",
            4,
            Status(400),
            with(chunked, b"ffffffffffffffffff\r\nabc"),
        ),
        case(
            "length and chunks",
            2,
            Status(400),
            with(both, b"0\r\n\r\nGET /metrics HTTP/1.1\r\n\r\n"),
        ),
        case(
            "a form of 20,000 parts",
            2,
            Status(400),
            multipart(fields.as_bytes()),
        ),
        case(
            "hangs up in its body",
            4,
            Nothing,
            with(
                "Content-Length: 54000\r\n",
                &fixture("portrait.jpg")[..20_000],
            ),
        ),
        case(
            "hangs up in its header",
            4,
            Nothing,
            b"POST / HTTP/1.1\r\nHost: loc".to_vec(),
        ),
        case(
            "hangs up before its answer",
            4,
            Nothing,
            request("POST", "/?seed=1", &fixture("portrait.jpg")),
        ),
    ]
}

fn paths() -> Vec<Case> {
    let get = |path: &str| request("GET", path, b"");
    let long = "x".repeat(40_000);
    vec![
        case(
            "up and away",
            4,
            Status(404),
            get("/../../../../etc/passwd"),
        ),
        case(
            "up and away, in code",
            4,
            Status(404),
            get("/%2e%2e/%2e%2e/etc/passwd"),
        ),
        case(
            "no UTF-8 in a path",
            4,
            Status(404),
            get("/problems/%ff%00"),
        ),
        case(
            "a path round a path",
            4,
            Status(404),
            get("/healthz/../metrics"),
        ),
        case("a path of 40 kB", 2, Status(404), get(&format!("/{long}"))),
        case(
            "a query of 40 kB",
            2,
            Status(400),
            request("POST", &format!("/?seed={long}"), b"x"),
        ),
        case(
            "a query of 3000 parameters",
            2,
            Status(400),
            request("POST", &format!("/?{}", "a=b&".repeat(3000)), b"x"),
        ),
        case(
            "a name with folders",
            4,
            Status(200),
            request(
                "PUT",
                "/..%2f..%2fetc%2fpasswd%0d%0aX:y",
                &fixture("jpeg/size-64x48.jpg"),
            ),
        ),
    ]
}
