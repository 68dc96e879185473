//! Diagnostics for people and programs: one file per format.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};
use std::io::{self, Write};
use std::path::Path;

use clap::ValueEnum;
use qapi_parser::Loaded;
use qapi_parser::diag::shown::shown;
use qapi_parser::diag::{Anchor, Code, Diagnostic, Severity};
use qapi_parser::era::Era;
use qapi_parser::source::SourceMap;

use crate::console::counted;
use crate::status::Status;

mod github;
mod json;
mod location;
mod paths;
mod sarif;
mod short;
mod snippet;
mod summary;
#[cfg(test)]
mod tests;

pub(crate) use github::{data, property};
pub(crate) use paths::folded;
use paths::without_detours;
pub(crate) use sarif::{uri, write_sarif_log};
use summary::Counts;

/// Formats of diagnostics.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum MessageFormat {
    /// With the source text, and a summary at the end
    #[default]
    Human,
    /// `FILE:LINE:COLUMN: error[CODE]: message`
    Short,
    /// One JSON object per line
    Json,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// Annotations of a GitHub workflow
    Github,
}

/// Treatments of a warning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lint {
    /// It is not reported.
    Allow,
    /// It is a warning.
    Warn,
    /// It is an error.
    Deny,
}

/// Treatments of warnings by code.
pub(crate) type Lints = BTreeMap<String, Lint>;

/// Prints and counts the diagnostics of one run, which may load several schemas.
pub(crate) struct Report {
    format: MessageFormat,
    deny_warnings: bool,
    lints: Lints,
    quiet: bool,
    color: bool,
    /// The printed ones: files included by several roots are read once for each.
    seen: HashSet<Key>,
    counts: Counts,
    log: sarif::SarifLog,
    limits: Limits,
}

/// Limits of what is printed.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Limits {
    /// Errors of the run.
    pub(crate) errors: Option<usize>,
    /// Diagnostics of one code.
    pub(crate) per_code: Option<usize>,
}

/// Parses the code of a diagnostic, in any case.
pub(crate) fn lint_code(text: &str) -> Result<String, String> {
    let mut codes = Code::ALL.iter().map(|(code, _)| code.as_str());
    match codes.find(|code| code.eq_ignore_ascii_case(text)) {
        Some(code) => Ok(code.to_owned()),
        None => Err("there is no such code; `qapi explain` lists them all".to_owned()),
    }
}

/// Identity of a diagnostic, as the user sees it.
type Key = (Code, String, Option<(u32, u32)>, String);

impl Report {
    /// Creates a report with nothing printed yet.
    pub(crate) fn new(
        format: MessageFormat,
        deny_warnings: bool,
        quiet: bool,
        color: bool,
    ) -> Self {
        Self {
            format,
            deny_warnings,
            lints: Lints::new(),
            quiet,
            color,
            seen: HashSet::new(),
            counts: Counts::default(),
            log: sarif::SarifLog::default(),
            limits: Limits::default(),
        }
    }

    /// Returns the same, with treatments of warnings.
    pub(crate) fn with_lints(mut self, lints: &Lints) -> Self {
        self.lints.clone_from(lints);
        self
    }

    /// Returns the same, with limits of what is printed.
    pub(crate) fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Prints the diagnostics of one schema, in the order given, without those printed before.
    pub(crate) fn print<'d>(
        &mut self,
        out: &mut dyn Write,
        sources: &SourceMap,
        diagnostics: impl IntoIterator<Item = &'d Diagnostic>,
    ) -> io::Result<()> {
        let mut wanted = Vec::new();
        for diagnostic in diagnostics {
            let Some(diagnostic) = self.treated(diagnostic) else {
                continue;
            };
            if !self.seen.insert(key(&diagnostic, sources)) {
                continue;
            }
            self.counts.add(&diagnostic);
            if self.quiet && !self.deny_warnings && diagnostic.severity == Severity::Warning {
                continue;
            }
            if !self.is_beyond_limits(&diagnostic) {
                wanted.push(diagnostic);
            }
        }
        for diagnostic in shown(sources, wanted.iter().map(|it| &**it)) {
            self.write(out, sources, &diagnostic)?;
        }
        Ok(())
    }

    fn write(
        &mut self,
        out: &mut dyn Write,
        sources: &SourceMap,
        diagnostic: &Diagnostic,
    ) -> io::Result<()> {
        match self.format {
            MessageFormat::Human => snippet::write(out, sources, diagnostic, self.color),
            MessageFormat::Short => short::write(out, sources, diagnostic),
            MessageFormat::Json => json::write(out, sources, diagnostic),
            MessageFormat::Github => github::write(out, sources, diagnostic),
            MessageFormat::Sarif => {
                self.log.add(sources, diagnostic);
                Ok(())
            }
        }
    }

    /// Returns whether a diagnostic, which has been counted, is one too many to be printed.
    fn is_beyond_limits(&self, diagnostic: &Diagnostic) -> bool {
        let errors = self
            .limits
            .errors
            .filter(|_| diagnostic.severity == Severity::Error);
        errors.is_some_and(|limit| self.counts.errors > limit)
            || self
                .limits
                .per_code
                .is_some_and(|limit| self.counts.of(diagnostic.code) > limit)
    }

    /// Returns a diagnostic as the user wants it.
    fn treated<'d>(&self, diagnostic: &'d Diagnostic) -> Option<Cow<'d, Diagnostic>> {
        let is_warning = diagnostic.severity == Severity::Warning;
        match self.lints.get(diagnostic.code.as_str()) {
            Some(Lint::Allow) if is_warning => None,
            Some(Lint::Deny) if is_warning => {
                let mut error = diagnostic.clone();
                error.severity = Severity::Error;
                Some(Cow::Owned(error))
            }
            _ => Some(Cow::Borrowed(diagnostic)),
        }
    }

    /// Prints the diagnostics of a schema with the root file `root`. Warnings about old forms become one, unless `verbose` or
    /// as an error each.
    pub(crate) fn print_schema(
        &mut self,
        out: &mut dyn Write,
        root: &Path,
        loaded: &Loaded,
        verbose: bool,
    ) -> io::Result<()> {
        let fold = !verbose && !self.deny_warnings;
        let (old, others): (Vec<_>, Vec<_>) = loaded.diagnostics.iter().partition(|it| {
            let is_old = it.severity == Severity::Warning && it.eras.is_some();
            fold && is_old && !self.lints.contains_key(it.code.as_str())
        });
        self.print(out, &loaded.sources, others)?;
        if old.is_empty() {
            return Ok(());
        }
        let message = format!(
            "read as QEMU {} wrote it, with {} that QEMU {} rejects",
            loaded.era,
            counted(old.len(), "form"),
            Era::NEWEST
        );
        let anchor = Anchor::File(root.display().to_string());
        let warning = Diagnostic::warning(Code::OLD_ERA, anchor, message)
            .help("`--verbose` shows each of them, `--dialect strict` the errors");
        self.print(out, &loaded.sources, [&warning])
    }

    /// Ends the report: people get a summary.
    pub(crate) fn finish(&self, out: &mut dyn Write) -> io::Result<()> {
        match self.format {
            MessageFormat::Human if !self.quiet => summary::write(out, &self.counts, self.color),
            MessageFormat::Sarif => self.log.write(out),
            _ => Ok(()),
        }
    }

    /// Returns the exit status that the diagnostics so far call for.
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
                without_detours(&sources.file(span.file).path).into_owned(),
                Some((span.start, exact.start)),
            )
        }
        Anchor::File(path) => (path.clone(), None),
    };
    (diagnostic.code, file, start, diagnostic.message.clone())
}
