//! The parser: tokens of one file to values and documentation blocks (docs/reference/language.md §2.1, §3.1).
//!
//! It looks one token ahead, as the reference does: a token is checked when it becomes the current one, so a stray
//! character after an expression is reported before the expression is processed. Recovery aims at one report per
//! mistake: see [`recover`].

use std::sync::Arc;

use compact_str::CompactString;

use crate::diag::{Anchor, Code, Diagnostic};
use crate::dialect::Reading;
use crate::lex::{self, Token, TokenKind};
use crate::source::{FileId, Span};
use crate::syntax::{Headings, KeyValue, Text, Value};

mod recover;
mod reports;
mod string;
mod value;

pub(crate) use reports::Reports;

/// The text after the current token was not understood; that has been reported.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Lost {
    /// Reading continues at the next comma or closing bracket.
    Element,
    /// The rest of the top-level expression is lost.
    Expression,
}

/// The next item at top level.
pub(crate) enum NextItem {
    /// A documentation block: the current token is its opening `##` comment.
    Doc,
    /// A value: the current token is its first one.
    Value,
    /// The end of the file.
    End,
}

/// A top-level value.
pub(crate) struct Expression {
    /// The value; none if it could not be read.
    pub(crate) value: Option<Value>,
    /// The first token.
    pub(crate) start: Span,
    /// It starts like a definition.
    pub(crate) is_object: bool,
    /// If there is no value: the name of the definition, as far as it can be recognised.
    pub(crate) name: Option<String>,
}

/// The parser of one file.
pub(crate) struct Parser {
    pub(crate) file: FileId,
    pub(crate) text: Arc<str>,
    pub(crate) tokens: Vec<Token>,
    pub(crate) reading: Reading,
    pub(crate) reports: Reports,
    /// Some line of documentation breaks the rules of style, which the tolerant reading does not report.
    pub(crate) breaks_style: bool,
    /// Lines of documentation that start with `=`, which the tolerant reading finds.
    pub(crate) headings: Headings,
    /// Index of the current token; never a plain comment.
    at: usize,
    /// Stray characters were skipped right before the current token.
    after_stray: bool,
    /// Indices of the brackets that are open.
    open: Vec<usize>,
    /// Members of the objects that are being read, those of the innermost last, so that each object gets its exact
    /// size.
    members: Vec<KeyValue>,
    /// Elements of arrays likewise.
    elements: Vec<Value>,
    /// The current expression has a mistake that makes its meaning doubtful.
    damaged: bool,
    /// `##` comments before this token are comments inside an expression.
    old_comments_before: usize,
    /// The bracket in which a value seems to lack its `[`, which has been reported.
    unopened: Option<usize>,
    /// A search for the end mark of a merge conflict has failed, so there is none further on either.
    no_more_conflicts: std::cell::Cell<bool>,
}

impl Parser {
    /// Creates a parser at the first token of `text`, which ends in a line feed. Its tokens take the place of those of another
    /// text.
    pub(crate) fn new(
        file: FileId,
        text: Arc<str>,
        reading: Reading,
        mut tokens: Vec<Token>,
    ) -> Self {
        lex::tokens_into(&text, &mut tokens);
        let mut parser = Self {
            file,
            tokens,
            text,
            reading,
            reports: Reports::default(),
            breaks_style: false,
            headings: Headings::default(),
            at: 0,
            after_stray: false,
            open: Vec::new(),
            members: Vec::new(),
            elements: Vec::new(),
            damaged: false,
            old_comments_before: 0,
            unopened: None,
            no_more_conflicts: std::cell::Cell::new(false),
        };
        parser.settle();
        parser
    }

    /// Returns the item that the current token starts at top level.
    pub(crate) fn next(&mut self) -> NextItem {
        if self.after_stray {
            self.skip_junk();
        }
        match self.kind() {
            TokenKind::End => NextItem::End,
            TokenKind::DocComment => NextItem::Doc,
            _ => NextItem::Value,
        }
    }

    /// Reads a top-level value and looks at the token after it.
    pub(crate) fn expression(&mut self) -> Expression {
        let first = self.at;
        let start = self.span();
        self.damaged = false;
        let value = self.top_value();
        match value {
            Ok(value) if !self.damaged => Expression {
                is_object: matches!(value, Value::Object(_)),
                value: Some(value),
                start,
                name: None,
            },
            Ok(_) => self.damaged_expression(first, start),
            Err(_) => {
                self.skip_expression(first);
                self.damaged_expression(first, start)
            }
        }
    }

