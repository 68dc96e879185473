//! Bytes to events: the dialect of docs/reference/agent-behaviour.md §3.2, in pieces of any size.

use super::discard::Discard;
use super::document::Document;
use super::error::WireError;
use super::limits::Limits;
use super::number::{self, NumberStep, Part};
use super::string_text::{self, plain_run};
use super::tape_builder::{Bracket, TapeBuilder, TokenResult};

/// The byte that marks a known point of the stream; it never occurs inside a message.
pub const SENTINEL: u8 = 0xFF;

/// Numbers and words up to this size leave their buffer for the next.
const KEPT_TOKEN: usize = 4096;

/// An item that a [`Lexer`] found in the stream.
#[derive(Debug)]
pub enum Event<'l> {
    /// A complete value.
    Document(&'l Document),
    /// Bytes that are not a value. The lexer has recovered and continues after them.
    Error(WireError),
    /// The byte 0xFF: an unfinished message has been discarded. Servers ignore it; clients wait for it.
    Sentinel,
}

#[derive(Debug, Clone, Copy)]
enum LexerState {
    /// Between tokens.
    Start,
    /// After a lexical error: skipping to a structural or control character.
    Recovery,
    /// In a string whose text begins at `start` of the builder's text.
    String {
        quote: u8,
        start: usize,
        plain: bool,
        escaped: bool,
    },
    Number(Part),
    Keyword,
    /// Skipping a value that exceeded a limit.
    Discard(Discard),
    /// Skipping to the next line that begins with a brace, after an error of a stream of lines.
    Line {
        /// Nothing of the line has been seen.
        at_start: bool,
    },
}

/// The result of a step of the lexer; an [`Event`] that does not borrow.
#[derive(Debug)]
pub(crate) enum Signal {
    Document,
    Error(WireError),
    Sentinel,
}

/// An incremental lexer and parser, without input or output of its own.
///
/// A byte 0xFF resets it silently at any point, also inside a string; the reference answers it with an error, which
/// its clients skip (docs/reference/agent-behaviour.md §3.8 recommends this form).
#[derive(Debug)]
pub struct Lexer {
    builder: TapeBuilder,
    state: LexerState,
    /// The number or word so far.
    token: Vec<u8>,
    document: Document,
    /// The document has been handed out, and its buffers can be used again.
    delivered: bool,
    lines: Lines,
}

/// The role of lines in the stream.
#[derive(Debug)]
struct Lines {
    /// Each message begins with a brace at the start of a line, as no other line does.
    expected: bool,
    /// The last byte between tokens ended a line.
    at_start: bool,
    /// The last stray byte came inside a message.
    cut: bool,
}

impl Default for Lexer {
    fn default() -> Self {
        Self::new(Limits::default())
    }
}

impl Lexer {
    /// Creates a lexer at the start of a stream.
    pub fn new(limits: Limits) -> Self {
        Self {
            builder: TapeBuilder::new(limits.clamped()),
            state: LexerState::Start,
            token: Vec::new(),
            document: Document::vacant(),
            delivered: false,
            lines: Lines {
                expected: false,
                at_start: true,
                cut: false,
            },
        }
    }

    /// Creates a lexer for the messages of a server, each of which begins with a brace at the start of a line, as no other line
    /// does. So a bad message causes one error, and does not affect the next.
    pub(crate) fn of_lines(limits: Limits) -> Self {
        let mut lexer = Self::new(limits);
        lexer.lines.expected = true;
        lexer
    }

    /// Creates a lexer for what [`Writer`](crate::Writer) wrote: text that no peer can have chosen.
    pub(super) fn for_own_text() -> Self {
        let mut lexer = Self::new(Limits {
            token_bytes: usize::MAX,
            tokens: usize::MAX,
            nesting: usize::MAX,
        });
        lexer.builder.accept_any_character();
        lexer
    }

