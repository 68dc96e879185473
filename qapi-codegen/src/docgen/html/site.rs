//! A site; the printers of its pages are methods of it.

use super::super::format::{Format, OLDER_MARK};
use super::super::wire::Examples;
use super::addresses::{address, file, is_front, root_page};
use super::editions::Edition;
use crate::documentation::{Documentation, Page, PageItem, Target};

/// A site: the printers of its pages are methods of it.
pub(super) struct Site<'l, 's> {
    pub(super) documentation: &'l Documentation<'s>,
    pub(super) examples: Examples<'s>,
    /// Its place among several revisions, if there are several.
    pub(super) edition: Option<Edition<'l, 's>>,
}

impl<'l, 's> Site<'l, 's> {
    pub(super) fn new(
        documentation: &'l Documentation<'s>,
        edition: Option<Edition<'l, 's>>,
    ) -> Self {
        Self {
            documentation,
            examples: Examples::new(documentation.schema),
            edition,
        }
    }

    /// The text that tells its files from others.
    pub(super) fn mark(&self) -> &'static str {
        match self.edition {
            Some(edition) if edition.is_older() => OLDER_MARK,
            _ => Format::Html.mark(),
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

    /// The address of a target, for links on a page.
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
