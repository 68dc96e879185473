//! Strings that hold more than plain characters (docs/reference/language.md §1.4, §10.2 rows 24 and 25).

use super::{Parser, quote};
use crate::diag::{Anchor, Code, Diagnostic};
use crate::dialect::Reading;
use crate::era::Era;
use crate::lex::{StringKind, Token};
use crate::source::Span;

/// A part of a string.
enum StringPart {
    /// A character that stands for itself.
    Plain(char),
    /// A character outside of printable ASCII.
    Odd(char),
    /// `\\`
    Backslash,
    /// Any other escape, with what it stood for in the past.
    Escape(char),
}

/// Splits the text of a string token, the opening quote included, into its parts, each with the
/// offset at which it starts and ends.
fn parts(written: &str) -> impl Iterator<Item = (StringPart, usize, usize)> {
    let mut at = 1;
    std::iter::from_fn(move || {
        let rest = &written[at..];
        let first = rest.chars().next()?;
        let (part, length) = match first {
            '\'' => return None,
            '\\' => escape(rest),
            ' '..='~' => (StringPart::Plain(first), 1),
            _ => (StringPart::Odd(first), first.len_utf8()),
        };
        let start = at;
        at += length;
        Some((part, start, at))
    })
}

/// Escapes as they were: any character stood for itself; from QEMU 2.4 to 4.1, some stood for control characters, and
/// `\u` for a character by its number, from 1 to 127.
fn escape(rest: &str) -> (StringPart, usize) {
    let Some(escaped) = rest[1..].chars().next() else {
        return (StringPart::Escape('\\'), 1);
    };
    let length = 1 + escaped.len_utf8();
    let meaning = match escaped {
        '\\' => return (StringPart::Backslash, length),
        'b' => '\u{8}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'u' => {
            let number = rest
                .get(2..6)
                .filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()))
                .and_then(|digits| u8::from_str_radix(digits, 16).ok())
                .filter(|number| (1..=127).contains(number));
            match number {
                Some(number) => return (StringPart::Escape(char::from(number)), 6),
                None => 'u',
            }
        }
        other => other,
    };
    (StringPart::Escape(meaning), length)
}

/// Returns whether QEMU 2.4 to 4.1 knew the escape, so that it did not stand for its character alone.
/// Characters that are no escape are not in question.
fn is_lasting_escape(written: &str) -> bool {
    match written.strip_prefix('\\') {
        None => true,
        Some(escaped) => {
            matches!(escaped, "b" | "f" | "n" | "r" | "t" | "/" | "'" | "\"") || escaped.len() == 5
        }
    }
}

impl Parser {
    /// Reports what is wrong with the current token, a string.
    pub(super) fn judge_string(&mut self, kind: StringKind) {
        if kind == StringKind::Plain {
            return;
        }
        let token = self.token();
        let text = self.text.clone();
        for (part, start, end) in parts(token.text(&text)) {
            let (today, old) = match part {
                StringPart::Plain(_) | StringPart::Backslash => continue,
                StringPart::Odd(_) => (Code::LEX_STR_CHAR, Code::OLD_STRING_CHAR),
                StringPart::Escape(_) => (Code::LEX_ESCAPE, Code::OLD_ESCAPE),
            };
            // A line end counts even after a backslash.
            let escapes_line_end = matches!(part, StringPart::Escape(_)) && end == start + 1;
            if escapes_line_end || (self.reading == Reading::Tolerant && kind == StringKind::Open) {
                break;
            }
            let found = self.bad_part(token, start, end, today, old);
            self.reports.report(found);
            if self.reading == Reading::Strict {
                // The reference stops at the first one, and one report is enough to fix all.
                return;
            }
        }
        if kind == StringKind::Open {
            self.report_open_string(token);
        }
    }

    fn bad_part(
        &self,
        token: Token,
        start: usize,
        end: usize,
        today: Code,
        old: Code,
    ) -> Diagnostic {
        let written = &token.text(&self.text)[start..end];
        let (message, help) = if today == Code::LEX_ESCAPE {
            (
                format!("escape {} in a string", quote(written)),
                "the only escape is `\\\\`, for one backslash",
            )
        } else {
            (
                format!("character {} in a string", quote(written)),
                "strings can contain only printable ASCII",
            )
        };
        let offset =
            |at: usize| token.start + u32::try_from(at).expect("a token is part of a file");
        let span = self.span_of(token);
        let found = self.finding(today, old, Anchor::Point(span), message);
        let found = if is_lasting_escape(written) {
            found
        } else {
            found.accepted(Era::new(1, 2), Era::new(2, 3))
        };
        found
            .primary(Span::new(self.file, offset(start), offset(end)), "")
            .help(help)
    }

    fn report_open_string(&mut self, token: Token) {
        let span = self.span_of(token);
        let quote = Span::new(self.file, token.start, token.start + 1);
        self.reports.report(
            Diagnostic::error(
                Code::LEX_STR_EOL,
                Anchor::Point(span),
                "a string is not closed on its line",
            )
            .primary(quote, "opened here")
            .help("add the closing `'`; strings cannot span lines"),
        );
    }

    /// Returns the value of a closed string that is not plain.
    pub(super) fn decode_special(&mut self, token: Token) -> String {
        let mut value = String::new();
        for (part, ..) in parts(token.text(&self.text)) {
            match part {
                StringPart::Plain(character) => value.push(character),
                StringPart::Backslash => value.push('\\'),
                StringPart::Odd(character) | StringPart::Escape(character) => {
                    value.push(character);
                    self.damaged |= self.reading == Reading::Strict;
                }
            }
        }
        value
    }
}
