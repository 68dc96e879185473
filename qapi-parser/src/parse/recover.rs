//! Recovery after mistakes.
//!
//! Inside an expression, reading continues at the next comma or closing bracket on the level of the mistake. If
//! brackets do not match, or the text looks like the next top-level item, the rest of the expression is skipped
//! silently: up to its closing bracket, a `{` in column 1 or a `##` comment. Further messages about it would be noise.

use super::{Lost, Parser, quote};
use crate::diag::{Anchor, Code, Diagnostic, Meta};
use crate::dialect::Reading;
use crate::lex::{StringKind, TokenKind};
use crate::source::Span;
use crate::syntax::Text;

impl Parser {
    /// Reports the current token as not being what was expected.
    pub(super) fn unexpected(&mut self, code: Code, expected: &str) -> Lost {
        // The meaning of skipped stray text is unknown.
        if !self.after_stray {
            let report = self.unexpected_report(code, expected);
            self.reports.report(report);
        }
        Lost::Element
    }

    /// Reports a token where a comma or a closing bracket was expected, and recovers.
    pub(super) fn unexpected_separator(&mut self, close: TokenKind) -> Lost {
        match close {
            TokenKind::RightBrace => self.unexpected(Code::SYN_OBJ_SEP, "`,` or `}`"),
            _ => self.unexpected(Code::SYN_ARR_SEP, "`,` or `]`"),
        }
    }

    /// Reports a token where a colon was expected, and recovers.
    pub(super) fn unexpected_behind_key(&mut self, key: &Text) -> Lost {
        if self.after_stray {
            return Lost::Element;
        }
        let mut report = self.unexpected_report(
            Code::SYN_COLON,
            &format!("`:` after key {}", quote(&key.value)),
        );
        if self.starts_value() {
            let behind = self.behind_previous();
            report = report.suggest_maybe(behind, ":", "add the missing colon");
        } else if matches!(self.kind(), TokenKind::Comma | TokenKind::RightBracket) {
            // Elements of an array whose opening bracket is missing: one mistake.
            let within = self.open.last().copied();
            if self.unopened == within {
                return Lost::Element;
            }
            self.unopened = within;
            report = report.help("lists of values are written in brackets: is a `[` missing?");
        }
        self.reports.report(report);
        Lost::Element
    }

    fn unexpected_report(&self, code: Code, expected: &str) -> Diagnostic {
        let span = self.span();
        let mut report = Diagnostic::error(
            code,
            Anchor::Point(span),
            format!("expected {expected}, found {}", self.found()),
        )
        .primary(span, format!("expected {expected}"));
        if self.kind() == TokenKind::DocComment && !self.ends_expression() {
            report = report.help("a comment inside an expression starts with a single `#`");
        } else if self.ends_expression()
            && let Some(open) = self.open.last()
        {
            let open = self.tokens[*open];
            report = report.label(
                self.span_of(open),
                format!("this `{}` is not closed", open.text(&self.text)),
            );
        }
        report
    }

    fn starts_value(&self) -> bool {
        matches!(
            self.kind(),
            TokenKind::LeftBrace
                | TokenKind::LeftBracket
                | TokenKind::String(_)
                | TokenKind::True
                | TokenKind::False
        )
    }

    /// Returns the empty place after the token before the current one.
    pub(super) fn behind_previous(&self) -> Span {
        let end = self.tokens[..self.position()]
            .iter()
            .rev()
            .find(|token| !matches!(token.kind, TokenKind::Comment | TokenKind::DocComment))
            .map_or(0, |token| token.end);
        Span::new(self.file, end, end)
    }

