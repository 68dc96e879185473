//! Validation of JSON values against a schema.

use qapi_parser::ir::{Builtin, Object, Schema, TypeDef, TypeId, TypeKind};
use serde_json::{Map, Value};

/// Checks a value against a type.
///
/// # Errors
/// The first thing that is wrong, with the path of members and elements that leads there.
pub fn check(schema: &Schema, ty: TypeId, value: &Value) -> Result<(), String> {
    let ty = schema.ty(ty);
    match (&ty.kind, value) {
        (TypeKind::Builtin(builtin), value) if fits(*builtin, value) => Ok(()),
        (TypeKind::Array(array), Value::Array(values)) => {
            for (index, value) in values.iter().enumerate() {
                check(schema, array.element, value).map_err(|error| format!("[{index}]{error}"))?;
            }
            Ok(())
        }
        (TypeKind::Enum(enum_), Value::String(text))
            if enum_.values.iter().any(|value| value.name == *text) =>
        {
            Ok(())
        }
        (TypeKind::Object(_), Value::Object(values)) => {
            let mut rest = values.clone();
            take_members(schema, ty, values, &mut rest)?;
            match rest.keys().next() {
                Some(name) => Err(format!(".{name} is unexpected")),
                None => Ok(()),
            }
        }
        (TypeKind::Alternate(alternate), value) => {
            let mut alternatives = alternate.alternatives.iter();
            if alternatives.any(|alternative| check(schema, alternative.ty, value).is_ok()) {
                Ok(())
            } else {
                Err(format!(" is no alternative of {}: {value}", ty.name))
            }
        }
        _ => Err(format!(" is not {}: {value}", ty.name)),
    }
}

/// Checks the members of `values` that belong to an object type, bases and the branch that
/// applies included, and takes them out of `rest`.
fn take_members(
    schema: &Schema,
    ty: &TypeDef,
    values: &Map<String, Value>,
    rest: &mut Map<String, Value>,
) -> Result<(), String> {
    let TypeKind::Object(Object {
        base,
        members,
        union_,
        ..
    }) = &ty.kind
    else {
        return Err(format!(" is not an object type: {}", ty.name));
    };
    if let Some(base) = base {
        take_members(schema, schema.ty(*base), values, rest)?;
    }
    for member in members {
        match rest.remove(&member.name) {
            Some(value) => check(schema, member.ty, &value)
                .map_err(|error| format!(".{}{error}", member.name))?,
            None if member.optional => {}
            None => return Err(format!(".{} is missing", member.name)),
        }
    }
    if let Some(union) = union_ {
        let tag = values.get(&union.discriminator).and_then(Value::as_str);
        let mut branches = union.branches.iter();
        if let Some(branch) = branches.find(|branch| Some(branch.name.as_str()) == tag) {
            take_members(schema, schema.ty(branch.ty), values, rest)?;
        }
    }
    Ok(())
}

fn fits(builtin: Builtin, value: &Value) -> bool {
    let up_to = |limit: u64| value.as_u64().is_some_and(|number| number <= limit);
    let within = |low: i64, high: i64| {
        let number = value.as_i64();
        number.is_some_and(|number| (low..=high).contains(&number))
    };
    match builtin {
        Builtin::Str => value.is_string(),
        Builtin::Bool => value.is_boolean(),
        Builtin::Number => value.is_number(),
        Builtin::Null => value.is_null(),
        Builtin::Any => true,
        Builtin::Int | Builtin::Int64 => value.is_i64(),
        Builtin::Int8 => within(i8::MIN.into(), i8::MAX.into()),
        Builtin::Int16 => within(i16::MIN.into(), i16::MAX.into()),
        Builtin::Int32 => within(i32::MIN.into(), i32::MAX.into()),
        Builtin::Uint8 => up_to(u8::MAX.into()),
        Builtin::Uint16 => up_to(u16::MAX.into()),
        Builtin::Uint32 => up_to(u32::MAX.into()),
        Builtin::Uint64 | Builtin::Size => value.is_u64(),
    }
}
