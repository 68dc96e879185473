//! Deserialises through a tape, from any deserializer.

use std::collections::HashSet;
use std::fmt;

use serde_core::Deserializer;
use serde_core::de::{DeserializeSeed, Error, MapAccess, SeqAccess, Visitor};

use super::nesting::{MAX_NESTING, too_deep};
use crate::read::Decode;
use crate::wire::{Document, Node, name_hash};

/// Reads a value from any deserializer that can tell what comes next.
///
/// # Errors
/// Those of the deserializer; a value that does not fit the type, with the path to it; a member name that occurs twice.
pub fn deserialize<'de, T: Decode, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    let mut tape = Tape::default();
    let step = ValueReader {
        tape: &mut tape,
        depth: 0,
    };
    step.deserialize(deserializer)?;
    let document = Document::from_parts(tape.nodes, tape.text);
    T::decode(document.lenient()).map_err(|error| D::Error::custom(error.explain()))
}

/// An unfinished document.
#[derive(Default)]
struct Tape {
    nodes: Vec<Node>,
    text: String,
}

impl Tape {
    fn place<E: Error>(length: usize) -> Result<u32, E> {
        u32::try_from(length).map_err(|_| E::custom("the value is larger than 4 GiB"))
    }

    /// Returns a string, or a member's name with its hash.
    fn string<E: Error>(&mut self, text: &str, hash: u32) -> Result<(), E> {
        let (start, length) = (Self::place(self.text.len())?, Self::place(text.len())?);
        self.text.push_str(text);
        self.nodes.push(Node::String {
            start,
            length,
            hash,
        });
        Ok(())
    }

    fn unsigned(&mut self, value: u64) {
        self.nodes.push(match i64::try_from(value) {
            Ok(value) => Node::Integer(value),
            Err(_) => Node::Unsigned(value),
        });
    }
}

/// One value to read, and the number of containers around it.
struct ValueReader<'a> {
    tape: &'a mut Tape,
    depth: usize,
}

impl ValueReader<'_> {
    fn below<E: Error>(&mut self) -> Result<ValueReader<'_>, E> {
        if self.depth == MAX_NESTING {
            return Err(too_deep(E::custom));
        }
        Ok(ValueReader {
            tape: self.tape,
            depth: self.depth + 1,
        })
    }
}

impl<'de> DeserializeSeed<'de> for ValueReader<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for ValueReader<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a value that JSON can express")
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        self.tape.nodes.push(Node::Null);
        Ok(())
    }

    fn visit_none<E: Error>(self) -> Result<(), E> {
        self.visit_unit()
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<(), E> {
        self.tape.nodes.push(Node::Bool(value));
        Ok(())
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<(), E> {
        self.tape.nodes.push(Node::Integer(value));
        Ok(())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<(), E> {
        self.tape.unsigned(value);
        Ok(())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<(), E> {
        if !value.is_finite() {
            return Err(E::custom("a number is infinite or not a number"));
        }
        self.tape.nodes.push(Node::Number(value));
        Ok(())
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<(), E> {
        self.tape.string(value, 0)
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut elements: A) -> Result<(), A::Error> {
        let node = self.tape.nodes.len();
        self.tape.nodes.push(Node::Null);
        let mut length = 0;
        while elements.next_element_seed(self.below()?)?.is_some() {
            length += 1;
        }
        let end = Tape::place(self.tape.nodes.len())?;
        self.tape.nodes[node] = Node::Array { end, length };
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut members: A) -> Result<(), A::Error> {
        let node = self.tape.nodes.len();
        self.tape.nodes.push(Node::Null);
        let mut names = HashSet::new();
        while let Some(name) = members.next_key::<String>()? {
            self.tape.string(&name, name_hash(name.as_bytes()))?;
            members.next_value_seed(self.below()?)?;
            if let Some(name) = names.replace(name) {
                return Err(A::Error::custom(format!("member `{name}` occurs twice")));
            }
        }
        let end = Tape::place(self.tape.nodes.len())?;
        let length = Tape::place(names.len())?;
        self.tape.nodes[node] = Node::Object { end, length };
        Ok(())
    }
}
