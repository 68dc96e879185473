//! The fast path for most of a message: complete, regular tokens, in one loop.
//!
//! The general path accepts everything that this loop accepts, with the same result. Special cases are left to it:
//! errors, limits, bytes that are not ASCII, tokens in two pieces, white space other than a blank after a comma or a
//! colon, and the first token of a message if it is not a brace.

use super::document::Node;
use super::error::WireError;
use super::member_names::name_hash;
use super::string_text::{self, plain_run};
use super::tape_builder::{Bracket, Frame, Phase, TapeBuilder, node_at, place};

/// One run of the fast path over the input.
struct FastPath<'a> {
    builder: &'a mut TapeBuilder,
    input: &'a [u8],
    /// The next byte to process.
    at: usize,
    /// The number of bytes of the input that have been appended to the builder's text. All bytes that are passed will
    /// be, except escapes, of which only the meaning is appended.
    copied: usize,
    tokens: usize,
    /// Bytes outside of tokens.
    blanks: usize,
    /// The innermost container.
    frame: Frame,
    phase: Phase,
    /// The outermost container is closed.
    is_complete: bool,
}

impl TapeBuilder {
    /// Takes regular tokens from the front of `input`; how many bytes that were, and whether they end the message. None if no
    /// container is open, unless an object begins here: nearly all messages are objects.
    pub(super) fn run(&mut self, input: &[u8]) -> (usize, bool) {
        if self.failure.is_some() {
            return (0, false);
        }
        let begun = self.frames.pop();
        let (frame, opener) = match begun.or_else(|| self.begin(input)) {
            Some(frame) => (frame, usize::from(begun.is_none())),
            None => return (0, false),
        };
        // Within this many bytes no limit on tokens or bytes can be exceeded.
        let tokens = self.limits.tokens.saturating_sub(self.tokens);
        let safe = input.len().min(self.room()).min(tokens);
        let run = FastPath {
            input: &input[..safe],
            at: opener,
            copied: 0,
            tokens: opener,
            blanks: 0,
            frame,
            phase: self.phase,
            is_complete: false,
            builder: self,
        };
        run.go()
    }

    /// Begins a message with the brace that opens it, which is to be counted by the caller.
    #[inline]
    fn begin(&mut self, input: &[u8]) -> Option<Frame> {
        let is_first = self.is_empty() && self.limits.nesting > 0 && self.room() > 0;
        let (true, [b'{', _, ..], 1..) = (is_first, input, self.limits.tokens) else {
            return None;
        };
        self.nodes.push(Node::Object { end: 0, length: 0 });
        self.braces = 1;
        self.phase = Phase::First;
        Some(Frame::new(0, Bracket::Brace))
    }
}

