//! The entries of the reply to `query-qmp-schema` (docs/reference/language.md §8).

use std::collections::HashMap;

/// A schema as a server describes it: commands, events, and the types of what they carry.
///
/// It is read from the reply to `query-qmp-schema` ([`Decode`](crate::Decode), [`FromStr`](std::str::FromStr),
/// [`parse`](Introspection::parse)), or made from its entries, and written as a server writes it ([`Encode`](crate::Encode),
/// [`to_json`](Introspection::to_json)).
///
/// ```
/// use qapi_runtime::introspect::{Introspection, MetaType};
///
/// let text = r#"[{"name": "STOP", "meta-type": "event", "arg-type": "0"},
///                {"name": "0", "meta-type": "object", "members": []}]"#;
/// let schema: Introspection = text.parse()?;
/// assert!(schema.has_event("STOP"));
/// let stop = schema.find("STOP").unwrap();
/// assert!(matches!(&stop.meta_type, MetaType::Event { arg_type } if **arg_type == *"0"));
/// # Ok::<(), qapi_runtime::DecodeError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Introspection {
    entries: Vec<SchemaInfo>,
    /// Positions of commands, events and types, by name.
    index: HashMap<Box<str>, usize>,
}

/// A command, an event or a type.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SchemaInfo {
    /// Its name on the wire. Servers number the types that are not built in; arrays have the name of their element in
    /// brackets.
    pub name: Box<str>,
    /// Its meta-type, with the fields of that.
    pub meta_type: MetaType,
    /// Its features: none where the schema lists none, an empty list where it lists some and the build has none of them.
    pub features: Option<Vec<Box<str>>>,
}

/// The meta-type of an entry, with its own fields. Types are names of other entries.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum MetaType {
    /// A command.
    Command {
        /// The object type of its arguments.
        arg_type: Box<str>,
        /// The type of its reply.
        ret_type: Box<str>,
        /// It may be executed out of band.
        allow_oob: bool,
    },
    /// An event.
    Event {
        /// The object type of its data.
        arg_type: Box<str>,
    },
    /// An object type.
    Object(ObjectInfo),
    /// An enumeration.
    Enum(Vec<EnumMember>),
    /// An array type.
    Array {
        /// The type of its elements.
        element_type: Box<str>,
    },
    /// An alternate, with the types of its alternatives.
    Alternate(Vec<Box<str>>),
    /// A built-in type.
    Builtin(JsonType),
    /// A meta-type of this name that did not exist when this was written. The fields of its entries are not kept.
    Unlisted(Box<str>),
}

/// An object type, in [`MetaType::Object`].
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct ObjectInfo {
    /// Its members, those of bases first; of a union those that all branches have.
    pub members: Vec<ObjectMember>,
    /// The discriminator of a union.
    pub tag: Option<Box<str>>,
    /// The branches of a union.
    pub variants: Vec<ObjectVariant>,
}

/// A member of an object type.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ObjectMember {
    /// Its name.
    pub name: Box<str>,
    /// Its type.
    pub type_name: Box<str>,
    /// It may be absent.
    pub optional: bool,
    /// Its features, as in [`SchemaInfo::features`].
    pub features: Option<Vec<Box<str>>>,
}

/// A branch of a union.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ObjectVariant {
    /// The value of the discriminator that selects it.
    pub case: Box<str>,
    /// The object type whose members it adds.
    pub type_name: Box<str>,
}

/// A value of an enumeration.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct EnumMember {
    /// Its name.
    pub name: Box<str>,
    /// Its features, as in [`SchemaInfo::features`].
    pub features: Option<Vec<Box<str>>>,
}

/// The kind of JSON values that a built-in type has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum JsonType {
    /// Strings.
    String,
    /// Integers.
    Int,
    /// Numbers of all kinds.
    Number,
    /// `true` and `false`.
    Boolean,
    /// `null`.
    Null,
    /// Objects.
    Object,
    /// Arrays.
    Array,
    /// Any value; also what a later schema may add.
    Value,
}

impl JsonType {
    const ALL: [Self; 8] = [
        Self::String,
        Self::Int,
        Self::Number,
        Self::Boolean,
        Self::Null,
        Self::Object,
        Self::Array,
        Self::Value,
    ];

    /// Returns the name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Int => "int",
            Self::Number => "number",
            Self::Boolean => "boolean",
            Self::Null => "null",
            Self::Object => "object",
            Self::Array => "array",
            Self::Value => "value",
        }
    }

    /// Returns the kind of this name; [`JsonType::Value`] for one that did not exist when this was written.
    pub fn from_name(name: &str) -> Self {
        let known = Self::ALL.into_iter().find(|ty| ty.as_str() == name);
        known.unwrap_or(Self::Value)
    }
}

