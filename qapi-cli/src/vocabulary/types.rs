//! Types of arguments, as an introspection reply tells them (docs/reference/language.md §8).

use std::collections::{HashMap, HashSet};

use qapi_diff::{JsonType, MetaType, SchemaInfo, SchemaInfoMember};

/// The types of a server's values by name.
#[derive(Debug, Default)]
pub(crate) struct Types(HashMap<String, Type>);

#[derive(Debug)]
enum Type {
    Builtin(JsonType),
    Enum(Vec<String>),
    Array(String),
    Alternate(Vec<String>),
    Object(Object),
}

#[derive(Debug)]
struct Object {
    members: Vec<Member>,
    tag: Option<String>,
    /// Types of the branches by their value.
    branches: Vec<(String, String)>,
}

/// A member of an object.
#[derive(Debug)]
pub(crate) struct Member {
    pub(crate) name: String,
    pub(crate) ty: String,
    pub(crate) optional: bool,
}

/// Kinds of JSON values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ValueKind {
    Null,
    Boolean,
    Integer,
    Number,
    String,
    Array,
    Object,
}

impl Types {
    /// The types among an introspection reply's entries.
    pub(crate) fn new(entries: &[SchemaInfo]) -> Self {
        let named = entries
            .iter()
            .filter_map(|entry| Some((entry.name.clone(), Type::new(entry)?)));
        Self(named.collect())
    }

    /// The members of an object, without those of branches that `given` values of discriminators do not choose.
    pub(crate) fn members(&self, ty: &str, given: &HashMap<&str, &str>) -> Vec<&Member> {
        let mut members: Vec<&Member> = Vec::new();
        for object in self.chosen(ty, given) {
            for member in &object.members {
                if members.iter().all(|known| known.name != member.name) {
                    members.push(member);
                }
            }
        }
        members
    }

    /// Discriminators of which no value is given, and on which further members depend.
    pub(crate) fn open_tags(&self, ty: &str, given: &HashMap<&str, &str>) -> Vec<&str> {
        let chosen = self.chosen(ty, given);
        let tags = chosen.iter().filter_map(|object| object.tag.as_deref());
        tags.filter(|tag| !given.contains_key(tag)).collect()
    }

    /// An object, the branch that `given` chooses in it, the branch in that, and so on.
    fn chosen(&self, ty: &str, given: &HashMap<&str, &str>) -> Vec<&Object> {
        let mut objects = Vec::new();
        let mut seen = HashSet::new();
        let mut next = Some(ty);
        while let Some(ty) = next.take() {
            // Types may refer to each other in circles.
            if let Some(Type::Object(object)) = self.0.get(ty).filter(|_| seen.insert(ty)) {
                objects.push(object);
                let value = object.tag.as_deref().and_then(|tag| given.get(tag));
                let branch = object
                    .branches
                    .iter()
                    .find(|(case, _)| Some(&case.as_str()) == value);
                next = branch.map(|(_, ty)| ty.as_str());
            }
        }
        objects
    }

    /// The type of an array's elements, also of an array that is an alternative.
    pub(crate) fn elements(&self, ty: &str) -> Option<&str> {
        self.alternatives(ty).find_map(|ty| match self.0.get(ty)? {
            Type::Array(element) => Some(element.as_str()),
            _ => None,
        })
    }

    /// The object that a type is, or has as an alternative.
    pub(crate) fn object<'a>(&'a self, ty: &'a str) -> Option<&'a str> {
        self.alternatives(ty)
            .find(|ty| matches!(self.0.get(*ty), Some(Type::Object(_))))
    }

    /// A type, or the alternatives of one.
    fn alternatives<'a>(&'a self, ty: &'a str) -> impl Iterator<Item = &'a str> {
        let alternatives = match self.0.get(ty) {
            Some(Type::Alternate(alternatives)) => &alternatives[..],
            _ => &[],
        };
        let itself = Some(ty).filter(|_| alternatives.is_empty());
        alternatives.iter().map(String::as_str).chain(itself)
    }

