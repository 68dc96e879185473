//! `qapi docs`: the reference of a schema, for readers.

use std::io::Write;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use qapi_codegen::docgen::{Format, Reference, UnknownMarkup};
use qapi_parser::source::SourceMap;

use super::load_schema;
use crate::cli::SchemaArgs;
use crate::console::Console;
use crate::directory;
use crate::report::number;
use crate::status::{Failure, Status};

/// Write the reference of a schema: a site, Markdown files or a manual page
///
/// The site needs no server and no network: open index.html in DIR. Markup in the documentation that is not understood is
/// shown as it is written; how much of it there is, is said on standard error.
///
/// DIR belongs to this command: files that it wrote before and that are no longer needed are removed. Files that somebody
/// wrote by hand are left alone. Only files whose content changes are written, all of them or none.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  qapi docs schema.json --out-dir site
  qapi docs schema.json --out-dir site --title 'Our protocol'
  qapi docs schema.json --out-dir docs --format markdown --check
  qapi docs schema.json --out-dir . --format man && man -l schema.7

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
    /// What to write
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
    format: FormatName,
    /// What the reference is called; without this, it is called like the schema's main file
    #[arg(long, value_name = "TEXT")]
    title: Option<String>,
    /// Write nothing; tell which files are not what they should be
    #[arg(long)]
    check: bool,
    #[command(flatten)]
    schema: SchemaArgs,
}

/// What is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
enum FormatName {
    /// Static pages with search, for a browser
    #[default]
    Html,
    /// A file per module, as GitHub shows it
    Markdown,
    /// One manual page, of section 7
    Man,
}

impl From<FormatName> for Format {
    fn from(name: FormatName) -> Self {
        match name {
            FormatName::Html => Self::Html,
            FormatName::Markdown => Self::Markdown,
            FormatName::Man => Self::Man,
        }
    }
}

/// Writes the reference.
pub(crate) fn run(opts: &Opts, console: &mut Console) -> Result<Status, Failure> {
    let loading = load_schema(&opts.root, &opts.schema, console)?;
    let Some(schema) = loading.schema() else {
        return loading.finish(console);
    };
    loading.finish(console)?;
    let format = Format::from(opts.format);
    let mut reference = Reference::new(format);
    if let Some(title) = &opts.title {
        reference = reference.title(title);
    }
    let printed = reference.print(schema);
    let status = directory::update(
        &opts.out_dir,
        &printed.output,
        format.mark(),
        opts.check,
        console,
    )?;
    if !console.quiet {
        summary(&printed.unknown, &loading.loaded.sources, console)?;
    }
    Ok(status)
}

/// Tells how much markup was not understood, and where.
fn summary(
    unknown: &UnknownMarkup,
    sources: &SourceMap,
    console: &mut Console,
) -> Result<(), Failure> {
    if unknown.count() == 0 {
        return Ok(());
    }
    let (pieces, verb) = match unknown.count() {
        1 => ("1 piece".to_owned(), "is"),
        count => (number(count, "piece"), "are"),
    };
    writeln!(
        console.stderr,
        "note: {pieces} of markup {verb} not understood, and shown as written:"
    )?;
    for kind in unknown.kinds() {
        let places = kind.places.iter().map(|place| {
            let line = sources.position(*place).line;
            format!("{}:{line}", sources.file(place.file).path)
        });
        let mut shown: Vec<_> = places.take(3).collect();
        if kind.places.len() > shown.len() {
            shown.push("...".to_owned());
        }
        writeln!(
            console.stderr,
            "  {} x {}: {}",
            kind.places.len(),
            kind.what,
            shown.join(", ")
        )?;
    }
    Ok(())
}
