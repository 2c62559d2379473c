//! `glitch serve`: the HTTP interface on this machine.

use std::io::{self, IsTerminal, Write};

use glitch::http::{self, Ended, Settings, TOKEN_VARIABLE};
use tokio::net::TcpListener;
use tracing_subscriber::EnvFilter;

use crate::args::{self, Serve};
use crate::exit::{Exit, plain};

pub fn run(args: &Serve) -> Exit {
    let token = std::env::var(TOKEN_VARIABLE).ok();
    let settings = match args.settings.0.clone().with_token(token.as_deref()) {
        Ok(settings) => settings,
        Err(why) => args::refuse(why),
    };
    start_log();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    match runtime {
        Ok(runtime) => runtime.block_on(listen(&args.addr, settings)),
        Err(error) => failed(&format!("cannot start threads: {}", plain(&error))),
    }
}

fn failed(why: &str) -> Exit {
    eprintln!("glitch: {why}");
    Exit::Io
}

/// For people on a terminal, for programs elsewhere.
fn start_log() {
    let filter = std::env::var("GLITCH_LOG").unwrap_or_default();
    let filter = EnvFilter::builder()
        .with_default_directive(tracing::Level::INFO.into())
        .parse_lossy(filter);
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_target(false)
        // It would print that a line could not be written, and panic where that cannot be either.
        .log_internal_errors(false)
        .with_writer(io::stderr);
    match io::stderr().is_terminal() {
        true => log.init(),
        false => log.json().flatten_event(true).init(),
    }
}

async fn listen(address: &str, settings: Settings) -> Exit {
    let bound = async {
        let listener = TcpListener::bind(address).await?;
        let local = listener.local_addr()?;
        // Before anyone is told that there is a server to stop.
        Ok::<_, io::Error>((listener, local, Signals::catch()?))
    };
    let (listener, local, mut signals) = match bound.await {
        Ok(bound) => bound,
        Err(error) => {
            return failed(&format!("cannot listen on {address}: {}", plain(&error)));
        }
    };
    // For whoever started it with port 0. Who closed standard output does not want to know.
    let _ = writeln!(io::stdout(), "listening on http://{local}");
    let router = http::router(settings.clone());
    let (stop, stopping) = tokio::sync::oneshot::channel();
    let server = http::serve(listener, router, &settings, async {
        // Nobody drops the sender.
        let _ = stopping.await;
    });
    let twice = async {
        signals.next().await;
        tracing::info!(drain_time = settings.drain_time.as_secs_f64(), "stopping");
        let _ = stop.send(());
        signals.next().await;
    };
    let ended = tokio::select! {
        ended = server => ended,
        () = twice => Ended::Cut,
    };
    match ended {
        Ended::Drained => Exit::Fine,
        Ended::Cut => {
            tracing::error!("stopped before all requests were answered");
            Exit::Interrupted
        }
    }
}

/// SIGTERM and Ctrl-C.
#[cfg(unix)]
struct Signals(tokio::signal::unix::Signal, tokio::signal::unix::Signal);

#[cfg(unix)]
impl Signals {
    fn catch() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Signals(
            signal(SignalKind::terminate())?,
            signal(SignalKind::interrupt())?,
        ))
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.0.recv() => {}
            _ = self.1.recv() => {}
        }
    }
}

/// Ctrl-C.
#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn catch() -> io::Result<Self> {
        Ok(Signals)
    }

    async fn next(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