impl FastPath<'_> {
    fn go(mut self) -> (usize, bool) {
        while let Some(&byte) = self.input.get(self.at) {
            let regular = match self.phase {
                Phase::Value | Phase::First if self.frame.at_key && byte == b'"' => self.members(),
                Phase::Value | Phase::First => self.value(byte),
                Phase::Separator => self.separator(byte),
                Phase::Colon => self.colon(byte),
            };
            if !regular {
                break;
            }
        }
        self.copy(self.at);
        let Self {
            builder,
            at,
            tokens,
            blanks,
            frame,
            phase,
            is_complete,
            ..
        } = self;
        if is_complete {
            return (at, true);
        }
        builder.frames.push(frame);
        builder.phase = phase;
        builder.tokens += tokens;
        builder.bytes += at - blanks;
        if frame.duplicate && phase == Phase::Separator {
            builder.failure = Some(WireError::DuplicateKey.into());
            builder.clear_tape();
        }
        (at, false)
    }

    /// Returns the difference between an index of the text and one of the input.
    #[inline]
    fn offset(&self) -> usize {
        self.builder.text.len().wrapping_sub(self.copied)
    }

    /// Moves past a token.
    #[inline]
    fn pass(&mut self, length: usize) {
        self.at += length;
        self.tokens += 1;
    }

    #[inline]
    fn skip_blank(&mut self) {
        let blank = usize::from(self.input.get(self.at) == Some(&b' '));
        self.at += blank;
        self.blanks += blank;
    }

    /// Takes members, the first of which is at `at`, up to where something else than names without escapes and values
    /// without parts comes. All state is in local variables, because most of the time is spent here.
    fn members(&mut self) -> bool {
        let input = self.input;
        let end = self.offset().wrapping_add(input.len());
        let nodes = &mut self.builder.nodes;
        let mut rest = &input[self.at..];
        let (mut tokens, mut blanks) = (0, 0);
        let mut repeated = false;
        let phase = loop {
            let Some((name, behind)) = plain_string(rest) else {
                break Phase::Value;
            };
            let key = node_at(nodes.len());
            let hash = name_hash(name);
            nodes.push(Node::String {
                start: place(end.wrapping_sub(rest.len() - 1)),
                length: place(name.len()),
                hash,
            });
            tokens += 1;
            rest = behind;
            repeated = self.frame.begin_member(key, hash);
            let [b':', behind @ ..] = rest else {
                break Phase::Colon;
            };
            if repeated {
                break Phase::Colon;
            }
            tokens += 1;
            rest = skip_blank(behind, &mut blanks);
            let Some(behind) = push_scalar(nodes, rest, end) else {
                break Phase::Value;
            };
            tokens += 1;
            rest = behind;
            self.frame.length += 1;
            let [b',', behind @ ..] = rest else {
                break Phase::Separator;
            };
            tokens += 1;
            rest = skip_blank(behind, &mut blanks);
            self.frame.at_key = true;
        };
        if tokens == 0 {
            return self.name();
        }
        self.at = input.len() - rest.len();
        self.tokens += tokens;
        self.blanks += blanks;
        self.phase = phase;
        if repeated {
            self.look_for_name();
        } else if phase == Phase::Separator && rest.first() == Some(&b'}') {
            return self.close(Bracket::Brace);
        }
        true
    }

    /// Takes the string at `at`: its place in the text and its length there. None if it is left where it is.
    fn string(&mut self) -> Option<(u32, u32)> {
        let start = self.at + 1;
        let length = plain_run(self.input.get(start..)?, b'"');
        match self.input.get(start + length)? {
            b'"' => {
                let string = (place(self.offset().wrapping_add(start)), place(length));
                self.pass(length + 2);
                Some(string)
            }
            b'\\' => self.escaped_string(start, length),
            _ => None,
        }
    }

    /// Takes a string whose first backslash is `plain` bytes after `start`.
    fn escaped_string(&mut self, start: usize, plain: usize) -> Option<(u32, u32)> {
        self.copy(self.at);
        let begin = self.builder.text.len();
        let end = self.unescape(start, plain);
        let text = &mut self.builder.text;
        let Some(end) = end else {
            text.truncate(begin);
            return None;
        };
        let length = text.len() - begin;
        self.copied = end;
        self.pass(end + 1 - self.at);
        Some((place(begin), place(length)))
    }

    /// Appends what a string means to the text; the place of the closing quote, if there is one and all before it is
    /// in order.
    fn unescape(&mut self, start: usize, plain: usize) -> Option<usize> {
        let text = &mut self.builder.text;
        let mut rest = self.input.get(start..)?;
        let mut plain = plain;
        loop {
            text.extend_from_slice(&rest[..plain]);
            rest = match &rest[plain..] {
                [b'"', behind @ ..] => return Some(self.input.len() - behind.len() - 1),
                [b'\\', escaped @ (b'"' | b'\\'), behind @ ..] => {
                    text.push(*escaped);
                    behind
                }
                escape @ [b'\\', ..] => {
                    let any = self.builder.any_character;
                    &escape[string_text::unescape_to(text, escape, b'"', any)?..]
                }
                // The general path handles bytes that are not ASCII.
                _ => return None,
            };
            plain = plain_start(rest)?;
        }
    }

    /// Reads a member's name that needs care.
    fn name(&mut self) -> bool {
        let Some((start, length)) = self.string() else {
            return false;
        };
        self.copy(self.at);
        let hash = name_hash(&self.builder.text[start as usize..][..length as usize]);
        let key = self.builder.next_node();
        self.builder.nodes.push(Node::String {
            start,
            length,
            hash,
        });
        self.phase = Phase::Colon;
        if self.frame.begin_member(key, hash) {
            self.look_for_name();
        }
        true
    }

    #[inline]
    fn colon(&mut self, byte: u8) -> bool {
        if byte != b':' {
            return false;
        }
        self.pass(1);
        self.skip_blank();
        self.phase = Phase::Value;
        true
    }

    #[cold]
    fn look_for_name(&mut self) {
        self.copy(self.at);
        let TapeBuilder {
            names, nodes, text, ..
        } = &mut *self.builder;
        self.frame.duplicate = names.is_repeated(nodes, text, self.frame.newest());
    }

    /// Appends what has been passed to the text, up to `end`.
    fn copy(&mut self, end: usize) {
        let passed = &self.input[self.copied..end];
        self.builder.text.extend_from_slice(passed);
        self.copied = end;
    }

    #[inline]
    fn value(&mut self, byte: u8) -> bool {
        if self.frame.at_key {
            return byte == b'}' && self.phase == Phase::First && self.close(Bracket::Brace);
        }
        match byte {
            b'{' => self.open(Bracket::Brace),
            b'[' => self.open(Bracket::Bracket),
            b']' if self.phase == Phase::First => self.close(Bracket::Bracket),
            _ if self.scalar() => self.end_value(),
            b'"' => match self.string() {
                Some((start, length)) => {
                    self.builder.nodes.push(Node::String {
                        start,
                        length,
                        hash: 0,
                    });
                    self.end_value()
                }
                None => false,
            },
            _ => false,
        }
    }

    /// Takes a value without parts, if it is regular.
    #[inline]
    fn scalar(&mut self) -> bool {
        let rest = &self.input[self.at..];
        let end = self.offset().wrapping_add(self.input.len());
        let Some(behind) = push_scalar(&mut self.builder.nodes, rest, end) else {
            return false;
        };
        self.pass(rest.len() - behind.len());
        true
    }

    /// Ends a value. Returns true to go on.
    #[inline]
    fn end_value(&mut self) -> bool {
        self.frame.length += 1;
        self.phase = Phase::Separator;
        !self.frame.duplicate
    }

    #[inline]
    fn separator(&mut self, byte: u8) -> bool {
        match byte {
            b',' => {
                self.pass(1);
                self.skip_blank();
                // Nothing is written where it is so already: what opens next may copy the frame as a whole.
                if self.frame.bracket == Bracket::Brace {
                    self.frame.at_key = true;
                }
                self.phase = Phase::Value;
                match (self.frame.bracket, self.input.get(self.at)) {
                    // Lists of objects are the most common ones.
                    (Bracket::Bracket, Some(b'{')) => self.open(Bracket::Brace),
                    _ => true,
                }
            }
            b'}' => self.close(Bracket::Brace),
            b']' => self.close(Bracket::Bracket),
            _ => false,
        }
    }

    fn open(&mut self, bracket: Bracket) -> bool {
        let depth = self.builder.braces + self.builder.brackets;
        if usize::try_from(depth).map_or(true, |depth| depth >= self.builder.limits.nesting) {
            return false;
        }
        let node = self.builder.next_node();
        let placeholder = match bracket {
            Bracket::Brace => Node::Object { end: 0, length: 0 },
            Bracket::Bracket => Node::Array { end: 0, length: 0 },
        };
        self.builder.nodes.push(placeholder);
        self.builder.frames.push(self.frame);
        self.frame = Frame::new(node, bracket);
        self.phase = Phase::First;
        match bracket {
            Bracket::Brace => self.builder.braces += 1,
            Bracket::Bracket => self.builder.brackets += 1,
        }
        self.pass(1);
        match (bracket, self.input.get(self.at)) {
            (Bracket::Brace, Some(b'"')) => self.members(),
            _ => true,
        }
    }

    /// Takes a closer; whether to go on.
    fn close(&mut self, bracket: Bracket) -> bool {
        if self.frame.bracket != bracket {
            return false;
        }
        // A container is not a member's name.
        if self.builder.frames.last().is_some_and(|outer| outer.at_key) {
            return false;
        }
        let (end, length) = (self.builder.next_node(), self.frame.length);
        self.builder.nodes[self.frame.node as usize] = match bracket {
            Bracket::Brace => Node::Object { end, length },
            Bracket::Bracket => Node::Array { end, length },
        };
        match bracket {
            Bracket::Brace => self.builder.braces -= 1,
            Bracket::Bracket => self.builder.brackets -= 1,
        }
        self.pass(1);
        let Some(outer) = self.builder.frames.pop() else {
            self.is_complete = true;
            return false;
        };
        self.frame = outer;
        self.end_value()
    }
}

