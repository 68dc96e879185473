//! Tokens to tape: the grammar, the count of brackets, and the limits.
//!
//! Tokens are judged as they come, but a grammar error waits until the message is complete, and braces and brackets
//! are counted apart from each other (agent-behaviour.md §3.3): both decide which errors a sender sees.

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};

use super::discard::Discard;
use super::document::{Document, Node, after};
use super::error::WireError;
use super::lexer::Limits;
use super::number::{self, Part};
use super::text;

/// A message is complete when nothing is open, or when more was closed than opened.
pub(super) fn is_complete(braces: i64, brackets: i64) -> bool {
    (braces <= 0 && brackets <= 0) || braces < 0 || brackets < 0
}

/// An index into the text.
fn place(index: usize) -> u32 {
    u32::try_from(index).expect("the limit on token bytes fits 32 bits")
}

/// A bracket token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bracket {
    Brace,
    Bracket,
}

/// What the grammar allows next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// A value.
    Value,
    /// A value or the container's closer: right behind its opener.
    First,
    /// A colon.
    Colon,
    /// A comma or the container's closer.
    Separator,
}

/// A container that is being filled.
#[derive(Debug, Clone, Copy)]
struct Frame {
    node: u32,
    length: u32,
    bracket: Bracket,
    /// In an object: the value being read stands where a member name should.
    at_key: bool,
    /// In an object: node of the name of the member being read.
    key: u32,
    /// In an object: fingerprints of the names so far. A name whose fingerprint is not among them is new.
    names: u64,
}

/// An error on its way; boxed, because the results of tokens are passed around a lot and nearly never are errors.
type Failure = Box<WireError>;

/// What became of a token.
#[derive(Debug)]
pub(super) enum Verdict {
    /// The message goes on.
    More,
    /// The document is complete.
    Document,
    /// The message is complete, and wrong.
    Error(Failure),
    /// A limit was exceeded; this is to be skipped.
    Limit(Box<(WireError, Discard)>),
}

/// From this number of members on, names are found by hash instead of by comparing them all.
const MANY_MEMBERS: u32 = 12;

/// Buffers up to this size are kept between messages.
const KEPT_BYTES: usize = 1 << 20;

/// One message in the making. Buffers are kept from message to message, unless a large one made them large.
#[derive(Debug)]
pub(super) struct Assembly {
    limits: Limits,
    /// Whether escapes may mean non-characters.
    any_character: bool,
    nodes: Vec<Node>,
    /// Decoded strings, and at the end the raw text of the string being lexed.
    pub(super) text: Vec<u8>,
    frames: Vec<Frame>,
    phase: Phase,
    failure: Option<Failure>,
    braces: i64,
    brackets: i64,
    tokens: usize,
    bytes: usize,
    /// Names of objects with many members, as object and keyed hash.
    names: HashSet<(u32, u64)>,
    hasher: RandomState,
}

