//! Running text, lists, tables and the like.

use std::collections::HashMap;

use super::addresses::label_id;
use super::site::Site;
use super::wire;
use super::writer::Html;
use crate::documentation::{
    Admonition, Block, DefinedTerm, Definition, Heading, Inline, Item, Table, Target, Unknown,
    Urgency, plain, slug,
};

/// The surroundings of a text: they decide what names mean, and how large headings are.
pub(super) struct TextPlace<'p, 's> {
    pub(super) page: Option<usize>,
    pub(super) scope: Option<&'p Definition<'s>>,
    /// Headings of the page; none within definitions, where headings are only stressed.
    pub(super) headings: Option<&'p mut Headings>,
}

/// The headings of a page so far.
#[derive(Debug, Default)]
pub(super) struct Headings {
    /// The level of the last one.
    level: usize,
    /// The number of uses of each id.
    ids: HashMap<String, usize>,
}

impl Headings {
    /// Returns the level of definitions at this place.
    pub(super) fn depth(&self) -> usize {
        self.level + 1
    }

    fn id(&mut self, title: &str) -> String {
        let wanted = slug(title);
        let count = self.ids.entry(wanted.clone()).or_default();
        *count += 1;
        match *count {
            1 => format!(":section-{wanted}"),
            // Two colons: not the first one of a title that ends so.
            count => format!("::section-{wanted}-{count}"),
        }
    }
}

/// Returns the element of a heading that is so deep.
pub(super) fn heading_tag(depth: usize) -> &'static str {
    match depth {
        0 => "h1",
        1 => "h2",
        2 => "h3",
        3 => "h4",
        4 => "h5",
        _ => "h6",
    }
}

impl Site<'_, '_> {
    pub(super) fn blocks(&self, html: &mut Html, blocks: &[Block], place: &mut TextPlace<'_, '_>) {
        for block in blocks {
            self.block(html, block, place);
        }
    }

    fn block(&self, html: &mut Html, block: &Block, place: &mut TextPlace<'_, '_>) {
        match block {
            Block::Paragraph(text) => {
                html.element("p", &[], |html| self.inlines(html, text, place));
                html.line();
            }
            Block::Heading(heading) => self.heading(html, heading, place),
            Block::List(items) => self.list(html, items, place),
            Block::Definitions(terms) => {
                html.element("dl", &[], |html| {
                    for DefinedTerm { term, blocks } in terms {
                        html.element("dt", &[], |html| self.inlines(html, term, place));
                        html.element("dd", &[], |html| self.blocks(html, blocks, place));
                    }
                });
                html.line();
            }
            Block::Quote(blocks) => {
                html.element("blockquote", &[], |html| self.blocks(html, blocks, place));
                html.line();
            }
            Block::Literal(text) => {
                html.element("pre", &[], |html| {
                    html.leaf("code", &[], &format!("{text}\n"));
                });
                html.line();
            }
            Block::Unknown(Unknown { text, what }) => {
                let title = format!("not understood: {what}");
                let attributes = [("class", "unknown"), ("title", title.as_str())];
                html.element("pre", &attributes, |html| {
                    html.leaf("code", &[], &format!("{text}\n"));
                });
                html.line();
            }
            Block::Wire(text) => wire::conversation(html, text),
            Block::Example(title, blocks) => self.example(html, title, blocks, place),
            Block::Admonition(admonition) => self.admonition(html, admonition, place),
            Block::Table(table) => self.table(html, table, place),
            Block::Target(label) => {
                html.leaf("span", &[("id", &label_id(label))], "");
            }
        }
    }

    fn heading(&self, html: &mut Html, heading: &Heading, place: &mut TextPlace<'_, '_>) {
        let text = &heading.text;
        let Some(headings) = &mut place.headings else {
            html.element("p", &[("class", "heading")], |html| {
                html.element("strong", &[], |html| self.inlines(html, text, place));
            });
            return;
        };
        headings.level = heading.level;
        let tag = heading_tag(heading.level);
        let id = headings.id(&plain(text));
        html.element(tag, &[("id", &id)], |html| self.inlines(html, text, place));
        html.line();
    }

    fn list(&self, html: &mut Html, items: &[Item], place: &mut TextPlace<'_, '_>) {
        let first = items.first().and_then(|item| item.number);
        let start = first.map(|number| number.to_string());
        let (tag, attributes) = match &start {
            None => ("ul", vec![]),
            Some(start) if start == "1" => ("ol", vec![]),
            Some(start) => ("ol", vec![("start", start.as_str())]),
        };
        html.element(tag, &attributes, |html| {
            for item in items {
                html.element("li", &[], |html| self.item(html, &item.blocks, place));
            }
        });
        html.line();
    }