/// Skips one leading blank, counting it.
#[inline]
fn skip_blank<'i>(input: &'i [u8], blanks: &mut usize) -> &'i [u8] {
    match input {
        [b' ', behind @ ..] => {
            *blanks += 1;
            behind
        }
        _ => input,
    }
}

/// Appends the value without parts at the front, if it is regular and its end is in sight; what is after it. `end` is
/// where the end of the input will be in the text.
///
/// Each node is built in its final place: written in parts and then read as a whole, it would stall.
#[expect(
    clippy::inline_always,
    reason = "most members are scalars, and the call takes as long as a short one"
)]
#[inline(always)]
fn push_scalar<'i>(nodes: &mut Vec<Node>, input: &'i [u8], end: usize) -> Option<&'i [u8]> {
    match *input.first()? {
        b'"' => {
            let (text, behind) = plain_string(input)?;
            nodes.push(Node::String {
                start: place(end.wrapping_sub(input.len() - 1)),
                length: place(text.len()),
                hash: 0,
            });
            Some(behind)
        }
        b'-' | b'0'..=b'9' => {
            let (value, behind) = integer(input)?;
            nodes.push(Node::Integer(value));
            Some(behind)
        }
        b't' => {
            let behind = keyword(input, b"true")?;
            nodes.push(Node::Bool(true));
            Some(behind)
        }
        b'f' => {
            let behind = keyword(input, b"false")?;
            nodes.push(Node::Bool(false));
            Some(behind)
        }
        b'n' => {
            let behind = keyword(input, b"null")?;
            nodes.push(Node::Null);
            Some(behind)
        }
        _ => None,
    }
}

