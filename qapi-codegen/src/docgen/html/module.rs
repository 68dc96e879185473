//! The page of a module.

use super::super::tree::{Page, PagePart};
use super::frame::Current;
use super::text::{Headings, Place, heading_tag};
use super::{Html, Site};

impl Site<'_, '_, '_> {
    /// The page of a module.
    pub(super) fn module(&self, index: usize, page: &Page<'_>) -> String {
        self.frame(&page.title, Current::Module(index), |html| {
            html.leaf("h1", &[], &page.title);
            let name = &self.links.tree.schema.module(page.module).name;
            if page.title != *name {
                html.element("p", &[("class", "file")], |html| {
                    html.text("Module ").leaf("code", &[], name);
                });
            }
            html.line();
            let mut headings = Headings::new(page.title_style);
            for part in &page.parts {
                match part {
                    PagePart::Text(blocks) => {
                        let mut place = Place {
                            page: Some(index),
                            scope: None,
                            headings: Some(&mut headings),
                        };
                        html.element("div", &[("class", "prose")], |html| {
                            self.blocks(html, blocks, &mut place);
                        });
                    }
                    PagePart::Definition(definition) => {
                        let depth = headings.depth();
                        self.definition(html, index, definition, depth);
                    }
                }
                html.line();
            }
        })
    }

    /// A heading within a definition, one level below its own.
    pub(super) fn subheading(html: &mut Html, depth: usize, title: &str) {
        html.leaf(heading_tag(depth + 1), &[("class", "sub")], title)
            .line();
    }
}
