//! Many pictures at once, one on each of a number of threads.

use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};

/// As many as are asked for, or as there are cores.
pub fn jobs(asked: Option<NonZeroUsize>) -> usize {
    asked
        .or_else(|| std::thread::available_parallelism().ok())
        .map_or(1, NonZeroUsize::get)
}

/// Runs `work` on a pool of so many threads.
pub fn pooled<T: Send>(jobs: usize, work: impl FnOnce() -> T + Send) -> T {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(jobs).build();
    match pool {
        Ok(pool) => pool.install(work),
        // Where the system gives no threads the work is done on this one.
        Err(_) => work(),
    }
}

/// Calls `work` for every index below `count`, on at most `jobs` threads, starting in order. Each
/// thread has one index at a time, so no more than `jobs` pictures are in memory.
pub fn run(count: usize, jobs: usize, work: impl Fn(usize) + Sync) {
    let threads = jobs.min(count);
    let pool = match threads {
        0 | 1 => None,
        // Where the system gives no threads the work is done on this one.
        _ => rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .ok(),
    };
    let Some(pool) = pool else {
        return (0..count).for_each(work);
    };
    let next = AtomicUsize::new(0);
    pool.broadcast(|_| {
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            if index >= count {
                break;
            }
            work(index);
        }
    });
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    #[test]
    fn every_index_is_worked_on_once() {
        for (count, jobs) in [(0, 4), (1, 4), (100, 1), (100, 3), (2, 8)] {
            let seen = Mutex::new(Vec::new());
            run(count, jobs, |index| seen.lock().unwrap().push(index));
            let mut seen = seen.into_inner().unwrap();
            seen.sort_unstable();
            assert_eq!(seen, (0..count).collect::<Vec<_>>());
        }
    }

    #[test]
    fn no_more_than_jobs_at_a_time() {
        let (now, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        run(60, 3, |_| {
            most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            std::thread::sleep(std::time::Duration::from_millis(1));
            now.fetch_sub(1, Ordering::SeqCst);
        });
        assert!((2..=3).contains(&most.load(Ordering::SeqCst)));
    }
}
