//! Scripts as files: docs/mock.md describes the format.

use std::fs;
use std::path::Path;
use std::time::Duration;

use qapi_runtime::testing::Expect;
use qapi_runtime::wire::Document;
use qapi_runtime::{Any, Decode, Error, Object};
use serde::Deserialize;
use serde_json::Value;

use crate::status::Failure;

/// A script.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ScriptFile {
    /// The steps come in this order, each once.
    #[serde(default)]
    in_order: bool,
    steps: Vec<Step>,
    /// The address at which editors of JSON find the schema.
    #[serde(default, rename = "$schema")]
    _schema: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Step {
    command: String,
    /// Arguments that a request must have; it may have others.
    #[serde(default)]
    arguments: Option<Value>,
    /// It may have no others.
    #[serde(default)]
    exactly: bool,
    #[serde(default)]
    times: Option<u64>,
    #[serde(default)]
    before: Vec<ScriptEvent>,
    #[serde(default)]
    after: Vec<ScriptEvent>,
    /// Seconds.
    #[serde(default)]
    delay: f64,
    /// One of these; otherwise the reply is made from the schema.
    reply: Option<Value>,
    error: Option<Refusal>,
    #[serde(default)]
    silent: bool,
    #[serde(default)]
    close: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ScriptEvent {
    event: String,
    #[serde(default)]
    data: Option<Value>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Refusal {
    #[serde(default = "generic")]
    class: String,
    desc: String,
}

fn generic() -> String {
    "GenericError".to_owned()
}

impl ScriptFile {
    /// Reads a script.
    pub(crate) fn read(path: &Path) -> Result<Self, Failure> {
        let at =
            |what: &dyn std::fmt::Display| Failure::new(format_args!("{}: {what}", path.display()));
        let text = fs::read_to_string(path).map_err(|error| at(&error))?;
        serde_json::from_str(&text).map_err(|error| at(&error))
    }

    /// The expectations, and whether they come in order.
    pub(crate) fn expectations(&self) -> Result<(Vec<Expect>, bool), Failure> {
        let numbered = self.steps.iter().enumerate();
        let expectations = numbered.map(|(index, step)| {
            step.expectation().map_err(|problem| {
                let (number, command) = (index + 1, &step.command);
                Failure::new(format_args!("step {number} ({command}): {problem}"))
            })
        });
        Ok((expectations.collect::<Result<_, _>>()?, self.in_order))
    }
}

impl Step {
    fn expectation(&self) -> Result<Expect, String> {
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

/// The value in the runtime's form.
pub(super) fn any(value: &Value) -> Result<Any, String> {
    let document = Document::parse(value.to_string().as_bytes());
    let document = document.map_err(|error| error.to_string())?;
    Any::decode(document.lenient()).map_err(|error| error.to_string())
}