impl Assembly {
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
            names: HashSet::new(),
            hasher: RandomState::new(),
        }
    }

    /// Accepts escapes of non-characters: the text is our own.
    #[cfg(feature = "serde")]
    pub(super) fn accept_any_character(&mut self) {
        self.any_character = true;
    }

    /// Forgets the message.
    pub(super) fn reset(&mut self) {
        self.clear_tape();
        self.phase = Phase::Value;
        self.failure = None;
        self.braces = 0;
        self.brackets = 0;
        self.tokens = 0;
        self.bytes = 0;
    }

    fn clear_tape(&mut self) {
        self.nodes.clear();
        self.text.clear();
        self.frames.clear();
        self.names.clear();
        if self.nodes.capacity() * size_of::<Node>() > KEPT_BYTES {
            self.nodes = Vec::new();
        }
        if self.text.capacity() > KEPT_BYTES {
            self.text = Vec::new();
        }
        if self.names.capacity() * size_of::<(u32, u64)>() > KEPT_BYTES {
            self.names = HashSet::new();
        }
    }

    /// Whether no token of a message has been seen.
    pub(super) fn is_empty(&self) -> bool {
        self.tokens == 0
    }

    /// Hands the complete message over.
    pub(super) fn finish(&mut self) -> Document {
        let nodes = std::mem::take(&mut self.nodes);
        let text = String::from_utf8(std::mem::take(&mut self.text));
        let text = text.expect("each string was checked when its token ended");
        self.reset();
        Document::from_parts(nodes, text)
    }

    /// Takes back the buffers of the last message; no other has begun.
    pub(super) fn recycle(&mut self, document: &mut Document) {
        let (nodes, text) = document.take_parts();
        self.nodes = nodes;
        self.text = text.into_bytes();
        self.clear_tape();
    }

    /// How many bytes a token may still have.
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
    fn refuse(&mut self, bytes: usize) -> Verdict {
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
    ) -> Verdict {
        let discard = Discard {
            braces: self.braces,
            brackets: self.brackets,
            quote,
            escaped,
            line_start: false,
        };
        self.reset();
        Verdict::Limit(Box::new((error, discard)))
    }

    /// Judges one token of `bytes` bytes: the limits go before the grammar.
    #[inline]
    fn token(
        &mut self,
        bytes: usize,
        grammar: impl FnOnce(&mut Self) -> Result<(), Failure>,
    ) -> Verdict {
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
            Verdict::More
        }
    }

    fn complete(&mut self) -> Verdict {
        match self.failure.take() {
            Some(error) => {
                self.reset();
                Verdict::Error(error)
            }
            None => Verdict::Document,
        }
    }

    pub(super) fn open(&mut self, bracket: Bracket) -> Verdict {
        *self.count(bracket) += 1;
        self.token(1, |this| {
            this.want_value()?;
            let node = this.next_node();
            this.nodes.push(match bracket {
                Bracket::Brace => Node::Object { end: 0, length: 0 },
                Bracket::Bracket => Node::Array { end: 0, length: 0 },
            });
            this.frames.push(Frame {
                node,
                length: 0,
                bracket,
                at_key: bracket == Bracket::Brace,
                key: 0,
                names: 0,
            });
            this.phase = Phase::First;
            Ok(())
        })
    }

    pub(super) fn close(&mut self, bracket: Bracket) -> Verdict {
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

    pub(super) fn comma(&mut self) -> Verdict {
        self.token(1, |this| match (this.phase, this.frames.last_mut()) {
            (Phase::Separator, Some(frame)) => {
                frame.at_key = frame.bracket == Bracket::Brace;
                this.phase = Phase::Value;
                Ok(())
            }
            _ => Err(this.misplaced().into()),
        })
    }

    pub(super) fn colon(&mut self) -> Verdict {
        self.token(1, |this| {
            if this.phase == Phase::Colon {
                this.phase = Phase::Value;
                Ok(())
            } else {
                Err(this.misplaced().into())
            }
        })
    }

    pub(super) fn number(&mut self, token: &[u8], part: Part) -> Verdict {
        self.token(token.len(), |this| {
            this.want_value()?;
            let node = number::value(token, part)?;
            this.scalar(node)
        })
    }

    pub(super) fn keyword(&mut self, token: &[u8]) -> Verdict {
        self.token(token.len(), |this| {
            this.want_value()?;
            let node = match token {
                b"null" => Node::Null,
                b"true" => Node::Bool(true),
                b"false" => Node::Bool(false),
                _ => return Err(WireError::InvalidKeyword(text::show(token)).into()),
            };
            this.scalar(node)
        })
    }

    /// A string that stands for itself, without its quotes.
    pub(super) fn plain_string(&mut self, text: &[u8]) -> Verdict {
        self.token(text.len() + 2, |this| {
            this.want_value()?;
            let start = place(this.text.len());
            this.text.extend_from_slice(text);
            this.scalar(Node::String {
                start,
                length: place(text.len()),
            })
        })
    }

    /// A string whose raw text, without its quotes, is `self.text[start..]`; `plain` if it stands for itself.
    pub(super) fn string(&mut self, start: usize, quote: u8, plain: bool) -> Verdict {
        let verdict = self.token(self.text.len() - start + 2, |this| {
            this.want_value()?;
            if !plain {
                text::decode(&mut this.text, start, quote, this.any_character)?;
            }
            let place =
                |index: usize| u32::try_from(index).expect("the limit on token bytes fits 32 bits");
            let (start, length) = (place(start), place(this.text.len() - start));
            this.scalar(Node::String { start, length })
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

    fn next_node(&self) -> u32 {
        u32::try_from(self.nodes.len()).expect("the limit on tokens fits 32 bits")
    }

    fn want_value(&self) -> Result<(), Failure> {
        match self.phase {
            Phase::Value | Phase::First => Ok(()),
            Phase::Colon | Phase::Separator => Err(self.misplaced().into()),
        }
    }

    /// The error for a token that is not allowed here.
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
    fn scalar(&mut self, node: Node) -> Result<(), Failure> {
        let index = self.next_node();
        self.nodes.push(node);
        self.end_value(index)
    }

    /// Fits the complete value at `node` into its container.
    fn end_value(&mut self, node: u32) -> Result<(), Failure> {
        let Some(frame) = self.frames.last_mut() else {
            return Ok(());
        };
        if frame.at_key {
            if !matches!(self.nodes[node as usize], Node::String { .. }) {
                return Err(WireError::KeyNotString.into());
            }
            frame.at_key = false;
            frame.key = node;
            self.phase = Phase::Colon;
            return Ok(());
        }
        frame.length += 1;
        self.phase = Phase::Separator;
        if frame.bracket == Bracket::Bracket {
            return Ok(());
        }
        let fingerprint = fingerprint(name(&self.nodes, &self.text, frame.key));
        let known = frame.names & fingerprint != 0;
        frame.names |= fingerprint;
        if known || frame.length >= MANY_MEMBERS {
            let frame = *frame;
            self.check_duplicate(frame)?;
        }
        Ok(())
    }

    /// Checks that no earlier member of an object has the name of the newest.
    fn check_duplicate(&mut self, object: Frame) -> Result<(), Failure> {
        if object.length >= MANY_MEMBERS {
            let hash =
                |this: &Self, key: u32| this.hasher.hash_one(name(&this.nodes, &this.text, key));
            if object.length == MANY_MEMBERS {
                let mut key = object.node + 1;
                while key < object.key {
                    self.names.insert((object.node, hash(self, key)));
                    key = after(&self.nodes, key + 1);
                }
            }
            if self.names.insert((object.node, hash(self, object.key))) {
                return Ok(());
            }
        }
        // Names that look the same so far need not be the same.
        if self.compare_names(object) {
            Err(WireError::DuplicateKey.into())
        } else {
            Ok(())
        }
    }

    fn compare_names(&self, object: Frame) -> bool {
        let newest = name(&self.nodes, &self.text, object.key);
        let mut key = object.node + 1;
        while key < object.key {
            if name(&self.nodes, &self.text, key) == newest {
                return true;
            }
            key = after(&self.nodes, key + 1);
        }
        false
    }

    /// Bytes held for the tape.
    #[cfg(test)]
    pub(super) fn capacity(&self) -> usize {
        self.text.capacity() + self.nodes.capacity() * size_of::<Node>()
    }
}

/// The member name at node `key`.
fn name<'t>(nodes: &[Node], text: &'t [u8], key: u32) -> &'t [u8] {
    match nodes[key as usize] {
        Node::String { start, length } => &text[start as usize..][..length as usize],
        _ => &[],
    }
}

/// One bit of 64; names of one object seldom share it.
fn fingerprint(name: &[u8]) -> u64 {
    let (first, last) = (
        name.first().copied().unwrap_or(0),
        name.last().copied().unwrap_or(0),
    );
    let mixed = name.len().wrapping_mul(31)
        ^ usize::from(first).wrapping_mul(7)
        ^ usize::from(last).wrapping_mul(13);
    1 << (mixed % 64)
}
