//! Types of a schema by name, and their kinds of values.

use super::model::{EnumMember, Introspection, JsonType, MetaType, ObjectInfo, ObjectMember};

/// Returns the type of a name. An unknown name counts as a type that may be anything.
pub(super) fn ty<'a>(schema: &'a Introspection, name: &str) -> &'a MetaType {
    const ANYTHING: &MetaType = &MetaType::Builtin(JsonType::Value);
    schema.find(name).map_or(ANYTHING, |entry| &entry.meta_type)
}

/// Returns the values of an object's discriminator.
pub(super) fn tag_values<'a>(
    schema: &'a Introspection,
    object: &'a ObjectInfo,
) -> Option<&'a [EnumMember]> {
    enum_values(schema, object, object.tag.as_deref()?)
}

/// Returns the values of a member, if it is an enumeration.
pub(super) fn enum_values<'a>(
    schema: &'a Introspection,
    object: &'a ObjectInfo,
    name: &str,
) -> Option<&'a [EnumMember]> {
    let member = object.members.iter().find(|it| *it.name == *name)?;
    match ty(schema, &member.type_name) {
        MetaType::Enum(values) => Some(values),
        _ => None,
    }
}

/// Returns whether a member that is not a discriminator here can have this value, as far as its type tells.
pub(super) fn can_be(
    schema: &Introspection,
    object: &ObjectInfo,
    member: &str,
    value: &str,
) -> bool {
    let values = enum_values(schema, object, member);
    values.is_none_or(|values| values.iter().any(|it| *it.name == *value))
}

pub(super) fn branch_member<'a>(
    schema: &'a Introspection,
    branch: Option<&str>,
    name: &str,
) -> Option<&'a ObjectMember> {
    match ty(schema, branch?) {
        MetaType::Object(object) => object.members.iter().find(|it| *it.name == *name),
        _ => None,
    }
}

/// Returns the alternative for a kind of JSON values.
pub(super) fn of_kind<'a>(
    schema: &Introspection,
    alternatives: &'a [Box<str>],
    kind: &str,
) -> Option<&'a str> {
    let mut names = alternatives.iter().map(|name| &**name);
    names.find(|name| json_kind(ty(schema, name)) == kind)
}

/// Returns the kind of a type's values in JSON, which has one for all numbers.
pub(super) fn json_kind(ty: &MetaType) -> &'static str {
    match kind(ty) {
        "int" => "number",
        kind => kind,
    }
}

/// Returns the kind of a type's values, in the words of introspection.
pub(super) fn kind(ty: &MetaType) -> &'static str {
    match ty {
        MetaType::Builtin(json_type) => json_type.as_str(),
        MetaType::Enum(_) => JsonType::String.as_str(),
        MetaType::Array { .. } => JsonType::Array.as_str(),
        MetaType::Object(_) => JsonType::Object.as_str(),
        MetaType::Alternate(_) => "alternate",
        MetaType::Unlisted(_) | MetaType::Command { .. } | MetaType::Event { .. } => {
            JsonType::Value.as_str()
        }
    }
}
