//! Replies that were added or removed.

use crate::change::ChangeKind;

rules! { Wire;
    /// The reply to a command was an empty object and now has members.
    ///
    /// Clients must ignore unknown members of replies.
    "reply-added", "reply added", Compatible / Compatible,
        |change| change.kind == ChangeKind::ReplyAdded;

    /// The reply to a command is now an empty object; before, it had mandatory members.
    ///
    /// A client that reads the reply does not find what it needs.
    "reply-removed", "reply removed", Breaking / Breaking,
        |change| change.kind == ChangeKind::ReplyRemoved { promised: true };

    /// The reply to a command is now an empty object; before, it had optional members only.
    ///
    /// An empty object was a possible reply before, so a careful client still works. A client that
    /// relied on a member, because it was always present in practice, does not.
    "optional-reply-removed", "reply removed whose members were all optional", Risky / Risky,
        |change| change.kind == ChangeKind::ReplyRemoved { promised: false };
}
