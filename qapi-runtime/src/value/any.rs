//! A value of any kind.

use std::fmt;
use std::str::FromStr;

use super::Object;
use crate::read::{Decode, DecodeError, Kind, Null, Value};
use crate::wire::{Document, Node, WireError};
use crate::write::{Encode, Writer};

/// A JSON value of any kind: QAPI's built-in type `any`.
///
/// Integers keep their exact value over the whole range of 64 bits, signed and unsigned; the order of members is kept;
/// strings may hold U+0000.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Any {
    /// `null`
    #[default]
    Null,
    /// `true` or `false`
    Bool(bool),
    /// An integer in the range of `i64`.
    Integer(i64),
    /// An integer above `i64::MAX`. Build it with `Any::from`, which picks the right variant.
    Unsigned(u64),
    /// Any other number. Must be finite to be written; see [`Writer`].
    Number(f64),
    /// A string.
    String(String),
    /// An array.
    Array(Vec<Any>),
    /// An object.
    Object(Object),
}

impl Any {
    /// Which JSON kind the value has.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Null => Kind::Null,
            Self::Bool(_) => Kind::Bool,
            Self::Integer(_) | Self::Unsigned(_) => Kind::Integer,
            Self::Number(_) => Kind::Number,
            Self::String(_) => Kind::String,
            Self::Array(_) => Kind::Array,
            Self::Object(_) => Kind::Object,
        }
    }

    /// The truth value, if it is one.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// The integer, if it is one and in the range of `i64`.
    pub fn as_i64(&self) -> Option<i64> {
        match self {
            Self::Integer(value) => Some(*value),
            _ => None,
        }
    }

    /// The integer, if it is one and not negative.
    pub fn as_u64(&self) -> Option<u64> {
        match self {
            Self::Integer(value) => u64::try_from(*value).ok(),
            Self::Unsigned(value) => Some(*value),
            _ => None,
        }
    }

    /// The number, if it is one; integers above 2⁵³ may lose precision.
    pub fn as_f64(&self) -> Option<f64> {
        #[expect(clippy::cast_precision_loss, reason = "stated in the documentation")]
        match self {
            Self::Integer(value) => Some(*value as f64),
            Self::Unsigned(value) => Some(*value as f64),
            Self::Number(value) => Some(*value),
            _ => None,
        }
    }

    /// The text, if it is a string.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(value) => Some(value),
            _ => None,
        }
    }

    /// The elements, if it is an array.
    pub fn as_array(&self) -> Option<&[Any]> {
        match self {
            Self::Array(value) => Some(value),
            _ => None,
        }
    }

    /// The members, if it is an object.
    pub fn as_object(&self) -> Option<&Object> {
        match self {
            Self::Object(value) => Some(value),
            _ => None,
        }
    }

    /// The member `name`, if the value is an object that has it.
    pub fn get(&self, name: &str) -> Option<&Any> {
        self.as_object()?.get(name)
    }
}

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
            // Hand the finished value to its container, and that one on if this was its last.
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
    /// The value at a node; a container without what is in it.
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

/// What is left to write of an open container.
enum Rest<'a> {
    Array(std::slice::Iter<'a, Any>),
    Object(super::object::Iter<'a>),
}

/// Without recursion, however deep the value.
impl Encode for Any {
    fn encode(&self, out: &mut Writer) {
        let mut open: Vec<Rest<'_>> = Vec::new();
        let mut next = Some(self);
        let mut first = true;
        loop {
            if let Some(value) = next.take() {
                first = match value {
                    Self::Array(list) => {
                        out.raw(b"[");
                        open.push(Rest::Array(list.iter()));
                        true
                    }
                    Self::Object(object) => {
                        out.raw(b"{");
                        open.push(Rest::Object(object.iter()));
                        true
                    }
                    scalar => {
                        scalar.encode_scalar(out);
                        false
                    }
                };
            }
            let Some(rest) = open.last_mut() else {
                return;
            };
            let separator: &[u8] = if first { b"" } else { b", " };
            match rest {
                Rest::Array(list) => next = list.next().inspect(|_| out.raw(separator)),
                Rest::Object(members) => {
                    next = members.next().map(|(name, value)| {
                        out.raw(separator);
                        out.string(name);
                        out.raw(b": ");
                        value
                    });
                }
            }
            if next.is_none() {
                out.raw(if matches!(rest, Rest::Array(_)) {
                    b"]"
                } else {
                    b"}"
                });
                open.pop();
                first = false;
            }
        }
    }
}

impl Any {
    fn encode_scalar(&self, out: &mut Writer) {
        match self {
            Self::Bool(value) => out.boolean(*value),
            Self::Integer(value) => out.integer(*value),
            Self::Unsigned(value) => out.unsigned(*value),
            Self::Number(value) => out.number(*value),
            Self::String(value) => out.string(value),
            Self::Null | Self::Array(_) | Self::Object(_) => out.null(),
        }
    }
}

/// The wire form.
impl fmt::Display for Any {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut writer = Writer::new();
        self.encode(&mut writer);
        formatter.write_str(&writer.into_string())
    }
}

/// Parses one JSON value in the dialect of the wire.
impl FromStr for Any {
    type Err = WireError;

    fn from_str(text: &str) -> Result<Self, WireError> {
        Ok(Self::from(Document::parse(text.as_bytes())?.strict()))
    }
}

macro_rules! from {
    ($($ty:ty => $make:expr;)*) => {$(
        impl From<$ty> for Any {
            fn from(value: $ty) -> Self {
                $make(value)
            }
        }
    )*};
}

from! {
    bool => Self::Bool;
    i64 => Self::Integer;
    i32 => |value| Self::Integer(i64::from(value));
    u32 => |value| Self::Integer(i64::from(value));
    u64 => |value| i64::try_from(value).map_or(Self::Unsigned(value), Self::Integer);
    f64 => Self::Number;
    String => Self::String;
    &str => |value: &str| Self::String(value.to_owned());
    Vec<Any> => Self::Array;
    Object => Self::Object;
    Null => |Null| Self::Null;
}
