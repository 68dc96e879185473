//! Documents that fit a type of a schema, made without the crate under test.

use qapi_parser::ir::{Builtin, Schema, TypeId, TypeKind};
use serde_json::{Map, Value};

use qapi_test_support::Random;

/// A value of this type; none if every one would be nested too deep.
pub(crate) fn document(
    schema: &Schema,
    ty: TypeId,
    random: &mut Random,
    depth: usize,
) -> Option<Value> {
    let depth = depth.checked_sub(1)?;
    Some(match &schema.ty(ty).kind {
        TypeKind::Builtin(builtin) => scalar(*builtin, random),
        TypeKind::Enum(enum_) => random.choose(&enum_.values).name.as_str().into(),
        TypeKind::Array(array) => {
            let items = (0..random.below(3))
                .filter_map(|_| document(schema, array.element, random, depth))
                .collect();
            Value::Array(items)
        }
        TypeKind::Alternate(alternate) => {
            let start = random.below(alternate.alternatives.len());
            let mut ways = alternate.alternatives.iter().cycle().skip(start);
            let mut left = alternate.alternatives.len();
            loop {
                left = left.checked_sub(1)?;
                if let Some(value) = document(schema, ways.next()?.ty, random, depth) {
                    break value;
                }
            }
        }
        TypeKind::Object(_) => {
            let mut members = Map::new();
            object(schema, ty, random, depth, &mut members)?;
            Value::Object(members)
        }
    })
}

fn object(
    schema: &Schema,
    ty: TypeId,
    random: &mut Random,
    depth: usize,
    members: &mut Map<String, Value>,
) -> Option<()> {
    for (_, member) in schema.flattened(ty) {
        if member.optional && random.one_in(2) {
            continue;
        }
        match document(schema, member.ty, random, depth) {
            Some(value) => {
                members.insert(member.name.clone(), value);
            }
            None if member.optional => {}
            None => return None,
        }
    }
    let TypeKind::Object(definition) = &schema.ty(ty).kind else {
        return None;
    };
    if let Some(union) = &definition.union_ {
        let tag = members[&union.discriminator].as_str()?.to_owned();
        let branch = union.branches.iter().find(|branch| branch.name == tag)?;
        object(schema, branch.ty, random, depth, members)?;
    }
    Some(())
}

fn scalar(builtin: Builtin, random: &mut Random) -> Value {
    let edge = |random: &mut Random, least: i64, greatest: u64| {
        if random.one_in(2) {
            Value::from(least)
        } else {
            Value::from(greatest)
        }
    };
    match builtin {
        Builtin::Str => (*random.choose(&["", "text", "value1"])).into(),
        Builtin::Bool => random.one_in(2).into(),
        Builtin::Null => Value::Null,
        Builtin::Any => random
            .choose(&[
                Value::Null,
                1.into(),
                "text".into(),
                Value::Object(Map::new()),
            ])
            .clone(),
        Builtin::Number => (*random.choose(&[0.5, -1.0e10])).into(),
        Builtin::Int8 => edge(random, -128, 127),
        Builtin::Int16 => edge(random, -32768, 32767),
        Builtin::Int32 => edge(random, i32::MIN.into(), 0x7fff_ffff),
        Builtin::Int | Builtin::Int64 => edge(random, i64::MIN, 0x7fff_ffff_ffff_ffff),
        Builtin::Uint8 => edge(random, 0, u8::MAX.into()),
        Builtin::Uint16 => edge(random, 0, u16::MAX.into()),
        Builtin::Uint32 => edge(random, 0, u32::MAX.into()),
        Builtin::Uint64 | Builtin::Size => edge(random, 0, u64::MAX),
    }
}
