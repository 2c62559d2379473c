//! Reads the body of a request, within bounds of bytes, memory and time.

use std::error::Error;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, header};
use http_body_util::BodyExt;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout, timeout_at};

use super::problem::{Kind, Problem};
use super::settings::Settings;

/// The memory that the bytes of all requests and answers share.
#[derive(Clone, Debug)]
pub(super) struct Memory(Arc<Semaphore>);

/// A part of the memory, given back when dropped.
#[derive(Debug)]
pub(super) struct Held(Option<OwnedSemaphorePermit>);

/// Memory is counted in KiB: a semaphore hands out at most 2^32 permits at a time.
fn kib(bytes: usize) -> u32 {
    u32::try_from(bytes.div_ceil(1024)).unwrap_or(u32::MAX)
}

impl Memory {
    pub(super) fn new(bytes: usize) -> Self {
        Memory(Arc::new(Semaphore::new(kib(bytes) as usize)))
    }

    /// Takes so many bytes.
    pub(super) fn hold(&self, bytes: usize) -> Result<Held, Problem> {
        let permit = Arc::clone(&self.0).try_acquire_many_owned(kib(bytes));
        permit
            .map(|permit| Held(Some(permit)))
            .map_err(|_| Problem::full())
    }

    /// Makes what is held enough for `bytes`.
    fn extend(&self, held: &mut Held, bytes: usize) -> Result<(), Problem> {
        let has = held.0.as_ref().map_or(0, OwnedSemaphorePermit::num_permits);
        let lacking = (kib(bytes) as usize).saturating_sub(has);
        let mut more = self.hold(lacking * 1024)?;
        match (&mut held.0, more.0.take()) {
            (Some(permit), Some(more)) => permit.merge(more),
            (none, more) => *none = more,
        }
        Ok(())
    }
}

/// The body of a request.
#[derive(Debug)]
pub(super) struct Received {
    pub(super) bytes: Bytes,
    pub(super) held: Held,
}

/// How a body is read.
pub(super) struct Rules<'a> {
    pub(super) settings: &'a Settings,
    pub(super) memory: &'a Memory,
}

impl Rules<'_> {
    /// Reads the whole body.
    pub(super) async fn read(&self, request: Request) -> Result<Received, Problem> {
        let claimed = content_length(request.headers());
        let waits = waits_for_leave(request.headers());
        let mut body = request.into_body();
        if claimed.is_some_and(|claimed| claimed > self.most() as u64) {
            if !waits {
                discard(body);
            }
            return Err(self.too_large());
        }
        let result = self.read_within(&mut body, claimed).await;
        if result.is_err() {
            discard(body);
        }
        result
    }

    /// What the memory can never hold need not be tried again later.
    fn most(&self) -> usize {
        self.settings.max_bytes.min(self.settings.max_memory)
    }

    async fn read_within(
        &self,
        body: &mut Body,
        claimed: Option<u64>,
    ) -> Result<Received, Problem> {
        let deadline = Instant::now() + self.settings.body_timeout;
        let mut held = self.memory.hold(0)?;
        let Some(first) = self.next(body, deadline).await? else {
            return Ok(Received {
                bytes: Bytes::new(),
                held,
            });
        };
        self.take(&mut held, first.len())?;
        // On Lambda all of it comes at once.
        if claimed == Some(first.len() as u64) {
            return Ok(Received { bytes: first, held });
        }
        // Memory that is not written to is not used, so a claim costs nothing.
        let claimed = claimed.and_then(|claimed| usize::try_from(claimed).ok());
        let mut bytes = Vec::with_capacity(claimed.unwrap_or(first.len()));
        bytes.extend_from_slice(&first);
        while let Some(more) = self.next(body, deadline).await? {
            self.take(&mut held, bytes.len() + more.len())?;
            bytes.extend_from_slice(&more);
        }
        let bytes = bytes.into();
        Ok(Received { bytes, held })
    }

    /// The next bytes, or `None` at the end.
    async fn next(&self, body: &mut Body, deadline: Instant) -> Result<Option<Bytes>, Problem> {
        loop {
            let stalled = Instant::now() + self.settings.stall_timeout;
            match timeout_at(deadline.min(stalled), body.frame()).await {
                Ok(None) => return Ok(None),
                Ok(Some(Ok(frame))) => match frame.into_data() {
                    Ok(bytes) if bytes.is_empty() => {}
                    Ok(bytes) => return Ok(Some(bytes)),
                    // Trailers.
                    Err(_) => {}
                },
                Ok(Some(Err(error))) => return Err(broken(&error)),
                Err(_) => return Err(incomplete("the body did not arrive in time")),
            }
        }
    }

    fn take(&self, held: &mut Held, bytes: usize) -> Result<(), Problem> {
        if bytes > self.most() {
            return Err(self.too_large());
        }
        self.memory.extend(held, bytes)
    }

    fn too_large(&self) -> Problem {
        let limit = self.most();
        let detail = format!(
            "the body has more than {limit} bytes, the limit of this server; send a smaller picture, or use the command line or a server of your own"
        );
        Problem::new(Kind::TooLarge, detail).with_limit(limit as u64)
    }
}

