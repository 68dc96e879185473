//! Revisions to compare: schemas from files or git, and the introspection of servers.

use std::io;
use std::path::Path;
use std::thread;
use std::time::Duration;

use qapi_diff::{Model, ServerSchema, Symbols};
use qapi_parser::ir::Schema;
use qapi_parser::source::{Files, SourceMap, Span};
use qapi_parser::{Loaded, Options};
use qapi_runtime::introspect::{Introspection, QuerySchema};
use qapi_runtime::{Client, Execute};

use crate::connection::{Socket, error_line};
use crate::console::Console;
use crate::schema::{SchemaArgs, is_introspection, tell_loaded};
use crate::standard_input::Input;
use crate::status::{Failure, Status};

mod git;
mod labels;

use git::GitFiles;
pub(crate) use labels::labels;

/// Time for a server to answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// Loads revisions.
pub(crate) struct Loader<'a> {
    args: &'a SchemaArgs,
    /// The symbols given by the user.
    pub(crate) symbols: Symbols,
}

/// One revision.
pub(crate) struct Revision {
    /// As the user named it.
    pub(crate) name: String,
    /// Text before the paths of its files.
    prefix: String,
    contents: Contents,
}

#[expect(clippy::large_enum_variant, reason = "there are two of these")]
enum Contents {
    Schema(Loaded),
    Server(ServerSchema),
}

/// A place in a schema file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SourcePlace {
    /// The path as opened, without the prefix of its revision.
    pub(crate) path: String,
    /// Name of its revision: empty, or `REV:`.
    pub(crate) prefix: String,
    pub(crate) line: u32,
    pub(crate) column: u32,
}

impl Revision {
    /// Returns the wire model, without what the symbols exclude.
    pub(crate) fn model(&self, symbols: &Symbols) -> Model<'_> {
        match &self.contents {
            Contents::Schema(loaded) => match &loaded.schema {
                Some(schema) => Model::of_schema(schema, symbols),
                None => Model::default(),
            },
            Contents::Server(schema) => schema.model(),
        }
    }

    /// Returns the schema, if it is one.
    pub(crate) fn schema(&self) -> Option<&Schema> {
        match &self.contents {
            Contents::Schema(loaded) => loaded.schema.as_ref(),
            Contents::Server(_) => None,
        }
    }

    /// Returns the description that a server gives of itself, if it is one.
    pub(crate) fn introspection(&self) -> Option<&Introspection> {
        match &self.contents {
            Contents::Schema(_) => None,
            Contents::Server(schema) => Some(schema.introspection()),
        }
    }

    /// Returns the schema's files, if it is one.
    pub(crate) fn sources(&self) -> Option<&SourceMap> {
        match &self.contents {
            Contents::Schema(loaded) => Some(&loaded.sources),
            Contents::Server(_) => None,
        }
    }

    /// Returns the file that was named on the command line; none for a server.
    pub(crate) fn file(&self) -> Option<&str> {
        if is_server(&self.name) {
            return None;
        }
        match self.name.strip_prefix("git:") {
            Some(rest) => rest.split_once(':').map(|(_, path)| path),
            None => Some(&self.name),
        }
    }

    /// Returns the place of a span in its file.
    pub(crate) fn place(&self, span: Span) -> Option<SourcePlace> {
        let Contents::Schema(loaded) = &self.contents else {
            return None;
        };
        let position = loaded.sources.position(span);
        Some(SourcePlace {
            path: loaded.sources.file(span.file).path.clone(),
            prefix: self.prefix.clone(),
            line: position.line,
            column: position.column,
        })
    }
}

impl<'a> Loader<'a> {
    pub(crate) fn new(args: &'a SchemaArgs) -> Result<Self, Failure> {
        args.symbols.defined()?;
        let mut symbols = Symbols::default();
        symbols.defined.extend(args.symbols.define.iter().cloned());
        symbols
            .undefined
            .extend(args.symbols.undefine.iter().cloned());
        Ok(Self { args, symbols })
    }

