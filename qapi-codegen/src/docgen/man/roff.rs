//! Writes troff in which no text can be taken for a request.

use std::fmt::Write as _;

use crate::documentation::{Block, DefinedTerm, Heading, Inline, Table, Unknown, plain};

/// A manual page so far.
#[derive(Debug)]
pub(super) struct Roff {
    out: String,
    /// The next paragraph needs no request.
    fresh: bool,
}

/// Text without anything that has a meaning.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\e"),
            '-' => out.push_str("\\-"),
            '\'' => out.push_str("\\(aq"),
            '`' => out.push_str("\\(ga"),
            '^' => out.push_str("\\(ha"),
            '~' => out.push_str("\\(ti"),
            '"' => out.push_str("\\(dq"),
            c if c.is_ascii() => out.push(c),
            c => {
                let _ = write!(out, "\\[u{:04X}]", u32::from(c));
            }
        }
    }
    out
}

pub(super) fn bold(text: &str) -> String {
    format!("\\fB{}\\fR", escaped(text))
}

fn italic(text: &str) -> String {
    format!("\\fI{}\\fR", escaped(text))
}

/// Running text.
pub(super) fn inlines(text: &[Inline]) -> String {
    let mut out = String::new();
    for inline in text {
        let shown = match inline {
            Inline::Text(text) => escaped(text),
            Inline::Reference(reference) => match &reference.title {
                Some(title) => italic(title),
                None => bold(&reference.name),
            },
            Inline::Code(text) | Inline::Strong(text) | Inline::Unknown(Unknown { text, .. }) => {
                bold(text)
            }
            Inline::Emphasis(text) => italic(text),
            Inline::Link { title, url } if title.is_empty() => italic(url),
            Inline::Link { title, url } => format!("{} ({})", escaped(title), italic(url)),
        };
        out.push_str(&shown);
    }
    out
}

impl Roff {
    pub(super) fn new(mark: &str) -> Self {
        Self {
            out: format!(".\\\" {mark}\n"),
            fresh: false,
        }
    }

    pub(super) fn finish(self) -> String {
        self.out
    }

    /// Writes a request; arguments are escaped.
    pub(super) fn request(&mut self, name: &str, arguments: &[&str]) {
        self.out.push('.');
        self.out.push_str(name);
        for argument in arguments {
            self.out.push_str(" \"");
            self.out.push_str(&escaped(argument));
            self.out.push('"');
        }
        self.out.push('\n');
        self.fresh = matches!(name, "SH" | "SS" | "TP" | "IP" | "RS");
    }

    /// Writes a line without escaping it, except for a control character at its start.
    pub(super) fn line(&mut self, line: &str) {
        // A line must not begin with a control character, and blank ones are paragraphs in some programs.
        let line = line.trim();
        if line.starts_with(['.', '\'']) {
            self.out.push_str("\\&");
        }
        if !line.is_empty() {
            self.out.push_str(line);
            self.out.push('\n');
        }
    }

    /// Plain text.
    pub(super) fn text(&mut self, text: &str) {
        self.lines(&escaped(text));
    }

    fn lines(&mut self, escaped: &str) {
        for line in escaped.lines() {
            self.line(line);
        }
        self.fresh = false;
    }

    /// Begins a paragraph, unless a heading or an item has just begun.
    pub(super) fn paragraph(&mut self) {
        if !std::mem::take(&mut self.fresh) {
            self.request("PP", &[]);
        }
    }

    /// Something whose lines stay as they are.
    fn literal(&mut self, text: &str) {
        self.paragraph();
        self.request("RS", &["4"]);
        self.request("EX", &[]);
        for line in text.lines() {
            let line = escaped(line);
            if line.starts_with(['.', '\'']) {
                self.out.push_str("\\&");
            }
            self.out
                .push_str(if line.trim().is_empty() { "\\&" } else { &line });
            self.out.push('\n');
        }
        self.request("EE", &[]);
        self.request("RE", &[]);
    }

    pub(super) fn blocks(&mut self, blocks: &[Block]) {
        for block in blocks {
            self.block(block);
        }
    }

    /// Blocks with more space to their left.
    fn indented(&mut self, blocks: &[Block]) {
        self.request("RS", &["4"]);
        self.blocks(blocks);
        self.request("RE", &[]);
    }

    fn block(&mut self, block: &Block) {
        match block {
            Block::Paragraph(text) => {
                self.paragraph();
                self.lines(&inlines(text));
            }
            Block::Heading(Heading { text, .. }) => {
                self.request("SS", &[&plain(text)]);
            }
            Block::List(items) => {
                for item in items {
                    match item.number {
                        Some(number) => self.request("IP", &[&format!("{number}."), "4"]),
                        None => self.out.push_str(".IP \\(bu 3\n"),
                    }
                    self.fresh = true;
                    self.item(&item.blocks);
                }
                self.fresh = false;
            }
            Block::Definitions(terms) => {
                for DefinedTerm { term, blocks } in terms {
                    self.request("TP", &[]);
                    self.lines(&inlines(term));
                    self.item(blocks);
                }
            }
            Block::Quote(blocks) => self.indented(blocks),
            Block::Literal(text) | Block::Wire(text) | Block::Unknown(Unknown { text, .. }) => {
                self.literal(text);
            }
            Block::Example(title, blocks) => {
                self.paragraph();
                let title = inlines(title);
                self.lines(&if title.is_empty() {
                    "Example:".to_owned()
                } else {
                    format!("Example: {title}")
                });
                self.blocks(blocks);
            }
            Block::Admonition(admonition) => {
                self.paragraph();
                self.line(&format!("{}:", bold(&plain(&admonition.title))));
                self.indented(&admonition.blocks);
            }
            Block::Table(table) => {
                let rows = std::iter::once(&table.head).chain(&table.rows);
                let rows = rows.filter(|row| !row.is_empty());
                let rows: Vec<_> = rows.map(|row| Table::texts(row)).collect();
                if !table.title.is_empty() {
                    self.paragraph();
                    self.line(&bold(&plain(&table.title)));
                }
                self.literal(&columns(&rows));
            }
            Block::Target(_) => {}
        }
    }

    /// Writes the content of an item: further blocks of it keep its indentation.
    pub(super) fn item(&mut self, blocks: &[Block]) {
        match blocks {
            [] => {}
            [Block::Paragraph(text), rest @ ..] => {
                self.lines(&inlines(text));
                if !rest.is_empty() {
                    self.indented(rest);
                }
            }
            blocks => self.indented(blocks),
        }
    }
}

/// Cells side by side.
fn columns(rows: &[Vec<String>]) -> String {
    let count = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<_> = (0..count).map(width).collect();
    let line = |row: &Vec<String>| {
        let cells = row.iter().zip(&widths);
        let cells = cells.map(|(cell, width)| format!("{cell:width$}"));
        let line = cells.collect::<Vec<_>>().join("  ");
        line.trim_end().to_owned()
    };
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_is_taken_for_a_request() {
        let mut roff = Roff::new("mark");
        roff.request("SH", &["A \"b\" \\n"]);
        roff.text(".so /etc/passwd\n'br\nü -x");
        roff.blocks(&crate::documentation::parse("::\n\n  .x\n\n  'y"));
        assert_eq!(
            roff.finish(),
            ".\\\" mark\n.SH \"A \\(dqb\\(dq \\en\"\n\\&.so /etc/passwd\n\\(aqbr\n\\[u00FC] \\-x\n.PP\n.RS \"4\"\n.EX\n\
             \\&.x\n\\&\n\\(aqy\n.EE\n.RE\n"
        );
    }
}
