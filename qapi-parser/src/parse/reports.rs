//! The findings about one file, up to a limit.

use crate::diag::{Anchor, Code, Diagnostic, Severity};
use crate::limits;

/// Diagnostics of one file in reading order.
#[derive(Debug, Default)]
pub(crate) struct Reports {
    found: Vec<Diagnostic>,
    errors: usize,
    warnings: usize,
}

impl Reports {
    /// Takes note of a finding, or of the fact that there are too many.
    pub(crate) fn report(&mut self, diagnostic: Diagnostic) {
        let (count, limit) = match diagnostic.severity {
            Severity::Error => (&mut self.errors, limits::ERRORS),
            Severity::Warning => (&mut self.warnings, limits::WARNINGS),
        };
        *count += 1;
        if *count <= limit {
            self.found.push(diagnostic);
        } else if *count == limit + 1 {
            self.found.push(too_many(diagnostic, limit));
        }
    }

    /// Returns true if there are too many errors to read the rest of the file.
    pub(crate) fn exhausted(&self) -> bool {
        self.errors > limits::ERRORS
    }

    /// Returns whether nothing was reported since the last time.
    pub(crate) fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// Returns the number of findings since the last time.
    pub(crate) fn count(&self) -> usize {
        self.found.len()
    }

    /// Hands over what was reported since the last time.
    pub(crate) fn take(&mut self) -> Vec<Diagnostic> {
        std::mem::take(&mut self.found)
    }
}

fn too_many(next: Diagnostic, limit: usize) -> Diagnostic {
    let place = match next.anchor {
        Anchor::Point(span) | Anchor::Line(span) => Some(span),
        Anchor::File(_) => None,
    };
    let report = match next.severity {
        Severity::Error => Diagnostic::error(
            Code::LIMIT_REPORTS,
            next.anchor,
            format!("more than {limit} errors in this file, the rest of it is not read"),
        ),
        Severity::Warning => Diagnostic::warning(
            Code::LIMIT_REPORTS,
            next.anchor,
            format!("more than {limit} warnings in this file, the others are not shown"),
        ),
    };
    let report = report.help("fix the first ones and try again");
    match place {
        Some(span) => report.primary(span, "the next one is here"),
        None => report,
    }
}