    fn damaged_expression(&self, first: usize, start: Span) -> Expression {
        Expression {
            value: None,
            start,
            is_object: self.tokens[first].kind == TokenKind::LeftBrace,
            name: self.definition_name(first),
        }
    }

    /// Reports something that is an error today but was understood in the past: in the
    /// tolerant dialect a warning under the code of the old form.
    pub(crate) fn finding(
        &self,
        today: Code,
        old: Code,
        anchor: Anchor,
        message: impl Into<String>,
    ) -> Diagnostic {
        match self.reading {
            Reading::Strict => Diagnostic::error(today, anchor, message),
            Reading::Tolerant => Diagnostic::warning(old, anchor, message).today(today),
        }
    }

    /// Makes `index` the current token.
    pub(crate) fn go_to(&mut self, index: usize) {
        self.at = index;
        self.settle();
    }

    /// Index of the current token.
    pub(crate) fn position(&self) -> usize {
        self.at
    }

    /// Moves to the next token that is not a plain comment.
    fn bump(&mut self) {
        if self.kind() != TokenKind::End {
            self.at += 1;
        }
        self.settle();
    }

    /// Skips what is not a token and reports what is not a usable token, up to one that can be used.
    fn settle(&mut self) {
        self.after_stray = false;
        loop {
            if self.reports.exhausted() {
                self.at = self.tokens.len() - 1;
                return;
            }
            match self.kind() {
                TokenKind::Comment => {}
                TokenKind::Stray if self.conflict_end(self.at).is_some() => {
                    self.report_conflict();
                    continue;
                }
                TokenKind::Stray => self.report_stray(),
                TokenKind::Null if self.reading == Reading::Strict => self.report_stray(),
                TokenKind::DocComment if self.is_old_comment() => self.report_old_comment(),
                TokenKind::String(kind) => return self.judge_string(kind),
                _ => return,
            }
            self.at += 1;
        }
    }

    /// Returns the token after a merge conflict whose first mark is at `start`.
    pub(crate) fn conflict_end(&self, start: usize) -> Option<usize> {
        let is_mark = |token: &Token, mark: &str| {
            token.kind == TokenKind::Stray
                && self.starts_line(*token)
                && token.text(&self.text).starts_with(mark)
        };
        if self.no_more_conflicts.get() || !is_mark(&self.tokens[start], "<<<<<<<") {
            return None;
        }
        let last = self.tokens[start..]
            .iter()
            .position(|token| is_mark(token, ">>>>>>>"))?;
        let after = self.tokens[start + last].end as usize;
        let line_end = self.text[after..]
            .find('\n')
            .map_or(self.text.len(), |end| after + end);
        let behind = self.tokens[start..]
            .iter()
            .position(|token| token.start as usize > line_end);
        Some(behind.map_or(self.tokens.len() - 1, |behind| start + behind))
    }

    /// Reports the merge conflict at the current token and moves past it.
    pub(crate) fn report_conflict(&mut self) {
        let span = self.span();
        self.reports.report(
            Diagnostic::error(
                Code::LEX_STRAY,
                Anchor::Point(span),
                "unresolved merge conflict",
            )
            .primary(span, "it starts here")
            .help("keep one of the two sides, and remove the marks"),
        );
        self.damaged |= !self.open.is_empty();
        self.at = self.conflict_end(self.at).unwrap_or(self.at + 1);
    }

    /// Stray characters with nothing in between are one mistake, inside of expressions only as
    /// far as the line goes.
    fn report_stray(&mut self) {
        let token = self.token();
        let again = self.after_stray
            && self.at > 0
            && (self.open.is_empty() || {
                let previous = self.tokens[self.at - 1];
                !self.text[previous.start as usize..token.start as usize].contains('\n')
            });
        self.after_stray = true;
        self.damaged |= !self.open.is_empty();
        if again {
            return;
        }
        let span = self.span();
        let run = lex::stray_run(&self.text[token.start as usize..]);
        let mut found = Diagnostic::error(
            Code::LEX_STRAY,
            Anchor::Point(span),
            format!("{} is not part of the language", quote(run)),
        )
        .primary(span, "starts no token");
        found = match run.chars().next() {
            Some('\u{feff}') => found.help("remove the byte-order mark"),
            Some('"') => found.help("strings are written in single quotes"),
            Some('0'..='9' | '-' | '+') => found.help("there are no numbers"),
            Some('/') => found.help("a comment starts with `#`"),
            _ => found.help("a value is a string in single quotes, `true`, `false`, `[` or `{`"),
        };
        self.reports.report(found);
    }

