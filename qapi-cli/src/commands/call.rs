//! `qapi call`: one command to a guest agent or a QMP server, and its reply.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;
use qapi_runtime::ClientErrorKind;

use crate::arguments;
use crate::connection::{self, ConnectionArgs, reply};
use crate::console::{Console, error_word, one_line};
use crate::schema::{self, SchemaArgs};
use crate::status::{Failure, Status};
use crate::vocabulary::Vocabulary;

/// Send a command to a guest agent or a QMP server and print its reply
///
/// A QMP server sends a greeting, a guest agent does not. Without --qmp and --guest, a server that sends nothing for a
/// third of a second is taken for a guest agent.
///
/// Each ARGUMENT is NAME=VALUE, where VALUE is JSON, or else a string. Where only a string is allowed, according to
/// the QMP server or --schema, VALUE is used as it is. A single ARGUMENT may be a JSON object of all arguments
/// instead.
#[derive(Debug, Args)]
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
pub(crate) struct CallOpts {
    #[command(flatten)]
    connection: ConnectionArgs,
    /// Expect no reply on success: wait one second for an error only
    #[arg(long)]
    no_reply: bool,
    /// Print the reply on one line
    #[arg(long)]
    compact: bool,
    /// Schema of the server, for a guest agent, which does not describe its commands itself
    #[arg(long, value_name = "SCHEMA")]
    schema: Option<PathBuf>,
    /// Path of a Unix socket, or `tcp:HOST:PORT`
    #[arg(value_name = "SOCKET")]
    socket: String,
    /// Name of the command
    #[arg(value_name = "COMMAND")]
    command: String,
    /// Arguments of the command
    #[arg(value_name = "ARGUMENT")]
    arguments: Vec<String>,
    #[command(flatten)]
    reading: SchemaArgs,
}

pub(crate) fn run(opts: &CallOpts, console: &mut Console) -> Result<Status, Failure> {
    // Mistakes in the arguments are reported before anything is sent.
    arguments::parse(&opts.command, &opts.arguments, &Vocabulary::default())?;
    let described = match &opts.schema {
        Some(root) => Some(schema::load_usable(root, &opts.reading, console)?),
        None => None,
    };
    let mut client = opts.connection.connect(&opts.socket, console.verbose)?;
    let vocabulary = match described {
        Some(schema) => Vocabulary::of_schema(&schema),
        // A guest agent does not describe arguments.
        None if client.greeting().is_some() && arguments::is_ambiguous(&opts.arguments) => {
            Vocabulary::of_server(&mut client).map_err(|error| connection::failure(&error))?
        }
        None => Vocabulary::default(),
    };
    let arguments = arguments::parse(&opts.command, &opts.arguments, &vocabulary)?;
    let result = if opts.no_reply {
        client.call_silent(&opts.command, &arguments).map(|()| None)
    } else {
        client.call(&opts.command, &arguments).map(Some)
    };
    match result {
        Ok(Some(value)) => {
            console
                .stdout
                .write_all(reply::json(&value, opts.compact).as_bytes())?;
            Ok(Status::Clean)
        }
        Ok(None) => Ok(Status::Clean),
        Err(error) => match error.kind() {
            ClientErrorKind::Command(error) => {
                // The text comes from the server, which must not control this terminal.
                let (class, desc) = (one_line(error.class.as_str()), one_line(&error.desc));
                writeln!(
                    console.stderr,
                    "{}: {class}: {desc}",
                    error_word(console.stderr.color)
                )?;
                Ok(Status::Findings)
            }
            ClientErrorKind::Closed if !opts.no_reply => Err(Failure::new(format_args!(
                "{error}; if it sends none on success, use --no-reply"
            ))),
            _ => Err(connection::failure(&error)),
        },
    }
}
