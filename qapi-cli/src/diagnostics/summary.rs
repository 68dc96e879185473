//! The summary at the end of a report: counts of diagnostics.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::io::{self, Write};

use annotate_snippets::renderer::{DEFAULT_ERROR_STYLE, DEFAULT_WARNING_STYLE};
use qapi_parser::diag::{Code, Diagnostic, Severity};

use crate::console::{counted, styled};

/// The number of diagnostics of one code from which on the summary lists codes.
const MANY: usize = 3;

/// Numbers of diagnostics.
#[derive(Debug, Default)]
pub(super) struct Counts {
    pub(super) errors: usize,
    pub(super) warnings: usize,
    /// Root files that could not be read; counted as errors, too.
    pub(super) unreadable: usize,
    by_code: BTreeMap<Code, usize>,
}

impl Counts {
    /// Counts a diagnostic.
    pub(super) fn add(&mut self, diagnostic: &Diagnostic) {
        match diagnostic.severity {
            Severity::Error => self.errors += 1,
            Severity::Warning => self.warnings += 1,
        }
        if diagnostic.code == Code::FILE_READ {
            self.unreadable += 1;
        }
        *self.by_code.entry(diagnostic.code).or_default() += 1;
    }
}

impl Counts {
    /// Returns the number of diagnostics of a code.
    pub(super) fn of(&self, code: Code) -> usize {
        self.by_code.get(&code).copied().unwrap_or_default()
    }
}

/// Writes `3 errors, 12 warnings`, and the codes by number where some are many.
pub(super) fn write(out: &mut dyn Write, counts: &Counts, color: bool) -> io::Result<()> {
    if counts.by_code.is_empty() {
        return Ok(());
    }
    let errors = (counts.errors > 0)
        .then(|| styled(&counted(counts.errors, "error"), DEFAULT_ERROR_STYLE, color));
    let warnings = (counts.warnings > 0).then(|| {
        styled(
            &counted(counts.warnings, "warning"),
            DEFAULT_WARNING_STYLE,
            color,
        )
    });
    let parts: Vec<String> = errors.into_iter().chain(warnings).collect();
    write!(out, "{}", parts.join(", "))?;

    let mut codes: Vec<(Code, usize)> =
        counts.by_code.iter().map(|(code, n)| (*code, *n)).collect();
    if codes.iter().all(|(_, n)| *n < MANY) {
        return writeln!(out, "; see `qapi explain CODE`");
    }
    codes.sort_by_key(|(code, n)| (Reverse(*n), *code));
    writeln!(out, ":")?;
    let digits = codes.first().map_or(1, |(_, n)| n.to_string().len());
    let width = codes
        .iter()
        .map(|(code, _)| code.as_str().len())
        .max()
        .unwrap_or(0);
    for (code, n) in codes {
        writeln!(
            out,
            "  {n:digits$} {:width$}  {}",
            code.as_str(),
            title(code)
        )?;
    }
    writeln!(out, "see `qapi explain CODE`")
}

fn title(code: Code) -> &'static str {
    Code::ALL
        .iter()
        .find(|(known, _)| *known == code)
        .map_or("", |(_, title)| title)
}
