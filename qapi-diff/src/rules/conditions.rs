//! Conditions: which builds have something.

use crate::change::ChangeKind;

rules! { Wire;
    /// Something that was in every build is now only in those where a condition holds.
    ///
    /// In the other builds it is as if it had been removed. Whether anybody makes such builds cannot
    /// be seen in the schema, so this is risky; with `-D` and `-U` for the symbols in question,
    /// the comparison is that of one build.
    "condition-added", "condition added", Risky / Risky,
        |change| matches!(change.kind, ChangeKind::ConditionAdded(_));

    /// Something that was only in builds where a condition holds is in all of them now.
    "condition-removed", "condition removed", Compatible / Compatible,
        |change| matches!(change.kind, ChangeKind::ConditionRemoved(_));

    /// Something is missing in builds that had it: its condition is another one.
    ///
    /// Conditions are compared by the builds in which they hold, not by how they are written.
    "condition-narrowed", "condition excludes builds that it did not", Risky / Risky,
        |change| matches!(change.kind, ChangeKind::ConditionNarrowed { .. });

    /// Something is in all the builds that had it and in further ones.
    ///
    /// Conditions are compared by the builds in which they hold, not by how they are written.
    "condition-relaxed", "condition holds in more builds", Compatible / Compatible,
        |change| matches!(change.kind, ChangeKind::ConditionRelaxed { .. });
}
