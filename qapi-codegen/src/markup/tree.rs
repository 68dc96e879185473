//! The tree of parsed markup, and walks over it.

use std::borrow::Cow;

/// A paragraph or another block.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Block {
    /// Running text.
    Paragraph(Vec<Inline>),
    /// A title within the text.
    Heading(Heading),
    /// A list.
    List(Vec<Item>),
    /// Terms and their meanings.
    Definitions(Vec<DefinedTerm>),
    /// Text that is indented for emphasis.
    Quote(Vec<Block>),
    /// Text whose lines and columns stay as they are, without the indentation that all lines share.
    Literal(String),
    /// A conversation on the wire: lines that begin with `->` are sent by the client, with `<-` by the server.
    Wire(String),
    /// An example with its title, which may be empty.
    Example(Vec<Inline>, Vec<Block>),
    /// A remark set apart from the text.
    Admonition(Admonition),
    /// A table.
    Table(Table),
    /// A target of references.
    Target(String),
    /// Markup that is not understood.
    Unknown(Unknown),
}

/// Part of running text.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Inline {
    /// Plain text. A line break in it means the same as a blank.
    Text(String),
    /// Literal text on one line.
    Code(String),
    /// The name of a part of the schema, or of a [`Block::Target`].
    Reference(Reference),
    /// Emphasised text.
    Emphasis(String),
    /// Strongly emphasised text.
    Strong(String),
    /// A link out of the documentation.
    Link {
        /// The text that is shown; the address itself if empty.
        title: String,
        /// The address, with its scheme.
        url: String,
    },
    /// Markup that is not understood.
    Unknown(Unknown),
}

/// Markup that is not understood.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Unknown {
    /// A name for it: that of a directive or role, for a summary.
    pub what: Cow<'static, str>,
    /// Its text as it is written.
    pub text: String,
}

/// A name in running text.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Reference {
    /// The form in which it is written.
    pub kind: ReferenceKind,
    /// A title that is shown instead of the name.
    pub title: Option<String>,
    /// The name, as it is written.
    pub name: String,
    /// The place that it leads to; none if the schema has nothing of that name.
    pub target: Option<Target>,
}

/// The form of a [`Reference`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReferenceKind {
    /// `@name`: a member, argument, value, feature or definition.
    Name,
    /// `` `name` `` or ``:role:`name` ``: a definition or a [`Block::Target`].
    Role,
}

/// The place that a reference leads to.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Target {
    /// A definition, by name.
    Definition(String),
    /// A member, argument, value or alternative of a definition.
    Member {
        /// The definition that describes it.
        definition: String,
        /// Its name.
        member: String,
    },
    /// A feature of a definition.
    Feature {
        /// The definition that describes it.
        definition: String,
        /// Its name.
        feature: String,
    },
    /// A [`Block::Target`], by name.
    Label(String),
    /// The index of all definitions.
    Index,
}

/// A title within the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heading {
    /// The form of its markup.
    pub(crate) style: HeadingStyle,
    /// 1 right under the title of its page, 2 below such a heading, and so on; 0 within the documentation of a definition
    /// and inside of other blocks, where headings divide nothing.
    pub level: usize,
    /// The title.
    pub text: Vec<Inline>,
}

/// The mark of a heading; the level that it means depends on the marks used before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HeadingStyle {
    /// Underlined with this character, and perhaps overlined too.
    Adorned {
        /// The character of the lines.
        mark: char,
        /// There is a line above.
        over: bool,
    },
    /// A number of leading `=`, the form before QEMU 10.2.
    Equals(u8),
}

/// A term and its meaning.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DefinedTerm {
    /// The term.
    pub term: Vec<Inline>,
    /// Its meaning.
    pub blocks: Vec<Block>,
}

/// An item of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Item {
    /// Its number, if the list is a numbered one.
    pub number: Option<u32>,
    /// Its content.
    pub blocks: Vec<Block>,
}

