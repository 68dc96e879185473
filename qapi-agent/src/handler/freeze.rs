//! Freezing, thawing and trimming.

use qapi_runtime::Error;

use super::Reply;
use super::deferred::run_in_background;
use crate::agent::Agent;
use crate::commands::trim;
use crate::guest_agent as schema;

/// Returns the state of freezing. It is unknown while a freeze or thaw is at work.
pub(super) fn status(agent: &Agent) -> Reply<schema::GuestFsfreezeStatus> {
    if let Some(task) = agent.freezing().status_task() {
        return Reply::Deferred(task);
    }
    agent.freezing().telling();
    Reply::Ready(settled_status(agent))
}

/// Returns the state when no freeze or thaw is at work.
pub(crate) fn settled_status(agent: &Agent) -> schema::GuestFsfreezeStatus {
    if agent.freezing().is_frozen() {
        schema::GuestFsfreezeStatus::Frozen
    } else {
        schema::GuestFsfreezeStatus::Thawed
    }
}

pub(super) fn freeze(agent: &Agent, chosen: Option<Vec<String>>) -> Result<Reply<i64>, Error> {
    Ok(agent.freezing().freeze(chosen)?)
}

pub(super) fn thaw(agent: &Agent) -> Result<Reply<i64>, Error> {
    Ok(agent.freezing().thaw()?)
}

pub(super) fn trim(
    agent: &Agent,
    minimum: i64,
) -> Result<Reply<schema::GuestFilesystemTrimResponse>, Error> {
    let element = |trimmed: trim::Trimmed| {
        let mut element = schema::GuestFilesystemTrimResult::new(trimmed.path);
        match trimmed.result {
            Ok(range) => {
                element.trimmed = Some(range.trimmed);
                element.minimum = Some(range.minimum);
            }
            Err(error) => element.error = Some(error),
        }
        element
    };
    run_in_background(agent, move |system| {
        let paths = trim::trim(system.root(), minimum)?
            .into_iter()
            .map(element)
            .collect();
        Ok(schema::GuestFilesystemTrimResponse::new(paths))
    })
}
