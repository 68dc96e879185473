//! Flags of a command: when it may be executed, and whether success is told.

use crate::change::ChangeKind;

rules! { Wire;
    /// A command may now be executed out of band (`allow-oob`).
    ///
    /// Clients that send it in band go on working.
    "oob-gained", "may now be executed out of band", Compatible / Compatible,
        |change| change.kind == ChangeKind::OobGained;

    /// A command may no longer be executed out of band (`allow-oob`).
    ///
    /// A client that sends it with `exec-oob`, to get past a monitor that is busy, is refused.
    "oob-lost", "may no longer be executed out of band", Breaking / Breaking,
        |change| change.kind == ChangeKind::OobLost;

    /// A command may now be executed before the machine is configured (`allow-preconfig`).
    ///
    /// Clients that wait until then go on working.
    "preconfig-gained", "may now be executed before configuration", Compatible / Compatible,
        |change| change.kind == ChangeKind::PreconfigGained;

    /// A command may no longer be executed before the machine is configured (`allow-preconfig`).
    ///
    /// A client that configures the machine with it is refused.
    "preconfig-lost", "may no longer be executed before configuration", Breaking / Breaking,
        |change| change.kind == ChangeKind::PreconfigLost;

    /// Success of a command no longer sends a reply (`success-response` is false).
    ///
    /// A client that waits for the reply waits until it gives up.
    "reply-suppressed", "success no longer sends a reply", Breaking / Breaking,
        |change| change.kind == ChangeKind::ReplySuppressed;

    /// Success of a command, which was silent (`success-response` was false), sends a reply.
    ///
    /// A client that does not expect it takes it for the reply to its next command: replies without
    /// `id`, as the guest agent's, are told apart by their order only.
    "reply-restored", "success sends a reply now", Breaking / Breaking,
        |change| change.kind == ChangeKind::ReplyRestored;

    /// The arguments of a command are now checked against the schema (`gen` was false).
    ///
    /// Such a command took members that the schema does not list; those are now refused. Whether any
    /// client relies on that cannot be seen in the schema, so this is risky.
    "arguments-checked", "arguments outside of the schema are now rejected", Risky / Risky,
        |change| change.kind == ChangeKind::ArgumentsChecked;

    /// The arguments of a command are no longer checked against the schema (`gen` is false).
    ///
    /// Every request that was accepted still is.
    "arguments-unchecked", "arguments outside of the schema are no longer rejected", Compatible / Compatible,
        |change| change.kind == ChangeKind::ArgumentsUnchecked;
}
