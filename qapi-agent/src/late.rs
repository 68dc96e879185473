//! Answers that come after those of later requests, because their commands take long.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use qapi_runtime::CommandInfo;
use qapi_runtime::read::Value;
use qapi_runtime::server::LateAnswer;

use crate::failure::Failure;

/// How long a command waits for its result, so that answers keep the order of requests where that
/// is quick. Only after that are others answered first.
pub(crate) const PATIENCE: Duration = Duration::from_millis(250);

/// What a result can be told by from those of other commands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Ticket(u64);

impl Ticket {
    /// One that no command has had.
    pub(crate) fn next() -> Self {
        static LAST: AtomicU64 = AtomicU64::new(0);
        Self(LAST.fetch_add(1, Ordering::Relaxed))
    }
}

/// The answer to a command.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Answer<T> {
    /// Here it is.
    Now(Result<T, Failure>),
    /// It comes with this ticket.
    Later(Ticket),
}

/// The answers that are still owed.
#[derive(Debug, Default)]
pub(crate) struct Late {
    /// The task of the command that is being called, if it takes long.
    fresh: Option<Ticket>,
    /// Who is being served.
    client: u64,
    owed: Vec<Owed>,
}

/// An answer that somebody waits for.
#[derive(Debug)]
pub(crate) struct Owed {
    ticket: Ticket,
    /// Who.
    pub(crate) client: u64,
    pub(crate) answer: LateAnswer,
}

impl Late {
    /// Says which client the following calls are for.
    pub(crate) fn serve(&mut self, client: u64) {
        self.client = client;
    }

    /// Says that the command being called will be answered when the task has a result.
    pub(crate) fn expect(&mut self, ticket: Ticket) {
        self.fresh = Some(ticket);
    }

    /// Takes note of the request; whether the command is one to be answered later.
    pub(crate) fn postpone(&mut self, command: &CommandInfo, id: Option<&Value<'_>>) -> bool {
        let Some(ticket) = self.fresh.take() else {
            return false;
        };
        self.owed.push(Owed {
            ticket,
            client: self.client,
            answer: LateAnswer::new(command, id),
        });
        true
    }

    /// The client has synchronised: whatever comes next it takes for the answer to its next request.
    /// So answers without an `id` are not given any more.
    pub(crate) fn synchronise(&mut self) {
        self.owed.retain(|owed| owed.answer.has_id());
    }

    /// The answer that waits for the task's result.
    pub(crate) fn take(&mut self, ticket: Ticket) -> Option<Owed> {
        let index = self.owed.iter().position(|owed| owed.ticket == ticket)?;
        Some(self.owed.remove(index))
    }

    /// All answers, for the end of the process.
    pub(crate) fn take_all(&mut self) -> Vec<Owed> {
        std::mem::take(&mut self.owed)
    }
}
