//! The HTTP interface: one router, which `glitch serve` and AWS Lambda serve alike.
//!
//! `GET /openapi.json` describes it. The way of a picture: `body` reads it within bounds,
//! `upload` finds it in the body, `query` reads what is asked for, `work` has it done on
//! a thread of its own, `glitching` answers, `observe` tells of it.

mod body;
#[cfg(feature = "lambda")]
mod event;
mod glitching;
mod info;
mod metrics;
mod observe;
mod page;
pub(crate) mod problem;
mod query;
#[cfg(feature = "s3")]
mod results;
#[cfg(feature = "serve")]
mod serve;
mod settings;
mod token;
mod upload;
#[cfg(feature = "s3")]
pub(crate) mod uploads;
mod work;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderName, Method, header};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::cors::{AllowOrigin, CorsLayer};

#[cfg(feature = "lambda")]
pub use event::Event;
pub use observe::RequestId;
#[cfg(feature = "serve")]
pub use serve::{Ended, serve};
pub use settings::{Metrics, SETTINGS, Setting, Settings, TOKEN_VARIABLE, Token};

use body::Memory;
use metrics::Counts;
use work::Workers;

/// What all requests share.
#[derive(Debug)]
struct App {
    settings: Settings,
    workers: Workers,
    memory: Memory,
    metrics: Counts,
}

impl App {
    fn new(settings: Settings) -> Self {
        App {
            workers: Workers::new(&settings),
            memory: Memory::new(settings.max_memory),
            metrics: Counts::new(settings.metrics),
            settings,
        }
    }
}

/// The whole HTTP interface.
pub fn router(settings: Settings) -> Router {
    let app = Arc::new(App::new(settings));
    let routes = routes(&app.settings)
        .fallback(elsewhere)
        .method_not_allowed_fallback(info::not_done_here);
    layered(routes, app)
}

/// What is done to every request and every answer.
fn layered(routes: Router<Arc<App>>, app: Arc<App>) -> Router {
    let routes = routes.layer(from_fn_with_state(Arc::clone(&app), token::ask));
    // Without its headers browsers keep pages of other origins out.
    let routes = match cors(&app.settings) {
        Some(cors) => routes.layer(cors),
        None => routes,
    };
    routes
        .layer(CatchPanicLayer::custom(info::panicked))
        .layer(from_fn_with_state(Arc::clone(&app), observe::observe))
        .with_state(app)
}

fn routes(settings: &Settings) -> Router<Arc<App>> {
    let glitch = get(info::home)
        .post(glitching::glitch)
        .put(glitching::glitch);
    let routes = Router::new()
        .route("/", glitch)
        .route("/healthz", get(info::health))
        .route("/inspect", post(glitching::inspection))
        .route("/openapi.json", get(info::openapi))
        .route("/problems/{name}", get(info::problem))
        .route("/recipes", get(info::recipes))
        .route("/sample.jpg", get(page::sample))
        .route("/version", get(info::version));
    let routes = with_uploads(routes, settings);
    match settings.metrics {
        Metrics::Prometheus => routes.route("/metrics", get(info::metrics)),
        Metrics::Off | Metrics::Embedded => routes,
    }
}

#[cfg(feature = "s3")]
fn with_uploads(routes: Router<Arc<App>>, settings: &Settings) -> Router<Arc<App>> {
    match settings.uploads {
        Some(_) => routes
            .route(uploads::PATH, post(uploads::upload))
            .route("/results/{id}", get(results::result)),
        None => routes,
    }
}

#[cfg(not(feature = "s3"))]
fn with_uploads(routes: Router<Arc<App>>, _: &Settings) -> Router<Arc<App>> {
    routes
}

/// `curl -T photo.jpg URL` puts the picture's name behind the address; any other path is wrong.
async fn elsewhere(state: State<Arc<App>>, request: Request) -> Response {
    match *request.method() {
        Method::PUT => glitching::glitch(state, request).await,
        _ => {
            body::decline(request);
            info::nothing_here().await.into_response()
        }
    }
}

/// The headers of an answer that pages of other origins may read.
const EXPOSED: [HeaderName; 9] = [
    HeaderName::from_static("glitch-seed"),
    HeaderName::from_static("glitch-recipe"),
    HeaderName::from_static("glitch-changed"),
    HeaderName::from_static("server-timing"),
    HeaderName::from_static("x-request-id"),
    header::CONTENT_DISPOSITION,
    header::CONTENT_LENGTH,
    header::ETAG,
    header::RETRY_AFTER,
];

fn cors(settings: &Settings) -> Option<CorsLayer> {
    let origins = &settings.cors_origins;
    if origins.is_empty() {
        return None;
    }
    let allowed = match origins.iter().any(|origin| origin == "*") {
        true => AllowOrigin::any(),
        false => AllowOrigin::list(origins.clone()),
    };
    let x_request_id = HeaderName::from_static("x-request-id");
    let cors = CorsLayer::new()
        .allow_origin(allowed)
        .allow_methods([Method::GET, Method::POST, Method::PUT])
        .allow_headers([header::AUTHORIZATION, header::CONTENT_TYPE, x_request_id])
        .expose_headers(EXPOSED)
        .max_age(Duration::from_secs(3600));
    Some(cors)
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt;
    use tower::ServiceExt;

    use super::problem::Problem;
    use super::*;

    async fn broken(request: Request) -> Response {
        assert!(request.uri().path().is_empty(), "s3cret at /home/somebody");
        Response::default()
    }

    async fn worked(State(app): State<Arc<App>>) -> Result<(), Problem> {
        let done = app.workers.run(|_| panic!("s3cret at /home/somebody"));
        done.await.map(|done| done.result)
    }

    #[tokio::test]
    async fn a_panic_is_answered_without_what_it_said() {
        let app = Arc::new(App::new(Settings::default()));
        let routes = Router::new()
            .route("/handler", get(broken))
            .route("/worker", get(worked));
        let router = layered(routes, app);
        for path in ["/handler", "/worker"] {
            let request = Request::get(path).body(axum::body::Body::empty()).unwrap();
            let (parts, body) = router.clone().oneshot(request).await.unwrap().into_parts();
            assert_eq!(parts.status, 500, "{path}");
            let body = body.collect().await.unwrap().to_bytes();
            let told = format!("{:?} {}", parts.headers, String::from_utf8_lossy(&body));
            assert!(told.contains("/problems/internal"), "{told}");
            for hidden in ["s3cret", "/home", "assertion", "panicked", ".rs"] {
                assert!(!told.contains(hidden), "{told}");
            }
        }
    }
}
