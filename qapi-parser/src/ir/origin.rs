//! The purposes of types that the compiler made.

use super::ids::{CommandId, EventId, TypeId};

/// The purpose of a type that the compiler made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Origin {
    /// An array: `[…]` around its element.
    Array,
    /// The arguments that a command lists itself.
    Arguments(CommandId),
    /// The data that an event lists itself.
    Data(EventId),
    /// The common members that a union lists itself, and the discriminator of a simple union.
    Base(TypeId),
    /// The discriminator's type of a union without a named one: an enumeration of its branches.
    Tag(TypeId),
    /// The object around the value of a simple union's branch; of the first union, if several have a branch of that type.
    Branch(TypeId),
    /// An inline object instead of a type name, in the definition of this type.
    Member(TypeId),
}

impl Origin {
    /// Returns a word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Array => "array",
            Self::Arguments(_) => "arguments",
            Self::Data(_) => "data",
            Self::Base(_) => "base",
            Self::Tag(_) => "tag",
            Self::Branch(_) => "branch",
            Self::Member(_) => "member",
        }
    }
}
