//! The state that commands share: open files, programs, freezes, and the enabled commands.

use std::cell::{RefCell, RefMut};
use std::path::Path;
use std::sync::Arc;

use qapi_runtime::server::CommandTable;

use crate::background::Background;
use crate::commands::exec::{Children, Limits};
use crate::commands::file::Files;
use crate::commands::freeze::Linux;
use crate::commands::freeze::control::Control;
use crate::freeze_policy::Freezing;
use crate::handle_counter::HandleCounter;
use crate::platform::system::System;
use crate::policy::Policy;

/// The state that commands share. It belongs to the process, not to a connection: handles and process ids remain valid
/// for the next client.
#[derive(Debug)]
pub(crate) struct Agent {
    files: RefCell<Files>,
    children: RefCell<Children>,
    table: Arc<CommandTable>,
    freezing: Control<Linux>,
    background: Background,
    system: System,
    policy: Policy,
}

impl Agent {
    /// Creates an agent that keeps its persistent state in `state_directory`. On failure, returns a text that says why
    /// it cannot run with that directory.
    pub(crate) fn new(
        state_directory: &Path,
        table: Arc<CommandTable>,
        system: System,
        freezing: Freezing,
        policy: Policy,
    ) -> Result<Self, String> {
        let mut children = Children::new(Limits::DEFAULT);
        children.leave_strangers_at(system.exits());
        let freezing = freezing.start(&system, state_directory)?;
        // Nothing is written while file systems are frozen, because the file might be on one of them.
        let counter = if freezing.is_frozen() {
            HandleCounter::open_unwritten(state_directory)?
        } else {
            HandleCounter::open(state_directory)?
        };
        Ok(Self {
            files: RefCell::new(Files::new(counter)),
            children: RefCell::new(children),
            table,
            freezing,
            background: Background::new()?,
            system,
            policy,
        })
    }

    /// Returns the open files. Must not be kept beyond one command.
    pub(crate) fn files(&self) -> RefMut<'_, Files> {
        self.files.borrow_mut()
    }

    /// Returns the programs. Must not be kept beyond one command or one wait.
    pub(crate) fn children(&self) -> RefMut<'_, Children> {
        self.children.borrow_mut()
    }

    /// Freezing and thawing.
    pub(crate) fn freezing(&self) -> &Control<Linux> {
        &self.freezing
    }

    /// Commands that may take long.
    pub(crate) fn background(&self) -> &Background {
        &self.background
    }

    /// Returns true while a deferred command is at work.
    pub(crate) fn is_busy(&self) -> bool {
        self.background.is_busy() || self.freezing.is_busy()
    }

    /// Returns the system that commands act on.
    pub(crate) fn system(&self) -> &System {
        &self.system
    }

    /// Returns the rules that the host has to keep.
    pub(crate) fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Which commands exist and are enabled.
    pub(crate) fn table(&self) -> &CommandTable {
        &self.table
    }
}
