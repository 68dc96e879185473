//! Merges documentation of several revisions: the newest text for each part.

use std::collections::BTreeSet;

use qapi_parser::ir::{Doc, DocId, Object, Schema, SectionRef, TypeId, TypeKind};

/// One block made of several, the newest first. Parts that the newest does not describe have the text of others.
pub(super) fn merged<'d>(mut docs: impl Iterator<Item = &'d Doc>) -> Option<Doc> {
    let mut doc = docs.next()?.clone();
    let has_text = |text: &str| !text.trim().is_empty();
    for older in docs {
        for section in older.members.iter().filter(|it| has_text(&it.text)) {
            match doc.members.iter_mut().find(|it| it.name == section.name) {
                Some(known) if has_text(&known.text) => {}
                Some(known) => known.text.clone_from(&section.text),
                None => {
                    doc.order.push(SectionRef::Member(doc.members.len()));
                    doc.members.push(section.clone());
                }
            }
        }
    }
    Some(doc)
}

/// Returns the blocks that describe members of a type: its own, those of its bases and of its branches.
pub(super) fn of_type(schema: &Schema, id: TypeId) -> Vec<&Doc> {
    let mut found: Vec<DocId> = Vec::new();
    let mut seen = BTreeSet::from([id]);
    let mut work = vec![id];
    while let Some(id) = work.pop() {
        let ty = schema.ty(id);
        found.extend(ty.doc);
        if let TypeKind::Object(Object { base, union_, .. }) = &ty.kind {
            let branches = union_.iter().flat_map(|union_| &union_.branches);
            let next = base.iter().copied().chain(branches.map(|branch| branch.ty));
            work.extend(next.filter(|id| seen.insert(*id)));
        }
    }
    found.into_iter().map(|id| schema.doc(id)).collect()
}
