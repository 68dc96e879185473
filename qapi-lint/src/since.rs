//! Rules about the release that introduced a definition.

use qapi_parser::diag::{Code, Diagnostic};
use qapi_parser::ir::{Doc, SectionKind};

use crate::definition::Definition;
use crate::doc_lines::{Line, lines};
use crate::lint_input::LintInput;

/// Documented definitions that say nowhere since when they are there.
pub(crate) fn missing(input: &LintInput<'_>, out: &mut Vec<Diagnostic>) {
    for definition in &input.definitions {
        let Some(doc) = definition.doc else { continue };
        if tagged(doc).is_none() && astray(&lines(input.sources, doc)).is_none() {
            let message = format!(
                "the documentation of {} has no section `Since:`",
                definition.title()
            );
            out.push(definition.warning(Code::LINT_SINCE, definition.span, message));
        }
    }
}

/// Lines that are meant as a `Since:` section and are none, and sections that name no release.
pub(crate) fn form(input: &LintInput<'_>, out: &mut Vec<Diagnostic>) {
    for definition in &input.definitions {
        let Some(doc) = definition.doc else { continue };
        if let Some(text) = tagged(doc) {
            if release(text).is_none() {
                let span = doc.sections.iter().find(|it| it.kind == SectionKind::Since);
                let span = span.map_or(definition.span, |it| it.span);
                let message = format!("`Since:` of {} names no release", definition.title());
                let warning = definition.warning(Code::LINT_SINCE_FORM, span, message);
                out.push(warning.help("a release is written as `9.1`"));
            }
        } else if let Some(line) = astray(&lines(input.sources, doc)) {
            out.push(strayed(definition, line));
        }
    }
}

fn strayed(definition: &Definition<'_>, line: Line<'_>) -> Diagnostic {
    let text = line.text.trim();
    let (problem, help) = if text["since".len()..].starts_with(':') {
        (
            "is part of the text before it",
            "a section starts after an empty line, with the indentation of the other sections and a capital letter",
        )
    } else {
        (
            "has no colon, so it is text",
            "write `Since: ` and the release",
        )
    };
    let message = format!("`{text}` of {} {problem}", definition.title());
    let warning = definition.warning(Code::LINT_SINCE_FORM, line.span, message);
    warning.help(help)
}

/// Definitions that a release had before the one that their documentation names.
pub(crate) fn newer(input: &LintInput<'_>, out: &mut Vec<Diagnostic>) {
    let Some(history) = input.history else {
        return;
    };
    for definition in &input.definitions {
        let Some(doc) = definition.doc else { continue };
        let Some(since) = tagged(doc).and_then(release) else {
            continue;
        };
        let file = &input.sources.file(definition.span.file).path;
        let Some((name, text)) = history.before(file, since) else {
            continue;
        };
        if !defines(&text, definition.name) {
            continue;
        }
        let span = doc.sections.iter().find(|it| it.kind == SectionKind::Since);
        let span = span.map_or(definition.span, |it| it.span);
        let (major, minor) = since;
        let message = format!(
            "{} is documented as new in {major}.{minor}, but {name} has it already",
            definition.title()
        );
        out.push(definition.warning(Code::LINT_SINCE_NEWER, span, message));
    }
}

/// Returns the text of the section `Since:`.
fn tagged(doc: &Doc) -> Option<&str> {
    let mut sections = doc.sections.iter();
    let section = sections.find(|it| it.kind == SectionKind::Since)?;
    Some(section.text.trim())
}

/// Returns a line that begins with "since" and a release.
fn astray<'s>(lines: &[Line<'s>]) -> Option<Line<'s>> {
    lines.iter().copied().find(|line| {
        let text = line.text.trim();
        let word = text.get(.."since".len());
        word.is_some_and(|word| word.eq_ignore_ascii_case("since"))
            && release(text["since".len()..].trim_start_matches(':').trim()).is_some()
    })
}

/// Major and minor number at the start of a text: `9.1`, `2.11.1`, `0.14`.
fn release(text: &str) -> Option<(u32, u32)> {
    let text = text.strip_prefix("QEMU").unwrap_or(text).trim_start();
    let end = text.find(|it: char| it != '.' && !it.is_ascii_digit());
    let mut numbers = text[..end.unwrap_or(text.len())].split('.');
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

/// Returns whether a schema file defines a name.
fn defines(text: &str, name: &str) -> bool {
    const KINDS: [&str; 7] = [
        "'command'",
        "'event'",
        "'struct'",
        "'type'",
        "'union'",
        "'alternate'",
        "'enum'",
    ];
    let quoted = format!("'{name}'");
    text.match_indices(&quoted).any(|(at, _)| {
        let key = text[..at].trim_end().strip_suffix(':').map(str::trim_end);
        key.is_some_and(|key| KINDS.iter().any(|kind| key.ends_with(kind)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn releases_are_two_numbers() {
        for (text, expected) in [
            ("9.1", Some((9, 1))),
            ("QEMU 2.11.1", Some((2, 11))),
            ("0.14.0 (with more)", Some((0, 14))),
            ("soon", None),
            ("9", None),
        ] {
            assert_eq!(release(text), expected, "{text}");
        }
    }

    #[test]
    fn definitions_are_found_however_they_are_laid_out() {
        let text = "{'command' :\n 'stop', 'data': { 'event': 'str' } }";
        assert!(defines(text, "stop"));
        assert!(!defines(text, "data"));
        assert!(!defines(text, "sto"));
    }
}
