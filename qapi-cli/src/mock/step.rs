//! A step of a script, as its file has it.

use std::time::Duration;

use qapi_runtime::testing::Expect;
use qapi_runtime::wire::Document;
use qapi_runtime::{Any, Decode, Error, Object};
use serde::Deserialize;
use serde_json::Value;

#[expect(
    clippy::struct_excessive_bools,
    reason = "they are members of the file's format"
)]
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Step {
    pub(super) command: String,
    /// Arguments that a request must have; it may have others.
    #[serde(default)]
    pub(super) arguments: Option<Value>,
    /// It may have no others.
    #[serde(default)]
    pub(super) exactly: bool,
    #[serde(default)]
    times: Option<u64>,
    #[serde(default)]
    pub(super) before: Vec<ScriptEvent>,
    #[serde(default)]
    pub(super) after: Vec<ScriptEvent>,
    /// Seconds.
    #[serde(default)]
    delay: f64,
    /// One of these; otherwise the reply is made from the schema.
    #[serde(default, deserialize_with = "present")]
    pub(super) reply: Option<Value>,
    pub(super) error: Option<Refusal>,
    #[serde(default)]
    silent: bool,
    #[serde(default)]
    close: bool,
    /// The answer and the events are sent even if they are not in the schema.
    #[serde(default)]
    pub(super) unchecked: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ScriptEvent {
    pub(super) event: String,
    #[serde(default)]
    pub(super) data: Option<Value>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Refusal {
    #[serde(default = "generic")]
    pub(super) class: String,
    pub(super) desc: String,
}

fn generic() -> String {
    "GenericError".to_owned()
}

/// Returns a value that is there, even if it is null.
fn present<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

impl Step {
    /// Returns the expectation that stands for it in a server.
    pub(super) fn expectation(&self) -> Result<Expect, String> {
        let answers = [
            self.reply.is_some(),
            self.error.is_some(),
            self.silent,
            self.close,
        ];
        if answers.iter().filter(|it| **it).count() > 1 {
            return Err("`reply`, `error`, `silent` and `close` exclude each other".to_owned());
        }
        let mut expect = Expect::command(&self.command);
        match &self.arguments {
            None if self.exactly => expect = expect.with_exactly(Object::new()),
            None => {}
            Some(arguments) => {
                let Any::Object(arguments) = any(arguments)? else {
                    return Err("`arguments` must be an object".to_owned());
                };
                if self.exactly {
                    expect = expect.with_exactly(arguments);
                } else {
                    for (name, value) in arguments {
                        expect = expect.with(name, value);
                    }
                }
            }
        }
        for event in &self.before {
            expect = expect.emits_before(&event.event, &event.data()?);
        }
        for event in &self.after {
            expect = expect.emits_after(&event.event, &event.data()?);
        }
        if let Some(times) = self.times {
            expect = expect.times(times);
        }
        let delay = Duration::try_from_secs_f64(self.delay);
        expect = expect.delayed(delay.map_err(|_| "`delay` must be zero or more seconds")?);
        Ok(match (&self.reply, &self.error) {
            (Some(reply), _) => expect.replies(&any(reply)?),
            (_, Some(error)) => {
                let mut refusal = Error::generic(&error.desc);
                refusal.class = error.class.as_str().into();
                expect.fails(refusal)
            }
            _ if self.silent => expect.stays_silent(),
            _ if self.close => expect.closes(),
            _ => expect,
        })
    }
}

impl ScriptEvent {
    fn data(&self) -> Result<Any, String> {
        match &self.data {
            Some(data) => any(data),
            None => Ok(Any::Object(Object::new())),
        }
    }
}

/// Returns the value in the runtime's form.
fn any(value: &Value) -> Result<Any, String> {
    let document = document(value)?;
    Any::decode(document.lenient()).map_err(|error| error.to_string())
}

/// Returns the value as a message is read.
pub(super) fn document(value: &Value) -> Result<Document, String> {
    let document = Document::parse(value.to_string().as_bytes());
    document.map_err(|error| error.to_string())
}
