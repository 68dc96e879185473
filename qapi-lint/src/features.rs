//! Rules about features and related names.

use qapi_parser::diag::{Code, Diagnostic, Meta};
use qapi_parser::suggest::closest;

use crate::definition::{Definition, has};
use crate::lint_input::LintInput;

/// The features that compiler and servers know (docs/reference/language.md §4.4).
const KNOWN: [&str; 2] = ["deprecated", "unstable"];

/// Names that begin with `x-`, of things that are not marked as unstable.
pub(crate) fn stable_names(input: &LintInput<'_>, out: &mut Vec<Diagnostic>) {
    for definition in &input.definitions {
        if has(definition.features, "unstable") {
            continue;
        }
        if is_experimental(definition.name) {
            out.push(
                definition
                    .warning(
                        Code::LINT_X_STABLE,
                        definition.span,
                        format!(
                            "{} is named as unstable, but has no feature `unstable`",
                            definition.title()
                        ),
                    )
                    .help("add `'features': [ 'unstable' ]`, or remove `x-`"),
            );
        }
        for part in &definition.parts {
            if is_experimental(part.name) && !has(part.features, "unstable") {
                let message = format!(
                    "`{}` of {} is named as unstable, but has no feature `unstable`",
                    part.name,
                    definition.title()
                );
                out.push(
                    definition
                        .warning(Code::LINT_X_STABLE, part.span, message)
                        .help("add `'features': [ 'unstable' ]`, or remove `x-`"),
                );
            }
        }
    }
}

/// Commands, members and values that are marked as unstable, and whose names do not say so.
pub(crate) fn unstable_names(input: &LintInput<'_>, out: &mut Vec<Diagnostic>) {
    for definition in &input.definitions {
        let is_unstable = has(definition.features, "unstable");
        // Names of types are not on the wire, and those of events are in upper case.
        if definition.meta == Meta::Command && is_unstable && !is_experimental(definition.name) {
            out.push(unnamed(definition, definition.name, definition.span));
        }
        for part in &definition.parts {
            if has(part.features, "unstable") && !is_experimental(part.name) {
                out.push(unnamed(definition, part.name, part.span));
            }
        }
    }
}

fn unnamed(definition: &Definition<'_>, name: &str, span: qapi_parser::source::Span) -> Diagnostic {
    let message = format!("`{name}` is unstable, and its name does not begin with `x-`");
    definition.warning(Code::LINT_X_MISSING, span, message)
}

/// Returns whether a name says that it may go: `x-…`, also after the prefix of a vendor.
fn is_experimental(name: &str) -> bool {
    let own = match name.strip_prefix("__") {
        Some(rest) => rest.split_once('_').map_or(rest, |(_, own)| own),
        None => name,
    };
    own.starts_with("x-")
}

/// Features that are nearly one of those with a meaning.
pub(crate) fn misspelt(input: &LintInput<'_>, out: &mut Vec<Diagnostic>) {
    for definition in &input.definitions {
        let parts = definition.parts.iter().flat_map(|part| part.features);
        for feature in definition.features.iter().chain(parts) {
            if KNOWN.contains(&feature.name.as_str()) {
                continue;
            }
            let Some(meant) = closest(&feature.name, KNOWN) else {
                continue;
            };
            let message = format!(
                "feature `{}` looks like a misspelling of `{meant}`",
                feature.name
            );
            out.push(definition.warning(Code::LINT_FEATURE, feature.span, message));
        }
    }
}
