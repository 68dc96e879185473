//! A machine with an agent at work, and conversations with it.

use std::path::Path;

use qapi_tests::vm::{Machine, Setup};

pub(crate) use qapi_tests::vm::{Lines, PATIENCE};

/// Path of the agent in the guest, whoever made it.
const AGENT: &str = "/usr/sbin/agent";

/// A machine with an agent.
pub(crate) struct Guest {
    pub(crate) machine: Machine,
    pub(crate) agent: Lines,
}

impl Guest {
    /// Boots a machine and starts `program` in it, an agent, with these options besides the usual
    /// ones. None where there is nothing to boot with.
    pub(crate) fn boot(setup: Setup, program: impl AsRef<Path>, options: &str) -> Option<Self> {
        let mut machine = setup.program(program.as_ref(), AGENT).boot()?;
        start(&mut machine, options);
        let agent = Lines::connect(&machine.agent_socket());
        Some(Self { machine, agent })
    }

    /// Starts the agent again, for the same host program.
    pub(crate) fn start(&mut self, options: &str) {
        start(&mut self.machine, options);
    }

    /// Ends the agent in an orderly way.
    pub(crate) fn stop(&mut self) {
        let ended = self.shell("kill $(cat /run/pid); wait $(cat /run/pid); echo \"code $?\"");
        assert!(ended.ends_with("code 0"), "{ended}");
    }

    /// See [`Machine::shell`].
    pub(crate) fn shell(&mut self, command: &str) -> String {
        self.machine.shell(command)
    }

    /// See [`Machine::qmp`].
    pub(crate) fn qmp(&self) -> Lines {
        self.machine.qmp()
    }

    /// Waits until a command of the shell prints this.
    pub(crate) fn wait_until(&mut self, command: &str, expected: &str) {
        self.machine.wait_until(command, expected);
    }
}

fn start(machine: &mut Machine, options: &str) {
    machine.shell(&format!(
        "{AGENT} {options} </dev/null >>/run/log 2>&1 & echo $! >/run/pid"
    ));
}
