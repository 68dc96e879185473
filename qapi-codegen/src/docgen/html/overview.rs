//! The first page: the introduction of the schema and its modules.

use super::frame::Current;
use super::running_text::{Headings, TextPlace};
use super::site::Site;
use super::writer::Html;
use crate::documentation::{Kind, Page, PageItem, summary};

impl Site<'_, '_> {
    /// Returns the overview.
    pub(super) fn overview(&self) -> String {
        let title = &self.documentation.title;
        self.frame(title, Current::Overview, |html| {
            html.leaf("h1", &[], title).line();
            self.counts(html);
            if let Some((page, items)) = self.introduction() {
                let title = &self.pages()[page];
                if title.has_heading && title.title != self.documentation.title {
                    html.leaf("h2", &[], &title.title);
                }
                let mut headings = Headings::default();
                for item in items {
                    if let PageItem::Text(text) = item {
                        let mut place = TextPlace {
                            // In all other cases, the text is on the page of its module.
                            page: self.is_front(page).then_some(page),
                            scope: None,
                            headings: Some(&mut headings),
                        };
                        html.element("div", &[("class", "prose")], |html| {
                            self.blocks(html, &text.blocks, &mut place);
                        });
                    }
                }
            }
            html.line().leaf("h2", &[("id", ":all-modules")], "Modules");
            for (index, page) in self.pages().iter().enumerate() {
                if !self.is_front(index) {
                    self.card(html, index, page);
                }
            }
        })
    }

    fn counts(&self, html: &mut Html) {
        html.element("ul", &[("class", "counts")], |html| {
            for kind in Kind::ALL {
                let definitions = self.documentation.definitions();
                let count = definitions.filter(|(_, it)| it.kind == kind).count();
                if count > 0 {
                    let address = format!("all.html#:{}", kind.word());
                    html.element("li", &[("class", kind.word())], |html| {
                        html.element("a", &[("href", &address)], |html| {
                            html.leaf("b", &[], &count.to_string());
                            let word = kind.plural().to_lowercase();
                            let word = if count == 1 { kind.word() } else { &word };
                            html.text(" ").text(word);
                        });
                    });
                }
            }
        });
        html.line();
    }

    /// Writes the card of a module with its commands and events.
    fn card(&self, html: &mut Html, index: usize, page: &Page<'_>) {
        html.line()
            .element("section", &[("class", "card")], |html| {
                html.element("h3", &[], |html| {
                    html.leaf("a", &[("href", &self.file(index))], &page.title);
                });
                let text = page.items.iter().find_map(|item| match item {
                    PageItem::Text(text) => {
                        Some(summary(&text.blocks)).filter(|text| !text.is_empty())
                    }
                    PageItem::Definition(_) => None,
                });
                if let Some(text) = text {
                    html.leaf("p", &[], &text);
                }
                let messages: Vec<_> = page
                    .definitions()
                    .filter(|it| it.kind.is_message())
                    .collect();
                if !messages.is_empty() {
                    html.element("dl", &[("class", "messages")], |html| {
                        for definition in &messages {
                            self.entry(html, index, definition);
                        }
                    });
                }
                self.types(html, index, page, messages.is_empty());
            });
    }

    /// Writes the types of a module: their names if it has nothing else, otherwise only their number.
    fn types(&self, html: &mut Html, index: usize, page: &Page<'_>, by_name: bool) {
        let types: Vec<_> = page
            .definitions()
            .filter(|it| !it.kind.is_message())
            .collect();
        if types.is_empty() {
            return;
        }
        html.line().element("p", &[("class", "faint")], |html| {
            if by_name {
                for (position, definition) in types.iter().enumerate() {
                    let address = format!("{}#{}", self.file(index), definition.name);
                    html.text(if position == 0 { "" } else { ", " });
                    html.element("a", &[("href", &address)], |html| {
                        html.leaf("code", &[], definition.name);
                    });
                }
            } else {
                let words = if types.len() == 1 { "type" } else { "types" };
                html.text(&format!("and {} {words}", types.len()));
            }
        });
    }
}
