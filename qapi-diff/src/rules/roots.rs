//! Commands and events that came or went.

use crate::change::{Change, ChangeKind};
use crate::path::RootKind;

fn is(change: &Change, kind: RootKind, what: &ChangeKind) -> bool {
    change.path.kind == kind && change.kind == *what
}

rules! { Wire;
    /// The newer revision has a command that the older one did not have.
    ///
    /// Nobody can have used it, so nothing breaks. A client that wants to use it where it is there
    /// asks `query-qmp-schema`, or the guest agent's `guest-info`.
    "command-added", "command added", Compatible / Compatible,
        |change| is(change, RootKind::Command, &ChangeKind::RootAdded);

    /// The newer revision does not have a command of the older one.
    ///
    /// Every client that executes it gets the error `CommandNotFound`. Mark a command as `deprecated`
    /// some releases before it goes, and say in its documentation what to use instead.
    "command-removed", "command removed", Breaking / Breaking,
        |change| is(change, RootKind::Command, &ChangeKind::RootRemoved);

    /// The newer revision has an event that the older one did not have.
    ///
    /// Clients must skip events that they do not know, so nothing breaks.
    "event-added", "event added", Compatible / Compatible,
        |change| is(change, RootKind::Event, &ChangeKind::RootAdded);

    /// The newer revision does not have an event of the older one.
    ///
    /// A client that waits for it waits forever, without any error. This makes the removal of an
    /// event worse than that of a command.
    "event-removed", "event removed", Breaking / Breaking,
        |change| is(change, RootKind::Event, &ChangeKind::RootRemoved);
}
