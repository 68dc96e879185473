//! Serialises the wire form, to any serializer.

use serde_core::ser::{Error as _, SerializeMap as _, SerializeSeq as _};
use serde_core::{Serialize, Serializer};

use super::nesting::{MAX_NESTING, too_deep};
use crate::read::Value;
use crate::wire::{Document, Node};
use crate::write::{Encode, Writer};

/// Writes a value into any serializer: objects as maps of known length, in the order of the wire.
///
/// # Errors
/// Those of the serializer; a number that is infinite or not a number; a value that is nested too deeply.
pub fn serialize<T: Encode, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
    let document = tape(value).map_err(S::Error::custom)?;
    document.lenient().serialize(serializer)
}

/// Returns the value as a tape.
fn tape(value: &dyn Encode) -> Result<Document, String> {
    let mut writer = Writer::new();
    writer.value(value);
    match writer.fault() {
        Some(fault) => Err(fault.to_string()),
        None => Document::reread(writer.as_bytes()).map_err(|error| error.to_string()),
    }
}

/// Objects become maps.
impl Serialize for Value<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let level = Level {
            value: *self,
            depth: 0,
        };
        level.serialize(serializer)
    }
}

/// A value and the number of containers around it.
struct Level<'t> {
    value: Value<'t>,
    depth: usize,
}

impl Serialize for Level<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.value.node() {
            // Some binary formats write `()` as an empty array, but all write `None` as their null.
            Node::Null => serializer.serialize_none(),
            Node::Bool(value) => serializer.serialize_bool(value),
            Node::Integer(value) => serializer.serialize_i64(value),
            Node::Unsigned(value) => serializer.serialize_u64(value),
            Node::Number(value) => serializer.serialize_f64(value),
            Node::String { start, length, .. } => {
                serializer.serialize_str(self.value.document().text(start, length))
            }
            Node::Array { length, .. } => self.array(length, serializer),
            Node::Object { length, .. } => self.object(length, serializer),
        }
    }
}

impl<'t> Level<'t> {
    fn array<S: Serializer>(&self, length: u32, serializer: S) -> Result<S::Ok, S::Error> {
        let mut out = serializer.serialize_seq(Some(length as usize))?;
        let elements = self.value.array().map_err(S::Error::custom)?;
        for element in elements {
            out.serialize_element(&self.below(element)?)?;
        }
        out.end()
    }

    fn object<S: Serializer>(&self, length: u32, serializer: S) -> Result<S::Ok, S::Error> {
        let mut out = serializer.serialize_map(Some(length as usize))?;
        let mut members = self.value.object().map_err(S::Error::custom)?;
        while let Some((name, value)) = members.next_member() {
            out.serialize_entry(name, &self.below(value)?)?;
        }
        out.end()
    }

    fn below<E: serde_core::ser::Error>(&self, value: Value<'t>) -> Result<Self, E> {
        let depth = self.depth + 1;
        if depth > MAX_NESTING {
            return Err(too_deep(E::custom));
        }
        Ok(Level { value, depth })
    }
}
