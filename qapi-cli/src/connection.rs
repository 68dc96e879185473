//! Connections to guest agents and QMP servers.

use std::error::Error as _;
use std::io;
use std::time::Duration;

use clap::Args;
use qapi_runtime::{Client, ClientError, Options};

use crate::console::one_line;
use crate::status::Failure;

pub(crate) mod reply;
mod socket;

use socket::Protocol;
pub(crate) use socket::Socket;

/// Options of a connection: its protocol, and the time to wait.
#[derive(Debug, Args)]
pub(crate) struct ConnectionArgs {
    /// The server speaks QMP
    #[arg(long, conflicts_with = "guest")]
    qmp: bool,
    /// The server is a guest agent
    #[arg(long)]
    guest: bool,
    /// Time to wait for the connection to be set up, and then for each reply; 0 waits forever
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = seconds)]
    timeout: Limit,
}

/// A limit of time; none waits forever.
#[derive(Debug, Clone, Copy)]
struct Limit(Option<Duration>);

impl ConnectionArgs {
    /// Connects a client, ready for commands.
    pub(crate) fn connect(&self, socket: &str, trace: bool) -> Result<Client<Socket>, Failure> {
        let cannot =
            |error: io::Error| Failure::new(format_args!("cannot connect to {socket}: {error}"));
        let mut stream = Socket::connect(socket, self.timeout.0, trace).map_err(cannot)?;
        let protocol = if self.qmp {
            Protocol::Qmp
        } else if self.guest {
            Protocol::Guest
        } else {
            stream.protocol().map_err(cannot)?
        };
        let options = Options::default()
            .with_timeout(self.timeout.0)
            .with_connect_timeout(self.timeout.0)
            .with_name(socket);
        let client = match protocol {
            Protocol::Qmp => Client::qmp(stream, options),
            Protocol::Guest => Client::guest(stream, options),
        };
        client.map_err(|error| failure(&error))
    }
}

/// Returns the failure of a connection, with its cause.
pub(crate) fn failure(error: &ClientError) -> Failure {
    Failure::new(error_line(error))
}

/// Returns the text of an error, with its cause, on one line whatever the server has said.
pub(crate) fn error_line(error: &ClientError) -> String {
    let text = match error.source() {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    };
    one_line(&text).into_owned()
}

/// Reads a number of seconds; zero means no limit.
fn seconds(text: &str) -> Result<Limit, String> {
    let seconds: f64 = text
        .parse()
        .map_err(|_| "expected a number of seconds".to_owned())?;
    if seconds == 0.0 {
        return Ok(Limit(None));
    }
    // More would overflow the clock.
    Duration::try_from_secs_f64(seconds)
        .ok()
        .filter(|duration| *duration < Duration::from_secs(1 << 32))
        .map(|duration| Limit(Some(duration)))
        .ok_or_else(|| "expected zero or more seconds, within a lifetime".to_owned())
}
