//! The index of all definitions.

use super::super::revisions::Presence;
use super::definition::badge;
use super::frame::Current;
use super::site::Site;
use super::writer::Html;
use crate::documentation::{Definition, Kind, summary};

impl Site<'_, '_> {
    /// Returns the index, by kind and name.
    pub(super) fn index(&self) -> String {
        self.frame("Index", Current::Index, |html| {
            html.leaf("h1", &[], "Index").line();
            for kind in Kind::ALL {
                let definitions = self.documentation.definitions();
                let mut definitions: Vec<_> =
                    definitions.filter(|(_, it)| it.kind == kind).collect();
                definitions.sort_by_key(|(_, it)| (it.name.to_lowercase(), it.name));
                if !definitions.is_empty() {
                    self.kind(html, kind, &definitions);
                }
            }
        })
    }

    fn kind(&self, html: &mut Html, kind: Kind, definitions: &[(usize, &Definition<'_>)]) {
        let id = format!(":{}", kind.word());
        html.leaf("h2", &[("id", &id)], kind.plural()).line();
        html.element("dl", &[("class", "messages")], |html| {
            for (page, definition) in definitions {
                self.entry(html, *page, definition);
            }
        });
        html.line();
    }

    /// Writes the entry of a definition in a list of several: a link, marks and a summary.
    pub(super) fn entry(&self, html: &mut Html, page: usize, definition: &Definition<'_>) {
        let address = format!("{}#{}", self.file(page), definition.name);
        html.line().element("div", &[], |html| {
            html.element("dt", &[], |html| {
                html.element("a", &[("href", &address)], |html| {
                    html.leaf("code", &[], definition.name);
                });
                self.marks(html, definition);
            });
            html.leaf("dd", &[], &summary(&definition.body));
        });
    }

    /// Writes the marks of a definition that readers need before they look closer.
    pub(super) fn marks(&self, html: &mut Html, definition: &Definition<'_>) {
        for name in ["deprecated", "unstable"] {
            if definition
                .features
                .iter()
                .any(|feature| feature.name == name)
            {
                html.text(" ");
                badge(html, name, name);
            }
        }
        self.life_badge(html, definition.name, Presence::WHOLE);
    }
}
