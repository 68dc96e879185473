//! The way most of a message takes: tokens that are whole and regular, in one loop.
//!
//! What this loop accepts, the general way accepts, and to the same effect. Whatever needs care is left to that: errors,
//! limits, bytes that are not ASCII, tokens in two pieces, white space other than a blank behind a comma or a colon, the first and the last
//! token of a message.

use super::assembly::{Assembly, Bracket, Frame, Phase, place};
use super::document::Node;
use super::error::WireError;
use super::names::name_hash;
use super::text::{self, plain_run};

/// A run through the front of the input.
struct Run<'a> {
    assembly: &'a mut Assembly,
    input: &'a [u8],
    /// The next byte to look at.
    at: usize,
    /// How many bytes of the input have been appended to the assembly's text. All that are passed will be, but for
    /// escapes, of which only what they mean is.
    copied: usize,
    tokens: usize,
    /// Bytes that belong to no token.
    blanks: usize,
    /// The innermost container.
    frame: Frame,
    phase: Phase,
}

impl Assembly {
    /// Takes regular tokens from the front of `input`; how many bytes that were. None if no container is open.
    pub(super) fn run(&mut self, input: &[u8]) -> usize {
        if self.failure.is_some() {
            return 0;
        }
        let Some(frame) = self.frames.pop() else {
            return 0;
        };
        // Within this many bytes no limit on tokens or bytes can be exceeded.
        let tokens = self.limits.tokens.saturating_sub(self.tokens);
        let safe = input.len().min(self.room()).min(tokens);
        let run = Run {
            input: &input[..safe],
            at: 0,
            copied: 0,
            tokens: 0,
            blanks: 0,
            frame,
            phase: self.phase,
            assembly: self,
        };
        run.go()
    }
}

