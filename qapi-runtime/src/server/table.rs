//! The table of enabled commands.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use crate::command::CommandInfo;
use crate::message::Error;
use crate::wire::name_hash;

/// The commands and their states, enabled or disabled; shared between a dispatcher and the code that changes it.
///
/// Reading takes no lock: a command that is enabled costs one atomic load. All commands start enabled.
#[derive(Debug)]
pub struct CommandTable {
    commands: &'static [CommandInfo],
    /// Indices of `commands` by the hashes of their names, which are nearly all distinct.
    by_hash: Box<[(u32, usize)]>,
    states: Box<[CommandState]>,
}

#[derive(Debug)]
struct CommandState {
    enabled: AtomicBool,
    /// The reason why it is disabled; not read while it is enabled.
    reason: RwLock<Arc<str>>,
}

impl CommandTable {
    /// Creates a table with all commands enabled. `commands` is what the service calls by index.
    pub fn new(commands: &'static [CommandInfo]) -> Self {
        let names = commands.iter().map(|command| command.name.as_bytes());
        let mut by_hash: Box<[_]> = names.map(name_hash).zip(0..).collect();
        by_hash.sort_unstable();
        let state = || CommandState {
            enabled: AtomicBool::new(true),
            reason: RwLock::new(Arc::from("")),
        };
        Self {
            commands,
            by_hash,
            states: commands.iter().map(|_| state()).collect(),
        }
    }

    /// Returns the index of the command in the slice that the table was made from.
    pub fn find(&self, name: &str) -> Option<usize> {
        let hash = name_hash(name.as_bytes());
        let first = self.by_hash.partition_point(|(other, _)| *other < hash);
        let alike = self.by_hash[first..]
            .iter()
            .take_while(|(other, _)| *other == hash);
        alike
            .map(|(_, index)| *index)
            .find(|index| self.commands[*index].name == name)
    }

    /// Disables a command; false if there is no such command.
    ///
    /// Callers see `Command <name> has been disabled: <reason>`, of class `CommandNotFound`; without colon and reason if
    /// that is empty. A command that is disabled already gets the new reason.
    pub fn disable(&self, name: &str, reason: &str) -> bool {
        let Some(index) = self.find(name) else {
            return false;
        };
        let state = &self.states[index];
        *state.reason.write().unwrap_or_else(PoisonError::into_inner) = reason.into();
        state.enabled.store(false, Ordering::Release);
        true
    }

    /// Enables a command; false if there is no such command.
    pub fn enable(&self, name: &str) -> bool {
        match self.find(name) {
            Some(index) => {
                self.states[index].enabled.store(true, Ordering::Release);
                true
            }
            None => false,
        }
    }

    /// Returns true if there is such a command and it is enabled.
    pub fn is_enabled(&self, name: &str) -> bool {
        self.find(name).is_some_and(|index| self.state(index))
    }

    /// Returns the commands in schema order, each with whether it is enabled now.
    pub fn iter(&self) -> impl Iterator<Item = (&'static CommandInfo, bool)> + '_ {
        self.commands
            .iter()
            .enumerate()
            .map(|(index, command)| (command, self.state(index)))
    }

    /// Returns the commands, in schema order.
    pub fn commands(&self) -> &'static [CommandInfo] {
        self.commands
    }

    /// Returns the command to call, if it exists and is enabled.
    ///
    /// # Errors
    /// Both have class `CommandNotFound` and the texts of docs/reference/agent-behaviour.md §4.2.
    pub fn look_up(&self, name: &str) -> Result<usize, Error> {
        let Some(index) = self.find(name) else {
            return Err(Error::command_not_found(format!(
                "The command {name} has not been found"
            )));
        };
        if self.state(index) {
            return Ok(index);
        }
        let reason = Arc::clone(
            &self.states[index]
                .reason
                .read()
                .unwrap_or_else(PoisonError::into_inner),
        );
        let separator = if reason.is_empty() { "" } else { ": " };
        Err(Error::command_not_found(format!(
            "Command {name} has been disabled{separator}{reason}"
        )))
    }

    fn state(&self, index: usize) -> bool {
        self.states[index].enabled.load(Ordering::Acquire)
    }
}
