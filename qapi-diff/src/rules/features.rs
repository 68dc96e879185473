//! Features, and the two that have a meaning of their own.

use crate::change::{Change, ChangeKind};

/// The features that tell the future of a part rather than what it can do.
const SPECIAL: [&str; 2] = ["deprecated", "unstable"];

fn added(change: &Change, name: &str) -> bool {
    matches!(&change.kind, ChangeKind::FeatureAdded(feature) if feature == name)
}

fn removed(change: &Change, name: &str) -> bool {
    matches!(&change.kind, ChangeKind::FeatureRemoved(feature) if feature == name)
}

rules! { Wire;
    /// Something has a feature more.
    ///
    /// Features tell clients what a server can do; nobody can have asked for this one.
    "feature-added", "feature added", Compatible / Compatible,
        |change| matches!(&change.kind, ChangeKind::FeatureAdded(name) if !SPECIAL.contains(&name.as_str()));

    /// Something does not have a feature any more.
    ///
    /// A client that looks for it in `query-qmp-schema` takes the server for an old one, and does not
    /// use what the feature stands for. Features stay for as long as what they stand for.
    "feature-removed", "feature removed", Breaking / Breaking,
        |change| matches!(&change.kind, ChangeKind::FeatureRemoved(name) if !SPECIAL.contains(&name.as_str()));

    /// Something became deprecated.
    ///
    /// It works as before, but is meant to go. Clients should stop using it; those that ask the
    /// server to refuse what is deprecated, for testing, are refused.
    "became-deprecated", "became deprecated", Risky / Risky,
        |change| added(change, "deprecated");

    /// Something is not deprecated any more: it is there to stay after all.
    "no-longer-deprecated", "no longer deprecated", Compatible / Compatible,
        |change| removed(change, "deprecated");

    /// Something became unstable.
    ///
    /// It works as before, but may change or go in any release without notice.
    "became-unstable", "became unstable", Risky / Risky,
        |change| added(change, "unstable");

    /// Something is not unstable any more: from now on it changes only with notice.
    "became-stable", "became stable", Compatible / Compatible,
        |change| removed(change, "unstable");
}
