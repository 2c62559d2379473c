//! The routes, and what the router makes of what it finds in S3.

use std::collections::BTreeSet;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::stand_in::StandIn;
use super::{Answer, ask, ask_for, fixture, get, server, settings, variables};

/// Nobody listens there, and nobody is asked.
pub const NOWHERE: &str = "http://127.0.0.1:9";

#[tokio::test]
async fn a_form_is_made_without_asking_anybody() {
    let server = server(NOWHERE);
    let answer = ask(&server, "POST", "/uploads?recipe=sort:40&seed=7", b"").await;
    assert_eq!(answer.status, 201, "{answer:?}");
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(answer.header("cache-control"), "no-store");
    let told = answer.json();
    assert_eq!(told["result"], answer.header("location"));
    assert_eq!(told["recipe"], "sort:len=40,seed=7");
    let upload = &told["upload"];
    assert_eq!(upload["method"], "POST");
    assert_eq!(upload["url"], format!("{NOWHERE}/uploads/"));
    assert_eq!(upload["max_bytes"], 300_000);
    let fields = &upload["fields"];
    assert_eq!(
        told["result"],
        format!(
            "/results/{}",
            super::result_of(fields["key"].as_str().unwrap())
        )
    );
    assert_eq!(told["id"], fields["key"]);
    assert_eq!(fields["x-amz-meta-recipe"], told["recipe"]);
    assert_eq!(fields["x-amz-security-token"], "a/session+token==");
    let policy = STANDARD.decode(fields["policy"].as_str().unwrap()).unwrap();
    let policy: Value = serde_json::from_slice(&policy).unwrap();
    assert_eq!(policy["expiration"], upload["expires"]);
    let conditions = policy["conditions"].as_array().unwrap();
    for condition in [
        json!({ "bucket": "uploads" }),
        json!({ "key": fields["key"] }),
        json!({ "x-amz-meta-recipe": told["recipe"] }),
        json!(["content-length-range", 1, 300_000]),
    ] {
        assert!(conditions.contains(&condition), "{condition} {policy}");
    }
    // Two never have the same id, nor the same seed.
    let (one, two) = (
        ask(&server, "POST", "/uploads", b"").await.json(),
        ask(&server, "POST", "/uploads", b"").await.json(),
    );
    assert_ne!(one["result"], two["result"]);
    assert_ne!(one["recipe"], two["recipe"]);
}

#[tokio::test]
async fn a_wrong_wish_is_told_before_anything_is_sent() {
    let server = server(NOWHERE);
    for (query, said) in [
        ("recipe=molten", "the passes are replace, sort"),
        ("seed=one", "from 0 to 18446744073709551615"),
        ("verify=true", "alpha, strip, thumbnail, seed, of"),
        ("seed=1&seed=2", "twice"),
        (
            &format!("recipe={}", vec!["sort:65536"; 200].join(",")),
            "1900",
        ),
    ] {
        let answer = ask(&server, "POST", &format!("/uploads?{query}"), b"").await;
        let problem = answer.problem(400, "bad-parameter");
        let detail = problem["detail"].as_str().unwrap();
        assert!(detail.contains(said), "{query}: {detail}");
    }
    let answer = ask(&server, "POST", "/uploads", &fixture("portrait.jpg")).await;
    let problem = answer.problem(400, "bad-parameter");
    assert!(problem["detail"].as_str().unwrap().contains("no body"));
    get(&server, "/uploads")
        .await
        .problem(405, "method-not-allowed");
}

#[tokio::test]
async fn who_sends_too_much_is_told_of_the_other_way() {
    let mut variables = variables(NOWHERE);
    variables.push(("GLITCH_MAX_BYTES", "1000".to_owned()));
    let server = glitch::http::router(settings(&variables).unwrap());
    let answer = ask(&server, "POST", "/", &fixture("portrait.jpg")).await;
    let problem = answer.problem(413, "too-large");
    assert_eq!(problem["limit"], 1000);
    assert_eq!(problem["uploads"], "/uploads");
    assert!(
        problem["detail"]
            .as_str()
            .unwrap()
            .contains("POST /uploads")
    );

    // Nothing else is, for nothing else would go that way.
    let answer = ask(&server, "POST", "/inspect", &fixture("portrait.jpg")).await;
    assert_eq!(answer.problem(413, "too-large")["uploads"], Value::Null);
    let answer = ask(&server, "POST", "/", b"GIF89a").await;
    assert_eq!(answer.problem(415, "not-an-image")["uploads"], Value::Null);

    let mut settings = settings(&super::variables(NOWHERE)).unwrap();
    settings.max_answer = Some(10);
    let server = glitch::http::router(settings);
    let answer = ask(&server, "POST", "/?seed=7", &fixture("portrait.jpg")).await;
    assert_eq!(
        answer.problem(413, "answer-too-large")["uploads"],
        "/uploads"
    );
}

