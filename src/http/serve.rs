//! HTTP/1.1 over TCP, with time limits on slow clients and an orderly end.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;
use tokio_io_timeout::TimeoutStream;

use super::Settings;

/// Most bytes of a header, and of what a connection has read and nobody has taken yet.
const BUFFER: usize = 64 << 10;

/// How a server came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// Every request was answered.
    Drained,
    /// Some were not within [`Settings::drain_time`].
    Cut,
}

/// Serves the router until `stop` comes; then no connection is accepted any more, and running
/// requests may end.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    settings: &Settings,
    stop: impl Future<Output = ()>,
) -> Ended {
    let server = Server::new(router, settings);
    tokio::pin!(stop);
    loop {
        tokio::select! {
            () = &mut stop => break,
            (stream, place) = server.accept(&listener) => server.attend(stream, place),
        }
    }
    drop(listener);
    match timeout(settings.drain_time, server.running.shutdown()).await {
        Ok(()) => Ended::Drained,
        Err(_) => Ended::Cut,
    }
}

struct Server {
    router: Router,
    places: Arc<Semaphore>,
    running: GracefulShutdown,
    header_timeout: Duration,
    stall_timeout: Duration,
}

impl Server {
    fn new(router: Router, settings: &Settings) -> Self {
        Server {
            router,
            places: Arc::new(Semaphore::new(settings.connections)),
            running: GracefulShutdown::new(),
            header_timeout: settings.header_timeout,
            stall_timeout: settings.stall_timeout,
        }
    }

    /// The next connection. Where there are too many, new ones wait in the system's queue.
    async fn accept(&self, listener: &TcpListener) -> (TcpStream, Option<OwnedSemaphorePermit>) {
        let place = Arc::clone(&self.places).acquire_owned().await.ok();
        loop {
            match listener.accept().await {
                Ok((stream, _)) => return (stream, place),
                Err(error) => pause(&error).await,
            }
        }
    }

    /// Answers the requests of a connection on a task of its own.
    fn attend(&self, stream: TcpStream, place: Option<OwnedSemaphorePermit>) {
        // Without it small answers may wait for an acknowledgement. Not all systems can.
        let _ = stream.set_nodelay(true);
        let mut stream = TimeoutStream::new(stream);
        stream.set_write_timeout(Some(self.stall_timeout));
        let io: TokioIo<Pin<Box<_>>> = TokioIo::new(Box::pin(stream));
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(self.header_timeout)
            .max_buf_size(BUFFER)
            .serve_connection(io, TowerToHyperService::new(self.router.clone()));
        let connection = self.running.watch(connection);
        tokio::spawn(async move {
            // The client broke off, or was too slow: it knows.
            let _ = connection.await;
            drop(place);
        });
    }
}

/// Errors of one connection pass; where the system has no more room, trying again at once would
/// only use up the processor.
async fn pause(error: &io::Error) {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    if !matches!(
        error.kind(),
        ConnectionAborted | ConnectionRefused | ConnectionReset
    ) {
        tracing::error!(target: "glitch", %error, "cannot accept connections");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
