//! `qapi matrix`: the revisions in which each part of an interface exists.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use qapi_diff::{Matrix, Model};

use crate::console::Console;
use crate::program_use::each_message;
use crate::report::matrix::{MatrixReport, html, json, markdown, text};
use crate::report::program_support::{self, ProgramSupport};
use crate::revision::{Loader, labels};
use crate::schema::SchemaArgs;
use crate::status::{Failure, Status};

/// Show the revisions in which each command, event, member and value exists
///
/// The SCHEMAs are revisions of one interface, oldest first. Like those of `qapi diff`, each is a schema file,
/// `git:REV:PATH`, a JSON file with the reply to `query-qmp-schema`, or the socket of a QMP server: a path or
/// `tcp:HOST:PORT`.
///
/// Conditions that --define and --undefine do not decide are kept, so that nothing is missed.
///
/// Commands and events are always shown, their parts only if they changed or do not exist in all of the revisions that
/// have the command or event.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  qapi matrix api-1.json api-2.json api-3.json
  qapi matrix --format html git:v8.2.0:qapi/qapi-schema.json git:v9.2.0:qapi/qapi-schema.json > history.html
  qapi matrix 7.2.json 10.0.json 10.2.json --used-by session.jsonl
  qapi matrix --all --names 1.0,today old.json new.json

Exit status:
  0  printed
  1  with --used-by, a revision that refuses a recorded request; or errors in a schema
  2  wrong usage, or a revision that cannot be read")]
pub(crate) struct MatrixOpts {
    /// Revisions, oldest first
    #[arg(required = true, value_name = "SCHEMA")]
    revisions: Vec<String>,
    /// Names of the revisions; by default, the part of each SCHEMA that differs
    #[arg(long, value_name = "NAME,…", value_delimiter = ',')]
    names: Vec<String>,
    /// Format of the matrix
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
    format: MatrixFormat,
    /// Folder or URL of a site made by `qapi docs`, for links from the HTML page
    #[arg(long, value_name = "ADDRESS")]
    docs: Option<String>,
    /// Show every member and value
    #[arg(long)]
    all: bool,
    /// Show instead which revisions work with the program whose messages these recordings hold
    #[arg(long, value_name = "TRAFFIC", num_args = 1..)]
    used_by: Vec<PathBuf>,
    #[command(flatten)]
    schema: SchemaArgs,
}

/// Formats of the matrix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
enum MatrixFormat {
    /// A line for each row
    #[default]
    Text,
    /// A Markdown table with a column for each revision
    Markdown,
    /// An HTML page with a table
    Html,
    /// JSON
    Json,
}

pub(crate) fn run(opts: &MatrixOpts, console: &mut Console) -> Result<Status, Failure> {
    if opts.docs.is_some() && opts.format != MatrixFormat::Html {
        return Err(Failure::new("--docs is for --format html"));
    }
    let names: Vec<&str> = opts.revisions.iter().map(String::as_str).collect();
    let labels = labels(&names, &opts.names)?;
    let loader = Loader::new(&opts.schema)?;
    let (revisions, status) = loader.load(&names, console)?;
    let Some(revisions) = revisions else {
        return Ok(status);
    };
    let models: Vec<Model<'_>> = revisions
        .iter()
        .map(|revision| revision.model(&loader.symbols))
        .collect();
    if !opts.used_by.is_empty() {
        return program_support(opts, &models, &labels, console);
    }
    let matrix = Matrix::new(&models);
    let report = MatrixReport::new(&matrix, &labels, opts.all);
    let color = console.stdout.color;
    let out = &mut console.stdout;
    match opts.format {
        MatrixFormat::Text => text::write(&report, out, color)?,
        MatrixFormat::Markdown => markdown::write(&report, out)?,
        MatrixFormat::Html => html::write(&report, opts.docs.as_deref(), out)?,
        MatrixFormat::Json => json::write(&report, out)?,
    }
    Ok(status)
}

/// Judges the messages of a program by each revision.
fn program_support(
    opts: &MatrixOpts,
    models: &[Model<'_>],
    labels: &[String],
    console: &mut Console,
) -> Result<Status, Failure> {
    let revisions = labels.iter().zip(models);
    let mut revisions: Vec<_> = revisions
        .map(|(label, model)| ProgramSupport::new(label, model))
        .collect();
    each_message(&opts.used_by, |message, origin| {
        for support in &mut revisions {
            support.see(&message, &origin);
        }
    })?;
    let out = &mut console.stdout;
    match opts.format {
        MatrixFormat::Text => program_support::text::write(&revisions, out)?,
        MatrixFormat::Markdown => program_support::markdown::write(&revisions, out)?,
        MatrixFormat::Html => program_support::html::write(&revisions, out)?,
        MatrixFormat::Json => program_support::json::write(&revisions, out)?,
    }
    Ok(if revisions.iter().all(ProgramSupport::is_supported) {
        Status::Clean
    } else {
        Status::Findings
    })
}
