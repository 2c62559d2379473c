//! The command line.

#[cfg(feature = "jemalloc")]
#[global_allocator]
static ALLOCATOR: jemallocator::Jemalloc = jemallocator::Jemalloc;

fn main() {}