fn incomplete(detail: &str) -> Problem {
    Problem::new(Kind::Incomplete, detail)
}

/// What is not in the form that its header says will not get better by being sent again.
fn broken(error: &axum::Error) -> Problem {
    use io::ErrorKind::{InvalidData, InvalidInput};
    let mut cause: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(error) = cause {
        let kind = error.downcast_ref().map(io::Error::kind);
        if matches!(kind, Some(InvalidData | InvalidInput)) {
            let detail = "the chunks of the body are not as RFC 9112, 7.1, has them";
            return Problem::new(Kind::BadBody, detail);
        }
        cause = error.source();
    }
    incomplete("the body broke off before its end")
}

fn content_length(headers: &HeaderMap) -> Option<u64> {
    let length = headers.get(header::CONTENT_LENGTH)?;
    length.to_str().ok()?.parse().ok()
}

/// Whether the client sends its body only when told to (RFC 9110, 10.1.1). Reading would tell it.
fn waits_for_leave(headers: &HeaderMap) -> bool {
    headers.contains_key(header::EXPECT)
}

/// Does away with the body of a request that is answered without it.
pub(super) fn decline(request: Request) {
    if !waits_for_leave(request.headers()) {
        discard(request.into_body());
    }
}

/// Most bytes and time spent on a body that nobody wants.
const DISCARDED: usize = 64 << 20;
const DISCARDING: Duration = Duration::from_secs(2);

/// Reads a body and throws it away: a connection that is closed with bytes unread is reset, and
/// the client may never see the answer. That does not wait for it: who looks need not send the rest.
fn discard(mut body: Body) {
    let all = async move {
        let mut read = 0;
        while let Some(Ok(frame)) = body.frame().await {
            read += frame.data_ref().map_or(0, Bytes::len);
            if read > DISCARDED {
                return;
            }
        }
    };
    // Whether it comes to its end makes no difference.
    tokio::spawn(timeout(DISCARDING, all));
}

/// The bytes of an answer, which hold their memory until they are sent.
pub(super) fn answer(bytes: Vec<u8>, held: Held) -> Body {
    struct Owner(Vec<u8>, #[allow(dead_code)] Held);
    impl AsRef<[u8]> for Owner {
        fn as_ref(&self) -> &[u8] {
            &self.0
        }
    }
    Body::from(Bytes::from_owner(Owner(bytes, held)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn free(memory: &Memory) -> usize {
        memory.0.available_permits()
    }

    #[tokio::test]
    async fn memory_is_held_until_the_answer_is_sent() {
        let memory = Memory::new(10 << 10);
        let mut held = memory.hold(1).unwrap();
        memory.extend(&mut held, 4 << 10).unwrap();
        assert_eq!(free(&memory), 6);
        memory.extend(&mut held, 2 << 10).unwrap();
        assert_eq!(free(&memory), 6);
        assert!(memory.extend(&mut held, 11 << 10).is_err());

        let body = answer(vec![7; 4000], held);
        assert_eq!(free(&memory), 6);
        let sent = body.collect().await.unwrap().to_bytes();
        assert_eq!(sent, vec![7; 4000]);
        assert_eq!(free(&memory), 6);
        drop(sent);
        assert_eq!(free(&memory), 10);
    }
}
