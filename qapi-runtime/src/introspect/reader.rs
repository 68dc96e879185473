//! Reads a description of a schema.

use std::str::FromStr;

use super::model::{
    EnumMember, Introspection, JsonType, MetaType, ObjectInfo, ObjectMember, ObjectVariant,
    SchemaInfo,
};
use crate::read::{Decode, DecodeError, Members, Value};
use crate::wire::Document;

impl Introspection {
    /// Parses the array of entries, bare or as the message that carries it: `{"return": […]}`.
    ///
    /// # Errors
    /// The text is not JSON, or no such array; an entry refers to a type that is not there.
    pub fn parse(text: &[u8]) -> Result<Self, DecodeError> {
        let document = Document::parse(text)
            .map_err(|error| DecodeError::custom(format!("it is not JSON: {error}")))?;
        let value = document.lenient();
        match value.object() {
            Ok(mut members) => members.required("return"),
            Err(_) => Self::decode(value),
        }
    }
}

/// Parses as [`Introspection::parse`] does, for example the constant `SCHEMA` of generated code.
impl FromStr for Introspection {
    type Err = DecodeError;

    fn from_str(text: &str) -> Result<Self, DecodeError> {
        Self::parse(text.as_bytes())
    }
}

impl Decode for Introspection {
    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        let entries = value.array()?.enumerate().map(|(at, value)| {
            let entry = value.object().and_then(entry);
            entry.map_err(|error| error.in_element(at))
        });
        let introspection = Self::from_entries(entries.collect::<Result<_, _>>()?);
        introspection.check_references()?;
        Ok(introspection)
    }
}

impl Introspection {
    fn check_references(&self) -> Result<(), DecodeError> {
        for (at, entry) in self.entries().iter().enumerate() {
            let references = entry.meta_type.references().into_iter();
            let is_type = |name: &str| self.find(name).is_some_and(|it| it.meta_type.is_type());
            if let Some(name) = references.into_iter().find(|name| !is_type(name)) {
                let message = format!(
                    "`{}` refers to type `{name}`, which is not described",
                    entry.name
                );
                return Err(DecodeError::custom(message).in_element(at));
            }
        }
        Ok(())
    }
}

fn entry(mut members: Members<'_>) -> Result<SchemaInfo, DecodeError> {
    let name: Box<str> = members.required("name")?;
    let meta: Box<str> = members.required("meta-type")?;
    let meta_type = match &*meta {
        "command" => MetaType::Command {
            arg_type: members.required("arg-type")?,
            ret_type: members.required("ret-type")?,
            allow_oob: members.optional("allow-oob")?.unwrap_or(false),
        },
        "event" => MetaType::Event {
            arg_type: members.required("arg-type")?,
        },
        "object" => MetaType::Object(object(&mut members)?),
        "enum" => MetaType::Enum(values(&mut members)?),
        "array" => MetaType::Array {
            element_type: members.required("element-type")?,
        },
        "alternate" => MetaType::Alternate(list(&mut members, "members", |mut alternative| {
            alternative.required("type")
        })?),
        "builtin" => {
            let json_type: Box<str> = members.required("json-type")?;
            MetaType::Builtin(JsonType::from_name(&json_type))
        }
        _ => MetaType::Unlisted(meta),
    };
    let mut entry = SchemaInfo::new(name, meta_type);
    entry.features = members.optional("features")?;
    Ok(entry)
}

fn object(members: &mut Members<'_>) -> Result<ObjectInfo, DecodeError> {
    let mut object = ObjectInfo::new(list(members, "members", |mut member| {
        let name: Box<str> = member.required("name")?;
        let type_name: Box<str> = member.required("type")?;
        let mut info = ObjectMember::new(name, type_name);
        // Only its presence says so; the value is what an absent member means, which is always null.
        info.optional = member.take("default").is_some();
        info.features = member.optional("features")?;
        Ok(info)
    })?);
    object.tag = members.optional("tag")?;
    if members.peek("variants").is_some() {
        object.variants = list(members, "variants", |mut branch| {
            let case: Box<str> = branch.required("case")?;
            let type_name: Box<str> = branch.required("type")?;
            Ok(ObjectVariant::new(case, type_name))
        })?;
    }
    Ok(object)
}

/// Returns the values of an enumeration: `members` since QEMU 6.2, `values` before.
fn values(members: &mut Members<'_>) -> Result<Vec<EnumMember>, DecodeError> {
    if members.peek("members").is_some() {
        return list(members, "members", |mut value| {
            let mut info = EnumMember::new(value.required::<Box<str>>("name")?);
            info.features = value.optional("features")?;
            Ok(info)
        });
    }
    let names: Vec<Box<str>> = members.required("values")?;
    Ok(names.into_iter().map(EnumMember::new).collect())
}

/// Returns a member that is an array of objects.
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
