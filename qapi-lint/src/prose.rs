//! Rules about the content of documentation.

use qapi_parser::diag::{Code, Diagnostic, Meta};
use qapi_parser::ir::SectionKind;

use crate::definition::has;
use crate::lint_input::LintInput;

/// Words that lead to a replacement, or say that there is none.
const POINTERS: [&str; 6] = ["use ", "instead", "replac", "supersed", "in favo", "prefer"];

/// Deprecated parts whose documentation names no replacement.
pub(crate) fn replacement(input: &LintInput<'_>, out: &mut Vec<Diagnostic>) {
    for definition in &input.definitions {
        let mut parts = definition.parts.iter();
        let is_deprecated = has(definition.features, "deprecated")
            || parts.any(|part| has(part.features, "deprecated"));
        let Some(doc) = definition.doc.filter(|_| is_deprecated) else {
            continue;
        };
        let described = doc.features.iter().find(|it| it.name == "deprecated");
        let Some(described) = described.filter(|it| !it.text.is_empty()) else {
            continue;
        };
        let text = described.text.to_lowercase().replace('\n', " ");
        if POINTERS.iter().any(|pointer| text.contains(pointer)) {
            continue;
        }
        let message = format!(
            "{} has deprecated parts, and the documentation does not say what to use instead",
            definition.title()
        );
        out.push(
            definition
                .warning(Code::LINT_REPLACEMENT, described.span, message)
                .help("name the replacement: \"Use `…` instead.\", or say that there is none"),
        );
    }
}

/// Commands whose documentation does not describe errors.
pub(crate) fn errors(input: &LintInput<'_>, out: &mut Vec<Diagnostic>) {
    for definition in &input.definitions {
        let Some(doc) = definition.doc.filter(|_| definition.meta == Meta::Command) else {
            continue;
        };
        let tells = doc.sections.iter().any(|it| it.kind == SectionKind::Errors);
        if !tells {
            let message = format!(
                "the documentation of {} does not describe errors",
                definition.title()
            );
            let warning = definition.warning(Code::LINT_ERRORS, definition.span, message);
            out.push(warning.help("add a section `Errors:`"));
        }
    }
}
