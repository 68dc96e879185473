//! Checks examples against their schema.

use qapi_parser::diag::{Code, Diagnostic, Meta};
use qapi_traffic::examples::examples;
use qapi_traffic::recording::Direction;
use qapi_traffic::{Build, Remark, Severity, Validator};

use crate::doc_lines::lines;
use crate::lint_input::LintInput;

/// Messages of examples that are no JSON, or that the schema rejects.
pub(crate) fn rejected(input: &LintInput<'_>, out: &mut Vec<Diagnostic>) {
    let validator = Validator::new(input.schema, &Build::default());
    for definition in &input.definitions {
        let Some(doc) = definition.doc else { continue };
        // The command whose reply is expected next.
        let mut command = (definition.meta == Meta::Command).then(|| definition.name.to_owned());
        let lines = lines(input.sources, doc);
        for example in examples(lines.iter().map(|line| line.text)) {
            if example.is_abridged() {
                if example.direction == Direction::ToServer {
                    command = None;
                }
                continue;
            }
            let warning = |problem: &str| {
                let text = format!("an example of {} is wrong: {problem}", definition.title());
                definition.warning(Code::LINT_EXAMPLE, lines[example.line].span, text)
            };
            let remarks = match example.judge(&validator, &mut command) {
                Ok(remarks) => remarks,
                Err(error) => {
                    out.push(warning(&format!("it is not JSON: {error}")));
                    continue;
                }
            };
            let mut errors = remarks
                .iter()
                .filter(|it| it.problem.severity() == Severity::Error)
                .map(worded);
            if let Some(first) = errors.next() {
                out.push(errors.fold(warning(&first), Diagnostic::note));
            }
        }
    }
}

/// Returns the place in the message, and what is wrong there.
fn worded(remark: &Remark) -> String {
    if remark.path.is_empty() {
        remark.to_string()
    } else {
        format!("{}: {remark}", remark.path)
    }
}