    /// Consumes bytes from the front of `input` up to and including the next event, with the end of the line behind a document;
    /// `None` when the input is used up.
    pub fn feed(&mut self, input: &mut &[u8]) -> Option<Event<'_>> {
        Some(match self.step(input)? {
            Signal::Document => Event::Document(&self.document),
            Signal::Error(error) => Event::Error(error),
            Signal::Sentinel => Event::Sentinel,
        })
    }

    /// Same as [`feed`](Lexer::feed), for loops that cannot hold a borrow; see [`document`](Lexer::document).
    pub(crate) fn step(&mut self, input: &mut &[u8]) -> Option<Signal> {
        self.release();
        let signal = self.advance(input)?;
        if matches!(signal, Signal::Document) {
            self.document = self.builder.finish();
            self.delivered = true;
            // Nearly every document has one, and another step for it would cost a third of this one.
            if let [b'\n', rest @ ..] = *input {
                *input = rest;
                self.lines.at_start = true;
            }
        }
        Some(if self.lines.expected {
            self.of_line(signal)
        } else {
            signal
        })
    }

    /// Turns a signal into that of a stream of lines.
    fn of_line(&mut self, signal: Signal) -> Signal {
        match signal {
            // It cut a message short.
            Signal::Sentinel if self.lines.cut => {
                self.state = LexerState::Line { at_start: true };
                Signal::Error(WireError::PrematureEnd)
            }
            Signal::Error(error) => {
                if !error.is_limit()
                    && !matches!(self.state, LexerState::Start if self.lines.at_start)
                {
                    self.builder.reset();
                    self.state = LexerState::Line {
                        at_start: self.lines.at_start,
                    };
                }
                Signal::Error(error)
            }
            signal => signal,
        }
    }

    /// Skips to a line that begins with a brace, or to the sentinel.
    fn skip_line(&mut self, mut at_start: bool, input: &mut &[u8]) -> Option<Signal> {
        self.state = loop {
            match input.first() {
                None => break LexerState::Line { at_start },
                Some(b'{') if at_start => break LexerState::Start,
                Some(&SENTINEL) => break LexerState::Start,
                Some(_) => {}
            }
            let end = input
                .iter()
                .position(|&byte| matches!(byte, b'\n' | SENTINEL));
            let end = end.unwrap_or(input.len());
            at_start = input.get(end) == Some(&b'\n');
            *input = &input[(end + usize::from(at_start))..];
        };
        self.lines.at_start = at_start;
        None
    }

    /// Gives up the last document, whose buffers can then be used again, or given back if they are large.
    pub(crate) fn release(&mut self) {
        if std::mem::take(&mut self.delivered) {
            self.builder.recycle(&mut self.document);
        }
    }

    /// Hands the last document found over, to be kept.
    pub(crate) fn take_document(&mut self) -> Document {
        self.delivered = false;
        std::mem::replace(&mut self.document, Document::vacant())
    }

    /// Takes a document back whose buffers can be used again.
    #[cfg(feature = "tokio")]
    pub(crate) fn accept(&mut self, document: Document) {
        if self.builder.is_empty() && !self.delivered && matches!(self.state, LexerState::Start) {
            self.document = document;
            self.delivered = true;
        }
    }

    /// Returns the last document found.
    pub(crate) fn document(&self) -> &Document {
        &self.document
    }

    /// Forgets everything half read: the peer has changed.
    pub fn reset(&mut self) {
        self.builder.reset();
        self.state = LexerState::Start;
        self.token = Vec::new();
        self.document = Document::vacant();
        self.delivered = false;
        self.lines.at_start = true;
    }

    /// Bytes that the buffers take.
    pub(crate) fn held(&self) -> usize {
        self.held_after(0)
    }

    /// Bytes that the buffers take at most when `more` bytes have been read, with those that are given back meanwhile.
    pub(crate) fn held_after(&self, more: usize) -> usize {
        self.builder.held_after(more) + self.document.held() + self.token.capacity()
    }

    /// Gives up the message that has begun, if one has, because there is no memory for it; its rest is skipped.
    #[cold]
    pub(crate) fn give_up(&mut self) -> Option<Signal> {
        let (quote, escaped) = match self.state {
            LexerState::String { quote, escaped, .. } => (Some(quote), escaped),
            LexerState::Start if self.builder.is_empty() => return None,
            LexerState::Start | LexerState::Number(_) | LexerState::Keyword => (None, false),
            LexerState::Recovery | LexerState::Discard(_) | LexerState::Line { .. } => return None,
        };
        let verdict = self.builder.give_up(WireError::MemoryLimit, quote, escaped);
        self.give_back();
        self.judge(verdict)
    }

    /// Gives all buffers back; no message has begun.
    pub(crate) fn give_back(&mut self) {
        self.release();
        self.builder.give_back();
        self.token = Vec::new();
    }

    /// Returns whether the lexer stands between messages.
    pub fn is_idle(&self) -> bool {
        matches!(
            self.state,
            LexerState::Start | LexerState::Recovery | LexerState::Line { .. }
        ) && self.builder.is_empty()
    }

    fn advance(&mut self, input: &mut &[u8]) -> Option<Signal> {
        while let Some(&byte) = input.first() {
            let signal = match self.state {
                LexerState::Start => self.tokens(input),
                LexerState::String { .. } => self.string(input),
                LexerState::Number(part) => self.number(part, byte, input),
                LexerState::Keyword => self.keyword(input),
                LexerState::Recovery => self.recover(input),
                LexerState::Line { at_start } => self.skip_line(at_start, input),
                LexerState::Discard(mut discard) => {
                    let over = discard.skip(input);
                    self.state = if over {
                        LexerState::Start
                    } else {
                        LexerState::Discard(discard)
                    };
                    None
                }
            };
            if signal.is_some() {
                return signal;
            }
        }
        None
    }

    /// Returns whether a message that begins here leaves the one before it without an end.
    fn is_cut_short(&self) -> bool {
        self.lines.expected && !self.builder.is_empty()
    }

    /// Takes tokens that lie whole in the input, which is nearly all of them, without going through the states.
    fn tokens(&mut self, input: &mut &[u8]) -> Option<Signal> {
        loop {
            if self.lines.at_start && input.first() == Some(&b'{') && self.is_cut_short() {
                self.builder.reset();
                return Some(Signal::Error(WireError::PrematureEnd));
            }
            let (regular, is_complete) = self.builder.run(input);
            *input = &input[regular..];
            self.lines.at_start &= regular == 0;
            if is_complete {
                return Some(Signal::Document);
            }
            let (&byte, tail) = input.split_first()?;
            self.lines.at_start = byte == b'\n';
            let verdict = match byte {
                b' ' | b'\t' | b'\r' | b'\n' => {
                    // All of them at once, because each further search for regular tokens costs time.
                    let is_blank = |byte: &&u8| matches!(byte, b' ' | b'\t' | b'\r' | b'\n');
                    let blanks = tail.iter().take_while(is_blank).count();
                    if let Some(last) = tail[..blanks].last() {
                        self.lines.at_start = *last == b'\n';
                    }
                    *input = &tail[blanks..];
                    continue;
                }
                // Messages are objects.
                _ if self.lines.expected
                    && self.builder.is_empty()
                    && !matches!(byte, b'{' | SENTINEL) =>
                {
                    *input = tail;
                    return Some(self.stray(&[], byte));
                }
                b'"' | b'\'' => {
                    let run = plain_run(tail, byte);
                    if tail.get(run) != Some(&byte) {
                        self.start_string(byte, run, input);
                        return None;
                    }
                    *input = &tail[run + 1..];
                    self.builder.plain_string(&tail[..run])
                }
                b'{' => {
                    *input = tail;
                    self.builder.open(Bracket::Brace)
                }
                b'[' => {
                    *input = tail;
                    self.builder.open(Bracket::Bracket)
                }
                b'}' => {
                    *input = tail;
                    self.builder.close(Bracket::Brace)
                }
                b']' => {
                    *input = tail;
                    self.builder.close(Bracket::Bracket)
                }
                b',' => {
                    *input = tail;
                    self.builder.comma()
                }
                b':' => {
                    *input = tail;
                    self.builder.colon()
                }
                b'-' | b'0'..=b'9' => {
                    let Some((length, part)) = number::scan(input) else {
                        self.start_token(LexerState::Number(Part::start(byte)), input);
                        return None;
                    };
                    let token = &input[..length];
                    *input = &input[length..];
                    self.builder.number(token, part)
                }
                b'a'..=b'z' => {
                    let Some(length) = input.iter().position(|byte| !byte.is_ascii_lowercase())
                    else {
                        self.start_token(LexerState::Keyword, input);
                        return None;
                    };
                    let token = &input[..length];
                    *input = &input[length..];
                    self.builder.keyword(token)
                }
                _ => {
                    *input = tail;
                    return Some(self.stray(&[], byte));
                }
            };
            if !matches!(verdict, TokenResult::More) {
                return self.judge(verdict);
            }
        }
    }

    /// Begins a string that does not end with the `run` plain bytes after its quote.
    fn start_string(&mut self, quote: u8, run: usize, input: &mut &[u8]) {
        let start = self.builder.text.len();
        // Bytes beyond the limit are left to the code that handles it.
        let run = if run + 2 <= self.builder.room() {
            run
        } else {
            0
        };
        self.builder.text.extend_from_slice(&input[1..=run]);
        *input = &input[1 + run..];
        self.state = LexerState::String {
            quote,
            start,
            plain: true,
            escaped: false,
        };
    }

    /// Begins a number or word whose end is not in the input, or that has none.
    fn start_token(&mut self, state: LexerState, input: &mut &[u8]) {
        self.token.clear();
        self.token.push(input[0]);
        *input = &input[1..];
        self.state = state;
    }

    /// Consumes up to the end of the string, or of the input.
    fn string(&mut self, input: &mut &[u8]) -> Option<Signal> {
        let LexerState::String {
            quote,
            start,
            mut plain,
            mut escaped,
        } = self.state
        else {
            return None;
        };
        while let Some(&byte) = input.first() {
            let run = if escaped { 0 } else { plain_run(input, quote) };
            let room = (self.builder.room() + start).saturating_sub(self.builder.text.len() + 2);
            if run > room {
                return self.oversized(quote, escaped);
            }
            if run > 0 {
                self.builder.text.extend_from_slice(&input[..run]);
                *input = &input[run..];
                continue;
            }
            match byte {
                0..0x20 | 0xFE | 0xFF => {
                    let mut token = vec![quote];
                    token.extend_from_slice(&self.builder.text[start..]);
                    *input = &input[1..];
                    return Some(self.stray(&token, byte));
                }
                _ if byte == quote && !escaped => {
                    *input = &input[1..];
                    self.state = LexerState::Start;
                    let verdict = self.builder.string(start, quote, plain);
                    return self.judge(verdict);
                }
                _ if room == 0 => return self.oversized(quote, escaped),
                _ => {
                    self.builder.text.push(byte);
                    *input = &input[1..];
                    plain = false;
                    escaped = byte == b'\\' && !escaped;
                }
            }
        }
        self.state = LexerState::String {
            quote,
            start,
            plain,
            escaped,
        };
        None
    }

    fn number(&mut self, part: Part, byte: u8, input: &mut &[u8]) -> Option<Signal> {
        match part.step(byte) {
            NumberStep::Continue(part) => {
                self.extend_token(&[byte]);
                *input = &input[1..];
                self.state = LexerState::Number(part);
                None
            }
            NumberStep::End => {
                self.state = LexerState::Start;
                let verdict = self.builder.number(&self.token, part);
                self.shrink_token();
                self.judge(verdict)
            }
            NumberStep::Stray => {
                *input = &input[1..];
                let token = std::mem::take(&mut self.token);
                Some(self.stray(&token, byte))
            }
        }
    }

    fn keyword(&mut self, input: &mut &[u8]) -> Option<Signal> {
        let run = input.iter().position(|byte| !byte.is_ascii_lowercase());
        let (word, rest) = input.split_at(run.unwrap_or(input.len()));
        self.extend_token(word);
        *input = rest;
        run?;
        self.state = LexerState::Start;
        let verdict = self.builder.keyword(&self.token);
        self.shrink_token();
        self.judge(verdict)
    }

    fn recover(&mut self, input: &mut &[u8]) -> Option<Signal> {
        let stop = |&byte: &u8| matches!(byte, b'[' | b']' | b'{' | b'}' | b':' | b',' | 0xFE | 0xFF | 0..=0x08 | 0x0A..=0x1F);
        match input.iter().position(stop) {
            Some(skipped) => {
                *input = &input[skipped..];
                self.state = LexerState::Start;
            }
            None => *input = &[],
        }
        None
    }

    /// Returns a lexical error: `byte` cannot follow `token`. Silent if it is the sentinel.
    #[cold]
    fn stray(&mut self, token: &[u8], byte: u8) -> Signal {
        self.state = LexerState::Recovery;
        self.lines.at_start = byte == b'\n';
        self.lines.cut = !(token.is_empty() && self.builder.is_empty());
        let signal = if byte == SENTINEL {
            Signal::Sentinel
        } else {
            let mut token = token.to_vec();
            token.push(byte);
            Signal::Error(WireError::Stray(string_text::show(&token)))
        };
        self.builder.reset();
        signal
    }

    /// Appends to the number or word. Of one that exceeds the limit, only enough to show that is kept: the error comes
    /// at its end, as if it had come in one piece.
    fn extend_token(&mut self, bytes: &[u8]) {
        let room = (self.builder.room() + 1).saturating_sub(self.token.len());
        self.token
            .extend_from_slice(&bytes[..room.min(bytes.len())]);
    }

    /// Keeps no buffer that an absurd number made large.
    fn shrink_token(&mut self) {
        if self.token.capacity() > KEPT_TOKEN {
            self.token = Vec::new();
        }
    }

    fn judge(&mut self, verdict: TokenResult) -> Option<Signal> {
        match verdict {
            TokenResult::More => None,
            TokenResult::Document => Some(Signal::Document),
            TokenResult::Error(error) => Some(Signal::Error(*error)),
            TokenResult::Limit(limit) => {
                let (error, discard) = *limit;
                self.state = if discard.is_over() {
                    LexerState::Start
                } else {
                    LexerState::Discard(discard)
                };
                Some(Signal::Error(error))
            }
        }
    }

    /// Gives up in a string that exceeds the limit, wherever its end may be.
    #[cold]
    fn oversized(&mut self, quote: u8, escaped: bool) -> Option<Signal> {
        let verdict = self
            .builder
            .give_up(WireError::TokenSizeLimit, Some(quote), escaped);
        self.judge(verdict)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buffers_of_a_huge_message_are_given_back() {
        let mut lexer = Lexer::default();
        let text = "x".repeat(8 << 20);
        let numbers = "1,".repeat(1 << 18);
        let message = format!("{{\"text\":\"{text}\",\"numbers\":[{numbers}2]}}");
        assert!(matches!(
            lexer.feed(&mut message.as_bytes()),
            Some(Event::Document(_))
        ));
        assert!(lexer.feed(&mut b"".as_slice()).is_none());
        assert_eq!(lexer.builder.capacity(), 0);
        assert!(matches!(
            lexer.feed(&mut b"[1]".as_slice()),
            Some(Event::Document(_))
        ));
        assert!(lexer.feed(&mut b"".as_slice()).is_none());
        assert!(
            (1..1 << 10).contains(&lexer.builder.capacity()),
            "{}",
            lexer.builder.capacity()
        );
    }

    #[test]
    fn buffers_of_a_huge_message_that_fails_are_given_back() {
        let mut lexer = Lexer::default();
        let text = "x".repeat(8 << 20);
        for message in [
            format!("[\"{text}\" 1]"),
            format!("[\"{text}\", !"),
            format!("[\"{text}\x00"),
        ] {
            assert!(matches!(
                lexer.feed(&mut message.as_bytes()),
                Some(Event::Error(_))
            ));
            assert!(
                lexer.builder.capacity() < 1 << 10,
                "{}",
                lexer.builder.capacity()
            );
        }
        let number = "1".repeat(1 << 20);
        lexer.reset();
        assert!(matches!(
            lexer.feed(&mut format!("{number},").as_bytes()),
            Some(Event::Error(_))
        ));
        assert_eq!(lexer.token.capacity(), 0);
    }

    #[test]
    fn small_messages_allocate_once() {
        let mut lexer = Lexer::default();
        let mut place = None;
        for _ in 0..10 {
            let message = b"{\"execute\":\"guest-ping\",\"id\":[1,2,{}]}";
            let Some(Event::Document(document)) = lexer.feed(&mut message.as_slice()) else {
                panic!("a document");
            };
            let text = document.string(1).as_ptr();
            assert_eq!(*place.get_or_insert(text), text);
        }
    }
}
