//! The entries of `query-qmp-schema` (language.md §8), read once and linked.

use std::collections::HashMap;
use std::str::FromStr;

use crate::read::{Decode, DecodeError, Members, Value};
use crate::wire::Document;

/// A schema as a server describes it: commands, events, and the types of what they carry.
///
/// Types have no names here: those that servers give them are numbers of no meaning (language.md §8.4).
#[derive(Debug, Clone)]
pub struct Introspection {
    entries: Vec<Entry>,
    /// Positions of commands, events and types, by name.
    index: HashMap<Box<str>, usize>,
}

/// A command, an event or a type.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) name: Box<str>,
    pub(super) features: Vec<Box<str>>,
    pub(super) meta: Meta,
}

/// The meta-type of an entry; types are positions of entries.
#[derive(Debug, Clone)]
pub(super) enum Meta {
    Command {
        arguments: usize,
        returns: usize,
        allow_oob: bool,
    },
    Event {
        arguments: usize,
    },
    Object(Object),
    Enum(Vec<Named>),
    Array(usize),
    Alternate(Vec<usize>),
    Builtin(Builtin),
    /// A meta-type that did not exist when this was written.
    Unlisted,
}

/// An object type.
#[derive(Debug, Clone)]
pub(super) struct Object {
    pub(super) members: Vec<Member>,
    /// The discriminator.
    pub(super) tag: Option<Box<str>>,
    /// The type that each value of the discriminator adds.
    pub(super) branches: Vec<(Box<str>, usize)>,
}

/// A member of an object type.
#[derive(Debug, Clone)]
pub(super) struct Member {
    pub(super) named: Named,
    pub(super) ty: usize,
    pub(super) optional: bool,
}

/// A value of an enumeration, and what a member shares with it.
#[derive(Debug, Clone)]
pub(super) struct Named {
    pub(super) name: Box<str>,
    pub(super) features: Vec<Box<str>>,
}

/// The kinds of values that built-in types have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Builtin {
    String,
    Int,
    Number,
    Boolean,
    Null,
    /// Any value; also what a later schema may add.
    Value,
}

impl Builtin {
    fn from_name(name: &str) -> Self {
        match name {
            "string" => Self::String,
            "int" => Self::Int,
            "number" => Self::Number,
            "boolean" => Self::Boolean,
            "null" => Self::Null,
            _ => Self::Value,
        }
    }
}

impl Introspection {
    /// Names of the commands, in the order of the schema.
    pub fn commands(&self) -> impl Iterator<Item = &str> {
        let commands = self.entries.iter();
        commands
            .filter(|entry| matches!(entry.meta, Meta::Command { .. }))
            .map(|entry| &*entry.name)
    }

    /// Names of the events, in the order of the schema.
    pub fn events(&self) -> impl Iterator<Item = &str> {
        let events = self.entries.iter();
        events
            .filter(|entry| matches!(entry.meta, Meta::Event { .. }))
            .map(|entry| &*entry.name)
    }

    /// Returns whether there is a command of this name.
    pub fn has_command(&self, name: &str) -> bool {
        matches!(
            self.find(name),
            Some(Entry {
                meta: Meta::Command { .. },
                ..
            })
        )
    }

    /// Returns whether there is an event of this name.
    pub fn has_event(&self, name: &str) -> bool {
        matches!(
            self.find(name),
            Some(Entry {
                meta: Meta::Event { .. },
                ..
            })
        )
    }

    /// Returns whether a command has a feature: what a server can do beyond its arguments and replies.
    pub fn has_feature(&self, command: &str, feature: &str) -> bool {
        self.find(command)
            .is_some_and(|entry| entry.features.iter().any(|it| **it == *feature))
    }

    pub(super) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    pub(super) fn find(&self, name: &str) -> Option<&Entry> {
        self.index.get(name).map(|at| &self.entries[*at])
    }

    pub(super) fn ty(&self, at: usize) -> &Meta {
        &self.entries[at].meta
    }
}

/// Parses a JSON array as `query-qmp-schema` returns it, such as the constant `SCHEMA` of generated code.
impl FromStr for Introspection {
    type Err = DecodeError;

    fn from_str(text: &str) -> Result<Self, DecodeError> {
        let document = Document::parse(text.as_bytes())
            .map_err(|error| DecodeError::custom(format!("it is no JSON: {error}")))?;
        Self::decode(document.lenient())
    }
}