pub const ID: &str = "0123456789abcdef0123456789abcdef";

async fn result(s3: &StandIn) -> Answer {
    get(&server(&s3.endpoint), &format!("/results/{ID}")).await
}

#[tokio::test]
async fn a_result_is_waited_for_and_then_shown() {
    let s3 = StandIn::start();
    let answer = result(&s3).await;
    assert_eq!(answer.status, 202, "{answer:?}");
    assert_eq!(answer.header("retry-after"), "2");
    assert_eq!(answer.json(), json!({ "status": "waiting" }));
    assert_eq!(
        s3.asked(),
        [
            format!("HEAD results/{ID}"),
            format!("GET results/{ID}.json")
        ]
    );

    let headers = [
        ("content-type", "image/png"),
        ("x-amz-meta-recipe", "classic,seed=7"),
        ("x-amz-meta-changed", "0.1234"),
    ];
    s3.put(&format!("results/{ID}"), &headers, b"a picture");
    let answer = result(&s3).await;
    assert_eq!(answer.status, 303, "{answer:?}");
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.header("glitch-recipe"), "classic,seed=7");
    assert_eq!(answer.header("glitch-seed"), "7");
    assert_eq!(answer.header("glitch-changed"), "0.1234");
    let location = answer.header("location");
    assert!(location.starts_with(&format!("{}/results/{ID}?", s3.endpoint)));
    for part in [
        "&X-Amz-Expires=900&",
        "&X-Amz-Security-Token=a%2Fsession%2Btoken%3D%3D&",
        "&response-content-disposition=inline%3B%20filename%3D%22glitched-7.png%22&",
        "&response-content-type=image%2Fpng",
    ] {
        assert!(location.contains(part), "{part}: {location}");
    }
}

#[tokio::test]
async fn who_accepts_json_is_not_sent_on() {
    let s3 = StandIn::start();
    let server = server(&s3.endpoint);
    let path = format!("/results/{ID}");
    let json = |path| ask_for(&server, path, "application/json");
    let answer = json(&path).await;
    assert_eq!(answer.status, 202, "{answer:?}");
    assert_eq!(answer.header("vary"), "accept");
    assert_eq!(answer.header("retry-after"), "2");

    let most = u64::MAX.to_string();
    let recipe = format!("classic,seed={most}");
    let headers = [
        ("content-type", "image/jpeg"),
        ("x-amz-meta-recipe", recipe.as_str()),
        ("x-amz-meta-changed", "0.1234"),
    ];
    s3.put(&format!("results/{ID}"), &headers, b"a picture");
    let answer = json(&path).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.header("vary"), "accept");
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.header("content-type"), "application/json");
    let told = answer.json();
    let url = told["url"].as_str().unwrap();
    assert!(url.starts_with(&format!("{}/results/{ID}?", s3.endpoint)));
    assert!(url.contains("&X-Amz-Expires=900&"), "{url}");
    let expected = json!({
        "status": "done", "url": url, "recipe": recipe, "seed": most, "changed": 0.1234,
    });
    assert_eq!(told, expected);
    let other = ask_for(&server, &path, "text/html,*/*").await;
    assert_eq!(other.status, 303, "{other:?}");
    assert_eq!(other.header("vary"), "accept");

    // Others may have stored it, with nothing that tells of it.
    s3.put(&format!("results/{ID}"), &[], b"a picture");
    let told = json(&path).await.json();
    for name in ["recipe", "seed", "changed"] {
        assert_eq!(told[name], Value::Null, "{name}");
    }
    let problem = json("/results/x").await;
    problem.problem(404, "not-found");
    assert_eq!(problem.header("vary"), "accept");
}

