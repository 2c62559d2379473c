//! Pictures in, pictures out.

use axum::body::Body;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::{ask, fixture, get, post, request, server};

/// What the library makes of it.
fn glitched(picture: &[u8], recipe: &str) -> Vec<u8> {
    let recipe = recipe.parse().unwrap();
    glitch::glitch(picture, &recipe).unwrap().bytes
}

#[tokio::test]
async fn a_posted_picture_comes_back_glitched_with_its_media_type() {
    let server = server();
    for (name, media_type) in [("portrait.jpg", "image/jpeg"), ("cat.png", "image/png")] {
        let picture = fixture(name);
        let answer = post(&server, "/", &picture).await;
        assert_eq!(answer.header("content-type"), media_type);
        assert_eq!(
            answer.header("content-length"),
            answer.body.len().to_string()
        );
        // Enough to have it again.
        let recipe = answer.header("glitch-recipe").to_owned();
        assert!(recipe.ends_with(&format!("seed={}", answer.header("glitch-seed"))));
        assert_eq!(glitched(&picture, &recipe), answer.fine());
    }
}

#[tokio::test]
async fn the_query_says_what_is_done() {
    let (server, picture) = (server(), fixture("cat.png"));
    for (query, recipe) in [
        ("seed=7", "classic,seed=7"),
        (
            "recipe=sort:400,replace&seed=7",
            "sort:len=400,replace,seed=7",
        ),
        (
            "recipe=sort%3A400%2Creplace,seed=8",
            "sort:len=400,replace,seed=8",
        ),
        ("filter=up&seed=1", "classic,filter=up,seed=1"),
        ("deflate=small&seed=1", "classic,deflate=small,seed=1"),
        (
            "strip=metadata&thumbnail=drop&seed=1",
            "classic,strip=metadata,thumbnail=drop,seed=1",
        ),
        ("recipe=none&seed=3", "none,seed=3"),
    ] {
        let answer = post(&server, &format!("/?{query}"), &picture).await;
        assert_eq!(answer.header("glitch-recipe"), recipe);
        assert_eq!(answer.fine(), glitched(&picture, recipe), "{query}");
    }
}

#[tokio::test]
async fn the_content_type_of_a_request_is_not_believed() {
    let (server, picture) = (server(), fixture("portrait.jpg"));
    let expected = glitched(&picture, "seed=7");
    for content_type in [
        "image/png",
        "text/plain",
        "application/json",
        "multipart/form-data",
        "nonsense",
    ] {
        let request = request("POST", "/?seed=7").header("content-type", content_type);
        let answer = ask(&server, request.body(Body::from(picture.clone())).unwrap()).await;
        assert_eq!(answer.fine(), expected, "{content_type}");
    }
    let bare = request("POST", "/?seed=7").body(Body::from(picture));
    assert_eq!(ask(&server, bare.unwrap()).await.fine(), expected);
}

#[tokio::test]
async fn a_put_picture_gives_its_name() {
    let (server, picture) = (server(), fixture("cat.png"));
    for (path, file) in [
        ("/?seed=7", "glitched-7.png"),
        ("/cat.png?seed=7", "cat.glitched.png"),
        ("/pictures/cat.v2.png?seed=7", "cat.v2.glitched.png"),
        ("/my%20cat.png?seed=7", "my_cat.glitched.png"),
        ("/%2e%2e%2fcat%22%0d%0a.png?seed=7", "cat.glitched.png"),
        ("/%ff?seed=7", "glitched-7.png"),
    ] {
        let request = request("PUT", path).body(Body::from(picture.clone()));
        let answer = ask(&server, request.unwrap()).await;
        let disposition = answer.header("content-disposition");
        assert_eq!(disposition, format!("inline; filename=\"{file}\""));
        assert_eq!(answer.fine(), glitched(&picture, "seed=7"));
    }
}

/// A part of a form: its name, its file name, its bytes.
type Part<'a> = (&'a str, Option<&'a str>, &'a [u8]);

