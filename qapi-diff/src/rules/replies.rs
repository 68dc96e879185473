//! Replies that came or went.

use crate::change::ChangeKind;

rules! { Wire;
    /// The reply to a command was an empty object and has members now.
    ///
    /// Clients must skip members of replies that they do not know.
    "reply-added", "reply added", Compatible / Compatible,
        |change| change.kind == ChangeKind::ReplyAdded;

    /// The reply to a command is an empty object now, where something was promised.
    ///
    /// A client that reads the reply does not find what it needs.
    "reply-removed", "reply removed", Breaking / Breaking,
        |change| change.kind == ChangeKind::ReplyRemoved { promised: true };

    /// The reply to a command is an empty object now; it was an object with optional members only.
    ///
    /// An empty object was a possible reply before, so a careful client goes on working. One that
    /// relied on a member that was always sent in practice does not.
    "optional-reply-removed", "reply removed whose members were all optional", Risky / Risky,
        |change| change.kind == ChangeKind::ReplyRemoved { promised: false };
}