#[tokio::test]
async fn the_page_may_get_at_the_buckets_where_there_are_some() {
    let page = ask_for(&server(NOWHERE), "/", "text/html").await;
    let policy = page.header("content-security-policy");
    let sources = format!("connect-src 'self' {NOWHERE}/uploads/ {NOWHERE}/results/;");
    assert!(policy.contains(&sources), "{policy}");
    assert_eq!(policy.matches(NOWHERE).count(), 2, "{policy}");
    let version = get(&server(NOWHERE), "/version").await.json();
    let uploads = json!({ "path": "/uploads", "bytes": 300_000 });
    assert_eq!(version["uploads"], uploads);

    let without = glitch::http::router(settings(&[]).unwrap());
    let page = ask_for(&without, "/", "text/html").await;
    let policy = page.header("content-security-policy");
    assert!(policy.contains("connect-src 'self';"), "{policy}");
    let version = get(&without, "/version").await.json();
    assert_eq!(version["uploads"], Value::Null);
}

#[tokio::test]
async fn why_there_is_no_result_is_told_as_the_worker_left_it() {
    let s3 = StandIn::start();
    let document = json!({
        "type": "/problems/malformed",
        "title": "The picture is broken",
        "status": 422,
        "detail": "broken PNG at byte 20",
        "offset": 20,
    });
    let path = format!("results/{ID}.json");
    s3.put(&path, &[], document.to_string().as_bytes());
    assert_eq!(result(&s3).await.problem(422, "malformed"), document);
    for nonsense in [&b"{"[..], &[b' '; 70_000]] {
        s3.put(&path, &[], nonsense);
        result(&s3).await.problem(503, "storage");
    }
    s3.put(&path, &[], b"{\"type\":\"/problems/strange\"}");
    result(&s3).await.problem(500, "internal");
}

#[tokio::test]
async fn a_storage_that_fails_is_a_503_that_tells_nobody_its_address() {
    let s3 = StandIn::start();
    for status in [403, 500, 503, 301] {
        s3.fail(Some(status));
        let answer = result(&s3).await;
        let problem = answer.problem(503, "storage");
        assert_eq!(answer.header("retry-after"), "1");
        assert!(!problem.to_string().contains("127.0.0.1"), "{problem}");
    }
    let unreachable = get(&server(NOWHERE), &format!("/results/{ID}")).await;
    unreachable.problem(503, "storage");
}

#[tokio::test]
async fn what_is_no_id_is_a_404() {
    let server = server(NOWHERE);
    for id in ["x", &ID.to_uppercase(), &ID[1..], "..%2Fuploads", "%ff"] {
        get(&server, &format!("/results/{id}"))
            .await
            .problem(404, "not-found");
    }
}

#[tokio::test]
async fn a_token_is_asked_here_too() {
    let settings = settings(&variables(NOWHERE)).unwrap();
    let server = glitch::http::router(settings.with_token(Some("s3cret")).unwrap());
    ask(&server, "POST", "/uploads", b"")
        .await
        .problem(401, "unauthorized");
    get(&server, &format!("/results/{ID}"))
        .await
        .problem(401, "unauthorized");
}

#[test]
fn the_buckets_go_together() {
    for (change, value, said) in [
        ("GLITCH_UPLOAD_BUCKET", None, "go together"),
        ("GLITCH_RESULT_BUCKET", None, "go together"),
        ("GLITCH_RESULT_BUCKET", Some("uploads"), "two buckets"),
        ("GLITCH_UPLOAD_BUCKET", Some("no/name"), "`no/name`"),
        (
            "GLITCH_UPLOAD_MAX_BYTES",
            Some("lots"),
            "GLITCH_UPLOAD_MAX_BYTES: a size",
        ),
        ("AWS_REGION", None, "AWS_REGION is not set"),
    ] {
        let mut variables = variables(NOWHERE);
        variables.retain(|(name, _)| *name != change);
        variables.extend(value.map(|value| (change, value.to_owned())));
        let error = settings(&variables).unwrap_err();
        assert!(error.contains(said), "{change}: {error}");
    }
    assert!(settings(&[]).is_ok());
}

fn keys(value: &Value) -> BTreeSet<&str> {
    value
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect()
}

