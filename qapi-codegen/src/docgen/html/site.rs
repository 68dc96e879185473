//! A site; the printers of its pages are methods of it.

use super::super::format::{Format, PART_MARK};
use super::super::wire::Examples;
use super::addresses::{address, file, is_front, root_page};
use super::interfaces::InterfaceView;
use super::site_revisions::SiteRevision;
use crate::documentation::{Documentation, Page, PageItem, Target};

/// A site: the printers of its pages are methods of it.
pub(super) struct Site<'l, 's> {
    pub(super) documentation: &'l Documentation<'s>,
    pub(super) examples: Examples<'s>,
    /// Its place among several revisions, if there are several.
    pub(super) revision: Option<SiteRevision<'l, 's>>,
    /// Its place among several interfaces, if there are several.
    pub(super) interface: Option<InterfaceView<'l>>,
}

impl<'l, 's> Site<'l, 's> {
    pub(super) fn new(
        documentation: &'l Documentation<'s>,
        revision: Option<SiteRevision<'l, 's>>,
        interface: Option<InterfaceView<'l>>,
    ) -> Self {
        Self {
            documentation,
            examples: Examples::new(documentation.schema),
            revision,
            interface,
        }
    }

    /// Returns the way from a page to the top of the site.
    pub(super) fn top(&self) -> &'static str {
        let is_older = self.revision.is_some_and(SiteRevision::is_older);
        match (is_older, self.interface.is_some()) {
            (true, true) => "../../",
            (false, false) => "",
            _ => "../",
        }
    }

    /// Returns the text that tells its files from others.
    pub(super) fn mark(&self) -> &'static str {
        if self.top().is_empty() {
            Format::Html.mark()
        } else {
            PART_MARK
        }
    }

    pub(super) fn pages(&self) -> &[Page<'s>] {
        &self.documentation.pages
    }

    pub(super) fn is_front(&self, page: usize) -> bool {
        is_front(self.documentation, page)
    }

    pub(super) fn file(&self, page: usize) -> String {
        file(self.documentation, page)
    }

    /// Returns the address of a target, for links on a page.
    pub(super) fn address(&self, from: Option<usize>, to: &Target) -> String {
        address(self.documentation, from, to)
    }

    /// Text and definitions of the page that introduces the schema, up to the first definition.
    pub(super) fn introduction(&self) -> Option<(usize, Vec<&PageItem<'s>>)> {
        let page = root_page(self.documentation)?;
        let items = self.pages()[page].items.iter();
        let items = items.take_while(|item| matches!(item, PageItem::Text(_)));
        Some((page, items.collect()))
    }
}
