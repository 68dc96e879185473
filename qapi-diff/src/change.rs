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

/// Something that differs between the two revisions.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Change {
    /// The path from a command, event, type or module.
    pub path: SchemaPath,
    /// The difference.
    pub kind: ChangeKind,
    /// The text of the older revision; none if its source is not a schema.
    pub old: Option<Span>,
    /// The text of the newer revision; for an item that is gone, the one it would belong to.
    pub new: Option<Span>,
    /// Changes with equal numbers are one difference of the schemas, met at several places.
    pub cause: u32,
    /// The older revision announced that this may go or change.
    pub announced: Option<Announcement>,
    /// The condition of the builds that differ so; none if all do.
    pub builds: Option<String>,
    /// Some of these builds; empty if a side is a build itself.
    pub(crate) example_builds: Vec<Arc<ExampleBuild>>,
    /// The item that one side lacks exists on the other only under this condition, and the side
    /// that misses it is one build, of which nobody knows whether the condition held.
    pub unless_built: Option<String>,
    /// The item that is gone is an argument of a command that leaves it to its handler to judge arguments
    /// which the schema does not know (`gen` is false).
    pub left_to_handler: bool,
    /// Further places of the same kind that are only counted, because there are too many.
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

/// A warning, given by the older revision, that a part may change or go.
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

/// A difference. "Added" is what only the newer revision has.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum ChangeKind {
    /// A command or event is new.
    RootAdded,
    /// A command or event is gone.
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
    /// Arguments that the schema does not know are now rejected.
    ArgumentsChecked,
    /// Arguments that the schema does not know are no longer rejected.
    ArgumentsUnchecked,
    /// The reply was empty and is an object now.
    ReplyAdded,
    /// The reply is empty now.
    ReplyRemoved {
        /// The older revision promised more than an object without members.
        promised: bool,
    },
    /// A member is new.
    MemberAdded {
        /// It may be absent.
        optional: bool,
    },
    /// A member is gone.
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
        /// Values of the discriminator that no longer go with it.
        without: Vec<String>,
    },
    /// A member of some branches is now a common one.
    MovedToCommon {
        /// It may be absent.
        optional: bool,
        /// Values of the discriminator that did not go with it.
        without: Vec<String>,
    },
    /// An enumeration has a value more.
    ValueAdded,
    /// An enumeration has a value less.
    ValueRemoved,
    /// A union has a branch more.
    BranchAdded,
    /// A union has a branch less.
    BranchRemoved,
    /// Another member selects the branch.
    TagChanged {
        /// The older discriminator.
        old: String,
        /// The newer one.
        new: String,
    },
    /// An alternate takes a further JSON kind.
    AlternativeAdded,
    /// An alternate takes a JSON kind less.
    AlternativeRemoved,
    /// A value of one JSON kind is now one alternative of several.
    BecameAlternate {
        /// The other JSON kinds.
        added: Vec<&'static str>,
    },
    /// Only one alternative of several is left.
    BecamePlain {
        /// The other JSON kinds.
        removed: Vec<&'static str>,
    },
    /// Other numbers travel.
    NumberChanged {
        /// The older type.
        old: NumberType,
        /// The newer type.
        new: NumberType,
    },
    /// Of all strings only some are left.
    StrBecameEnum,
    /// Any string goes now.
    EnumBecameStr,
    /// Any value goes now.
    BecameAny {
        /// The older type.
        old: String,
    },
    /// Of all values only some are left.
    NoLongerAny {
        /// The newer type.
        new: String,
    },
    /// The value is another thing altogether.
    TypeChanged {
        /// The older type.
        old: String,
        /// The newer type.
        new: String,
    },
    /// A feature is new.
    FeatureAdded(String),
    /// A feature is gone.
    FeatureRemoved(String),
    /// A change of the generated Rust interface.
    Api(ApiChange),
    /// A change of the documentation or of the arrangement of the schema.
    Docs(DocsChange),
}

impl ChangeKind {
    /// Returns true for a difference of two types as a whole: it belongs to each member, element or alternative that has
    /// them, not to the types, as two members may both become strings.
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
