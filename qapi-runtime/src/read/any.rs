//! Owned values from documents.

use std::str::FromStr;

use super::error::DecodeError;
use super::members::{Decode, DecodeMembers, Members};
use super::value::Value;
use crate::value::{Any, Kind, Null, Object};
use crate::wire::{Document, Node, WireError};

/// A container that is being filled, up to node `end`.
struct Open {
    /// An array or an object.
    container: Any,
    /// In an object: the name of the member being read.
    name: String,
    end: u32,
}

impl Open {
    fn push(&mut self, value: Any) {
        match &mut self.container {
            Any::Array(list) => list.push(value),
            Any::Object(object) => object.push_unique(std::mem::take(&mut self.name), value),
            _ => {}
        }
    }
}

/// Copies a value out of its document. Without recursion, however deep the value.
impl From<Value<'_>> for Any {
    fn from(value: Value<'_>) -> Self {
        let document = value.document();
        let mut open: Vec<Open> = Vec::new();
        let mut at = value.index();
        loop {
            if let Some(Open {
                container: Self::Object(_),
                name,
                ..
            }) = open.last_mut()
            {
                document.string(at).clone_into(name);
                at += 1;
            }
            let end = document.after(at);
            let mut done = Self::without_content(document, at);
            at += 1;
            if at < end {
                open.push(Open {
                    container: done,
                    name: String::new(),
                    end,
                });
                continue;
            }
            // Hand the finished value to its container, and hand on the container if this was its last.
            loop {
                let Some(mut parent) = open.pop() else {
                    return done;
                };
                parent.push(done);
                if at < parent.end {
                    open.push(parent);
                    break;
                }
                done = parent.container;
            }
        }
    }
}

impl Any {
    /// Returns the value at a node; a container comes empty.
    fn without_content(document: &Document, at: u32) -> Self {
        match document.node(at) {
            Node::Null => Self::Null,
            Node::Bool(value) => Self::Bool(value),
            Node::Integer(value) => Self::Integer(value),
            Node::Unsigned(value) => Self::Unsigned(value),
            Node::Number(value) => Self::Number(value),
            Node::String { start, length, .. } => {
                Self::String(document.text(start, length).to_owned())
            }
            Node::Array { length, .. } => Self::Array(Vec::with_capacity(length as usize)),
            Node::Object { length, .. } => Self::Object(Object::with_capacity(length as usize)),
        }
    }
}

impl Decode for Any {
    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        Ok(Self::from(value))
    }
}

/// Parses one JSON value in the dialect of the wire.
impl FromStr for Any {
    type Err = WireError;

    fn from_str(text: &str) -> Result<Self, WireError> {
        Ok(Self::from(Document::parse(text.as_bytes())?.strict()))
    }
}

/// Takes every member that is left.
impl DecodeMembers for Object {
    fn decode_members(members: &mut Members<'_>) -> Result<Self, DecodeError> {
        Ok(members.rest())
    }
}

impl Decode for Null {
    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        match value.kind() {
            Kind::Null => Ok(Self),
            _ => Err(value.wrong_kind("null")),
        }
    }
}
