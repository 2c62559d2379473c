//! The router on AWS Lambda, behind an HTTP API or a Function URL.

#![forbid(unsafe_code)]

use glitch::http::{Event, RequestId, Settings, router};
use lambda_http::http::HeaderValue;
use lambda_http::request::LambdaRequest;
use lambda_http::{Adapter, Error, LambdaEvent, Request, RequestExt, Response};
use lambda_runtime::tower::ServiceBuilder;

#[cfg(feature = "jemalloc")]
#[global_allocator]
static ALLOCATOR: jemallocator::Jemalloc = jemallocator::Jemalloc;

fn main() -> Result<(), Error> {
    tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_target(false)
        .log_internal_errors(false)
        .init();
    let variable = |name: &str| std::env::var(name).ok();
    let settings = Settings::lambda().with_env(variable)?;
    let settings = settings.with_uploads(variable)?;
    let service = ServiceBuilder::new()
        .map_request(with_id)
        .map_response(join_headers)
        .service(router(settings));
    // As `lambda_http::run` does it, which panics over some events.
    let service = ServiceBuilder::new()
        .map_request(request)
        .service(Adapter::from(service));
    // An environment gets one event at a time: one thread is enough, and starts sooner.
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?
        .block_on(lambda_runtime::run(service))
}

fn request(event: LambdaEvent<Event>) -> LambdaEvent<LambdaRequest> {
    LambdaEvent::new(event.payload.into_request(), event.context)
}

/// The id by which Lambda's own log knows the request.
fn with_id(mut request: Request) -> Request {
    let context = request.lambda_context_ref();
    if let Some(id) = context.map(|context| RequestId(context.request_id.clone())) {
        request.extensions_mut().insert(id);
    }
    request
}

/// What is posted to Lambda has room for one line of each header: of more, all but the first would
/// be lost. Joined they mean the same (RFC 9110, 5.3).
fn join_headers<B>(mut response: Response<B>) -> Response<B> {
    let headers = response.headers_mut();
    let names: Vec<_> = headers.keys().cloned().collect();
    for name in names {
        let lines = headers.get_all(&name).iter();
        let lines: Vec<_> = lines.map(HeaderValue::as_bytes).collect();
        let joined = HeaderValue::from_bytes(&lines.join(&b", "[..]));
        if let (2.., Ok(joined)) = (lines.len(), joined) {
            headers.insert(name, joined);
        }
    }
    response
}
