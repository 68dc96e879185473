//! Commands and events that were added or removed.

use crate::change::{Change, ChangeKind};
use crate::path::RootKind;

fn is(change: &Change, kind: RootKind, what: &ChangeKind) -> bool {
    change.path.kind == kind && change.kind == *what
}

rules! { Wire;
    /// A command was added.
    ///
    /// No client can have used it, so nothing breaks. A client that wants to use it if the server
    /// has it asks `query-qmp-schema`, or the guest agent's `guest-info`.
    "command-added", "command added", Compatible / Compatible,
        |change| is(change, RootKind::Command, &ChangeKind::RootAdded);

    /// A command was removed.
    ///
    /// Every client that executes it gets the error `CommandNotFound`. Mark a command as
    /// `deprecated` some releases before you remove it, and say in its documentation what to use
    /// instead.
    "command-removed", "command removed", Breaking / Breaking,
        |change| is(change, RootKind::Command, &ChangeKind::RootRemoved);

    /// An event was added.
    ///
    /// Clients must ignore unknown events, so nothing breaks.
    "event-added", "event added", Compatible / Compatible,
        |change| is(change, RootKind::Event, &ChangeKind::RootAdded);

    /// An event was removed.
    ///
    /// A client that waits for it waits forever, without any error. The removal of an event is
    /// therefore worse than that of a command.
    "event-removed", "event removed", Breaking / Breaking,
        |change| is(change, RootKind::Event, &ChangeKind::RootRemoved);
}
