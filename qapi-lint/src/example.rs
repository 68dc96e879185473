//! Examples against the schema that they are part of.

use qapi_parser::diag::{Code, Diagnostic, Meta};
use qapi_runtime::wire::Document;
use qapi_traffic::{Build, Remark, Severity, Validator};

use crate::definition::Definition;
use crate::extract::{Direction, Message, is_abridged, lines, messages};
use crate::subject::Subject;

/// Messages of examples that are no JSON, or that the schema rejects.
pub(crate) fn rejected(subject: &Subject<'_>, out: &mut Vec<Diagnostic>) {
    let validator = Validator::new(subject.schema, &Build::default());
    for definition in &subject.definitions {
        let Some(doc) = definition.doc else { continue };
        // The command whose reply comes next.
        let mut command = (definition.meta == Meta::Command).then(|| definition.name.to_owned());
        for message in messages(&lines(subject.sources, doc)) {
            if !is_abridged(&message.text) {
                judge(&validator, definition, &message, &mut command, out);
            } else if message.direction == Direction::ToServer {
                command = None;
            }
        }
    }
}

fn judge(
    validator: &Validator,
    definition: &Definition<'_>,
    message: &Message,
    command: &mut Option<String>,
    out: &mut Vec<Diagnostic>,
) {
    let warning = |problem: &str| {
        let text = format!("an example of {} is wrong: {problem}", definition.title());
        definition.warning(Code::LINT_EXAMPLE, message.span, text)
    };
    let document = match Document::parse(message.text.as_bytes()) {
        Ok(document) => document,
        Err(error) => return out.push(warning(&format!("it is no JSON: {error}"))),
    };
    let value = document.strict();
    let remarks = match message.direction {
        Direction::ToServer => {
            let members = value.object().ok();
            let name = members.and_then(|it| it.peek("execute").or_else(|| it.peek("exec-oob")));
            *command = name.and_then(|it| it.str().ok()).map(str::to_owned);
            validator.request(value)
        }
        Direction::ToClient => {
            let value = document.lenient();
            let has = |name: &str| value.object().is_ok_and(|it| it.peek(name).is_some());
            match command {
                _ if has("QMP") => Vec::new(),
                _ if has("event") => validator.event(value),
                _ if has("error") => validator.error(value),
                Some(command) => validator.reply(command, value),
                None => Vec::new(),
            }
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

/// The place in the message, and what is wrong there.
fn worded(remark: &Remark) -> String {
    if remark.path.is_empty() {
        remark.to_string()
    } else {
        format!("{}: {remark}", remark.path)
    }
}
