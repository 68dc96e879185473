//! The layout of documentation lines (docs/reference/language.md §7.2): rules of QEMU 10.2 that older schemas break
//! everywhere, so only the strict dialect has them.

use std::iter::Enumerate;
use std::str::CharIndices;

use super::line::DocLine;
use crate::diag::{Anchor, Code, Diagnostic};
use crate::parse::Reports;
use crate::source::Span;

/// Columns that a line may have, the `# ` included.
const COLUMNS: usize = 70;

/// The state of lines: prose or literal text.
#[derive(Default)]
pub(super) enum Style {
    /// Prose.
    #[default]
    Prose,
    /// Literal text, of which no line was indented so far.
    Introduced,
    /// Literal text while lines are indented by this number of characters.
    Literal(usize),
}

impl Style {
    /// Checks the next line of a block that lies in `text`.
    pub(super) fn check(&mut self, line: DocLine<'_>, text: &str, reports: &mut Reports) {
        if line.is_blank() || self.is_literal(line) {
            return;
        }
        if introduces_literal(line.text) {
            *self = Self::Introduced;
            return;
        }
        check_length(line, reports);
        check_spacing(line, text, reports);
    }

    fn is_literal(&mut self, line: DocLine<'_>) -> bool {
        match self {
            Self::Prose => false,
            Self::Introduced => {
                let indentation = line.indentation();
                if indentation > 0 {
                    *self = Self::Literal(indentation);
                }
                true
            }
            Self::Literal(least) if line.indentation() >= *least => true,
            Self::Literal(_) => {
                *self = Self::Prose;
                false
            }
        }
    }
}

/// `::`, or the directive for an example, with nothing else on the line.
fn introduces_literal(text: &str) -> bool {
    let Some(text) = text.strip_suffix("::") else {
        return false;
    };
    let is_example = |text: &str| {
        text.strip_prefix("..")
            .filter(|rest| rest.starts_with(' '))
            .is_some_and(|rest| rest.trim_matches(' ') == "qmp-example")
    };
    text.bytes().all(|byte| byte == b' ') || is_example(text)
}

fn check_length(line: DocLine<'_>, reports: &mut Reports) {
    // Most lines have fewer bytes than they may have characters.
    if line.text.len() + 2 <= COLUMNS {
        return;
    }
    let columns = line.text.chars().count() + 2;
    if columns <= COLUMNS || is_address(line.text) {
        return;
    }
    reports.report(
        Diagnostic::error(
            Code::DOC_LONG,
            Anchor::Point(line.span),
            format!("a documentation line has {columns} columns, {COLUMNS} are allowed"),
        )
        .primary(line.span, "")
        .help("break the line"),
    );
}

/// One web address and nothing else.
fn is_address(text: &str) -> bool {
    let text = text.trim_start_matches(' ');
    ["http://", "https://", "ftp://"]
        .iter()
        .any(|scheme| text.starts_with(scheme))
        && !text.contains(' ')
}

fn check_spacing(line: DocLine<'_>, text: &str, reports: &mut Reports) {
    let bytes = line.text.as_bytes();
    let mut columns: Option<Columns<'_>> = None;
    let mut from = 0;
    while let Some(stop) = sentence_end(bytes, from) {
        if !is_harmless(line.text, stop, from) {
            if reports.exhausted() {
                return;
            }
            let columns = columns.get_or_insert_with(|| Columns::of(line, text));
            report_spacing(line, stop, columns.anchor(stop), reports);
        }
        // The character after the blank belongs to this place: places do not overlap.
        from = stop + 3;
    }
}

/// Finds the columns of places in a line, from left to right: a line may be long.
struct Columns<'a> {
    line: DocLine<'a>,
    /// A byte of the line's text, and the number of characters up to it.
    counted: (usize, usize),
    /// Offset of the line in the file.
    start: usize,
    /// The characters from there on.
    rest: Enumerate<CharIndices<'a>>,
}

impl<'a> Columns<'a> {
    fn of(line: DocLine<'a>, text: &'a str) -> Self {
        let start = line_start(text, line.span.start as usize);
        Self {
            line,
            counted: (0, 0),
            start,
            rest: text[start..].char_indices().enumerate(),
        }
    }

    /// Returns the place with the column of the blank after `stop`. It counts from the `#`, wherever
    /// that stands (docs/reference/language.md §7.2).
    fn anchor(&mut self, stop: usize) -> Span {
        let (bytes, characters) = self.counted;
        let count = characters + self.line.text[bytes..stop].chars().count();
        self.counted = (stop, count);
        let found = self.rest.find(|(index, _)| *index == count + 3);
        found.map_or_else(
            || blank_behind(self.line, stop),
            |(_, (at, character))| {
                let start = self.start + at;
                Span::new(
                    self.line.span.file,
                    offset(start),
                    offset(start + character.len_utf8()),
                )
            },
        )
    }
}

/// Returns the first `.`, `!` or `?` from `from` on that one blank and the start of a sentence follow.
fn sentence_end(bytes: &[u8], from: usize) -> Option<usize> {
    let mut rest = bytes.get(from..)?;
    while let [byte, behind @ ..] = rest {
        if matches!(byte, b'.' | b'!' | b'?')
            && matches!(behind, [b' ', b'A'..=b'Z' | b'0'..=b'9' | b'(', ..])
        {
            return Some(bytes.len() - rest.len());
        }
        rest = behind;
    }
    None
}

/// `e.g.`, or the number of a list item.
fn is_harmless(text: &str, stop: usize, from: usize) -> bool {
    let before = &text[..stop];
    if text.as_bytes()[stop] != b'.' {
        return false;
    }
    if let Some(start) = before.strip_suffix("e.g") {
        let is_word = |character: char| character.is_alphanumeric() || character == '_';
        return start.len() >= from && !start.ends_with(is_word);
    }
    let number = before.trim_start_matches(' ');
    // Any script's digit starts a list.
    let mut characters = number.chars();
    characters.next().is_some_and(char::is_numeric) && characters.next().is_none()
}

fn report_spacing(line: DocLine<'_>, stop: usize, anchor: Span, reports: &mut Reports) {
    let blank = blank_behind(line, stop);
    reports.report(
        Diagnostic::error(
            Code::DOC_SPACING,
            Anchor::Point(anchor),
            "one space between two sentences, expected two",
        )
        .primary(blank, "only one space")
        .suggest(blank, "  ", "write two spaces"),
    );
}

fn blank_behind(line: DocLine<'_>, stop: usize) -> Span {
    let start = line.span.start + 2 + offset(stop) + 1;
    Span::new(line.span.file, start, start + 1)
}

fn offset(at: usize) -> u32 {
    u32::try_from(at).expect("files are limited far below 4 GiB")
}

fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(0, |end| end + 1)
}
