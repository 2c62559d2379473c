//! Work for the processor: off the threads that serve connections, no more at once than there are
//! workers, and with an end.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout_at;

use super::problem::{Kind, Problem};
use super::settings::Settings;
use crate::Cancel;

/// The workers, and the queue before them.
#[derive(Debug)]
pub(super) struct Workers {
    free: Arc<Semaphore>,
    waiting: AtomicUsize,
    queue: usize,
    time_limit: Duration,
}

/// What came of the work, and how long it waited for a worker.
#[derive(Debug)]
pub(super) struct Done<T> {
    pub(super) result: T,
    pub(super) waited: Duration,
}

impl Workers {
    pub(super) fn new(settings: &Settings) -> Self {
        Workers {
            free: Arc::new(Semaphore::new(settings.workers)),
            waiting: AtomicUsize::new(0),
            queue: settings.queue,
            time_limit: settings.time_limit,
        }
    }

    /// Whether there is room for one more. Asked before a body is read, which would be in vain.
    pub(super) fn check_room(&self) -> Result<(), Problem> {
        let busy = self.free.available_permits() == 0;
        match busy && self.waiting.load(Ordering::Relaxed) >= self.queue {
            true => Err(Problem::full()),
            false => Ok(()),
        }
    }

    /// Does `work` on a thread of its own. It is told to stop at the time limit, and where the
    /// caller loses interest: where the client hangs up, this future is dropped. Its place is free
    /// when it did stop.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Cancel) -> T + Send + 'static,
    ) -> Result<Done<T>, Problem> {
        let start = Instant::now();
        let deadline = tokio::time::Instant::from_std(start + self.time_limit);
        let permit = timeout_at(deadline, self.permit())
            .await
            .map_err(|_| Problem::full())??;
        let waited = start.elapsed();
        let cancel = CancelOnDrop(Cancel::default());
        let seen = cancel.0.clone();
        let task = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            work(&seen)
        });
        match timeout_at(deadline, task).await {
            Ok(Ok(result)) => Ok(Done { result, waited }),
            Ok(Err(_)) => Err(Problem::internal()),
            Err(_) => Err(self.out_of_time()),
        }
    }

    async fn permit(&self) -> Result<OwnedSemaphorePermit, Problem> {
        if let Ok(permit) = Arc::clone(&self.free).try_acquire_owned() {
            return Ok(permit);
        }
        let _place = Place::take(self).ok_or_else(Problem::full)?;
        let permit = Arc::clone(&self.free).acquire_owned().await;
        permit.map_err(|_| Problem::internal())
    }

    fn out_of_time(&self) -> Problem {
        let limit = self.time_limit.as_secs_f64();
        let detail = format!("not done within {limit} seconds, the time limit of this server");
        Problem::new(Kind::OutOfTime, detail)
    }
}

/// A place in the queue.
struct Place<'a>(&'a AtomicUsize);

impl<'a> Place<'a> {
    fn take(workers: &'a Workers) -> Option<Self> {
        let more = |waiting| (waiting < workers.queue).then(|| waiting + 1);
        let waiting = &workers.waiting;
        let taken = waiting.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more);
        // Made only where it was taken: what is dropped is given back.
        taken.is_ok().then(|| Place(waiting))
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

struct CancelOnDrop(Cancel);

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        self.0.cancel();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    fn workers(queue: usize, time_limit: Duration) -> Arc<Workers> {
        Arc::new(Workers::new(&Settings {
            workers: 1,
            queue,
            time_limit,
            ..Settings::default()
        }))
    }

    const LONG: Duration = Duration::from_secs(60);

    fn status(problem: &Problem) -> String {
        format!("{problem:?}")
    }

    #[tokio::test]
    async fn who_finds_the_queue_full_is_told_at_once() {
        let workers = workers(1, LONG);
        let (go, wait) = mpsc::channel::<()>();
        let busy = tokio::spawn({
            let workers = Arc::clone(&workers);
            async move { workers.run(move |_| wait.recv()).await.map(drop) }
        });
        while workers.free.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        workers.check_room().unwrap();
        let queued = tokio::spawn({
            let workers = Arc::clone(&workers);
            async move { workers.run(|_| 7).await.map(|done| done.result) }
        });
        while workers.waiting.load(Ordering::Relaxed) == 0 {
            tokio::task::yield_now().await;
        }
        assert!(status(&workers.check_room().unwrap_err()).contains("Full"));
        let refused = workers.run(|_| ()).await.unwrap_err();
        assert!(status(&refused).contains("Full"), "{refused:?}");
        go.send(()).unwrap();
        busy.await.unwrap().unwrap();
        assert_eq!(queued.await.unwrap().unwrap(), 7);
        assert_eq!(workers.waiting.load(Ordering::Relaxed), 0);
    }

    /// Waits for `cancel`, and tells that it came.
    fn stubborn(cancel: &Cancel, stopped: &mpsc::Sender<()>) {
        while !cancel.is_cancelled() {
            std::thread::sleep(Duration::from_millis(1));
        }
        stopped.send(()).unwrap();
    }

    #[tokio::test]
    async fn work_is_told_to_stop_at_the_time_limit() {
        let workers = workers(0, Duration::from_millis(20));
        let (sender, stopped) = mpsc::channel();
        let late = workers.run(move |cancel| stubborn(cancel, &sender)).await;
        assert!(status(&late.unwrap_err()).contains("OutOfTime"));
        tokio::task::spawn_blocking(move || stopped.recv().unwrap())
            .await
            .unwrap();
    }

    #[tokio::test]
    async fn who_hangs_up_frees_the_place() {
        let workers = workers(1, LONG);
        let (sender, stopped) = mpsc::channel();
        let gone = tokio::spawn({
            let workers = Arc::clone(&workers);
            async move {
                workers
                    .run(move |cancel| stubborn(cancel, &sender))
                    .await
                    .map(drop)
            }
        });
        while workers.free.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        gone.abort();
        // Waits in the queue until the other has stopped.
        assert_eq!(workers.run(|_| 7).await.unwrap().result, 7);
        stopped.try_recv().unwrap();
    }

    #[tokio::test]
    async fn a_panic_is_a_problem_and_the_place_is_free() {
        let workers = workers(0, LONG);
        let broken = workers.run(|_| panic!("on purpose")).await.map(drop);
        assert!(status(&broken.unwrap_err()).contains("Internal"));
        assert_eq!(workers.run(|_| 7).await.unwrap().result, 7);
    }
}
