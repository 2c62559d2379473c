//! Another recipe for a picture that was uploaded before.

use serde_json::json;

use super::router::{ID, NOWHERE};
use super::stand_in::StandIn;
use super::{ask, result_of, server};

#[tokio::test]
async fn an_upload_is_glitched_again_without_another() {
    let s3 = StandIn::start();
    let server = server(&s3.endpoint);
    let path = format!("/uploads?of={ID}&recipe=sort:40&filter=up&seed=7");
    let missing = ask(&server, "POST", &path, b"").await;
    let detail = missing.problem(404, "not-found")["detail"].to_string();
    assert!(detail.contains("send the picture again"), "{detail}");

    let headers = [
        ("content-type", "image/png"),
        ("x-amz-meta-recipe", "classic,seed=1"),
        ("x-amz-meta-other", "lost"),
    ];
    s3.put(&format!("uploads/{ID}"), &headers, b"a picture");
    let answer = ask(&server, "POST", &path, b"").await;
    assert_eq!(answer.status, 202, "{answer:?}");
    assert_eq!(answer.header("cache-control"), "no-store");
    let result = answer.header("location");
    let recipe = "sort:len=40,filter=up,seed=7";
    assert_eq!(answer.json(), json!({ "recipe": recipe, "result": result }));
    let asked = s3.asked();
    let copied = asked.last().unwrap();
    let id = copied.strip_prefix("PUT uploads/").unwrap();
    assert_ne!(id, ID);
    assert_eq!(result, format!("/results/{}", result_of(id)));
    let copy = s3.get(&format!("uploads/{id}")).unwrap();
    assert_eq!(copy.bytes, b"a picture");
    let told: Vec<_> = copy.headers.iter().map(|(n, v)| (&n[..], &v[..])).collect();
    let expected = [("content-type", "image/png"), ("x-amz-meta-recipe", recipe)];
    assert_eq!(told, expected);
    // The first one is as it was, and may be taken again.
    let first = s3.get(&format!("uploads/{ID}")).unwrap();
    assert_eq!(first.headers["x-amz-meta-recipe"], "classic,seed=1");
    let again = ask(&server, "POST", &path, b"").await;
    assert_ne!(again.header("location"), result);
}

#[tokio::test]
async fn a_wrong_id_of_an_upload_asks_nobody() {
    let server = server(NOWHERE);
    for of in [
        "",
        "x",
        &ID[1..],
        &ID.to_uppercase(),
        "..%2Fresults",
        "%0d%0ax-amz-acl:%20public-read",
    ] {
        let answer = ask(&server, "POST", &format!("/uploads?of={of}"), b"").await;
        let detail = answer.problem(400, "bad-parameter")["detail"].to_string();
        assert!(detail.contains("id of an earlier upload"), "{detail}");
    }
    let twice = format!("/uploads?of={ID}&of={ID}");
    let answer = ask(&server, "POST", &twice, b"").await;
    answer.problem(400, "bad-parameter");
    // Neither is a recipe that cannot be.
    let answer = ask(
        &server,
        "POST",
        &format!("/uploads?of={ID}&recipe=molten"),
        b"",
    )
    .await;
    answer.problem(400, "bad-parameter");
}

#[tokio::test]
async fn a_copy_that_fails_is_a_503() {
    let s3 = StandIn::start();
    let (server, path) = (server(&s3.endpoint), format!("/uploads?of={ID}"));
    s3.put(&format!("uploads/{ID}"), &[], b"a picture");
    for status in [403, 500, 503] {
        s3.fail(Some(status));
        let answer = ask(&server, "POST", &path, b"").await;
        answer.problem(503, "storage");
        assert_eq!(answer.header("retry-after"), "1");
    }
    s3.fail(None);
    s3.break_copies();
    let answer = ask(&server, "POST", &path, b"").await;
    answer.problem(503, "storage");
}
