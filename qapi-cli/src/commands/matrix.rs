//! `qapi matrix`: what exists from which revision to which.

use clap::{Args, ValueEnum};
use qapi_diff::{Matrix, Model};

use crate::cli::SchemaArgs;
use crate::console::Console;
use crate::report::matrix::MatrixReport;
use crate::revision::Loader;
use crate::status::{Failure, Status};

/// Tell when each command, event, member and value came and went
///
/// The SCHEMAs are revisions of one interface, the oldest first. Like those of `qapi diff`, each is a schema file,
/// `git:REV:PATH`, a JSON file with the reply to `query-qmp-schema`, or a QMP server that listens on `unix:PATH` or
/// `tcp:HOST:PORT`.
///
/// Conditions that --define and --undefine do not decide stay open: without these options, what a condition excludes
/// is not left out.
///
/// Commands and events are always shown; what is below them where it tells more: that it is not in the same revisions
/// as what it belongs to, or that it changed.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  qapi matrix api-1.json api-2.json api-3.json
  qapi matrix --format html git:v8.2.0:qapi/qapi-schema.json git:v9.2.0:qapi/qapi-schema.json > history.html
  qapi matrix --all --names 1.0,today old.json new.json

Exit status:
  0  printed
  1  errors in a schema; nothing is printed on standard output
  2  wrong usage, or a revision that cannot be read")]
pub(crate) struct Opts {
    /// The revisions, the oldest first
    #[arg(required = true, value_name = "SCHEMA")]
    revisions: Vec<String>,
    /// What to call the revisions; by default, what tells their names apart
    #[arg(long, value_name = "NAME,…", value_delimiter = ',')]
    names: Vec<String>,
    /// How to print the matrix
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
    format: Format,
    /// Show every member and value
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    schema: SchemaArgs,
}

/// How the matrix is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
enum Format {
    /// A line for each thing, in words
    #[default]
    Text,
    /// A table with a column for each revision
    Markdown,
    /// A page with a table
    Html,
    /// For programs
    Json,
}

/// Prints the matrix.
pub(crate) fn run(opts: &Opts, console: &mut Console) -> Result<Status, Failure> {
    let names: Vec<&str> = opts.revisions.iter().map(String::as_str).collect();
    if !opts.names.is_empty() && opts.names.len() != names.len() {
        return Err(Failure::new(format_args!(
            "--names has {} names for {} revisions",
            opts.names.len(),
            names.len()
        )));
    }
    let labels = if opts.names.is_empty() {
        labels(&names)
    } else {
        opts.names.clone()
    };
    let loader = Loader::new(&opts.schema)?;
    let (revisions, status) = loader.load(&names, console)?;
    let Some(revisions) = revisions else {
        return Ok(status);
    };
    let models: Vec<Model<'_>> = revisions
        .iter()
        .map(|revision| revision.model(&loader.symbols))
        .collect();
    let matrix = Matrix::new(&models);
    let report = MatrixReport::new(&matrix, &labels, opts.all);
    let color = console.stdout.color;
    let out = &mut console.stdout;
    match opts.format {
        Format::Text => report.text(out, color)?,
        Format::Markdown => report.markdown(out)?,
        Format::Html => report.html(out)?,
        Format::Json => report.json(out)?,
    }
    Ok(status)
}

/// Short names that tell revisions apart: `1.1` for `agent/1.1.json`, `v9.0` for
/// `git:v9.0:api.json`, `7.2` for `qemu/7.2/api.json` beside `qemu/8.0/api.json`.
fn labels(names: &[&str]) -> Vec<String> {
    let parts: Vec<Vec<&str>> = names.iter().map(|name| parts(name)).collect();
    let shared = |at: &dyn Fn(&[&str]) -> Option<usize>| {
        let mut first = None;
        parts.iter().all(|parts| {
            let part = at(parts).map(|index| parts[index]);
            let same = first.is_none() || first == Some(part);
            first = Some(part);
            same && part.is_some()
        })
    };
    if names.len() < 2 {
        let last = parts.iter().map(|parts| parts[parts.len() - 1].to_owned());
        return last.collect();
    }
    let mut front = 0;
    while shared(&|parts| Some(front).filter(|index| *index < parts.len())) {
        front += 1;
    }
    let mut back = 0;
    while shared(&|parts| {
        parts
            .len()
            .checked_sub(back + 1)
            .filter(|index| *index >= front)
    }) {
        back += 1;
    }
    let label = |parts: &Vec<&str>| {
        parts[front.min(parts.len())..parts.len().max(front + back) - back].join("/")
    };
    let labels: Vec<String> = parts.iter().map(label).collect();
    if labels.iter().any(String::is_empty) {
        // The same revision twice, or one whose name is part of another's.
        return names.iter().map(|name| (*name).to_owned()).collect();
    }
    labels
}

/// Folders and file of a path, or revision and path in git; the ending of a schema is no part.
fn parts(name: &str) -> Vec<&str> {
    let stem = name.strip_suffix(".json").unwrap_or(name);
    match stem
        .strip_prefix("git:")
        .and_then(|rest| rest.split_once(':'))
    {
        Some((revision, path)) => std::iter::once(revision).chain(path.split('/')).collect(),
        None => stem.split('/').collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::labels;

    #[test]
    fn labels_are_what_tells_names_apart() {
        for (names, expected) in [
            (
                &["agent/1.1.json", "agent/1.5.json"][..],
                &["1.1", "1.5"][..],
            ),
            (&["q/7.2/a.json", "q/8.0/a.json"], &["7.2", "8.0"]),
            (&["git:v1:a.json", "git:v2:a.json"], &["v1", "v2"]),
            (
                &["git:v1:q/a.json", "git:origin/main:q/a.json"],
                &["v1", "origin/main"],
            ),
            (&["a.json", "a.json"], &["a.json", "a.json"]),
            (&["a.json", "b/a.json"], &["a.json", "b/a.json"]),
            (&["x/a.json"], &["a"]),
            (&["", "a"], &["", "a"]),
        ] {
            assert_eq!(labels(names), expected, "{names:?}");
        }
    }
}
