//! The limits of Lambda are met by answers of our own: its own are a bare 413, 500 or 502.

use glitch::http::Settings;

use super::bootstrap::Bootstrap;
use super::event::Event;
use super::{fixture, photo};

/// A PNG of noise, which nothing can make smaller.
fn noise(side: u32) -> Vec<u8> {
    let mut state = 1_u32;
    let mut random = || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state.to_le_bytes()[1]
    };
    let picture =
        image::RgbImage::from_fn(side, side, |_, _| image::Rgb([(); 3].map(|()| random())));
    let mut bytes = std::io::Cursor::new(Vec::new());
    picture
        .write_to(&mut bytes, image::ImageFormat::Png)
        .unwrap();
    bytes.into_inner()
}

/// Most that an event may have, in bytes of JSON.
const EVENT: usize = 6 << 20;

#[test]
fn a_body_over_the_limit_is_refused() {
    let mut bootstrap = Bootstrap::start(&[]);
    let limit = Settings::lambda().max_bytes;
    let mut body = photo();
    body.resize(limit + 1, 0);
    let event = Event::post("/", &body);
    assert!(event.text().len() < EVENT, "Lambda would not pass it on");
    let problem = bootstrap.invoke(&event).is_problem(413, "too-large");
    assert_eq!(problem["limit"], limit);
    bootstrap.end();
}

#[test]
fn an_answer_that_cannot_be_sent_is_a_problem() {
    let mut bootstrap = Bootstrap::start(&[]);
    let limit = Settings::lambda().max_answer.unwrap();
    let picture = noise(1249);
    assert!(
        picture.len() < Settings::lambda().max_bytes,
        "{}",
        picture.len()
    );
    let answer = bootstrap.invoke(&Event::post("/?seed=7", &picture));
    let problem = answer.is_problem(413, "answer-too-large");
    assert_eq!(problem["limit"], limit);

    // One that just fits; that it does is asserted of every answer.
    let picture = noise(1246);
    let answer = bootstrap.invoke(&Event::post("/?seed=7", &picture));
    assert_eq!(answer.status, 200, "{answer:?}");
    assert!(
        answer.body.len() > limit / 100 * 99,
        "{}",
        answer.body.len()
    );
    bootstrap.end();
}

/// A PNG of one pixel and so many empty chunks that no decoder knows.
fn chunks(count: usize) -> Vec<u8> {
    let chunk = |kind: &[u8; 4], data: &[u8]| {
        let named = [kind, data].concat();
        let length = u32::try_from(data.len()).unwrap().to_be_bytes();
        let crc = crc32fast::hash(&named).to_be_bytes();
        [&length[..], &named, &crc].concat()
    };
    let header = [0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0];
    // A scanline of one byte and its filter type, in a stored block (RFC 1951, 3.2.4).
    let data = [0x78, 1, 1, 2, 0, 0xFD, 0xFF, 0, 0, 0, 2, 0, 1];
    [
        &b"\x89PNG\r\n\x1a\n"[..],
        &chunk(b"IHDR", &header),
        &chunk(b"glIt", b"").repeat(count),
        &chunk(b"IDAT", &data),
        &chunk(b"IEND", b""),
    ]
    .concat()
}

#[test]
fn what_inspect_tells_is_no_longer_than_can_be_sent() {
    let mut bootstrap = Bootstrap::start(&[]);
    let inspect = |count| Event::post("/inspect", &chunks(count));
    let answer = bootstrap.invoke(&inspect(10_000));
    assert_eq!(answer.status, 200, "{answer:?}");
    let layout: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!(layout["parts"].as_array().unwrap().len(), 10_004);
    let answer = bootstrap.invoke(&inspect(100_000));
    answer.is_problem(413, "answer-too-large");
    bootstrap.end();
}

/// Takes a minute unoptimised: what is sorted is put out of order again and again.
fn endless() -> String {
    ["replace:times=500,sort:65536:times=500"; 100].join(",")
}

#[test]
fn work_that_takes_too_long_is_stopped_and_the_next_event_answered() {
    let mut bootstrap = Bootstrap::start(&[("GLITCH_TIME_LIMIT", "1")]);
    let event = Event::post(&format!("/?recipe={}&seed=7", endless()), &photo());
    let problem = bootstrap.invoke(&event).is_problem(504, "out-of-time");
    let detail = problem["detail"].as_str().unwrap();
    assert!(detail.contains("within 1 seconds"), "{detail}");
    // There is one worker: it has to be free again.
    let small = fixture("jpeg/size-1x1.jpg");
    let answer = bootstrap.invoke(&Event::post("/?seed=7", &small));
    assert_eq!(answer.status, 200, "{answer:?}");
    bootstrap.end();
}
