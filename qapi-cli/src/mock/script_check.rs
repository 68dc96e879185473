//! Checks the steps of a script against the schema, so that mistakes are reported when it is loaded, not by a waiting
//! client.

use qapi_runtime::wire::Document;
use qapi_traffic::{Remark, Severity, Validator};
use serde_json::{Value, json};

use super::step::{ScriptEvent, Step, document};

/// Returns the parts of a step that are not in the schema, each in a sentence with its place in the step.
///
/// A request that the server rejects anyway never reaches a step, so command and arguments are checked even if the step
/// is `unchecked`.
pub(super) fn problems(step: &Step, validator: &Validator) -> Vec<String> {
    let mut found = request(step, validator);
    if !validator.has_command(&step.command) || step.unchecked {
        return found;
    }
    if let Some(reply) = &step.reply {
        let message = json!({ "return": reply });
        let judge = |it: &Document| validator.reply(&step.command, it.lenient());
        found.extend(judged(&message, judge, |path| {
            path.replacen("return", "reply", 1)
        }));
    }
    if let Some(error) = &step.error {
        let message = json!({ "error": { "class": error.class, "desc": error.desc } });
        let judge = |it: &Document| validator.error(it.lenient());
        found.extend(judged(&message, judge, str::to_owned));
    }
    for (list, events) in [("before", &step.before), ("after", &step.after)] {
        for (index, event) in events.iter().enumerate() {
            found.extend(self::event(event, &format!("{list}[{index}]"), validator));
        }
    }
    found
}

/// Command and arguments that no request can have. Arguments that are left out may be present or not, unless the step
/// has `exactly`.
fn request(step: &Step, validator: &Validator) -> Vec<String> {
    let mut message = json!({ "execute": step.command });
    if let Some(arguments) = &step.arguments {
        message["arguments"] = arguments.clone();
    }
    let judge = |it: &Document| {
        if step.exactly {
            validator.request(it.strict())
        } else {
            validator.part_of_request(it.strict())
        }
    };
    judged(&message, judge, |path| {
        path.replacen("execute", "command", 1)
    })
}

fn event(event: &ScriptEvent, place: &str, validator: &Validator) -> Vec<String> {
    let mut message = json!({
        "event": event.event,
        "timestamp": { "seconds": 0, "microseconds": 0 },
    });
    if let Some(data) = &event.data {
        message["data"] = data.clone();
    }
    let judge = |it: &Document| validator.event(it.lenient());
    judged(&message, judge, |path| format!("{place}.{path}"))
}

/// Judges a message that a step stands for; `place` tells where in the step a place of the message is.
fn judged(
    message: &Value,
    judge: impl Fn(&Document) -> Vec<Remark>,
    place: impl Fn(&str) -> String,
) -> Vec<String> {
    let document = match document(message) {
        Ok(document) => document,
        Err(problem) => return vec![problem],
    };
    let remarks = judge(&document).into_iter();
    remarks
        .filter(|it| it.problem.severity() == Severity::Error)
        .map(|it| format!("`{}`: {it}", place(&it.path)))
        .collect()
}
