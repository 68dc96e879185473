//! `qapi generate`: Rust from a schema, in files of a directory of its own.

use std::io::Write;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use qapi_codegen::publish::Marks;
use qapi_codegen::{Conditions, Config};

use crate::console::Console;
use crate::directory;
use crate::schema::{self, SchemaArgs};
use crate::status::{Failure, Status};

/// Write Rust types, a client and a server for a schema
///
/// Files in DIR that an earlier run wrote and this one does not are removed. Other files are left
/// alone. Only files whose content changes are written: all of them, or none.
#[derive(Debug, Args)]
#[command(after_help = "\
Without --client and --server, both are generated.

Examples:
  qapi generate schema.json --out-dir src/schema
  qapi generate schema.json --out-dir src/schema --client --async
  qapi generate schema.json --out-dir src/schema --bytes GuestFileRead.buf-b64
  qapi generate schema.json --out-dir src/schema --check
  qapi generate schema.json --out-dir src/schema --conditions resolve -D CONFIG_LINUX

Exit status:
  0  written, or nothing to do
  1  errors in the schema; nothing is written. With --check: files are not up to date
  2  wrong usage, or something that cannot be read or written")]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub(crate) struct Opts {
    /// Main file of the schema; `-` is standard input
    #[arg(value_name = "SCHEMA")]
    root: PathBuf,
    /// Directory for the files; made if it does not exist
    #[arg(long, value_name = "DIR")]
    out_dir: PathBuf,
    /// Generate a client
    #[arg(long)]
    client: bool,
    /// Generate a server
    #[arg(long)]
    server: bool,
    /// Generate asynchronous code: methods return futures
    #[arg(long = "async")]
    asynchronous: bool,
    /// Include the schema as data, to compare it with that of a live server
    #[arg(long)]
    introspection: bool,
    /// Treatment of the parts of the schema that have a condition
    #[arg(long, value_enum, value_name = "POLICY", default_value_t)]
    conditions: ConditionPolicy,
    /// Use CFG for SYMBOL in `cfg(...)`; needs --conditions cfg
    #[arg(long, value_name = "SYMBOL=CFG", value_parser = pair)]
    predicate: Vec<(String, String)>,
    /// Name a definition, or an OWNER.MEMBER, in Rust as if its name in the schema were NAME
    #[arg(long, value_name = "SELECTOR=NAME", value_parser = pair)]
    rename: Vec<(String, String)>,
    /// Represent members that hold base64 text as bytes
    #[arg(long, value_name = "SELECTOR")]
    bytes: Vec<String>,
    /// Write nothing; list the files that are not current
    #[arg(long)]
    check: bool,
    #[command(flatten)]
    schema: SchemaArgs,
}

/// Treatments of conditional parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
enum ConditionPolicy {
    /// Include them all; make conditional members optional, so that one client fits every server
    #[default]
    Optional,
    /// Put them behind `#[cfg(...)]`
    Cfg,
    /// Decide now, by --define
    Resolve,
}

impl From<ConditionPolicy> for Conditions {
    fn from(policy: ConditionPolicy) -> Self {
        match policy {
            ConditionPolicy::Optional => Self::Optional,
            ConditionPolicy::Cfg => Self::Cfg,
            ConditionPolicy::Resolve => Self::Resolve,
        }
    }
}

pub(crate) fn run(opts: &Opts, console: &mut Console) -> Result<Status, Failure> {
    let config = config(opts)?;
    if let Some(note) = note(opts)
        && !console.quiet
    {
        writeln!(console.stderr, "note: {note}")?;
    }
    let mut loading = schema::load(&opts.root, &opts.schema, console)?;
    let Some(schema) = loading.schema() else {
        return loading.finish(console);
    };
    let output = match config.generate(schema) {
        Ok(output) => output,
        Err(diagnostics) => {
            loading.report(&diagnostics, console)?;
            return loading.finish(console);
        }
    };
    loading.finish(console)?;
    directory::update(&opts.out_dir, &output, Marks::RUST, opts.check, console)
}

/// A note about options that have no effect.
fn note(opts: &Opts) -> Option<&'static str> {
    let symbols = &opts.schema.symbols;
    let named = !symbols.define.is_empty() || !symbols.undefine.is_empty();
    (named && opts.conditions != ConditionPolicy::Resolve)
        .then_some("--define and --undefine make no difference without --conditions resolve")
}

fn config(opts: &Opts) -> Result<Config, Failure> {
    if !opts.predicate.is_empty() && opts.conditions != ConditionPolicy::Cfg {
        return Err(Failure::new("--predicate needs --conditions cfg"));
    }
    let both = !opts.client && !opts.server;
    let mut config = Config::new()
        .client(opts.client || both)
        .server(opts.server || both)
        .asynchronous(opts.asynchronous)
        .introspection(opts.introspection)
        .conditions(opts.conditions.into());
    for symbol in opts.schema.symbols.defined()? {
        config = config.define(symbol);
    }
    for (symbol, predicate) in &opts.predicate {
        config = config.predicate(symbol, predicate);
    }
    for (selector, name) in &opts.rename {
        config = config.rename(selector, name);
    }
    for selector in &opts.bytes {
        config = config.bytes(selector);
    }
    Ok(config)
}

/// Takes `A=B` apart at the first equals sign.
fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((left, right)) if !left.is_empty() && !right.is_empty() => {
            Ok((left.trim().to_owned(), right.trim().to_owned()))
        }
        _ => Err("expected two parts with `=` in between".to_owned()),
    }
}