/// Skips a word, if the input shows that it ends there.
#[inline]
fn keyword<'i>(input: &'i [u8], word: &[u8]) -> Option<&'i [u8]> {
    let behind = input.strip_prefix(word)?;
    let ends = !behind.first()?.is_ascii_lowercase();
    ends.then_some(behind)
}

/// Returns the text of the string at the front, and what is after it, if all of it stands for itself.
#[inline]
fn plain_string(input: &[u8]) -> Option<(&[u8], &[u8])> {
    let text = input.strip_prefix(b"\"")?;
    let (text, behind) = text.split_at(plain_start(text)?);
    Some((text, behind.strip_prefix(b"\"")?))
}

/// Returns the number of bytes at the front that stand for themselves in a string. None if they go on to the end of the input.
#[inline]
fn plain_start(text: &[u8]) -> Option<usize> {
    let mut rest = text;
    loop {
        let Some((word, behind)) = rest.split_first_chunk() else {
            let is_special =
                |byte: &u8| !matches!(byte, b' '..=b'~') || matches!(byte, b'"' | b'\\');
            let length = text.len() - rest.len();
            return Some(length + rest.iter().position(is_special)?);
        };
        let special = string_text::special_bytes(u64::from_le_bytes(*word), b'"');
        if special != 0 {
            let length = text.len() - rest.len();
            return Some(length + (special.trailing_zeros() / 8) as usize);
        }
        rest = behind;
    }
}

/// Returns the integer at the front, and what is after it, if it is regular: few digits, and its end in sight.
#[inline]
fn integer(input: &[u8]) -> Option<(i64, &[u8])> {
    /// This many digits cannot overflow.
    const DIGITS: usize = 18;
    let (negative, digits) = match input {
        [b'-', digits @ ..] => (true, digits),
        digits => (false, digits),
    };
    let mut value = 0;
    let mut rest = digits;
    while let [byte @ b'0'..=b'9', behind @ ..] = rest {
        if digits.len() - rest.len() == DIGITS {
            return None;
        }
        value = value * 10 + i64::from(byte - b'0');
        rest = behind;
    }
    let length = digits.len() - rest.len();
    let zero_first = digits.first() == Some(&b'0') && length > 1;
    if length == 0 || zero_first || matches!(rest.first()?, b'.' | b'e' | b'E') {
        return None;
    }
    Some((if negative { -value } else { value }, rest))
}
