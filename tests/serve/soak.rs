//! The table of requests of all manners, and a short soak of them; `make soak` does 100,000.

use std::thread;

use crate::NEVER;
use crate::requests::mix::{Asker, Mix};
use crate::server::Server;

/// The queue is long: nobody here is sent away.
fn server() -> Server {
    Server::with_env(&[("GLITCH_TIME_LIMIT", NEVER), ("GLITCH_QUEUE", "100")])
}

#[test]
fn every_request_of_the_table_is_answered_as_it_says() {
    let (server, mix) = (server(), Mix::new());
    let mut asker = Asker::new(&mix, &server.address);
    let faults = mix.cases().iter().filter_map(|case| asker.put(case).fault);
    let faults: Vec<_> = faults.collect();
    assert!(faults.is_empty(), "{faults:#?}");
    server.get("/healthz").fine();
}

#[test]
fn requests_of_all_manners_at_once_are_answered_as_the_table_says() {
    const CLIENTS: usize = 4;
    const REQUESTS: usize = 2000;
    let (server, mix) = (server(), Mix::new());
    let ask = |client| {
        let mut asker = Asker::new(&mix, &server.address);
        let numbers = (client..REQUESTS).step_by(CLIENTS);
        let faults = numbers.filter_map(|number| asker.ask(number).fault);
        faults.collect::<Vec<_>>()
    };
    let faults: Vec<_> = thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS)
            .map(|client| scope.spawn(move || ask(client)))
            .collect();
        clients
            .into_iter()
            .flat_map(|each| each.join().unwrap())
            .collect()
    });
    assert!(faults.is_empty(), "{faults:#?}");
    let panicked = server.log_text().contains("panicked");
    assert!(!panicked, "{}", server.log_text());
}
