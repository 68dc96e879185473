//! The language server: messages of the Language Server Protocol to questions for [`qapi_ide`] and back.
//!
//! One loop, no tasks: a thread reads messages, a thread writes them, and all work is done between the two. Questions are
//! answered in the order in which they come, each about the texts as they were then; diagnostics are made when nothing
//! waits.

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
mod shapes;
mod state;
mod uri;

use std::io::{self, Read, Write};

use crate::status::Status;
use inbox::Inbox;
use outbox::Outbox;
use state::Server;

/// Serves one editor until it says `exit` or goes away. Status [`Status::Findings`] if it did not say goodbye.
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
