//! The extent of a documentation block (docs/reference/language.md §7.1, §10.4).

use std::ops::Range;

use crate::diag::{Anchor, Code, Diagnostic};
use crate::dialect::Reading;
use crate::lex::{Token, TokenKind, is_white_space};
use crate::parse::{Parser, quote};
use crate::source::Span;

/// The number of places in a block that may lack their mark.
const GAPS: usize = 100;

/// The number of lines in one such place. More lines are probably text that belongs elsewhere.
const UNMARKED: usize = 10;

/// The extent of a block, in tokens of its file.
pub(super) struct BlockExtent {
    /// The opening `##`, or the first line if there is none.
    opener: usize,
    /// The lines in between.
    pub(super) lines: Range<usize>,
    /// The closing `##`, or the last line if there is none.
    closer: usize,
    /// The token after the block.
    pub(super) behind: usize,
    pub(super) end: End,
    /// Something was wrong with the line that opens it.
    bad_opener: bool,
    /// The block exists only because a mistake was corrected.
    guessed: bool,
    /// Lines that are no comments, which were skipped, by the token after them.
    gaps: Vec<(usize, Diagnostic)>,
}

/// The end of a block.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// With `##`.
    Closed,
    /// With `##` and more text, which has not been reported.
    Junk,
    /// With a line such as `# ##`.
    Old,
    /// With something that is not a comment.
    Open,
}

impl BlockExtent {
    /// Finds the block that the current token opens. Reports a bad opener; other faults are reported when the lines
    /// have been read up to there. None if it is not a block.
    pub(super) fn find(parser: &mut Parser) -> Option<Self> {
        let opener = parser.position();
        let written = parser.tokens[opener].text(&parser.text);
        let bad_opener = written != "##";
        if bad_opener {
            let opens = opens_all_the_same(parser, opener);
            report_start_junk(parser);
            if !opens {
                parser.go_to(opener + 1);
                return None;
            }
        }
        let first = opener + 1;
        let mut behind = first;
        let mut end = End::Open;
        let mut gaps = Vec::new();
        loop {
            while is_comment(parser.tokens[behind]) && end == End::Open {
                end = closes(parser, behind);
                behind += 1;
            }
            if end != End::Open || gaps.len() == GAPS || (bad_opener && behind == first) {
                break;
            }
            let Some(report) = bridge_gap(parser, behind, behind == first) else {
                break;
            };
            gaps.push((behind, report));
        }
        if end == End::Open && behind == first {
            return Self::without_opener(parser, opener);
        }
        let closer = behind - 1;
        if end == End::Open && is_old_closer(parser.tokens[closer].text(&parser.text)) {
            end = End::Old;
        }
        let lines = match end {
            End::Closed | End::Junk => first..closer,
            End::Old if parser.reading == Reading::Tolerant => first..closer,
            _ => first..behind,
        };
        Some(Self {
            opener,
            lines,
            closer,
            behind,
            // A frame of `#` characters is one mistake, not two.
            end: if bad_opener && end == End::Junk {
                End::Closed
            } else {
                end
            },
            // Without its first line it may lack its header.
            bad_opener: bad_opener || gaps.first().is_some_and(|(before, _)| *before == first),
            guessed: false,
            gaps,
        })
    }

    /// Returns the report about something between the line before the token at `index` and the one at it, if it is wanted
    /// there.
    pub(super) fn gap_before(&self, index: usize) -> Option<&Diagnostic> {
        let gap = self
            .gaps
            .binary_search_by_key(&index, |(before, _)| *before);
        gap.ok().map(|gap| &self.gaps[gap].1)
    }

    /// Returns a `##` right before something that is not a comment: it was meant to close the comments before it.
    fn without_opener(parser: &mut Parser, closer: usize) -> Option<Self> {
        let first = first_of_run(parser, closer);
        parser.go_to(closer + 1);
        let is_missing = first < closer && parser.tokens[closer + 1].kind == TokenKind::LeftBrace;
        let span = parser.span_of(parser.tokens[closer]);
        if !is_missing || parser.reading == Reading::Strict {
            let found = report_open(parser, span);
            let found = if is_missing {
                found.label(
                    parser.span_of(parser.tokens[first]),
                    "a line `##` is missing before this",
                )
            } else {
                found
            };
            parser.reports.report(found);
        } else {
            let first = parser.span_of(parser.tokens[first]);
            parser.reports.report(
                Diagnostic::warning(
                    Code::OLD_DOC_START,
                    Anchor::Line(first),
                    "documentation without the line `##` that opens it",
                )
                .primary(first, "the block starts here")
                .label(span, "and is closed here")
                .suggest(
                    Span::new(first.file, first.start, first.start),
                    "##\n",
                    "add the opening line",
                ),
            );
        }
        is_missing.then_some(Self {
            opener: first,
            lines: first..closer,
            closer,
            behind: closer + 1,
            end: End::Closed,
            bad_opener: true,
            guessed: parser.reading == Reading::Strict,
            gaps: Vec::new(),
        })
    }

