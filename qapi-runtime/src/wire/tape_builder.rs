//! Tokens to tape: the grammar, the count of brackets, and the limits.
//!
//! Tokens are checked at once, but a grammar error is reported when the message is complete, and braces and brackets
//! are counted apart from each other (docs/reference/agent-behaviour.md §3.3): both determine which errors a sender
//! sees.

use super::discard::{Discard, is_complete};
use super::document::{Document, Node};
use super::error::WireError;
use super::limits::Limits;
use super::member_names::{MANY_MEMBERS, Marks, Names, name_hash};
use super::number::{self, Part};
use super::string_text;

/// Returns an index into the text.
pub(super) fn place(index: usize) -> u32 {
    u32::try_from(index).expect("the limit on token bytes fits 32 bits")
}

/// Returns the number of a node.
pub(super) fn node_at(index: usize) -> u32 {
    u32::try_from(index).expect("the limit on tokens fits 32 bits")
}

/// A bracket token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bracket {
    Brace,
    Bracket,
}

/// The next thing the grammar allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// A value.
    Value,
    /// A value or the container's closer: right after its opener.
    First,
    /// A colon.
    Colon,
    /// A comma or the container's closer.
    Separator,
}

/// A container that is being filled.
#[derive(Debug, Clone, Copy)]
pub(super) struct Frame {
    pub(super) node: u32,
    pub(super) length: u32,
    pub(super) bracket: Bracket,
    /// In an object: the value being read stands where a member name should.
    pub(super) at_key: bool,
    /// In an object: the member being read has the name of an earlier one.
    pub(super) duplicate: bool,
    /// In an object: node of the name of the member being read.
    key: u32,
    /// In an object: the names so far.
    marks: Marks,
}

impl Frame {
    pub(super) fn new(node: u32, bracket: Bracket) -> Self {
        Self {
            node,
            length: 0,
            bracket,
            at_key: bracket == Bracket::Brace,
            duplicate: false,
            key: 0,
            marks: Marks::default(),
        }
    }

    /// Begins the member whose name is at node `key`; whether the name may be that of an earlier member.
    #[inline]
    pub(super) fn begin_member(&mut self, key: u32, hash: u32) -> bool {
        self.at_key = false;
        self.key = key;
        self.marks.mark(hash) || self.length + 1 >= MANY_MEMBERS
    }

    /// Returns the object's node, the number of its members before the newest, and the node of the newest's name.
    pub(super) fn newest(&self) -> (u32, u32, u32) {
        (self.node, self.length, self.key)
    }
}

/// An error on its way; boxed, because the results of tokens are passed around a lot and nearly never are errors.
pub(super) type BoxedWireError = Box<WireError>;

/// Result of consuming a token.
#[derive(Debug)]
pub(super) enum TokenResult {
    /// The message goes on.
    More,
    /// The document is complete.
    Document,
    /// The message is complete and invalid.
    Error(BoxedWireError),
    /// A limit was exceeded; the state skips the rest.
    Limit(Box<(WireError, Discard)>),
}

/// Buffers up to this size are kept between messages.
const KEPT_BYTES: usize = 1 << 20;

/// An unfinished message. Buffers are kept from message to message, unless a large message made them large.
#[derive(Debug)]
pub(super) struct TapeBuilder {
    pub(super) limits: Limits,
    /// True if escapes may mean non-characters.
    pub(super) any_character: bool,
    pub(super) nodes: Vec<Node>,
    /// Decoded strings and the bytes between them, and at the end the raw text of the string being lexed.
    pub(super) text: Vec<u8>,
    pub(super) frames: Vec<Frame>,
    pub(super) phase: Phase,
    pub(super) failure: Option<BoxedWireError>,
    pub(super) braces: i64,
    pub(super) brackets: i64,
    pub(super) tokens: usize,
    pub(super) bytes: usize,
    pub(super) names: Names,
}

impl TapeBuilder {
    pub(super) fn new(limits: Limits) -> Self {
        Self {
            limits,
            any_character: false,
            nodes: Vec::new(),
            text: Vec::new(),
            frames: Vec::new(),
            phase: Phase::Value,
            failure: None,
            braces: 0,
            brackets: 0,
            tokens: 0,
            bytes: 0,
            names: Names::default(),
        }
    }

    /// Accepts escapes of non-characters: the text is our own.
    pub(super) fn accept_any_character(&mut self) {
        self.any_character = true;
    }

    /// Forgets the message.
    pub(super) fn reset(&mut self) {
        self.clear_tape();
        self.start_anew();
    }

    /// Is at the start of a message again; the tape is empty.
    fn start_anew(&mut self) {
        self.phase = Phase::Value;
        self.failure = None;
        self.braces = 0;
        self.brackets = 0;
        self.tokens = 0;
        self.bytes = 0;
    }

    pub(super) fn clear_tape(&mut self) {
        self.frames.clear();
        self.names.clear(KEPT_BYTES);
        self.clear_nodes();
    }

