//! Changes between two revisions, without judgement.

use std::sync::Arc;

use qapi_parser::source::Span;

use crate::condition::ExampleBuild;
use crate::model::NumberType;
use crate::path::SchemaPath;

mod api;
mod docs;

pub use api::ApiChange;
pub use docs::{DocPart, DocsChange};

/// A difference between the two revisions.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Change {
    /// The path from a command, event, type or module.
    pub path: SchemaPath,
    /// The difference.
    pub kind: ChangeKind,
    /// The text of the older revision; none if its source is not a schema.
    pub old: Option<Span>,
    /// The text of the newer revision; for a removed item, the definition that contained it.
    pub new: Option<Span>,
    /// Changes with equal numbers are one difference of the schemas at several places.
    pub cause: u32,
    /// The older revision announced that this may be removed or change.
    pub announced: Option<Announcement>,
    /// The condition of the builds with this difference; none if all have it.
    pub builds: Option<String>,
    /// Some of these builds; empty if a side describes one build.
    pub(crate) example_builds: Vec<Arc<ExampleBuild>>,
    /// The item exists on one side only, under this condition. The other side is one build, for which the condition is
    /// unknown.
    pub unless_built: Option<String>,
    /// The removed item is an argument of a command whose handler checks unknown arguments itself (`gen` is false).
    pub left_to_handler: bool,
    /// The number of further places of the same kind, which are not listed because there are too many.
    pub further_places: u32,
}

impl Change {
    /// Creates a difference at one place, in all builds, that nothing announced.
    pub(crate) fn new(
        path: SchemaPath,
        kind: ChangeKind,
        old: Option<Span>,
        new: Option<Span>,
    ) -> Self {
        Self {
            path,
            kind,
            old,
            new,
            cause: 0,
            announced: None,
            builds: None,
            example_builds: Vec::new(),
            unless_built: None,
            left_to_handler: false,
            further_places: 0,
        }
    }
}

/// A warning by the older revision that a part may change or be removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Announcement {
    /// It had the feature `deprecated`.
    Deprecated,
    /// It had the feature `unstable`.
    Unstable,
}

impl Announcement {
    /// Returns `deprecated` or `unstable`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Deprecated => "deprecated",
            Self::Unstable => "unstable",
        }
    }
}

/// A difference. "Added" means that only the newer revision has the part.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum ChangeKind {
    /// A command or event was added.
    RootAdded,
    /// A command or event was removed.
    RootRemoved,
    /// A command may now be executed out of band.
    OobGained,
    /// A command may no longer be executed out of band.
    OobLost,
    /// A command may now be executed before the machine is configured.
    PreconfigGained,
    /// A command may no longer be executed before the machine is configured.
    PreconfigLost,
    /// Success no longer sends a reply.
    ReplySuppressed,
    /// Success sends a reply now.
    ReplyRestored,
    /// Arguments that are not in the schema are now rejected.
    ArgumentsChecked,
    /// Arguments that are not in the schema are no longer rejected.
    ArgumentsUnchecked,
    /// The reply was empty and is now an object.
    ReplyAdded,
    /// The reply is now empty.
    ReplyRemoved {
        /// The older reply had mandatory members.
        promised: bool,
    },
    /// A member was added.
    MemberAdded {
        /// It may be absent.
        optional: bool,
    },
    /// A member was removed.
    MemberRemoved {
        /// It could be absent.
        optional: bool,
    },
    /// A member may now be absent.
    BecameOptional,
    /// A member must now be present.
    BecameMandatory,
    /// A common member is now one of some branches only.
    MovedToBranches {
        /// It could be absent.
        optional: bool,
        /// Values of the discriminator that no longer have it.
        without: Vec<String>,
    },
    /// A member of some branches is now a common one.
    MovedToCommon {
        /// It may be absent.
        optional: bool,
        /// Values of the discriminator that did not have it.
        without: Vec<String>,
    },
    /// An enumeration has a new value.
    ValueAdded,
    /// A value of an enumeration was removed.
    ValueRemoved,
    /// A union has a new branch.
    BranchAdded,
    /// A branch of a union was removed.
    BranchRemoved,
    /// Another member selects the branch.
    TagChanged {
        /// The older discriminator.
        old: String,
        /// The newer one.
        new: String,
    },
    /// An alternate accepts another JSON kind.
    AlternativeAdded,
    /// An alternate no longer accepts a JSON kind.
    AlternativeRemoved,
    /// A value that had one JSON kind now has several alternatives.
    BecameAlternate {
        /// The other JSON kinds.
        added: Vec<&'static str>,
    },
    /// Only one alternative of several is left.
    BecamePlain {
        /// The other JSON kinds.
        removed: Vec<&'static str>,
    },
    /// The range of numbers changed.
    NumberChanged {
        /// The older type.
        old: NumberType,
        /// The newer type.
        new: NumberType,
    },
    /// Only some strings are left.
    StrBecameEnum,
    /// Any string is now allowed.
    EnumBecameStr,
    /// Any value is now allowed.
    BecameAny {
        /// The older type.
        old: String,
    },
    /// Only some values are left.
    NoLongerAny {
        /// The newer type.
        new: String,
    },
    /// The value has a completely different type.
    TypeChanged {
        /// The older type.
        old: String,
        /// The newer type.
        new: String,
    },
    /// A feature was added.
    FeatureAdded(String),
    /// A feature was removed.
    FeatureRemoved(String),
    /// A change of the generated Rust interface.
    Api(ApiChange),
    /// A change of the documentation or of the order and files of the schema.
    Docs(DocsChange),
}

impl ChangeKind {
    /// Returns true for a difference of two types as a whole: it belongs to each member, element or alternative with
    /// these types, not to the types, because two members may both become strings.
    pub(crate) fn is_of_owner(&self) -> bool {
        matches!(
            self,
            Self::BecameAlternate { .. }
                | Self::BecamePlain { .. }
                | Self::NumberChanged { .. }
                | Self::StrBecameEnum
                | Self::EnumBecameStr
                | Self::BecameAny { .. }
                | Self::NoLongerAny { .. }
                | Self::TypeChanged { .. }
        )
    }
}
