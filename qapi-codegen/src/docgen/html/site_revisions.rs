//! Several revisions in one site: the switch between them, and the first and last revision of each thing.

use super::super::revisions::{Presence, Revision, folders};
use super::addresses::address;
use crate::Context;
use crate::documentation::Documentation;

/// All revisions of a site, the oldest first.
pub(super) struct SiteRevisions<'l, 's> {
    pub(super) names: Vec<&'l str>,
    /// The folders of the pages: empty for the newest, which is at the top, or ending with `/`.
    folders: Vec<String>,
    contexts: &'l [Context<'s>],
    presences: Vec<&'l Presence>,
}

/// One of them.
#[derive(Clone, Copy)]
pub(super) struct SiteRevision<'l, 's> {
    pub(super) all: &'l SiteRevisions<'l, 's>,
    pub(super) number: usize,
}

impl<'l, 's> SiteRevisions<'l, 's> {
    pub(super) fn new(revisions: &'l [Revision<'_>], contexts: &'l [Context<'s>]) -> Self {
        let names: Vec<_> = revisions.iter().map(|revision| revision.name).collect();
        let older = names.len().saturating_sub(1);
        let mut folders = folders(&names[..older]);
        for folder in &mut folders {
            folder.push('/');
        }
        folders.push(String::new());
        let presences = revisions.iter().map(|revision| &revision.presence);
        Self {
            names,
            folders,
            contexts,
            presences: presences.collect(),
        }
    }

    /// Returns the folder of a revision's pages.
    pub(super) fn folder(&self, number: usize) -> &str {
        &self.folders[number]
    }

    pub(super) fn documentation(&self, number: usize) -> &'l Documentation<'s> {
        self.contexts[number].documentation()
    }

    pub(super) fn presence(&self, number: usize) -> &'l Presence {
        self.presences[number]
    }
}

impl<'l> SiteRevision<'l, '_> {
    pub(super) fn name(self) -> &'l str {
        self.all.names[self.number]
    }

    /// Returns true if it is another one than the newest.
    pub(super) fn is_older(self) -> bool {
        !self.all.folder(self.number).is_empty()
    }

    /// Returns the way from a page to the top of the site.
    pub(super) fn top(self) -> &'static str {
        if self.is_older() { "../" } else { "" }
    }

    pub(super) fn presence(self) -> &'l Presence {
        self.all.presence(self.number)
    }

    /// Returns the address of a file of another revision.
    pub(super) fn elsewhere(self, number: usize, file: &str) -> String {
        format!("{}{}{file}", self.top(), self.all.folder(number))
    }

    /// Returns the address of a definition in another revision, if it has one of that name.
    pub(super) fn definition_in(self, number: usize, name: &str) -> Option<String> {
        let documentation = self.all.documentation(number);
        let file = address(documentation, None, &documentation.target(name)?);
        Some(self.elsewhere(number, &file))
    }
}
