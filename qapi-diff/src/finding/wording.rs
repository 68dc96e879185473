//! Findings in words.

use crate::change::{ApiChange, ChangeKind, DocPart, DocsChange};
use crate::finding::Finding;

impl Finding {
    /// Describes the change: `number type widened: int32 to int`. The path is not named.
    pub fn message(&self) -> String {
        let mut message = self.rule.title.to_owned();
        if let Some(detail) = detail(&self.change.kind) {
            message.push_str(": ");
            message.push_str(&detail);
        }
        message
    }

    /// Further notes: announcements, and why it may only look like a change.
    pub fn notes(&self) -> Vec<String> {
        let announced = self
            .change
            .announced
            .map(|announcement| format!("it was {} before", announcement.as_str()));
        let unless_built = self.change.unless_built.as_ref().map(|condition| {
            format!("it exists only where `{condition}`, which the build may not have satisfied")
        });
        let left_to_handler = self.change.left_to_handler.then(|| {
            "the command judges arguments outside of the schema itself, and may still take it"
                .to_owned()
        });
        announced
            .into_iter()
            .chain(unless_built)
            .chain(left_to_handler)
            .collect()
    }
}

fn from_to(old: &str, new: &str) -> String {
    format!("`{old}` to `{new}`")
}

fn list<S: AsRef<str>>(names: &[S]) -> String {
    let names: Vec<_> = names
        .iter()
        .map(|name| format!("`{}`", name.as_ref()))
        .collect();
    names.join(", ")
}

fn detail(kind: &ChangeKind) -> Option<String> {
    match kind {
        ChangeKind::MovedToBranches { without, .. } => Some(format!("not with {}", list(without))),
        ChangeKind::MovedToCommon { without, .. } => {
            Some(format!("it did not go with {}", list(without)))
        }
        ChangeKind::BecameAlternate { added } => Some(format!("also {}", list(added))),
        ChangeKind::BecamePlain { removed } => Some(format!("no longer {}", list(removed))),
        ChangeKind::NumberChanged { old, new } => Some(from_to(old.as_str(), new.as_str())),
        ChangeKind::TypeChanged { old, new }
        | ChangeKind::TagChanged { old, new }
        | ChangeKind::ConditionNarrowed { old, new }
        | ChangeKind::ConditionRelaxed { old, new } => Some(from_to(old, new)),
        ChangeKind::BecameAny { old } => Some(format!("it was `{old}`")),
        ChangeKind::NoLongerAny { new } => Some(format!("it is `{new}`")),
        ChangeKind::FeatureAdded(name) | ChangeKind::FeatureRemoved(name) => {
            // The titles of the rules for these two say it already.
            let special = matches!(name.as_str(), "deprecated" | "unstable");
            (!special).then(|| format!("`{name}`"))
        }
        ChangeKind::ConditionAdded(name) | ChangeKind::ConditionRemoved(name) => {
            Some(format!("`{name}`"))
        }
        ChangeKind::Api(change) => api(change),
        ChangeKind::Docs(change) => docs(change),
        _ => None,
    }
}

fn api(change: &ApiChange) -> Option<String> {
    match change {
        ApiChange::TypeRenamed { new } => Some(format!("now `{new}`")),
        ApiChange::KindChanged { old, new } => Some(from_to(old, new)),
        ApiChange::VariantTypeChanged { old, new }
        | ApiChange::FieldTypeChanged { old, new }
        | ApiChange::ReplyTypeChanged { old, new }
        | ApiChange::ArgumentsTypeChanged { old, new } => Some(from_to(old, new)),
        _ => None,
    }
}

fn docs(change: &DocsChange) -> Option<String> {
    match change {
        DocsChange::Moved { old, new } => Some(from_to(old, new)),
        DocsChange::Added(DocPart::Feature(name))
        | DocsChange::Removed(DocPart::Feature(name))
        | DocsChange::Changed(DocPart::Feature(name)) => Some(format!("feature `{name}`")),
        _ => None,
    }
}
