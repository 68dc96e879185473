//! A value of a document, and the elements of an array.

use std::borrow::Cow;

use super::error::DecodeError;
use crate::value::Kind;
use crate::wire::{Document, Node};

/// The treatment of members that are not in the schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Policy {
    /// They are errors: a server judges arguments.
    Strict,
    /// They are ignored: a client reads replies of servers that may be newer than its schema.
    Lenient,
}

/// A value of a parsed document: two words, copied freely.
#[derive(Clone, Copy)]
pub struct Value<'t> {
    document: &'t Document,
    /// The index of its node, and [`STRICT`] if that is its policy: in one number, so that values are passed in registers.
    place: u32,
}

/// Beside the index of a node, which is smaller.
const STRICT: u32 = 1 << 31;

impl<'t> Value<'t> {
    #[inline]
    pub(crate) fn new(document: &'t Document, index: u32, policy: Policy) -> Self {
        debug_assert!(index < STRICT, "the limit on tokens sees to it");
        let place = match policy {
            Policy::Strict => index | STRICT,
            Policy::Lenient => index,
        };
        Self { document, place }
    }

    #[inline]
    pub(crate) fn node(self) -> Node {
        self.document.node(self.index())
    }

    #[inline]
    pub(crate) fn document(self) -> &'t Document {
        self.document
    }

    #[inline]
    pub(crate) fn index(self) -> u32 {
        self.place & !STRICT
    }

    #[inline]
    pub(super) fn policy(self) -> Policy {
        if self.is_strict() {
            Policy::Strict
        } else {
            Policy::Lenient
        }
    }

    /// Returns the JSON kind of the value, by which alternates choose their branch.
    pub fn kind(self) -> Kind {
        match self.node() {
            Node::Null => Kind::Null,
            Node::Bool(_) => Kind::Bool,
            Node::Integer(_) | Node::Unsigned(_) => Kind::Integer,
            Node::Number(_) => Kind::Number,
            Node::String { .. } => Kind::String,
            Node::Array { .. } => Kind::Array,
            Node::Object { .. } => Kind::Object,
        }
    }

    /// Returns whether unknown members are errors.
    pub fn is_strict(self) -> bool {
        self.place & STRICT != 0
    }

    /// Returns the same value under another policy.
    #[must_use]
    pub fn with_policy(self, policy: Policy) -> Self {
        Self::new(self.document, self.index(), policy)
    }

    /// Returns the elements of an array. Give errors of an element its place with [`DecodeError::in_element`].
    pub fn array(self) -> Result<Elements<'t>, DecodeError> {
        match self.node() {
            Node::Array { end, length } => Ok(Elements {
                document: self.document,
                next: self.index() + 1,
                end,
                left: length,
                policy: self.policy(),
            }),
            _ => Err(self.wrong_kind("array")),
        }
    }

    /// Returns the text of a string. U+0000 may occur in it: reject it before using the text as a path or an argument.
    pub fn string(self) -> Result<Cow<'t, str>, DecodeError> {
        self.str().map(Cow::Borrowed)
    }

    /// Returns the text of a string, borrowed from the document.
    pub fn str(self) -> Result<&'t str, DecodeError> {
        match self.node() {
            Node::String { start, length, .. } => Ok(self.document.text(start, length)),
            _ => Err(self.wrong_kind("string")),
        }
    }

    /// Returns a truth value.
    pub fn boolean(self) -> Result<bool, DecodeError> {
        match self.node() {
            Node::Bool(value) => Ok(value),
            _ => Err(self.wrong_kind("boolean")),
        }
    }

    /// Returns a signed integer: QAPI's `int`. Larger integers, fractions and `1.0` have the wrong kind.
    pub fn integer(self) -> Result<i64, DecodeError> {
        match self.node() {
            Node::Integer(value) => Ok(value),
            _ => Err(self.wrong_kind("integer")),
        }
    }

    /// Returns an unsigned integer: QAPI's `uint64` and `size`.
    ///
    /// A negative integer wraps around, under either policy: the reference accepts it in arguments
    /// (docs/reference/agent-behaviour.md §3.6), and QEMU before 2.10 wrote values above `i64::MAX` that way in replies.
    pub fn unsigned(self) -> Result<u64, DecodeError> {
        #[expect(clippy::cast_sign_loss, reason = "wrapping is the rule, see above")]
        match self.node() {
            Node::Integer(value) => Ok(value as u64),
            Node::Unsigned(value) => Ok(value),
            _ => Err(DecodeError::wrong_type("uint64", self.kind())),
        }
    }

    /// Returns any number: QAPI's `number`. Integers are accepted and may lose precision above 2⁵³.
    pub fn number(self) -> Result<f64, DecodeError> {
        #[expect(
            clippy::cast_precision_loss,
            reason = "a number member holds doubles; that is its precision"
        )]
        match self.node() {
            Node::Integer(value) => Ok(value as f64),
            Node::Unsigned(value) => Ok(value as f64),
            Node::Number(value) => Ok(value),
            _ => Err(self.wrong_kind("number")),
        }
    }

    /// Returns the error for a value of a kind that is not allowed here: `Invalid parameter type for '<path>', expected:
    /// <expected>`, with one of integer, string, boolean, number, array, object, null, or an alternate's type name.
    #[cold]
    pub fn wrong_kind(self, expected: &'static str) -> DecodeError {
        DecodeError::wrong_kind(expected, self.kind())
    }

    /// Returns the error for a string that is not a value of the enum: `Parameter '<path>' does not accept value '<text>'`.
    #[cold]
    pub fn unknown_value(self, text: &str) -> DecodeError {
        DecodeError::unknown_value(text)
    }
}

/// Iterator over the elements of an array; see [`Value::array`].
#[derive(Debug, Clone)]
pub struct Elements<'t> {
    document: &'t Document,
    next: u32,
    end: u32,
    left: u32,
    policy: Policy,
}

impl<'t> Iterator for Elements<'t> {
    type Item = Value<'t>;

    fn next(&mut self) -> Option<Value<'t>> {
        if self.next >= self.end {
            return None;
        }
        let value = Value::new(self.document, self.next, self.policy);
        self.next = self.document.after(self.next);
        self.left -= 1;
        Some(value)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left as usize, Some(self.left as usize))
    }
}

impl ExactSizeIterator for Elements<'_> {}

impl Document {
    /// Returns the value, read strictly: unknown members are errors. For judging requests.
    pub fn strict(&self) -> Value<'_> {
        Value::new(self, 0, Policy::Strict)
    }

    /// Returns the value, read leniently: unknown members are ignored. For reading replies and events.
    pub fn lenient(&self) -> Value<'_> {
        Value::new(self, 0, Policy::Lenient)
    }
}
