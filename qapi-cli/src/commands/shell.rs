//! `qapi shell`: an interactive session with a guest agent or a QMP server.

use std::collections::HashMap;
use std::io::Write;
use std::path::PathBuf;
use std::rc::Rc;
use std::time::Duration;

use clap::Args;
use qapi_runtime::client::Commands;
use qapi_runtime::{Any, Client, ClientError, ClientErrorKind, Object};

use crate::arguments;
use crate::connection::{self, ConnectionArgs, Socket, reply};
use crate::console::{Console, error_word, one_line};
use crate::schema::{self, SchemaArgs};
use crate::status::{Failure, Status};
use crate::vocabulary::Vocabulary;

mod complete;
mod events;
mod history;
mod json_prefix;
mod line_reader;
mod quoting;

use line_reader::LineReader;
use quoting::{Unclosed, split};

/// Talk to a guest agent or a QMP server interactively
///
/// Each line is a command with arguments, as for `qapi call` but without quotes around JSON, or a request in JSON.
/// Tab completes commands, arguments and values, as far as the server or --schema describes them.
///
/// `help` lists the commands, `help COMMAND` the arguments of one; NAME=VALUE adds those that depend on this value.
/// `exit` or the end of input ends the shell. Lines that begin with `#` are comments. Events are printed when they
/// arrive; in a script, after the command during which they arrived.
///
/// Lines typed at a terminal are kept in `qapi/shell-history`, below `$XDG_STATE_HOME` or `~/.local/state`, except
/// lines that begin with a space and commands that take passwords or keys.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  qapi shell /run/vm1/qmp.sock
  qapi shell --guest --schema schemas/guest-agent/current.json /run/vm1/qga.sock
  echo 'query-status' | qapi shell --compact /run/vm1/qmp.sock

Exit status:
  0  all commands succeeded, or were typed at a terminal
  1  a command of a script failed
  2  wrong usage, no connection, or the connection was lost")]
pub(crate) struct ShellOpts {
    #[command(flatten)]
    connection: ConnectionArgs,
    /// Print each reply on one line
    #[arg(long)]
    compact: bool,
    /// Schema of the server, for a guest agent, which does not describe its commands itself
    #[arg(long, value_name = "SCHEMA")]
    schema: Option<PathBuf>,
    /// Path of a Unix socket, or `tcp:HOST:PORT`
    #[arg(value_name = "SOCKET")]
    socket: String,
    #[command(flatten)]
    reading: SchemaArgs,
}

pub(crate) fn run(opts: &ShellOpts, console: &mut Console) -> Result<Status, Failure> {
    let mut client = opts.connection.connect(&opts.socket, console.verbose)?;
    let vocabulary = vocabulary(opts, &mut client, console)?;
    let read = |error| Failure::new(format_args!("cannot read standard input: {error}"));
    let mut lines = LineReader::open(&vocabulary).map_err(read)?;
    let prompt = if client.greeting().is_some() {
        "qmp> "
    } else {
        "guest> "
    };
    let connection = match lines.printer() {
        Some(printer) if client.greeting().is_some() => {
            let (commands, events) = client
                .split()
                .map_err(|error| connection::failure(&error))?;
            events::show(events, printer, console.stderr.color)?;
            Connection::Split(commands)
        }
        _ => Connection::Whole(Box::new(client)),
    };
    let mut shell = Shell {
        opts,
        connection,
        vocabulary,
        console,
        failed: false,
    };
    loop {
        // A script does not wait for events: it gets those that came with replies, and the rest at its end.
        shell.print_events(Duration::ZERO)?;
        shell.console.stdout.flush()?;
        let Some(line) = lines.next(prompt).map_err(read)? else {
            break;
        };
        if shell.obey(&line)? == Next::Exit {
            break;
        }
    }
    shell.print_events(MOMENT)?;
    if shell.failed && !lines.is_terminal() {
        return Ok(Status::Findings);
    }
    Ok(Status::Clean)
}

/// Returns the commands of the server, with what the schema says about them.
fn vocabulary(
    opts: &ShellOpts,
    client: &mut Client<Socket>,
    console: &mut Console,
) -> Result<Rc<Vocabulary>, Failure> {
    let told = Vocabulary::of_server(client);
    let mut vocabulary = told.map_err(|error| connection::failure(&error))?;
    if let Some(root) = &opts.schema {
        vocabulary.add_schema(&schema::load_usable(root, &opts.reading, console)?);
    }
    Ok(Rc::new(vocabulary))
}

/// The time to wait for events that are under way.
const MOMENT: Duration = Duration::from_millis(1);

/// The client of the server.
enum Connection {
    /// Events are requested between commands.
    Whole(Box<Client<Socket>>),
    /// A separate thread prints events.
    Split(Commands<Socket>),
}

impl Connection {
    fn call(&mut self, name: &str, arguments: &Object) -> Result<Any, ClientError> {
        match self {
            Self::Whole(client) => client.call(name, arguments),
            Self::Split(commands) => commands.call(name, arguments),
        }
    }

    fn call_silent(&mut self, name: &str, arguments: &Object) -> Result<(), ClientError> {
        match self {
            Self::Whole(client) => client.call_silent(name, arguments),
            Self::Split(commands) => commands.call_silent(name, arguments),
        }
    }
}

