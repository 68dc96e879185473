//! Annotations of a GitHub workflow: one command per line, at the text in question.

use std::io::{self, Write};

use qapi_parser::diag::{Diagnostic, Severity};
use qapi_parser::source::SourceMap;

use super::location::{Location, exact};
use super::paths::without_detours;

/// Writes the command.
pub(super) fn write(
    out: &mut dyn Write,
    sources: &SourceMap,
    diagnostic: &Diagnostic,
) -> io::Result<()> {
    let command = match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let location = Location::of(diagnostic, sources);
    let file = property(&without_detours(location.file));
    write!(out, "::{command} file={file}")?;
    if let (Some(start), Some(span)) = (location.exact, exact(diagnostic)) {
        let end = sources.end(span);
        write!(out, ",line={},endLine={}", start.line, end.line)?;
        if start.line == end.line {
            // Columns of several lines are refused.
            write!(out, ",col={},endColumn={}", start.column, end.column)?;
        }
    }
    let mut message = diagnostic.message.clone();
    for note in &diagnostic.notes {
        message.push_str("\nnote: ");
        message.push_str(note);
    }
    if let Some(help) = &diagnostic.help {
        message.push_str("\nhelp: ");
        message.push_str(help);
    }
    let title = property(diagnostic.code.as_str());
    writeln!(out, ",title={title}::{}", data(&message))
}

/// Returns the text of a command: it ends with the line.
pub(crate) fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// Returns the value of a property: it also ends at commas and colons.
pub(crate) fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_ends_a_command_early() {
        assert_eq!(data("50 %\r\nnext: a, b"), "50 %25%0D%0Anext: a, b");
        assert_eq!(property("a:b,c%"), "a%3Ab%2Cc%25");
    }
}
