//! Messages in the examples of documentation.

use qapi_parser::ir::Doc;
use qapi_parser::source::{SourceMap, Span};

/// A line of a documentation block, without its `#` and the blank behind it.
#[derive(Clone, Copy)]
pub(crate) struct Line<'s> {
    pub(crate) text: &'s str,
    /// The text, without white space at either end.
    pub(crate) span: Span,
}

/// The directions of a message in an example.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Direction {
    /// `->`
    ToServer,
    /// `<-`
    ToClient,
}

/// A message of an example.
pub(crate) struct Message {
    pub(crate) direction: Direction,
    /// Its JSON, line breaks kept.
    pub(crate) text: String,
    /// Its first line.
    pub(crate) span: Span,
}

/// The lines of a documentation block, without the `##` around it.
pub(crate) fn lines<'s>(sources: &'s SourceMap, doc: &Doc) -> Vec<Line<'s>> {
    let mut lines = Vec::new();
    let mut start = doc.span.start;
    for line in sources.text(doc.span).split_inclusive('\n') {
        let comment = line.trim();
        let text = comment.strip_prefix('#').unwrap_or(comment);
        let text = text.strip_prefix(' ').unwrap_or(text);
        let behind = line.trim_start().strip_prefix('#').unwrap_or(line);
        let indent = line.len() - behind.trim_start().len();
        let length = text.trim().len();
        let at = start + offset(indent);
        if !comment.starts_with("##") {
            lines.push(Line {
                text,
                span: Span::new(doc.span.file, at, at + offset(length)),
            });
        }
        start += offset(line.len());
    }
    lines
}

/// An offset in a file; files have less than 4 GB.
fn offset(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

/// The messages of a documentation block.
pub(crate) fn messages(lines: &[Line<'_>]) -> Vec<Message> {
    let mut messages = Vec::new();
    let mut rest = lines.iter().peekable();
    while let Some(line) = rest.next() {
        let Some((direction, first)) = marked(line.text) else {
            continue;
        };
        let margin = indent(line.text);
        let mut text = first.to_owned();
        let mut state = Balance::default();
        state.take(first);
        while let Some(line) = rest.peek() {
            let is_blank = line.text.trim().is_empty();
            let ends = if is_blank {
                state.is_complete()
            } else {
                let column = indent(line.text);
                marked(line.text).is_some()
                    || column < margin
                    || column == margin && state.is_complete()
            };
            if ends {
                break;
            }
            text.push('\n');
            text.push_str(line.text);
            state.take(line.text);
            rest.next();
        }
        messages.push(Message {
            direction,
            text,
            span: line.span,
        });
    }
    messages
}

/// The direction of a line that starts a message, and what follows the mark.
fn marked(text: &str) -> Option<(Direction, &str)> {
    let text = text.trim_start();
    let marks = [("->", Direction::ToServer), ("<-", Direction::ToClient)];
    marks.into_iter().find_map(|(mark, direction)| {
        let message = text.strip_prefix(mark)?;
        message
            .trim_start()
            .starts_with('{')
            .then_some((direction, message))
    })
}

fn indent(text: &str) -> usize {
    text.len() - text.trim_start().len()
}

/// Counts brackets outside of strings.
#[derive(Default)]
struct Balance {
    depth: i32,
    in_string: bool,
    escaped: bool,
}

impl Balance {
    fn take(&mut self, line: &str) {
        for byte in line.bytes() {
            match byte {
                _ if self.escaped => self.escaped = false,
                b'\\' if self.in_string => self.escaped = true,
                b'"' => self.in_string = !self.in_string,
                b'{' | b'[' if !self.in_string => self.depth += 1,
                b'}' | b']' if !self.in_string => self.depth -= 1,
                _ => {}
            }
        }
        // No string goes on in the next line.
        self.in_string = false;
        self.escaped = false;
    }

    fn is_complete(&self) -> bool {
        self.depth <= 0
    }
}

/// Returns whether a message leaves something out, as `...`.
pub(crate) fn is_abridged(text: &str) -> bool {
    let mut in_string = false;
    let mut escaped = false;
    let mut dots = 0;
    for byte in text.bytes() {
        dots = if byte == b'.' && !in_string {
            dots + 1
        } else {
            0
        };
        match byte {
            _ if dots == 3 => return true,
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            _ => {}
        }
    }
    false
}
