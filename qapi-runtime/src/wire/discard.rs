//! Skipping the rest of a value that was given up for its size.
//!
//! The reference continues in the middle of such a value and reports each closer as a separate error (defect D17 of
//! docs/reference/agent-behaviour.md part 10). We report once and skip to the first of these points:
//!
//! * the value's brackets are closed, or one too many is;
//! * a line begins with `{`: requests are sent on separate lines, and in values this large, inner lines never begin
//!   with a brace in the first column;
//! * 0xFF, or another byte that clients use to flush a parser: 0xFE and control characters except tab, CR and LF.
//!
//! Strings are followed, so that brackets inside them do not count; they cannot continue after a line's end.

use super::string_text::plain_run;

/// Returns true if the message is complete: nothing is open, or more was closed than opened.
pub(super) fn is_complete(braces: i64, brackets: i64) -> bool {
    (braces <= 0 && brackets <= 0) || braces < 0 || brackets < 0
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Discard {
    pub(super) braces: i64,
    pub(super) brackets: i64,
    /// The quote of the string we are in.
    pub(super) quote: Option<u8>,
    /// True if the last byte was a backslash that escapes the next.
    pub(super) escaped: bool,
    /// True if the last byte ended a line.
    pub(super) line_start: bool,
}

impl Discard {
    /// Returns whether nothing is left to skip.
    pub(super) fn is_over(&self) -> bool {
        self.quote.is_none() && is_complete(self.braces, self.brackets)
    }

    /// Consumes what is to be skipped; true if its end was found.
    pub(super) fn skip(&mut self, input: &mut &[u8]) -> bool {
        loop {
            if let (Some(quote), false) = (self.quote, self.escaped) {
                *input = &input[plain_run(input, quote)..];
            }
            let Some((&byte, rest)) = input.split_first() else {
                return false;
            };
            match byte {
                0xFE | 0xFF | 0..=0x08 | 0x0B | 0x0C | 0x0E..=0x1F => return true,
                b'{' if self.line_start => return true,
                _ => {}
            }
            *input = rest;
            self.step(byte);
            if self.is_over() {
                return true;
            }
        }
    }

    fn step(&mut self, byte: u8) {
        self.line_start = byte == b'\n';
        if self.line_start {
            self.quote = None;
            self.escaped = false;
            return;
        }
        if let Some(quote) = self.quote {
            if self.escaped {
                self.escaped = false;
            } else if byte == b'\\' {
                self.escaped = true;
            } else if byte == quote {
                self.quote = None;
            }
            return;
        }
        match byte {
            b'"' | b'\'' => self.quote = Some(byte),
            b'{' => self.braces += 1,
            b'}' => self.braces -= 1,
            b'[' => self.brackets += 1,
            b']' => self.brackets -= 1,
            _ => {}
        }
    }
}