    fn report_old_comment(&mut self) {
        let span = self.span();
        self.reports.report(
            Diagnostic::warning(
                Code::OLD_DOC_INSIDE,
                Anchor::Point(span),
                "a comment inside an expression starts with `##`",
            )
            .primary(span, "")
            .help("start the comment with a single `#` and a space"),
        );
    }

    /// Until QEMU 2.8 a `##` comment could stand anywhere. A comment that starts the documentation of the next
    /// definition does not count: there a bracket is missing.
    fn is_old_comment(&mut self) -> bool {
        if self.reading == Reading::Strict || self.open.is_empty() {
            return false;
        }
        // Looked up once for a run of comments, however long it is.
        if self.at >= self.old_comments_before {
            let run = self.tokens[self.at..]
                .iter()
                .take_while(|token| {
                    matches!(token.kind, TokenKind::Comment | TokenKind::DocComment)
                })
                .count();
            let next = self.tokens[self.at + run];
            if next.kind == TokenKind::End
                || (next.kind == TokenKind::LeftBrace && self.starts_line(next))
            {
                return false;
            }
            self.old_comments_before = self.at + run;
        }
        true
    }

    fn token(&self) -> Token {
        self.tokens[self.at]
    }

    fn kind(&self) -> TokenKind {
        self.token().kind
    }

    /// Returns the kind of the next token that is not a plain comment.
    fn peek(&self) -> TokenKind {
        self.tokens[self.at..]
            .iter()
            .skip(1)
            .find(|token| token.kind != TokenKind::Comment)
            .map_or(TokenKind::End, |token| token.kind)
    }

    /// Returns the place of the current token.
    pub(crate) fn span(&self) -> Span {
        self.span_of(self.token())
    }

    /// Returns the place of a token.
    pub(crate) fn span_of(&self, token: Token) -> Span {
        Span::new(self.file, token.start, token.end)
    }

    fn starts_line(&self, token: Token) -> bool {
        token.start == 0 || self.text.as_bytes()[token.start as usize - 1] == b'\n'
    }

    /// Returns the current token as a message calls it.
    fn found(&self) -> String {
        describe(self.token(), &self.text)
    }

    /// Takes the current token, a string.
    fn take_string(&mut self) -> Result<Text, Lost> {
        let token = self.token();
        let TokenKind::String(kind) = token.kind else {
            return Err(Lost::Element);
        };
        if kind == lex::StringKind::Open {
            // Brackets may have been skipped; more reports would be guesses.
            return Err(Lost::Expression);
        }
        let value = match kind {
            lex::StringKind::Plain => {
                CompactString::from(&self.text[token.start as usize + 1..token.end as usize - 1])
            }
            _ => self.decode_special(token).into(),
        };
        let span = self.span();
        self.bump();
        Ok(Text { value, span })
    }
}

/// Returns a token as messages call it.
fn describe(token: Token, text: &str) -> String {
    match token.kind {
        TokenKind::End => "the end of the file".to_owned(),
        TokenKind::String(_) => format!("string {}", quote(token.text(text))),
        TokenKind::DocComment | TokenKind::Comment => "a `##` comment".to_owned(),
        _ => quote(token.text(text)),
    }
}

/// Source text as messages quote it: in back quotes, not too long.
pub(crate) fn quote(text: &str) -> String {
    const LONGEST: usize = 40;
    let mut quoted = String::from("`");
    let mut characters = text.chars();
    for character in characters.by_ref().take(LONGEST) {
        if matches!(character, '\'' | '"' | '\\') {
            quoted.push(character);
        } else {
            // Characters without a visible form would not be seen, or would affect a terminal.
            quoted.extend(character.escape_debug());
        }
    }
    if characters.next().is_some() {
        quoted.push('…');
    }
    quoted.push('`');
    quoted
}
