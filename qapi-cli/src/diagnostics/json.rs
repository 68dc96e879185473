//! One JSON object per line. The keys are a contract with other programs: keys may be added,
//! none is ever left out.

use std::io::{self, Write};

use qapi_parser::diag::{Diagnostic, EntityRef, Label, Suggestion};
use qapi_parser::source::{SourceMap, Span};
use serde::Serialize;

use super::location::{Location, include_chain};

/// A diagnostic.
#[derive(Serialize)]
struct DiagnosticView<'a> {
    severity: &'static str,
    code: &'static str,
    message: &'a str,
    /// As opened: the root as given, an included file relative to the file that includes it.
    file: &'a str,
    /// Null where the file could not be read.
    line: Option<u32>,
    column: Option<u32>,
    /// The line in QEMU's compiler: of a definition the first line.
    qemu_line: Option<u32>,
    /// The column in QEMU's compiler, for parse errors only.
    qemu_column: Option<u32>,
    /// The definition it belongs to, once its name is known.
    entity: Option<SubjectView<'a>>,
    /// The include directives that lead to the file, outermost first; at most ten, the nearest ones.
    included_from: Vec<IncludedFromView<'a>>,
    /// The text in question first, then other places that matter.
    labels: Vec<LabelView<'a>>,
    notes: &'a [String],
    help: Option<&'a str>,
    suggestions: Vec<SuggestionView<'a>>,
}

#[derive(Serialize)]
struct SubjectView<'a> {
    kind: &'static str,
    name: &'a str,
}

#[derive(Serialize)]
struct IncludedFromView<'a> {
    file: &'a str,
    line: u32,
}

#[derive(Serialize)]
struct LabelView<'a> {
    primary: bool,
    #[serde(flatten)]
    range: RangeView<'a>,
    text: &'a str,
}

#[derive(Serialize)]
struct SuggestionView<'a> {
    message: &'a str,
    applicability: &'static str,
    #[serde(flatten)]
    range: RangeView<'a>,
    replacement: &'a str,
}

/// A piece of a file: from `line`:`column` up to, not including, `end_line`:`end_column`. Byte offsets are those
/// of the text with LF line ends.
#[derive(Serialize)]
struct RangeView<'a> {
    file: &'a str,
    line: u32,
    column: u32,
    end_line: u32,
    end_column: u32,
    byte_start: u32,
    byte_end: u32,
}

/// Writes the line.
pub(super) fn write(
    out: &mut dyn Write,
    sources: &SourceMap,
    diagnostic: &Diagnostic,
) -> io::Result<()> {
    let location = Location::of(diagnostic, sources);
    let view = DiagnosticView {
        severity: diagnostic.severity.as_str(),
        code: diagnostic.code.as_str(),
        message: &diagnostic.message,
        file: location.file,
        line: location.exact.map(|exact| exact.line),
        column: location.exact.map(|exact| exact.column),
        qemu_line: location.qemu_line,
        qemu_column: location.qemu_column,
        entity: diagnostic.entity.as_ref().map(entity),
        included_from: include_chain(diagnostic, sources)
            .into_iter()
            .map(|directive| include(directive, sources))
            .collect(),
        labels: labels(diagnostic, sources),
        notes: &diagnostic.notes,
        help: diagnostic.help.as_deref(),
        suggestions: diagnostic
            .suggestions
            .iter()
            .map(|change| suggestion(change, sources))
            .collect(),
    };
    serde_json::to_writer(&mut *out, &view)?;
    out.write_all(b"\n")
}

fn entity(entity: &EntityRef) -> SubjectView<'_> {
    SubjectView {
        kind: entity.meta.as_str(),
        name: &entity.name,
    }
}

fn include(directive: Span, sources: &SourceMap) -> IncludedFromView<'_> {
    IncludedFromView {
        file: &sources.file(directive.file).path,
        line: sources.line(directive),
    }
}

fn labels<'a>(diagnostic: &'a Diagnostic, sources: &'a SourceMap) -> Vec<LabelView<'a>> {
    let view = |primary, label: &'a Label| LabelView {
        primary,
        range: range(label.span, sources),
        text: &label.text,
    };
    let primary = diagnostic.primary.iter().map(|label| view(true, label));
    let others = diagnostic.labels.iter().map(|label| view(false, label));
    primary.chain(others).collect()
}

fn suggestion<'a>(change: &'a Suggestion, sources: &'a SourceMap) -> SuggestionView<'a> {
    SuggestionView {
        message: &change.message,
        applicability: change.applicability.as_str(),
        range: range(change.span, sources),
        replacement: &change.replacement,
    }
}

fn range(span: Span, sources: &SourceMap) -> RangeView<'_> {
    let start = sources.position(span);
    let end = sources.position(Span::new(span.file, span.end, span.end));
    RangeView {
        file: &sources.file(span.file).path,
        line: start.line,
        column: start.column,
        end_line: end.line,
        end_column: end.column,
        byte_start: span.start,
        byte_end: span.end,
    }
}