    /// Loads all of them, side by side, and prints what is wrong with them. They are there if
    /// nothing is.
    pub(crate) fn load(
        &self,
        names: &[&str],
        console: &mut Console,
    ) -> Result<(Option<Vec<Revision>>, Status), Failure> {
        let options = self.args.options();
        let input = Input::default();
        let loaded: Vec<_> = thread::scope(|scope| {
            let threads: Vec<_> = names
                .iter()
                .map(|name| scope.spawn(|| load(name, &input, &options)))
                .collect();
            threads
                .into_iter()
                .map(|thread| {
                    thread
                        .join()
                        .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
                })
                .collect()
        });
        // Warnings about old revisions are not news.
        let quiet = console.quiet || !console.verbose;
        let mut report = self.args.report(quiet, console.stderr.color);
        let mut revisions = Vec::new();
        for revision in loaded {
            let revision = revision?;
            if let Contents::Schema(loaded) = &revision.contents {
                report.print(&mut console.stderr, &loaded.sources, &loaded.diagnostics)?;
                tell_loaded(loaded, console)?;
            }
            revisions.push(revision);
        }
        if report.status() != Status::Clean {
            report.finish(&mut console.stderr)?;
            return Ok((None, report.status()));
        }
        Ok((Some(revisions), Status::Clean))
    }
}

fn load(name: &str, input: &Input, options: &Options) -> Result<Revision, Failure> {
    let failure = |reason: &dyn std::fmt::Display| Failure::new(format_args!("{name}: {reason}"));
    let (prefix, contents) = if is_server(name) {
        let introspection = ask(name).map_err(|error| failure(&error))?;
        let schema = ServerSchema::new(introspection).map_err(|error| failure(&error))?;
        (String::new(), Contents::Server(schema))
    } else if let Some(rest) = name.strip_prefix("git:") {
        let (revision, path) = rest
            .split_once(':')
            .ok_or_else(|| failure(&"expected git:REV:PATH"))?;
        let files = GitFiles::open(revision).map_err(|error| failure(&error))?;
        let contents = read(Path::new(path), &files, options).map_err(|error| failure(&error))?;
        (format!("{revision}:"), contents)
    } else {
        let contents = read(Path::new(name), input, options).map_err(|error| failure(&error))?;
        (String::new(), contents)
    };
    Ok(Revision {
        name: name.to_owned(),
        prefix,
        contents,
    })
}

/// Reads a schema, or an introspection reply if the file begins like one.
fn read(
    root: &Path,
    files: &dyn Files,
    options: &Options,
) -> Result<Contents, qapi_diff::IntrospectionError> {
    if let Ok(document) = files.read(root)
        && is_introspection(&document)
    {
        return ServerSchema::parse(&document).map(Contents::Server);
    }
    Ok(Contents::Schema(qapi_parser::load(root, files, options)))
}

/// Returns true for the address of a server.
fn is_server(name: &str) -> bool {
    name.starts_with("unix:") || name.starts_with("tcp:") || is_socket(name)
}

/// Returns true if there is a Unix socket at `path`.
#[cfg(unix)]
fn is_socket(path: &str) -> bool {
    use std::os::unix::fs::FileTypeExt;
    std::fs::metadata(path).is_ok_and(|found| found.file_type().is_socket())
}

#[cfg(not(unix))]
fn is_socket(_path: &str) -> bool {
    false
}

/// Asks a QMP server about itself. Its answer, a whole schema, is not traced.
fn ask(socket: &str) -> io::Result<Introspection> {
    let stream = Socket::connect(socket, Some(PATIENCE), false)?;
    let options = qapi_runtime::Options::default()
        .with_timeout(PATIENCE)
        .with_connect_timeout(PATIENCE);
    let failed = |error| io::Error::other(error_line(&error));
    let mut client = Client::qmp(stream, options).map_err(failed)?;
    client.execute(&QuerySchema).map_err(failed)
}
