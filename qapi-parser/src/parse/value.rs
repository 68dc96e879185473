//! Objects, arrays and the other values (docs/reference/language.md §2.1).

use super::{Lost, Parser, quote};
use crate::diag::{Anchor, Code, Diagnostic};
use crate::dialect::Reading;
use crate::lex::TokenKind;
use crate::limits;
use crate::name_map::Places;
use crate::source::Span;
use crate::syntax::{ArrayValue, KeyValue, ObjectValue, Text, Value};

/// The position of a value, which determines the error for a missing one.
#[derive(Clone, Copy, PartialEq, Eq)]
enum ValuePosition {
    /// At top level, after a colon, or after a comma in an array.
    Value,
    /// First in an array.
    FirstElement,
}

impl Parser {
    /// Reads the value of a top-level expression.
    pub(super) fn top_value(&mut self) -> Result<Value, Lost> {
        self.value(ValuePosition::Value)
    }

    /// Reads one value.
    fn value(&mut self, place: ValuePosition) -> Result<Value, Lost> {
        let span = self.span();
        match self.kind() {
            TokenKind::LeftBrace => return self.object().map(Value::Object),
            TokenKind::LeftBracket => return self.array().map(Value::Array),
            TokenKind::String(_) => return self.take_string().map(Value::String),
            TokenKind::True => {
                self.bump();
                return Ok(Value::Bool(true, span));
            }
            TokenKind::False => {
                self.bump();
                return Ok(Value::Bool(false, span));
            }
            TokenKind::Null => {
                self.report_null(span);
                self.bump();
                return Ok(Value::Null(span));
            }
            _ => {}
        }
        match place {
            // Stray text replaces the value, so its meaning does not matter.
            _ if self.after_stray => Ok(Value::Bool(false, span)),
            ValuePosition::Value => Err(self.unexpected(Code::SYN_EXPR, "a value")),
            ValuePosition::FirstElement => Err(self.unexpected(Code::SYN_ELEM, "a value or `]`")),
        }
    }

    fn report_null(&mut self, span: Span) {
        self.reports.report(
            Diagnostic::warning(
                Code::OLD_NULL,
                Anchor::Point(span),
                "`null` is not a value in today's language; the key is treated as absent",
            )
            .primary(span, "")
            .help("leave the key out"),
        );
    }

    fn object(&mut self) -> Result<ObjectValue, Lost> {
        let start = self.enter()?;
        let first = self.members.len();
        let end = self.members(first);
        let members = self.members.drain(first..).collect();
        let span = start.to(end?);
        self.leave();
        Ok(ObjectValue { span, members })
    }

    /// Reads the members of an object up to its bracket, whose place is returned.
    fn members(&mut self, first: usize) -> Result<Span, Lost> {
        let mut members = Members::from(first);
        if self.kind() != TokenKind::RightBrace {
            let mut missing = Code::SYN_KEY_OR_CLOSE;
            loop {
                let mut lost = false;
                if let Err(how) = self.member(&mut members, missing) {
                    self.resume(how)?;
                    lost = true;
                }
                if !self.separator(TokenKind::RightBrace, lost)? {
                    break;
                }
                missing = Code::SYN_KEY;
            }
        }
        Ok(self.span())
    }

    fn member(&mut self, members: &mut Members, missing: Code) -> Result<(), Lost> {
        let key = match self.kind() {
            TokenKind::String(_) => self.take_string()?,
            // Stray text replaces the key.
            TokenKind::Colon if self.after_stray => {
                self.bump();
                return self.value(ValuePosition::Value).map(drop);
            }
            _ if missing == Code::SYN_KEY => return Err(self.unexpected(missing, "a key")),
            _ => return Err(self.unexpected(missing, "a key or `}`")),
        };
        if self.kind() != TokenKind::Colon {
            return Err(self.unexpected_behind_key(&key));
        }
        self.bump();
        let first = members.find(&self.members, &key.value);
        if let Some(first) = first {
            let first = self.members[first].key.span;
            self.report_duplicate(&key, first);
        }
        let value = self.value(ValuePosition::Value)?;
        members.put(&mut self.members, first, KeyValue { key, value });
        Ok(())
    }

    fn report_duplicate(&mut self, key: &Text, first: Span) {
        let found = self
            .finding(
                Code::SYN_DUP_KEY,
                Code::OLD_DUP_KEY,
                Anchor::Point(self.span()),
                format!("key {} appears twice in one object", quote(&key.value)),
            )
            .primary(key.span, "again here")
            .label(first, "first here");
        let found = match self.reading {
            Reading::Strict => found.help("remove one of the two"),
            Reading::Tolerant => found.help("the second value counts; remove the first one"),
        };
        self.reports.report(found);
    }

    fn array(&mut self) -> Result<ArrayValue, Lost> {
        let start = self.enter()?;
        let first = self.elements.len();
        let end = self.elements();
        let elements = self.elements.drain(first..).collect();
        let span = start.to(end?);
        self.leave();
        Ok(ArrayValue { span, elements })
    }

