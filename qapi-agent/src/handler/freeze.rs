//! Freezing, thawing and trimming.

use qapi_runtime::Error;

use super::aside::{answer, aside};
use crate::agent::Agent;
use crate::commands::trim;
use crate::guest_agent as schema;

pub(super) fn status(agent: &Agent) -> schema::GuestFsfreezeStatus {
    if agent.freezing().is_frozen() {
        schema::GuestFsfreezeStatus::Frozen
    } else {
        schema::GuestFsfreezeStatus::Thawed
    }
}

pub(super) fn freeze(agent: &Agent, chosen: Option<Vec<String>>) -> Result<i64, Error> {
    answer(agent, agent.freezing().freeze(chosen))
}

pub(super) fn thaw(agent: &Agent) -> Result<i64, Error> {
    answer(agent, agent.freezing().thaw())
}

pub(super) fn trim(
    agent: &Agent,
    minimum: i64,
) -> Result<schema::GuestFilesystemTrimResponse, Error> {
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
    aside(agent, move |system| {
        let paths = trim::trim(system.root(), minimum)?
            .into_iter()
            .map(element)
            .collect();
        Ok(schema::GuestFilesystemTrimResponse::new(paths))
    })
}
