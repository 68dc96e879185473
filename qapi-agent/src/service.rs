//! The generated service, with commands that wait for others, and limits on rates.

use std::time::Instant;

use qapi_runtime::server::{Outcome, Service};
use qapi_runtime::{CommandInfo, Error, Members, Writer};

use crate::agent::Agent;
use crate::command_lists::SAFE;
use crate::guest_agent::server::Server;

/// The service of an agent.
#[derive(Debug)]
pub(crate) struct AgentService<'a> {
    server: Server<&'a Agent>,
    agent: &'a Agent,
}

impl<'a> AgentService<'a> {
    pub(crate) fn new(agent: &'a Agent) -> Self {
        Self {
            server: Server(agent),
            agent,
        }
    }
}

impl Service for AgentService<'_> {
    fn commands(&self) -> &'static [CommandInfo] {
        self.server.commands()
    }

    fn call(
        &self,
        index: usize,
        arguments: Members<'_>,
        reply: &mut Writer,
    ) -> Result<Outcome, Error> {
        let policy = self.agent.policy();
        if policy.has_rates() {
            policy.admit(self.commands()[index].name, Instant::now())?;
        }
        self.server.call(index, arguments, reply)
    }

    /// While a command is at work only the safe ones are served (D26). Commands that change the guest or report its
    /// state keep the order of the requests.
    fn is_blocked(&self, index: usize) -> bool {
        self.agent.is_busy() && !SAFE.contains(&self.commands()[index].name)
    }
}
