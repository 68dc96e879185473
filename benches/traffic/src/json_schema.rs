//! JSON Schemas of replies, written from the IR as one would by hand for a fast judge: a branch is chosen by its tag alone.

use qapi_parser::ir::{Builtin, Object, Schema, TypeDef, TypeId, TypeKind};
use serde_json::{Map, Value, json};

/// Returns the schema of all types: a definition for each, by number.
pub(crate) fn definitions(schema: &Schema) -> Value {
    let types = (0..).map(TypeId).zip(&schema.types);
    let all: Map<String, Value> = types
        .map(|(id, ty)| (id.index().to_string(), definition(schema, id, ty)))
        .collect();
    Value::Object(all)
}

fn reference(id: TypeId) -> Value {
    json!({ "$ref": format!("#/$defs/{}", id.index()) })
}

fn definition(schema: &Schema, id: TypeId, ty: &TypeDef) -> Value {
    match &ty.kind {
        TypeKind::Builtin(builtin) => self::builtin(*builtin),
        TypeKind::Array(array) => json!({ "type": "array", "items": reference(array.element) }),
        TypeKind::Enum(enum_) => {
            let values: Vec<_> = enum_.values.iter().map(|it| it.name.as_str()).collect();
            json!({ "enum": values })
        }
        TypeKind::Object(object) => self::object(schema, id, object),
        TypeKind::Alternate(alternate) => {
            let alternatives = alternate.alternatives.iter();
            let all: Vec<_> = alternatives.map(|it| reference(it.ty)).collect();
            json!({ "anyOf": all })
        }
    }
}

fn builtin(builtin: Builtin) -> Value {
    match builtin {
        Builtin::Str => json!({ "type": "string" }),
        Builtin::Number => json!({ "type": "number" }),
        Builtin::Bool => json!({ "type": "boolean" }),
        Builtin::Null => json!({ "type": "null" }),
        Builtin::Any => json!({}),
        integer => {
            let range = integer.integers().unwrap_or(0..=0);
            let (low, high) = (*range.start(), *range.end());
            let low = i64::try_from(low).expect("it is the least of a type");
            let high = u64::try_from(high).expect("it is the most of a type");
            json!({ "type": "integer", "minimum": low, "maximum": high })
        }
    }
}

fn object(schema: &Schema, id: TypeId, object: &Object) -> Value {
    let (mut members, mut required) = (Map::new(), Vec::new());
    add_members(schema, id, &mut members, &mut required);
    let Some(union) = &object.union_ else {
        return closed(members, &required);
    };
    // The tag chooses; values without a branch have the base alone.
    let tag = &union.discriminator;
    let mut chosen = Vec::new();
    let mut all = Vec::new();
    for branch in &union.branches {
        let (mut members, mut required) = (members.clone(), required.clone());
        add_members(schema, branch.ty, &mut members, &mut required);
        chosen.push(branch.name.as_str());
        all.push(json!({
            "if": { "properties": { tag: { "const": branch.name } }, "required": [tag] },
            "then": closed(members, &required),
        }));
    }
    all.push(json!({
        "if": { "properties": { tag: { "enum": chosen } }, "required": [tag] },
        "else": closed(members, &required),
    }));
    json!({ "type": "object", "allOf": all })
}

fn add_members(
    schema: &Schema,
    id: TypeId,
    members: &mut Map<String, Value>,
    required: &mut Vec<String>,
) {
    for (_, member) in schema.flattened(id) {
        members.insert(member.name.clone(), reference(member.ty));
        // What a condition decides may be there or not.
        if !member.optional && member.condition.is_none() {
            required.push(member.name.clone());
        }
    }
}

fn closed(members: Map<String, Value>, required: &[String]) -> Value {
    json!({
        "type": "object",
        "properties": members,
        "required": required,
        "additionalProperties": false,
    })
}
