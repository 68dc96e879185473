//! Diagnostics for people and programs: one file per format.

use std::collections::HashSet;
use std::io::{self, Write};

use qapi_parser::diag::{Anchor, Code, Diagnostic, Severity};
use qapi_parser::source::{FileId, SourceMap, Span};

use crate::cli::{MessageFormat, SchemaArgs};
use crate::status::Status;

pub(crate) mod diff;
mod human;
mod json;
mod line;
pub(crate) mod matrix;
mod short;
mod summary;
#[cfg(test)]
mod tests;

pub(crate) use human::error_word;
pub(crate) use line::one_line;
use summary::Counts;
pub(crate) use summary::number;

/// Prints the diagnostics of one run, which may load several schemas, and keeps count.
pub(crate) struct Report {
    format: MessageFormat,
    deny_warnings: bool,
    quiet: bool,
    color: bool,
    /// What has been printed: files included by several roots are read once for each.
    seen: HashSet<Key>,
    counts: Counts,
}

/// What makes two diagnostics the same for the user.
type Key = (Code, String, Option<(u32, u32)>, String);

impl Report {
    /// Nothing printed yet.
    pub(crate) fn new(args: &SchemaArgs, quiet: bool, color: bool) -> Self {
        Self {
            format: args.message_format,
            deny_warnings: args.deny_warnings,
            quiet,
            color,
            seen: HashSet::new(),
            counts: Counts::default(),
        }
    }

    /// Prints what one schema gave, in the order given, but for what was printed before.
    pub(crate) fn print(
        &mut self,
        out: &mut dyn Write,
        sources: &SourceMap,
        diagnostics: &[Diagnostic],
    ) -> io::Result<()> {
        for diagnostic in diagnostics {
            if !self.seen.insert(key(diagnostic, sources)) {
                continue;
            }
            self.counts.add(diagnostic);
            if self.quiet && !self.deny_warnings && diagnostic.severity == Severity::Warning {
                continue;
            }
            match self.format {
                MessageFormat::Human => human::write(out, sources, diagnostic, self.color)?,
                MessageFormat::Short => short::write(out, sources, diagnostic)?,
                MessageFormat::Json => json::write(out, sources, diagnostic)?,
            }
        }
        Ok(())
    }

    /// Ends the report: people get a summary.
    pub(crate) fn finish(&self, out: &mut dyn Write) -> io::Result<()> {
        if self.format == MessageFormat::Human && !self.quiet {
            summary::write(out, &self.counts, self.color)?;
        }
        Ok(())
    }

    /// What the diagnostics so far mean for the exit status.
    pub(crate) fn status(&self) -> Status {
        if self.counts.unreadable > 0 {
            Status::Failed
        } else if self.counts.errors > 0 || self.deny_warnings && self.counts.warnings > 0 {
            Status::Findings
        } else {
            Status::Clean
        }
    }
}

fn key(diagnostic: &Diagnostic, sources: &SourceMap) -> Key {
    let (file, start) = match &diagnostic.anchor {
        Anchor::Point(span) | Anchor::Line(span) => {
            // Two problems of one definition share the anchor, but not the text in question.
            let exact = diagnostic
                .primary
                .as_ref()
                .map_or(*span, |label| label.span);
            (
                sources.file(span.file).path.clone(),
                Some((span.start, exact.start)),
            )
        }
        Anchor::File(path) => (path.clone(), None),
    };
    (diagnostic.code, file, start, diagnostic.message.clone())
}

/// The place that identifies a diagnostic: what short and JSON output show.
struct Place<'a> {
    file: &'a str,
    line: Option<u32>,
    column: Option<u32>,
}

impl<'a> Place<'a> {
    /// Only parse errors have a column (language.md §1.7).
    fn of(diagnostic: &'a Diagnostic, sources: &'a SourceMap) -> Self {
        match &diagnostic.anchor {
            Anchor::Point(span) => {
                let position = sources.position(*span);
                Self {
                    file: &sources.file(span.file).path,
                    line: Some(position.line),
                    column: Some(position.column),
                }
            }
            Anchor::Line(span) => Self {
                file: &sources.file(span.file).path,
                line: Some(sources.line(*span)),
                column: None,
            },
            Anchor::File(path) => Self {
                file: path,
                line: None,
                column: None,
            },
        }
    }
}

/// The file a diagnostic is about; none for one that could not be opened.
fn file_of(diagnostic: &Diagnostic) -> Option<FileId> {
    match diagnostic.anchor {
        Anchor::Point(span) | Anchor::Line(span) => Some(span.file),
        Anchor::File(_) => None,
    }
}

/// The include directives that lead to the file of a diagnostic, outermost first.
fn include_chain(diagnostic: &Diagnostic, sources: &SourceMap) -> Vec<Span> {
    file_of(diagnostic).map_or_else(Vec::new, |file| sources.include_chain(file))
}
