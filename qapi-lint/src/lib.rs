//! Lints: matters of style in schemas that the compiler accepts.
//!
//! ```text
//! Schema, its files ─ a function per rule ─▶ warnings
//! ```
//!
//! Each rule has a code, `LINT-…`, with a page that `qapi explain` prints.

mod definition;
mod doc_lines;
mod example;
mod features;
mod history;
mod lint_input;
mod names;
mod prose;
mod since;
mod unused;

use qapi_parser::diag::{Code, Diagnostic};
use qapi_parser::ir::Schema;
use qapi_parser::source::SourceMap;

pub use history::History;

use lint_input::LintInput;

/// One rule.
#[derive(Debug)]
#[non_exhaustive]
pub struct Rule {
    /// The code of its warnings.
    pub code: Code,
    run: fn(&LintInput<'_>, &mut Vec<Diagnostic>),
}

/// All rules, in the order of their codes' table.
pub const RULES: &[Rule] = &[
    Rule::new(Code::LINT_SINCE, since::missing),
    Rule::new(Code::LINT_SINCE_FORM, since::form),
    Rule::new(Code::LINT_SINCE_NEWER, since::newer),
    Rule::new(Code::LINT_UNUSED, unused::types),
    Rule::new(Code::LINT_X_STABLE, features::stable_names),
    Rule::new(Code::LINT_X_MISSING, features::unstable_names),
    Rule::new(Code::LINT_FEATURE, features::misspelt),
    Rule::new(Code::LINT_REPEATS, names::repeated),
    Rule::new(Code::LINT_REPLACEMENT, prose::replacement),
    Rule::new(Code::LINT_ERRORS, prose::errors),
    Rule::new(Code::LINT_EXAMPLE, example::rejected),
];

impl Rule {
    const fn new(code: Code, run: fn(&LintInput<'_>, &mut Vec<Diagnostic>)) -> Self {
        Self { code, run }
    }
}

/// Returns whether a code is that of a lint.
pub fn is_lint(code: &str) -> bool {
    RULES.iter().any(|rule| rule.code.as_str() == code)
}

/// Returns the warnings of the wanted rules about a schema, in the order of their places. Without a history, the rules
/// about the release of definitions are skipped.
pub fn lint(
    schema: &Schema,
    sources: &SourceMap,
    history: Option<&dyn History>,
    wants: impl Fn(Code) -> bool,
) -> Vec<Diagnostic> {
    let input = LintInput {
        schema,
        sources,
        definitions: definition::all(schema),
        history,
    };
    let mut warnings = Vec::new();
    for rule in RULES.iter().filter(|rule| wants(rule.code)) {
        (rule.run)(&input, &mut warnings);
    }
    warnings.sort_by_key(|warning| {
        let span = warning.primary.as_ref().map(|label| label.span);
        span.map(|span| (span.file, span.start))
    });
    warnings
}
