//! What can be written, and the built-in types.

use std::borrow::Cow;

use super::{ObjectWriter, Writer};
use crate::read::{Policy, Value};
use crate::wire::Node;

/// A type that can be written as a JSON value.
///
/// A type that is an object on the wire says how its members are written, and is written as a whole by the default of
/// [`encode`](Encode::encode); any other type implements that.
pub trait Encode {
    /// Writes exactly one value.
    fn encode(&self, out: &mut Writer) {
        out.object(|out| self.encode_members(out));
    }

    /// Writes the members, and only those that are present; none if the type is no object. The object may be shared
    /// with other types: bases, branches, command arguments.
    fn encode_members(&self, _: &mut ObjectWriter<'_>) {}
}

impl Encode for bool {
    fn encode(&self, out: &mut Writer) {
        out.boolean(*self);
    }
}

impl Encode for f64 {
    fn encode(&self, out: &mut Writer) {
        out.number(*self);
    }
}

macro_rules! integers {
    ($($ty:ty => $write:ident;)*) => {$(
        impl Encode for $ty {
            fn encode(&self, out: &mut Writer) {
                out.$write((*self).into());
            }
        }
    )*};
}

integers! {
    i8 => integer;
    i16 => integer;
    i32 => integer;
    i64 => integer;
    u8 => unsigned;
    u16 => unsigned;
    u32 => unsigned;
    u64 => unsigned;
}

impl Encode for str {
    fn encode(&self, out: &mut Writer) {
        out.string(self);
    }
}

impl Encode for String {
    fn encode(&self, out: &mut Writer) {
        out.string(self);
    }
}

impl Encode for Cow<'_, str> {
    fn encode(&self, out: &mut Writer) {
        out.string(self);
    }
}

impl<T: Encode> Encode for [T] {
    fn encode(&self, out: &mut Writer) {
        out.array(|out| {
            for element in self {
                out.element(element);
            }
        });
    }
}

impl<T: Encode> Encode for Vec<T> {
    fn encode(&self, out: &mut Writer) {
        self.as_slice().encode(out);
    }
}

impl<T: Encode + ?Sized> Encode for Box<T> {
    fn encode(&self, out: &mut Writer) {
        (**self).encode(out);
    }

    fn encode_members(&self, out: &mut ObjectWriter<'_>) {
        (**self).encode_members(out);
    }
}

impl<T: Encode + ?Sized> Encode for &T {
    fn encode(&self, out: &mut Writer) {
        (**self).encode(out);
    }

    fn encode_members(&self, out: &mut ObjectWriter<'_>) {
        (**self).encode_members(out);
    }
}

/// The empty object: what a command answers that returns nothing.
impl Encode for () {
    fn encode(&self, out: &mut Writer) {
        out.raw(b"{}");
    }
}

/// The value again, in our own wire form. Walks the tape without recursion.
impl Encode for Value<'_> {
    fn encode(&self, out: &mut Writer) {
        // Open containers: where each ends, and whether it is an object.
        let mut open: Vec<(u32, bool)> = Vec::new();
        let document = self.document();
        let end = document.after(self.index());
        let mut at = self.index();
        let mut first = true;
        while at < end {
            if !first {
                out.raw(b", ");
            }
            first = false;
            if let Some((_, true)) = open.last() {
                out.string(document.string(at));
                out.raw(b": ");
                at += 1;
            }
            match document.node(at) {
                Node::Array { end, .. } => {
                    out.raw(b"[");
                    open.push((end, false));
                    first = true;
                }
                Node::Object { end, .. } => {
                    out.raw(b"{");
                    open.push((end, true));
                    first = true;
                }
                _ => Value::new(document, at, Policy::Lenient).encode_scalar(out),
            }
            at += 1;
            while let Some(&(end, object)) = open.last() {
                if end != at {
                    break;
                }
                out.raw(if object { b"}" } else { b"]" });
                open.pop();
                first = false;
            }
        }
    }
}

impl Value<'_> {
    fn encode_scalar(self, out: &mut Writer) {
        match self.node() {
            Node::Bool(value) => out.boolean(value),
            Node::Integer(value) => out.integer(value),
            Node::Unsigned(value) => out.unsigned(value),
            Node::Number(value) => out.number(value),
            Node::String { start, length, .. } => out.string(self.document().text(start, length)),
            Node::Null | Node::Array { .. } | Node::Object { .. } => out.null(),
        }
    }
}
