//! Freezing, thawing and trimming.

use qapi_runtime::read::{Members, Value};
use qapi_runtime::server::Service;
use qapi_runtime::write::Writer;
use qapi_runtime::{CommandInfo, Error};

use crate::agent::Agent;
use crate::commands::freeze::control::Answer;
use crate::commands::trim;
use crate::guest_agent as schema;
use crate::guest_agent::server::Server;

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

fn answer(agent: &Agent, answer: Answer) -> Result<i64, Error> {
    match answer {
        Answer::Now(result) => Ok(result?),
        Answer::Later(ticket) => {
            agent.late().expect(ticket);
            // Never sent.
            Ok(0)
        }
    }
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
    let paths = trim::trim(agent.system().root(), minimum)?
        .into_iter()
        .map(element)
        .collect();
    Ok(schema::GuestFilesystemTrimResponse::new(paths))
}

/// The generated service, with answers that may come late.
#[derive(Debug)]
pub(crate) struct LateService<'a> {
    server: Server<&'a Agent>,
    agent: &'a Agent,
}

impl<'a> LateService<'a> {
    pub(crate) fn new(agent: &'a Agent) -> Self {
        Self {
            server: Server(agent),
            agent,
        }
    }
}

impl Service for LateService<'_> {
    fn commands(&self) -> &'static [CommandInfo] {
        self.server.commands()
    }

    fn call(&self, index: usize, arguments: Members<'_>, reply: &mut Writer) -> Result<(), Error> {
        self.server.call(index, arguments, reply)
    }

    fn postpone(&self, id: Option<&Value<'_>>) -> bool {
        self.agent.late().postpone(id)
    }
}
