//! `qapi explain`: pages about diagnostic codes and rules of `qapi diff`.

use std::io::{self, Write};

use clap::Args;
use qapi_diff::rules;
use qapi_parser::diag::Code;
use qapi_parser::diag::explain::explain;

use crate::console::Console;
use crate::status::{Failure, Status};

/// Explain a diagnostic code or a rule of `qapi diff`
///
/// Without CODE, list all codes of diagnostics and all rules of `qapi diff`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  qapi explain TAG-MISSING
  qapi explain optional-member-removed
  qapi explain | grep DOC-

Exit status:
  0  printed
  2  wrong usage, or there is no such code")]
pub(crate) struct ExplainOpts {
    /// Code, as in `error[CODE]`, or name of a rule; case does not matter
    code: Option<String>,
}

pub(crate) fn run(opts: &ExplainOpts, console: &mut Console) -> Result<Status, Failure> {
    let Some(wanted) = &opts.code else {
        let codes: Vec<_> = Code::ALL
            .iter()
            .map(|(code, title)| (code.as_str(), *title))
            .collect();
        list(&mut console.stdout, &codes)?;
        let rules: Vec<_> = rules::all().map(|rule| (rule.id, rule.title)).collect();
        list(&mut console.stdout, &rules)?;
        return Ok(Status::Clean);
    };
    if let Some(rule) = rules::by_id(&wanted.to_ascii_lowercase()) {
        let page = rule.explanation();
        write_page(&mut console.stdout, page.trim_start_matches("# "))?;
        return Ok(Status::Clean);
    }
    let found = Code::ALL
        .iter()
        .find(|(code, _)| code.as_str().eq_ignore_ascii_case(wanted));
    let Some((code, title)) = found else {
        return Err(unknown(wanted));
    };
    writeln!(console.stdout, "{code}: {title}\n")?;
    write_page(&mut console.stdout, explain(*code))?;
    Ok(Status::Clean)
}

/// Writes a list of codes with their titles.
fn list(out: &mut dyn Write, entries: &[(&str, &str)]) -> io::Result<()> {
    let width = entries.iter().map(|(name, _)| name.len()).max();
    for (name, title) in entries {
        writeln!(out, "{name:0$}  {title}", width.unwrap_or(0))?;
    }
    Ok(())
}

/// Writes a page for reading in a terminal: examples are indented instead of fenced.
fn write_page(out: &mut dyn Write, page: &str) -> io::Result<()> {
    let mut fenced = false;
    for line in page.lines() {
        if let Some(kind) = line.strip_prefix("```") {
            fenced = !fenced;
            if let Some(verdict) = kind.strip_prefix("qapi ") {
                writeln!(out, "{verdict}:")?;
            }
        } else if fenced && !line.is_empty() {
            writeln!(out, "    {line}")?;
        } else {
            writeln!(out, "{line}")?;
        }
    }
    Ok(())
}

fn unknown(wanted: &str) -> Failure {
    let upper = wanted.to_ascii_uppercase();
    let close = Code::ALL
        .iter()
        .map(|(code, _)| (distance(&upper, code.as_str()), code))
        .min()
        .filter(|(distance, _)| *distance <= 3);
    match close {
        Some((_, code)) => Failure::new(format_args!(
            "there is no code `{wanted}`; did you mean `{code}`?"
        )),
        None => Failure::new(format_args!(
            "there is no code `{wanted}`; `qapi explain` lists them all"
        )),
    }
}

/// Edit distance: letters to insert, leave out or change to make one text the other.
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.bytes().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.bytes().enumerate() {
            let changed = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distance_counts_edits() {
        assert_eq!(distance("CLASH", "CLASH"), 0);
        assert_eq!(distance("CLAS", "CLASH"), 1);
        assert_eq!(distance("KEY-UNKNWON", "KEY-UNKNOWN"), 2);
        assert_eq!(distance("", "ABC"), 3);
    }
}