    /// Returns whether nothing more should be said about it.
    pub(super) fn is_guessed(&self) -> bool {
        self.guessed
    }

    /// Returns whether something was wrong with the lines around it: then a first line that is not a header is no new
    /// mistake.
    pub(super) fn is_doubtful(&self) -> bool {
        self.bad_opener
    }

    /// Returns the line that opens it.
    pub(super) fn opener(&self, parser: &Parser) -> Span {
        parser.span_of(parser.tokens[self.opener])
    }

    /// Returns the line that closes it.
    pub(super) fn closer(&self, parser: &Parser) -> Span {
        parser.span_of(parser.tokens[self.closer])
    }

    /// Returns all of it.
    pub(super) fn span(&self, parser: &Parser) -> Span {
        self.opener(parser).to(self.closer(parser))
    }

    /// Moves past the block and reports what is wrong with its end.
    pub(super) fn finish(&self, parser: &mut Parser) {
        let closer = self.closer(parser);
        match self.end {
            End::Closed => {}
            End::Junk => report_end_junk(parser, closer),
            End::Old if parser.reading == Reading::Tolerant => parser.reports.report(
                Diagnostic::warning(
                    Code::OLD_DOC_END,
                    Anchor::Point(closer),
                    format!("{} closes a documentation block", self.written(parser)),
                )
                .primary(closer, "")
                .suggest(closer, "##", "write `##` only"),
            ),
            End::Old | End::Open => {
                // The reference reads the token before it notices the missing end of the block.
                parser.go_to(self.behind);
                let found = report_open(parser, self.opener(parser));
                let found = if self.end == End::Old {
                    let help = format!(
                        "{} is text, close the block with `##`",
                        self.written(parser)
                    );
                    found.help(help)
                } else {
                    found.help("close it with a line `##`")
                };
                parser.reports.report(found);
            }
        }
    }

    fn written(&self, parser: &Parser) -> String {
        quote(parser.tokens[self.closer].text(&parser.text))
    }
}

/// Removes the tokens of lines that continue the comment without their `#`, or of a merge conflict; more comment lines
/// follow, up to the end of the block. Returns the report about it; nothing if they are no such lines. At the start of a block
/// the `##` before it may just as well end another one, so that the next comment must not be one more.
fn bridge_gap(parser: &mut Parser, index: usize, is_first: bool) -> Option<Diagnostic> {
    let span = parser.span_of(parser.tokens[index]);
    let conflict = parser.conflict_end(index);
    let (next, lines) = match conflict {
        Some(next) => (next, Vec::new()),
        None => unmarked_lines(parser, index)?,
    };
    let mut run = parser.tokens[next..]
        .iter()
        .take_while(|token| is_comment(**token))
        .peekable();
    let opens = is_first && run.peek()?.kind != TokenKind::Comment;
    if opens || !run.any(|token| token.text(&parser.text) == "##") {
        return None;
    }
    parser.tokens.drain(index..next);
    if conflict.is_some() {
        return Some(
            Diagnostic::error(
                Code::LEX_STRAY,
                Anchor::Point(span),
                "unresolved merge conflict",
            )
            .primary(span, "it starts here")
            .help("keep one of the two sides, and remove the marks"),
        );
    }
    let start = Span::new(span.file, span.start, span.start);
    let mut error = Diagnostic::error(
        Code::DOC_UNTERMINATED,
        Anchor::Point(span),
        "this line continues the comment; `#` is missing",
    )
    .primary(span, "no comment")
    .suggest(start, "# ", "add the mark");
    for line in &lines[1..] {
        error = error.label(*line, "nor is this one");
    }
    Some(error)
}

