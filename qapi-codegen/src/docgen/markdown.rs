//! The reference as Markdown: a file per module, and one that leads to them.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use qapi_parser::ir::TypeId;

use super::Format;
use super::levels::Levels;
use super::links::{Destination, Links, summary};
use super::tree::{Definition, Kind, Page, PagePart};
use super::types::{self, Piece};
use super::wire::Examples;
use crate::markup::markdown::{self, Flavour, code, escaped};
use crate::markup::{Block, HeadingStyle};

mod anchors;
mod definition;

use anchors::Anchors;

/// Names of files that pages must not have.
pub(super) const TAKEN: &[&str] = &["index"];

/// The files.
pub(super) fn files(links: &Links<'_, '_>) -> BTreeMap<String, String> {
    let pages = &links.tree.pages;
    let book = Book {
        links,
        examples: Examples::new(links.tree.schema),
        anchors: pages.iter().map(Anchors::new).collect(),
    };
    let mut files = BTreeMap::from([("index.md".to_owned(), book.overview())]);
    for (index, page) in pages.iter().enumerate() {
        files.insert(format!("{}.md", page.stem), book.module(index, page));
    }
    files
}

/// What the files are made from.
struct Book<'l, 't, 's> {
    links: &'l Links<'t, 's>,
    examples: Examples<'s>,
    /// Per page, what GitHub calls its headings.
    anchors: Vec<Anchors<'s>>,
}

impl<'s> Book<'_, '_, 's> {
    /// The address of a destination, for links on a page.
    fn address(&self, from: Option<usize>, to: Destination<'_>) -> String {
        let (page, anchor) = match to {
            Destination::Index => return "index.md".to_owned(),
            // Parts have no headings.
            Destination::Definition { page, name }
            | Destination::Part {
                page,
                definition: name,
                ..
            }
            | Destination::Feature {
                page,
                definition: name,
                ..
            } => (page, self.anchors[page].definition(name).to_owned()),
            Destination::Label { page, label } => (page, label_id(label)),
        };
        if from == Some(page) {
            format!("#{anchor}")
        } else {
            format!("{}.md#{anchor}", self.links.tree.pages[page].stem)
        }
    }

    fn definition_link(&self, from: Option<usize>, name: &str) -> String {
        match self.links.find(name) {
            Some(to) => format!("[{}]({})", code(name), self.address(from, to)),
            None => code(name),
        }
    }

    /// A type; the types that it is made of are links.
    fn ty(&self, from: Option<usize>, id: TypeId) -> String {
        let mut out = String::new();
        for piece in types::pieces(self.links.tree.schema, id) {
            match piece {
                Piece::Plain(text) => out.push_str(&escaped(text)),
                Piece::Builtin(builtin) => out.push_str(types::word(builtin)),
                Piece::Defined(name) => out.push_str(&self.definition_link(from, name)),
            }
        }
        out
    }

    fn overview(&self) -> String {
        let tree = self.links.tree;
        let mut out = format!("<!-- {} -->\n\n", Format::Markdown.mark());
        let _ = writeln!(out, "# {}", escaped(&tree.title));
        for page in &tree.pages {
            let _ = writeln!(out, "\n## [{}]({}.md)", escaped(&page.title), page.stem);
            if let Some(PagePart::Text(blocks)) = page.parts.first() {
                let text = summary(blocks);
                if !text.is_empty() {
                    let _ = writeln!(out, "\n{}", escaped(&text));
                }
            }
            for kind in Kind::ALL {
                let definitions = page.definitions().filter(|it| it.kind == kind);
                let links: Vec<_> = definitions
                    .map(|it| self.definition_link(None, it.name))
                    .collect();
                if !links.is_empty() {
                    let _ = writeln!(out, "\n{}: {}", kind.plural(), links.join(", "));
                }
            }
        }
        out
    }

    fn module(&self, index: usize, page: &Page<'s>) -> String {
        let mut out = format!("<!-- {} -->\n\n", Format::Markdown.mark());
        let _ = writeln!(out, "# {}", escaped(&page.title));
        let _ = writeln!(out, "\n[{}](index.md)", escaped(&self.links.tree.title));
        let mut levels = Levels::new(page.title_style);
        for part in &page.parts {
            out.push('\n');
            match part {
                PagePart::Text(blocks) => {
                    for block in blocks {
                        if let Block::Heading(style, _) = block {
                            levels.enter(*style);
                        }
                        let place = Place {
                            book: self,
                            page: index,
                            scope: None,
                            level: levels.depth(),
                        };
                        out.push_str(&place.blocks(std::slice::from_ref(block)));
                        out.push_str("\n\n");
                    }
                    out.truncate(out.trim_end().len());
                    out.push('\n');
                }
                PagePart::Definition(definition) => {
                    let level = (levels.depth() + 1).min(6);
                    self.definition(&mut out, index, definition, level);
                }
            }
        }
        out
    }
}

/// Where text stands.
struct Place<'b, 'l, 't, 's> {
    book: &'b Book<'l, 't, 's>,
    page: usize,
    scope: Option<&'b Definition<'s>>,
    /// How many `#` a heading gets.
    level: usize,
}

impl Place<'_, '_, '_, '_> {
    fn blocks(&self, blocks: &[Block]) -> String {
        markdown::markdown(blocks, self)
    }

    fn is_elsewhere(&self, to: &Destination<'_>) -> bool {
        let (Destination::Definition { name, .. }
        | Destination::Part {
            definition: name, ..
        }
        | Destination::Feature {
            definition: name, ..
        }) = to
        else {
            return true;
        };
        self.scope.is_none_or(|scope| scope.name != *name)
    }
}

impl Flavour for Place<'_, '_, '_, '_> {
    fn name(&self, name: &str) -> Option<String> {
        let to = self.book.links.name(name, self.scope)?;
        self.is_elsewhere(&to)
            .then(|| self.book.address(Some(self.page), to))
    }

    fn reference(&self, target: &str) -> Option<String> {
        let to = self.book.links.reference(target, self.scope)?;
        self.is_elsewhere(&to)
            .then(|| self.book.address(Some(self.page), to))
    }

    fn level(&self, _: HeadingStyle) -> usize {
        // Within a definition there is no place for a heading.
        if self.scope.is_some() { 0 } else { self.level }
    }

    fn target(&self, label: &str) -> Option<String> {
        Some(label_id(label))
    }
}

fn label_id(label: &str) -> String {
    format!("label-{}", super::links::slug(label))
}