    /// Reads the elements of an array up to its bracket, whose place is returned.
    fn elements(&mut self) -> Result<Span, Lost> {
        if self.kind() != TokenKind::RightBracket {
            let mut place = ValuePosition::FirstElement;
            loop {
                let mut lost = false;
                match self.value(place) {
                    Ok(value) => self.elements.push(value),
                    Err(how) => {
                        self.resume(how)?;
                        lost = true;
                    }
                }
                if !self.separator(TokenKind::RightBracket, lost)? {
                    break;
                }
                place = ValuePosition::Value;
            }
        }
        Ok(self.span())
    }

    /// Moves past an opening bracket.
    fn enter(&mut self) -> Result<Span, Lost> {
        let span = self.span();
        if self.open.len() == limits::BRACKETS {
            let limit = limits::BRACKETS;
            self.reports.report(
                Diagnostic::error(
                    Code::LIMIT_DEPTH,
                    Anchor::Point(span),
                    format!("more than {limit} brackets are open at one time"),
                )
                .primary(span, "this bracket exceeds the limit")
                .help("nest less deeply"),
            );
            return Err(Lost::Expression);
        }
        self.open.push(self.position());
        self.bump();
        Ok(span)
    }

    /// Moves past a closing bracket. What follows the last one is outside of the expression.
    fn leave(&mut self) {
        self.open.pop();
        self.bump();
    }

    /// Moves past a comma, or says that the bracket is closed. Where the member or element in
    /// front was lost, a comma that follows without need is not a further mistake.
    fn separator(&mut self, close: TokenKind, mut lost: bool) -> Result<bool, Lost> {
        loop {
            let kind = self.kind();
            if kind == close {
                return Ok(false);
            }
            if kind == TokenKind::Comma {
                let comma = self.span();
                self.bump();
                if self.kind() != close {
                    return Ok(true);
                }
                if !lost && !self.after_stray {
                    self.report_trailing_comma(comma, close);
                }
                return Ok(false);
            }
            if self.misses_comma(close) {
                self.report_missing_comma(close);
                return Ok(true);
            }
            let how = self.unexpected_separator(close);
            self.resume(how)?;
            lost = true;
        }
    }

    /// Returns whether the current token is so clearly the start of the next member or element that
    /// only a comma can be missing.
    fn misses_comma(&self, close: TokenKind) -> bool {
        match self.kind() {
            _ if self.after_stray => false,
            TokenKind::String(_) if close == TokenKind::RightBrace => {
                self.peek() == TokenKind::Colon
            }
            TokenKind::String(_) => self.peek() != TokenKind::Colon,
            TokenKind::LeftBrace if self.starts_line(self.token()) => false,
            TokenKind::LeftBrace
            | TokenKind::LeftBracket
            | TokenKind::True
            | TokenKind::False
            | TokenKind::Null => close == TokenKind::RightBracket,
            _ => false,
        }
    }

    fn report_missing_comma(&mut self, close: TokenKind) {
        let (today, expected) = match close {
            TokenKind::RightBrace => (Code::SYN_OBJ_SEP, "`,` or `}`"),
            _ => (Code::SYN_ARR_SEP, "`,` or `]`"),
        };
        let behind = self.behind_previous();
        let message = match self.reading {
            Reading::Strict => format!("expected {expected}, found {}", self.found()),
            Reading::Tolerant => format!("a comma is missing before {}", self.found()),
        };
        let found = self
            .finding(
                today,
                Code::OLD_COMMA_MISSING,
                Anchor::Point(self.span()),
                message,
            )
            .primary(self.span(), "a comma is missing before this")
            .suggest(behind, ",", "add the missing comma");
        self.reports.report(found);
    }

    fn report_trailing_comma(&mut self, comma: Span, close: TokenKind) {
        let (today, expected) = match close {
            TokenKind::RightBrace => (Code::SYN_KEY, "a key"),
            _ => (Code::SYN_EXPR, "a value"),
        };
        let message = match self.reading {
            Reading::Strict => format!("expected {expected} after `,`, found {}", self.found()),
            Reading::Tolerant => format!("trailing comma before {}", self.found()),
        };
        let found = self
            .finding(
                today,
                Code::OLD_COMMA_TRAILING,
                Anchor::Point(self.span()),
                message,
            )
            .primary(comma, "nothing follows this comma")
            .suggest(comma, "", "remove the trailing comma");
        self.reports.report(found);
    }
}

/// The members of an object within the list of all that are being read. Keys are unique: each has its first position
/// and its last value.
struct Members {
    first: usize,
    places: Places,
}

impl Members {
    fn from(first: usize) -> Self {
        Self {
            first,
            places: Places::default(),
        }
    }

    fn find(&self, all: &[KeyValue], key: &str) -> Option<usize> {
        let place = self.places.find(&all[self.first..], key, key_of);
        place.map(|place| self.first + place)
    }

    /// Adds a member, or replaces the value of the one at `known`.
    fn put(&mut self, all: &mut Vec<KeyValue>, known: Option<usize>, member: KeyValue) {
        if let Some(known) = known {
            all[known].value = member.value;
            return;
        }
        all.push(member);
        self.places.added(&all[self.first..], key_of);
    }
}

fn key_of(member: &KeyValue) -> &str {
    &member.key.value
}
