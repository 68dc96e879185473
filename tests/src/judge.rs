//! Rules of the schema language for JSON values: a reader's verdict, and what it makes of them.
//!
//! Written from the rules (docs/reference/language.md §6 and §8; docs/reference/agent-behaviour.md §4.2 for numbers), apart from the generator and
//! from the wire model of `qapi-diff`, so that the three can be held against each other.

use qapi_parser::ir::{Builtin, Object, Schema, TypeId, TypeKind, Union};
use serde_json::{Map, Value};

/// The treatment of members and values that are not in the schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a question of its own"
)]
pub struct Rules {
    /// Unknown members are passed over.
    pub unknown_members: bool,
    /// Values, branches and JSON types of alternates that are not in the schema are kept, except in types that only clients send.
    pub unlisted: bool,
    /// Members with a condition may be absent.
    pub conditions: bool,
    /// Negative numbers are taken for unsigned ones of 64 bits.
    pub wrap: bool,
}

impl Rules {
    /// Generated code that reads arguments.
    pub const SERVER: Self = Self {
        unknown_members: false,
        unlisted: false,
        conditions: true,
        wrap: true,
    };
    /// Generated code that reads replies and events.
    pub const CLIENT: Self = Self {
        unknown_members: true,
        unlisted: true,
        ..Self::SERVER
    };
}

/// Judges values of the types of one schema.
#[derive(Debug)]
pub struct Judge<'s> {
    schema: &'s Schema,
    rules: Rules,
    /// The types that only clients send, by number. They are closed.
    inputs: Vec<bool>,
}

impl<'s> Judge<'s> {
    /// Judges by these rules.
    pub fn new(schema: &'s Schema, rules: Rules) -> Self {
        Self {
            schema,
            rules,
            inputs: inputs(schema),
        }
    }

    /// Returns a value of a type as a reader keeps it: the same without what it passes over.
    ///
    /// # Errors
    /// It does not take the value; the way to what is wrong.
    pub fn read(&self, ty: TypeId, value: &Value) -> Result<Value, String> {
        let type_ = self.schema.ty(ty);
        match (&type_.kind, value) {
            (TypeKind::Builtin(builtin), _) => self.builtin(*builtin, value),
            (TypeKind::Enum(enum_), Value::String(text)) => {
                let listed = enum_.values.iter().any(|value| value.name == *text);
                if listed || self.is_open(ty) {
                    return Ok(value.clone());
                }
                Err(format!(": `{text}` is not in the schema"))
            }
            (TypeKind::Array(array), Value::Array(elements)) => {
                let elements = elements.iter().enumerate().map(|(index, element)| {
                    let element = self.read(array.element, element);
                    element.map_err(|error| format!("[{index}]{error}"))
                });
                elements.collect::<Result<_, _>>().map(Value::Array)
            }
            (TypeKind::Object(object), Value::Object(values)) => {
                let mut kept = Map::new();
                let mut rest = values.clone();
                self.members(ty, object, &mut rest, &mut kept)?;
                match rest.keys().next() {
                    Some(name) if !self.rules.unknown_members => {
                        Err(format!(".{name}: unexpected"))
                    }
                    _ => Ok(Value::Object(kept)),
                }
            }
            (TypeKind::Alternate(alternate), _) => {
                let mut alternatives = alternate.alternatives.iter();
                match alternatives.find(|it| self.begins(it.ty, value)) {
                    Some(alternative) => self.read(alternative.ty, value),
                    None if self.is_open(ty) => Ok(value.clone()),
                    None => Err(": no alternative accepts that kind".to_owned()),
                }
            }
            _ => Err(format!(": not of type {}", type_.name)),
        }
    }

    /// Returns the same for the arguments of a command or the data of an event, which may have no type.
    ///
    /// # Errors
    /// It does not take the value; the way to what is wrong.
    pub fn read_arguments(&self, ty: Option<TypeId>, value: &Value) -> Result<Value, String> {
        match (ty, value) {
            (Some(ty), _) => self.read(ty, value),
            (None, Value::Object(values)) if values.is_empty() || self.rules.unknown_members => {
                Ok(Map::new().into())
            }
            (None, _) => Err(": unexpected".to_owned()),
        }
    }

