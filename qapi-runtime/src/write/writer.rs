//! The writer and the traits of encodable types.

use std::fmt;

use super::written_names::names;
use super::{escape, number};

/// A type that can be encoded as a JSON value.
///
/// A type that is an object on the wire implements [`EncodeMembers`] instead, which implies this trait.
///
/// ```compile_fail,E0046
/// struct Nothing;
/// impl qapi_runtime::Encode for Nothing {}
/// ```
pub trait Encode {
    /// Writes exactly one value.
    fn encode(&self, out: &mut Writer);
}

/// A type that is an object on the wire, or part of one. It can be written as a whole object, too: it has [`Encode`].
///
/// ```compile_fail,E0046
/// struct Nothing;
/// impl qapi_runtime::EncodeMembers for Nothing {}
/// ```
pub trait EncodeMembers {
    /// Writes the members, and only those that are present. The object may be shared with other types: bases, branches,
    /// command arguments.
    fn encode_members(&self, out: &mut ObjectWriter<'_>);
}

/// Writes JSON values into a buffer that it owns.
///
/// Writing cannot fail, with two exceptions: JSON has no infinities and no NaN, and a member stands once in an object.
/// Such a number is written as `null` and such a member is left out, so that the text stays well-formed. The writer
/// records the first of them as its [`fault`](Writer::fault). The dispatcher then answers with an error and a client
/// does not send, because a changed value is worse than none.
#[derive(Debug, Default)]
pub struct Writer {
    buffer: Vec<u8>,
    fault: Option<WriteFault>,
}

impl Writer {
    /// Creates a writer with an empty buffer.
    pub fn new() -> Self {
        Self::default()
    }

    /// Creates a writer that appends to `buffer`.
    pub fn with_buffer(buffer: Vec<u8>) -> Self {
        Self {
            buffer,
            fault: None,
        }
    }

    /// Returns the text so far.
    pub fn as_bytes(&self) -> &[u8] {
        &self.buffer
    }

    /// Returns the buffer, for reuse.
    pub fn into_bytes(self) -> Vec<u8> {
        self.buffer
    }

    /// Returns the text.
    ///
    /// # Panics
    /// If the writer was given a buffer that did not hold UTF-8.
    pub fn into_string(self) -> String {
        String::from_utf8(self.buffer).expect("the writer writes nothing but ASCII")
    }

    /// Returns the first value that JSON cannot express, if there was one.
    pub fn fault(&self) -> Option<&WriteFault> {
        self.fault.as_ref()
    }

    /// Writes any value that implements [`Encode`].
    pub fn value(&mut self, value: &dyn Encode) {
        value.encode(self);
    }

    /// Writes `null`.
    pub fn null(&mut self) {
        self.raw(b"null");
    }

    /// Writes `true` or `false`.
    pub fn boolean(&mut self, value: bool) {
        self.raw(if value { b"true" } else { b"false" });
    }

    /// Writes a signed integer.
    pub fn integer(&mut self, value: i64) {
        number::integer(&mut self.buffer, value);
    }

    /// Writes an unsigned integer.
    pub fn unsigned(&mut self, value: u64) {
        number::unsigned(&mut self.buffer, value);
    }

    /// Writes a number with up to 17 significant digits, as C's `%.17g`. Must be finite; see [`Writer`].
    pub fn number(&mut self, value: f64) {
        if value.is_finite() {
            number::double(&mut self.buffer, value);
        } else {
            self.fault = Some(WriteFault::NotFinite);
            self.null();
        }
    }

    /// Writes a string, and escapes everything that is not printable ASCII.
    pub fn string(&mut self, value: &str) {
        self.buffer.reserve(value.len() + 2);
        self.buffer.push(b'"');
        escape::escape(&mut self.buffer, value);
        self.buffer.push(b'"');
    }

    /// Writes an object; the closure writes its members.
    pub fn object(&mut self, members: impl FnOnce(&mut ObjectWriter<'_>)) {
        self.buffer.push(b'{');
        let start = self.buffer.len();
        members(&mut ObjectWriter {
            writer: self,
            empty: true,
            start,
        });
        self.buffer.push(b'}');
    }

    /// Writes an array; the closure writes its elements.
    pub fn array(&mut self, elements: impl FnOnce(&mut ArrayWriter<'_>)) {
        self.buffer.push(b'[');
        elements(&mut ArrayWriter {
            writer: self,
            empty: true,
        });
        self.buffer.push(b']');
    }

    pub(crate) fn raw(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }

    /// Lets `append` add text to the buffer.
    pub(crate) fn append_with(&mut self, append: impl FnOnce(&mut Vec<u8>)) {
        append(&mut self.buffer);
    }

    pub(crate) fn len(&self) -> usize {
        self.buffer.len()
    }

    /// Forgets everything after `length`, with its faults.
    pub(crate) fn truncate(&mut self, length: usize) {
        self.buffer.truncate(length);
        self.fault = None;
    }
}

/// Writes the members of an object; see [`Writer::object`]. Names must be distinct. The caller must ensure that, except
/// for the members of an [`Object`](crate::Object).
#[derive(Debug)]
pub struct ObjectWriter<'w> {
    writer: &'w mut Writer,
    empty: bool,
    /// The place after the brace.
    start: usize,
}

impl ObjectWriter<'_> {
    /// Writes a member.
    pub fn member(&mut self, name: &str, value: &dyn Encode) {
        value.encode(self.name(name));
    }

