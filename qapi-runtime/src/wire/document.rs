//! The tape: a parsed JSON value as one flat vector of nodes and one text.

/// One node of the tape.
///
/// Nodes lie in document order. An object's members follow it as pairs of a string node (the name) and a value;
/// `end` is the index after the last descendant, so the next sibling is found in one step.
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
/// Built by [`Lexer`](super::Lexer) or by [`Document::parse`]; read through [`Value`](crate::Value). Names are unique in each object, numbers are
/// finite, and nesting is bounded by the limits of the lexer that built it.
#[derive(Clone)]
pub struct Document {
    nodes: Vec<Node>,
    /// Strings, and the bytes between them.
    text: String,
}

/// The document after the members of an absent object.
static EMPTY: Document = Document {
    nodes: Vec::new(),
    text: String::new(),
};

impl Document {
    pub(crate) fn empty() -> &'static Self {
        &EMPTY
    }

    /// Returns the document `{}`.
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

    /// Bytes that its buffers take.
    pub(crate) fn held(&self) -> usize {
        self.nodes.capacity() * size_of::<Node>() + self.text.capacity()
    }

    /// Takes the buffers out for reuse.
    pub(crate) fn take_parts(&mut self) -> (Vec<Node>, String) {
        (
            std::mem::take(&mut self.nodes),
            std::mem::take(&mut self.text),
        )
    }

    /// Returns whether there is no value: the document has been taken, or never was.
    pub(crate) fn is_vacant(&self) -> bool {
        self.nodes.is_empty()
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

    #[inline]
    pub(crate) fn text(&self, start: u32, length: u32) -> &str {
        let start = start as usize;
        &self.text[start..start + length as usize]
    }

    /// Returns the text of a name or string node; empty for any other.
    pub(crate) fn string(&self, index: u32) -> &str {
        match self.node(index) {
            Node::String { start, length, .. } => self.text(start, length),
            _ => "",
        }
    }

    /// Returns the hash of the name at a node.
    #[inline]
    pub(crate) fn hash(&self, index: u32) -> u32 {
        match self.node(index) {
            Node::String { hash, .. } => hash,
            _ => 0,
        }
    }

    /// Returns whether the name node at `index` is `name`, whose hash tells it from most others.
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

    /// Index of the node after the value at `index`.
    #[inline]
    pub(crate) fn after(&self, index: u32) -> u32 {
        after(&self.nodes, index)
    }
}

/// Values are equal if they have the same members in the same order, whatever their text.
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

/// Index of the node after the value at `index` of a tape.
#[inline]
pub(crate) fn after(nodes: &[Node], index: u32) -> u32 {
    match nodes[index as usize] {
        Node::Array { end, .. } | Node::Object { end, .. } => end,
        _ => index + 1,
    }
}