#[tokio::test]
async fn the_routes_are_described_where_they_are() {
    let document = get(&server(NOWHERE), "/openapi.json").await.json();
    let without = get(
        &glitch::http::router(settings(&[]).unwrap()),
        "/openapi.json",
    )
    .await;
    let without = without.json();
    let (paths, before) = (keys(&document["paths"]), keys(&without["paths"]));
    let more: Vec<_> = paths.difference(&before).copied().collect();
    assert_eq!(more, ["/results/{id}", "/uploads"]);
    for reference in document.to_string().split("\"$ref\":\"#").skip(1) {
        let path = reference.split('"').next().unwrap();
        assert!(document.pointer(path).is_some(), "{path}");
    }
    let s3 = StandIn::start();
    s3.put(
        &format!("results/{ID}"),
        &[("x-amz-meta-recipe", "seed=7")],
        b"a picture",
    );
    s3.put(&format!("uploads/{ID}"), &[], b"a picture");
    let server = server(&s3.endpoint);
    let other = ID.replace('0', "1");
    for (method, path, at) in [
        ("POST", "/uploads".to_owned(), "/paths/~1uploads/post"),
        ("POST", "/uploads?x=1".to_owned(), "/paths/~1uploads/post"),
        ("POST", format!("/uploads?of={ID}"), "/paths/~1uploads/post"),
        (
            "POST",
            format!("/uploads?of={other}"),
            "/paths/~1uploads/post",
        ),
        (
            "GET",
            format!("/results/{ID}"),
            "/paths/~1results~1{id}/get",
        ),
        (
            "GET",
            format!("/results/{other}"),
            "/paths/~1results~1{id}/get",
        ),
        ("GET", "/results/x".to_owned(), "/paths/~1results~1{id}/get"),
    ] {
        let answer = ask(&server, method, &path, b"").await;
        let operation = document.pointer(at).unwrap();
        let described = &operation["responses"][answer.status.to_string()];
        assert!(described.is_object(), "{method} {path} {}", answer.status);
        if matches!(answer.status, 201 | 202) {
            let schema = &described["content"]["application/json"]["schema"];
            assert_eq!(keys(&answer.json()), keys(&schema["properties"]));
        }
        if answer.status == 201 {
            let schema = &described["content"]["application/json"]["schema"];
            let upload = &schema["properties"]["upload"]["properties"];
            assert_eq!(keys(&answer.json()["upload"]), keys(upload));
        }
    }
    let path = format!("/results/{ID}");
    let told = ask_for(&server, &path, "application/json").await.json();
    let schema = "/paths/~1results~1{id}/get/responses/200/content/application~1json/schema";
    let schema = document.pointer(schema).unwrap();
    assert_eq!(keys(&told), keys(&schema["properties"]));
    let version = get(&server, "/version").await.json();
    let schema = &document["components"]["schemas"]["Version"]["properties"];
    assert_eq!(keys(&version), keys(schema));
    let schema = &schema["uploads"]["properties"];
    assert_eq!(keys(&version["uploads"]), keys(schema));
}

/// What is signed with it does not tell it; nor does an error.
#[tokio::test]
async fn no_answer_tells_the_key_of_the_storage() {
    const SECRET: &str = "a-secret-key-that-nobody-is-told";
    let s3 = StandIn::start();
    s3.put(&format!("results/{ID}"), &[], b"a picture");
    for endpoint in [&s3.endpoint, NOWHERE] {
        let mut variables = variables(endpoint);
        variables.retain(|(name, _)| *name != "AWS_SECRET_ACCESS_KEY");
        variables.push(("AWS_SECRET_ACCESS_KEY", SECRET.to_owned()));
        let server = glitch::http::router(settings(&variables).unwrap());
        for failing in [None, Some(403), Some(500)] {
            s3.fail(failing);
            for (method, path) in [
                ("GET", format!("/results/{ID}")),
                ("GET", "/results/..%2f..%2fsecret".to_owned()),
                ("POST", "/uploads".to_owned()),
                ("POST", format!("/uploads?of={ID}")),
                ("POST", "/uploads?of=../../x".to_owned()),
                ("GET", "/openapi.json".to_owned()),
                ("GET", "/version".to_owned()),
            ] {
                let answer = ask(&server, method, &path, b"").await;
                let told = format!("{:?}", answer.headers) + &String::from_utf8_lossy(&answer.body);
                for hidden in [
                    SECRET,
                    "os error",
                    "refused",
                    "panicked",
                    ".rs:",
                    "NoSuchKey",
                ] {
                    assert!(!told.contains(hidden), "{method} {path}: {told}");
                }
            }
        }
    }
}
