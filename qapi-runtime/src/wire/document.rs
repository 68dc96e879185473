//! The tape: a parsed JSON value as one flat vector of nodes and one text.

use std::fmt;

use super::{Event, Lexer, Limits, WireError};
use crate::read::{Policy, Value};
use crate::write::Writer;

/// One node of the tape.
///
/// Nodes lie in document order. An object's members follow it as pairs of a string node (the name) and a value;
/// `end` is the index behind the last descendant, so the next sibling is found in one step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Node {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// An integer in the range of `i64`.
    Integer(i64),
    /// An integer above `i64::MAX`.
    Unsigned(u64),
    /// Any other number; always finite.
    Number(f64),
    /// A range of the document's text; for the name of a member with its [`name_hash`](super::name_hash), otherwise 0.
    String { start: u32, length: u32, hash: u32 },
    /// `length` elements, up to node `end`.
    Array { end: u32, length: u32 },
    /// `length` members, up to node `end`.
    Object { end: u32, length: u32 },
}

/// One complete JSON value as received, owned and free of references to the input.
///
/// Built by [`Lexer`] or by [`Document::parse`]; read through [`Value`]. Names are unique in each object, numbers are
/// finite, and nesting is bounded by the limits of the lexer that built it.
#[derive(Clone)]
pub struct Document {
    nodes: Vec<Node>,
    /// Strings, and what lay between them.
    text: String,
}

/// What members of an absent object are read from.
static EMPTY: Document = Document {
    nodes: Vec::new(),
    text: String::new(),
};

impl Document {
    /// Parses a text that holds exactly one value, white space around it allowed, under the default limits.
    ///
    /// # Errors
    /// Whatever a [`Lexer`] reports, [`WireError::PrematureEnd`] for an unfinished value and
    /// [`WireError::TrailingData`] for anything behind it.
    pub fn parse(text: &[u8]) -> Result<Self, WireError> {
        Self::read(Lexer::new(Limits::default()), text)
    }

    /// Parses again what a [`Writer`] wrote.
    pub(crate) fn reread(text: &[u8]) -> Result<Self, WireError> {
        Self::read(Lexer::for_own_text(), text)
    }

    fn read(mut lexer: Lexer, text: &[u8]) -> Result<Self, WireError> {
        let mut input = text;
        let mut flush = b"\n".as_slice();
        let document = loop {
            let source = if input.is_empty() {
                &mut flush
            } else {
                &mut input
            };
            match lexer.feed(source) {
                Some(Event::Document(document)) => break document.clone(),
                Some(Event::Error(error)) => return Err(error),
                Some(Event::Sentinel) => return Err(WireError::Stray("\u{FFFD}".into())),
                None if flush.is_empty() => return Err(WireError::PrematureEnd),
                None => {}
            }
        };
        if input
            .iter()
            .all(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n'))
        {
            Ok(document)
        } else {
            Err(WireError::TrailingData)
        }
    }

    /// The value, read strictly: unknown members are errors. For judging requests.
    pub fn strict(&self) -> Value<'_> {
        Value::new(self, 0, Policy::Strict)
    }

    /// The value, read leniently: unknown members are ignored. For reading replies and events.
    pub fn lenient(&self) -> Value<'_> {
        Value::new(self, 0, Policy::Lenient)
    }

    pub(crate) fn empty() -> &'static Self {
        &EMPTY
    }

    /// The document `{}`.
    pub(crate) fn empty_object() -> Self {
        Self {
            nodes: vec![Node::Object { end: 1, length: 0 }],
            text: String::new(),
        }
    }

    pub(crate) fn from_parts(nodes: Vec<Node>, text: String) -> Self {
        Self { nodes, text }
    }

    /// Bytes that the document takes.
    pub(crate) fn size(&self) -> usize {
        self.nodes.len() * size_of::<Node>() + self.text.len()
    }

    /// Takes the buffers out for reuse.
    pub(crate) fn take_parts(&mut self) -> (Vec<Node>, String) {
        (
            std::mem::take(&mut self.nodes),
            std::mem::take(&mut self.text),
        )
    }

    pub(crate) const fn vacant() -> Self {
        Self {
            nodes: Vec::new(),
            text: String::new(),
        }
    }

    #[inline]
    pub(crate) fn node(&self, index: u32) -> Node {
        self.nodes[index as usize]
    }

    pub(crate) fn text(&self, start: u32, length: u32) -> &str {
        &self.text[start as usize..][..length as usize]
    }

    /// The text of a name or string node; empty for any other.
    pub(crate) fn string(&self, index: u32) -> &str {
        match self.node(index) {
            Node::String { start, length, .. } => self.text(start, length),
            _ => "",
        }
    }

    /// The hash of the name at a node.
    #[inline]
    pub(crate) fn hash(&self, index: u32) -> u32 {
        match self.node(index) {
            Node::String { hash, .. } => hash,
            _ => 0,
        }
    }

    /// Whether the name node at `index` is `name`, whose hash tells it from most others.
    #[inline]
    pub(crate) fn is_name(&self, index: u32, name: &str, name_hash: u32) -> bool {
        match self.node(index) {
            Node::String {
                start,
                length,
                hash,
            } => {
                hash == name_hash
                    && length as usize == name.len()
                    && self.text.as_bytes()[start as usize..].starts_with(name.as_bytes())
            }
            _ => false,
        }
    }

    /// Index of the node behind the value at `index`.
    #[inline]
    pub(crate) fn after(&self, index: u32) -> u32 {
        after(&self.nodes, index)
    }
}

/// Whether the values are the same, with members in the same order; how they were written does not matter.
impl PartialEq for Document {
    fn eq(&self, other: &Self) -> bool {
        let same = |(one, two): (&Node, &Node)| match (*one, *two) {
            (
                Node::String {
                    start: one,
                    length: one_length,
                    ..
                },
                Node::String {
                    start: two,
                    length: two_length,
                    ..
                },
            ) => self.text(one, one_length) == other.text(two, two_length),
            (one, two) => one == two,
        };
        self.nodes.len() == other.nodes.len() && self.nodes.iter().zip(&other.nodes).all(same)
    }
}

/// Index of the node behind the value at `index` of a tape.
#[inline]
pub(crate) fn after(nodes: &[Node], index: u32) -> u32 {
    match nodes[index as usize] {
        Node::Array { end, .. } | Node::Object { end, .. } => end,
        _ => index + 1,
    }
}

/// The value in its wire form.
impl fmt::Debug for Document {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.nodes.is_empty() {
            return formatter.write_str("(no value)");
        }
        let mut writer = Writer::new();
        writer.value(&self.lenient());
        formatter.write_str(&writer.into_string())
    }
}
