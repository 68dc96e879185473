//! The answers of a mock: errors by the schema, then replies of the script, then made-up ones.

use std::sync::{Arc, Mutex, PoisonError};

use qapi_runtime::message::Request;
use qapi_runtime::server::{ClientId, EventSender, Outcome, current_client};
use qapi_runtime::testing::{Expect, Script};
use qapi_runtime::{Any, Error, Members, Object, Writer};
use qapi_traffic::{Masks, RequestMask, ServerModel};

use super::asked::Asked;
use super::expected::Expected;
use super::machine::Machine;
use super::transcript::Transcript;

/// The tasks of a mock besides answering.
#[derive(Default)]
pub(crate) struct MockSettings {
    pub(crate) expected: Option<Arc<Expected>>,
    pub(crate) transcript: Option<Arc<Transcript>>,
    /// The secrets that neither of the two shows.
    pub(crate) masks: Masks,
    /// Replies that do not come from the schema's types, by command.
    pub(crate) known: Vec<(&'static str, Any)>,
}

/// A mock without its connections.
pub(crate) struct Actor {
    model: ServerModel,
    machine: Machine,
    known: Vec<(&'static str, Any)>,
    is_guest: bool,
    events: EventSender,
}

impl Actor {
    /// Returns the script of a mock.
    pub(crate) fn script(
        model: ServerModel,
        is_guest: bool,
        (expectations, in_order): (Vec<Expect>, bool),
        settings: MockSettings,
        events: &EventSender,
    ) -> Script {
        let actor = Arc::new(Self {
            model,
            machine: Machine::new(),
            known: settings.known,
            is_guest,
            events: events.clone(),
        });
        let judge = Arc::clone(&actor);
        let (expected, transcript) = (settings.expected, settings.transcript);
        let mask = Mutex::new(RequestMask::new(settings.masks));
        let script = if in_order {
            Script::in_order(expectations)
        } else {
            Script::by_name(expectations)
        };
        let script = script
            .judged_by(move |request| {
                if expected.is_some() || transcript.is_some() {
                    let mut mask = mask.lock().unwrap_or_else(PoisonError::into_inner);
                    let asked = Asked::new(request, &mut mask);
                    if let Some(expected) = &expected {
                        expected.note(&asked);
                    }
                    if let Some(transcript) = &transcript {
                        transcript.note(current_client().map_or(1, ClientId::number), &asked);
                    }
                }
                judge.judge(request)
            })
            .otherwise(move |command, arguments, out| actor.answer(command, arguments, out))
            .with_events(events)
            .forgetful();
        if is_guest { script } else { script.with_oob() }
    }

    fn judge(&self, request: &Request<'_>) -> Result<(), Error> {
        self.model.judge(request)?;
        self.machine.note(request.name, &self.model, &self.events);
        Ok(())
    }

    /// Answers what the script does not.
    fn answer(
        &self,
        command: &str,
        mut arguments: Members<'_>,
        out: &mut Writer,
    ) -> Result<Outcome, Error> {
        if self.is_guest && command.starts_with("guest-sync") {
            out.value(&arguments.required::<i64>("id")?);
            return Ok(Outcome::Done);
        }
        if self.model.is_silent(command) {
            return Ok(Outcome::Silent);
        }
        if let Some((_, reply)) = self.known.iter().find(|(name, _)| *name == command) {
            out.value(reply);
            return Ok(Outcome::Done);
        }
        if command == "query-commands" {
            let names = self.model.commands().into_iter();
            let entries = names.map(|name| Any::Object(Object::from([("name", Any::from(name))])));
            out.value(&Any::Array(entries.collect()));
            return Ok(Outcome::Done);
        }
        let Some(mut reply) = self.model.reply(command) else {
            let text = format!("the schema has no finite reply for {command}");
            return Err(Error::generic(text));
        };
        self.machine.amend(command, &mut reply);
        out.value(&reply);
        Ok(Outcome::Done)
    }
}
