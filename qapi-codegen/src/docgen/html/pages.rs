//! The site as a back end: a page per module.

use qapi_parser::ir::{DocId, Entity, Module, ModuleId};

use super::running_text::{Headings, TextPlace};
use super::site::Site;
use super::writer::Html;
use crate::{Backend, Context, Output, OutputError};

/// The pages of a site so far.
pub(super) struct SitePages<'l, 's> {
    site: Site<'l, 's>,
    /// The folder of its pages: empty, or ending with `/`.
    folder: &'l str,
    output: Output,
    /// The position of the page that is being written; none in a module that has none.
    page: Option<usize>,
    content: Html,
    headings: Headings,
}

impl<'l, 's> SitePages<'l, 's> {
    /// Returns the pages of a site, to be added to these files.
    pub(super) fn new(site: Site<'l, 's>, folder: &'l str, output: Output) -> Self {
        Self {
            site,
            folder,
            output,
            page: None,
            content: Html::default(),
            headings: Headings::default(),
        }
    }

    fn add(&mut self, name: &str, text: String) -> Result<(), OutputError> {
        self.output.insert(format!("{}{name}", self.folder), text)
    }
}

impl Backend for SitePages<'_, '_> {
    type Error = OutputError;

    fn begin_module(
        &mut self,
        _: &Context<'_>,
        id: ModuleId,
        _: &Module,
    ) -> Result<(), OutputError> {
        self.page = self.site.documentation.page_of_module(id);
        self.content = Html::default();
        self.headings = Headings::default();
        Ok(())
    }

    fn text(&mut self, _: &Context<'_>, id: DocId) -> Result<(), OutputError> {
        let pages = self.site.pages();
        let Some(blocks) = self.page.and_then(|page| pages[page].text(id)) else {
            return Ok(());
        };
        let mut place = TextPlace {
            page: self.page,
            scope: None,
            headings: Some(&mut self.headings),
        };
        let site = &self.site;
        self.content.element("div", &[("class", "prose")], |html| {
            site.blocks(html, blocks, &mut place);
        });
        self.content.line();
        Ok(())
    }

    fn definition(&mut self, _: &Context<'_>, entity: Entity) -> Result<(), OutputError> {
        let definition = self.site.documentation.of(entity);
        if let Some((page, definition)) = self.page.zip(definition) {
            let depth = self.headings.depth();
            self.site
                .definition(&mut self.content, page, definition, depth);
            self.content.line();
        }
        Ok(())
    }

    fn end_module(&mut self, _: &Context<'_>, _: ModuleId, _: &Module) -> Result<(), OutputError> {
        match self.page.take() {
            Some(page) if !self.site.is_front(page) => {
                let text = self.site.module(page, &self.content);
                self.add(&self.site.file(page), text)
            }
            _ => Ok(()),
        }
    }

    fn finish(mut self, _: &Context<'_>) -> Result<Output, OutputError> {
        self.add("index.html", self.site.overview())?;
        self.add("all.html", self.site.index())?;
        self.add("search.js", self.site.search_index())?;
        let inventory = format!("{}objects.inv", self.folder);
        self.output.insert_bytes(inventory, self.site.inventory())?;
        if let Some(revision) = self.site.revision.filter(|revision| revision.number > 0) {
            self.add("changes.html", self.site.changes(revision))?;
        }
        Ok(self.output)
    }
}