    /// Writes an optional member; nothing if it is absent.
    pub fn optional<T: Encode>(&mut self, name: &str, value: &Option<T>) {
        if let Some(value) = value {
            self.member(name, value);
        }
    }

    /// Writes a member's name; the caller writes exactly one value into the writer it gets.
    pub fn name(&mut self, name: &str) -> &mut Writer {
        let buffer = &mut self.writer.buffer;
        // Checks the free space once instead of for each part; escapes are rare.
        buffer.reserve(name.len() + ", \"\": ".len());
        if std::mem::replace(&mut self.empty, false) {
            buffer.push(b'"');
        } else {
            buffer.extend_from_slice(b", \"");
        }
        escape::escape(buffer, name);
        buffer.extend_from_slice(b"\": ");
        self.writer
    }

    /// Writes a member, after the text that stands between the value before it and its own: a comma and its name,
    /// which needs no escapes. For generated code, in which that text is a constant.
    #[doc(hidden)]
    pub fn member_behind(&mut self, opening: &'static str, value: &dyn Encode) {
        let is_first = std::mem::replace(&mut self.empty, false);
        let opening = &opening.as_bytes()[if is_first { ", ".len() } else { 0 }..];
        self.writer.buffer.extend_from_slice(opening);
        value.encode(self.writer);
    }

    /// Writes an optional member, as [`member_behind`](Self::member_behind) does.
    #[doc(hidden)]
    #[inline]
    pub fn optional_behind<T: Encode>(&mut self, opening: &'static str, value: &Option<T>) {
        if let Some(value) = value {
            self.member_behind(opening, value);
        }
    }

    /// Writes a member that is an object, if it has members itself.
    pub fn object_unless_empty(&mut self, name: &str, members: &dyn EncodeMembers) {
        let start = self.writer.len();
        let empty = self.empty;
        let writer = self.name(name);
        writer.raw(b"{");
        let mut object = ObjectWriter {
            start: writer.len(),
            writer,
            empty: true,
        };
        members.encode_members(&mut object);
        if object.empty {
            self.writer.buffer.truncate(start);
            self.empty = empty;
        } else {
            self.writer.raw(b"}");
        }
    }

    /// Writes a member, unless one with its name has been written, which is a fault. Looks at all members.
    pub(super) fn distinct_member(&mut self, name: &str, value: &dyn Encode) {
        let start = self.writer.len();
        escape::escape(&mut self.writer.buffer, name);
        let (before, escaped) = self.writer.buffer.split_at(start);
        let is_there = names(&before[self.start..]).any(|before| before == escaped);
        self.writer.buffer.truncate(start);
        if is_there {
            self.writer.fault = Some(WriteFault::RepeatedMember(name.into()));
        } else {
            self.member(name, value);
        }
    }

    /// Returns whether no member has been written.
    pub fn is_empty(&self) -> bool {
        self.empty
    }
}

/// Writes the elements of an array; see [`Writer::array`].
#[derive(Debug)]
pub struct ArrayWriter<'w> {
    writer: &'w mut Writer,
    empty: bool,
}

impl ArrayWriter<'_> {
    /// Writes an element.
    pub fn element(&mut self, value: &dyn Encode) {
        value.encode(self.slot());
    }

    /// Starts an element; the caller writes exactly one value into the writer it gets.
    pub fn slot(&mut self) -> &mut Writer {
        if !std::mem::replace(&mut self.empty, false) {
            self.writer.raw(b", ");
        }
        self.writer
    }
}

/// A value that JSON cannot express.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum WriteFault {
    /// A number was infinite or not a number.
    NotFinite,
    /// Another member with this name has been written already.
    RepeatedMember(Box<str>),
}

impl fmt::Display for WriteFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotFinite => formatter
                .write_str("a number is infinite or not a number, which JSON cannot express"),
            Self::RepeatedMember(name) => write!(
                formatter,
                "a further member is called `{name}` as one that is set already"
            ),
        }
    }
}

impl std::error::Error for WriteFault {}
