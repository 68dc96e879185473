//! The language server: translates between the Language Server Protocol and [`qapi_ide`].
//!
//! One loop: a thread reads messages, another writes them, and all work is done in between. Requests are answered in
//! order, each for the texts at its time; diagnostics are made when no request waits.

#[expect(
    clippy::unnecessary_wraps,
    reason = "all answers have the form that the table of requests needs"
)]
mod answers;
mod changes;
mod client;
#[expect(
    clippy::unnecessary_wraps,
    reason = "all answers have the form that the table of requests needs"
)]
mod completion;
mod configuration;
mod convert;
mod documents;
mod frame;
mod inbox;
mod initialize;
#[expect(
    clippy::unnecessary_wraps,
    reason = "all answers have the form that the table of requests needs"
)]
mod lenses;
mod outbox;
mod publish;
mod requests;
mod server;
mod state;
mod structure_answers;
mod uri;

use std::io::{self, Read, Write};

use crate::status::Status;
use inbox::Inbox;
use outbox::Outbox;
use state::Server;

/// Serves one editor until it says `exit` or goes away. The status is [`Status::Findings`] if the editor ended without
/// a shutdown request.
pub(crate) fn serve(
    input: impl Read + Send + 'static,
    output: impl Write + Send + 'static,
) -> Status {
    let inbox = Inbox::open(input);
    let outbox = Outbox::open(output);
    let mut server = Server::new(outbox.clone());
    let said_goodbye = server.run(inbox);
    outbox.close();
    if said_goodbye {
        Status::Clean
    } else {
        Status::Findings
    }
}

/// Serves the editor that started this process.
pub(crate) fn serve_standard_streams() -> Status {
    serve(io::stdin(), output())
}

/// Standard output without its lock: an editor that never reads must not keep the process from its end.
#[cfg(unix)]
fn output() -> Box<dyn Write + Send> {
    use std::os::fd::AsFd;
    match io::stdout().as_fd().try_clone_to_owned() {
        Ok(descriptor) => Box::new(std::fs::File::from(descriptor)),
        Err(_) => Box::new(io::stdout()),
    }
}

/// Standard output.
#[cfg(not(unix))]
fn output() -> Box<dyn Write + Send> {
    Box::new(io::stdout())
}
