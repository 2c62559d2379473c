//! The page for browsers: one file, embedded, with nothing from elsewhere.

use std::sync::LazyLock;

use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use super::Settings;

const PAGE: &str = include_str!("page/index.html");

/// The picture to try the page with (source and licence: `fixtures/README.md`).
const SAMPLE: &[u8] = include_bytes!("../../fixtures/portrait.jpg");

/// The page's own script and style, by their hashes.
static SCRIPT: LazyLock<String> = LazyLock::new(|| source(between(PAGE, "<script>", "</script>")));
static STYLE: LazyLock<String> = LazyLock::new(|| source(between(PAGE, "<style>", "</style>")));

/// Allows the page those, this server, and with a space before each `more` sources to send pictures
/// to and get them from.
fn policy(more: &str) -> HeaderValue {
    let policy = format!(
        "default-src 'none'; script-src {}; style-src {}; img-src 'self' blob: data:; \
         connect-src 'self'{more}; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
        *SCRIPT, *STYLE,
    );
    HeaderValue::from_str(&policy).unwrap_or(HeaderValue::from_static("default-src 'none'"))
}

fn between<'a>(text: &'a str, start: &str, end: &str) -> &'a str {
    let inner = text
        .split_once(start)
        .and_then(|(_, rest)| rest.split_once(end));
    inner.map_or("", |(inner, _)| inner)
}

/// A hash source (Content Security Policy Level 3, 2.3.1).
fn source(code: &str) -> String {
    format!("'sha256-{}'", STANDARD.encode(Sha256::digest(code)))
}

/// The page.
pub(super) fn page(settings: &Settings) -> Response {
    let headers = [
        (
            header::CONTENT_TYPE,
            HeaderValue::from_static("text/html; charset=utf-8"),
        ),
        (
            header::CONTENT_SECURITY_POLICY,
            policy(&settings.page_sources()),
        ),
        (
            header::REFERRER_POLICY,
            HeaderValue::from_static("no-referrer"),
        ),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
    ];
    (headers, PAGE).into_response()
}

/// `GET /sample.jpg`.
pub(super) async fn sample() -> Response {
    let headers = [
        (header::CONTENT_TYPE, "image/jpeg"),
        (header::CACHE_CONTROL, "public, max-age=86400"),
    ];
    (headers, SAMPLE).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The policy knows one script and one style.
    #[test]
    fn the_page_has_one_script_and_one_style_and_nothing_from_elsewhere() {
        for tag in ["<script", "<style"] {
            assert_eq!(PAGE.matches(tag).count(), 1, "{tag}");
        }
        assert!(!between(PAGE, "<script>", "</script>").is_empty());
        assert!(!between(PAGE, "<style>", "</style>").is_empty());
        for outside in [
            " style=\"",
            "src=\"http",
            "href=\"http",
            "@import",
            "url(http",
        ] {
            assert!(!PAGE.contains(outside), "{outside}");
        }
    }

    #[test]
    fn hashes_are_those_that_browsers_compute() {
        // CSP Level 3, 8.4: the example of the specification.
        let code = "alert('Hello, world.');";
        assert_eq!(
            source(code),
            "'sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng='"
        );
    }
}
