//! `glitch health`: whether a server on this machine answers, for what watches over containers.

use std::io::{self, Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream, ToSocketAddrs};
use std::time::Duration;

use crate::args::Health;
use crate::exit::{Exit, plain};

/// For connecting, and for each read and write.
const PATIENCE: Duration = Duration::from_secs(2);

pub fn run(args: &Health) -> Exit {
    match ask(&args.addr) {
        Ok(answer) if answer.starts_with("HTTP/1.1 200 ") => Exit::Fine,
        Ok(answer) => {
            let line = answer.lines().next().unwrap_or_default();
            eprintln!("glitch: the server at {} answered `{line}`", args.addr);
            Exit::Io
        }
        Err(error) => {
            eprintln!("glitch: no server at {}: {}", args.addr, plain(&error));
            Exit::Io
        }
    }
}

fn ask(address: &str) -> io::Result<String> {
    let mut stream = connect(address)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.take(4096).read_to_string(&mut answer)?;
    Ok(answer)
}

/// A name may have an address of each kind, of which the server listens on one.
fn connect(address: &str) -> io::Result<TcpStream> {
    let mut failed = io::ErrorKind::AddrNotAvailable.into();
    for listening in address.to_socket_addrs()? {
        match TcpStream::connect_timeout(&reachable(listening), PATIENCE) {
            Ok(stream) => return Ok(stream),
            Err(error) => failed = error,
        }
    }
    Err(failed)
}

/// A server that listens on every address is asked on the machine's own.
fn reachable(listening: SocketAddr) -> SocketAddr {
    let ip = match listening.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, listening.port())
}
