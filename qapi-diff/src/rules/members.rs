//! Members that were added, removed or moved, or became optional or mandatory.

use crate::change::{Change, ChangeKind};

fn added(change: &Change, is_optional: bool) -> bool {
    matches!(change.kind, ChangeKind::MemberAdded { optional } if optional == is_optional)
}

fn removed(change: &Change, is_optional: bool) -> bool {
    matches!(change.kind, ChangeKind::MemberRemoved { optional } if optional == is_optional)
}

fn to_branches(change: &Change, is_optional: bool) -> bool {
    matches!(change.kind, ChangeKind::MovedToBranches { optional, .. } if optional == is_optional)
}

fn to_common(change: &Change, is_optional: bool) -> bool {
    matches!(change.kind, ChangeKind::MovedToCommon { optional, .. } if optional == is_optional)
}

rules! { Wire;
    /// An object has a new optional member.
    ///
    /// Clients need not send it, and must ignore unknown members of replies and events.
    "optional-member-added", "optional member added", Compatible / Compatible,
        |change| added(change, true);

    /// An object has a new mandatory member.
    ///
    /// In arguments, requests without it are rejected: all requests of existing clients. Make it
    /// optional, with a default that keeps the old behaviour.
    "mandatory-member-added", "mandatory member added", Breaking / Compatible,
        |change| added(change, false);

    /// An optional member of an object was removed.
    ///
    /// Unknown arguments are errors: a request that has the member is rejected. In replies and
    /// events it could be absent before, so a careful client still works. A client that relied on
    /// it, because it was always present in practice, does not.
    "optional-member-removed", "optional member removed", Breaking / Risky,
        |change| removed(change, true);

    /// A mandatory member of an object was removed.
    ///
    /// Unknown arguments are errors: a request that has the member is rejected. Clients that read
    /// it from replies or events do not find it.
    "mandatory-member-removed", "mandatory member removed", Breaking / Breaking,
        |change| removed(change, false);

    /// An optional member became mandatory.
    ///
    /// Requests without it are rejected. In replies and events it is now always present.
    "member-became-mandatory", "member became mandatory", Breaking / Compatible,
        |change| change.kind == ChangeKind::BecameMandatory;

    /// A mandatory member became optional.
    ///
    /// Requests that have it still work. Clients that rely on it in replies or events fail when it
    /// is absent.
    "member-became-optional", "member became optional", Compatible / Breaking,
        |change| change.kind == ChangeKind::BecameOptional;

    /// A common member of a union now belongs to some of its branches only.
    ///
    /// For the other values of the discriminator this has the effect of a removal: requests that
    /// have it are rejected, and clients do not find it in replies and events. A member that moved
    /// to all branches did not change on the wire, and is not reported.
    "member-moved-to-branches", "mandatory member now in some branches only", Breaking / Breaking,
        |change| to_branches(change, false);

    /// An optional common member of a union now belongs to some of its branches only.
    ///
    /// For the other values of the discriminator this has the effect of a removal: requests that
    /// have it are rejected. In replies and events it could be absent before.
    "optional-member-moved-to-branches", "optional member now in some branches only", Breaking / Risky,
        |change| to_branches(change, true);

    /// A member of some branches of a union is now a common, mandatory member.
    ///
    /// For the other values of the discriminator this has the effect of an addition: requests
    /// without it are rejected.
    "member-moved-to-common", "mandatory member now in all branches", Breaking / Compatible,
        |change| to_common(change, false);

    /// A member of some branches of a union is now a common, optional member.
    ///
    /// For the other values of the discriminator this has the effect of an addition.
    "optional-member-moved-to-common", "optional member now in all branches", Compatible / Compatible,
        |change| to_common(change, true);
}
