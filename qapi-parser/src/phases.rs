//! The order of reports (docs/reference/language.md §9).

use crate::diag::{Anchor, Diagnostic, Diagnostics, Severity};
use crate::source::FileId;

/// Runs the phases and puts their findings in order: by phase, file and position, except that the first error is the
/// one that the order of checks finds first.
#[derive(Debug, Default)]
pub(crate) struct Phases {
    found: Vec<Diagnostic>,
    failed: bool,
}

impl Phases {
    /// Runs one phase.
    pub(crate) fn run<T>(&mut self, phase: impl FnOnce(&mut Diagnostics) -> T) -> T {
        let mut out = Diagnostics::default();
        let result = phase(&mut out);
        let has_errors = out.has_errors();
        let mut found = out.finish();
        let is_error = |diagnostic: &Diagnostic| diagnostic.severity == Severity::Error;
        let first = found
            .iter()
            .position(is_error)
            .filter(|_| !self.failed)
            .map(|index| found.remove(index));
        found.sort_by_key(place);
        if let Some(first) = first {
            let index = found.iter().position(is_error).unwrap_or(found.len());
            let index = index.min(found.partition_point(|other| place(other) <= place(&first)));
            found.insert(index, first);
        }
        self.failed |= has_errors;
        self.found.append(&mut found);
        result
    }

    /// Returns whether an error was found.
    pub(crate) fn failed(&self) -> bool {
        self.failed
    }

    /// Returns everything that was found.
    pub(crate) fn finish(self) -> Vec<Diagnostic> {
        self.found
    }
}

/// Returns the sort key within a phase. A file known only by its path comes first, as nothing of it was read.
fn place(diagnostic: &Diagnostic) -> Option<(FileId, u32)> {
    let span = match &diagnostic.anchor {
        Anchor::Point(span) | Anchor::Line(span) => *span,
        Anchor::File(_) => return None,
    };
    let narrow = diagnostic
        .primary
        .as_ref()
        .filter(|label| label.span.file == span.file);
    Some((
        span.file,
        narrow.map_or(span.start, |label| label.span.start),
    ))
}
