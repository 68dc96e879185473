//! Lays values out on lines.

use super::tree::{CloseColumn, Entry, Group, Node, columns};

/// Columns of a line, as in QEMU's own schemas.
const WIDTH: usize = 79;

/// Columns by which entries below their opening bracket are indented.
const STEP: usize = 4;

/// The deepest indentation of entries below their opening bracket. No real schema reaches it, and it keeps the length
/// of the output proportional to that of the input.
const DEEPEST: usize = 60;

/// Blanks before a comment at the end of a line.
const GAP: usize = 2;

/// Appends a value at top level and the comment after it, with a line feed at the end.
pub(super) fn value(out: &mut String, node: &Node<'_>, after: Option<&str>) {
    let mut printer = Printer {
        lines: vec![OutputLine::at(0)],
    };
    printer.node(node, 0);
    printer.line().comment = after;
    printer.finish(out);
}

/// One line of output.
struct OutputLine<'t> {
    indent: usize,
    code: String,
    /// Columns of indentation and code.
    width: usize,
    /// The comment at its end.
    comment: Option<&'t str>,
}

impl OutputLine<'_> {
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
    lines: Vec<OutputLine<'t>>,
}

impl<'t> Printer<'t> {
    fn line(&mut self) -> &mut OutputLine<'t> {
        self.lines.last_mut().expect("there is always a line")
    }

    fn push(&mut self, text: &str) {
        self.line().push(text);
    }

    fn start_line(&mut self, indent: usize) {
        self.lines.push(OutputLine::at(indent));
    }

    /// Prints a value; `follow` more columns are needed on its last line.
    fn node(&mut self, node: &Node<'t>, follow: usize) {
        let group = match node {
            Node::Scalar(text) => return self.push(text),
            Node::Group(group) => group,
        };
        match group.flat {
            Some(flat)
                if group.entries.is_empty() || self.line().width + flat + follow <= WIDTH =>
            {
                self.flat(group);
            }
            Some(_) => self.broken(group, follow),
            None => self.kept(group, follow),
        }
    }

    /// Prints everything on one line.
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

    /// Prints a line for every entry. Plain strings in arrays fill lines instead: the layout of what stood on one line
    /// that is too long.
    fn broken(&mut self, group: &Group<'t>, follow: usize) {
        let (open, close) = brackets(group);
        let OutputLine {
            indent: outer,
            width: column,
            ..
        } = *self.line();
        let below = (outer + STEP).min(DEEPEST);
        let behind = column + group.bracket_columns();
        let aligned = !group.expanded && {
            let (widest, last) = group.aligned;
            behind <= below || column + widest.max(last + follow) <= WIDTH
        };
        let indent = if aligned { behind } else { below.min(behind) };
        self.push(open);
        if aligned {
            self.push(pad(group));
        } else {
            self.start_line(indent);
        }
        for (index, entry) in group.entries.iter().enumerate() {
            let behind = group.columns_behind(index, follow);
            if index > 0 {
                let fills = !group.expanded
                    && matches!(group.entries[index - 1].value, Node::Scalar(_))
                    && self.has_room_for_string(entry, behind);
                if fills {
                    self.push(" ");
                } else {
                    self.start_line(indent);
                }
            }
            self.entry(entry, indent, behind, index + 1 < group.entries.len());
        }
        self.push(pad(group));
        self.push(close);
    }

    /// Prints with the line breaks of the source, and another one before each entry that ends beyond the width.
    fn kept(&mut self, group: &Group<'t>, follow: usize) {
        let (open, close) = brackets(group);
        let OutputLine {
            indent: outer,
            width: column,
            ..
        } = *self.line();
        let behind = column + group.bracket_columns();
        let hanging = behind > WIDTH || group.opening.is_some() || group.starts_below();
        let indent = if hanging {
            (outer + group.offset).min(DEEPEST)
        } else {
            behind
        };
        self.push(open);
        self.line().comment = group.opening;
        if !hanging {
            self.push(pad(group));
        }
        for (index, entry) in group.entries.iter().enumerate() {
            let behind = group.columns_behind(index, follow);
            let starts_line = match index {
                0 => hanging,
                _ => self.must_start_line(entry, behind),
            };
            if starts_line {
                if index > 0 && entry.blank_before {
                    self.start_line(0);
                }
                self.start_line(indent);
            } else if index > 0 {
                self.push(" ");
            }
            self.entry(entry, indent, behind, index + 1 < group.entries.len());
        }
        let column = match group.close {
            Some(CloseColumn::Entries) => indent,
            Some(CloseColumn::Bracket) if column <= WIDTH => column,
            _ => outer,
        };
        self.close(group, close, indent, column);
    }

    /// Returns whether an entry goes on a line of its own: it did, or does not fit on this one.
    fn must_start_line(&mut self, entry: &Entry<'t>, behind: usize) -> bool {
        let line = self.line();
        let width = line.width + 1 + entry.key_columns();
        entry.starts_line
            || line.comment.is_some()
            || entry.value_below.is_none()
                && entry
                    .value
                    .flat()
                    .is_some_and(|flat| width + flat + behind > WIDTH)
    }

    fn entry(&mut self, entry: &Entry<'t>, indent: usize, behind: usize, comma: bool) {
        for comment in &entry.before {
            self.push(comment);
            self.start_line(indent);
        }
        let column = self.line().width;
        self.key(entry);
        if let Some(offset) = entry.value_below {
            self.start_line((column + offset).min(DEEPEST));
        }
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

    /// Returns whether an entry is a plain string of an array for which this line has room.
    fn has_room_for_string(&mut self, entry: &Entry<'t>, behind: usize) -> bool {
        let Node::Scalar(text) = entry.value else {
            return false;
        };
        let line = self.line();
        entry.key.is_none() && line.width + 1 + columns(text) + behind <= WIDTH
    }

    /// Prints the closing bracket: after the last entry, or at the start of the next line where it was or a comment is
    /// in the way.
    fn close(&mut self, group: &Group<'t>, close: &str, indent: usize, column: usize) {
        for comment in &group.closing {
            self.start_line(indent);
            self.push(comment);
        }
        let last = group.entries.last();
        let follows = last.is_some_and(|entry| entry.after.is_empty());
        if follows && group.closing.is_empty() && group.close.is_none() {
            self.push(pad(group));
        } else {
            self.start_line(column);
        }
        self.push(close);
    }

    fn key(&mut self, entry: &Entry<'t>) {
        if let Some(key) = entry.key {
            let (before, behind) = entry.colon;
            self.push(key);
            self.push(&" ".repeat(before));
            self.push(":");
            if entry.value_below.is_none() {
                self.push(&" ".repeat(behind));
            }
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
                if !line.code.is_empty() || line.comment.is_some() {
                    out.extend(std::iter::repeat_n(' ', line.indent));
                }
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

/// Returns the blanks inside the brackets, before the first and after the last entry.
fn pad(group: &Group<'_>) -> &'static str {
    if group.tight { "" } else { " " }
}
