//! Processor time: other work on the machine disturbs it less than it does wall time.

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;
use nix::time::{ClockId, clock_gettime};

/// Milliseconds of the processor that all threads of this process took, and all its children that
/// have ended.
pub fn processor_time() -> f64 {
    let own = clock_gettime(ClockId::CLOCK_PROCESS_CPUTIME_ID).expect("there is a clock");
    own.num_nanoseconds() as f64 / 1e6 + children_time()
}

/// Milliseconds of the processor that children which have ended took.
pub fn children_time() -> f64 {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).expect("there is an account");
    let both = usage.user_time() + usage.system_time();
    both.num_microseconds() as f64 / 1e3
}

/// Milliseconds of the processor that work takes.
pub fn time_of(work: impl FnOnce()) -> f64 {
    let before = processor_time();
    work();
    processor_time() - before
}

/// A piece of work to be timed.
pub type Work<'a> = Box<dyn FnMut() + 'a>;

/// Medians of the time that each piece of work takes. They take turns, so that what else goes on
/// on the machine meets all of them alike; the first turn is not counted.
pub fn race<const N: usize>(rounds: usize, mut works: [Work<'_>; N]) -> [f64; N] {
    let mut times = [(); N].map(|()| Vec::with_capacity(rounds));
    for round in 0..=rounds {
        for (work, times) in works.iter_mut().zip(&mut times) {
            let time = time_of(&mut *work);
            if round > 0 {
                times.push(time);
            }
        }
    }
    times.map(median)
}

pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Rounds that are worth their time for so many pixels.
pub fn rounds(pixels: u64) -> usize {
    (20_000_000 / pixels.max(1)).clamp(3, 15) as usize
}
