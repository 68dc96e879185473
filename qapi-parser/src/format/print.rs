//! Lays values out on lines.

use super::tree::{Entry, Group, Node, columns};

/// Columns of a line, as in QEMU's own schemas.
const WIDTH: usize = 79;

/// Columns by which entries below their opening bracket are indented.
const STEP: usize = 4;

/// Entries below their opening bracket stand no deeper than this: no schema goes so far, and
/// the length of the output stays in proportion to that of the input.
const DEEPEST: usize = 60;

/// Blanks before a comment at the end of a line.
const GAP: usize = 2;

/// Appends a value at top level and the comment behind it, with a line feed at the end.
pub(super) fn value(out: &mut String, node: &Node<'_>, after: Option<&str>) {
    let mut printer = Printer {
        lines: vec![Line::at(0)],
    };
    printer.node(node, 0);
    printer.line().comment = after;
    printer.finish(out);
}

/// One line of output.
struct Line<'t> {
    indent: usize,
    code: String,
    /// Columns of indentation and code.
    width: usize,
    /// The comment at its end.
    comment: Option<&'t str>,
}

impl Line<'_> {
    fn at(indent: usize) -> Self {
        Self {
            indent,
            code: String::new(),
            width: indent,
            comment: None,
        }
    }

    fn push(&mut self, text: &str) {
        self.code.push_str(text);
        self.width += columns(text);
    }
}

struct Printer<'t> {
    /// Never empty; the last one is being written.
    lines: Vec<Line<'t>>,
}

impl<'t> Printer<'t> {
    fn line(&mut self) -> &mut Line<'t> {
        self.lines.last_mut().expect("there is always a line")
    }

    fn push(&mut self, text: &str) {
        self.line().push(text);
    }

    fn start_line(&mut self, indent: usize) {
        self.lines.push(Line::at(indent));
    }

    /// A value behind which another `follow` columns are needed on its last line.
    fn node(&mut self, node: &Node<'t>, follow: usize) {
        match node {
            Node::Scalar(text) => self.push(text),
            Node::Group(group) => match group.flat {
                Some(flat)
                    if group.entries.is_empty() || self.line().width + flat + follow <= WIDTH =>
                {
                    self.flat(group);
                }
                _ => self.broken(group, follow),
            },
        }
    }

    /// Everything on one line.
    fn flat(&mut self, group: &Group<'t>) {
        let (open, close) = brackets(group);
        self.push(open);
        for (index, entry) in group.entries.iter().enumerate() {
            self.push(if index > 0 { ", " } else { pad(group) });
            self.key(entry);
            match &entry.value {
                Node::Scalar(text) => self.push(text),
                Node::Group(inner) => self.flat(inner),
            }
        }
        if !group.entries.is_empty() {
            self.push(pad(group));
        }
        self.push(close);
    }

    /// A line for every entry, but for plain strings in arrays, of which lines are filled.
    fn broken(&mut self, group: &Group<'t>, follow: usize) {
        let (open, close) = brackets(group);
        let Line {
            indent: outer,
            width: column,
            ..
        } = *self.line();
        let below = (outer + STEP).min(DEEPEST);
        let behind = column + group.bracket_columns();
        let aligned = !group.starts_with_comment() && !group.expanded && {
            let (widest, last) = group.aligned;
            behind <= below || column + widest.max(last + follow) <= WIDTH
        };
        let indent = if aligned { behind } else { below.min(behind) };
        self.push(open);
        if aligned {
            self.push(pad(group));
        } else {
            self.line().comment = group.opening;
            self.start_line(indent);
        }
        // What follows an entry on its line: a comma, or the closing brackets.
        let count = group.entries.len();
        let behind = |index: usize, entry: &Entry<'_>| match index + 1 < count {
            true => 1,
            false if group.closing.is_empty() && entry.after.is_empty() => {
                group.bracket_columns() + follow
            }
            false => 0,
        };
        for (index, entry) in group.entries.iter().enumerate() {
            if let Some(before) = index.checked_sub(1).map(|index| &group.entries[index]) {
                if !group.expanded && self.can_share_line(before, entry, behind(index, entry)) {
                    self.push(" ");
                } else {
                    self.start_line(indent);
                }
            }
            self.entry(entry, indent, behind(index, entry), index + 1 < count);
        }
        self.close(group, close, indent, if aligned { column } else { outer });
    }

    fn entry(&mut self, entry: &Entry<'t>, indent: usize, behind: usize, comma: bool) {
        for comment in &entry.before {
            self.push(comment);
            self.start_line(indent);
        }
        self.key(entry);
        self.node(&entry.value, behind);
        if comma {
            self.push(",");
        }
        let Some((first, rest)) = entry.after.split_first() else {
            return;
        };
        self.line().comment = Some(first);
        for comment in rest {
            self.start_line(indent);
            self.line().comment = Some(comment);
        }
    }

    /// Returns whether `next` goes behind `entry`, which has just been written: both are plain strings
    /// of an array without comments, and there is room.
    fn can_share_line(&mut self, entry: &Entry<'t>, next: &Entry<'t>, next_behind: usize) -> bool {
        let Node::Scalar(text) = next.value else {
            return false;
        };
        next.key.is_none()
            && matches!(entry.value, Node::Scalar(_))
            && entry.after.is_empty()
            && next.before.is_empty()
            && self.line().width + 1 + columns(text) + next_behind <= WIDTH
    }

    /// The closing bracket: behind the last entry, or on the next line where a comment is there.
    fn close(&mut self, group: &Group<'t>, close: &str, indent: usize, column: usize) {
        for (index, comment) in group.closing.iter().enumerate() {
            if index > 0 || !group.entries.is_empty() {
                self.start_line(indent);
            }
            self.push(comment);
        }
        let last = group.entries.last();
        if group.closing.is_empty() && last.is_some_and(|entry| entry.after.is_empty()) {
            self.push(pad(group));
        } else if self.line().code.is_empty() && self.line().comment.is_none() {
            self.line().indent = column;
            self.line().width = column;
        } else {
            self.start_line(column);
        }
        self.push(close);
    }

    fn key(&mut self, entry: &Entry<'t>) {
        if let Some(key) = entry.key {
            self.push(key);
            self.push(": ");
        }
    }

    /// Appends the lines, with the comments at the ends of consecutive ones below each other.
    fn finish(self, out: &mut String) {
        for run in self
            .lines
            .chunk_by(|a, b| a.comment.is_some() && b.comment.is_some())
        {
            let column = run.iter().map(|line| line.width).max().unwrap_or(0) + GAP;
            for line in run {
                out.extend(std::iter::repeat_n(' ', line.indent));
                out.push_str(&line.code);
                if let Some(comment) = line.comment {
                    out.extend(std::iter::repeat_n(' ', column - line.width));
                    out.push_str(comment);
                }
                out.push('\n');
            }
        }
    }
}

fn brackets(group: &Group<'_>) -> (&'static str, &'static str) {
    if group.object { ("{", "}") } else { ("[", "]") }
}

/// The blanks inside the brackets, before the first and behind the last entry.
fn pad(group: &Group<'_>) -> &'static str {
    if group.tight { "" } else { " " }
}
