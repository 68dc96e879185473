//! Prints documentation as Markdown that rustdoc and GitHub show in the same way.

use std::fmt::Write as _;

use super::{Block, DefinedTerm, Inline, Item, Table, Unknown};

mod flavour;
mod inlines;

pub use flavour::{Flavour, Rustdoc};
pub use inlines::{code, escaped, inlines};

/// Returns the blocks as Markdown, without line breaks at the ends.
pub fn markdown(blocks: &[Block], flavour: &dyn Flavour) -> String {
    let mut out = Out {
        text: String::new(),
        prefix: String::new(),
        tight: true,
        flavour,
    };
    out.blocks(blocks);
    out.text.trim_matches('\n').to_owned()
}

/// The Markdown so far.
struct Out<'f> {
    text: String,
    /// The beginning of every line: the indentation of lists, the marks of quotes.
    prefix: String,
    /// The next block begins on the line that has been begun.
    tight: bool,
    flavour: &'f dyn Flavour,
}

impl Out<'_> {
    /// Starts a block: on the line of a list's mark, or after a blank line.
    fn begin(&mut self) {
        if std::mem::take(&mut self.tight) {
            return;
        }
        let blank = self.prefix.trim_end();
        let _ = write!(self.text, "\n{blank}\n{}", self.prefix);
    }

    /// Adds lines, the first to the line that has been begun.
    fn lines<'l>(&mut self, lines: impl IntoIterator<Item = &'l str>) {
        for (index, line) in lines.into_iter().enumerate() {
            if index > 0 {
                let prefix = if line.is_empty() {
                    self.prefix.trim_end()
                } else {
                    &self.prefix
                };
                self.text.push('\n');
                self.text.push_str(prefix);
            }
            self.text.push_str(line.trim_end());
        }
    }

    /// Adds a block, whose lines have no blanks at their ends.
    fn block(&mut self, markdown: &str) {
        self.begin();
        if self.prefix.is_empty() {
            self.text.push_str(markdown);
        } else {
            self.lines(markdown.lines());
        }
    }

    /// Writes a fenced block that rustdoc does not compile.
    fn literal(&mut self, text: &str) {
        let fence = inlines::fence("```", text);
        let open = format!("{fence}text");
        let ends = [fence.as_str()];
        self.begin();
        self.lines(
            std::iter::once(open.as_str())
                .chain(text.lines())
                .chain(ends),
        );
    }

    /// Adds blocks with more before every line. The first one begins on the line that has been begun.
    fn nested(&mut self, more: &str, blocks: &[Block]) {
        let length = self.prefix.len();
        self.prefix.push_str(more);
        self.tight = true;
        self.blocks(blocks);
        self.prefix.truncate(length);
        self.tight = false;
    }

    fn inlines(&self, text: &[Inline]) -> String {
        inlines(text, self.flavour)
    }

    fn blocks(&mut self, blocks: &[Block]) {
        for block in blocks {
            self.one(block);
        }
    }

    fn one(&mut self, block: &Block) {
        match block {
            Block::Paragraph(text) => self.block(&self.inlines(text)),
            Block::Heading(heading) => {
                let text = self.inlines(&heading.text);
                match self.flavour.marks(heading.level) {
                    0 => self.block(&format!("**{text}**")),
                    level => self.block(&format!("{} {text}", "#".repeat(level))),
                }
            }
            Block::List(items) => self.list(items),
            Block::Definitions(terms) => {
                for DefinedTerm { term, blocks } in terms {
                    self.begin();
                    let _ = write!(self.text, "- {}", self.inlines(term));
                    let length = self.prefix.len();
                    self.prefix.push_str("  ");
                    self.blocks(blocks);
                    self.prefix.truncate(length);
                }
            }
            Block::Quote(blocks) => {
                self.begin();
                self.text.push_str("> ");
                self.nested("> ", blocks);
            }
            Block::Literal(text) | Block::Wire(text) | Block::Unknown(Unknown { text, .. }) => {
                self.literal(text);
            }
            Block::Example(title, blocks) => {
                if title.is_empty() {
                    self.block("Example:");
                } else {
                    self.block(&format!("Example: {}", self.inlines(title)));
                }
                self.blocks(blocks);
            }
            Block::Admonition(admonition) => {
                self.begin();
                let title = self.inlines(&admonition.title);
                let _ = write!(self.text, "> **{title}:**");
                self.admonition(&admonition.blocks);
            }
            Block::Table(table) => self.table(table),
            Block::Target(label) => {
                if let Some(id) = self.flavour.label(label) {
                    self.block(&format!("<a id=\"{id}\"></a>"));
                }
            }
        }
    }

    fn list(&mut self, items: &[Item]) {
        for (index, item) in items.iter().enumerate() {
            let mark = match item.number {
                Some(number) => format!("{number}. "),
                None => "- ".to_owned(),
            };
            if index > 0 && !self.tight {
                let _ = write!(self.text, "\n{}", self.prefix);
            } else {
                self.begin();
            }
            self.text.push_str(&mark);
            self.nested(&" ".repeat(mark.len()), &item.blocks);
        }
    }

    /// After the title, on the same line if that is possible.
    fn admonition(&mut self, blocks: &[Block]) {
        let length = self.prefix.len();
        self.prefix.push_str("> ");
        if let Some(Block::Paragraph(_)) = blocks.first() {
            self.text.push(' ');
            self.tight = true;
        }
        self.blocks(blocks);
        self.prefix.truncate(length);
        self.tight = false;
    }

    fn table(&mut self, table: &Table) {
        if !table.title.is_empty() {
            self.block(&format!("**{}**", self.inlines(&table.title)));
        }
        let row = |cells: &[Vec<Inline>]| {
            let mut line = "|".to_owned();
            for index in 0..table.width() {
                let cell = cells.get(index).map_or(&[][..], Vec::as_slice);
                let cell = self.inlines(cell).replace('\n', " ").replace('|', "\\|");
                let _ = write!(line, " {cell} |");
            }
            line
        };
        let rule = format!("|{}", " --- |".repeat(table.width()));
        let mut lines = vec![row(&table.head), rule];
        lines.extend(table.rows.iter().map(|cells| row(cells)));
        self.block(&lines.join("\n"));
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::super::{parse, parse_tagged};
    use super::{Rustdoc, markdown};

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(markdown(&parse(text), &Rustdoc), expected);
    }

    #[test]
    fn first_line_after_a_tag_does_not_set_the_indentation() {
        let shown = |text| markdown(&parse_tagged(text), &Rustdoc);
        assert_eq!(
            shown("one\n    two\n      three\n\n    four"),
            "one\ntwo\nthree\n\nfour"
        );
        assert_eq!(shown("    one\n    two"), "one\ntwo");
    }

    #[test]
    fn paragraphs_are_separated_by_one_blank_line() {
        check("a\nb\n\n\n\nc\n", "a\nb\n\nc");
    }

    #[test]
    fn lists_hang_and_stay_tight() {
        check(
            "Values:\n\n- one\n  more\n- two\n\n  second paragraph\n\n1. first\n2) second",
            "Values:\n\n- one\n  more\n- two\n\n  second paragraph\n\n1. first\n2. second",
        );
        check(
            "- outer\n\n  - inner\n    more\n- next",
            "- outer\n\n  - inner\n    more\n- next",
        );
        check("#. a\n#. b", "1. a\n2. b");
    }

    #[test]
    fn definitions_are_items_that_begin_with_their_terms() {
        check(
            "one\n  first\n\ntwo *x*\n  second\n\nend",
            "- one\n\n  first\n\n- two *x*\n\n  second\n\nend",
        );
        check("ragged\n  lines\nhere", "ragged\nlines\nhere");
    }

    #[test]
    fn an_announced_block_is_literal() {
        check(
            "Run::\n\n  $ a <b>\n    c\n\nDone",
            "Run:\n\n```text\n$ a <b>\n  c\n```\n\nDone",
        );
        check("::\n\n   x", "```text\nx\n```");
        check("No block::\n\nnext", "No block:\n\nnext");
    }

    #[test]
    fn fence_is_longer_than_any_in_the_text() {
        check("::\n\n   ```", "````text\n```\n````");
    }

    #[test]
    fn examples_are_text_and_keep_their_titles() {
        check(
            ".. qmp-example::\n   :title: One\n\n   -> { \"a\": [] }\n   <- {}\n\nAfter",
            "Example: One\n\n```text\n-> { \"a\": [] }\n<- {}\n```\n\nAfter",
        );
        check(
            ".. qmp-example::\n   :annotated:\n\n   First @x::\n\n      -> {}\n",
            "Example:\n\nFirst `x`:\n\n```text\n-> {}\n```",
        );
        check(
            "-> { 1 }\n<- { 2 }\n\ntext",
            "```text\n-> { 1 }\n<- { 2 }\n```\n\ntext",
        );
        check(
            "Example:\n\n-> { 1 }\n<- { 2 }",
            "Example:\n\n```text\n-> { 1 }\n<- { 2 }\n```",
        );
    }

    #[test]
    fn admonitions_are_quotes() {
        check(
            ".. note:: Mind the\n   gap.\n\n   And more.\n\nAfter",
            "> **Note:** Mind the\n> gap.\n>\n> And more.\n\nAfter",
        );
        check(
            ".. admonition:: Own title\n\n   - a\n   - b",
            "> **Own title:**\n>\n> - a\n> - b",
        );
    }

    #[test]
    fn old_tags_keep_what_hangs_below_them() {
        check(
            "Notes: Mind the\n       gap.\n\n       More.\n\nAfter",
            "> **Notes:** Mind the\n> gap.\n>\n> More.\n\nAfter",
        );
        check(
            "Returns: - nothing\n         - or not\n\nAfter",
            "Returns:\n\n- nothing\n- or not\n\nAfter",
        );
        check("Returns: nothing\nat all", "Returns: nothing\nat all");
    }

    #[test]
    fn unknown_directives_are_shown() {
        check(
            ".. figure:: a.png\n   :alt: x\n\nAfter",
            "```text\n.. figure:: a.png\n   :alt: x\n```\n\nAfter",
        );
    }

    #[test]
    fn indented_text_is_a_quote_and_never_code() {
        check("a\n\n     b\n     c\n\nd", "a\n\n> b\n> c\n\nd");
    }

    #[test]
    fn titles_become_headings() {
        check("=====\nTitle\n=====\n\ntext", "# Title\n\ntext");
        check("Title [1]\n---------", "# Title \\[1\\]");
        check("== Title\n\ntext", "# Title\n\ntext");
        check("a == b", "a == b");
    }

    #[test]
    fn tables_have_a_row_per_line() {
        check(
            "+---+---+\n| a | b |\n+---+---+\n\nx",
            "|  |  |\n| --- | --- |\n| a | b |\n\nx",
        );
        check(
            ".. table:: T\n   :widths: auto\n\n   ==  ====\n   A   B\n   ==  ====\n   1   a|b\n   ==  ====",
            "**T**\n\n| A | B |\n| --- | --- |\n| 1 | a\\|b |",
        );
        check(
            "+--+--+\n| one |\n+--+--+",
            "```text\n+--+--+\n| one |\n+--+--+\n```",
        );
    }

    #[test]
    fn control_characters_are_replaced() {
        check("a\u{202e}b\u{7}c\rd", "a\u{fffd}b\u{fffd}c\u{fffd}d");
    }

    #[test]
    fn deep_nesting_ends_in_a_literal_block() {
        let mut text = String::from("top\n");
        for depth in 1..300 {
            let _ = write!(text, "\n{}- x\n", " ".repeat(depth * 2));
        }
        assert!(markdown(&parse(&text), &Rustdoc).contains("```text"));
    }

    #[test]
    fn empty_text_is_empty() {
        check("", "");
        check("\n \n", "");
        check("..", "");
        check(".. a comment", "");
    }
}