impl Run<'_> {
    fn go(mut self) -> usize {
        while let Some(&byte) = self.input.get(self.at) {
            let regular = match self.phase {
                Phase::Value | Phase::First if self.frame.at_key && byte == b'"' => self.name(),
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
            assembly,
            at,
            tokens,
            blanks,
            frame,
            phase,
            ..
        } = self;
        assembly.frames.push(frame);
        assembly.phase = phase;
        assembly.tokens += tokens;
        assembly.bytes += at - blanks;
        if frame.duplicate && phase == Phase::Separator {
            assembly.failure = Some(WireError::DuplicateKey.into());
            assembly.clear_tape();
        }
        at
    }

    /// Where a byte of the input will be in the text.
    #[inline]
    fn place(&self, at: usize) -> u32 {
        place(self.assembly.text.len() + (at - self.copied))
    }

    /// Goes behind a token.
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

    /// Takes the string at `at`: its place in the text and its length there. None if it is left where it is.
    #[inline]
    fn string(&mut self) -> Option<(u32, u32)> {
        let start = self.at + 1;
        let length = plain_run(self.input.get(start..)?, b'"');
        match self.input.get(start + length)? {
            b'"' => {
                let string = (self.place(start), place(length));
                self.pass(length + 2);
                Some(string)
            }
            b'\\' => self.escaped_string(start, length),
            _ => None,
        }
    }

    /// Takes a string whose first backslash is `plain` bytes behind `start`.
    fn escaped_string(&mut self, start: usize, plain: usize) -> Option<(u32, u32)> {
        let mut end = start + plain;
        loop {
            match self.input.get(end)? {
                b'"' => break,
                b'\\' => end += 2,
                // Bytes that are not ASCII are not passed, and need care.
                _ => return None,
            }
            end += plain_run(self.input.get(end..)?, b'"');
        }
        self.copy(self.at);
        let text = &mut self.assembly.text;
        let place_in_text = text.len();
        text.extend_from_slice(&self.input[start..end]);
        if text::decode(text, place_in_text, b'"', self.assembly.any_character).is_err() {
            text.truncate(place_in_text);
            return None;
        }
        let length = text.len() - place_in_text;
        self.copied = end;
        self.pass(end + 1 - self.at);
        Some((place(place_in_text), place(length)))
    }

    /// A member's name, and the colon behind it.
    #[inline]
    fn name(&mut self) -> bool {
        let first = self.at + 1;
        let Some((start, length)) = self.string() else {
            return false;
        };
        // Names with escapes are rare enough to be looked up in the text.
        let plain = self.at == first + length as usize + 1;
        let name = if plain {
            &self.input[first..self.at - 1]
        } else {
            &self.assembly.text[start as usize..][..length as usize]
        };
        let hash = name_hash(name);
        let key = self.assembly.next_node();
        self.assembly.nodes.push(Node::String {
            start,
            length,
            hash,
        });
        self.phase = Phase::Colon;
        if self.frame.begin_member(key, hash) {
            self.look_for_name();
        }
        self.input
            .get(self.at)
            .is_some_and(|&byte| self.colon(byte))
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
        let Assembly {
            names, nodes, text, ..
        } = &mut *self.assembly;
        self.frame.duplicate = names.is_repeated(nodes, text, self.frame.newest());
    }

    /// Appends what has been passed to the text, up to `end`.
    fn copy(&mut self, end: usize) {
        let passed = &self.input[self.copied..end];
        self.assembly.text.extend_from_slice(passed);
        self.copied = end;
    }

    #[inline]
    fn value(&mut self, byte: u8) -> bool {
        if self.frame.at_key {
            return byte == b'}' && self.phase == Phase::First && self.close(Bracket::Brace);
        }
        match byte {
            b'"' => match self.string() {
                Some((start, length)) => self.scalar(Node::String {
                    start,
                    length,
                    hash: 0,
                }),
                None => false,
            },
            b'-' | b'0'..=b'9' => match integer(&self.input[self.at..]) {
                Some((value, length)) => {
                    self.pass(length);
                    self.scalar(Node::Integer(value))
                }
                None => false,
            },
            b't' => self.keyword(b"true", Node::Bool(true)),
            b'f' => self.keyword(b"false", Node::Bool(false)),
            b'n' => self.keyword(b"null", Node::Null),
            b'{' => self.open(Bracket::Brace),
            b'[' => self.open(Bracket::Bracket),
            b']' if self.phase == Phase::First => self.close(Bracket::Bracket),
            _ => false,
        }
    }

    #[inline]
    fn keyword(&mut self, word: &[u8], node: Node) -> bool {
        let rest = &self.input[self.at..];
        // The word must end, and its end be in sight.
        let ends = rest
            .get(word.len())
            .is_some_and(|byte| !byte.is_ascii_lowercase());
        if !(ends && rest.starts_with(word)) {
            return false;
        }
        self.pass(word.len());
        self.scalar(node)
    }

    #[inline]
    fn scalar(&mut self, node: Node) -> bool {
        self.assembly.nodes.push(node);
        self.end_value()
    }

    /// A value is complete; whether to go on.
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
                self.frame.at_key = self.frame.bracket == Bracket::Brace;
                self.phase = Phase::Value;
                true
            }
            b'}' => self.close(Bracket::Brace),
            b']' => self.close(Bracket::Bracket),
            _ => false,
        }
    }

    fn open(&mut self, bracket: Bracket) -> bool {
        let depth = self.assembly.braces + self.assembly.brackets;
        if usize::try_from(depth).map_or(true, |depth| depth >= self.assembly.limits.nesting) {
            return false;
        }
        let node = self.assembly.next_node();
        let placeholder = match bracket {
            Bracket::Brace => Node::Object { end: 0, length: 0 },
            Bracket::Bracket => Node::Array { end: 0, length: 0 },
        };
        self.assembly.nodes.push(placeholder);
        self.assembly.frames.push(self.frame);
        self.frame = Frame::new(node, bracket);
        self.phase = Phase::First;
        match bracket {
            Bracket::Brace => self.assembly.braces += 1,
            Bracket::Bracket => self.assembly.brackets += 1,
        }
        self.pass(1);
        true
    }

    fn close(&mut self, bracket: Bracket) -> bool {
        if self.frame.bracket != bracket {
            return false;
        }
        // The outermost closer ends the message, and a container is no member's name.
        let Some(&outer) = self.assembly.frames.last().filter(|outer| !outer.at_key) else {
            return false;
        };
        self.assembly.frames.pop();
        let (end, length) = (self.assembly.next_node(), self.frame.length);
        self.assembly.nodes[self.frame.node as usize] = match bracket {
            Bracket::Brace => Node::Object { end, length },
            Bracket::Bracket => Node::Array { end, length },
        };
        match bracket {
            Bracket::Brace => self.assembly.braces -= 1,
            Bracket::Bracket => self.assembly.brackets -= 1,
        }
        self.frame = outer;
        self.pass(1);
        self.end_value()
    }
}

/// An integer that needs no care, and its length: few digits, and its end in sight.
#[inline]
fn integer(input: &[u8]) -> Option<(i64, usize)> {
    /// So many cannot overflow.
    const DIGITS: usize = 18;
    let sign = usize::from(input[0] == b'-');
    let digits = &input[sign..];
    let mut value = 0;
    let mut length = 0;
    let end = loop {
        let byte = *digits.get(length)?;
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            break byte;
        }
        if length == DIGITS {
            return None;
        }
        value = value * 10 + i64::from(digit);
        length += 1;
    };
    let zero_first = digits[0] == b'0' && length > 1;
    if length == 0 || zero_first || matches!(end, b'.' | b'e' | b'E') {
        return None;
    }
    Some((if sign == 1 { -value } else { value }, sign + length))
}
