//! The requests that a client is expected to send.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use qapi_runtime::message::Request;
use qapi_runtime::{Any, Object, Writer};
use serde_json::Value;
use similar::{ChangeTag, TextDiff};

use super::recording::{Direction, read};
use super::script_file::any;
use crate::console::one_line;
use crate::status::Failure;

/// Requests shown around a difference.
const CONTEXT: usize = 3;

/// The requests that are expected, and those that came.
pub(crate) struct Expected {
    expected: Vec<String>,
    asked: Mutex<Vec<String>>,
}

impl Expected {
    /// The requests of a recording, such as a transcript of an earlier run.
    pub(crate) fn read(path: &Path) -> Result<Self, Failure> {
        let mut expected = Vec::new();
        read(path, &mut |number, line| {
            if line.direction == Direction::ToClient {
                return Ok(());
            }
            let message = line.message.unwrap_or_default();
            let name = message.get("execute").or_else(|| message.get("exec-oob"));
            let Some(name) = name.and_then(Value::as_str) else {
                return Ok(());
            };
            if name == "qmp_capabilities" {
                return Ok(());
            }
            let arguments = message.get("arguments").map(any).transpose();
            let arguments = arguments.map_err(|problem| {
                Failure::new(format_args!("{}: line {number}: {problem}", path.display()))
            })?;
            expected.push(request_line(name, arguments.unwrap_or_default()));
            Ok(())
        })?;
        Ok(Self {
            expected,
            asked: Mutex::default(),
        })
    }

    /// Notes a request.
    pub(super) fn note(&self, request: &Request<'_>) {
        let arguments = Any::Object(request.arguments.afresh().rest());
        let line = request_line(request.name, arguments);
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        asked.push(line);
    }

    /// The difference between what was expected and what came; none if there is none.
    pub(crate) fn difference(&self) -> Option<String> {
        let asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        if *asked == self.expected {
            return None;
        }
        let (old, new) = (self.expected.concat(), asked.concat());
        let diff = TextDiff::from_lines(&old, &new);
        let mut text = String::new();
        for group in diff.grouped_ops(CONTEXT) {
            for change in group.iter().flat_map(|op| diff.iter_changes(op)) {
                let sign = match change.tag() {
                    ChangeTag::Delete => '-',
                    ChangeTag::Insert => '+',
                    ChangeTag::Equal => ' ',
                };
                let line = one_line(change.value().trim_end());
                let written = writeln!(text, "{sign} {line}");
                written.expect("strings take any text");
            }
        }
        Some(text)
    }
}

/// A request as a line, with the members of its arguments sorted: their order means nothing.
fn request_line(name: &str, arguments: Any) -> String {
    let Any::Object(arguments) = sorted(arguments) else {
        return format!("{name}\n");
    };
    if arguments.is_empty() {
        return format!("{name}\n");
    }
    let mut out = Writer::new();
    out.value(&arguments);
    format!("{name} {}\n", out.into_string())
}

fn sorted(value: Any) -> Any {
    match value {
        Any::Object(object) => {
            let mut members: Vec<_> = object.into_iter().collect();
            members.sort_by(|one, other| one.0.cmp(&other.0));
            let members = members
                .into_iter()
                .map(|(name, value)| (name, sorted(value)));
            Any::Object(members.collect::<Object>())
        }
        Any::Array(items) => Any::Array(items.into_iter().map(sorted).collect()),
        other => other,
    }
}