/// Returns the lines from the token at `index` on that are neither comments nor the start of a definition, by their first
/// tokens, and the token after them.
fn unmarked_lines(parser: &Parser, index: usize) -> Option<(usize, Vec<Span>)> {
    let mut next = index;
    let mut lines = Vec::new();
    while !is_comment(parser.tokens[next]) {
        let token = parser.tokens[next];
        let is_item = matches!(token.kind, TokenKind::LeftBrace | TokenKind::End);
        if is_item || lines.len() == UNMARKED {
            return None;
        }
        lines.push(parser.span_of(token));
        let line_end = parser.text[token.start as usize..].find('\n')? + token.start as usize;
        next += parser.tokens[next..]
            .iter()
            .position(|token| token.start as usize > line_end)?;
    }
    Some((next, lines))
}

fn is_comment(token: Token) -> bool {
    matches!(token.kind, TokenKind::Comment | TokenKind::DocComment)
}

/// Returns whether the comment at `index` ends a block.
fn closes(parser: &Parser, index: usize) -> End {
    let token = parser.tokens[index];
    if token.kind != TokenKind::DocComment {
        return End::Open;
    }
    let written = token.text(&parser.text);
    if written == "##" {
        return End::Closed;
    }
    // More lines after one that starts with `##` mean that it was to be one of them.
    let more = is_comment(parser.tokens[index + 1]);
    if more && written.trim_end_matches(is_white_space) != "##" {
        End::Open
    } else if parser.reading == Reading::Tolerant && is_old_closer(written) {
        End::Old
    } else {
        End::Junk
    }
}

/// Only `#` and blanks, at least two of the former (docs/reference/language.md §10.4).
fn is_old_closer(written: &str) -> bool {
    let written = written.trim_end_matches(is_white_space);
    written.bytes().all(|byte| byte == b'#' || byte == b' ')
        && written.bytes().filter(|byte| *byte == b'#').count() >= 2
}

/// Returns whether a `##` comment with something after opens a block, in spite of that.
fn opens_all_the_same(parser: &Parser, opener: usize) -> bool {
    let written = parser.tokens[opener].text(&parser.text);
    let written = written.trim_end_matches(is_white_space);
    let next = parser.tokens[opener + 1];
    let header = next.kind == TokenKind::Comment && next.text(&parser.text).starts_with("# @");
    match parser.reading {
        // One block too many is better than taking its last line for the first of the next.
        Reading::Strict => is_comment(next),
        Reading::Tolerant => {
            written == "##" || (header && written.bytes().all(|byte| byte == b'#'))
        }
    }
}

/// Returns the first of the comment lines that lead to the one at `last` without a gap.
fn first_of_run(parser: &Parser, last: usize) -> usize {
    let lines_between = |start: u32, end: u32| {
        let between = &parser.text[start as usize..end as usize];
        between.matches('\n').count()
    };
    let mut first = last;
    while first > 0 {
        let previous = parser.tokens[first - 1];
        let before = first.checked_sub(2).map(|index| parser.tokens[index].end);
        let alone = before.is_none_or(|end| lines_between(end, previous.start) > 0);
        let adjacent = lines_between(previous.end, parser.tokens[first].start) == 1;
        if previous.kind != TokenKind::Comment || !adjacent || !alone {
            break;
        }
        first -= 1;
    }
    first
}

fn report_start_junk(parser: &mut Parser) {
    let span = parser.span();
    let found = parser
        .finding(
            Code::DOC_START_JUNK,
            Code::OLD_DOC_START_JUNK,
            Anchor::Point(span),
            "a comment that starts with `##` opens documentation and must be nothing but `##`",
        )
        .primary(span, "")
        .help("start other comments with a single `#` and a space");
    parser.reports.report(found);
}

/// Reports a line in or after a block that starts with `##`.
pub(super) fn report_end_junk(parser: &mut Parser, span: Span) {
    let found = parser
        .finding(
            Code::DOC_END_JUNK,
            Code::OLD_DOC_END_JUNK,
            Anchor::Point(span),
            "a line that starts with `##` closes documentation and must be nothing but `##`",
        )
        .primary(span, "")
        .help("start other lines with a single `#` and a space");
    parser.reports.report(found);
}

fn report_open(parser: &Parser, opener: Span) -> Diagnostic {
    let span = parser.span();
    parser
        .finding(
            Code::DOC_UNTERMINATED,
            Code::OLD_DOC_UNTERMINATED,
            Anchor::Point(span),
            "a documentation block is not closed",
        )
        .primary(span, "still expected `##`")
        .label(opener, "opened here")
}
