//! The markup of documentation in schemas, as a tree: what rustdoc, HTML, Markdown and manual pages are printed from.
//!
//! It is the part of reStructuredText that QEMU's schemas use (language.md §7 and Appendix C), read tolerantly: text that
//! is not understood is kept as [`Block::Unknown`] or [`Inline::Unknown`], to be shown as it was written and counted.

mod blocks;
mod inline;
pub(crate) mod markdown;
mod table;
mod text;

use std::borrow::Cow;

/// A paragraph or something that stands in the place of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Block {
    /// Running text.
    Paragraph(Vec<Inline>),
    /// A title within the text.
    Heading(HeadingStyle, Vec<Inline>),
    /// A list.
    List(Vec<Item>),
    /// Terms and what they mean.
    Definitions(Vec<(Vec<Inline>, Vec<Block>)>),
    /// Text that is indented for emphasis.
    Quote(Vec<Block>),
    /// Text whose lines and columns stay as they are, without the indentation that all lines share.
    Literal(String),
    /// What goes over the wire: lines that begin with `->` are sent by the client, with `<-` by the server.
    Wire(String),
    /// An example with its title, which may be empty.
    Example(Vec<Inline>, Vec<Block>),
    /// A remark set apart from the text.
    Admonition(Admonition),
    /// A table.
    Table(Table),
    /// A place that references name.
    Target(String),
    /// What is not understood.
    Unknown(Unknown),
}

/// Part of running text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Inline {
    /// Plain text; may contain line breaks, which mean no more than blanks.
    Text(String),
    /// Literal text on one line.
    Code(String),
    /// `@name`: a member, argument, value, feature or definition.
    Name(String),
    /// A reference to a definition or to a [`Block::Target`], by name.
    Reference(String),
    /// The same with a title of its own.
    Titled {
        /// What is shown.
        title: String,
        /// What is referred to.
        target: String,
    },
    /// Text with stress.
    Emphasis(String),
    /// Text with more stress.
    Strong(String),
    /// A link out of the documentation.
    Link {
        /// What is shown; the address itself if empty.
        title: String,
        /// The address, with its scheme.
        url: String,
    },
    /// What is not understood.
    Unknown(Unknown),
}

/// Markup that is not understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unknown {
    /// What it seems to be: the name of a directive or role, for a summary.
    pub(crate) what: Cow<'static, str>,
    /// How it is written.
    pub(crate) text: String,
}

/// How a heading is marked; what level that means depends on the marks used before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HeadingStyle {
    /// Underlined with this character, and overlined too or not.
    Adorned {
        /// The character of the lines.
        mark: char,
        /// There is a line above.
        over: bool,
    },
    /// This many `=` in front, the form before QEMU 10.2.
    Equals(u8),
}

/// An item of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Item {
    /// Its number, if the list is a numbered one.
    pub(crate) number: Option<u32>,
    /// What it says.
    pub(crate) blocks: Vec<Block>,
}

/// A remark set apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Admonition {
    /// How much it matters.
    pub(crate) urgency: Urgency,
    /// `Note`, `Warning`, or the author's own title.
    pub(crate) title: Vec<Inline>,
    /// What it says.
    pub(crate) blocks: Vec<Block>,
}

/// How much a remark matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Urgency {
    /// Good to know.
    Note,
    /// To be minded.
    Warning,
}

/// A table. All rows have as many cells as there are columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Table {
    /// Its title; may be empty.
    pub(crate) title: Vec<Inline>,
    /// The cells of the first row if that names the columns, or empty.
    pub(crate) head: Vec<Vec<Inline>>,
    /// The cells.
    pub(crate) rows: Vec<Vec<Vec<Inline>>>,
}

/// The blocks of a text that stands by itself: all of its lines have their indentation.
pub(crate) fn parse(text: &str) -> Vec<Block> {
    let text = text::clean(text);
    let lines: Vec<_> = text.lines().collect();
    blocks::parse(&text::dedented(&lines))
}

/// The blocks of a section that begins behind a tag: the indentation of its first line says nothing about the others'.
pub(crate) fn parse_tagged(text: &str) -> Vec<Block> {
    let text = text::clean(text);
    let mut lines = text.lines();
    let first = lines.next().unwrap_or_default();
    let rest: Vec<_> = lines.collect();
    let mut all = vec![first.trim_start()];
    all.extend(text::dedented(&rest));
    blocks::parse(&all)
}

/// A text without blocks: what follows `Since:`.
pub(crate) fn parse_inline(text: &str) -> Vec<Inline> {
    inline::parse(&text::clean(text))
}

/// Calls `visit` with everything in the blocks that is not understood, in order.
pub(crate) fn each_unknown(blocks: &[Block], visit: &mut dyn FnMut(&Unknown)) {
    walk(blocks, &mut |leaf| match leaf {
        Leaf::Block(Block::Unknown(unknown)) => visit(unknown),
        Leaf::Block(_) => {}
        Leaf::Inlines(text) => {
            for inline in text {
                if let Inline::Unknown(unknown) = inline {
                    visit(unknown);
                }
            }
        }
    });
}

/// Calls `visit` with every text that readers see, without its markup, in order.
pub(crate) fn each_text(blocks: &[Block], visit: &mut dyn FnMut(&str)) {
    walk(blocks, &mut |leaf| match leaf {
        Leaf::Block(
            Block::Unknown(Unknown { text, .. }) | Block::Literal(text) | Block::Wire(text),
        ) => visit(text),
        Leaf::Block(_) => {}
        Leaf::Inlines(text) => visit(&plain(text)),
    });
}

/// What text consists of in the end.
enum Leaf<'b> {
    Inlines(&'b [Inline]),
    /// A block with neither blocks nor running text in it.
    Block(&'b Block),
}

fn walk(blocks: &[Block], visit: &mut dyn FnMut(Leaf<'_>)) {
    for block in blocks {
        match block {
            Block::Paragraph(text) | Block::Heading(_, text) => visit(Leaf::Inlines(text)),
            Block::List(items) => {
                for item in items {
                    walk(&item.blocks, visit);
                }
            }
            Block::Definitions(pairs) => {
                for (term, blocks) in pairs {
                    visit(Leaf::Inlines(term));
                    walk(blocks, visit);
                }
            }
            Block::Quote(blocks) => walk(blocks, visit),
            Block::Example(title, blocks) | Block::Admonition(Admonition { title, blocks, .. }) => {
                visit(Leaf::Inlines(title));
                walk(blocks, visit);
            }
            Block::Table(table) => {
                visit(Leaf::Inlines(&table.title));
                for cell in table.head.iter().chain(table.rows.iter().flatten()) {
                    visit(Leaf::Inlines(cell));
                }
            }
            Block::Unknown(_) | Block::Literal(_) | Block::Wire(_) | Block::Target(_) => {
                visit(Leaf::Block(block));
            }
        }
    }
}

/// The text without its markup, on one line.
pub(crate) fn plain(text: &[Inline]) -> String {
    let mut out = String::new();
    for inline in text {
        out.push_str(match inline {
            Inline::Text(text)
            | Inline::Code(text)
            | Inline::Name(text)
            | Inline::Reference(text)
            | Inline::Emphasis(text)
            | Inline::Strong(text)
            | Inline::Unknown(Unknown { text, .. }) => text,
            Inline::Link { title, url } if title.is_empty() => url,
            Inline::Titled { title, .. } | Inline::Link { title, .. } => title,
        });
    }
    let words: Vec<_> = out.split_whitespace().collect();
    words.join(" ")
}