impl MetaType {
    /// Returns the name on the wire.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Command { .. } => "command",
            Self::Event { .. } => "event",
            Self::Object(_) => "object",
            Self::Enum(_) => "enum",
            Self::Array { .. } => "array",
            Self::Alternate(_) => "alternate",
            Self::Builtin(_) => "builtin",
            Self::Unlisted(name) => name,
        }
    }

    /// Returns true for types, as against commands and events.
    pub fn is_type(&self) -> bool {
        !matches!(self, Self::Command { .. } | Self::Event { .. })
    }

    /// Returns the names of the types that an entry refers to, in the order in which it names them.
    pub fn references(&self) -> Vec<&str> {
        let names: Vec<&Box<str>> = match self {
            Self::Command {
                arg_type, ret_type, ..
            } => vec![arg_type, ret_type],
            Self::Event { arg_type } => vec![arg_type],
            Self::Object(object) => {
                let members = object.members.iter().map(|it| &it.type_name);
                let variants = object.variants.iter().map(|it| &it.type_name);
                members.chain(variants).collect()
            }
            Self::Array { element_type } => vec![element_type],
            Self::Alternate(alternatives) => alternatives.iter().collect(),
            Self::Enum(_) | Self::Builtin(_) | Self::Unlisted(_) => Vec::new(),
        };
        names.into_iter().map(|name| &**name).collect()
    }
}

impl SchemaInfo {
    /// Creates an entry without features.
    pub fn new(name: impl Into<Box<str>>, meta_type: MetaType) -> Self {
        Self {
            name: name.into(),
            meta_type,
            features: None,
        }
    }
}

impl ObjectInfo {
    /// Creates an object type with these members, and no union.
    pub fn new(members: Vec<ObjectMember>) -> Self {
        Self {
            members,
            ..Self::default()
        }
    }
}

impl ObjectMember {
    /// Creates a mandatory member without features.
    pub fn new(name: impl Into<Box<str>>, type_name: impl Into<Box<str>>) -> Self {
        Self {
            name: name.into(),
            type_name: type_name.into(),
            optional: false,
            features: None,
        }
    }
}

impl ObjectVariant {
    /// Returns the branch that a value selects.
    pub fn new(case: impl Into<Box<str>>, type_name: impl Into<Box<str>>) -> Self {
        Self {
            case: case.into(),
            type_name: type_name.into(),
        }
    }
}

impl EnumMember {
    /// Creates a value without features.
    pub fn new(name: impl Into<Box<str>>) -> Self {
        Self {
            name: name.into(),
            features: None,
        }
    }
}

impl Introspection {
    /// Creates a schema of these entries. References are not checked: [`find`](Self::find) has nothing for those that lead
    /// nowhere.
    pub fn from_entries(entries: Vec<SchemaInfo>) -> Self {
        let mut index = HashMap::new();
        for (at, entry) in entries.iter().enumerate() {
            // Names are unique; of several the first would be found by walking, too.
            index.entry(entry.name.clone()).or_insert(at);
        }
        Self { entries, index }
    }

    /// Returns all entries, in the order of the server: commands and events first.
    pub fn entries(&self) -> &[SchemaInfo] {
        &self.entries
    }

    /// Returns the entry of this name.
    pub fn find(&self, name: &str) -> Option<&SchemaInfo> {
        self.index.get(name).map(|at| &self.entries[*at])
    }

    /// Returns the names of the commands, in the order of the schema.
    pub fn commands(&self) -> impl Iterator<Item = &str> {
        let commands = self.entries.iter();
        commands
            .filter(|entry| matches!(entry.meta_type, MetaType::Command { .. }))
            .map(|entry| &*entry.name)
    }

    /// Returns the names of the events, in the order of the schema.
    pub fn events(&self) -> impl Iterator<Item = &str> {
        let events = self.entries.iter();
        events
            .filter(|entry| matches!(entry.meta_type, MetaType::Event { .. }))
            .map(|entry| &*entry.name)
    }

    /// Returns whether there is a command of this name.
    pub fn has_command(&self, name: &str) -> bool {
        let entry = self.find(name);
        entry.is_some_and(|entry| matches!(entry.meta_type, MetaType::Command { .. }))
    }

    /// Returns whether there is an event of this name.
    pub fn has_event(&self, name: &str) -> bool {
        let entry = self.find(name);
        entry.is_some_and(|entry| matches!(entry.meta_type, MetaType::Event { .. }))
    }

    /// Returns whether a command has a feature: abilities of the server beyond arguments and replies.
    pub fn has_feature(&self, command: &str, feature: &str) -> bool {
        self.find(command).is_some_and(|entry| {
            let mut features = entry.features.iter().flatten();
            features.any(|it| **it == *feature)
        })
    }
}
