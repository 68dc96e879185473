//! Types of arguments, from an introspection reply (docs/reference/language.md §8).

use std::collections::{HashMap, HashSet};

use qapi_runtime::introspect::{Introspection, JsonType, MetaType, ObjectInfo, ObjectMember};

/// The types of a server's values by name.
#[derive(Debug)]
pub(crate) struct Types(Introspection);

impl Default for Types {
    fn default() -> Self {
        Self(Introspection::from_entries(Vec::new()))
    }
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
    /// Returns the types that a server describes.
    pub(crate) fn new(described: Introspection) -> Self {
        Self(described)
    }

    fn get(&self, ty: &str) -> Option<&MetaType> {
        self.0.find(ty).map(|entry| &entry.meta_type)
    }

    /// Returns the members of an object, without those of branches that `given` values of discriminators do not choose.
    pub(crate) fn members(&self, ty: &str, given: &HashMap<&str, &str>) -> Vec<&ObjectMember> {
        let mut members: Vec<&ObjectMember> = Vec::new();
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

    /// Returns an object, the branch that `given` chooses in it, the branch in that, and so on.
    fn chosen(&self, ty: &str, given: &HashMap<&str, &str>) -> Vec<&ObjectInfo> {
        let mut objects = Vec::new();
        let mut seen = HashSet::new();
        let mut next = Some(ty);
        while let Some(ty) = next.take() {
            // Types may refer to each other in cycles.
            if let Some(MetaType::Object(object)) = self.get(ty).filter(|_| seen.insert(ty)) {
                objects.push(object);
                let value = object.tag.as_deref().and_then(|tag| given.get(tag));
                let branch = object
                    .variants
                    .iter()
                    .find(|branch| Some(&&*branch.case) == value);
                next = branch.map(|branch| &*branch.type_name);
            }
        }
        objects
    }

    /// Returns the type of an array's elements, also of an array that is an alternative.
    pub(crate) fn elements(&self, ty: &str) -> Option<&str> {
        self.alternatives(ty).find_map(|ty| match self.get(ty)? {
            MetaType::Array { element_type } => Some(&**element_type),
            _ => None,
        })
    }

    /// Returns the object that a type is, or has as an alternative.
    pub(crate) fn object<'a>(&'a self, ty: &'a str) -> Option<&'a str> {
        self.alternatives(ty)
            .find(|ty| matches!(self.get(ty), Some(MetaType::Object(_))))
    }

    /// Returns a type, or the alternatives of one.
    fn alternatives<'a>(&'a self, ty: &'a str) -> impl Iterator<Item = &'a str> {
        let alternatives = match self.get(ty) {
            Some(MetaType::Alternate(alternatives)) => &alternatives[..],
            _ => &[],
        };
        let itself = Some(ty).filter(|_| alternatives.is_empty());
        alternatives.iter().map(|ty| &**ty).chain(itself)
    }

    /// Returns true if a type has values of a kind. Types that are not described allow every value.
    pub(crate) fn accepts(&self, ty: &str, kind: ValueKind) -> bool {
        self.alternatives(ty).any(|ty| match self.get(ty) {
            Some(MetaType::Enum(_) | MetaType::Builtin(JsonType::String)) => {
                kind == ValueKind::String
            }
            Some(MetaType::Array { .. } | MetaType::Builtin(JsonType::Array)) => {
                kind == ValueKind::Array
            }
            Some(MetaType::Object(_) | MetaType::Builtin(JsonType::Object)) => {
                kind == ValueKind::Object
            }
            Some(MetaType::Builtin(JsonType::Boolean)) => kind == ValueKind::Boolean,
            Some(MetaType::Builtin(JsonType::Null)) => kind == ValueKind::Null,
            Some(MetaType::Builtin(JsonType::Int)) => kind == ValueKind::Integer,
            Some(MetaType::Builtin(JsonType::Number)) => {
                matches!(kind, ValueKind::Integer | ValueKind::Number)
            }
            // Values of every kind, and unknown types.
            _ => true,
        })
    }

    /// Returns the strings of an enumeration, also of one that is an alternative.
    pub(crate) fn strings<'a>(&'a self, ty: &'a str) -> Vec<&'a str> {
        let enums = self.alternatives(ty).filter_map(|ty| match self.get(ty)? {
            MetaType::Enum(values) => Some(values),
            _ => None,
        });
        enums.flatten().map(|value| &*value.name).collect()
    }

    /// Returns a type's values in words.
    pub(crate) fn kind(&self, ty: &str) -> String {
        match self.get(ty) {
            None => "value".to_owned(),
            Some(MetaType::Enum(values)) => {
                let values = values.iter().map(|value| &*value.name);
                values.collect::<Vec<_>>().join(" | ")
            }
            Some(MetaType::Alternate(types)) => {
                let kinds = types.iter().map(|ty| self.simple_kind(ty));
                kinds.collect::<Vec<_>>().join(" or ")
            }
            Some(MetaType::Array { element_type }) => {
                format!("array of {}", self.simple_kind(element_type))
            }
            Some(_) => self.simple_kind(ty).to_owned(),
        }
    }

    /// Returns the JSON type of a type's values.
    fn simple_kind(&self, ty: &str) -> &'static str {
        match self.get(ty) {
            Some(MetaType::Builtin(JsonType::Int)) => "integer",
            Some(MetaType::Builtin(JsonType::Value)) => "any value",
            Some(MetaType::Builtin(json_type)) => json_type.as_str(),
            Some(MetaType::Enum(_)) => "string",
            Some(MetaType::Object(_)) => "object",
            Some(MetaType::Array { .. }) => "array",
            _ => "value",
        }
    }
}
