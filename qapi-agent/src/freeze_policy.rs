//! The administrator's settings for freezing, and the commands in the frozen state.

use std::cell::Cell;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use crate::command_lists::SAFE;
use crate::commands::freeze::control::Control;
use crate::commands::freeze::marker::Marker;
use crate::commands::freeze::watchdog::UNTOLD;
use crate::commands::freeze::{Freezer, Gate, Linux, Passage, Shared};
use crate::commands::hook::Hook;
use crate::platform::system::System;

/// The safe commands that no list can disable then, because a freeze could not be undone without them.
pub(crate) const INDISPENSABLE: &[&str] = &["guest-fsfreeze-status", "guest-fsfreeze-thaw"];

/// The settings of freezing.
pub(crate) struct Freezing {
    /// The program to call before freezes and after thaws.
    pub(crate) hook: Option<PathBuf>,
    /// The time that it may take.
    pub(crate) longest_hook: Option<Duration>,
    /// The time that a freeze may last.
    pub(crate) longest: Option<Duration>,
    /// The gate for commands.
    pub(crate) gate: Gate,
}

impl Freezing {
    /// Starts in the state that the marker in `state_directory` tells. On failure, returns a text that says why that is
    /// not possible.
    pub(crate) fn start(
        self,
        system: &System,
        state_directory: &Path,
    ) -> Result<Control<Linux>, String> {
        let marker = Marker::new(state_directory);
        let is_frozen = marker.is_present()?;
        let hook = |path| Hook::new(path, self.longest_hook, Arc::clone(system.exits()));
        let freezer = Freezer {
            kernel: Linux::new(system.root()),
            hook: self.hook.map(hook),
            shared: Arc::new(Shared::new(is_frozen)),
            marker,
            gate: self.gate,
            owes_thaw: Cell::new(is_frozen),
        };
        Control::new(freezer, self.longest, UNTOLD)
    }
}

/// Returns true if a command is served. `permitted` is true if the lists permit it.
pub(crate) fn passes(command: &str, permitted: bool, passage: Passage) -> bool {
    match passage {
        Passage::All => permitted,
        Passage::Safe => INDISPENSABLE.contains(&command) || (permitted && SAFE.contains(&command)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_count_in_the_frozen_state_except_for_what_ends_it() {
        assert!(passes("guest-ping", true, Passage::Safe));
        assert!(!passes("guest-ping", false, Passage::Safe));
        assert!(!passes("guest-get-time", true, Passage::Safe));
        assert!(passes("guest-fsfreeze-thaw", false, Passage::Safe));
        assert!(!passes("guest-fsfreeze-thaw", false, Passage::All));
        assert!(passes("guest-get-time", true, Passage::All));
    }
}