    /// Moves the members that an object type has from `rest` to `kept`.
    fn members(
        &self,
        ty: TypeId,
        object: &Object,
        rest: &mut Map<String, Value>,
        kept: &mut Map<String, Value>,
    ) -> Result<(), String> {
        let tag = match &object.union_ {
            Some(union) => rest.get(&union.discriminator).cloned(),
            None => None,
        };
        for (_, member) in self.schema.flattened(ty) {
            let is_tag = object
                .union_
                .as_ref()
                .is_some_and(|it| it.discriminator == member.name);
            match rest.remove(&member.name) {
                // The branch will say whether it is good.
                Some(value) if is_tag && value.is_string() => {
                    kept.insert(member.name.clone(), value);
                }
                Some(value) => {
                    let value = self.read(member.ty, &value);
                    let value = value.map_err(|error| format!(".{}{error}", member.name))?;
                    kept.insert(member.name.clone(), value);
                }
                None if member.optional => {}
                None if self.rules.conditions && member.condition.is_some() => {}
                None => return Err(format!(".{}: missing", member.name)),
            }
        }
        match (&object.union_, tag) {
            (Some(union), Some(Value::String(tag))) => self.branch(ty, union, &tag, rest, kept),
            _ => Ok(()),
        }
    }

    fn branch(
        &self,
        ty: TypeId,
        union: &Union,
        tag: &str,
        rest: &mut Map<String, Value>,
        kept: &mut Map<String, Value>,
    ) -> Result<(), String> {
        match union.branches.iter().find(|branch| branch.name == tag) {
            Some(branch) => match &self.schema.ty(branch.ty).kind {
                TypeKind::Object(object) => self.members(branch.ty, object, rest, kept),
                _ => Err(": a branch that is no object".to_owned()),
            },
            None if self.is_open(ty) => {
                kept.append(rest);
                Ok(())
            }
            None => Err(format!(
                ".{}: `{tag}` is not in the schema",
                union.discriminator
            )),
        }
    }

    /// Returns true if unlisted values are kept.
    fn is_open(&self, ty: TypeId) -> bool {
        self.rules.unlisted && !self.inputs[ty.index()]
    }

    /// Returns true if values of a type are of the JSON kind of this one.
    fn begins(&self, ty: TypeId, value: &Value) -> bool {
        match &self.schema.ty(ty).kind {
            TypeKind::Builtin(Builtin::Any) => true,
            TypeKind::Builtin(Builtin::Str) | TypeKind::Enum(_) => value.is_string(),
            TypeKind::Builtin(Builtin::Bool) => value.is_boolean(),
            TypeKind::Builtin(Builtin::Null) => value.is_null(),
            TypeKind::Builtin(_) => value.is_number(),
            TypeKind::Array(_) => value.is_array(),
            TypeKind::Object(_) => value.is_object(),
            TypeKind::Alternate(_) => false,
        }
    }

    fn builtin(&self, builtin: Builtin, value: &Value) -> Result<Value, String> {
        let fits = match builtin {
            Builtin::Str => value.is_string(),
            Builtin::Bool => value.is_boolean(),
            Builtin::Null => value.is_null(),
            Builtin::Number => value.is_number(),
            Builtin::Any => true,
            _ => return self.integer(builtin, value),
        };
        if fits {
            Ok(value.clone())
        } else {
            Err(format!(": not of type {}", builtin.as_str()))
        }
    }

    fn integer(&self, builtin: Builtin, value: &Value) -> Result<Value, String> {
        let wrong = || format!(": {value} is no {}", builtin.as_str());
        let integer = value
            .as_i64()
            .map(i128::from)
            .or(value.as_u64().map(i128::from));
        let integer = integer.ok_or_else(wrong)?;
        let (least, greatest) = match builtin {
            Builtin::Int8 => (i8::MIN.into(), i8::MAX.into()),
            Builtin::Int16 => (i16::MIN.into(), i16::MAX.into()),
            Builtin::Int32 => (i32::MIN.into(), i32::MAX.into()),
            Builtin::Uint8 => (0, u8::MAX.into()),
            Builtin::Uint16 => (0, u16::MAX.into()),
            Builtin::Uint32 => (0, u32::MAX.into()),
            Builtin::Uint64 | Builtin::Size if self.rules.wrap => {
                (i64::MIN.into(), u64::MAX.into())
            }
            Builtin::Uint64 | Builtin::Size => (0, u64::MAX.into()),
            _ => (i64::MIN.into(), i64::MAX.into()),
        };
        let range: std::ops::RangeInclusive<i128> = least..=greatest;
        if !range.contains(&integer) {
            return Err(wrong());
        }
        match (builtin, value.as_i64()) {
            (Builtin::Uint64 | Builtin::Size, Some(negative)) => {
                Ok(negative.cast_unsigned().into())
            }
            _ => Ok(value.clone()),
        }
    }
}

/// Returns the types reached from arguments, but not from replies and data of events.
fn inputs(schema: &Schema) -> Vec<bool> {
    let arguments = schema.commands.iter().filter_map(|it| it.arguments);
    let replies = schema.commands.iter().filter_map(|it| it.returns);
    let data = schema.events.iter().filter_map(|it| it.arguments);
    let sent = schema.reached_from(arguments);
    let received = schema.reached_from(replies.chain(data));
    let types = sent.into_iter().zip(received);
    types.map(|(sent, received)| sent && !received).collect()
}