/// A remark set apart.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Admonition {
    /// Its weight.
    pub urgency: Urgency,
    /// `Note`, `Warning`, or the author's own title.
    pub title: Vec<Inline>,
    /// Its content.
    pub blocks: Vec<Block>,
}

/// The weight of a remark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Urgency {
    /// Good to know.
    Note,
    /// Important to know.
    Warning,
}

/// A table. All rows have as many cells as there are columns.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Table {
    /// Its title; may be empty.
    pub title: Vec<Inline>,
    /// The cells of the first row if that names the columns, or empty.
    pub head: Vec<Vec<Inline>>,
    /// The cells.
    pub rows: Vec<Vec<Vec<Inline>>>,
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
pub fn each_text(blocks: &[Block], visit: &mut dyn FnMut(&str)) {
    walk(blocks, &mut |leaf| match leaf {
        Leaf::Block(
            Block::Unknown(Unknown { text, .. }) | Block::Literal(text) | Block::Wire(text),
        ) => visit(text),
        Leaf::Block(_) => {}
        Leaf::Inlines(text) => visit(&plain(text)),
    });
}

/// The smallest part of a text.
pub(super) enum Leaf<'b> {
    Inlines(&'b [Inline]),
    /// A block with neither blocks nor running text in it.
    Block(&'b Block),
}

pub(super) fn walk(blocks: &[Block], visit: &mut dyn FnMut(Leaf<'_>)) {
    for block in blocks {
        match block {
            Block::Paragraph(text) | Block::Heading(Heading { text, .. }) => {
                visit(Leaf::Inlines(text));
            }
            Block::List(items) => {
                for item in items {
                    walk(&item.blocks, visit);
                }
            }
            Block::Definitions(terms) => {
                for DefinedTerm { term, blocks } in terms {
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

impl Reference {
    /// Returns the words that readers see: the title, or else the name.
    pub fn shown(&self) -> &str {
        self.title.as_deref().unwrap_or(&self.name)
    }
}

/// Calls `visit` with every [`Inline::Reference`] in the blocks, in order.
pub(crate) fn each_reference(blocks: &mut [Block], visit: &mut dyn FnMut(&mut Inline)) {
    for block in blocks {
        match block {
            Block::Paragraph(text) | Block::Heading(Heading { text, .. }) => {
                references(text, visit);
            }
            Block::List(items) => {
                for item in items {
                    each_reference(&mut item.blocks, visit);
                }
            }
            Block::Definitions(terms) => {
                for DefinedTerm { term, blocks } in terms {
                    references(term, visit);
                    each_reference(blocks, visit);
                }
            }
            Block::Quote(blocks) => each_reference(blocks, visit),
            Block::Example(title, blocks) | Block::Admonition(Admonition { title, blocks, .. }) => {
                references(title, visit);
                each_reference(blocks, visit);
            }
            Block::Table(table) => {
                let cells = table.head.iter_mut().chain(table.rows.iter_mut().flatten());
                for cell in cells.chain([&mut table.title]) {
                    references(cell, visit);
                }
            }
            Block::Unknown(_) | Block::Literal(_) | Block::Wire(_) | Block::Target(_) => {}
        }
    }
}

pub(super) fn references(text: &mut [Inline], visit: &mut dyn FnMut(&mut Inline)) {
    for inline in text {
        if let Inline::Reference(_) = inline {
            visit(inline);
        }
    }
}

/// Returns the text without its markup, on one line.
pub fn plain(text: &[Inline]) -> String {
    let mut out = String::new();
    for inline in text {
        out.push_str(match inline {
            Inline::Text(text)
            | Inline::Code(text)
            | Inline::Emphasis(text)
            | Inline::Strong(text)
            | Inline::Unknown(Unknown { text, .. }) => text,
            Inline::Link { title, url } if title.is_empty() => url,
            Inline::Link { title, .. } => title,
            Inline::Reference(reference) => reference.shown(),
        });
    }
    let words: Vec<_> = out.split_whitespace().collect();
    words.join(" ")
}
