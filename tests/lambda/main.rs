//! The router behind API Gateway: events as it sends them, and the real program `bootstrap` with a
//! small Lambda Runtime API before it.

mod addresses;
mod answer;
mod bootstrap;
mod event;
mod events;
mod invocations;
mod limits;
mod runtime_api;

use std::path::Path;

use axum::body::Body;
use axum::http::Request;
use glitch::http::{Metrics, Settings, router};
use tower::ServiceExt;

use answer::Answer;

fn fixture(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures")
        .join(name);
    std::fs::read(&path).unwrap_or_else(|why| panic!("{name}: {why}"))
}

fn photo() -> Vec<u8> {
    fixture("portrait.jpg")
}

/// The settings of the program, but nothing on standard output.
fn quiet() -> Settings {
    let mut settings = Settings::lambda();
    settings.metrics = Metrics::Off;
    settings
}

/// Asks a router in this process.
fn ask<B>(settings: Settings, request: Request<B>) -> Answer
where
    B: axum::body::HttpBody<Data = axum::body::Bytes> + Send + 'static,
    B::Error: Into<axum::BoxError>,
{
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let request = request.map(Body::new);
        let response = router(settings).oneshot(request).await.unwrap();
        Answer::received(response).await
    })
}
