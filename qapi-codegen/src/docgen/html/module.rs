//! The page of a module.

use super::frame::Current;
use super::running_text::heading_tag;
use super::site::Site;
use super::writer::Html;

impl Site<'_, '_> {
    /// Returns the page of a module with this content.
    pub(super) fn module(&self, index: usize, content: &Html) -> String {
        let page = &self.pages()[index];
        self.frame(&page.title, Current::Module(index), |html| {
            html.leaf("h1", &[], &page.title);
            let name = &self.documentation.schema.module(page.module).name;
            if page.title != *name {
                html.element("p", &[("class", "file")], |html| {
                    html.text("Module ").leaf("code", &[], name);
                });
            }
            html.line().append(content);
        })
    }

    /// Writes a heading within a definition, one level below its own.
    pub(super) fn subheading(html: &mut Html, depth: usize, title: &str) {
        html.leaf(heading_tag(depth + 1), &[("class", "sub")], title)
            .line();
    }
}
