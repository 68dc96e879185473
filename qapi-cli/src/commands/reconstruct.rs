//! `qapi reconstruct`: writes a schema from a server's introspection data.

use std::io::Write;
use std::path::Path;

use clap::Args;
use qapi_diff::reconstruct::reconstruct;
use qapi_parser::format::format;
use qapi_parser::source::Memory;
use qapi_parser::{Dialect, Options};

use crate::console::{Console, counted};
use crate::revision::Loader;
use crate::schema::SchemaArgs;
use crate::status::{Failure, Status};

/// Write a schema from a server's introspection
///
/// SERVER is the socket of a QMP server, a path or `tcp:HOST:PORT`, or a JSON file with its reply to
/// `query-qmp-schema`. The printed schema describes the same messages. It can be checked, documented and compared,
/// and code can be generated from it.
///
/// Introspection has no names of types. They are taken from the schemas of --names, for types reached from the same
/// command or event by the same members. Other types are named after the shortest path to them, such as
/// `QueryBlockReplyInserted`, and of several such paths after the first in alphabetical order. Names make no
/// difference on the wire. To keep them stable, name a schema reconstructed before.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  qapi reconstruct /run/vm1/qmp.sock > qemu.json
  qapi reconstruct --names qapi/qapi-schema.json introspection.json > qemu.json

Exit status:
  0  printed
  1  errors in a schema of --names; nothing is printed on standard output
  2  wrong usage, or a server that cannot be queried or described")]
pub(crate) struct ReconstructOpts {
    /// Socket of the server, or a file with its introspection
    #[arg(value_name = "SERVER")]
    server: String,
    /// Schema of another revision, to take names from; may be repeated, the first that has a name for a type is used
    #[arg(long, value_name = "SCHEMA")]
    names: Vec<String>,
    #[command(flatten)]
    schema: SchemaArgs,
}

pub(crate) fn run(opts: &ReconstructOpts, console: &mut Console) -> Result<Status, Failure> {
    let loader = Loader::new(&opts.schema)?;
    let sources = std::iter::once(&opts.server).chain(&opts.names);
    let sources: Vec<&str> = sources.map(String::as_str).collect();
    let (revisions, status) = loader.load(&sources, console)?;
    let Some([server, others @ ..]) = revisions.as_deref() else {
        return Ok(status);
    };
    let introspection = server
        .introspection()
        .ok_or_else(|| Failure::new(format_args!("{} is a schema already", opts.server)))?;
    let others: Vec<_> = others.iter().filter_map(|it| it.schema()).collect();
    let about = |reason: &dyn std::fmt::Display| {
        Failure::new(format_args!(
            "{} cannot be written as a schema: {reason}",
            opts.server
        ))
    };
    let made = reconstruct(introspection, &others).map_err(|error| about(&error))?;
    let text = format(&made.text, Dialect::Auto).unwrap_or(made.text);
    // Even for strange servers, the output must be a valid schema.
    let files = Memory::new().with("schema.json", text.as_str());
    let loaded = qapi_parser::load(Path::new("schema.json"), &files, &Options::default());
    if loaded.schema.is_none() {
        let first = loaded
            .diagnostics
            .first()
            .map_or("", |it| it.message.as_str());
        return Err(about(&first));
    }
    console.stdout.write_all(text.as_bytes())?;
    let known = counted(made.known_names, "type");
    console.tell(|| {
        format!(
            "{known} named as in other schemas, {} named after the path to them",
            made.made_names
        )
    })?;
    Ok(Status::Clean)
}