async fn post_form(path: &str, parts: &[Part<'_>]) -> super::Answer {
    let mut body = Vec::new();
    for (name, file, bytes) in parts {
        let file = file.map_or(String::new(), |file| format!("; filename=\"{file}\""));
        let head =
            format!("--xyz\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n");
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(bytes);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(b"--xyz--\r\n");
    let request = request("POST", path).header("content-type", "multipart/form-data; boundary=xyz");
    ask(&server(), request.body(Body::from(body)).unwrap()).await
}

#[tokio::test]
async fn a_form_with_one_file_is_taken() {
    let picture = fixture("portrait.jpg");
    let answer = post_form(
        "/?recipe=sort:400",
        &[
            ("anything", Some("me & you.jpeg"), &picture),
            ("seed", None, b"7"),
        ],
    )
    .await;
    let disposition = answer.header("content-disposition");
    assert_eq!(disposition, "inline; filename=\"me___you.glitched.jpg\"");
    assert_eq!(answer.fine(), glitched(&picture, "sort:400,seed=7"));
    // As curl sends `-F 'image=<photo.jpg'`, and a script the text of a canvas.
    for bytes in [picture.clone(), STANDARD.encode(&picture).into_bytes()] {
        let answer = post_form("/?seed=7", &[("image", None, &bytes)]).await;
        assert_eq!(answer.fine(), glitched(&picture, "seed=7"));
    }
}

#[tokio::test]
async fn a_form_that_is_none_is_told_so() {
    let picture = fixture("portrait.jpg");
    let two = [
        ("a", Some("a.jpg"), &*picture),
        ("b", Some("b.jpg"), &picture),
    ];
    let detail = post_form("/", &two).await.problem(400, "bad-form");
    assert!(detail.contains("more than one file"), "{detail}");
    let unpicked: [Part<'_>; 2] = [("image", Some(""), b""), ("seed", None, b"7")];
    post_form("/", &unpicked).await.problem(400, "empty");
    let stranger = [("image", Some("a.jpg"), &*picture), ("speed", None, b"7")];
    let detail = post_form("/", &stranger)
        .await
        .problem(400, "bad-parameter");
    assert!(detail.contains("`speed`"), "{detail}");
    let twice = [("image", Some("a.jpg"), &*picture), ("seed", None, b"7")];
    let detail = post_form("/?seed=8", &twice)
        .await
        .problem(400, "bad-parameter");
    assert!(detail.contains("twice"), "{detail}");

    let request = request("POST", "/").header("content-type", "multipart/form-data; boundary=xyz");
    let cut = request.body(Body::from(
        "--xyz\r\nContent-Disposition: form-data; name=\"a\"; fi",
    ));
    ask(&server(), cut.unwrap()).await.problem(400, "bad-form");
}

#[tokio::test]
async fn a_form_has_no_more_than_it_needs() {
    let picture = fixture("portrait.jpg");
    let mut parts: Vec<Part<'_>> = vec![("image", Some(""), b""); 99];
    parts.push(("image", Some("a.jpg"), &picture));
    assert_eq!(post_form("/", &parts).await.status, 200);
    parts.push(("seed", None, b"7"));
    let detail = post_form("/", &parts).await.problem(400, "bad-form");
    assert!(detail.contains("more than 100 parts"), "{detail}");

    let long = "x".repeat(65_537);
    let (value, name) = (("seed", None, long.as_bytes()), (&*long, None, &b"7"[..]));
    for field in [value, name] {
        let answer = post_form("/", &[("image", Some("a.jpg"), &*picture), field]).await;
        // Nor is it repeated.
        assert!(answer.body.len() < 1000, "{}", answer.body.len());
        let detail = answer.problem(400, "bad-form");
        assert!(detail.contains("more than 65536 bytes"), "{detail}");
    }
}

#[tokio::test]
async fn base64_text_and_data_urls_are_decoded() {
    let (server, picture) = (server(), fixture("cat.png"));
    let expected = glitched(&picture, "seed=7");
    let text = STANDARD.encode(&picture);
    let lines: Vec<_> = text
        .as_bytes()
        .chunks(76)
        .map(|line| String::from_utf8_lossy(line))
        .collect();
    for body in [
        text.clone(),
        lines.join("\n") + "\n",
        format!("data:image/png;base64,{text}"),
        // What it claims to be makes no difference here either.
        format!("data:text/plain;charset=utf-8;base64,{text}"),
    ] {
        let answer = post(&server, "/?seed=7", body.as_bytes()).await;
        assert_eq!(answer.fine(), expected);
    }
    let broken = format!("data:image/png;base64,{}*{}", &text[..40], &text[40..]);
    let answer = post(&server, "/", broken.as_bytes()).await;
    answer.problem(422, "malformed");
    assert_eq!(answer.json()["offset"], 22 + 40);
}

#[tokio::test]
async fn a_seed_makes_the_answer_one_for_ever() {
    let (server, picture) = (server(), fixture("portrait.jpg"));
    let drawn = post(&server, "/", &picture).await;
    assert_eq!(drawn.header("cache-control"), "no-store");
    assert_eq!(drawn.header("etag"), "");
    let (one, same) = (
        post(&server, "/?seed=7", &picture).await,
        post(&server, "/?recipe=classic,seed=7", &picture).await,
    );
    let other = post(&server, "/?seed=8", &picture).await;
    assert_eq!(
        one.header("cache-control"),
        "public, max-age=31536000, immutable"
    );
    let tag = one.header("etag");
    assert!(
        tag.len() == 34 && tag.starts_with('"') && tag.ends_with('"'),
        "{tag}"
    );
    assert_eq!(tag, same.header("etag"));
    assert_ne!(tag, other.header("etag"));
}

#[tokio::test]
async fn the_answer_tells_what_was_done_and_how_long_it_took() {
    let (server, picture) = (server(), fixture("portrait.jpg"));
    let answer = post(&server, "/?seed=44", &picture).await;
    let changed: f64 = answer.header("glitch-changed").parse().unwrap();
    let told = glitch::glitch(&picture, &"seed=44".parse().unwrap()).unwrap();
    assert!((changed - told.changed.unwrap()).abs() < 0.0001);
    let timing = answer.header("server-timing");
    let stages: Vec<_> = timing
        .split(", ")
        .map(|stage| stage.split_once(";dur=").unwrap())
        .collect();
    let names: Vec<_> = stages.iter().map(|(name, _)| *name).collect();
    assert_eq!(
        names,
        ["read", "wait", "open", "edit", "repair", "pack", "verify"]
    );
    assert!(
        stages.iter().all(|(_, time)| time.parse::<f64>().is_ok()),
        "{timing}"
    );

    let unverified = post(&server, "/?seed=44&verify=false", &picture).await;
    assert_eq!(unverified.header("glitch-changed"), "");
    assert!(
        unverified
            .header("server-timing")
            .ends_with("verify;dur=0.0")
    );
    assert_eq!(unverified.fine(), answer.fine());
}

#[tokio::test]
async fn inspect_is_the_command_s_json() {
    let (server, picture) = (server(), fixture("portrait.jpg"));
    let answer = post(&server, "/inspect", &picture).await;
    assert_eq!(answer.header("content-type"), "application/json");
    let layout = serde_json::to_value(glitch::inspect(&picture).unwrap()).unwrap();
    assert_eq!(answer.json(), layout);
    let text = STANDARD.encode(&picture);
    assert_eq!(
        post(&server, "/inspect", text.as_bytes()).await.json(),
        layout
    );

    post(&server, "/inspect?seed=7", &picture)
        .await
        .problem(400, "bad-parameter");
    post(&server, "/inspect", b"").await.problem(400, "empty");
    let with_field = [("image", Some("a.jpg"), &*picture), ("seed", None, b"7")];
    post_form("/inspect", &with_field)
        .await
        .problem(400, "bad-parameter");
    post(&server, "/inspect", b"GIF89a")
        .await
        .problem(415, "not-an-image");
    get(&server, "/inspect")
        .await
        .problem(405, "method-not-allowed");
}
