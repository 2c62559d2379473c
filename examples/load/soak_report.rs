//! What is printed of a soak, and whether memory grew.

use crate::server::Server;
use crate::soak::{EVERY, REST, Seen};

/// So much more memory in MiB is no leak: at work it moves by that, with what is being worked on and
/// what the allocator keeps; at rest by little.
const MARGIN: f64 = 32.0;
const MARGIN_AT_REST: f64 = 4.0;

/// Most faults that are told one by one.
const TOLD: usize = 20;

pub fn print(seen: &mut Seen, server: &Server) {
    let count: usize = seen.statuses.values().sum();
    let seconds = seen.took.as_secs_f64();
    println!(
        "{count} requests in {seconds:.0} s, {:.0} a second",
        count as f64 / seconds
    );
    let manners = seen.manners.iter();
    let manners: Vec<_> = manners
        .map(|(manner, count)| format!("{count} {manner:?}"))
        .collect();
    println!("{}", manners.join(", ").to_lowercase());
    let told: Vec<_> = seen
        .statuses
        .iter()
        .map(|(status, count)| format!("{status}: {count}"))
        .collect();
    println!("answers by status (0: none): {}", told.join(", "));
    println!("answers that are not the right ones: {}", seen.faults.len());
    println!("slow clients cut off: {}", seen.cut_off);
    println!(
        "/healthz: {} answers, p99 {:.1} ms, worst {:.1} ms; {} failed",
        seen.health.times.count(),
        seen.health.times.share(0.99).unwrap_or_default(),
        seen.health.times.share(1.0).unwrap_or_default(),
        seen.health.failed
    );
    if seen.health.failed > 0 {
        seen.faults.push("/healthz failed".to_owned());
    }
    print_memory(seen, server);
    print_rest(seen);
    if seen.faults.len() > TOLD {
        let more = seen.faults.split_off(TOLD).len();
        seen.faults.push(format!("and {more} more"));
    }
}

/// The first tenth is for warming up; the second is held against the last.
fn print_memory(seen: &mut Seen, server: &Server) {
    let resident = &seen.resident;
    let numbers: Vec<_> = resident.iter().map(|mib| format!("{mib:.0}")).collect();
    println!("resident memory in MiB, every {EVERY} requests:");
    for line in numbers.chunks(25) {
        println!("  {}", line.join(" "));
    }
    println!(
        "at most: {:.0} MiB; open files at the end: {}",
        server.peak(),
        server.open_files()
    );
    let tenth = resident.len() / 10;
    if tenth == 0 {
        println!("too few requests to tell whether memory grows");
        return;
    }
    let early = median(&resident[tenth..2 * tenth]);
    let late = median(&resident[resident.len() - tenth..]);
    println!(
        "median of the second tenth {early:.1} MiB, of the last {late:.1} MiB; {MARGIN} MiB more are allowed"
    );
    if late > early + MARGIN {
        let grew = format!("memory at work grew from {early:.1} to {late:.1} MiB");
        seen.faults.push(grew);
    }
}

/// What stays when nothing is to be done: a leak stays, what an allocator keeps does not.
fn print_rest(seen: &mut Seen) {
    let [early, late] = seen.rested[..] else {
        return;
    };
    println!(
        "after {} s without requests: {early:.1} MiB behind the first tenth, {late:.1} MiB at the end; {MARGIN_AT_REST} MiB more are allowed",
        REST.as_secs()
    );
    if late > early + MARGIN_AT_REST {
        let grew = format!("memory at rest grew from {early:.1} to {late:.1} MiB");
        seen.faults.push(grew);
    }
}

fn median(numbers: &[f64]) -> f64 {
    let mut sorted = numbers.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[sorted.len() / 2]
}
