//! `qapi call`: one command to a guest agent or a QMP server, and its reply.

use std::io::{self, Write};
use std::time::Duration;

use clap::Args;
use qapi_runtime::{Client, ClientError, Options};

use crate::console::Console;
use crate::report::{error_word, one_line};
use crate::status::{Failure, Status};

mod arguments;
pub(crate) mod pretty;
pub(crate) mod stream;

use stream::{Protocol, Stream};

/// Send a command to a guest agent or a QMP server and print its reply
///
/// A QMP server greets whoever connects; a guest agent waits to be asked. Without --qmp and --guest, a server that
/// says nothing for a third of a second is taken for a guest agent.
///
/// Each ARGUMENT is NAME=VALUE, where VALUE is JSON if it looks like it, and a string otherwise; or there is a single
/// ARGUMENT that holds all of them as a JSON object.
#[derive(Debug, Args)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a flag of the command line"
)]
#[command(after_help = "\
Examples:
  qapi call /run/vm1/qga.sock guest-info
  qapi call /run/vm1/qga.sock guest-exec path=/bin/ls 'arg=[\"-l\", \"/\"]' capture-output=true
  qapi call /run/vm1/qga.sock guest-set-time '{\"time\": 1700000000000000000}'
  qapi call /run/vm1/qga.sock guest-shutdown mode=reboot --no-reply
  qapi call --qmp tcp:localhost:4444 query-status

Exit status:
  0  the command succeeded; its reply is on standard output
  1  the command failed; class and description of the error are on standard error
  2  wrong usage, no connection, or no reply in time")]
pub(crate) struct Opts {
    /// The server speaks QMP
    #[arg(long, conflicts_with = "guest")]
    qmp: bool,
    /// The server is a guest agent
    #[arg(long)]
    guest: bool,
    /// How long to wait: for the connection to be set up, and then for the reply; 0 is for ever
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = seconds)]
    timeout: Limit,
    /// The command sends no reply when it succeeds: wait a second for an error, and be content
    #[arg(long)]
    no_reply: bool,
    /// Print the reply on one line
    #[arg(long)]
    compact: bool,
    /// A unix socket, or `tcp:HOST:PORT`
    #[arg(value_name = "SOCKET")]
    socket: String,
    /// The command's name
    #[arg(value_name = "COMMAND")]
    command: String,
    /// The command's arguments
    #[arg(value_name = "ARGUMENT")]
    arguments: Vec<String>,
}

/// A limit of time; none is for ever.
#[derive(Debug, Clone, Copy)]
struct Limit(Option<Duration>);

/// Calls.
pub(crate) fn run(opts: &Opts, console: &mut Console) -> Result<Status, Failure> {
    let arguments = arguments::parse(&opts.arguments)?;
    let failure =
        |reason: &dyn std::fmt::Display| Failure::new(format_args!("{}: {reason}", opts.socket));
    let mut client = connect(opts, console.verbose)?;
    let result = if opts.no_reply {
        client.call_silent(&opts.command, &arguments).map(|()| None)
    } else {
        client.call(&opts.command, &arguments).map(Some)
    };
    match result {
        Ok(Some(reply)) => {
            console
                .stdout
                .write_all(pretty::json(&reply, opts.compact).as_bytes())?;
            Ok(Status::Clean)
        }
        Ok(None) => Ok(Status::Clean),
        Err(ClientError::Command(error)) => {
            // The text comes from the other side, which is not to steer this terminal.
            let (class, desc) = (one_line(error.class.as_str()), one_line(&error.desc));
            writeln!(
                console.stderr,
                "{}: {class}: {desc}",
                error_word(console.stderr.color)
            )?;
            Ok(Status::Findings)
        }
        Err(error @ ClientError::Closed { .. }) if !opts.no_reply => {
            Err(Failure::new(format_args!(
                "{}: {error}; if it sends none on success, use --no-reply",
                opts.socket
            )))
        }
        Err(error) => Err(failure(&error)),
    }
}

/// A client that is ready for commands.
fn connect(opts: &Opts, trace: bool) -> Result<Client<Stream>, Failure> {
    let failure =
        |error: io::Error| Failure::new(format_args!("cannot connect to {}: {error}", opts.socket));
    let mut stream = Stream::connect(&opts.socket, opts.timeout.0, trace).map_err(failure)?;
    let protocol = if opts.qmp {
        Protocol::Qmp
    } else if opts.guest {
        Protocol::Guest
    } else {
        stream.protocol().map_err(failure)?
    };
    let options = Options::default()
        .with_timeout(opts.timeout.0)
        .with_connect_timeout(opts.timeout.0);
    let client = match protocol {
        Protocol::Qmp => Client::qmp(stream, options),
        Protocol::Guest => Client::guest(stream, options),
    };
    client.map_err(|error| Failure::new(format_args!("{}: {error}", opts.socket)))
}

/// Reads a number of seconds; zero is no limit.
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
