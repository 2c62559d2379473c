//! The page, driven in Chromium: starts the server and runs the tests of this folder against it; those
//! of larger pictures are run by `tests/uploads`, which has an S3.
//!
//! Without Node.js, its packages (`npm ci` in `tests/page`) or Chromium (`GLITCH_CHROMIUM`, or in
//! the `PATH`) the test is skipped with a line on standard error; with
//! `GLITCH_REQUIRE_DECODERS=1` it fails.

#[path = "../served/mod.rs"]
mod served;
#[path = "../skip/mod.rs"]
mod skip;
mod tools;

use served::Server;
use skip::skip;
use tools::Tools;

#[test]
fn the_page_does_what_it_should_in_chromium() {
    let tools = match Tools::find() {
        Ok(tools) => tools,
        Err(missing) => return skip(&format!("the page is not tested: {missing}")),
    };
    let server = Server::start();
    let files = ["page.test.mjs", "settings.test.mjs", "everybody.test.mjs"];
    tools.run(&files, &[("GLITCH_PAGE_URL", &server.address)]);
}
