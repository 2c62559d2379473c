//! The worker on AWS Lambda: glitches pictures that lie in S3.

#![forbid(unsafe_code)]

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use glitch::Cancel;
use glitch::worker::Worker;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::Value;

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
    let worker = Arc::new(Worker::from_env(|name| std::env::var(name).ok())?);
    let handler = service_fn(move |event| answer(Arc::clone(&worker), event));
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?
        .block_on(lambda_runtime::run(handler))
}

async fn answer(worker: Arc<Worker>, event: LambdaEvent<Value>) -> Result<Value, Error> {
    let time = working_time(event.context.deadline);
    let cancel = Cancel::default();
    let seen = cancel.clone();
    let mut work = tokio::task::spawn_blocking(move || worker.answer(&event.payload, &seen));
    let done = match tokio::time::timeout(time, &mut work).await {
        Ok(done) => done,
        Err(_) => {
            cancel.cancel();
            work.await
        }
    };
    Ok(done??)
}

/// For telling S3 what came of it.
const RESERVE: Duration = Duration::from_secs(15);

/// Until shortly before the deadline, which is in milliseconds since 1970.
fn working_time(deadline: u64) -> Duration {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let left = Duration::from_millis(deadline).saturating_sub(now.unwrap_or_default());
    left.saturating_sub(RESERVE).max(left / 2)
}
