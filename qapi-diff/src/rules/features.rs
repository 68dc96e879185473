//! Features, and the two special ones.

use crate::change::{Change, ChangeKind};

/// The features that announce the future of a part instead of an ability.
const SPECIAL: [&str; 2] = ["deprecated", "unstable"];

fn added(change: &Change, name: &str) -> bool {
    matches!(&change.kind, ChangeKind::FeatureAdded(feature) if feature == name)
}

fn removed(change: &Change, name: &str) -> bool {
    matches!(&change.kind, ChangeKind::FeatureRemoved(feature) if feature == name)
}

rules! { Wire;
    /// A part has a new feature.
    ///
    /// Features tell clients what a server can do. No client can have looked for this one.
    "feature-added", "feature added", Compatible / Compatible,
        |change| matches!(&change.kind, ChangeKind::FeatureAdded(name) if !SPECIAL.contains(&name.as_str()));

    /// A part has lost a feature.
    ///
    /// A client that looks for it in `query-qmp-schema` takes the server for an old one, and does
    /// not use the ability. Keep a feature for as long as the server has the ability.
    "feature-removed", "feature removed", Breaking / Breaking,
        |change| matches!(&change.kind, ChangeKind::FeatureRemoved(name) if !SPECIAL.contains(&name.as_str()));

    /// A part became deprecated.
    ///
    /// It works as before, but will be removed. Clients should stop using it. Test setups that make
    /// the server reject deprecated parts fail.
    "became-deprecated", "became deprecated", Risky / Risky,
        |change| added(change, "deprecated");

    /// A part is no longer deprecated and will stay.
    "no-longer-deprecated", "no longer deprecated", Compatible / Compatible,
        |change| removed(change, "deprecated");

    /// A part became unstable.
    ///
    /// It works as before, but may change or be removed in any release without notice.
    "became-unstable", "became unstable", Risky / Risky,
        |change| added(change, "unstable");

    /// A part is no longer unstable: from now on it changes only with notice.
    "became-stable", "became stable", Compatible / Compatible,
        |change| removed(change, "unstable");
}
