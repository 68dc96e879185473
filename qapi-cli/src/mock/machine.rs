//! The state of a mock's machine.

use std::sync::atomic::{AtomicBool, Ordering};

use qapi_runtime::server::EventSender;
use qapi_runtime::{Any, Object};
use qapi_traffic::ServerModel;

/// A machine that runs or is stopped.
pub(super) struct Machine {
    runs: AtomicBool,
}

impl Machine {
    pub(super) fn new() -> Self {
        Self {
            runs: AtomicBool::new(true),
        }
    }

    /// Notes a command that stops or continues the machine. Returns its event.
    pub(super) fn note(&self, command: &str, model: &ServerModel, events: &EventSender) {
        let (runs, event) = match command {
            "stop" => (false, "STOP"),
            "cont" => (true, "RESUME"),
            _ => return,
        };
        let ran = self.runs.swap(runs, Ordering::AcqRel);
        if ran != runs && model.has_plain_event(event) {
            events.emit(event, &());
        }
    }

    /// Puts what is remembered into the reply to `query-status`.
    pub(super) fn amend(&self, command: &str, reply: &mut Any) {
        let ("query-status", Any::Object(members)) = (command, reply) else {
            return;
        };
        let runs = self.runs.load(Ordering::Acquire);
        amend(members, "running", Any::Bool(runs));
        let status = if runs { "running" } else { "paused" };
        amend(members, "status", Any::from(status));
    }
}

/// Replaces a member, if it is there.
fn amend(members: &mut Object, name: &str, value: Any) {
    if let Some(member) = members.get_mut(name) {
        *member = value;
    }
}
