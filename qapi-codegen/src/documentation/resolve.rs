//! Resolves the names in the text.

use super::cross_references::Index;
use super::links::Links;
use super::tree::{Page, PageItem};
use crate::markup::{Block, Inline, ReferenceKind, each_reference};

/// Gives every reference in the pages its target.
pub(super) fn pages(pages: &mut [Page<'_>], index: &Index<'_>, links: &Links) {
    for item in pages.iter_mut().flat_map(|page| &mut page.items) {
        match item {
            PageItem::Text(text) => blocks(&mut text.blocks, None, index, links),
            PageItem::Definition(definition) => {
                let scope = Some(definition.name);
                let members = definition.content.members.iter_mut();
                let features = definition.feature_texts.iter_mut();
                let texts = [
                    &mut definition.body,
                    &mut definition.remarks,
                    &mut definition.errors,
                    &mut definition.examples,
                ];
                let texts = texts
                    .into_iter()
                    .chain(members.map(|member| &mut member.text))
                    .chain(features.map(|(_, text)| text))
                    .chain(definition.reply.iter_mut().map(|reply| &mut reply.text));
                for text in texts {
                    blocks(text, scope, index, links);
                }
            }
        }
    }
}

/// Gives every reference in a text its target; `scope` is the definition that the text is about.
pub(super) fn blocks(blocks: &mut [Block], scope: Option<&str>, index: &Index<'_>, links: &Links) {
    each_reference(blocks, &mut |inline| {
        let Inline::Reference(reference) = inline else {
            return;
        };
        reference.target = match reference.kind {
            ReferenceKind::Name => index.resolve_name(&reference.name, scope),
            ReferenceKind::Role => index.resolve_role(&reference.name, scope),
        };
        // Names that are not in the schema may be in documents of the user's [`Links`].
        if reference.kind == ReferenceKind::Role
            && reference.target.is_none()
            && let Some(url) = links.url(&reference.name)
        {
            let title = reference.shown().to_owned();
            *inline = Inline::Link { title, url };
        }
    });
}
