//! What goes wrong is told as a problem document that helps.

use axum::body::Body;

use super::{ask, fixture, get, post, request, server};

#[tokio::test]
async fn no_body_is_a_400_that_says_how() {
    let detail = post(&server(), "/", b"").await.problem(400, "empty");
    assert!(detail.contains("empty"), "{detail}");
    let bare = request("POST", "/").body(Body::empty());
    ask(&server(), bare.unwrap()).await.problem(400, "empty");
}

#[tokio::test]
async fn a_wrong_parameter_is_a_400_that_lists_what_is_allowed() {
    let picture = fixture("portrait.jpg");
    for (query, said) in [
        ("speed=7", "recipe, filter, deflate, amount, reach, region"),
        ("seed=one", "from 0 to 18446744073709551615"),
        ("seed=1&seed=2", "twice"),
        ("recipe=molten", "the passes are replace, sort"),
        ("recipe=sort:len=1", "from 2 to 65536"),
        (
            "recipe=replace:times=10000,replace:times=99999",
            "from 1 to 10000",
        ),
        ("filter=best", "auto, keep, none, sub, up, average, paeth"),
        ("deflate=9", "fast, small"),
        ("strip=all", "nothing, metadata"),
        ("amount=101", "from 0 to 100"),
        ("verify=perhaps", "true or false"),
    ] {
        let answer = post(&server(), &format!("/?{query}"), &picture).await;
        let detail = answer.problem(400, "bad-parameter");
        assert!(detail.contains(said), "{query}: {detail}");
    }
}

#[tokio::test]
async fn what_is_no_jpeg_or_png_is_a_415_that_says_what_it_looks_like() {
    for (body, said) in [
        (&b"GIF89a\x01\x00\x01\x00"[..], "GIF"),
        (b"RIFF\x24\0\0\0WEBPVP8 ", "WebP"),
        (b"\0\0\0\x18ftypheic\0\0\0\0", "HEIC"),
        (b"%PDF-1.7", "PDF"),
        (b"hello there", "text"),
        (b"data:image/jpeg,nothing", "base64"),
    ] {
        let detail = post(&server(), "/", body)
            .await
            .problem(415, "not-an-image");
        assert!(detail.contains(said), "{said}: {detail}");
    }
}

#[tokio::test]
async fn a_picture_that_was_decoded_as_text_is_told_how_to_send_it() {
    for name in ["portrait.jpg", "cat.png"] {
        let mangled = String::from_utf8_lossy(&fixture(name)).into_owned();
        let detail = post(&server(), "/", mangled.as_bytes())
            .await
            .problem(415, "mangled");
        assert!(detail.contains("UTF-8"), "{detail}");
        assert!(detail.contains("--data-binary"), "{detail}");
        assert!(detail.contains("Content-Type: image/jpeg"), "{detail}");
    }
}

#[tokio::test]
async fn a_broken_file_is_a_422_with_its_byte_offset() {
    let mut picture = fixture("cat.png");
    picture.truncate(20);
    let answer = post(&server(), "/", &picture).await;
    answer.problem(422, "malformed");
    let offset = glitch::inspect(&picture).unwrap_err().offset().unwrap();
    assert_eq!(answer.json()["offset"], offset);
}

#[tokio::test]
async fn an_unsupported_coding_process_is_a_422_that_names_it() {
    // SOF0 becomes SOF9, and DHT becomes DAC.
    for (code, other) in [(0xC0, 0xC9), (0xC4, 0xCC)] {
        let mut picture = fixture("portrait.jpg");
        let marker = picture.windows(2).position(|two| two == [0xFF, code]);
        picture[marker.unwrap() + 1] = other;
        let answer = post(&server(), "/", &picture).await;
        let detail = answer.problem(422, "unsupported");
        assert!(detail.contains("arithmetic"), "{detail}");
    }
}

#[tokio::test]
async fn what_is_not_there_is_a_404_and_what_is_not_done_a_405() {
    let server = server();
    for path in [
        "/nothing",
        "/problems/nothing",
        "/a/b",
        "/metrics",
        "/uploads",
        "/results/0123456789abcdef0123456789abcdef",
        "/healthz/",
    ] {
        get(&server, path).await.problem(404, "not-found");
    }
    post(&server, "/nothing", b"")
        .await
        .problem(404, "not-found");
    for (method, path, allowed) in [
        ("DELETE", "/", "GET,HEAD,POST,PUT"),
        ("PATCH", "/", "GET,HEAD,POST,PUT"),
        ("OPTIONS", "/", "GET,HEAD,POST,PUT"),
        ("POST", "/recipes", "GET,HEAD"),
        ("PUT", "/inspect", "POST"),
    ] {
        let answer = ask(&server, request(method, path).body(Body::empty()).unwrap()).await;
        answer.problem(405, "method-not-allowed");
        assert_eq!(answer.header("allow"), allowed, "{method} {path}");
    }
}

#[tokio::test]
async fn a_problem_s_type_leads_to_what_to_do() {
    let server = server();
    let problem = post(&server, "/", b"").await.json();
    let told = get(&server, problem["type"].as_str().unwrap()).await;
    assert_eq!(told.header("content-type"), "text/plain; charset=utf-8");
    assert!(told.text().starts_with("There is no picture (400)"));
    assert!(told.text().contains("--data-binary"));
}
