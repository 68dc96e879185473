//! Diagnostics in the form for editors: with ranges, fixes and related places.

use std::collections::BTreeMap;
use std::path::Path;

use qapi_parser::Loaded;
use qapi_parser::diag::shown::shown;
use qapi_parser::diag::{self, Anchor, Applicability, Diagnostic};
use qapi_parser::era::Era;
use qapi_parser::source::{SourceMap, Span};

use crate::location::{Change, Edit, Location};
use crate::settings::{Level, SchemaSettings};
use crate::sources::folded;
use crate::text::Range;

/// The severity of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The schema is wrong.
    Error,
    /// The form is odd.
    Warning,
    /// A fact about the file.
    Information,
    /// Text that is only shown differently.
    Hint,
}

/// The appearance of the text of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Tag {
    /// Not needed, or not built: greyed out.
    Unnecessary,
    /// Outdated: struck through.
    Deprecated,
}

/// One finding about a file.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Finding {
    /// The place.
    pub location: Location,
    /// Its severity.
    pub severity: Severity,
    /// The code that `qapi explain` knows; empty for findings of the editor alone.
    pub code: &'static str,
    /// The message, on one line.
    pub message: String,
    /// Further facts, and advice.
    pub notes: Vec<String>,
    /// Related places, each with a remark.
    pub related: Vec<(Location, String)>,
    /// Possible fixes.
    pub changes: Vec<Change>,
    /// The appearance of the text.
    pub tag: Option<Tag>,
}

/// Codes about text that can simply be removed.
const UNNECESSARY: [&str; 6] = [
    "DOC-BOGUS",
    "DOC-RETURNS-NONE",
    "OLD-COMMA-TRAILING",
    "OLD-DOC-BOGUS",
    "OLD-DOC-RETURNS-NONE",
    "OLD-UNKNOWN-KEY",
];

/// Returns the diagnostics of a schema as findings.
pub(crate) fn findings(root: &Path, loaded: &Loaded, settings: &SchemaSettings) -> Vec<Finding> {
    let sources = &loaded.sources;
    let severity = |diagnostic: &Diagnostic| severity(diagnostic, &settings.lints);
    let mut old = 0;
    let wanted = loaded.diagnostics.iter().filter(|diagnostic| {
        let is_old = severity(diagnostic) == Some(Severity::Warning) && diagnostic.eras.is_some();
        let has_level = settings.lints.contains_key(diagnostic.code.as_str());
        let is_folded = is_old && !has_level && !settings.shows_old_forms;
        old += usize::from(is_folded);
        !is_folded && severity(diagnostic).is_some()
    });
    let shown = shown(sources, wanted).into_iter();
    let findings = shown.filter_map(|it| Some(finding(root, sources, &it, severity(&it)?)));
    let mut findings: Vec<_> = findings.collect();
    if old > 0 {
        findings.push(folded_forms(root, old, loaded.era));
    }
    findings
}

/// One finding in the place of all about old forms.
fn folded_forms(root: &Path, count: usize, era: Era) -> Finding {
    let forms = if count == 1 { "form" } else { "forms" };
    let newest = Era::NEWEST;
    Finding {
        location: Location {
            path: root.to_path_buf(),
            range: Range::default(),
        },
        severity: Severity::Warning,
        code: diag::Code::OLD_ERA.as_str(),
        message: format!(
            "read as QEMU {era} wrote it, with {count} {forms} that QEMU {newest} rejects"
        ),
        notes: Vec::new(),
        related: Vec::new(),
        changes: Vec::new(),
        tag: None,
    }
}

/// Returns the weight that a diagnostic has by the settings; none if it is not wanted.
fn severity(diagnostic: &Diagnostic, lints: &BTreeMap<String, Level>) -> Option<Severity> {
    if diagnostic.severity == diag::Severity::Error {
        return Some(Severity::Error);
    }
    match lints.get(diagnostic.code.as_str()) {
        Some(Level::Allow) => None,
        Some(Level::Deny) => Some(Severity::Error),
        _ => Some(Severity::Warning),
    }
}

fn finding(
    root: &Path,
    sources: &SourceMap,
    diagnostic: &Diagnostic,
    severity: Severity,
) -> Finding {
    let code = diagnostic.code.as_str();
    let location = match place(diagnostic) {
        Some(span) => at(sources, first_line(sources, span)),
        None => Location {
            path: root.to_path_buf(),
            range: Range::default(),
        },
    };
    let mut notes = Vec::new();
    if let Some(label) = &diagnostic.primary
        && !label.text.is_empty()
    {
        notes.push(label.text.clone());
    }
    notes.extend(diagnostic.notes.iter().cloned());
    notes.extend(diagnostic.help.iter().map(|it| format!("help: {it}")));
    let labels = diagnostic.labels.iter();
    let related = labels.map(|it| (at(sources, it.span), it.text.clone()));
    let suggestions = diagnostic.suggestions.iter();
    let changes = suggestions.map(|it| Change {
        title: it.message.clone(),
        is_certain: it.applicability == Applicability::MachineApplicable,
        edits: vec![Edit {
            location: at(sources, it.span),
            text: it.replacement.clone(),
        }],
    });
    Finding {
        location,
        severity,
        code,
        message: diagnostic.message.clone(),
        notes,
        related: related.collect(),
        changes: changes.collect(),
        tag: tag(code),
    }
}

fn tag(code: &str) -> Option<Tag> {
    if UNNECESSARY.contains(&code) {
        Some(Tag::Unnecessary)
    } else if code.starts_with("OLD-") {
        Some(Tag::Deprecated)
    } else {
        None
    }
}

/// Returns the text in question, as the command line marks it.
fn place(diagnostic: &Diagnostic) -> Option<Span> {
    match (&diagnostic.anchor, &diagnostic.primary) {
        (Anchor::Line(span), Some(label)) if label.span.file == span.file => Some(label.span),
        (Anchor::Point(span) | Anchor::Line(span), _) => Some(*span),
        (Anchor::File(_), _) => None,
    }
}

/// Returns a span without what lies after its first line: whole definitions are not underlined.
fn first_line(sources: &SourceMap, span: Span) -> Span {
    let text = sources.text(span);
    let end = text.find('\n').unwrap_or(text.len());
    Span::new(
        span.file,
        span.start,
        span.start + u32::try_from(end).unwrap_or(0),
    )
}

fn at(sources: &SourceMap, span: Span) -> Location {
    Location {
        path: folded(Path::new(&sources.file(span.file).path)),
        range: Range::new(span.start, span.end),
    }
}