    /// Writes the blocks of an item, a cell or a description. A paragraph at its beginning needs no element of its own.
    pub(super) fn item(&self, html: &mut Html, blocks: &[Block], place: &mut TextPlace<'_, '_>) {
        match blocks {
            [Block::Paragraph(text), rest @ ..]
                if !rest.iter().any(|it| matches!(it, Block::Paragraph(_))) =>
            {
                self.inlines(html, text, place);
                self.blocks(html, rest, place);
            }
            blocks => self.blocks(html, blocks, place),
        }
    }

    pub(super) fn example(
        &self,
        html: &mut Html,
        title: &[Inline],
        blocks: &[Block],
        place: &mut TextPlace<'_, '_>,
    ) {
        html.element("figure", &[("class", "example")], |html| {
            if !title.is_empty() {
                html.element("figcaption", &[], |html| self.inlines(html, title, place));
            }
            self.blocks(html, blocks, place);
        });
        html.line();
    }

    fn admonition(&self, html: &mut Html, admonition: &Admonition, place: &mut TextPlace<'_, '_>) {
        let class = match admonition.urgency {
            Urgency::Note => "remark",
            Urgency::Warning => "remark warning",
        };
        html.element("div", &[("class", class), ("role", "note")], |html| {
            html.element("p", &[("class", "title")], |html| {
                self.inlines(html, &admonition.title, place);
            });
            self.blocks(html, &admonition.blocks, place);
        });
        html.line();
    }

    fn table(&self, html: &mut Html, table: &Table, place: &mut TextPlace<'_, '_>) {
        html.element("div", &[("class", "scroll")], |html| {
            html.element("table", &[], |html| {
                if !table.title.is_empty() {
                    html.element("caption", &[], |html| {
                        self.inlines(html, &table.title, place);
                    });
                }
                if !table.head.is_empty() {
                    html.element("thead", &[], |html| {
                        self.row(html, &table.head, "th", place);
                    });
                }
                html.element("tbody", &[], |html| {
                    for row in &table.rows {
                        self.row(html, row, "td", place);
                    }
                });
            });
        });
        html.line();
    }

    fn row(
        &self,
        html: &mut Html,
        cells: &[Vec<Inline>],
        tag: &'static str,
        place: &TextPlace<'_, '_>,
    ) {
        html.element("tr", &[], |html| {
            for cell in cells {
                html.element(tag, &[], |html| self.inlines(html, cell, place));
            }
        });
    }

    pub(super) fn inlines(&self, html: &mut Html, text: &[Inline], place: &TextPlace<'_, '_>) {
        for inline in text {
            self.inline(html, inline, place);
        }
    }

    fn inline(&self, html: &mut Html, inline: &Inline, place: &TextPlace<'_, '_>) {
        match inline {
            Inline::Text(text) => {
                html.text(text);
            }
            Inline::Code(text) => {
                html.leaf("code", &[], text);
            }
            Inline::Reference(reference) => {
                self.link(html, reference.target.as_ref(), place, |html| {
                    match &reference.title {
                        Some(title) => html.leaf("cite", &[], title),
                        None => html.leaf("code", &[], &reference.name),
                    };
                });
            }
            Inline::Emphasis(text) => {
                html.leaf("em", &[], text);
            }
            Inline::Strong(text) => {
                html.leaf("strong", &[], text);
            }
            Inline::Link { title, url } => {
                let title = if title.is_empty() { url } else { title };
                html.leaf("a", &[("href", url), ("rel", "external")], title);
            }
            Inline::Unknown(Unknown { text, what }) => {
                let title = format!("not understood: {what}");
                html.leaf("code", &[("class", "unknown"), ("title", &title)], text);
            }
        }
    }

    /// Text that is a link if it leads somewhere else.
    fn link(
        &self,
        html: &mut Html,
        target: Option<&Target>,
        place: &TextPlace<'_, '_>,
        content: impl FnOnce(&mut Html),
    ) {
        let is_here = |target: &Target| match (target, place.scope) {
            (Target::Definition(name), Some(scope)) => *name == scope.name,
            _ => false,
        };
        match target.filter(|target| !is_here(target)) {
            Some(target) => {
                let address = self.address(place.page, target);
                html.element("a", &[("href", &address)], content);
            }
            None => content(html),
        }
    }
}