impl Decode for Introspection {
    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        let mut index = HashMap::new();
        for (at, entry) in value.array()?.enumerate() {
            let name = entry
                .object()
                .and_then(|mut members| members.required("name"));
            let name: Box<str> = name.map_err(|error| error.in_element(at))?;
            // Names are unique; of several the first would be found by walking, too.
            index.entry(name).or_insert(at);
        }
        let reader = Reader { index: &index };
        let entries = value.array()?.enumerate().map(|(at, entry)| {
            let members = entry.object();
            let entry = members.and_then(|members| reader.entry(members));
            entry.map_err(|error| error.in_element(at))
        });
        Ok(Self {
            entries: entries.collect::<Result<_, _>>()?,
            index,
        })
    }
}

/// Reads entries whose names are known.
struct Reader<'n> {
    index: &'n HashMap<Box<str>, usize>,
}

impl Reader<'_> {
    fn entry(&self, mut members: Members<'_>) -> Result<Entry, DecodeError> {
        let name = members.required("name")?;
        let meta: Box<str> = members.required("meta-type")?;
        let meta = match &*meta {
            "command" => Meta::Command {
                arguments: self.reference(&mut members, "arg-type")?,
                returns: self.reference(&mut members, "ret-type")?,
                allow_oob: members.optional("allow-oob")?.unwrap_or(false),
            },
            "event" => Meta::Event {
                arguments: self.reference(&mut members, "arg-type")?,
            },
            "object" => Meta::Object(self.object(&mut members)?),
            "enum" => Meta::Enum(values(&mut members)?),
            "array" => Meta::Array(self.reference(&mut members, "element-type")?),
            "alternate" => Meta::Alternate(list(&mut members, "members", |mut alternative| {
                self.reference(&mut alternative, "type")
            })?),
            "builtin" => {
                let json_type: Box<str> = members.required("json-type")?;
                Meta::Builtin(Builtin::from_name(&json_type))
            }
            _ => Meta::Unlisted,
        };
        Ok(Entry {
            name,
            features: features(&mut members)?,
            meta,
        })
    }

    fn object(&self, members: &mut Members<'_>) -> Result<Object, DecodeError> {
        Ok(Object {
            members: list(members, "members", |mut member| {
                Ok(Member {
                    ty: self.reference(&mut member, "type")?,
                    // Only its presence says so; the value is what an absent member means, which is always null.
                    optional: member.take("default").is_some(),
                    named: named(&mut member)?,
                })
            })?,
            tag: members.optional("tag")?,
            branches: match members.peek("variants") {
                None => Vec::new(),
                Some(_) => list(members, "variants", |mut branch| {
                    let ty = self.reference(&mut branch, "type")?;
                    Ok((branch.required("case")?, ty))
                })?,
            },
        })
    }

    /// The position of the type that a member names.
    fn reference(
        &self,
        members: &mut Members<'_>,
        member: &'static str,
    ) -> Result<usize, DecodeError> {
        let name: Box<str> = members.required(member)?;
        self.index.get(&name).copied().ok_or_else(|| {
            DecodeError::custom(format!("there is no type `{name}`")).in_member(member)
        })
    }
}

/// The values of an enumeration: `members` since QEMU 7.0, `values` before.
fn values(members: &mut Members<'_>) -> Result<Vec<Named>, DecodeError> {
    if members.peek("members").is_some() {
        return list(members, "members", |mut value| named(&mut value));
    }
    let names: Vec<Box<str>> = members.required("values")?;
    let values = names.into_iter().map(|name| Named {
        name,
        features: Vec::new(),
    });
    Ok(values.collect())
}

fn named(members: &mut Members<'_>) -> Result<Named, DecodeError> {
    Ok(Named {
        name: members.required("name")?,
        features: features(members)?,
    })
}

fn features(members: &mut Members<'_>) -> Result<Vec<Box<str>>, DecodeError> {
    Ok(members.optional("features")?.unwrap_or_default())
}

/// A member that is an array of objects.
fn list<T>(
    members: &mut Members<'_>,
    name: &'static str,
    read: impl Fn(Members<'_>) -> Result<T, DecodeError>,
) -> Result<Vec<T>, DecodeError> {
    let value = members
        .take(name)
        .ok_or_else(|| DecodeError::missing(name))?;
    let elements = value.array().map_err(|error| error.in_member(name))?;
    let read = |(at, element): (usize, Value<'_>)| {
        let value = element.object().and_then(&read);
        value.map_err(|error| error.in_element(at).in_member(name))
    };
    elements.enumerate().map(read).collect()
}
