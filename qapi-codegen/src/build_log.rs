//! Diagnostics as plain text for the log of a build: place, message, the line of source with a caret, notes.

use std::fmt::Write as _;

use qapi_parser::diag::shown::{shown, window};
use qapi_parser::diag::{Anchor, Diagnostic};
use qapi_parser::source::{SourceMap, Span};

/// Returns all diagnostics, in order, each with a line break at its end.
pub(crate) fn render(diagnostics: &[Diagnostic], sources: &SourceMap) -> String {
    let mut out = String::new();
    for diagnostic in shown(sources, diagnostics) {
        one(&diagnostic, sources, &mut out);
    }
    out
}

fn one(diagnostic: &Diagnostic, sources: &SourceMap, out: &mut String) {
    let (severity, code) = (diagnostic.severity.as_str(), diagnostic.code);
    let (file, at) = match &diagnostic.anchor {
        Anchor::Point(span) | Anchor::Line(span) => {
            let shown = diagnostic
                .primary
                .as_ref()
                .map_or(*span, |label| label.span);
            (None, Some(shown))
        }
        Anchor::File(path) => (Some(path.as_str()), None),
    };
    let place = match at {
        Some(span) => place(span, sources),
        None => file.unwrap_or_default().to_owned(),
    };
    let _ = writeln!(out, "{place}: {severity}[{code}]: {}", diagnostic.message);
    if let Some(span) = at {
        let text = diagnostic
            .primary
            .as_ref()
            .map_or("", |label| label.text.as_str());
        excerpt(span, text, sources, out);
    }
    for label in &diagnostic.labels {
        let _ = writeln!(
            out,
            "  {}: {}",
            self::place(label.span, sources),
            label.text
        );
    }
    for note in &diagnostic.notes {
        let _ = writeln!(out, "  note: {note}");
    }
    if let Some(help) = &diagnostic.help {
        let _ = writeln!(out, "  help: {help}");
    }
}

fn place(span: Span, sources: &SourceMap) -> String {
    let position = sources.position(span);
    format!(
        "{}:{}:{}",
        sources.file(span.file).path,
        position.line,
        position.column
    )
}

/// Appends the first line of the span, with a caret under each of its characters.
fn excerpt(span: Span, text: &str, sources: &SourceMap, out: &mut String) {
    let source = &sources.file(span.file).text;
    let (start, end) = (span.start as usize, span.end as usize);
    let line_start = source[..start].rfind('\n').map_or(0, |at| at + 1);
    let line_end = source[start..]
        .find('\n')
        .map_or(source.len(), |at| start + at);
    let line = &source[line_start..line_end];
    let end = end.clamp(start, line_end);
    let seen = window(line, start - line_start..end - line_start);
    let (seen_start, seen_end) = (line_start + seen.start, line_start + seen.end);
    let line = &source[seen_start..seen_end];
    // Tabs stay, so that the caret stands under its character at any width of a tab.
    let before: String = source[seen_start..start]
        .chars()
        .map(|c| if c == '\t' { '\t' } else { ' ' })
        .collect();
    let carets = source[start..end.clamp(start, seen_end.max(start))]
        .chars()
        .count()
        .max(1);
    let _ = writeln!(out, "  | {line}");
    let marks = format!("  | {before}{} {text}", "^".repeat(carets));
    let _ = writeln!(out, "{}", marks.trim_end());
}

#[cfg(test)]
#[path = "../../qapi-parser/tests/support/broken.rs"]
mod broken;

#[cfg(test)]
mod tests {
    use std::path::Path;

    use qapi_parser::diag::{Code, Diagnostic};
    use qapi_parser::source::{Memory, SourceMap};
    use qapi_parser::{Options, load};

    use super::*;

    #[test]
    fn a_diagnostic_shows_place_line_caret_and_help() {
        let mut sources = SourceMap::default();
        let file = sources.add("a/b.json".to_owned(), "one\n\ttwö three\n".into(), None);
        let span = Span::new(file, 10, 15);
        let diagnostic = Diagnostic::error(Code::GEN_NAME_CLASH, Anchor::Line(span), "it is wrong")
            .primary(span, "here")
            .label(Span::new(file, 0, 3), "first")
            .note("a fact")
            .help("mend it");
        let file = Diagnostic::warning(Code::FILE_READ, Anchor::File("c.json".to_owned()), "gone");
        let text = render(&[diagnostic, file], &sources);
        assert_eq!(
            text,
            "a/b.json:2:6: error[GEN-NAME-CLASH]: it is wrong\n  | \ttwö three\n  | \t    ^^^^^ here\n  \
             a/b.json:1:1: first\n  note: a fact\n  help: mend it\nc.json: warning[FILE-READ]: gone\n"
        );
    }

    #[test]
    fn reports_of_broken_schemas_are_short() {
        for (name, text) in broken::broken_schemas() {
            let files = Memory::new().with("schema.json", text);
            let loaded = load(Path::new("schema.json"), &files, &Options::default());
            let report = render(&loaded.diagnostics, &loaded.sources);
            let shown = shown(&loaded.sources, &loaded.diagnostics).len();
            let limit = broken::FIXED_BYTES + broken::BYTES_EACH * shown;
            assert!(
                report.len() <= limit,
                "{name}: {} bytes for {shown}",
                report.len()
            );
        }
    }
}
