//! Owned values on the wire.

use std::fmt;

use super::writer::{Encode, EncodeMembers, ObjectWriter, Writer};
use crate::value::{Any, Iter, Null, Object};

/// The rest of an open container, still to be written.
enum Rest<'a> {
    Array(std::slice::Iter<'a, Any>),
    Object(Iter<'a>),
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

/// After other members, each name must differ from theirs: see [`WriteFault`](super::WriteFault).
impl EncodeMembers for Object {
    fn encode_members(&self, out: &mut ObjectWriter<'_>) {
        let is_alone = out.is_empty();
        for (name, value) in self {
            if is_alone {
                out.member(name, value);
            } else {
                out.distinct_member(name, value);
            }
        }
    }
}

/// The wire form.
impl fmt::Display for Object {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut writer = Writer::new();
        self.encode(&mut writer);
        formatter.write_str(&writer.into_string())
    }
}

impl Encode for Null {
    fn encode(&self, out: &mut Writer) {
        out.null();
    }
}
