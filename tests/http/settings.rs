//! Limits, token, CORS and metrics.

use axum::body::Body;
use glitch::http::{Settings, router};

use tower::ServiceExt;

use super::{ask, fixture, get, post, request, set};

#[tokio::test]
async fn more_bytes_than_allowed_are_a_413_that_says_the_limit() {
    let server = router(set("max-bytes", "1000"));
    let picture = fixture("portrait.jpg");
    let told = post(&server, "/", &picture).await;
    let detail = told.problem(413, "too-large");
    assert!(detail.contains("1000 bytes"), "{detail}");
    assert_eq!(told.json()["limit"], 1000);
    // Without a length it is seen when there are too many.
    let bare = request("POST", "/").body(Body::from(picture));
    ask(&server, bare.unwrap()).await.problem(413, "too-large");
    post(&server, "/", &[0; 1000])
        .await
        .problem(415, "not-an-image");
}

#[tokio::test]
async fn more_pixels_than_allowed_are_a_422_that_says_the_limit() {
    let server = router(set("max-pixels", "262143"));
    let told = post(&server, "/", &fixture("portrait.jpg")).await;
    let detail = told.problem(422, "too-many-pixels");
    assert!(detail.contains("262144 pixels"), "{detail}");
    let server = router(set("max-pixels", "262144"));
    post(&server, "/", &fixture("portrait.jpg")).await.fine();
}

#[tokio::test]
async fn what_would_not_fit_the_way_back_is_a_413() {
    let mut settings = Settings::default();
    settings.max_answer = Some(50_000);
    let server = router(settings);
    let told = post(&server, "/?seed=7", &fixture("portrait.jpg")).await;
    let detail = told.problem(413, "answer-too-large");
    assert!(detail.contains("50000"), "{detail}");
    post(&server, "/?seed=7", &fixture("jpeg/sampling-420.jpg"))
        .await
        .fine();
}

#[tokio::test]
async fn what_memory_does_not_hold_is_a_503() {
    let server = router(set("max-memory", "60k"));
    let picture = request("POST", "/").body(Body::from(fixture("portrait.jpg")));
    let unsent = server.clone().oneshot(picture.unwrap()).await.unwrap();
    let told = post(&server, "/", &[7; 40_000]).await;
    told.problem(503, "full");
    assert_eq!(told.header("retry-after"), "1");
    drop(unsent);
    // All of it is free again.
    for _ in 0..3 {
        post(&server, "/", &[7; 40_000])
            .await
            .problem(415, "not-an-image");
    }
    // What would never fit need not be tried again.
    let told = post(&server, "/", &[7; 70_000]).await;
    told.problem(413, "too-large");
    assert_eq!(told.json()["limit"], 60_000);
}

#[tokio::test]
async fn what_takes_too_long_is_a_504() {
    let server = router(set("time-limit", "0.05"));
    let slow = "/?recipe=sort:65536:times=10000&verify=false";
    let told = post(&server, slow, &fixture("portrait.jpg")).await;
    let detail = told.problem(504, "out-of-time");
    assert!(detail.contains("0.05 seconds"), "{detail}");
}

#[tokio::test]
async fn a_token_is_asked_of_all_but_health() {
    let server = router(Settings::default().with_token(Some("s3cret")).unwrap());
    for (method, path) in [
        ("GET", "/"),
        ("POST", "/"),
        ("GET", "/recipes"),
        ("GET", "/nothing"),
    ] {
        for shown in [
            None,
            Some("Bearer s3cre"),
            Some("Basic s3cret"),
            Some("s3cret"),
            Some("Bearer"),
        ] {
            let mut request = request(method, path);
            if let Some(shown) = shown {
                request = request.header("authorization", shown);
            }
            let answer = ask(&server, request.body(Body::empty()).unwrap()).await;
            answer.problem(401, "unauthorized");
            assert_eq!(answer.header("www-authenticate"), "Bearer");
        }
    }
    get(&server, "/healthz").await.fine();
    for shown in ["Bearer s3cret", "bearer  s3cret"] {
        let request = request("POST", "/?seed=7").header("authorization", shown);
        let answer = ask(
            &server,
            request.body(Body::from(fixture("portrait.jpg"))).unwrap(),
        )
        .await;
        // A shared cache would show it to who has no token.
        assert!(answer.header("cache-control").starts_with("private"));
        answer.fine();
    }
}

const ORIGIN: &str = "https://a.example";

async fn from_origin(settings: &Settings, method: &str, origin: &str) -> super::Answer {
    let request = request(method, "/")
        .header("origin", origin)
        .header("access-control-request-method", "POST");
    ask(
        &router(settings.clone()),
        request.body(Body::empty()).unwrap(),
    )
    .await
}

#[tokio::test]
async fn pages_of_other_origins_are_kept_out_unless_listed() {
    let off = Settings::default();
    let answer = from_origin(&off, "GET", ORIGIN).await;
    assert_eq!(answer.header("access-control-allow-origin"), "");

    let listed = set("cors-origins", "https://a.example,http://localhost:8000");
    for (origin, allowed) in [(ORIGIN, ORIGIN), ("https://b.example", "")] {
        for method in ["GET", "OPTIONS"] {
            let answer = from_origin(&listed, method, origin).await;
            assert_eq!(answer.header("access-control-allow-origin"), allowed);
        }
    }
    let answer = from_origin(&listed, "GET", ORIGIN).await;
    let exposed = answer.header("access-control-expose-headers");
    for header in [
        "glitch-seed",
        "glitch-recipe",
        "glitch-changed",
        "server-timing",
        "x-request-id",
        "etag",
    ] {
        assert!(exposed.contains(header), "{exposed}");
    }
    let preflight = from_origin(&listed, "OPTIONS", ORIGIN).await;
    assert!(
        preflight
            .header("access-control-allow-methods")
            .contains("POST")
    );
    assert!(
        preflight
            .header("access-control-allow-headers")
            .contains("authorization")
    );
    let any = from_origin(&set("cors-origins", "*"), "GET", ORIGIN).await;
    assert_eq!(any.header("access-control-allow-origin"), "*");
}

/// A browser asks without the token whether it may send it.
#[tokio::test]
async fn a_preflight_needs_no_token() {
    let settings = set("cors-origins", ORIGIN)
        .with_token(Some("s3cret"))
        .unwrap();
    let answer = from_origin(&settings, "OPTIONS", ORIGIN).await;
    assert_eq!(answer.status, 200);
    let refused = from_origin(&settings, "GET", ORIGIN).await;
    refused.problem(401, "unauthorized");
    // Or the page would not see why.
    assert_eq!(refused.header("access-control-allow-origin"), ORIGIN);
}

#[tokio::test]
async fn metrics_are_there_where_asked_for() {
    let server = router(set("metrics", "prometheus"));
    post(&server, "/?seed=7", &fixture("portrait.jpg"))
        .await
        .fine();
    post(&server, "/", b"").await.problem(400, "empty");
    let told = get(&server, "/metrics").await;
    assert!(
        told.header("content-type")
            .starts_with("application/openmetrics-text")
    );
    for line in [
        "glitch_requests_total{route=\"/\",method=\"POST\",status=\"200\"} 1",
        "glitch_requests_total{route=\"/\",method=\"POST\",status=\"400\"} 1",
        "glitch_requests_in_flight 1",
        "glitch_pixels_total{format=\"image/jpeg\"} 262144",
    ] {
        assert!(told.text().contains(line), "{line}\n{}", told.text());
    }
    assert!(told.text().ends_with("# EOF\n"));
}
