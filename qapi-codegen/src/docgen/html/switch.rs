//! The switches between interfaces and between revisions, and the revisions in which a thing exists.

use super::addresses::{file, root_page};
use super::frame::Current;
use super::interfaces::InterfaceView;
use super::site::Site;
use super::site_revisions::SiteRevision;
use super::writer::Html;
use crate::documentation::Definition;

impl Site<'_, '_> {
    /// Writes the link to the front page and the switch to other interfaces: a list that unfolds.
    pub(super) fn interface_switch(&self, html: &mut Html, view: InterfaceView<'_>) {
        let front = format!("{}index.html", self.top());
        html.leaf("a", &[("class", "home"), ("href", &front)], view.all.title);
        html.element("details", &[("class", "versions")], |html| {
            html.element("summary", &[], |html| {
                html.leaf("span", &[("class", "unseen")], "Interface ");
                html.text(view.all.names[view.number]);
            });
            html.element("ul", &[("aria-label", "Interfaces")], |html| {
                for (number, name) in view.all.names.iter().enumerate() {
                    let address = format!("{}{}index.html", self.top(), view.all.folders[number]);
                    let mut attributes = vec![("href", address.as_str())];
                    if number == view.number {
                        attributes.push(("aria-current", "true"));
                    }
                    html.element("li", &[], |html| {
                        html.leaf("a", &attributes, name);
                    });
                }
            });
        });
    }

    /// Writes the switch to other revisions of the page: a list that unfolds.
    pub(super) fn switch(&self, html: &mut Html, revision: SiteRevision<'_, '_>, current: Current) {
        html.element("details", &[("class", "versions")], |html| {
            html.element("summary", &[], |html| {
                html.leaf("span", &[("class", "unseen")], "Revision ");
                html.text(revision.name());
            });
            html.element("ul", &[("aria-label", "Revisions")], |html| {
                for (number, name) in revision.all.names.iter().enumerate().rev() {
                    let address = self.same_page(revision, number, current);
                    let mut attributes = vec![("href", address.as_str())];
                    if number == revision.number {
                        attributes.push(("aria-current", "true"));
                    }
                    html.element("li", &[], |html| {
                        html.leaf("a", &attributes, name);
                    });
                }
            });
        });
    }

    /// Returns the address of the current page in another revision, or else of the overview.
    fn same_page(&self, revision: SiteRevision<'_, '_>, number: usize, current: Current) -> String {
        let other = revision.all.documentation(number);
        let file = match current {
            Current::Index => "all.html".to_owned(),
            Current::Changes if number > 0 => "changes.html".to_owned(),
            Current::Overview | Current::Changes => "index.html".to_owned(),
            Current::Module(page) => {
                let stem = &self.pages()[page].stem;
                let same = other.pages.iter().position(|page| page.stem == *stem);
                // The main files of revisions are often named after their revision.
                let is_root = root_page(self.documentation) == Some(page);
                let same = same.or_else(|| root_page(other).filter(|_| is_root));
                same.map_or_else(|| "index.html".to_owned(), |page| file(other, page))
            }
        };
        revision.elsewhere(number, &file)
    }

    /// Since when and until when a part of a definition exists, if that is worth a word.
    pub(super) fn life(&self, definition: &str, part: &str) -> Option<String> {
        let revision = self.revision?;
        let names = &revision.all.names;
        revision
            .presence()
            .life(definition, part, names, revision.number)
    }

    /// Writes the same as a badge.
    pub(super) fn life_badge(&self, html: &mut Html, definition: &str, part: &str) {
        if let Some(life) = self.life(definition, part) {
            html.text(" ");
            html.leaf("span", &[("class", "badge life")], &life);
        }
    }

    /// Writes the same for a part, which may be shown with another definition than its own.
    pub(super) fn part_life(&self, html: &mut Html, shown: &str, definition: &str, part: &str) {
        let Some(revision) = self.revision else {
            return;
        };
        let is_known = revision
            .presence()
            .is_in(shown, part, revision.number)
            .is_some();
        self.life_badge(html, if is_known { shown } else { definition }, part);
    }

    /// Links to the definition in other revisions.
    pub(super) fn other_revisions(&self, html: &mut Html, definition: &Definition<'_>) {
        let Some(revision) = self.revision else {
            return;
        };
        let others = (0..revision.all.names.len()).filter(|number| *number != revision.number);
        let others: Vec<_> = others
            .filter_map(|number| {
                let address = revision.definition_in(number, definition.name)?;
                Some((revision.all.names[number], address))
            })
            .collect();
        if others.is_empty() {
            return;
        }
        html.element("p", &[("class", "uses")], |html| {
            html.leaf("span", &[("class", "label")], "Also in ");
            for (index, (name, address)) in others.iter().enumerate() {
                html.text(if index == 0 { "" } else { ", " });
                html.leaf("a", &[("href", address)], name);
            }
        });
        html.line();
    }
}
