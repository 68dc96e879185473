//! Values of enumerations and branches of unions.

use crate::change::ChangeKind;

rules! { Wire;
    /// An enumeration has a new value.
    ///
    /// Requests still work. Clients can receive a value in a reply or event that is not in their
    /// list; robust clients treat it as unknown.
    "value-added", "enumeration value added", Compatible / Risky,
        |change| change.kind == ChangeKind::ValueAdded;

    /// A value of an enumeration was removed.
    ///
    /// Requests with it are rejected. Replies and events no longer contain it.
    "value-removed", "enumeration value removed", Breaking / Compatible,
        |change| change.kind == ChangeKind::ValueRemoved;

    /// The discriminator of a union has a new value, so the union has a new branch.
    ///
    /// Requests still work. Clients can receive a branch in a reply or event whose members they do
    /// not know.
    "branch-added", "union branch added", Compatible / Risky,
        |change| change.kind == ChangeKind::BranchAdded;

    /// A value of a union's discriminator was removed.
    ///
    /// Requests with it are rejected. Replies and events no longer contain it.
    "branch-removed", "union branch removed", Breaking / Compatible,
        |change| change.kind == ChangeKind::BranchRemoved;

    /// Another member of a union selects the branch.
    ///
    /// Both members may remain, but the two sides disagree about which member selects the branch,
    /// and so about the other members.
    "tag-changed", "discriminator changed", Breaking / Breaking,
        |change| matches!(change.kind, ChangeKind::TagChanged { .. });
}