    fn clear_nodes(&mut self) {
        self.nodes.clear();
        self.text.clear();
        if self.nodes.capacity() * size_of::<Node>() > KEPT_BYTES {
            self.nodes = Vec::new();
        }
        if self.text.capacity() > KEPT_BYTES {
            self.text = Vec::new();
        }
    }

    /// Returns whether no token of a message has been seen.
    pub(super) fn is_empty(&self) -> bool {
        self.tokens == 0
    }

    /// Hands the complete message over.
    pub(super) fn finish(&mut self) -> Document {
        let nodes = std::mem::take(&mut self.nodes);
        let text = String::from_utf8(std::mem::take(&mut self.text));
        let text = text.expect("each string was checked when its token ended");
        // All containers are closed.
        self.names.clear(KEPT_BYTES);
        self.start_anew();
        Document::from_parts(nodes, text)
    }

    /// Takes back the buffers of the last message; no other has begun.
    pub(super) fn recycle(&mut self, document: &mut Document) {
        let (nodes, text) = document.take_parts();
        self.nodes = nodes;
        self.text = text.into_bytes();
        self.clear_nodes();
    }

    /// Returns the bytes that a token may still have.
    pub(super) fn room(&self) -> usize {
        self.limits.token_bytes.saturating_sub(self.bytes + 1)
    }

    /// Counts a token of `bytes` bytes, unless a limit forbids.
    #[inline]
    fn admit(&mut self, bytes: usize) -> bool {
        let depth = usize::try_from(self.braces + self.brackets).unwrap_or(0);
        if bytes > self.room() || self.tokens >= self.limits.tokens || depth > self.limits.nesting {
            return false;
        }
        self.bytes += bytes;
        self.tokens += 1;
        true
    }

    /// Gives the message up for the limit that a token of `bytes` bytes exceeds.
    #[cold]
    fn refuse(&mut self, bytes: usize) -> TokenResult {
        let error = if bytes > self.room() {
            WireError::TokenSizeLimit
        } else if self.tokens >= self.limits.tokens {
            WireError::TokenCountLimit
        } else {
            WireError::NestingLimit
        };
        self.give_up(error, None, false)
    }

    /// Gives the message up for a limit. `quote` is that of a string whose end has not been seen.
    pub(super) fn give_up(
        &mut self,
        error: WireError,
        quote: Option<u8>,
        escaped: bool,
    ) -> TokenResult {
        let discard = Discard {
            braces: self.braces,
            brackets: self.brackets,
            quote,
            escaped,
            line_start: false,
        };
        self.reset();
        TokenResult::Limit(Box::new((error, discard)))
    }

    /// Judges one token of `bytes` bytes: the limits go before the grammar.
    #[inline]
    fn token(
        &mut self,
        bytes: usize,
        grammar: impl FnOnce(&mut Self) -> Result<(), BoxedWireError>,
    ) -> TokenResult {
        if !self.admit(bytes) {
            return self.refuse(bytes);
        }
        if self.failure.is_none() {
            if let Err(error) = grammar(self) {
                self.failure = Some(error);
                self.clear_tape();
            }
        }
        if is_complete(self.braces, self.brackets) {
            self.complete()
        } else {
            TokenResult::More
        }
    }

    fn complete(&mut self) -> TokenResult {
        match self.failure.take() {
            Some(error) => {
                self.reset();
                TokenResult::Error(error)
            }
            None => TokenResult::Document,
        }
    }

    pub(super) fn open(&mut self, bracket: Bracket) -> TokenResult {
        *self.count(bracket) += 1;
        self.token(1, |this| {
            this.want_value()?;
            let node = this.next_node();
            this.nodes.push(match bracket {
                Bracket::Brace => Node::Object { end: 0, length: 0 },
                Bracket::Bracket => Node::Array { end: 0, length: 0 },
            });
            this.frames.push(Frame::new(node, bracket));
            this.phase = Phase::First;
            Ok(())
        })
    }

    pub(super) fn close(&mut self, bracket: Bracket) -> TokenResult {
        *self.count(bracket) -= 1;
        self.token(1, |this| {
            let fits = this
                .frames
                .last()
                .is_some_and(|frame| frame.bracket == bracket);
            if !(fits && matches!(this.phase, Phase::First | Phase::Separator)) {
                return Err(this.misplaced().into());
            }
            let frame = this.frames.pop().expect("a container is open");
            let (end, length) = (this.next_node(), frame.length);
            this.nodes[frame.node as usize] = match bracket {
                Bracket::Brace => Node::Object { end, length },
                Bracket::Bracket => Node::Array { end, length },
            };
            this.end_value(frame.node)
        })
    }

    pub(super) fn comma(&mut self) -> TokenResult {
        self.token(1, |this| match (this.phase, this.frames.last_mut()) {
            (Phase::Separator, Some(frame)) => {
                frame.at_key = frame.bracket == Bracket::Brace;
                this.phase = Phase::Value;
                Ok(())
            }
            _ => Err(this.misplaced().into()),
        })
    }

    pub(super) fn colon(&mut self) -> TokenResult {
        self.token(1, |this| {
            if this.phase == Phase::Colon {
                this.phase = Phase::Value;
                Ok(())
            } else {
                Err(this.misplaced().into())
            }
        })
    }

