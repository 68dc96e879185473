//! Values of enumerations and branches of unions.

use crate::change::ChangeKind;

rules! { Wire;
    /// An enumeration has a value more.
    ///
    /// Requests go on working. Clients that know the list of values meet one that is not on it in a
    /// reply or event; good ones take it for "something else".
    "value-added", "enumeration value added", Compatible / Risky,
        |change| change.kind == ChangeKind::ValueAdded;

    /// An enumeration does not have a value any more.
    ///
    /// Requests with it are refused. In replies and events it no longer comes.
    "value-removed", "enumeration value removed", Breaking / Compatible,
        |change| change.kind == ChangeKind::ValueRemoved;

    /// The discriminator of a union has a value more, and so the union has a branch more.
    ///
    /// Requests go on working. Clients that know the list of branches meet one in a reply or event of
    /// which they do not know the members.
    "branch-added", "union branch added", Compatible / Risky,
        |change| change.kind == ChangeKind::BranchAdded;

    /// The discriminator of a union does not have a value any more.
    ///
    /// Requests with it are refused. In replies and events it no longer comes.
    "branch-removed", "union branch removed", Breaking / Compatible,
        |change| change.kind == ChangeKind::BranchRemoved;

    /// Another member of a union selects the branch.
    ///
    /// Both members may well stay, but which further members go with which of their values is
    /// another question now, and each side gives another answer.
    "tag-changed", "discriminator changed", Breaking / Breaking,
        |change| matches!(change.kind, ChangeKind::TagChanged { .. });
}
