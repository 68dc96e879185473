//! Entries of an introspection reply.

use qapi_parser::ir::Condition;

/// The form of type names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TypeNames {
    /// As a server shows them: numbers for every type that is not built in, so that clients
    /// cannot come to depend on names that are not part of the protocol.
    #[default]
    Masked,
    /// The schema's own names, for people.
    Real,
}

/// The entries of an introspection array, in the order in which a server lists them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Introspection {
    /// Commands and events in schema order, then types in the order of first reference.
    pub entries: Vec<Entry>,
}

/// One command, event or type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its name on the wire: masked, or in brackets for an array, where it is a type.
    pub name: String,
    /// Its meta-type.
    pub kind: EntryKind,
    /// Its features; none where the schema lists none. An empty list is one whose features
    /// do not exist under the given conditions.
    pub features: Option<Vec<Conditional<String>>>,
    /// When it exists.
    pub condition: Option<Condition>,
}

/// Something that exists under a condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conditional<T> {
    /// The thing.
    pub value: T,
    /// When it exists; always, if there is none.
    pub condition: Option<Condition>,
}

/// The meta-type of an entry with what is particular to it. Type names are those of [`Entry::name`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EntryKind {
    /// `command`
    Command {
        /// The object type of its arguments.
        arguments: String,
        /// The type of its reply.
        returns: String,
        /// It may be executed out of band.
        allow_oob: bool,
    },
    /// `event`
    Event {
        /// The object type of its data.
        arguments: String,
    },
    /// `object`
    Object {
        /// Members, those of bases first.
        members: Vec<Conditional<MemberInfo>>,
        /// The discriminator of a union.
        tag: Option<String>,
        /// The branches of a union, as discriminator value and type.
        variants: Vec<Conditional<(String, String)>>,
    },
    /// `enum`
    Enum {
        /// Its values.
        members: Vec<Conditional<ValueInfo>>,
    },
    /// `alternate`
    Alternate {
        /// The types of its alternatives.
        members: Vec<Conditional<String>>,
    },
    /// `array`
    Array {
        /// The type of its elements.
        element: String,
    },
    /// `builtin`
    Builtin {
        /// Its JSON type.
        json_type: &'static str,
    },
}

/// A member of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberInfo {
    /// Its name.
    pub name: String,
    /// Its type.
    pub type_name: String,
    /// It may be absent.
    pub optional: bool,
    /// Its features, as in [`Entry::features`].
    pub features: Option<Vec<Conditional<String>>>,
}

/// A value of an enumeration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValueInfo {
    /// Its name.
    pub name: String,
    /// Its features, as in [`Entry::features`].
    pub features: Option<Vec<Conditional<String>>>,
}
