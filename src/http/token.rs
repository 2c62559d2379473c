//! Lets in who shows the token.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::App;
use super::body;
use super::problem::{Kind, Problem};

/// The path that answers without a token: who asks whether the server lives has none.
pub(super) const OPEN: &str = "/healthz";

/// Answers 401 (RFC 9110, 15.5.2) where the server has a token and the request does not.
pub(super) async fn ask(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let token = app.settings.token.as_ref();
    let open = request.uri().path() == OPEN;
    match token.filter(|_| !open) {
        Some(token) if !shown(request.headers()).is_some_and(|shown| token.is(shown)) => {
            body::decline(request);
            refusal().into_response()
        }
        _ => next.run(request).await,
    }
}

/// The token in `Authorization: Bearer TOKEN`; the scheme in any case (RFC 9110, 11.1).
fn shown(headers: &HeaderMap) -> Option<&[u8]> {
    let value = headers.get(header::AUTHORIZATION)?.as_bytes();
    let (scheme, token) = value.split_at_checked("bearer ".len())?;
    let bearer = scheme.eq_ignore_ascii_case(b"bearer ");
    bearer.then(|| token.trim_ascii())
}

fn refusal() -> Problem {
    let detail = "send the header `Authorization: Bearer TOKEN` with the token of this server";
    Problem::new(Kind::Unauthorized, detail).with_header(header::WWW_AUTHENTICATE, "Bearer")
}