    /// After a mistake in an element: goes on to the next comma or closing bracket.
    pub(super) fn resume(&mut self, lost: Lost) -> Result<(), Lost> {
        if lost == Lost::Expression {
            return Err(Lost::Expression);
        }
        self.damaged = true;
        let mut inner = Vec::new();
        loop {
            let kind = self.kind();
            match kind {
                _ if self.ends_expression() => return Err(Lost::Expression),
                TokenKind::Comma if inner.is_empty() => break,
                TokenKind::LeftBrace | TokenKind::LeftBracket => inner.push(kind),
                TokenKind::RightBrace | TokenKind::RightBracket => {
                    let open = match inner.pop() {
                        Some(open) => open,
                        None if self.closes_innermost(kind) => break,
                        None => return Err(Lost::Expression),
                    };
                    if !matches(open, kind) {
                        return Err(Lost::Expression);
                    }
                }
                _ => {}
            }
            self.at += 1;
        }
        // The comma or bracket is in its place again; all stray tokens have been passed.
        self.after_stray = false;
        Ok(())
    }

    fn closes_innermost(&self, close: TokenKind) -> bool {
        self.open
            .last()
            .is_some_and(|open| matches(self.tokens[*open].kind, close))
    }

    /// Returns whether the current token cannot be inside an expression: the next item starts here.
    fn ends_expression(&self) -> bool {
        let token = self.token();
        match token.kind {
            TokenKind::End => true,
            TokenKind::LeftBrace => self.starts_line(token),
            TokenKind::DocComment => self.starts_line(token) && token.text(&self.text) == "##",
            _ => false,
        }
    }

    /// Skips what is left of the expression that starts at token `first`.
    pub(super) fn skip_expression(&mut self, first: usize) {
        let mut open: Vec<TokenKind> = self.open.drain(..).map(|at| self.tokens[at].kind).collect();
        while self.position() == first || !self.ends_expression() {
            let kind = self.kind();
            match kind {
                TokenKind::End => break,
                TokenKind::LeftBrace | TokenKind::LeftBracket => open.push(kind),
                TokenKind::RightBrace | TokenKind::RightBracket => {
                    // A missing bracket must not swallow the following items.
                    while let Some(last) = open.pop() {
                        if matches(last, kind) {
                            break;
                        }
                    }
                }
                _ => {}
            }
            self.at += 1;
            if open.is_empty() {
                break;
            }
        }
        self.settle();
        if !matches!(self.kind(), TokenKind::LeftBrace | TokenKind::DocComment) {
            self.skip_junk();
        }
    }

    /// Skips junk at top level, up to the start of an item. The next token may start an item in any column, later ones
    /// only in column 1.
    pub(crate) fn skip_junk(&mut self) {
        if self.kind() != TokenKind::LeftBrace {
            while !self.ends_expression() {
                self.at += 1;
            }
            self.settle();
        }
        self.after_stray = false;
    }

    /// Returns the name of the definition whose first token is at `first`: the string after the first
    /// meta-type key of its outermost object.
    pub(super) fn definition_name(&self, first: usize) -> Option<String> {
        let mut depth = 0_usize;
        let mut behind = None;
        for token in &self.tokens[first..self.position()] {
            match (token.kind, behind) {
                (TokenKind::LeftBrace | TokenKind::LeftBracket, _) => depth += 1,
                (TokenKind::RightBrace | TokenKind::RightBracket, _) => {
                    depth = depth.saturating_sub(1);
                }
                (TokenKind::Comment, _) => continue,
                (TokenKind::Colon, Some(TokenKind::String(_))) => {
                    behind = Some(TokenKind::Colon);
                    continue;
                }
                (TokenKind::String(StringKind::Plain), Some(TokenKind::Colon)) => {
                    let text = token.text(&self.text);
                    return Some(text[1..text.len() - 1].to_owned());
                }
                (TokenKind::String(_), _) if depth == 1 && self.is_meta(token.text(&self.text)) => {
                    behind = Some(token.kind);
                    continue;
                }
                _ => {}
            }
            behind = None;
        }
        None
    }

    /// Returns whether a string token is the keyword of a meta-type.
    fn is_meta(&self, written: &str) -> bool {
        let key = written.trim_matches('\'');
        (self.reading == Reading::Tolerant && key == "type")
            || Meta::ALL.iter().any(|meta| meta.as_str() == key)
    }
}

fn matches(open: TokenKind, close: TokenKind) -> bool {
    matches!(
        (open, close),
        (TokenKind::LeftBrace, TokenKind::RightBrace)
            | (TokenKind::LeftBracket, TokenKind::RightBracket)
    )
}
