//! Members that came, went or moved, and whether they may be absent.

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
    /// An object has an optional member more.
    ///
    /// Clients need not send it, and must skip members of replies and events that they do not know.
    "optional-member-added", "optional member added", Compatible / Compatible,
        |change| added(change, true);

    /// An object has a member more, and it is not optional.
    ///
    /// In arguments, requests without it are refused: that is every request of today's clients. Make
    /// it optional, with a default that keeps the old behaviour.
    "mandatory-member-added", "mandatory member added", Breaking / Compatible,
        |change| added(change, false);

    /// An object does not have an optional member any more.
    ///
    /// Arguments are closed: a request that has the member is refused. In replies and events it could
    /// be absent before, so a careful client goes on working; one for which it was always there in
    /// practice does not.
    "optional-member-removed", "optional member removed", Breaking / Risky,
        |change| removed(change, true);

    /// An object does not have a member any more that was always there.
    ///
    /// Arguments are closed: a request that has the member is refused. Clients that read it from
    /// replies or events do not find it.
    "mandatory-member-removed", "mandatory member removed", Breaking / Breaking,
        |change| removed(change, false);

    /// A member was optional and must be present now.
    ///
    /// Requests without it are refused. In replies and events it is now always there.
    "member-became-mandatory", "member became mandatory", Breaking / Compatible,
        |change| change.kind == ChangeKind::BecameMandatory;

    /// A member was always there and may be absent now.
    ///
    /// Requests that have it go on working. Clients that rely on it in replies or events fail
    /// when it is absent.
    "member-became-optional", "member became optional", Compatible / Breaking,
        |change| change.kind == ChangeKind::BecameOptional;

    /// A common member of a union now belongs to some of its branches only.
    ///
    /// For the other values of the discriminator it is as if it had been removed: requests that have
    /// it are refused, and clients do not find it in replies and events. A member that moved to all
    /// branches did not move on the wire, and is not reported.
    "member-moved-to-branches", "mandatory member now in some branches only", Breaking / Breaking,
        |change| to_branches(change, false);

    /// An optional common member of a union now belongs to some of its branches only.
    ///
    /// For the other values of the discriminator it is as if it had been removed: requests that have
    /// it are refused. In replies and events it could be absent before.
    "optional-member-moved-to-branches", "optional member now in some branches only", Breaking / Risky,
        |change| to_branches(change, true);

    /// A member of some branches of a union is now a common, mandatory member.
    ///
    /// For the other values of the discriminator it is as if it had been added: requests without it
    /// are refused.
    "member-moved-to-common", "mandatory member now in all branches", Breaking / Compatible,
        |change| to_common(change, false);

    /// A member of some branches of a union is now a common, optional member.
    ///
    /// For the other values of the discriminator it is as if it had been added.
    "optional-member-moved-to-common", "optional member now in all branches", Compatible / Compatible,
        |change| to_common(change, true);
}
