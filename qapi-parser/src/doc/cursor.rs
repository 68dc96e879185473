//! A cursor over the lines of a documentation block (docs/reference/language.md §7.1).

use super::block::{self, BlockExtent};
use super::line::DocLine;
use super::style::Style;
use crate::diag::{Anchor, Code, Diagnostic};
use crate::dialect::Reading;
use crate::lex::{TokenKind, is_white_space};
use crate::parse::{Parser, Reports};
use crate::source::Span;

/// The wanted reports.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Talk {
    /// All.
    All,
    /// Those about sections: the block is read again, and its lines have been reported already.
    Structure,
    /// None: the mistake has been reported.
    Nothing,
}

/// A cursor over the lines of a block. A line is checked when it becomes the current one, and the end of the block when
/// all lines have been read, as in the reference.
pub(super) struct Lines<'p, 'a> {
    parser: &'p mut Parser,
    text: &'a str,
    block: &'p BlockExtent,
    talk: Talk,
    style: Style,
    /// The token after the current line.
    next: usize,
    current: Option<DocLine<'a>>,
}

impl<'p, 'a> Lines<'p, 'a> {
    /// Creates a cursor at the first line. `text` is the parser's.
    pub(super) fn new(
        parser: &'p mut Parser,
        text: &'a str,
        block: &'p BlockExtent,
        talk: Talk,
    ) -> Self {
        let mut lines = Self {
            parser,
            text,
            block,
            talk,
            style: Style::default(),
            next: block.lines.start,
            current: None,
        };
        lines.advance();
        lines
    }

    /// Returns the current line; none at the end of the block.
    pub(super) fn current(&self) -> Option<DocLine<'a>> {
        self.current
    }

    /// Goes to the next line.
    pub(super) fn advance(&mut self) {
        if self.next >= self.block.lines.end {
            if self.next == self.block.lines.end && self.talk == Talk::All {
                if let Some(report) = self.block.gap_before(self.next) {
                    self.parser.reports.report(report.clone());
                }
                self.block.finish(self.parser);
            }
            // Only the first time.
            self.next = self.block.lines.end + 1;
            self.current = None;
            return;
        }
        if self.talk == Talk::All
            && let Some(report) = self.block.gap_before(self.next)
        {
            self.parser.reports.report(report.clone());
        }
        let token = self.parser.tokens[self.next];
        self.next += 1;
        let span = self.parser.span_of(token);
        let written = token.text(self.text);
        let text = if token.kind == TokenKind::DocComment {
            if self.talk == Talk::All {
                block::report_end_junk(self.parser, span);
            }
            let text = written.trim_start_matches('#');
            text.strip_prefix(' ').unwrap_or(text)
        } else if let Some(text) = written.strip_prefix("# ") {
            text
        } else {
            let text = &written[1..];
            if !text.is_empty() && self.talk == Talk::All {
                self.report_no_space(span);
            }
            text.strip_prefix('\t').unwrap_or(text)
        };
        let line = DocLine {
            text: match text.as_bytes().last() {
                Some(b'!'..=b'~') => text,
                _ => text.trim_end_matches(is_white_space),
            },
            span,
        };
        let is_regular = token.kind == TokenKind::Comment;
        if is_regular && self.talk == Talk::All {
            self.check_style(line);
        }
        self.current = Some(line);
    }

    fn check_style(&mut self, line: DocLine<'a>) {
        if self.parser.reading == Reading::Strict {
            self.style.check(line, self.text, &mut self.parser.reports);
            return;
        }
        if line.text.starts_with('=') {
            self.note_heading(line);
        }
        if !self.parser.breaks_style {
            let mut reports = Reports::default();
            self.style.check(line, self.text, &mut reports);
            self.parser.breaks_style = !reports.is_empty();
        }
    }

    fn note_heading(&mut self, line: DocLine<'a>) {
        let first = self.parser.tokens[self.block.lines.start];
        if !first.text(self.text).starts_with("# @") && first.start < line.span.start {
            let headings = &mut self.parser.headings;
            headings.in_text.get_or_insert(line.span);
        }
    }

    /// Notes that what starts with a line in the documentation of a definition is a heading to older readers.
    pub(super) fn note_definition_heading(&mut self, line: DocLine<'a>) {
        if self.talk == Talk::All {
            let headings = &mut self.parser.headings;
            headings.in_definition.get_or_insert(line.span);
        }
    }

    /// Goes to the next line that is not blank.
    pub(super) fn skip_blank(&mut self) {
        while self.current.is_some_and(DocLine::is_blank) {
            self.advance();
        }
    }

    /// Moves past the block and looks at the token there.
    pub(super) fn finish(&mut self) {
        while self.current.is_some() {
            self.advance();
        }
        if self.talk == Talk::All && self.parser.position() < self.block.behind {
            self.parser.go_to(self.block.behind);
        }
    }

    /// Returns the whole block.
    pub(super) fn block(&self) -> Span {
        self.block.span(self.parser)
    }

    /// Returns the line that starts the block.
    pub(super) fn opener(&self) -> Span {
        self.block.opener(self.parser)
    }

    /// Returns the line that ends the block.
    pub(super) fn closer(&self) -> Span {
        self.block.closer(self.parser)
    }

    /// Returns whether a line of text, rather than a blank or a tagged one, is right below the line at `span`.
    pub(super) fn text_follows(&self, span: Span) -> bool {
        let rest = &self.text[span.end as usize..];
        let below = rest.trim_start_matches([' ', '\t']).strip_prefix('\n');
        let line = below.and_then(|rest| rest.trim_start().strip_prefix("# "));
        line.is_some_and(|line| !line.starts_with(['@', '#', '\n', ' ']))
    }

    /// Returns whether the block ends as it should.
    pub(super) fn is_closed(&self) -> bool {
        self.block.end == block::End::Closed
    }

    pub(super) fn reading(&self) -> Reading {
        self.parser.reading
    }

    /// Returns a report about the structure of the block: see [`Parser::finding`].
    pub(super) fn finding(
        &self,
        today: Code,
        old: Code,
        anchor: Anchor,
        message: impl Into<String>,
    ) -> Diagnostic {
        self.parser.finding(today, old, anchor, message)
    }

    /// Reports something about the structure of the block.
    pub(super) fn report(&mut self, diagnostic: Diagnostic) {
        if self.talk != Talk::Nothing {
            self.parser.reports.report(diagnostic);
        }
    }

    fn report_no_space(&mut self, span: Span) {
        let behind = Span::new(span.file, span.start + 1, span.start + 1);
        let found = self
            .parser
            .finding(
                Code::DOC_NO_SPACE,
                Code::OLD_DOC_NO_SPACE,
                Anchor::Point(span),
                "no space after the `#` of a documentation line",
            )
            .primary(Span::new(span.file, span.start, span.start + 1), "")
            .suggest(behind, " ", "add a blank");
        self.parser.reports.report(found);
    }
}
