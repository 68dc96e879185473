//! JSON values of `serde_json`, from and to.

use serde_json::{Map, Number, Value};

use super::{Any, Object};

/// An object's members keep the order that `serde_json` gives them: sorted by name, unless its feature `preserve_order` is on.
///
/// With `serde_json`'s feature `arbitrary_precision`, integers beyond 64 bits become the nearest double, and numbers beyond the
/// doubles infinite, as in [`f64::from_str`](std::str::FromStr::from_str).
impl From<Value> for Any {
    fn from(value: Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(value) => Self::Bool(value),
            Value::Number(value) => number(&value),
            Value::String(value) => Self::String(value),
            Value::Array(elements) => Self::Array(elements.into_iter().map(Self::from).collect()),
            Value::Object(members) => Self::Object(Object::from(members)),
        }
    }
}

fn number(value: &Number) -> Any {
    match (value.as_i64(), value.as_u64()) {
        (Some(value), _) => Any::Integer(value),
        (None, Some(value)) => Any::Unsigned(value),
        (None, None) => Any::Number(value.as_f64().unwrap_or_else(|| infinite(value))),
    }
}

/// Returns a number beyond the doubles, which there only is with `arbitrary_precision`.
fn infinite(value: &Number) -> f64 {
    if value.to_string().starts_with('-') {
        f64::NEG_INFINITY
    } else {
        f64::INFINITY
    }
}

/// Numbers that are infinite or not a number become `null`, as in `serde_json`'s own conversion.
impl From<Any> for Value {
    fn from(value: Any) -> Self {
        match value {
            Any::Null => Self::Null,
            Any::Bool(value) => Self::Bool(value),
            Any::Integer(value) => Self::from(value),
            Any::Unsigned(value) => Self::from(value),
            Any::Number(value) => Self::from(value),
            Any::String(value) => Self::String(value),
            Any::Array(elements) => Self::Array(elements.into_iter().map(Self::from).collect()),
            Any::Object(object) => Self::Object(object.into()),
        }
    }
}

/// The members keep the order that `serde_json` gives them.
impl From<Map<String, Value>> for Object {
    fn from(members: Map<String, Value>) -> Self {
        let mut object = Self::with_capacity(members.len());
        for (name, value) in members {
            object.push_unique(name, value.into());
        }
        object
    }
}

/// The members are sorted by name, unless `serde_json`'s feature `preserve_order` is on.
impl From<Object> for Map<String, Value> {
    fn from(object: Object) -> Self {
        let members = object.into_iter();
        members.map(|(name, value)| (name, value.into())).collect()
    }
}