    pub(super) fn number(&mut self, token: &[u8], part: Part) -> TokenResult {
        self.token(token.len(), |this| {
            this.want_value()?;
            let node = number::value(token, part)?;
            this.scalar(node)
        })
    }

    pub(super) fn keyword(&mut self, token: &[u8]) -> TokenResult {
        self.token(token.len(), |this| {
            this.want_value()?;
            let node = match token {
                b"null" => Node::Null,
                b"true" => Node::Bool(true),
                b"false" => Node::Bool(false),
                _ => return Err(WireError::InvalidKeyword(string_text::show(token)).into()),
            };
            this.scalar(node)
        })
    }

    /// Adds a string that stands for itself, without its quotes.
    pub(super) fn plain_string(&mut self, text: &[u8]) -> TokenResult {
        self.token(text.len() + 2, |this| {
            this.want_value()?;
            let start = place(this.text.len());
            this.text.extend_from_slice(text);
            this.scalar(Node::String {
                start,
                length: place(text.len()),
                hash: 0,
            })
        })
    }

    /// Adds a string whose raw text, without its quotes, is `self.text[start..]`; `plain` if it stands for itself.
    pub(super) fn string(&mut self, start: usize, quote: u8, plain: bool) -> TokenResult {
        let verdict = self.token(self.text.len() - start + 2, |this| {
            this.want_value()?;
            if !plain {
                string_text::decode(&mut this.text, start, quote, this.any_character)?;
            }
            let (start, length) = (place(start), place(this.text.len() - start));
            this.scalar(Node::String {
                start,
                length,
                hash: 0,
            })
        });
        if self.failure.is_some() {
            self.text.clear();
        }
        verdict
    }

    fn count(&mut self, bracket: Bracket) -> &mut i64 {
        match bracket {
            Bracket::Brace => &mut self.braces,
            Bracket::Bracket => &mut self.brackets,
        }
    }

    pub(super) fn next_node(&self) -> u32 {
        node_at(self.nodes.len())
    }

    fn want_value(&self) -> Result<(), BoxedWireError> {
        match self.phase {
            Phase::Value | Phase::First => Ok(()),
            Phase::Colon | Phase::Separator => Err(self.misplaced().into()),
        }
    }

    /// Returns the error for a token that is not allowed here.
    #[cold]
    fn misplaced(&self) -> WireError {
        match (self.phase, self.frames.last().map(|frame| frame.bracket)) {
            (Phase::Colon, _) => WireError::MissingColon,
            (Phase::Separator, Some(Bracket::Bracket)) => WireError::ExpectingSeparatorInArray,
            (Phase::Separator, _) => WireError::ExpectingSeparatorInObject,
            (Phase::Value | Phase::First, _) => WireError::ExpectingValue,
        }
    }

    #[inline]
    fn scalar(&mut self, node: Node) -> Result<(), BoxedWireError> {
        let index = self.next_node();
        self.nodes.push(node);
        self.end_value(index)
    }

    /// Fits the complete value at `node` into its container.
    fn end_value(&mut self, node: u32) -> Result<(), BoxedWireError> {
        let Some(frame) = self.frames.last_mut() else {
            return Ok(());
        };
        if !frame.at_key {
            frame.length += 1;
            self.phase = Phase::Separator;
            return if frame.duplicate {
                Err(WireError::DuplicateKey.into())
            } else {
                Ok(())
            };
        }
        let Node::String { start, length, .. } = self.nodes[node as usize] else {
            return Err(WireError::KeyNotString.into());
        };
        let hash = name_hash(&self.text[start as usize..][..length as usize]);
        self.nodes[node as usize] = Node::String {
            start,
            length,
            hash,
        };
        if frame.begin_member(node, hash) {
            let place = frame.newest();
            frame.duplicate = self.names.is_repeated(&self.nodes, &self.text, place);
        }
        self.phase = Phase::Colon;
        Ok(())
    }

    /// Bytes that the buffers take when `more` bytes have been read, with those that are given back meanwhile.
    pub(super) fn held_after(&self, more: usize) -> usize {
        fn vector<T>(vector: &Vec<T>, more: usize) -> usize {
            let (needed, room) = (vector.len() + more, vector.capacity());
            let items = if needed <= room {
                room
            } else {
                // The old buffer is copied to one that is at least twice as large.
                room + needed.max(room * 2)
            };
            items * size_of::<T>()
        }
        // A member takes four bytes at least. Frames are few.
        vector(&self.nodes, more)
            + vector(&self.text, more)
            + vector(&self.frames, 0)
            + self.names.held_after(more / 4)
    }

    /// Gives all buffers back; no message has begun.
    pub(super) fn give_back(&mut self) {
        self.nodes = Vec::new();
        self.text = Vec::new();
        self.frames = Vec::new();
        self.names.clear(0);
    }

    /// Bytes held for the tape.
    #[cfg(test)]
    pub(super) fn capacity(&self) -> usize {
        self.text.capacity() + self.nodes.capacity() * size_of::<Node>()
    }
}