    /// Returns true if a type has values of a kind. Of types that are not described, nothing is excluded.
    pub(crate) fn accepts(&self, ty: &str, kind: ValueKind) -> bool {
        self.alternatives(ty).any(|ty| match self.0.get(ty) {
            Some(Type::Enum(_) | Type::Builtin(JsonType::String)) => kind == ValueKind::String,
            Some(Type::Array(_) | Type::Builtin(JsonType::Array)) => kind == ValueKind::Array,
            Some(Type::Object(_) | Type::Builtin(JsonType::Object)) => kind == ValueKind::Object,
            Some(Type::Builtin(JsonType::Boolean)) => kind == ValueKind::Boolean,
            Some(Type::Builtin(JsonType::Null)) => kind == ValueKind::Null,
            Some(Type::Builtin(JsonType::Int)) => kind == ValueKind::Integer,
            Some(Type::Builtin(JsonType::Number)) => {
                matches!(kind, ValueKind::Integer | ValueKind::Number)
            }
            // Values of every kind, and what nothing is known of.
            Some(Type::Builtin(_) | Type::Alternate(_)) | None => true,
        })
    }

    /// The strings of an enumeration, also of one that is an alternative.
    pub(crate) fn strings<'a>(&'a self, ty: &'a str) -> Vec<&'a str> {
        let enums = self
            .alternatives(ty)
            .filter_map(|ty| match self.0.get(ty)? {
                Type::Enum(values) => Some(values),
                _ => None,
            });
        enums.flatten().map(String::as_str).collect()
    }

    /// A type's values in words.
    pub(crate) fn kind(&self, ty: &str) -> String {
        match self.0.get(ty) {
            None => "value".to_owned(),
            Some(Type::Enum(values)) => values.join(" | "),
            Some(Type::Alternate(types)) => {
                let kinds = types.iter().map(|ty| self.simple_kind(ty));
                kinds.collect::<Vec<_>>().join(" or ")
            }
            Some(Type::Array(element)) => format!("array of {}", self.simple_kind(element)),
            Some(Type::Object(_) | Type::Builtin(_)) => self.simple_kind(ty).to_owned(),
        }
    }

    /// The JSON type of a type's values.
    fn simple_kind(&self, ty: &str) -> &'static str {
        match self.0.get(ty) {
            Some(Type::Builtin(json)) => match json {
                JsonType::String => "string",
                JsonType::Number => "number",
                JsonType::Int => "integer",
                JsonType::Boolean => "boolean",
                JsonType::Null => "null",
                JsonType::Object => "object",
                JsonType::Array => "array",
                _ => "any value",
            },
            Some(Type::Enum(_)) => "string",
            Some(Type::Object(_)) => "object",
            Some(Type::Array(_)) => "array",
            Some(Type::Alternate(_)) | None => "value",
        }
    }
}

impl Type {
    /// The type that an entry describes; none of commands and events.
    fn new(entry: &SchemaInfo) -> Option<Self> {
        Some(match entry.meta_type {
            MetaType::Builtin => Self::Builtin(entry.json_type?),
            MetaType::Enum => Self::Enum(values(entry)),
            MetaType::Array => Self::Array(entry.element_type.clone()?),
            MetaType::Alternate => Self::Alternate(
                members(entry)
                    .filter_map(|alternative| alternative.r#type.clone())
                    .collect(),
            ),
            MetaType::Object => Self::Object(Object {
                members: members(entry)
                    .filter_map(|member| {
                        Some(Member {
                            name: member.name.clone()?,
                            ty: member.r#type.clone()?,
                            optional: member.optional,
                        })
                    })
                    .collect(),
                tag: entry.tag.clone(),
                branches: entry
                    .variants
                    .iter()
                    .map(|branch| (branch.case.clone(), branch.r#type.clone()))
                    .collect(),
            }),
            _ => return None,
        })
    }
}

fn members(entry: &SchemaInfo) -> impl Iterator<Item = &SchemaInfoMember> {
    entry.members.iter().flatten()
}

fn values(entry: &SchemaInfo) -> Vec<String> {
    // All servers tell these, those since QEMU 6.2 besides their members.
    match &entry.values {
        Some(values) => values.clone(),
        None => members(entry)
            .filter_map(|value| value.name.clone())
            .collect(),
    }
}
