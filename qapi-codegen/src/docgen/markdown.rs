//! The reference as Markdown: a file per module, and an index of them.

use std::fmt::Write as _;

use qapi_parser::ir::{DocId, Entity, Module, ModuleId, TypeId};

use super::format::Format;
use super::wire::Examples;
use crate::documentation::markdown::{self, Flavour, code, escaped};
use crate::documentation::{
    Block, Definition, Documentation, Kind, Page, PageItem, Piece, Target, builtin_word, slug,
    summary, type_pieces,
};
use crate::{Backend, Context, Output, OutputError, drive};

mod anchors;
mod definition;

use anchors::Anchors;

/// Names of files that pages must not have.
pub(super) const TAKEN: &[&str] = &["index"];

/// Returns the files.
pub(super) fn files(cx: &Context<'_>) -> Result<Output, OutputError> {
    let documentation = cx.documentation();
    let book = Book {
        documentation,
        examples: Examples::new(cx.schema()),
        anchors: documentation.pages.iter().map(Anchors::new).collect(),
    };
    drive(
        cx,
        MarkdownPages {
            book,
            output: Output::default(),
            page: None,
            text: String::new(),
            level: 0,
        },
    )
}

/// The pages so far.
struct MarkdownPages<'l, 's> {
    book: Book<'l, 's>,
    output: Output,
    /// The position of the page that is being written; none in a module that has none.
    page: Option<usize>,
    text: String,
    /// The level of the last heading.
    level: usize,
}

impl Backend for MarkdownPages<'_, '_> {
    type Error = OutputError;

    fn begin_module(
        &mut self,
        _: &Context<'_>,
        id: ModuleId,
        _: &Module,
    ) -> Result<(), OutputError> {
        self.page = self.book.documentation.page_of_module(id);
        self.level = 0;
        if let Some(page) = self.page {
            self.text = self.book.head(page);
        }
        Ok(())
    }

    fn text(&mut self, _: &Context<'_>, id: DocId) -> Result<(), OutputError> {
        let Some(page) = self.page else {
            return Ok(());
        };
        let Some(blocks) = self.book.documentation.pages[page].text(id) else {
            return Ok(());
        };
        self.text.push('\n');
        for block in blocks {
            if let Block::Heading(heading) = block {
                self.level = heading.level;
            }
            let place = MarkdownPlace {
                book: &self.book,
                page,
                scope: None,
                level: self.level + 1,
            };
            self.text
                .push_str(&place.blocks(std::slice::from_ref(block)));
            self.text.push_str("\n\n");
        }
        self.text.truncate(self.text.trim_end().len());
        self.text.push('\n');
        Ok(())
    }

    fn definition(&mut self, _: &Context<'_>, entity: Entity) -> Result<(), OutputError> {
        let definition = self.book.documentation.of(entity);
        if let Some((page, definition)) = self.page.zip(definition) {
            self.text.push('\n');
            let level = (self.level + 2).min(6);
            self.book
                .definition(&mut self.text, page, definition, level);
        }
        Ok(())
    }

    fn end_module(&mut self, cx: &Context<'_>, _: ModuleId, _: &Module) -> Result<(), OutputError> {
        let Some(page) = self.page.take() else {
            return Ok(());
        };
        let stem = &cx.documentation().pages[page].stem;
        let text = std::mem::take(&mut self.text);
        self.output.insert(format!("{stem}.md"), text)
    }

    fn finish(mut self, _: &Context<'_>) -> Result<Output, OutputError> {
        self.output.insert("index.md", self.book.overview())?;
        Ok(self.output)
    }
}

/// A reference in Markdown: the printers of its parts are methods of it.
struct Book<'l, 's> {
    documentation: &'l Documentation<'s>,
    examples: Examples<'s>,
    /// Per page, the names that GitHub gives its headings.
    anchors: Vec<Anchors<'s>>,
}

impl Book<'_, '_> {
    /// Returns the address of a target, for links on a page.
    fn address(&self, from: Option<usize>, to: &Target) -> String {
        let Some(page) = self.documentation.page_of(to) else {
            return "index.md".to_owned();
        };
        let anchor = match to {
            Target::Index => return "index.md".to_owned(),
            // Members have no headings.
            Target::Definition(definition)
            | Target::Member { definition, .. }
            | Target::Feature { definition, .. } => {
                self.anchors[page].definition(definition).to_owned()
            }
            Target::Label(label) => label_id(label),
        };
        if from == Some(page) {
            format!("#{anchor}")
        } else {
            format!("{}.md#{anchor}", self.documentation.pages[page].stem)
        }
    }

    fn definition_link(&self, from: Option<usize>, name: &str) -> String {
        match self.documentation.target(name) {
            Some(to) => format!("[{}]({})", code(name), self.address(from, &to)),
            None => code(name),
        }
    }

    /// Returns a type; the types that it is made of are links.
    fn ty(&self, from: Option<usize>, id: TypeId) -> String {
        let mut out = String::new();
        for piece in type_pieces(self.documentation.schema, id) {
            match piece {
                Piece::Plain(text) => out.push_str(&escaped(text)),
                Piece::Builtin(builtin) => out.push_str(builtin_word(builtin)),
                Piece::Defined(name) => out.push_str(&self.definition_link(from, name)),
            }
        }
        out
    }

    fn overview(&self) -> String {
        let documentation = self.documentation;
        let mut out = format!("<!-- {} -->\n\n", Format::Markdown.mark());
        let _ = writeln!(out, "# {}", escaped(&documentation.title));
        for page in &documentation.pages {
            let _ = writeln!(out, "\n## [{}]({}.md)", escaped(&page.title), page.stem);
            if let Some(PageItem::Text(text)) = page.items.first() {
                let text = summary(&text.blocks);
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

    /// Returns the beginning of a page.
    fn head(&self, page: usize) -> String {
        let page: &Page<'_> = &self.documentation.pages[page];
        let mut out = format!("<!-- {} -->\n\n", Format::Markdown.mark());
        let _ = writeln!(out, "# {}", escaped(&page.title));
        let _ = writeln!(out, "\n[{}](index.md)", escaped(&self.documentation.title));
        out
    }
}

/// The place of a text.
struct MarkdownPlace<'b, 'l, 's> {
    book: &'b Book<'l, 's>,
    page: usize,
    scope: Option<&'b Definition<'s>>,
    /// The number of `#` that a heading gets.
    level: usize,
}

impl MarkdownPlace<'_, '_, '_> {
    fn blocks(&self, blocks: &[Block]) -> String {
        markdown::markdown(blocks, self)
    }
}

impl Flavour for MarkdownPlace<'_, '_, '_> {
    fn address(&self, target: &Target) -> Option<String> {
        let is_here = match target {
            Target::Definition(definition)
            | Target::Member { definition, .. }
            | Target::Feature { definition, .. } => {
                self.scope.is_some_and(|scope| scope.name == definition)
            }
            Target::Label(_) | Target::Index => false,
        };
        (!is_here).then(|| self.book.address(Some(self.page), target))
    }

    fn marks(&self, _: usize) -> usize {
        // A definition cannot contain headings.
        if self.scope.is_some() { 0 } else { self.level }
    }

    fn label(&self, label: &str) -> Option<String> {
        Some(label_id(label))
    }
}

fn label_id(label: &str) -> String {
    format!("label-{}", slug(label))
}
