//! The generated service with what it does not know of: answers that come late, and requests that wait
//! for them.

use qapi_runtime::read::{Members, Value};
use qapi_runtime::server::Service;
use qapi_runtime::write::Writer;
use qapi_runtime::{CommandInfo, Error};

use crate::agent::Agent;
use crate::freezing::SAFE;
use crate::guest_agent::server::Server;

/// The service of an agent.
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

    fn postpone(&self, command: &CommandInfo, id: Option<&Value<'_>>) -> bool {
        self.agent.late().postpone(command, id)
    }

    /// While a command is under way only the safe ones are served (D26). What changes the guest, or tells
    /// how it is, keeps the order of the requests.
    fn must_wait(&self, index: usize) -> bool {
        self.agent.is_busy() && !SAFE.contains(&self.commands()[index].name)
    }
}
