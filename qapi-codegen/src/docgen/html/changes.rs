//! Additions and removals of a revision, compared with the previous one.

use super::super::revisions::Presence;
use super::frame::Current;
use super::site::Site;
use super::site_revisions::SiteRevision;
use super::writer::Html;
use crate::documentation::{Definition, Kind, summary};

/// Parts of a definition that were added or removed.
struct Parts<'d, 's> {
    definition: &'d Definition<'s>,
    came: Vec<&'s str>,
    went: Vec<&'s str>,
}

impl<'s> Site<'_, 's> {
    /// Returns the page of a revision that is not the oldest.
    pub(super) fn changes(&self, revision: SiteRevision<'_, 's>) -> String {
        let before = revision.number.saturating_sub(1);
        let title = format!("Changes in {}", revision.name());
        self.frame(&title, Current::Changes, |html| {
            html.leaf("h1", &[], &title);
            let than = format!(
                "Additions and removals in {} since {}.",
                revision.name(),
                revision.all.names[before]
            );
            html.leaf("p", &[("class", "faint")], &than).line();
            let mut is_empty = true;
            for kind in Kind::ALL {
                let came = self.came(revision, before, kind);
                let title = format!("New {}", kind.plural().to_lowercase());
                is_empty &= came.is_empty();
                definitions(html, &title, &came);
            }
            for kind in Kind::ALL {
                let went = went(revision, before, kind);
                let title = format!("Gone {}", kind.plural().to_lowercase());
                is_empty &= went.is_empty();
                definitions(html, &title, &went);
            }
            let parts = self.parts(revision, before);
            is_empty &= parts.is_empty();
            self.part_list(html, revision, before, &parts);
            if is_empty {
                html.leaf("p", &[], "Nothing came and nothing went.");
            }
        })
    }

    /// Definitions of a kind that the revision before does not have, with their addresses.
    fn came(
        &self,
        revision: SiteRevision<'_, 's>,
        before: usize,
        kind: Kind,
    ) -> Vec<(&Definition<'s>, String)> {
        let presence = revision.presence();
        let definitions = self.documentation.definitions();
        let came = definitions.filter(|(_, it)| {
            it.kind == kind && presence.is_in(it.name, Presence::WHOLE, before) == Some(false)
        });
        came.map(|(page, it)| (it, format!("{}#{}", self.file(page), it.name)))
            .collect()
    }

    /// Additions to and removals from definitions that both revisions have.
    fn parts(&self, revision: SiteRevision<'_, 's>, before: usize) -> Vec<Parts<'_, 's>> {
        let old = revision.all.presence(before);
        let old_documentation = revision.all.documentation(before);
        let definitions = self.documentation.definitions();
        let changed = definitions.filter_map(|(_, definition)| {
            let name = definition.name;
            if revision.presence().is_in(name, Presence::WHOLE, before) == Some(false) {
                return None;
            }
            let names = |definition: &Definition<'s>| -> Vec<&'s str> {
                let parts = definition.content.members.iter();
                let reply = definition.reply.as_ref().and_then(|reply| reply.ty);
                let reply = reply.map(|_| Presence::REPLY);
                parts.map(|part| part.name).chain(reply).collect()
            };
            let mut came = names(definition);
            came.retain(|part| revision.presence().is_in(name, part, before) == Some(false));
            let mut went = old_documentation
                .definition(name)
                .map(names)
                .unwrap_or_default();
            went.retain(|part| old.is_in(name, part, revision.number) == Some(false));
            let is_empty = came.is_empty() && went.is_empty();
            (!is_empty).then_some(Parts {
                definition,
                came,
                went,
            })
        });
        changed.collect()
    }

    fn part_list(
        &self,
        html: &mut Html,
        revision: SiteRevision<'_, 's>,
        before: usize,
        changed: &[Parts<'_, 's>],
    ) {
        if changed.is_empty() {
            return;
        }
        html.line().leaf("h2", &[], "Changed definitions").line();
        html.element("dl", &[("class", "messages")], |html| {
            for parts in changed {
                let name = parts.definition.name;
                html.line().element("div", &[], |html| {
                    html.element("dt", &[], |html| {
                        if let Some(to) = self.documentation.target(name) {
                            let address = self.address(None, &to);
                            html.element("a", &[("href", &address)], |html| {
                                html.leaf("code", &[], name);
                            });
                        }
                    });
                    html.element("dd", &[], |html| {
                        for (index, part) in parts.came.iter().enumerate() {
                            html.text(if index == 0 { "new: " } else { ", " });
                            match *part {
                                Presence::REPLY => drop(html.text("the reply")),
                                part => self.part_link(html, None, name, part),
                            }
                        }
                        let separate = !parts.came.is_empty() && !parts.went.is_empty();
                        html.text(if separate { "; " } else { "" });
                        let address = revision.definition_in(before, name);
                        for (index, part) in parts.went.iter().enumerate() {
                            html.text(if index == 0 { "gone: " } else { ", " });
                            match &address {
                                _ if *part == Presence::REPLY => drop(html.text("the reply")),
                                Some(address) => {
                                    let address = format!("{address}:{part}");
                                    html.element("a", &[("href", &address)], |html| {
                                        html.leaf("code", &[], part);
                                    });
                                }
                                None => drop(html.leaf("code", &[], part)),
                            }
                        }
                    });
                });
            }
        });
        html.line();
    }
}

/// Definitions of a kind that only the revision before has, with their addresses.
fn went<'e, 's>(
    revision: SiteRevision<'e, 's>,
    before: usize,
    kind: Kind,
) -> Vec<(&'e Definition<'s>, String)> {
    let presence = revision.all.presence(before);
    let definitions = revision.all.documentation(before).definitions();
    let gone = definitions.filter(|(_, it)| {
        it.kind == kind && presence.is_in(it.name, Presence::WHOLE, revision.number) == Some(false)
    });
    gone.filter_map(|(_, it)| Some((it, revision.definition_in(before, it.name)?)))
        .collect()
}

fn definitions(html: &mut Html, title: &str, definitions: &[(&Definition<'_>, String)]) {
    if definitions.is_empty() {
        return;
    }
    html.line().leaf("h2", &[], title).line();
    html.element("dl", &[("class", "messages")], |html| {
        for (definition, address) in definitions {
            html.line().element("div", &[], |html| {
                html.element("dt", &[], |html| {
                    html.element("a", &[("href", address)], |html| {
                        html.leaf("code", &[], definition.name);
                    });
                });
                html.leaf("dd", &[], &summary(&definition.body));
            });
        }
    });
    html.line();
}
