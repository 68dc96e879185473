//! Recordings: one JSON object a line, with the direction of each message.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use qapi_runtime::testing::Expect;
use qapi_runtime::{Any, Error, Object};
use serde::Deserialize;
use serde_json::Value;

use super::script_file::any;
use crate::status::Failure;

/// A longer line is no message.
const LINE_LIMIT: usize = 128 << 20;

/// A line. Members that are not listed here are left out.
#[derive(Debug, Deserialize)]
pub(super) struct Line {
    #[serde(default = "one")]
    pub(super) client: u64,
    pub(super) direction: Direction,
    pub(super) message: Option<Value>,
}

fn one() -> u64 {
    1
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Direction {
    ToServer,
    ToClient,
}

/// Reads the lines of a recording one by one; `look` gets each with a message, and its number.
pub(super) fn read(
    path: &Path,
    look: &mut dyn FnMut(usize, Line) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let at =
        |what: &dyn std::fmt::Display| Failure::new(format_args!("{}: {what}", path.display()));
    let mut reader = BufReader::new(File::open(path).map_err(|error| at(&error))?);
    let mut bytes = Vec::new();
    for number in 1.. {
        bytes.clear();
        let mut limited = std::io::Read::take(&mut reader, LINE_LIMIT as u64);
        let length = limited.read_until(b'\n', &mut bytes);
        if length.map_err(|error| at(&error))? == 0 {
            break;
        }
        if bytes.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        let line: Line = serde_json::from_slice(&bytes).map_err(|error| {
            at(&format_args!(
                "line {number} is no line of a recording: {error}"
            ))
        })?;
        if line.message.is_some() {
            look(number, line)?;
        }
    }
    Ok(())
}

/// A request of a recording that has no reply yet, and the events before that.
struct Open {
    client: u64,
    id: Option<Value>,
    command: String,
    arguments: Object,
    events: Vec<(String, Any)>,
}

/// The expectations that answer as the server of a recording did. Equal requests are answered in the recorded order, and
/// then as the last one.
pub(crate) fn replayed(path: &Path) -> Result<Vec<Expect>, Failure> {
    let mut open: Vec<Open> = Vec::new();
    let mut answered: Vec<(String, Expect)> = Vec::new();
    read(path, &mut |number, line| {
        let at = |problem: String| {
            Failure::new(format_args!("{}: line {number}: {problem}", path.display()))
        };
        let message = line.message.unwrap_or_default();
        if line.direction == Direction::ToServer {
            open.extend(request(line.client, &message).map_err(at)?);
        } else if let Some(name) = message.get("event").and_then(Value::as_str) {
            let data = message
                .get("data")
                .map_or(Ok(Any::Object(Object::new())), any);
            let waiting = open.iter_mut().find(|it| it.client == line.client);
            if let Some(waiting) = waiting {
                waiting.events.push((name.to_owned(), data.map_err(at)?));
            }
        } else {
            let id = message.get("id");
            let mine = |it: &Open| it.client == line.client && it.id.as_ref() == id;
            if let Some(index) = open.iter().position(mine) {
                let request = open.remove(index);
                answered.extend(answer(request, &message).map_err(at)?);
            }
        }
        Ok(())
    })?;
    let mut last = BTreeMap::new();
    for (index, (key, _)) in answered.iter().enumerate() {
        last.insert(key.clone(), index);
    }
    let expectations = answered.into_iter().enumerate();
    let limited = expectations.map(|(index, (key, expect))| {
        if last[&key] == index {
            expect
        } else {
            expect.times(1)
        }
    });
    Ok(limited.collect())
}

/// The request in a message; none for `qmp_capabilities`, which is answered anyway.
fn request(client: u64, message: &Value) -> Result<Option<Open>, String> {
    let name = message.get("execute").or_else(|| message.get("exec-oob"));
    let Some(command) = name.and_then(Value::as_str) else {
        return Ok(None);
    };
    if command == "qmp_capabilities" {
        return Ok(None);
    }
    let arguments = match message.get("arguments").map(any).transpose()? {
        Some(Any::Object(arguments)) => arguments,
        _ => Object::new(),
    };
    Ok(Some(Open {
        client,
        id: message.get("id").cloned(),
        command: command.to_owned(),
        arguments,
        events: Vec::new(),
    }))
}

/// The expectation of a request that has this reply, with a key that equal requests share.
fn answer(request: Open, message: &Value) -> Result<Option<(String, Expect)>, String> {
    let key = format!("{} {:?}", request.command, request.arguments);
    let mut expect = Expect::command(request.command).with_exactly(request.arguments);
    for (name, data) in &request.events {
        expect = expect.emits_before(name, data);
    }
    if let Some(value) = message.get("return") {
        return Ok(Some((key, expect.replies(&any(value)?))));
    }
    let Some(error) = message.get("error") else {
        return Ok(None);
    };
    let text = |name: &str| error.get(name).and_then(Value::as_str).unwrap_or_default();
    let mut refusal = Error::generic(text("desc"));
    refusal.class = text("class").into();
    Ok(Some((key, expect.fails(refusal))))
}
