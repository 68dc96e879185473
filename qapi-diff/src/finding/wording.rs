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
        if let Some(condition) = &self.change.builds {
            message.push_str(", ");
            message.push_str(&in_builds(condition));
        }
        message
    }

    /// Returns further notes: announcements, and why it may only look like a change.
    pub fn notes(&self) -> Vec<String> {
        let change = &self.change;
        let announced = change.announced.map(|announcement| {
            let marked = announcement.as_str();
            format!("the older revision marks it, or what it belongs to, as {marked}")
        });
        let unless_built = change.unless_built.as_ref().map(|condition| {
            format!("it exists only where `{condition}`, which the build may not have satisfied")
        });
        let left_to_handler = change.left_to_handler.then(|| {
            "the command checks arguments outside of the schema itself, and may still accept it"
                .to_owned()
        });
        let further = (change.further_places > 0).then(|| {
            format!(
                "and at {} further places, not listed",
                change.further_places
            )
        });
        let unproved = self
            .is_unproved
            .then(|| "no message was found that shows it".to_owned());
        announced
            .into_iter()
            .chain(unproved)
            .chain(unless_built)
            .chain(left_to_handler)
            .chain(further)
            .collect()
    }
}

/// Returns the builds that satisfy a condition, as a phrase to put after a description.
fn in_builds(condition: &str) -> String {
    let is_symbol = |text: &str| {
        text.bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    };
    match condition.strip_prefix('!') {
        Some(symbol) if is_symbol(symbol) => format!("in builds without `{symbol}`"),
        None if is_symbol(condition) => format!("in builds with `{condition}`"),
        _ => format!("in builds where `{condition}`"),
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
        ChangeKind::TypeChanged { old, new } | ChangeKind::TagChanged { old, new } => {
            Some(from_to(old, new))
        }
        ChangeKind::BecameAny { old } => Some(format!("it was `{old}`")),
        ChangeKind::NoLongerAny { new } => Some(format!("it is `{new}`")),
        ChangeKind::FeatureAdded(name) | ChangeKind::FeatureRemoved(name) => {
            // The titles of the rules for these two say it already.
            let special = matches!(name.as_str(), "deprecated" | "unstable");
            (!special).then(|| format!("`{name}`"))
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
