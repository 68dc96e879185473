//! Commands that are not done on the event loop's thread.

use qapi_runtime::{Encode, Error};

use crate::agent::Agent;
use crate::failure::Failure;
use crate::late::Answer;
use crate::system::System;

/// Does what may take long aside, so that the safe commands are served meanwhile (D26).
pub(super) fn aside<T: Encode + Send + 'static>(
    agent: &Agent,
    work: impl FnOnce(&System) -> Result<T, Failure> + Send + 'static,
) -> Result<T, Error> {
    let system = agent.system().clone();
    answer(agent, agent.background().run(move || work(&system)))
}

/// The answer, or the note that it comes later.
pub(super) fn answer<T>(agent: &Agent, answer: Answer<T>) -> Result<T, Error> {
    match answer {
        Answer::Now(result) => Ok(result?),
        Answer::Later(ticket) => {
            agent.late().expect(ticket);
            Err(Error::generic("never sent: the answer comes later"))
        }
    }
}
