//! Flags of a command: the times at which it may be executed, and the reply on success.

use crate::change::ChangeKind;

rules! { Wire;
    /// A command may now be executed out of band (`allow-oob`).
    ///
    /// Clients that send it in band still work.
    "oob-gained", "may now be executed out of band", Compatible / Compatible,
        |change| change.kind == ChangeKind::OobGained;

    /// A command may no longer be executed out of band (`allow-oob`).
    ///
    /// A client that sends it with `exec-oob`, because the monitor may be busy, gets an error.
    "oob-lost", "may no longer be executed out of band", Breaking / Breaking,
        |change| change.kind == ChangeKind::OobLost;

    /// A command may now be executed before the machine is configured (`allow-preconfig`).
    ///
    /// Clients that execute it later still work.
    "preconfig-gained", "may now be executed before configuration", Compatible / Compatible,
        |change| change.kind == ChangeKind::PreconfigGained;

    /// A command may no longer be executed before the machine is configured (`allow-preconfig`).
    ///
    /// A client that configures the machine with it gets an error.
    "preconfig-lost", "may no longer be executed before configuration", Breaking / Breaking,
        |change| change.kind == ChangeKind::PreconfigLost;

    /// Success of a command no longer sends a reply (`success-response` is false).
    ///
    /// A client that waits for the reply runs into its time-out.
    "reply-suppressed", "success no longer sends a reply", Breaking / Breaking,
        |change| change.kind == ChangeKind::ReplySuppressed;

    /// Success of a command, which was silent (`success-response` was false), sends a reply.
    ///
    /// A client that does not expect it takes it for the reply to its next command: replies without
    /// `id`, such as the guest agent's, are matched by order only.
    "reply-restored", "success sends a reply now", Breaking / Breaking,
        |change| change.kind == ChangeKind::ReplyRestored;

    /// The arguments of a command are now checked against the schema (`gen` was false).
    ///
    /// Before, the command accepted members that are not in the schema; now they are rejected. The
    /// schema does not show if any client relies on that, so this is risky.
    "arguments-checked", "arguments outside of the schema are now rejected", Risky / Risky,
        |change| change.kind == ChangeKind::ArgumentsChecked;

    /// The arguments of a command are no longer checked against the schema (`gen` is false).
    ///
    /// Every request that was accepted is still accepted.
    "arguments-unchecked", "arguments outside of the schema are no longer rejected", Compatible / Compatible,
        |change| change.kind == ChangeKind::ArgumentsUnchecked;
}
