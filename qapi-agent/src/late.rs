//! Answers that come after those of later requests, because their commands take long.

use qapi_runtime::read::Value;
use qapi_runtime::server::LateAnswer;

use crate::commands::freeze::control::Ticket;

/// The answers that are still owed.
#[derive(Debug, Default)]
pub(crate) struct Late {
    /// The task of the command that is being called, if it takes long.
    fresh: Option<Ticket>,
    /// Who is being served.
    client: u64,
    owed: Vec<Owed>,
}

#[derive(Debug)]
struct Owed {
    ticket: Ticket,
    client: u64,
    answer: LateAnswer,
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

    /// Takes note of the request's `id`; whether the command is one to be answered later.
    pub(crate) fn postpone(&mut self, id: Option<&Value<'_>>) -> bool {
        let Some(ticket) = self.fresh.take() else {
            return false;
        };
        self.owed.push(Owed {
            ticket,
            client: self.client,
            answer: LateAnswer::new(id),
        });
        true
    }

    /// The client has synchronised: whatever comes next it takes for the answer to its next request.
    /// So answers without an `id` are not given any more.
    pub(crate) fn synchronise(&mut self) {
        self.owed.retain(|owed| owed.answer.has_id());
    }

    /// The answer that waits for the task's result, with the client to send it to.
    pub(crate) fn take(&mut self, ticket: Ticket) -> Option<(u64, LateAnswer)> {
        let index = self.owed.iter().position(|owed| owed.ticket == ticket)?;
        let owed = self.owed.remove(index);
        Some((owed.client, owed.answer))
    }
}
