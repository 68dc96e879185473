//! Documentation, order and files.

use crate::change::{Change, ChangeKind, DocsChange};

fn is(change: &Change, what: fn(&DocsChange) -> bool) -> bool {
    matches!(&change.kind, ChangeKind::Docs(docs) if what(docs))
}

rules! { Docs;
    /// A definition, member, value or feature that was not described is described now.
    "documentation-added", "documentation added", Compatible / Compatible,
        |change| is(change, |docs| matches!(docs, DocsChange::Added(_)));

    /// A definition, member, value or feature that was described is not described any more.
    ///
    /// Readers lose what the older revision promised them; the schema compiler of QEMU may refuse the
    /// schema for it.
    "documentation-removed", "documentation removed", Risky / Risky,
        |change| is(change, |docs| matches!(docs, DocsChange::Removed(_)));

    /// A description reads differently. Line breaks and indentation do not count.
    ///
    /// Look at it when nothing else changed: a new meaning in an unchanged form is a change that no
    /// program can find.
    "documentation-changed", "documentation changed", Compatible / Compatible,
        |change| is(change, |docs| matches!(docs, DocsChange::Changed(_)));

    /// Members, values, branches or alternatives stand in another order. It is not on the wire.
    "order-changed", "order changed", Compatible / Compatible,
        |change| is(change, |docs| *docs == DocsChange::Reordered);

    /// The definitions of a schema file stand in another order, and so do the chapters of its manual.
    "definitions-reordered", "definitions in another order", Compatible / Compatible,
        |change| is(change, |docs| *docs == DocsChange::DefinitionsReordered);

    /// A definition is in another schema file. Files are not on the wire.
    "module-moved", "moved to another schema file", Compatible / Compatible,
        |change| is(change, |docs| matches!(docs, DocsChange::Moved { .. }));
}
