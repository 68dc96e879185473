//! Definitions and names as written.

use crate::docs::Block;
use crate::text::Range;
use crate::tree::{Object, StringToken};

/// The kind of a definition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// An enumeration.
    Enum,
    /// A struct.
    Struct,
    /// A union.
    Union,
    /// An alternate.
    Alternate,
    /// A command.
    Command,
    /// An event.
    Event,
}

impl Kind {
    /// All of them, in the order of the language's reference.
    pub const ALL: [Self; 6] = [
        Self::Enum,
        Self::Struct,
        Self::Union,
        Self::Alternate,
        Self::Command,
        Self::Event,
    ];

    /// Returns the keyword.
    pub fn word(self) -> &'static str {
        match self {
            Self::Enum => "enum",
            Self::Struct => "struct",
            Self::Union => "union",
            Self::Alternate => "alternate",
            Self::Command => "command",
            Self::Event => "event",
        }
    }

    /// Returns true for what can be the type of a member.
    pub fn is_type(self) -> bool {
        !matches!(self, Self::Command | Self::Event)
    }
}

/// A definition, perhaps incomplete.
#[derive(Debug, Clone)]
pub(crate) struct Definition {
    pub(crate) kind: Kind,
    pub(crate) name: StringToken,
    pub(crate) object: Object,
    /// Its documentation.
    pub(crate) doc: Option<Block>,
}

impl Definition {
    /// Documentation and definition.
    pub(crate) fn range(&self) -> Range {
        let start = self.doc.as_ref().map(|doc| doc.range.start);
        let Range { start: own, end } = self.object.range;
        Range::new(start.unwrap_or(own), end)
    }
}

/// The role of a name in the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// The name of a definition where it is defined.
    Definition,
    /// The name of a type where it is used.
    Type,
    /// A member of a struct, of a union's base, an argument, or data.
    Member,
    /// A value of an enumeration.
    Value,
    /// A branch of a union: a value of the discriminator.
    Branch,
    /// An alternative.
    Alternative,
    /// The discriminator of a union: a member of its base.
    Discriminator,
    /// A feature.
    Feature,
    /// A symbol of a condition.
    Symbol,
    /// The path of an include directive.
    Include,
    /// A definition named by a pragma.
    Pragma,
    /// A keyword.
    Keyword,
    /// The definition in the header of its documentation.
    DocName,
    /// A member before its description.
    DocMember,
    /// A feature before its description.
    DocFeature,
    /// A tag such as `Returns:`.
    DocTag,
    /// A name after `@` in running text.
    DocMention,
    /// A name in back quotes in running text.
    DocQuoted,
}

/// A name in the text.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Occurrence {
    /// The name, without quotes and without the `*` of an optional member.
    pub(crate) range: Range,
    pub(crate) role: Role,
    /// The definition it stands in, as an index into `FileIndex::definitions`.
    pub(crate) definition: Option<usize>,
}

/// A member, value, branch or alternative.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Part<'f> {
    /// Its name, without `*`.
    pub(crate) name: &'f str,
    pub(crate) name_range: Range,
    pub(crate) optional: bool,
    /// Its type; none for a value, and where it is missing.
    pub(crate) ty: Option<TypeText<'f>>,
    /// The longhand form, which holds its condition and features.
    pub(crate) longhand: Option<&'f Object>,
    /// All of it.
    pub(crate) range: Range,
}

/// A type as written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TypeText<'f> {
    pub(crate) name: &'f str,
    pub(crate) range: Range,
    pub(crate) is_array: bool,
}

impl std::fmt::Display for TypeText<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.is_array {
            write!(f, "['{}']", self.name)
        } else {
            write!(f, "'{}'", self.name)
        }
    }
}
