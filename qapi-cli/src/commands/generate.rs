//! `qapi generate`: Rust from a schema, in files of a directory of its own.

use std::io::Write;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use qapi_codegen::{Conditions, Config};

use super::load_schema;
use crate::cli::SchemaArgs;
use crate::console::Console;
use crate::report::number;
use crate::status::{Failure, Status};

mod directory;
mod hunk;

use directory::{Change, ChangeKind};

/// Write Rust types, a client and a server for a schema
///
/// DIR belongs to the generator: files that it wrote before and that are no longer needed are
/// removed. Files that somebody wrote by hand are left alone. Only files whose content changes are
/// written, all of them or none.
#[derive(Debug, Args)]
#[command(after_help = "\
Without --client and --server, both are generated.

Examples:
  qapi generate schema.json --out-dir src/schema
  qapi generate schema.json --out-dir src/schema --client
  qapi generate schema.json --out-dir src/schema --check
  qapi generate schema.json --out-dir src/schema --conditions resolve -D CONFIG_LINUX

Exit status:
  0  written, or nothing to do
  1  errors in the schema; nothing is written. With --check: files are not up to date
  2  wrong usage, or something that cannot be read or written")]
pub(crate) struct Opts {
    /// The schema's main file; `-` is standard input
    #[arg(value_name = "SCHEMA")]
    root: PathBuf,
    /// Where to put the files; made if it does not exist
    #[arg(long, value_name = "DIR")]
    out_dir: PathBuf,
    /// Generate the side that sends commands
    #[arg(long)]
    client: bool,
    /// Generate the side that answers commands
    #[arg(long)]
    server: bool,
    /// What becomes of parts of the schema that exist under a condition
    #[arg(long, value_enum, value_name = "POLICY", default_value_t)]
    conditions: ConditionPolicy,
    /// With --conditions cfg: the predicate that stands for a symbol inside of `cfg(...)`
    #[arg(long, value_name = "SYMBOL=CFG", value_parser = pair)]
    predicate: Vec<(String, String)>,
    /// Name a definition, or an OWNER.MEMBER, in Rust as if the schema called it NAME
    #[arg(long, value_name = "SELECTOR=NAME", value_parser = pair)]
    rename: Vec<(String, String)>,
    /// Write nothing; tell which files are not what they should be
    #[arg(long)]
    check: bool,
    #[command(flatten)]
    schema: SchemaArgs,
}

/// What becomes of conditional parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
enum ConditionPolicy {
    /// Always there; a conditional member is optional, so that one client fits every server
    #[default]
    Optional,
    /// Behind `#[cfg(...)]`
    Cfg,
    /// Decided now, by --define
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

/// Generates.
pub(crate) fn run(opts: &Opts, console: &mut Console) -> Result<Status, Failure> {
    let config = config(opts)?;
    if let Some(note) = note(opts)
        && !console.quiet
    {
        writeln!(console.stderr, "note: {note}")?;
    }
    let mut loading = load_schema(&opts.root, &opts.schema, console)?;
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
    let changes = directory::compare(&opts.out_dir, &output)?;
    if opts.check {
        return tell(&changes, console);
    }
    directory::apply(&opts.out_dir, &changes)?;
    for change in &changes {
        let verb = if change.kind == ChangeKind::Extra {
            "removed"
        } else {
            "wrote"
        };
        console.tell(|| format!("{verb} {}", change.path.display()))?;
    }
    Ok(Status::Clean)
}

/// What the user may have meant otherwise.
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
    Ok(config)
}

/// Lists what is not up to date, with the first difference of each file.
fn tell(changes: &[Change<'_>], console: &mut Console) -> Result<Status, Failure> {
    for change in changes {
        writeln!(
            console.stdout,
            "{}: {}",
            change.kind.as_str(),
            change.path.display()
        )?;
        if change.kind == ChangeKind::Outdated && !console.quiet {
            let old = String::from_utf8_lossy(&change.old);
            write!(console.stdout, "{}", hunk::first_hunk(&old, change.new))?;
        }
    }
    if changes.is_empty() {
        return Ok(Status::Clean);
    }
    if !console.quiet {
        let files = number(changes.len(), "file");
        let verb = if changes.len() == 1 { "is" } else { "are" };
        writeln!(
            console.stderr,
            "{files} {verb} not up to date; the same command without --check mends that"
        )?;
    }
    Ok(Status::Findings)
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