/// The next step after a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    Line,
    Exit,
}

/// A command with its arguments.
struct Request {
    name: String,
    arguments: Object,
}

struct Shell<'a> {
    opts: &'a ShellOpts,
    connection: Connection,
    vocabulary: Rc<Vocabulary>,
    console: &'a mut Console,
    /// A command failed.
    failed: bool,
}

impl Shell<'_> {
    /// Runs a line.
    fn obey(&mut self, line: &str) -> Result<Next, Failure> {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            return Ok(Next::Line);
        }
        let request = if line.starts_with('{') {
            from_wire(line)
        } else {
            let (words, end) = split(line);
            let words: Vec<String> = words.into_iter().map(|word| word.text).collect();
            match (&words[..], end) {
                (_, Err(Unclosed(open))) => {
                    Err(Failure::new(format_args!("`{open}` is not closed")))
                }
                ([name, rest @ ..], _) if !self.vocabulary.has(name) => match (name.as_str(), rest)
                {
                    ("exit", []) => return Ok(Next::Exit),
                    ("help", about) => return self.help(about),
                    _ => self.request(name, rest),
                },
                ([name, rest @ ..], _) => self.request(name, rest),
                ([], _) => return Ok(Next::Line),
            }
        };
        match request {
            Ok(request) => self.call(&request)?,
            Err(failure) => self.complain(&failure)?,
        }
        Ok(Next::Line)
    }

    fn request(&self, name: &str, words: &[String]) -> Result<Request, Failure> {
        Ok(Request {
            name: name.to_owned(),
            arguments: arguments::parse(name, words, &self.vocabulary)?,
        })
    }

    fn help(&mut self, about: &[String]) -> Result<Next, Failure> {
        let mut text = String::new();
        let (chosen, names): (Vec<&String>, Vec<&String>) =
            about.iter().partition(|word| word.contains('='));
        let chosen: HashMap<&str, &str> = chosen
            .iter()
            .filter_map(|word| word.split_once('='))
            .collect();
        for name in names {
            match self.vocabulary.help(name, &chosen) {
                Some(help) => text.push_str(&help),
                None => self.complain(&format_args!("the server has no command `{name}`"))?,
            }
        }
        if about.is_empty() {
            for name in self.vocabulary.names() {
                text.push_str(name);
                text.push('\n');
            }
        }
        for line in text.lines() {
            writeln!(self.console.stdout, "{}", one_line(line))?;
        }
        Ok(Next::Line)
    }

    fn call(&mut self, request: &Request) -> Result<(), Failure> {
        let (name, arguments) = (&request.name, &request.arguments);
        let result = if self.vocabulary.answers_success(name) {
            self.connection.call(name, arguments).map(Some)
        } else {
            self.connection.call_silent(name, arguments).map(|()| None)
        };
        match result {
            Ok(Some(value)) => {
                let text = reply::json(&value, self.opts.compact);
                self.console.stdout.write_all(text.as_bytes())?;
                Ok(())
            }
            Ok(None) => Ok(()),
            Err(error) => match error.kind() {
                ClientErrorKind::Command(error) => {
                    let (class, desc) = (one_line(error.class.as_str()), one_line(&error.desc));
                    self.complain(&format_args!("{class}: {desc}"))
                }
                // The connection remains usable.
                ClientErrorKind::TimedOut | ClientErrorKind::TooLarge { .. } => {
                    self.complain(&error)
                }
                _ => Err(connection::failure(&error)),
            },
        }
    }

    fn complain(&mut self, about: &dyn std::fmt::Display) -> Result<(), Failure> {
        self.failed = true;
        // Earlier output comes first.
        self.console.stdout.flush()?;
        let word = error_word(self.console.stderr.color);
        writeln!(self.console.stderr, "{word}: {about}")?;
        Ok(())
    }

    /// Prints the events that have come in, or come in time, unless a thread does.
    fn print_events(&mut self, pause: Duration) -> Result<(), Failure> {
        let Connection::Whole(client) = &mut self.connection else {
            return Ok(());
        };
        // The next command notices a lost connection.
        while let Ok(Some(event)) = client.next_event(pause) {
            self.console.stdout.flush()?;
            write!(self.console.stderr, "{}", events::line(&event))?;
        }
        Ok(())
    }
}

/// Returns a request as it goes over the wire; an `id` is the client's to choose.
fn from_wire(line: &str) -> Result<Request, Failure> {
    let request: Any = line
        .parse()
        .map_err(|error| Failure::new(format_args!("the request is not JSON: {error}")))?;
    let members = request.as_object().into_iter().flat_map(Object::iter);
    let (mut name, mut arguments) = (None, Object::new());
    for (key, value) in members {
        match (key, value) {
            ("execute", Any::String(text)) => name = Some(text.clone()),
            ("arguments", Any::Object(object)) => arguments = object.clone(),
            ("id", _) => {}
            _ => {
                return Err(Failure::new(format_args!(
                    "expected a string `execute` and an object `arguments`, found `{}`",
                    one_line(key)
                )));
            }
        }
    }
    let name = name.ok_or_else(|| Failure::new("the request lacks `execute`"))?;
    Ok(Request { name, arguments })
}
