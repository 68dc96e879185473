//! The requests that a client is expected to send.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use qapi_runtime::{Any, Object, Writer};
use qapi_traffic::recording::{Content, Direction};
use qapi_traffic::{Masks, RequestMask};
use similar::{ChangeTag, TextDiff};

use super::asked::Asked;
use super::recording::{read, request};
use crate::console::{Console, one_line};
use crate::status::Failure;

/// Requests shown around a difference.
const CONTEXT: usize = 3;

/// The requests that are expected, and those that came.
pub(crate) struct Expected {
    expected: Vec<String>,
    asked: Mutex<Vec<String>>,
}

impl Expected {
    /// Returns the requests of a recording, such as a transcript of an earlier run.
    pub(crate) fn read(path: &Path, masks: &Masks, console: &mut Console) -> Result<Self, Failure> {
        let mut mask = RequestMask::new(masks.clone());
        let mut expected = Vec::new();
        read(path, console, |entry| {
            let Content::Message(message) = entry.content else {
                return;
            };
            if entry.direction == Direction::ToServer {
                let (message, _) = mask.request(Any::from(message));
                expected.extend(line(&message));
            }
        })?;
        Ok(Self {
            expected,
            asked: Mutex::default(),
        })
    }

    /// Notes a request.
    pub(super) fn note(&self, asked: &Asked) {
        let mut all = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        all.extend(line(&asked.message));
    }

    /// Returns the difference between what was expected and what came; none if there is none.
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
                written.expect("writing to a string cannot fail");
            }
        }
        Some(text)
    }
}

/// Returns a request as a line, with the members of its arguments sorted: their order means nothing. None for
/// `qmp_capabilities`, which is not a request of the program.
fn line(message: &Any) -> Option<String> {
    let (name, arguments) = request(message)?;
    if name == "qmp_capabilities" {
        return None;
    }
    if arguments.is_empty() {
        return Some(format!("{name}\n"));
    }
    let mut out = Writer::new();
    out.value(&sorted(Any::Object(arguments)));
    Some(format!("{name} {}\n", out.into_string()))
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
